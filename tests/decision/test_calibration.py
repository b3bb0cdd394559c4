"""Calibrators are fitted on rows not learned from, and stay on the simplex."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from simclf.decision import fit_temperature
from simclf.decision._calibration import Temperature, fit_calibrator, least_proba
from simclf.decision._unseen import Unseen
from tests.strategies import posteriors

METHODS = ["temperature", "sigmoid", "isotonic"]
NAMES = np.array(["ant", "bee", "cat", "dog"])


def distorted(n, k, power, seed=0):
    """Probabilities made too sure (power above one), labels of the honest ones."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.ones(k), size=n)
    codes = np.array([rng.choice(k, p=row) for row in honest])
    powers = honest**power
    proba = powers / powers.sum(axis=1, keepdims=True)
    return Unseen(proba, codes, np.ones(n)), honest


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("power", [0.2, 4.0])
@pytest.mark.parametrize("method", METHODS)
def test_distortion_is_undone(method, power, k):
    unseen, _ = distorted(3000, k, power)
    fresh, honest = distorted(3000, k, power, seed=1)
    calibrated = fit_calibrator(method, unseen, NAMES[:k])(fresh.proba)
    assert calibrated.sum(axis=1) == pytest.approx(1)
    error = np.abs(calibrated - honest).mean()
    assert error < 0.5 * np.abs(fresh.proba - honest).mean()


@pytest.mark.parametrize("method", METHODS)
def test_weights_count_as_repetitions(method):
    unseen, _ = distorted(120, 3, 3.0)
    counts = np.arange(120) % 4
    weighted = Unseen(unseen.proba, unseen.codes, counts.astype(float))
    repeated = Unseen(
        unseen.proba.repeat(counts, axis=0),
        unseen.codes.repeat(counts),
        np.ones(counts.sum()),
    )
    one, other = (
        fit_calibrator(method, rows, NAMES[:3])(unseen.proba)
        for rows in (weighted, repeated)
    )
    assert one == pytest.approx(other, abs=1e-5)
    assert one != pytest.approx(
        fit_calibrator(method, unseen, NAMES[:3])(unseen.proba), abs=1e-3
    )


def test_a_zero_counts_as_half_the_least_positive_probability():
    proba = np.array([[0.9, 0.1, 0.0], [0.04, 0.96, 0.0]])
    assert least_proba(proba) == 0.02


@pytest.mark.parametrize("rows", [[[1.0, 0.0, 0.0]] * 2, np.empty((0, 3))])
def test_a_zero_is_less_likely_than_an_even_guess(rows):
    assert least_proba(np.array(rows)) == pytest.approx(1 / 6)


def test_zeros_do_not_outweigh_all_other_rows():
    # Half sure of what is nearly certain, but for one vote in a hundred.
    proba = np.tile([0.5, 0.25, 0.25, 0.0], (200, 1))
    codes = np.array([0] * 196 + [3] * 4)
    found = fit_calibrator("temperature", Unseen(proba, codes, np.ones(200)), NAMES)
    assert found.temperature < 1 < fit_temperature(proba, codes)


def test_a_certain_tree_can_be_calibrated():
    proba, codes = np.eye(3)[np.arange(90) % 3], np.arange(90) % 3
    codes[:9] = (codes[:9] + 1) % 3
    unseen = Unseen(proba, codes, np.ones(90))
    for method in METHODS:
        calibrated = fit_calibrator(method, unseen, NAMES[:3])(proba)
        assert calibrated.max(axis=1) == pytest.approx(0.9, abs=0.07)


def test_without_rows_a_temperature_is_one():
    none = Unseen(np.empty((0, 2)), np.empty(0, np.intp), np.empty(0))
    assert fit_calibrator("temperature", none, NAMES[:2]).temperature == 1
    weightless = Unseen(np.array([[0.3, 0.7]]), np.array([0]), np.zeros(1))
    assert fit_calibrator("temperature", weightless, NAMES[:2]).temperature == 1


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_a_curve_needs_rows_of_its_class(method):
    unseen, _ = distorted(30, 4, 1.0)
    counts = np.where(np.isin(unseen.codes, [1, 3]), 0.0, 1.0)
    text = (
        f"calibration={method!r} fits a curve for each class, but there is no row held "
        "out of class ['bee', 'dog']; use calibration='temperature', one number for "
        "all classes, or pass more rows."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        fit_calibrator(method, Unseen(unseen.proba, unseen.codes, counts), NAMES)


@given(st.integers(2, 5).flatmap(posteriors), st.floats(0.05, 20), st.floats(0, 0.1))
def test_a_temperature_keeps_the_order_of_classes(proba, temperature, floor):
    calibrated = Temperature(temperature, floor)(proba)
    assert calibrated.sum(axis=1) == pytest.approx(1)
    for before, after in zip(proba, calibrated, strict=True):
        assert (np.diff(after[np.argsort(before)]) >= -1e-12).all()


def test_the_classifier_inside_is_as_small_as_it_looks():
    unseen, _ = distorted(60, 3, 1.0)
    fitted = fit_calibrator("sigmoid", unseen, NAMES[:3]).fitted
    assert fitted.cv is None, "the rows are kept"
    inside = fitted.estimator.predict(unseen.proba)
    assert np.array_equal(inside, unseen.proba.argmax(axis=1))


def test_curves_are_those_of_scikit_learn():
    # A regression whose scores are log odds: both calibrate the same numbers.
    X, y = make_blobs(300, centers=2, cluster_std=4.0, random_state=0)
    model, folds = LogisticRegression(), StratifiedKFold(5)
    theirs = CalibratedClassifierCV(model, method="sigmoid", cv=folds, ensemble=False)
    theirs.fit(X, y)
    proba = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
    unseen = Unseen(proba, y, np.ones(300))
    ours = fit_calibrator("sigmoid", unseen, NAMES[:2])(
        model.fit(X, y).predict_proba(X)
    )
    assert ours == pytest.approx(theirs.predict_proba(X), abs=1e-6)
    assert log_loss(y, ours) < 0.7
