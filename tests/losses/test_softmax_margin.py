"""Softmax margin: its exact link, its limits and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from scipy.optimize import root

from simclf.losses import CrossEntropyLoss, SoftmaxMarginLoss
from tests.losses.cases import K, forward, score_table
from tests.strategies import one_in, posteriors, score_tables, scores_and_codes


@given(score_tables(K, extra=1), scores_and_codes(K))
def test_no_margin_is_cross_entropy(values, batch):
    table = score_table(values)
    loss = SoftmaxMarginLoss(0.0)
    plain = forward(CrossEntropyLoss(), table, *batch)
    torch.testing.assert_close(forward(loss, table, *batch), plain)
    scores = torch.tensor(batch[0])
    q = loss.proba(scores, loss.prepare(table, torch.float64))
    torch.testing.assert_close(q, scores.softmax(-1))


@given(score_tables(K), posteriors(K, n=2))
@one_in(5)
def test_link_of_the_scores_of_least_risk_is_the_posterior(values, eta):
    table = score_table(values)
    loss = SoftmaxMarginLoss(3.0)
    prepared = loss.prepare(table, torch.float64)
    margins = prepared.matrix.numpy()
    for row in eta:

        def slope(free, row=row):
            z = np.append(free, 0.0)
            moves = np.exp(z + margins - (z + margins).max(1, keepdims=True))
            moves /= moves.sum(1, keepdims=True)
            return (row @ moves - row)[:-1]

        start = np.log(row[:-1] / row[-1])
        found = root(slope, start, method="lm", options={"xtol": 1e-15, "ftol": 1e-15})
        assert np.abs(slope(found.x)).max() < 1e-10
        z = torch.tensor(np.append(found.x, 0.0))
        np.testing.assert_allclose(loss.proba(z, prepared), row, atol=1e-8)


@given(score_tables(K), scores_and_codes(K))
def test_link_is_the_stated_formula(values, batch):
    table = score_table(values)
    loss = SoftmaxMarginLoss(2.0)
    prepared = loss.prepare(table, torch.float64)
    raised = np.exp(batch[0] - batch[0].max(1, keepdims=True))
    wanted = raised * (raised @ np.exp(prepared.matrix.numpy()))
    wanted /= wanted.sum(1, keepdims=True)
    np.testing.assert_allclose(
        loss.proba(torch.tensor(batch[0]), prepared), wanted, atol=1e-13
    )


def test_largest_margin_neither_overflows_nor_vanishes():
    table = score_table(np.eye(K))
    loss = SoftmaxMarginLoss(50.0)
    scores = 1e4 * torch.tensor([[1.0, -1, -1, -1], [1, 1, -1, 1], [0, 0, 0, 0]])
    proba = loss.proba(scores, loss.prepare(table))
    torch.testing.assert_close(proba.sum(-1), torch.ones(3))


@pytest.mark.parametrize("margin", [-1.0, 51.0])
def test_refuses_margins_out_of_range(margin):
    match = (
        rf"^softmax_margin: margin must be a number >= 0 and <= 50, got {margin!r}\.$"
    )
    with pytest.raises(ValueError, match=match):
        SoftmaxMarginLoss(margin).prepare(score_table(np.eye(K)))
