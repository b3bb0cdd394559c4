"""Where the risk is least, and what is decided there, found without the library.

The solver is scipy's BFGS on the scores, from several starts; posteriors and tables
are random, the tables asymmetric.
"""

import inspect

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from simclf.losses import (
    CrossEntropyLoss,
    LogExpectedScoreLoss,
    PairwiseLoss,
    SoftmaxMarginLoss,
    SoftTargetLoss,
)
from tests.losses.cases import CASES, K, forward, score_table

CLEAR = 1e-3
"""Answers whose expected scores differ by less may be decided either way."""


def cases(**promises):
    """Mark a test for the cases with these promises."""
    chosen = [
        case
        for case in CASES
        if all(getattr(case, key) == value for key, value in promises.items())
    ]
    return pytest.mark.parametrize("case", chosen, ids=str)


def random_tables(case, n, seed=0):
    """Tables that the case takes, without constant rows."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        extra = 0 if case.square_only or case.line_tables else rng.integers(3)
        values = rng.normal(size=(K, K + extra)) + np.eye(K, K + extra)
        if case.line_tables:
            points = np.sort(rng.normal(size=K))
            values = rng.normal(size=(K, 1)) - np.abs(points[:, None] - points)
        yield score_table(values)


def random_posteriors(n, seed=0):
    """Posteriors that leave no class out."""
    return 0.96 * np.random.default_rng(seed).dirichlet(np.ones(K), n) + 0.04 / K


def solve(loss, posterior, table, n_starts=3):
    """Scores of least risk, by BFGS from zero and from random scores, and the risk."""
    prepared = loss.prepare(table, torch.float64)
    n_outputs = loss.n_outputs(table.n_classes, table.n_decisions)
    codes, weights = torch.arange(K), torch.tensor(posterior)
    rng = np.random.default_rng(0)

    def risk(z):
        leaf = torch.tensor(z, requires_grad=True)
        value = loss.pointwise(leaf.expand(K, -1), codes, prepared) @ weights
        value.backward()
        return value.item(), leaf.grad.numpy()

    starts = [np.zeros(n_outputs), *rng.normal(size=(n_starts - 1, n_outputs))]
    ends = [
        minimize(risk, start, method="BFGS", jac=True, options={"gtol": 1e-9})
        for start in starts
    ]
    best = min(ends, key=lambda end: end.fun)
    return best.x, best.fun


def outputs(loss, scores, table):
    """What the minimiser is stated in: probabilities, or expected scores as scores."""
    if loss.gives_expected_scores:
        return scores
    return loss.proba(torch.tensor(scores), loss.prepare(table, torch.float64)).numpy()


def decide(loss, found, table):
    """Codes of the answers that the stated decision takes, and whether they are so."""
    if loss.consistent_decision == "bayes":
        return (found @ table.values).argmax(axis=-1)
    return found.argmax(axis=-1)


def bayes(posterior, table):
    """Codes of the Bayes decision, and where it is clear."""
    worth = posterior @ table.values
    ordered = np.sort(worth, axis=-1)
    return worth.argmax(axis=-1), ordered[..., -1] - ordered[..., -2] > CLEAR


@cases(interior=True)
def test_another_solver_ends_at_the_stated_minimiser(case):
    eta = random_posteriors(3)
    for row, table in zip(eta, random_tables(case, 3), strict=True):
        scores, _ = solve(case.loss, row, table)
        (stated,) = case.loss.minimiser(row[None], table)
        found = outputs(case.loss, scores, table)
        np.testing.assert_allclose(found, stated, atol=2e-6)


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if not c.interior and c.loss.name != "expected_score"],
    ids=str,
)
def test_another_solver_finds_no_less_risk_on_the_border(case):
    eta = random_posteriors(3)
    for row, table in zip(eta, random_tables(case, 3), strict=True):
        _, least = solve(case.loss, row, table)
        (stated,) = case.loss.minimiser(row[None], table)
        scores = np.tile(np.log(np.maximum(stated, 1e-290)), (K, 1))
        risk = row @ forward(case.loss, table, scores, np.arange(K)).numpy()
        assert risk <= least + 1e-6
        assert least <= risk + 1e-3


@cases(bayes_exact=True, softened=False)
def test_scores_of_least_risk_call_for_the_bayes_decision(case):
    eta = random_posteriors(3, seed=1)
    for row, table in zip(eta, random_tables(case, 3, seed=1), strict=True):
        best, clear = bayes(row, table)
        assert clear
        scores, _ = solve(case.loss, row, table)
        found = outputs(case.loss, scores, table)
        assert decide(case.loss, found, table) == best


@cases(bayes_exact=True)
def test_the_stated_decision_is_the_bayes_decision_thousands_of_times(case):
    eta = random_posteriors(100)
    for table in random_tables(case, 50):
        best, clear = bayes(eta, table)
        found = decide(case.loss, case.loss.minimiser(eta, table), table)
        np.testing.assert_array_equal(found[clear], best[clear])


@pytest.mark.parametrize(
    ("loss", "n_tables", "n_rows", "stated"),
    [
        (CrossEntropyLoss(label_smoothing=0.1), 100, 40, 97),
        (LogExpectedScoreLoss(), 8, 80, 84),
        (PairwiseLoss(symmetrize=False), 7, 7, 87),
        (SoftTargetLoss(), 100, 40, 65),
        (SoftTargetLoss(temperature=1.0), 100, 40, 92),
        (SoftTargetLoss(temperature=10.0), 100, 40, 99),
    ],
    ids=str,
)
def test_how_often_the_decision_is_the_bayes_decision(loss, n_tables, n_rows, stated):
    rng = np.random.default_rng(0)
    right = []
    for _ in range(n_tables):
        values = rng.random((K, K))
        np.fill_diagonal(values, 1.0)
        table = score_table(values)
        eta = rng.dirichlet(np.ones(K), n_rows)
        best, _ = bayes(eta, table)
        right.append(decide(loss, loss.minimiser(eta, table), table) == best)
    # Where the minimiser is a slow search there are few problems.
    error = max(1.0, 300 * np.sqrt(0.84 * 0.16 / (n_tables * n_rows)))
    assert abs(100 * np.mean(right) - stated) < error
    assert f"{stated} %" in inspect.getdoc(type(loss))


def test_argmax_of_softmax_margin_scores_is_not_consistent():
    loss = SoftmaxMarginLoss()
    right = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        values = rng.random((K, K))
        np.fill_diagonal(values, 1.0)
        table, row = score_table(values), rng.dirichlet(np.ones(K))
        scores, _ = solve(loss, row, table, n_starts=1)
        best, _ = bayes(row, table)
        right.append(scores.argmax() == best)
        linked = outputs(loss, scores, table)
        np.testing.assert_allclose(linked, row, atol=1e-6)
    assert 0.3 < np.mean(right) < 1.0
