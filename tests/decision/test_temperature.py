"""The fitted temperature is the best one, and applying it stays on the simplex."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.decision import apply_temperature, fit_temperature
from tests.strategies import posteriors

THREE = [[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]


def sample(n, k, temperature, seed=0):
    """Labels drawn from posteriors, and those made over-sure by a temperature."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.ones(k), size=n)
    codes = np.array([rng.choice(k, p=row) for row in honest])
    powers = honest**temperature
    return powers / powers.sum(axis=1, keepdims=True), codes


def objective(log_temperature, proba, codes, weights):
    """Negative log posterior of a temperature, by plain loops."""
    total = (log_temperature / 0.5) ** 2 / 2
    for row, code, weight in zip(proba, codes, weights, strict=True):
        powers = [p ** (1 / np.exp(log_temperature)) for p in row]
        total -= weight * np.log(powers[code] / sum(powers))
    return total


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_distortion_is_found(temperature):
    proba, codes = sample(4000, 4, temperature)
    assert fit_temperature(proba, codes) == pytest.approx(temperature, rel=0.06)


@given(st.data())
def test_no_other_temperature_is_better(data):
    k = data.draw(st.integers(2, 5))
    proba = data.draw(posteriors(k, n=12))
    codes = data.draw(st.lists(st.integers(0, k - 1), min_size=12, max_size=12))
    weights = data.draw(st.lists(st.floats(0.1, 5), min_size=12, max_size=12))
    best = np.log(fit_temperature(proba, codes, weights))
    least = objective(best, proba, codes, weights)
    for other in (best - 0.05, best + 0.05, 0.0):
        if abs(other) <= 10:
            assert least <= objective(other, proba, codes, weights) + 1e-9


def test_another_loss_of_the_rows_has_another_temperature():
    proba, codes = sample(400, 4, 2.0)
    weights = np.linspace(0.1, 2, 400)
    truth = np.eye(4)[codes]

    def brier(log_proba):
        return ((truth - np.exp(log_proba)) ** 2).sum(axis=1)

    def total(temperature):
        powers = proba ** (1 / temperature)
        scaled = powers / powers.sum(axis=1, keepdims=True)
        prior = (np.log(temperature) / 0.5) ** 2 / 2
        return weights @ ((truth - scaled) ** 2).sum(axis=1) + prior

    best = fit_temperature(proba, codes, weights, row_loss=brier)
    assert total(best) <= min(total(best * 1.02), total(best / 1.02), total(1.0))
    assert best != pytest.approx(fit_temperature(proba, codes, weights), rel=1e-3)


def test_weights_count_as_repetitions():
    proba, codes = sample(60, 3, 2.0)
    weights = np.arange(60) % 4
    repeated = fit_temperature(proba.repeat(weights, axis=0), codes.repeat(weights))
    assert fit_temperature(proba, codes, weights) == pytest.approx(repeated, rel=1e-5)
    assert repeated != pytest.approx(fit_temperature(proba, codes), rel=1e-3)


def test_few_perfect_rows_cannot_give_an_absurd_temperature():
    proba = np.array([[0.9, 0.1]] * 20)
    assert 0.5 < fit_temperature(proba, [0] * 20) < 1.0


def test_temperature_stays_within_its_bounds():
    weights, flat, sure = [1e12] * 10, [[0.5001, 0.4999]] * 10, [[0.999, 0.001]] * 10
    lowest = fit_temperature(flat, [0] * 10, weights)
    assert lowest == pytest.approx(np.exp(-10), rel=1e-4)
    highest = fit_temperature(sure, [1] * 10, weights)
    assert highest == pytest.approx(np.exp(10), rel=1e-4)


@pytest.mark.parametrize(("power", "n"), [(0.002, 3000), (0.0005, 500), (0.01, 150)])
def test_nearly_equal_probabilities_are_told_apart(power, n):
    # The prior has a minimum of its own near one, which is not the least.
    honest, codes = sample(n, 4, 1.0)
    flat = honest**power
    temperature = fit_temperature(flat / flat.sum(axis=1, keepdims=True), codes)
    assert 0.5 < temperature / power < 3


def test_true_class_of_probability_zero_costs_much_but_not_all():
    proba, codes = [[1.0, 0.0]] * 50, [0] * 49 + [1]
    temperature = fit_temperature(proba, codes)
    assert 5 < temperature < np.exp(3)
    calibrated = apply_temperature(proba, temperature)
    assert 0 < calibrated[0, 1] < 0.05


