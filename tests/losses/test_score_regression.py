"""Score regression: expected scores in the table's own scale, and what is refused."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from simclf.losses import CrossEntropyLoss, ExpectedScoreLoss, ScoreRegressionLoss
from simclf.similarity import resolve_table
from tests.losses.cases import K, forward, score_table
from tests.strategies import posteriors, score_tables, scores_and_codes

KINDS = ["squared", "one_vs_all"]


@given(score_tables(K, extra=2), posteriors(K), st.sampled_from([1.0, 1e-3, 1e5]))
@pytest.mark.parametrize("kind", KINDS)
def test_minimiser_gives_the_expected_scores(kind, values, eta, unit):
    table = score_table(unit * (values + 3))
    loss = ScoreRegressionLoss(kind)
    outputs = loss.minimiser(eta, table)
    found = loss.expected_scores(outputs, table)
    np.testing.assert_allclose(found, eta @ table.values, rtol=1e-9, atol=1e-9 * unit)


@given(scores_and_codes(K))
def test_one_vs_all_of_the_identity_is_logistic_regression(batch):
    scores, codes = batch
    onehot = torch.tensor(np.eye(K)[codes])
    wanted = functional.binary_cross_entropy_with_logits(
        torch.tensor(scores), onehot, reduction="none"
    ).sum(-1)
    values = forward(
        ScoreRegressionLoss("one_vs_all"), score_table(np.eye(K)), scores, codes
    )
    torch.testing.assert_close(values, wanted)


@given(scores_and_codes(K))
def test_squared_of_the_identity_regresses_one_hot_labels(batch):
    scores, codes = batch
    wanted = 0.5 * ((scores - (np.eye(K) - 1 / K)[codes]) ** 2).sum(1)
    values = forward(ScoreRegressionLoss(), score_table(np.eye(K)), scores, codes)
    np.testing.assert_allclose(values, wanted, rtol=1e-12)


def test_expected_scores_take_frames_and_leading_axes():
    frame = pd.DataFrame([[3.0, 1.0, 2.0], [0.0, 4.0, 2.0]], list("ab"), list("abr"))
    loss = ScoreRegressionLoss()
    outputs = loss.minimiser([[1, 0], [0.5, 0.5]], frame)
    found = loss.expected_scores(np.stack([outputs, outputs]), frame)
    np.testing.assert_allclose(found[1], [[3, 1, 2], [1.5, 2.5, 2]])


def test_the_likeliest_answer_of_members_is_that_of_the_highest_mean():
    loss, table = ScoreRegressionLoss(), score_table(np.eye(K))
    sure, others = [9.0, 0.0, 3.0, 0.0], [0.0, 4.0, 3.0, 0.0]
    members = torch.tensor([[sure], [others], [others]])
    pooled = loss.pooled_proba(members, loss.prepare(table))
    torch.testing.assert_close(pooled, members.double().mean(0).softmax(-1))
    assert pooled.argmax() == 0
    assert loss.proba(members, loss.prepare(table)).mean(0).argmax() == 1


def test_a_posterior_that_rounds_above_one_has_a_minimiser():
    rows = [[2.0, 0.0, 2.0], [1.0, 2.0, 2.0]]
    table = resolve_table(pd.DataFrame(rows, list("ab"), ["a", "b", "ask"]), list("ab"))
    above = np.array([[0.6, 0.4 + 2.0**-52]])
    assert above.sum() > 1
    outputs = ScoreRegressionLoss("one_vs_all").minimiser(above, table)
    assert outputs[0, 2] == np.inf
    assert np.isfinite(outputs[0, :2]).all()


def test_only_these_outputs_are_expected_scores():
    assert ScoreRegressionLoss().gives_expected_scores
    match = (
        r"^the outputs of loss 'cross_entropy' are no expected scores: it estimates "
        r"the posterior\. Multiply its probabilities with the table instead\.$"
    )
    with pytest.raises(ValueError, match=match):
        CrossEntropyLoss().expected_scores(np.zeros((1, K)), np.eye(K))
    match = (
        r"^the outputs of loss 'expected_score' are no expected scores: it estimates "
        r"the decision\. Use a loss that estimates the posterior, or "
        r"'score_regression'\.$"
    )
    with pytest.raises(ValueError, match=match):
        ExpectedScoreLoss().expected_scores(np.zeros((1, K)), np.eye(K))


def test_refuses_an_unknown_kind():
    match = (
        r"^score_regression: kind must be 'squared' or 'one_vs_all', got 'square'\. "
        r"Did you mean 'squared'\?$"
    )
    with pytest.raises(ValueError, match=match):
        ScoreRegressionLoss("square").prepare(score_table(np.eye(K)))
