"""Entropic score: its limits and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given

from simclf.losses import EntropicScoreLoss, ExpectedScoreLoss
from tests.losses.cases import K, forward, score_table
from tests.strategies import score_tables, scores_and_codes

TABLE = score_table(np.eye(K))


@given(score_tables(K), scores_and_codes(K))
def test_small_tau_is_the_naive_expected_score(values, batch):
    table = score_table(values)
    naive = forward(ExpectedScoreLoss(warm_start=0.0), table, *batch)
    small = forward(EntropicScoreLoss(tau=1e-9), table, *batch)
    torch.testing.assert_close(small, naive, rtol=1e-7, atol=1e-7)


@given(score_tables(K, extra=1), scores_and_codes(K, n_outputs=K + 1))
def test_is_the_reverse_divergence_from_the_softmax_of_the_row(values, batch):
    table = score_table(values)
    scores, codes = batch
    loss = EntropicScoreLoss(tau=0.4)
    row = -loss.prepare(table, torch.float64).rows(torch.tensor(codes)) / 0.4
    log_q = torch.tensor(scores).log_softmax(-1)
    divergence = (log_q.exp() * (log_q - row.log_softmax(-1))).sum(-1)
    wanted = 0.4 * (divergence - row.logsumexp(-1))
    torch.testing.assert_close(forward(loss, table, *batch), wanted)


@pytest.mark.parametrize("tau", [0.0, -1.0, float("inf")])
def test_refuses_tau_out_of_range(tau):
    match = rf"^entropic_score: tau must be a finite number > 0, got {tau!r}\.$"
    with pytest.raises(ValueError, match=match):
        EntropicScoreLoss(tau).prepare(TABLE)
