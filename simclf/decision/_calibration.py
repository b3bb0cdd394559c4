"""Calibrators: what makes the probabilities of a classifier honest, fitted and kept."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.special import logit
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._temperature import apply_temperature, fit_temperature
from simclf.decision._unseen import Unseen
from simclf.similarity._labels import plain_labels, show_labels


class Calibrator(Protocol):
    """What turns the probabilities of a classifier into honest ones."""

    def __call__(self, proba: FloatArray) -> FloatArray:
        """Calibrate rows on the simplex, (n_samples, n_classes)."""


def fit_calibrator(method: str, unseen: Unseen, classes: AnyArray) -> Calibrator:
    """Fit a calibrator on rows that were not learned from.

    Parameters
    ----------
    method : {"temperature", "sigmoid", "isotonic"}
        Kind of calibrator.
    unseen : Unseen
        Rows to fit on; none at all leave a temperature at one.
    classes : ndarray of shape (n_classes,)
        Labels of the columns, for messages.

    Returns
    -------
    Calibrator

    Raises
    ------
    ValueError
        If "sigmoid" or "isotonic" has no row of some class.
    """
    floor = least_proba(unseen.proba)
    if method == "temperature":
        return _fit_temperature(unseen, floor)
    _refuse_classes_without_rows(method, unseen, classes)
    return _fit_one_against_rest(method, unseen, floor)


def least_proba(proba: FloatArray) -> float:
    """Half the least positive probability, and less than that of an even guess.

    That is what a zero counts as. A forest of 100 trees says zero where one of 200
    trees would have said otherwise; taken at its word, a true class of probability
    zero would ask for a far higher temperature than all the other rows.
    """
    positive = proba[proba > 0]
    even = 1 / proba.shape[1]
    return float(min(positive.min(initial=even), even) / 2)


@dataclass(frozen=True)
class Temperature:
    """Probabilities to the power of one over a temperature.

    Parameters
    ----------
    temperature : float
        Above one for a classifier that is too sure of itself.
    floor : float
        What smaller probabilities are taken for.
    """

    temperature: float
    floor: float

    def __call__(self, proba: FloatArray) -> FloatArray:
        """Calibrate rows on the simplex, (n_samples, n_classes)."""
        return apply_temperature(_lifted(proba, self.floor), self.temperature)


@dataclass(frozen=True, eq=False)
class OneAgainstRest:
    """A calibrator of scikit-learn for the log odds of each class.

    Parameters
    ----------
    fitted : CalibratedClassifierCV
        Fitted on log odds.
    floor : float
        What smaller probabilities are taken for.
    """

    fitted: CalibratedClassifierCV
    floor: float

    def __call__(self, proba: FloatArray) -> FloatArray:
        """Calibrate rows on the simplex, (n_samples, n_classes)."""
        lifted = _lifted(proba, self.floor)
        return np.asarray(self.fitted.predict_proba(lifted), dtype=np.float64)


class _LogOdds(ClassifierMixin, BaseEstimator):
    """Classifier whose features are probabilities, and whose scores their log odds.

    scikit-learn's calibrators want a classifier. On log odds, unlike probabilities,
    a sigmoid can leave a classifier that is honest already as it is.
    """

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes

    @property
    def classes_(self) -> IntArray:
        return np.arange(self.n_classes)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "_LogOdds":
        return self

    def decision_function(self, X: FloatArray) -> FloatArray:
        certain = np.finfo(np.float64).eps
        odds = logit(np.clip(X, certain, 1 - certain))
        return np.asarray(odds[:, 1] if self.n_classes == 2 else odds)

    def predict(self, X: FloatArray) -> IntArray:
        return np.asarray(X.argmax(axis=1))


def _fit_temperature(unseen: Unseen, floor: float) -> Temperature:
    """Fit one number; without rows, the prior's mode."""
    if not unseen.counts.any():
        return Temperature(1.0, floor)
    lifted = _lifted(unseen.proba, floor)
    return Temperature(fit_temperature(lifted, unseen.codes, unseen.counts), floor)


def _fit_one_against_rest(method: str, unseen: Unseen, floor: float) -> OneAgainstRest:
    """Fit scikit-learn's calibrators on all the rows at once."""
    every = np.arange(len(unseen.codes))
    calibrated = CalibratedClassifierCV(
        _LogOdds(unseen.proba.shape[1]),
        method=method,
        cv=[(every, every)],
        ensemble=False,
    )
    # Who gets the weights is settled: the user's routing is not for these.
    with config_context(enable_metadata_routing=False):
        lifted = _lifted(unseen.proba, floor)
        calibrated.fit(lifted, unseen.codes, sample_weight=unseen.counts)
    calibrated.set_params(cv=None)  # the rows need not be kept
    return OneAgainstRest(calibrated, floor)


def _lifted(proba: FloatArray, floor: float) -> FloatArray:
    """Rows on the simplex whose entries are hardly below a floor."""
    lifted = np.maximum(proba, floor)
    return np.asarray(lifted / lifted.sum(axis=1, keepdims=True))


def _refuse_classes_without_rows(
    method: str, unseen: Unseen, classes: AnyArray
) -> None:
    """Refuse to fit a curve for a class of which no row was held out."""
    n_rows = np.bincount(unseen.codes[unseen.counts > 0], minlength=len(classes))
    if n_rows.all():
        return
    lacking = show_labels(plain_labels(classes[n_rows == 0]))
    msg = (
        f"calibration={method!r} fits a curve for each class, but there is no row held "
        f"out of class {lacking}; use calibration='temperature', one number for all "
        "classes, or pass more rows."
    )
    raise ValueError(msg)
