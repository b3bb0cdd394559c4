"""The log-optimal mixture: optimal by its own certificate."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simclf.losses._kelly import log_optimal_mixture
from tests.strategies import posteriors


def growth(eta, returns, q):
    return (eta * np.log(q @ returns.T)).sum(axis=1)


@given(posteriors(4), st.integers(0, 50))
def test_no_other_mixture_grows_faster(eta, seed):
    rng = np.random.default_rng(seed)
    returns = rng.random((4, 6)) + 1e-3
    found = log_optimal_mixture(eta, returns)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    best = growth(eta, returns, found)
    for rival in rng.dirichlet(np.full(6, 0.3), size=50):
        assert (growth(eta, returns, rival) <= best + 1e-6).all()


def test_the_mixture_may_lie_on_the_border():
    returns = np.array([[1.0, 0.5, 0.7], [0.1, 1.0, 0.7]])
    found = log_optimal_mixture(np.array([[0.5, 0.5]]), returns)
    gradient = (0.5 / (found @ returns.T)) @ returns
    np.testing.assert_allclose(gradient[found > 1e-6], 1.0, atol=1e-6)
    assert (gradient <= 1 + 1e-6).all()
    assert found.min() < 1e-6


def test_horse_races_are_bet_by_the_posterior():
    eta = np.array([[0.2, 0.0, 0.8]])
    np.testing.assert_allclose(log_optimal_mixture(eta, np.eye(3)), eta, atol=1e-12)
