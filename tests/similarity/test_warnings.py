"""What a table is warned about, and what not."""

import warnings

import numpy as np
import pytest
from hypothesis import given

from simclf import exceptions
from simclf.similarity import resolve_similarity, resolve_table, warn_about_table
from simclf.similarity._resolve import frozen_table
from simclf.similarity._warnings import describe_doubt
from tests.strategies import LABELS, sensible_tables

NAMES = ["ant", "bee", "cat"]
FORUM = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
FORUM_NAMES = ["c1", "c2", "c3", "c4"]


def spoken(similarity, classes=NAMES, **kwargs):
    table = resolve_table(similarity, classes, **kwargs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_about_table(table)
    assert all(issubclass(w.category, exceptions.SimilarityWarning) for w in caught)
    return [str(w.message) for w in caught]


def test_a_wrong_answer_above_the_right_one_is_named():
    assert spoken(FORUM, FORUM_NAMES) == [
        (
            "similarity: truth 'c3' scores 0.0 for its own answer but 1.0 for 'c4', so "
            "'c4' is the better answer for it. If that is meant, ignore this; else "
            "correct the diagonal."
        )
    ]


def test_a_cost_is_spoken_of_as_a_cost():
    cost = -np.array(FORUM)
    assert spoken(None, FORUM_NAMES, cost=cost) == [
        (
            "cost: truth 'c3' costs 0.0 for its own answer but -1.0 for 'c4', so 'c4' "
            "is the better answer for it. If that is meant, ignore this; else correct "
            "the diagonal."
        )
    ]


def test_three_pairs_are_written_out_and_the_rest_counted():
    table = [[0, 1, 2], [-1, 0, 3], [4, -1, 1]]
    (text,) = spoken(table)
    assert text.startswith(
        "similarity: truth 'ant' scores 0.0 for its own answer but 1.0 for 'bee'; "
        "truth 'ant' scores 0.0 for its own answer but 2.0 for 'cat'; "
        "truth 'bee' scores 0.0 for its own answer but 3.0 for 'cat'; and 1 more, "
        "so these are the better answers for them. If that is meant,"
    )


def test_three_pairs_have_no_rest():
    (text,) = spoken([[0, 1, 2], [-1, 0, 3], [4, -1, 5]])
    assert "more" not in text


def test_scores_are_cut_to_six_figures_where_they_still_differ():
    (text,) = spoken([[1 / 3, 2 / 3, 0], [0, 1, 0], [0, 0, 1]])
    assert "scores 0.333333 for its own answer but 0.666667 for 'bee'" in text
    (text,) = spoken([[0.3, 0.1 + 0.2, 0], [0, 1, 0], [0, 0, 1]])
    assert "scores 0.3 for its own answer but 0.30000000000000004 for" in text


def test_a_cost_matrix_given_as_similarity_is_the_only_thing_said():
    assert spoken([[0, 1, 5], [2, 0, 1], [0, 0, 0]]) == [
        (
            "similarity looks like a cost matrix (each class scores lowest for its own "
            "answer); pass cost=... if lower is better."
        )
    ]


def test_costs_of_rows_given_as_their_scores_are_the_only_thing_said():
    table = frozen_table(
        np.array([[0.0, 1.0], [3.0, 0.0]]),
        np.array(["ant", "bee"]),
        [],
        "sample_scores",
    )
    assert describe_doubt(table) == (
        "sample_scores look like costs (in the mean each class scores lowest for its "
        "own answer); pass their negative if lower is better."
    )


def test_a_similarity_given_as_cost_is_the_only_thing_said():
    assert spoken(None, cost=[[1, 0.2, 0], [0.1, 1, 0], [0, 0, 1]]) == [
        (
            "cost looks like a similarity matrix (each class costs most for its own "
            "answer); pass similarity=... if higher is better."
        )
    ]


def test_one_right_answer_above_another_is_no_reversed_sign():
    (text,) = spoken([[0, 1, 5], [2, 0, 1], [0, 0, 0.5]])
    assert text.startswith("similarity: truth 'ant' scores 0.0")


@pytest.mark.parametrize("similarity", [None, np.zeros((3, 3)), np.ones((3, 3))])
def test_identity_and_constant_tables_are_silent(similarity):
    assert spoken(similarity) == []


def test_one_class_is_silent():
    assert spoken([[3.0]], ["ant"]) == []


@given(sensible_tables())
def test_sensible_tables_are_silent(values):
    classes = LABELS[: len(values)]
    assert spoken(values, classes) == []
    assert spoken(None, classes, cost=-values) == []


def test_the_warning_points_at_the_user():
    with pytest.warns(exceptions.SimilarityWarning) as caught:
        resolve_similarity(FORUM, FORUM_NAMES)
    assert caught[0].filename == __file__
