"""Kernel Brier score: its limits, the energy kernel and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given

from simclf.losses import CrossEntropyLoss, KernelBrierLoss
from simclf.similarity import ScoreTable
from tests.losses.cases import K, forward, score_table
from tests.strategies import score_tables, scores_and_codes

LINE = score_table(-np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0))))


@given(scores_and_codes(K))
def test_energy_of_an_ordinal_table_is_the_ranked_probability_score(batch):
    scores, codes = batch
    loss = KernelBrierLoss(weight=1.0, kernel="energy")
    q = torch.tensor(scores).softmax(-1).numpy()
    ranked = ((q - np.eye(K)[codes]).cumsum(1) ** 2).sum(1)
    wanted = ranked / (K - 1) - np.log(q[np.arange(len(codes)), codes])
    np.testing.assert_allclose(forward(loss, LINE, scores, codes), wanted, atol=1e-12)


@given(scores_and_codes(K))
@pytest.mark.parametrize("kernel", ["score", "energy"])
def test_identity_gives_the_brier_score(kernel, batch):
    scores, codes = batch
    q = torch.tensor(scores).softmax(-1).numpy()
    brier = ((q - np.eye(K)[codes]) ** 2).sum(1)
    wanted = 3.0 * brier / 2 - np.log(q[np.arange(len(codes)), codes])
    table = score_table(np.eye(K))
    values = forward(KernelBrierLoss(3.0, kernel), table, scores, codes)
    np.testing.assert_allclose(values, wanted, atol=1e-12)


@given(score_tables(K, extra=2), scores_and_codes(K))
def test_no_weight_is_cross_entropy(values, batch):
    table = score_table(values)
    plain = forward(CrossEntropyLoss(), table, *batch)
    torch.testing.assert_close(forward(KernelBrierLoss(0.0), table, *batch), plain)


def test_refuses_costs_that_are_not_of_negative_type():
    costs = np.array([[0, 9, 1, 1], [9, 0, 1, 1], [1, 1, 0, 9], [1, 1, 9, 0.0]])
    match = (
        r"^kernel_brier: kernel='energy' needs costs of negative type \(such as "
        r"distances along a line or a tree\), but the centred costs of this table have "
        r"the positive eigenvalue 0\.778\. Use kernel='score', which takes any table\.$"
    )
    with pytest.raises(ValueError, match=match):
        KernelBrierLoss(kernel="energy").prepare(score_table(-costs))


def test_refuses_more_classes_than_it_can_verify():
    labels = np.arange(2001)
    wide = np.broadcast_to(np.zeros(1), (2001, 2001))
    match = (
        r"^kernel_brier: kernel='energy' takes at most 2000 classes, got 2001\. "
        r"Use kernel='score'\.$"
    )
    with pytest.raises(ValueError, match=match):
        KernelBrierLoss(kernel="energy").prepare(
            ScoreTable(wide, labels, labels, "similarity")
        )


def test_refuses_an_unknown_kernel():
    match = (
        r"^kernel_brier: kernel must be 'score' or 'energy', got 'scores'\. "
        r"Did you mean 'score'\?$"
    )
    with pytest.raises(ValueError, match=match):
        KernelBrierLoss(kernel="scores").prepare(LINE)


def test_refuses_a_negative_weight():
    match = r"^kernel_brier: weight must be a finite number >= 0, got -1\.0\.$"
    with pytest.raises(ValueError, match=match):
        KernelBrierLoss(weight=-1).prepare(LINE)
