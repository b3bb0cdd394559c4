"""Good calls, each of which a test spoils in one place."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from simclf import BayesDecisionClassifier, SimilarityAwareClassifier

NAMES = ["ant", "bee", "cat"]
X = np.random.default_rng(0).normal(size=(12, 3))
Y = np.array(NAMES * 4)
CODES = np.arange(12) % 3
S = np.array([[1.0, 0.25, 0.0], [0.5, 2.0, -1.0], [0.125, 0.75, 3.0]])
PROBA = np.tile([0.5, 0.3, 0.2], (12, 1))
QUICK: dict[str, Any] = {
    "max_epochs": 2,
    "n_members": 1,
    "early_stopping": False,
    "calibration": None,
    "random_state": 0,
}

Call = Callable[[], object]


class Stubborn:
    """Anything whose conversion fails in a way that nobody foresees."""

    def __array__(self, dtype=None, copy=None):
        msg = "no"
        raise RuntimeError(msg)


def put(values: Any, position: Any, entry: Any) -> np.ndarray:
    """Copy of an array with one entry replaced; of objects, if need be."""
    values = np.asarray(values)
    fits = values.dtype.kind == "f" and isinstance(entry, float)
    copy = values.astype(np.float64 if fits else object)
    copy[position] = entry
    return copy


def each(*labels: Any) -> np.ndarray:
    """Twelve labels as objects, in turns."""
    column = np.empty(12, dtype=object)
    for row in range(12):
        column[row] = labels[row % len(labels)]
    return column


def frame(values: Any = S, rows: Any = NAMES, columns: Any = NAMES) -> pd.DataFrame:
    return pd.DataFrame(values, rows, columns)


def call(function: Callable[..., object], *arguments: Any, **settings: Any) -> Call:
    """Call a function later."""
    return lambda: function(*arguments, **settings)


def fit(X: Any = X, y: Any = Y, sample_weight: Any = None, **settings: Any) -> Call:
    """Fit with parameters, and with further arguments of ``fit`` by their names."""
    told = {
        name: settings.pop(name)
        for name in list(settings)
        if name.startswith("sample_") or name.endswith("_val")
    }
    clf = SimilarityAwareClassifier(**(QUICK | settings))
    return lambda: clf.fit(X, y, sample_weight, **told)


def fit_set(loss: str, **params: Any) -> Call:
    """Fit with a hyperparameter of a loss given by name."""

    def call() -> object:
        clf = SimilarityAwareClassifier(S, loss=loss, **QUICK)
        return clf.set_params(**params).fit(X, Y)

    return call


def partial(*calls: tuple[Any, ...], **settings: Any) -> Call:
    """Call ``partial_fit`` several times on a new classifier."""

    def call() -> object:
        clf = SimilarityAwareClassifier(**(QUICK | settings))
        for arguments in calls:
            clf.partial_fit(*arguments)
        return clf

    return call


@cache
def model() -> SimilarityAwareClassifier:
    return SimilarityAwareClassifier(S, **QUICK).fit(X, Y)


@cache
def named_model() -> SimilarityAwareClassifier:
    named = pd.DataFrame(X, columns=["length", "width", "height"])
    return SimilarityAwareClassifier(S, **QUICK).fit(named, Y)


@cache
def bayes_model() -> BayesDecisionClassifier:
    return BayesDecisionClassifier(LogisticRegression(), S, cv=2).fit(X, Y)


def ask(method: str, *arguments: Any) -> Call:
    """Ask a fitted classifier."""
    return lambda: getattr(model(), method)(*arguments)


def bayes(X: Any = X, y: Any = Y, sample_weight: Any = None, **settings: Any) -> Call:
    """Fit a BayesDecisionClassifier."""
    settings = {"estimator": LogisticRegression(), "similarity": S, "cv": 2} | settings
    return lambda: BayesDecisionClassifier(**settings).fit(X, y, sample_weight)
