"""Expected score: its limits, its cures and what is refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from torch.nn import functional

from simclf.losses import ExpectedScoreLoss
from tests.losses.cases import K, forward, score_table
from tests.strategies import posteriors, score_tables, scores_and_codes

IDENTITY = score_table(np.eye(K))


@given(scores_and_codes(K))
def test_identity_gives_one_minus_the_probability(batch):
    scores, codes = batch
    q = torch.tensor(scores).softmax(-1).numpy()
    values = forward(ExpectedScoreLoss(), IDENTITY, scores, codes)
    np.testing.assert_allclose(values, 1 - q[np.arange(len(codes)), codes], atol=1e-12)


@given(score_tables(K, extra=1), scores_and_codes(K, n_outputs=K + 1))
def test_warm_start_is_cross_entropy_to_the_best_answer(values, batch):
    scores, codes = batch
    values[:, K] += 10 * (np.arange(K) > 1)
    values[1, 1] += 20
    values[0, 2] = values[0].max() + 1
    best = torch.tensor([2, 1, K, K])[torch.tensor(codes)]
    wanted = functional.cross_entropy(torch.tensor(scores), best, reduction="none")
    loss = ExpectedScoreLoss(warm_start=0.3)
    table = score_table(values)
    torch.testing.assert_close(forward(loss, table, scores, codes, 0.29), wanted)
    after = forward(loss, table, scores, codes, 0.3)
    torch.testing.assert_close(after, forward(loss, table, scores, codes, 1.0))


def test_among_equally_good_answers_the_class_itself_is_best():
    table = score_table(
        np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 2], [3, 3, 0, 1.0]])
    )
    prepared = ExpectedScoreLoss().prepare(table)
    assert prepared.best.tolist() == [0, 1, 3, 0]


def test_logit_bias_revives_the_gradient_of_a_lost_answer():
    scores = np.array([[-12.0, 0.0, 0.0, 12.0]])
    slopes = []
    for bias in (0.0, 12.0):
        leaf = torch.tensor(scores, requires_grad=True)
        loss = ExpectedScoreLoss(0.0, bias)
        prepared = loss.prepare(IDENTITY, torch.float64)
        loss.pointwise(leaf, torch.tensor([0]), prepared).sum().backward()
        slopes.append(-leaf.grad[0, 0].item())
    assert slopes[1] > 1e4 * slopes[0] > 0


@given(scores_and_codes(K))
def test_auto_bias_is_the_logarithm_of_the_outputs(batch):
    auto = forward(ExpectedScoreLoss(0.0, "auto"), IDENTITY, *batch)
    number = forward(ExpectedScoreLoss(0.0, math.log(K)), IDENTITY, *batch)
    torch.testing.assert_close(auto, number)


@given(posteriors(K))
def test_minimiser_is_the_vertex_of_the_bayes_decision(eta):
    values = np.array([[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2.0]])
    found = ExpectedScoreLoss().minimiser(eta, score_table(values))
    assert set(np.unique(found)) <= {0.0, 1.0}
    np.testing.assert_array_equal(found.argmax(1), (eta @ values).argmax(1))


def test_warmup_fraction_is_the_warm_start():
    assert ExpectedScoreLoss(0.25).warmup_fraction == 0.25


def test_refuses_an_unknown_bias():
    match = (
        r"^expected_score: logit_bias must be 'auto' or a number in \[0, 50\], got "
        r"'aut'\. Did you mean 'auto'\?$"
    )
    with pytest.raises(ValueError, match=match):
        ExpectedScoreLoss(logit_bias="aut").prepare(IDENTITY)


def test_refuses_a_bias_that_would_overflow():
    match = r"^expected_score: logit_bias must be a number >= 0 and <= 50, got 51\.0\.$"
    with pytest.raises(ValueError, match=match):
        ExpectedScoreLoss(logit_bias=51).prepare(IDENTITY)


def test_refuses_a_warm_start_beyond_the_training():
    match = r"^expected_score: warm_start must be a number >= 0 and <= 1, got 1\.5\.$"
    with pytest.raises(ValueError, match=match):
        ExpectedScoreLoss(warm_start=1.5).prepare(IDENTITY)


def test_refuses_a_warm_start_that_is_no_number():
    match = (
        r"^expected_score: warm_start must be a number >= 0 and <= 1, got "
        r"'cross_entropy'\.$"
    )
    with pytest.raises(TypeError, match=match):
        ExpectedScoreLoss(warm_start="cross_entropy").prepare(IDENTITY)
