"""Tailored score: its limits, its properness and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from simclf.losses import CrossEntropyLoss, KernelBrierLoss, TailoredScoreLoss
from tests.losses.cases import K, forward, score_table
from tests.strategies import posteriors, score_tables, scores_and_codes

TABLE = score_table(np.eye(K))


def second_part(loss, table, scores, codes):
    plain = forward(CrossEntropyLoss(), table, scores, codes)
    return forward(loss, table, scores, codes) - plain


@given(score_tables(K, extra=2), scores_and_codes(K))
def test_large_tau_is_the_kernel_brier_score(values, batch):
    table = score_table(values)
    tau, n_answers = 1e4, K + 2
    flat = np.zeros_like(batch[0])
    tailored, brier = TailoredScoreLoss(1.0, tau), KernelBrierLoss(1.0)
    moved = second_part(tailored, table, *batch) - second_part(
        tailored, table, flat, batch[1]
    )
    wanted = second_part(brier, table, *batch) - second_part(
        brier, table, flat, batch[1]
    )
    torch.testing.assert_close(moved * tau * n_answers, wanted, rtol=1e-3, atol=1e-3)


@given(score_tables(K, extra=1), scores_and_codes(K))
def test_small_tau_scores_the_bayes_decision(values, batch):
    values[:, 0] += 1e-3 * np.pi * np.arange(K)
    table = score_table(values)
    scores, codes = batch
    q = torch.tensor(scores).softmax(-1).numpy()
    prepared = TailoredScoreLoss().prepare(table, torch.float64)
    expected = q @ prepared.matrix.numpy()
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, 1] - ordered[:, 0] > 1e-3
    wanted = prepared.matrix.numpy()[codes, expected.argmin(1)]
    found = second_part(TailoredScoreLoss(1.0, 1e-5), table, scores, codes).numpy()
    np.testing.assert_allclose(found[clear], wanted[clear], atol=1e-8)


@given(
    score_tables(K, extra=1),
    posteriors(K, n=1),
    st.sampled_from([0.01, 0.1, 1.0]),
)
def test_second_part_alone_is_proper(values, eta, tau):
    table = score_table(values)
    rng = np.random.default_rng(0)
    rivals = np.concatenate([eta, rng.dirichlet(np.ones(K), 30)])
    risks = np.zeros(len(rivals))
    loss = TailoredScoreLoss(1.0, tau)
    for y in range(K):
        codes = np.full(len(rivals), y)
        part = second_part(loss, table, np.log(rivals), codes)
        risks += eta[0, y] * part.numpy()
    assert risks[0] <= risks.min() + 1e-10


weights = st.sampled_from([0.0, 1e-3, 1.0, 50.0, 1e4])
softnesses = st.sampled_from([1e-4, 0.01, 0.1, 1.0, 1e3])
settings_of_any_size = st.builds(
    TailoredScoreLoss, weights, softnesses, st.sampled_from([0.0, 0.5])
)
square_and_wide_tables = st.integers(0, 2).flatmap(
    lambda extra: score_tables(K, extra=extra)
)
progresses = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


def risk(loss, table, eta, scores, progress):
    """Expected loss under the posterior eta (K,), of scores (n, K)."""
    prepared = loss.prepare(table, torch.float64)
    return sum(
        share
        * loss.pointwise(scores, torch.full((len(scores),), y), prepared, progress)
        for y, share in enumerate(eta)
    )


@given(
    settings_of_any_size,
    square_and_wide_tables,
    posteriors(K, n=1),
    progresses,
    st.integers(0, 2**31),
)
def test_posterior_has_least_risk_by_more_than_the_divergence(
    loss, values, eta, progress, seed
):
    rng = np.random.default_rng(seed)
    near = eta * np.exp(rng.normal(size=(15, K)) * 10.0 ** rng.uniform(-4, 0, (15, 1)))
    rivals = np.concatenate([eta, rng.dirichlet(np.ones(K), 15), near])
    rivals = np.maximum(rivals, 1e-12)
    rivals /= rivals.sum(axis=1, keepdims=True)
    scores = torch.tensor(np.log(rivals))
    risks = risk(loss, score_table(values), eta[0], scores, progress).numpy()
    # What is more than least is cross entropy's: the second part adds to it.
    divergence = (eta * np.log(eta / rivals)).sum(axis=1)
    rounding = 1e-12 * (1.0 + loss.lam * max(1.0, loss.tau))
    assert (risks - risks[0] >= divergence - rounding).all()


@given(
    settings_of_any_size,
    square_and_wide_tables,
    posteriors(K, n=1),
    progresses,
)
def test_risk_is_stationary_at_the_posterior(loss, values, eta, progress):
    scores = torch.tensor(np.log(eta), requires_grad=True)
    risk(loss, score_table(values), eta[0], scores, progress).sum().backward()
    steepness = max(1.0, loss.lam, loss.lam / loss.tau)
    np.testing.assert_allclose(scores.grad / steepness, 0.0, atol=1e-14)
    if steepness <= 1e5:
        np.testing.assert_allclose(scores.grad, 0.0, atol=1e-8)


@given(score_tables(K, extra=1), scores_and_codes(K))
def test_gradient_is_the_stated_one(values, batch):
    scores, codes = batch
    loss = TailoredScoreLoss(5.0, 0.2)
    prepared = loss.prepare(score_table(values), torch.float64)
    leaf = torch.tensor(scores, requires_grad=True)
    loss.pointwise(leaf, torch.tensor(codes), prepared).sum().backward()
    regret = prepared.matrix.numpy()
    q = torch.tensor(scores).softmax(-1).numpy()
    a = torch.tensor(-q @ regret / 0.2).softmax(-1).numpy()
    v = regret[codes] - q @ regret
    g = -(a * (v - (a * v).sum(1, keepdims=True)) / 0.2) @ regret.T
    wanted = q - np.eye(K)[codes] + 5.0 * q * (g - (q * g).sum(1, keepdims=True))
    np.testing.assert_allclose(leaf.grad, wanted, atol=1e-10)


@given(
    square_and_wide_tables,
    scores_and_codes(K, n=40),
    st.sampled_from([0.01, 0.1, 1.0]),
)
def test_gradient_of_the_second_part_is_bounded(values, batch, tau):
    scores, codes = torch.tensor(batch[0], requires_grad=True), batch[1]
    wrong = 1.0 - scores.detach().softmax(-1).numpy()[np.arange(40), codes]
    part = second_part(TailoredScoreLoss(1.0, tau), score_table(values), scores, codes)
    part.sum().backward()
    total = scores.grad.abs().sum(-1).numpy()
    assert (total <= wrong / (2 * tau) + 1e-12 / tau).all()


def test_a_classifier_warms_up_for_half_of_its_epochs_by_default():
    assert TailoredScoreLoss().warmup_fraction == 0.5


def test_no_weight_and_warm_up_are_cross_entropy():
    scores = np.random.default_rng(0).normal(size=(5, K))
    codes = np.array([0, 3, 1, 1, 2])
    plain = forward(CrossEntropyLoss(), TABLE, scores, codes)
    torch.testing.assert_close(
        forward(TailoredScoreLoss(0.0), TABLE, scores, codes), plain
    )
    warm = TailoredScoreLoss(warmup=0.5)
    assert warm.warmup_fraction == 0.5
    torch.testing.assert_close(forward(warm, TABLE, scores, codes, 0.49), plain)
    late = forward(warm, TABLE, scores, codes, 0.5)
    torch.testing.assert_close(late, forward(TailoredScoreLoss(), TABLE, scores, codes))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"lam": -1}, r"lam must be a finite number >= 0, got -1\.0"),
        ({"tau": 0}, r"tau must be a finite number > 0, got 0\.0"),
        ({"warmup": 2}, r"warmup must be a number >= 0 and <= 1, got 2\.0"),
    ],
)
def test_refuses_settings_out_of_range(settings, text):
    with pytest.raises(ValueError, match=rf"^tailored_score: {text}\.$"):
        TailoredScoreLoss(**settings).prepare(TABLE)
