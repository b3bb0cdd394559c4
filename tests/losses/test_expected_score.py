"""Expected score: its four forms, their limits and what is refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import softmax
from torch.nn import functional

from simclf.losses import ExpectedScoreLoss
from simclf.similarity import ScoreTable
from tests.losses.cases import K, forward, score_table
from tests.strategies import posteriors, score_tables, scores_and_codes

IDENTITY = score_table(np.eye(K))
FORUM = np.array([[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2.0]])
NAIVE = ExpectedScoreLoss(warm_start=0.0)


def likelihood(scores, targets):
    return functional.cross_entropy(torch.tensor(scores), targets, reduction="none")


# Members ----------------------------------------------------------------------


@given(score_tables(K, extra=1), scores_and_codes(K), scores_and_codes(K))
def test_members_decide_together_from_their_mean_and_not_by_votes(values, one, two):
    n = min(len(one[0]), len(two[0]))
    members = np.stack([one[0][:n], two[0][:n]])
    spread = np.ptp(values, axis=1).max() or 1.0
    worth = softmax(members, axis=-1).mean(axis=0) @ (
        (values - values.max(axis=1, keepdims=True)) / spread
    )
    loss = ExpectedScoreLoss(tau=0.5)
    prepared = loss.prepare(score_table(values), torch.float64)
    pooled = loss.pooled_proba(torch.tensor(members), prepared).numpy()
    np.testing.assert_allclose(pooled, softmax(worth / 0.5, axis=1), atol=1e-9)


@given(scores_and_codes(K), scores_and_codes(K))
def test_members_that_draw_answers_themselves_are_averaged(one, two):
    n = min(len(one[0]), len(two[0]))
    members = np.stack([one[0][:n], two[0][:n]])
    pooled = NAIVE.pooled_proba(
        torch.tensor(members), NAIVE.prepare(IDENTITY, torch.float64)
    )
    np.testing.assert_allclose(pooled, softmax(members, axis=-1).mean(axis=0))


# Which form it is -------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "n_outputs"),
    [
        (ExpectedScoreLoss(), 3),
        (ExpectedScoreLoss(warm_start=0.1, tau=1.0), 3),
        (ExpectedScoreLoss(warm_start=0.0), 5),
        (ExpectedScoreLoss(warm_start=0.0, tau=None), 5),
        (ExpectedScoreLoss(tau=None), 5),
        (ExpectedScoreLoss(logit_bias=1.0), 5),
        (ExpectedScoreLoss(logit_bias="auto"), 5),
    ],
)
def test_outputs_are_classes_behind_the_decision_and_answers_without(loss, n_outputs):
    assert loss.n_outputs(3, 5) == n_outputs
    assert loss.estimates == "decision"
    assert loss.consistent_decision == "argmax"


@pytest.mark.parametrize("tau", [0.03, 2.0, None])
@given(score_tables(K, extra=1), scores_and_codes(K, n_outputs=K + 1))
def test_no_warm_start_and_no_bias_is_the_naive_form(tau, values, batch):
    scores, codes = batch
    spread = np.ptp(values, axis=1).max() or 1.0
    regret = (values.max(axis=1, keepdims=True) - values) / spread
    wanted = (softmax(scores, axis=1) * regret[codes]).sum(axis=1)
    loss, table = ExpectedScoreLoss(warm_start=0.0, tau=tau), score_table(values)
    for progress in (0.0, 1.0):
        found = forward(loss, table, scores, codes, progress)
        np.testing.assert_allclose(found, wanted, atol=1e-12)


@given(scores_and_codes(K))
def test_the_naive_form_under_the_identity_is_one_minus_the_probability(batch):
    scores, codes = batch
    q = torch.tensor(scores).softmax(-1).numpy()
    values = forward(NAIVE, IDENTITY, scores, codes)
    np.testing.assert_allclose(values, 1 - q[np.arange(len(codes)), codes], atol=1e-12)


@given(score_tables(K, extra=1), scores_and_codes(K, n_outputs=K + 1))
def test_direct_warm_start_is_cross_entropy_to_the_best_answer(values, batch):
    scores, codes = batch
    values[:, K] += 10 * (np.arange(K) > 1)
    values[1, 1] += 20
    values[0, 2] = values[0].max() + 1
    wanted = likelihood(scores, torch.tensor([2, 1, K, K])[torch.tensor(codes)])
    table = score_table(values)
    for loss in (ExpectedScoreLoss(0.3, tau=None), ExpectedScoreLoss(0.3, 2.0)):
        torch.testing.assert_close(forward(loss, table, scores, codes, 0.29), wanted)
        after = forward(loss, table, scores, codes, 0.3)
        torch.testing.assert_close(after, forward(loss, table, scores, codes, 1.0))


def test_among_equally_good_answers_the_class_itself_is_best():
    table = score_table(
        np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 2], [3, 3, 0, 1.0]])
    )
    prepared = ExpectedScoreLoss().prepare(table)
    assert prepared.best.tolist() == [0, 1, 3, 0]


# Behind the Bayes decision ----------------------------------------------------


@pytest.mark.parametrize(
    ("warm_start", "progress", "weight"),
    [
        (0.5, 0.0, 1.0),
        (0.5, 0.5, 1.0),
        (0.5, 0.6, 0.75),
        (0.5, 0.8, 0.25),
        (0.5, 0.9, 0.0),
        (0.2, 0.52, 0.5),
        (0.2, 0.84, 0.0),
        (1.0, 0.99, 1.0),
        (1.0, 1.0, 0.0),
    ],
)
@given(score_tables(K, extra=1), scores_and_codes(K))
def test_cross_entropy_fades_out_as_the_score_fades_in(
    warm_start, progress, weight, values, batch
):
    scores, codes = batch
    loss, table = ExpectedScoreLoss(warm_start), score_table(values)
    score = forward(loss, table, scores, codes, 1.0)
    wanted = weight * likelihood(scores, torch.tensor(codes)) + (1 - weight) * score
    found = forward(loss, table, scores, codes, progress)
    torch.testing.assert_close(found, wanted)


@given(score_tables(K, extra=2), scores_and_codes(K))
def test_answers_are_the_softened_bayes_decision(values, batch):
    scores, _ = batch
    loss, table = ExpectedScoreLoss(tau=0.2), score_table(values)
    spread = np.ptp(values, axis=1).max() or 1.0
    wanted = softmax(softmax(scores, axis=1) @ values / spread / 0.2, axis=1)
    found = loss.proba(torch.tensor(scores), loss.prepare(table, torch.float64))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


@given(score_tables(K, extra=1), scores_and_codes(K), st.sampled_from([0.6, 1.0]))
def test_gradient_behind_the_decision_is_the_stated_one(values, batch, progress):
    scores, codes = batch
    loss, table = ExpectedScoreLoss(tau=0.1), score_table(values)
    leaf = torch.tensor(scores, requires_grad=True)
    prepared = loss.prepare(table, torch.float64)
    loss.pointwise(leaf, torch.tensor(codes), prepared, progress).sum().backward()
    regret, q = prepared.matrix.numpy(), softmax(scores, axis=1)
    a = softmax(-(q @ regret) / 0.1, axis=1)
    rows = regret[codes]
    h = -a * (rows - (a * rows).sum(axis=1, keepdims=True)) / 0.1
    g = h @ regret.T
    wanted = q * (g - (q * g).sum(axis=1, keepdims=True))
    weight = {0.6: 0.75, 1.0: 0.0}[progress]
    wanted = (1 - weight) * wanted + weight * (q - np.eye(K)[codes])
    np.testing.assert_allclose(leaf.grad, wanted, atol=1e-10)


@given(scores_and_codes(K, n=2))
def test_both_parts_at_once_have_two_derivatives(batch):
    scores, codes = batch
    table = score_table(np.c_[FORUM + 0.25 * np.arange(K), [1.0, 0.5, 0.0, 0.5]])
    loss, codes = ExpectedScoreLoss(tau=0.1), torch.tensor(codes)
    prepared = loss.prepare(table, torch.float64)

    def value(z):
        return loss.pointwise(z, codes, prepared, 0.7)

    leaf = torch.tensor(scores).clamp(-3, 3).requires_grad_()
    assert torch.autograd.gradcheck(value, leaf)
    assert torch.autograd.gradgradcheck(value, leaf)


def test_small_tau_is_the_regret_of_the_bayes_decision():
    rng = np.random.default_rng(0)
    scores, codes = rng.normal(size=(200, K)), rng.integers(0, K, size=200)
    answers = (softmax(scores, axis=1) @ FORUM).argmax(axis=1)
    wanted = (FORUM.max(axis=1)[codes] - FORUM[codes, answers]) / 3
    loss = ExpectedScoreLoss(tau=1e-7)
    found = forward(loss, score_table(FORUM), scores, codes)
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_large_tau_is_linear_in_the_probabilities():
    rng = np.random.default_rng(0)
    scores, codes = rng.normal(size=(50, K)), rng.integers(0, K, size=50)
    regret = (FORUM.max(axis=1, keepdims=True) - FORUM) / 3
    centred = regret - regret.mean(axis=1, keepdims=True)
    products = (softmax(scores, axis=1) @ centred @ centred.T)[np.arange(50), codes]
    tau = 1e4
    found = forward(ExpectedScoreLoss(tau=tau), score_table(FORUM), scores, codes)
    gain = tau * K * (regret.mean(axis=1)[codes] - found.numpy())
    np.testing.assert_allclose(gain, products, atol=1e-3)


# Minimiser --------------------------------------------------------------------


@pytest.mark.parametrize("loss", [ExpectedScoreLoss(), NAIVE, ExpectedScoreLoss(0.3)])
@given(posteriors(K))
def test_minimiser_is_the_vertex_of_the_bayes_decision(loss, eta):
    found = loss.minimiser(eta, score_table(FORUM))
    assert set(np.unique(found)) <= {0.0, 1.0}
    np.testing.assert_array_equal(found.argmax(1), (eta @ FORUM).argmax(1))


def least_risk(regret, eta, tau):
    """The best of quasi-Newton searches from the posterior and from each class."""

    def risk(z):
        q = softmax(z)
        a = softmax(-(q @ regret) / tau)
        value = a @ (eta @ regret)
        slope = regret @ (-a * (eta @ regret - value) / tau)
        return value, q * (slope - q @ slope)

    starts = [np.log(np.maximum(eta, 1e-12)), *(6.0 * np.eye(len(eta)))]
    ends = [minimize(risk, z, jac=True, method="L-BFGS-B") for z in starts]
    best = min(ends, key=lambda end: end.fun)
    return best.fun, softmax(-(softmax(best.x) @ regret) / tau)


def distances(n_classes):
    return -np.abs(np.subtract.outer(*[np.arange(float(n_classes))] * 2))


def random_tables(n_classes, extra=0):
    rng = np.random.default_rng(1)
    size = n_classes, n_classes + extra
    return [rng.uniform(size=size) + np.eye(*size) for _ in range(60)]


@pytest.mark.parametrize(
    ("tables", "share"),
    [
        (random_tables(4), 1.0),
        (random_tables(4, extra=2), 1.0),
        (random_tables(10), 1.0),
        ([FORUM] * 60, 1.0),
        ([distances(10)] * 60, 1.0),
        ([distances(30)] * 30, 0.8),
    ],
    ids=["4", "4 x 6", "10", "forum", "distances 10", "distances 30"],
)
def test_at_the_default_tau_least_risk_decides_nearly_as_bayes(tables, share):
    rng = np.random.default_rng(0)
    loss, tau = ExpectedScoreLoss(), ExpectedScoreLoss().tau
    hits = []
    for values in tables:
        eta = rng.dirichlet(np.ones(len(values)))
        regret = (values.max(axis=1, keepdims=True) - values) / np.ptp(values, 1).max()
        expected = eta @ regret
        risk, answers = least_risk(regret, eta, tau)
        table = ScoreTable(
            values, np.arange(len(values)), np.arange(values.shape[1]), "similarity"
        )
        vertex = loss.minimiser(eta[None], table)[0]
        # The vertex is a bound that the softened decision comes near to.
        assert -1e-12 <= risk - vertex @ expected <= tau * math.log(len(expected))
        given = answers.argmax()
        assert expected[given] - expected.min() <= 0.003
        hits.append(given == vertex.argmax())
    assert np.mean(hits) >= share


def test_the_vertex_is_the_limit_of_small_tau():
    eta = np.array([0.4, 0.15, 0.25, 0.2])
    regret = (FORUM.max(axis=1, keepdims=True) - FORUM) / 3
    vertex = ExpectedScoreLoss().minimiser(eta[None], FORUM)[0]
    for tau, gap in [(0.3, 0.4), (0.1, 0.04), (0.03, 2e-5)]:
        assert np.abs(least_risk(regret, eta, tau)[1] - vertex).max() < gap


def test_probabilities_of_the_classes_are_not_identified():
    table = score_table(FORUM)
    outputs = np.array([[9.0, 0, 0, 0], [9.0, 8.0, 0, 0], [0, 0, 0, 0]])
    each = [forward(ExpectedScoreLoss(), table, outputs, [y] * 3) for y in range(K)]
    risks = np.array([0.6, 0.2, 0.1, 0.1]) @ torch.stack(each).numpy()
    # Two quite different estimates decide alike and have the same risk.
    assert risks[0] == pytest.approx(risks[1], abs=1e-3)
    assert risks[2] > risks[0] + 0.2


# The bias ---------------------------------------------------------------------


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


# Settings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss", [ExpectedScoreLoss(0.25), ExpectedScoreLoss(0.25, tau=None)], ids=str
)
def test_rows_held_out_judge_once_the_score_is_in_the_loss(loss):
    assert loss.warmup_fraction == 0.25


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


@pytest.mark.parametrize("use", ["prepare", "n_outputs"])
def test_refuses_a_warm_start_that_is_no_number(use):
    match = (
        r"^expected_score: warm_start must be a number >= 0 and <= 1, got "
        r"'cross_entropy'\.$"
    )
    loss = ExpectedScoreLoss(warm_start="cross_entropy")
    with pytest.raises(TypeError, match=match):
        loss.prepare(IDENTITY) if use == "prepare" else loss.n_outputs(K, K)


def test_refuses_a_tau_that_is_not_positive():
    match = r"^expected_score: tau must be a finite number > 0, got 0\.0\.$"
    with pytest.raises(ValueError, match=match):
        ExpectedScoreLoss(tau=0).prepare(IDENTITY)
