"""Log expected score: its limits and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given

from simclf.losses import CrossEntropyLoss, ExpectedScoreLoss, LogExpectedScoreLoss
from tests.losses.cases import K, forward, score_table
from tests.strategies import posteriors, score_tables, scores_and_codes

IDENTITY = score_table(np.eye(K))


@given(scores_and_codes(K))
def test_identity_without_floor_is_cross_entropy(batch):
    values = forward(LogExpectedScoreLoss(0.0), IDENTITY, *batch)
    torch.testing.assert_close(values, forward(CrossEntropyLoss(), IDENTITY, *batch))


@given(score_tables(K), scores_and_codes(K))
def test_a_floor_near_one_is_the_expected_regret_of_rows_of_one_range(values, batch):
    scores, codes = batch
    values += 8 * np.eye(K)
    values /= np.ptp(values, axis=1, keepdims=True)
    naive = forward(ExpectedScoreLoss(0.0), score_table(values), scores, codes)
    uneven = score_table(values * np.array([[1.0], [3.0], [0.5], [7.0]]))
    found = forward(LogExpectedScoreLoss(1 - 1e-6), uneven, scores, codes)
    torch.testing.assert_close(found / 1e-6, naive, rtol=1e-5, atol=1e-5)


@given(scores_and_codes(K))
def test_admissible_answers_share_their_probability(batch):
    scores, codes = batch
    admissible = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1.0]])
    q = torch.tensor(scores).softmax(-1).numpy()
    wanted = -np.log((q * admissible[codes]).sum(1))
    values = forward(LogExpectedScoreLoss(0.0), score_table(admissible), scores, codes)
    np.testing.assert_allclose(values, wanted, rtol=1e-9, atol=1e-9)


@given(score_tables(K, extra=1), scores_and_codes(K, n_outputs=K + 1))
def test_both_ways_of_computing_agree(values, batch):
    table = score_table(values)
    direct = forward(LogExpectedScoreLoss(1e-6), table, *batch)
    in_logs = forward(LogExpectedScoreLoss(9.999999e-7), table, *batch)
    torch.testing.assert_close(direct, in_logs, rtol=1e-6, atol=1e-6)


@given(posteriors(K))
def test_minimiser_of_the_identity_is_the_posterior(eta):
    found = LogExpectedScoreLoss(0.0).minimiser(eta, IDENTITY)
    np.testing.assert_allclose(found, eta, atol=1e-12)


def test_constant_rows_cost_nothing():
    table = score_table(
        np.array([[2, 2, 2, 2], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    )
    values = forward(LogExpectedScoreLoss(), table, np.zeros((1, K)), np.array([0]))
    np.testing.assert_allclose(values, 0.0, atol=1e-15)


@pytest.mark.parametrize("floor", [1.0, -0.1])
def test_refuses_floors_out_of_range(floor):
    match = (
        rf"^log_expected_score: floor must be a number >= 0 and < 1, got {floor!r}\.$"
    )
    with pytest.raises(ValueError, match=match):
        LogExpectedScoreLoss(floor).prepare(IDENTITY)