@given(
    st.integers(2, 6).flatmap(posteriors),
    st.sampled_from([1e-3, 0.05, 0.7, 1.5, 20.0, 1e6]),
)
def test_applying_a_temperature_stays_on_the_simplex(proba, temperature):
    found = apply_temperature(proba, temperature)
    assert found.dtype == np.float64
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(found.argmax(axis=1), proba.argmax(axis=1))


@given(st.integers(2, 6).flatmap(posteriors), st.floats(0.3, 4.0))
def test_applying_a_temperature_takes_powers(proba, temperature):
    powers = proba ** (1 / temperature)
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(apply_temperature(proba, temperature), expected)


def test_temperature_of_one_gives_a_copy():
    proba = np.array([[0.0, 1.0], [0.1, 0.9]])
    found = apply_temperature(proba, 1.0)
    np.testing.assert_array_equal(found, proba)
    assert not np.shares_memory(found, proba)


def test_certain_rows_survive_the_extremes():
    found = apply_temperature([[1.0, 0.0]], 1e-3)
    assert found.tolist() == [[1.0, 0.0]]
    np.testing.assert_allclose(apply_temperature([[1.0, 0.0]], 1e9), 0.5, atol=1e-6)


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
def test_impossible_temperature_is_refused(temperature):
    sentence = (
        f"temperature is {temperature}; it must be positive and finite. Take it from "
        "fit_temperature."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        apply_temperature([[0.5, 0.5]], temperature)


def test_inputs_are_checked():
    with pytest.raises(ValueError, match=r"^proba\[0\] sums to 3; "):
        fit_temperature([[1.0, 2.0]], [0])
    with pytest.raises(ValueError, match=r"^codes\[0\] is 2; expected 0 to 1"):
        fit_temperature([[0.5, 0.5]], [2])
    with pytest.raises(ValueError, match=r"^sample_weight\[0\] is -1.0; "):
        fit_temperature([[0.5, 0.5]], [1], [-1.0])
    with pytest.raises(ValueError, match=r"^proba has shape \(2,\); "):
        apply_temperature([0.5, 0.5], 2.0)


@pytest.mark.parametrize(
    ("row_loss", "gave"),
    [
        (lambda log_proba: log_proba.mean(), "shape () and dtype float64"),
        (lambda log_proba: -log_proba, "shape (2, 3) and dtype float64"),
        (lambda log_proba: ["low", "high"], "shape (2,) and dtype <U4"),
    ],
)
def test_what_is_not_one_number_for_each_row_is_refused(row_loss, gave):
    told = (
        f"row_loss gave an array of {gave}; expected one number for each row, shape "
        "(2,)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        fit_temperature(THREE, [0, 1], row_loss=row_loss)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_losses_that_are_not_finite_are_refused(wrong):
    told = (
        f"row_loss gave {wrong} for row 1; every loss must be a finite number. Give it "
        "log probabilities by hand to see where it fails."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        fit_temperature(THREE, [0, 1], row_loss=lambda log_proba: [0.5, wrong])


def test_nan_is_refused_at_any_temperature():
    def row_loss(log_proba):
        return np.where(log_proba[:, 0] < -3, np.nan, -log_proba[:, 0])

    with pytest.raises(ValueError, match=r"^row_loss gave nan for row 0;"):
        fit_temperature([[0.2, 0.3, 0.5]], [0], row_loss=row_loss)


def test_losses_may_be_infinite_at_the_extremes():
    proba, codes = [[0.2, 0.3, 0.5], [0.5, 0.25, 0.25]], [0, 0]

    def row_loss(log_proba):
        loss = -log_proba[:, 0]
        return np.where(loss > 100, np.inf, loss)

    found = fit_temperature(proba, codes, row_loss=row_loss)
    assert found == pytest.approx(fit_temperature(proba, codes))


def test_a_loss_that_is_no_function_is_refused():
    told = (
        "row_loss is of type str; expected a function from log probabilities "
        "(n_samples, n_classes) to the loss of each row, or None."
    )
    with pytest.raises(TypeError, match=f"^{re.escape(told)}$"):
        fit_temperature([[0.5, 0.5]], [0], row_loss="log_loss")
