"""Counts and costs of every truth and answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.metrics import class_scores, regret
from simclf.metrics._rows import read_rows
from simclf.plotting._costs import Confusion, count_mistakes, mean_costs, normalised
from simclf.similarity import resolve_table
from tests.strategies import LABELS, score_tables


@st.composite
def answered_rows(draw):
    values = draw(score_tables(extra=2))
    k = len(values)
    names = LABELS[:k]
    table = resolve_table(values[:, :k], names)
    n = draw(st.integers(1, 12))
    truth = draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n))
    answers = draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n))
    weight = draw(st.lists(st.integers(1, 4), min_size=n, max_size=n))
    return table, truth, answers, np.array(weight, dtype=float)


@given(answered_rows())
def test_as_plain_loops_count(drawn):
    table, truth, answers, weight = drawn
    y_true, y_pred = table.classes[truth], table.classes[answers]
    rows = read_rows(y_true, {"y_pred": y_pred}, table, sample_weight=weight)
    found = count_mistakes(rows, rows.answers(y_pred))
    counts, costs = np.zeros(table.values.shape), np.zeros(table.values.shape)
    for i, j, w in zip(truth, answers, weight, strict=True):
        counts[i, j] += w
        costs[i, j] += w * (max(table.values[i]) - table.values[i, j])
    np.testing.assert_allclose(found.counts, counts)
    np.testing.assert_allclose(found.costs, costs, atol=1e-12)
    settings = {"similarity": table, "sample_weight": weight}
    assert found.costs.sum() / weight.sum() == pytest.approx(
        regret(y_true, y_pred, **settings)
    )
    by_class = class_scores(y_true, y_pred, **settings)["regret"]
    np.testing.assert_allclose(mean_costs(found), by_class, atol=1e-12)


def test_rows_may_have_costs_of_their_own():
    scores = np.array([[0.0, -5.0], [0.0, -1.0], [-3.0, 0.0]])
    truth, answers = ["ant", "ant", "bee"], ["bee", "bee", "ant"]
    rows = read_rows(truth, {"y_pred": answers}, None, sample_scores=scores)
    found = count_mistakes(rows, rows.answers(answers))
    assert found.counts.tolist() == [[0.0, 2.0], [1.0, 0.0]]
    assert found.costs.tolist() == [[0.0, 6.0], [3.0, 0.0]]


COUNTS = np.array([[3.0, 1.0], [0.0, 0.0]])
COSTS = np.array([[0.0, 2.0], [0.0, 0.0]])


def test_a_class_without_rows_has_no_mean_cost():
    assert mean_costs(Confusion(COUNTS, COSTS))[0] == 0.5
    assert np.isnan(mean_costs(Confusion(COUNTS, COSTS))[1])


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [(None, COSTS), ("true", COSTS / 4), ("all", COSTS / 4)],
)
def test_what_cells_are_divided_by(normalize, expected):
    assert normalised(COSTS, COUNTS, normalize).tolist() == expected.tolist()


def test_rows_of_the_truth_are_not_all_rows():
    counts = np.array([[3.0, 1.0], [4.0, 8.0]])
    assert normalised(counts, counts, "true").tolist() == [[0.75, 0.25], [1 / 3, 2 / 3]]
    assert normalised(counts, counts, "all")[1, 1] == 0.5
