"""Scores from distances between classes."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from simclf.similarity import distance_similarity
from tests.strategies import LABELS, posteriors, score_tables

SITES = ["spring", "ford", "mouth"]
UPSTREAM_IS_SLOW = [[0, 1, 2], [2, 0, 1], [8, 4, 0]]


def test_by_hand_the_way_back_may_be_longer():
    table = distance_similarity(UPSTREAM_IS_SLOW, SITES)
    assert table.index.tolist() == SITES
    assert table.to_numpy().tolist() == [
        [1.0, 0.875, 0.75],
        [0.75, 1.0, 0.875],
        [0.0, 0.5, 1.0],
    ]


@given(score_tables(4, low=0.0), st.sampled_from([0.5, 3.0, 1e-320]))
def test_decay_against_plain_loops(distances, scale):
    np.fill_diagonal(distances, 0.0)
    distances[0, 1] += 1.0
    frame = pd.DataFrame(distances, LABELS[:4], LABELS[:4])
    table = distance_similarity(frame, scale=scale)
    for i, truth in enumerate(LABELS[:4]):
        for j, answer in enumerate(LABELS[:4]):
            way = distances[i, j]
            expected = np.exp(-way / scale) if scale > 0.1 else float(way == 0)
            assert table.loc[truth, answer] == pytest.approx(expected, abs=1e-15)


@given(posteriors(3))
def test_the_decision_is_the_answer_of_least_expected_distance(proba):
    table = distance_similarity(UPSTREAM_IS_SLOW, SITES).to_numpy()
    expected = proba @ np.array(UPSTREAM_IS_SLOW)
    assert ((proba @ table).argmax(axis=1) == expected.argmin(axis=1)).all()


def test_a_frame_is_cut_before_the_largest_distance_is_taken():
    frame = pd.DataFrame(UPSTREAM_IS_SLOW, SITES, SITES)
    table = distance_similarity(frame, ["ford", "spring"])
    assert table.to_numpy().tolist() == [[1.0, 0.0], [0.5, 1.0]]


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_the_unit_of_the_distances_does_not_matter(unit):
    table = distance_similarity(np.array(UPSTREAM_IS_SLOW) * unit, SITES)
    np.testing.assert_allclose(
        table, distance_similarity(UPSTREAM_IS_SLOW, SITES), rtol=1e-15
    )


@pytest.mark.parametrize(
    ("distances", "settings", "message"),
    [
        (
            [[0, -3], [1, 0]],
            {},
            (
                "distances of truth 'spring' and answer 'ford' is -3; expected 0 or "
                "more."
            ),
        ),
        (
            [[0, 1], [1, 0.5]],
            {},
            (
                "distances has 0.5 from 'ford' to itself; expected 0. A table of "
                "scores needs no builder: pass it as similarity=."
            ),
        ),
        (
            [[0, 0], [0, 0]],
            {"scale": 2},
            (
                "All distances are zero, so that every answer would be right; expected "
                "classes that differ."
            ),
        ),
        (
            [[0, np.inf], [1, 0]],
            {},
            (
                "distances[0, 1] (truth 'spring', answer 'ford') is inf; every entry "
                "must be finite."
            ),
        ),
        (
            [[0, 1], [1, 0]],
            {"scale": 0.0},
            "scale=0 is not positive; expected a number above 0.",
        ),
        (
            pd.DataFrame([[0, 1]], index=["ford"], columns=["ford", "mouth"]),
            {},
            (
                "distances has no row for its columns ['mouth']; give every class a "
                "row and a column, or drop these."
            ),
        ),
    ],
)
def test_distances_that_cannot_be_read(distances, settings, message):
    classes = None if isinstance(distances, pd.DataFrame) else ["spring", "ford"]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        distance_similarity(distances, classes, **settings)


def test_distances_of_scipy_are_zero_up_to_rounding():
    rows = np.random.default_rng(0).normal(size=(20, 7))
    distances = cdist(rows, rows, "cosine")
    assert distances.diagonal().any()
    exact = distances.copy()
    np.fill_diagonal(exact, 0.0)
    names = [f"class {number}" for number in range(20)]
    table = distance_similarity(distances, names)
    np.testing.assert_array_equal(table, 1 - exact / exact.max())


def test_rounding_is_measured_by_the_largest_distance():
    table = distance_similarity([[0, -3e-9], [5e3, 4e-9]], ["ant", "bee"])
    assert table.to_numpy().tolist() == [[1.0, 1.0], [0.0, 1.0]]
    with pytest.raises(
        ValueError, match=r"^distances of truth 'ant' and answer 'bee' "
    ):
        distance_similarity([[0, -3e-9], [5e2, 0]], ["ant", "bee"])
    with pytest.raises(ValueError, match=r"^distances has 4e-09 from 'bee' to itself;"):
        distance_similarity([[0, 1], [5e2, 4e-9]], ["ant", "bee"])


def test_small_distances_between_classes_are_kept():
    table = distance_similarity([[0, 1e-9], [5e3, 0]], ["ant", "bee"])
    assert table.loc["ant", "bee"] == 1 - 1e-9 / 5e3
