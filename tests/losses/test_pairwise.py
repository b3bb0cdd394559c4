"""Pairwise loss: its limits, what asymmetric weights estimate, what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given

from simclf.losses import CrossEntropyLoss, PairwiseLoss
from simclf.similarity import resolve_table
from tests.losses.cases import K, forward, score_table
from tests.strategies import one_in, posteriors, scores_and_codes, sensible_tables


@given(scores_and_codes(2))
def test_two_classes_are_weighted_cross_entropy(batch):
    table = resolve_table(None, ["ill", "well"], cost=[[0, 8], [2, 0]])
    values = forward(PairwiseLoss(), table, *batch)
    wanted = 0.625 * forward(CrossEntropyLoss(), table, *batch)
    torch.testing.assert_close(values, wanted)


@given(sensible_tables(K), posteriors(K, n=2))
@one_in(5)
def test_stationary_at_the_posterior_only_with_symmetric_weights(values, eta):
    table = score_table(values)
    for symmetrize in (True, False):
        loss = PairwiseLoss(symmetrize=symmetrize)
        prepared = loss.prepare(table, torch.float64)
        weights = prepared.matrix.numpy()
        for row in eta:
            leaf = torch.tensor(np.log(row), requires_grad=True)
            codes = torch.arange(K)
            risk = loss.pointwise(leaf.expand(K, K), codes, prepared)
            (risk @ torch.tensor(row)).backward()
            pairs = np.outer(row, row) / np.add.outer(row, row)
            wanted = ((weights.T - weights) * pairs).sum(1)
            np.testing.assert_allclose(leaf.grad, wanted, atol=1e-12)
            assert not symmetrize or np.abs(leaf.grad.numpy()).max() < 1e-12


def test_asymmetric_weights_miss_the_posterior():
    costs = np.array([[0, 9, 1, 1], [1, 0, 1, 1], [1, 1, 0, 9], [1, 1, 1, 0.0]])
    eta = np.array([[0.4, 0.3, 0.2, 0.1]])
    table = score_table(-costs)
    found = PairwiseLoss(symmetrize=False).minimiser(eta, table)
    assert np.abs(found - eta).max() > 0.1
    np.testing.assert_array_equal(PairwiseLoss().minimiser(eta, table), eta)


def test_softplus_is_exact_beyond_torchs_threshold():
    table = score_table(np.eye(K))
    values = forward(PairwiseLoss(), table, [[0.0, 20.5, -900, -900]], [0])
    np.testing.assert_allclose(values, np.log1p(np.exp(20.5)), rtol=1e-15)


def test_refuses_a_flag_that_is_none():
    match = r"^pairwise: symmetrize must be True or False, got 'yes'\.$"
    with pytest.raises(TypeError, match=match):
        PairwiseLoss(symmetrize="yes").prepare(score_table(np.eye(K)))
