"""Scores of single examples: units of the table, best answers, rows beside products."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from simclf.losses import (
    DenseTable,
    EntropicScoreLoss,
    ExpectedScoreLoss,
    SampleRows,
    ScoreRegressionLoss,
)
from simclf.losses._sample_rows import best_answers, sample_regret
from tests.losses.cases import K, score_table
from tests.strategies import score_tables

S = score_table(np.array([[4.0, 1, 0, 2], [0, 3, 1, 1], [2, 0, 2, 1], [0, 0, 1, 3]]))


@given(score_tables(K, extra=1), st.sampled_from([1e-300, 1.0, 1e300]))
def test_regret_is_counted_in_row_ranges_of_the_table(values, unit):
    values[0] += [3.0, 0, 0, 0, -3.0]  # never a table of constant rows
    table = score_table(values * unit)
    own = np.vstack([values, 3 * values + 1]) * unit
    largest = max(max(row) - min(row) for row in values)
    wanted = [
        [(max(row) - score) / largest for score in row]
        for row in [*values, *(3 * values)]
    ]
    np.testing.assert_allclose(sample_regret(own, table), wanted, atol=1e-12)


def test_a_table_of_constant_rows_leaves_the_unit_to_the_examples():
    own = np.array([[5.0, 1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 2.0]])
    found = sample_regret(own, score_table(np.ones((K, K))))
    np.testing.assert_allclose(found, [[0, 1, 1, 1], [0.5, 0.25, 0, 0]])


def test_the_class_itself_is_best_where_nothing_beats_it():
    regret = np.array([[0, 0, 1.0], [0, 0, 1.0], [0, 0.5, 0.1], [1, 0.1, 0]])
    found = best_answers(regret, np.array([1, 0, 2, 1]))
    assert found.tolist() == [1, 0, 0, 2]


def test_rows_are_the_examples_and_products_those_of_the_table():
    table = DenseTable(np.eye(3), torch.float64)
    own = DenseTable(
        np.arange(12.0).reshape(4, 3), torch.float64, best=np.array([2, 0, 1, 1])
    )
    rows = SampleRows(table, own, torch.tensor([[3, 0], [1, 1]]))
    codes = torch.tensor([[0, 0], [2, 2]])
    assert rows.rows(codes)[0].tolist() == [[9, 10, 11], [0, 1, 2]]
    assert rows.best_answers(codes).tolist() == [[1, 2], [0, 0]]
    proba = torch.tensor([[0.2, 0.3, 0.5]], dtype=torch.float64)
    assert rows.matmul(proba).tolist() == proba.tolist()


def test_the_minimiser_follows_the_scores_of_the_example():
    """One class, two kinds of examples: the answer follows the kind."""
    own = np.array([[3.0, 0, 0, 0], [0.0, 9.0, 0, 0]])
    codes = np.zeros(2, dtype=np.intp)
    for loss in (ExpectedScoreLoss(tau=None), EntropicScoreLoss()):
        prepared = loss.prepare(S, torch.float64)
        samples = loss.prepare_samples(own, codes, S, torch.float64)
        scores = torch.zeros(2, K, dtype=torch.float64, requires_grad=True)
        rows = SampleRows(prepared, samples, torch.arange(2))
        loss.pointwise(scores, torch.tensor(codes), rows).sum().backward()
        assert (-scores.grad).argmax(dim=1).tolist() == [0, 1]


def test_regression_of_examples_is_brought_back_by_the_scale_of_the_table():
    loss = ScoreRegressionLoss()
    own = np.array([[3.0, 0, -2, 0], [0.0, 9.0, 0, 0]])
    targets = loss.prepare_samples(own, np.array([0, 1]), S, torch.float64).matrix
    np.testing.assert_allclose(loss.expected_scores(targets.numpy(), S), own)


def test_settings_are_checked():
    with pytest.raises(ValueError, match="tau"):
        EntropicScoreLoss(tau=-1.0).prepare_samples(np.eye(K), np.arange(K), S)


def test_a_loss_that_reads_a_table_alone_says_which_do_not():
    match = (
        r"^loss ScoreRegressionLoss\(kind='one_vs_all'\) reads scores from a table of "
        r"classes alone; use 'entropic_score', 'score_regression', "
        r"'log_expected_score', 'soft_target' or ExpectedScoreLoss\(tau=None\) for "
        r"scores that differ by row\.$"
    )
    with pytest.raises(ValueError, match=match):
        ScoreRegressionLoss("one_vs_all").prepare_samples(np.eye(K), np.arange(K), S)
