"""Probabilities that a classifier gives to rows which it has not learned from."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _check_method_params

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._align import label_codes
from simclf.decision._check import check_proba

_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to learn from: features, labels as given and as codes, and weights."""

    X: Any
    labels: AnyArray
    codes: IntArray
    counts: FloatArray

    def is_learnable(self, index: IntArray) -> bool:
        """Whether some rows hold two classes of positive weight."""
        counted = index[self.counts[index] > 0]
        return len(np.unique(self.codes[counted])) >= 2


@dataclass(frozen=True, eq=False)
class Unseen:
    """Probabilities (m, n_classes) of rows not learned from, their codes and weights.

    A row that several folds hold out is there several times.
    """

    proba: FloatArray
    codes: IntArray
    counts: FloatArray


def unseen_rows(
    estimator: Any,
    rows: Rows,
    classes: AnyArray,
    cv: Any,
    *,
    fit_params: dict[str, Any],
    split_params: dict[str, Any],
) -> Unseen:
    """Judge every row by a classifier that has not learned from it.

    Parameters
    ----------
    estimator : estimator
        Cloned for each fold. A FrozenEstimator is asked as it is, about all rows.
    rows : Rows
        Rows to be held out in turn.
    classes : ndarray of shape (n_classes,)
        Labels of the columns wanted.
    cv : int, splitter, iterable or None
        How rows are held out.
    fit_params, split_params : dict
        What was routed to the estimator and to the splitter.

    Returns
    -------
    Unseen
        Without the rows of a class that the classifier of their fold has not met: it
        could only say zero, which tells nothing about its other probabilities.
    """
    if isinstance(estimator, FrozenEstimator):
        return Unseen(class_proba(estimator, rows.X, classes), rows.codes, rows.counts)
    parts = [
        _judge(estimator, rows, classes, fold, fit_params)
        for fold in _folds(cv, rows, split_params)
        if rows.is_learnable(fold[0])
    ]
    parts = [_none(len(classes)), *parts]
    return Unseen(
        np.concatenate([part.proba for part in parts]),
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )


def class_proba(model: Any, X: Any, classes: AnyArray) -> FloatArray:
    """Probabilities with one column for each class, zero for those not met in fit."""
    name = type(model).__name__
    proba = check_proba(model.predict_proba(X), name=f"{name}.predict_proba(X)")
    columns = label_codes(model.classes_, classes, f"{name}.classes_", "class")
    if np.array_equal(columns, np.arange(len(classes))):
        return proba
    whole = np.zeros((len(proba), len(classes)))
    whole[:, columns] = proba
    return whole


def _judge(
    estimator: Any,
    rows: Rows,
    classes: AnyArray,
    fold: tuple[IntArray, IntArray],
    fit_params: dict[str, Any],
) -> Unseen:
    """Learn from the first part of a fold and judge the second."""
    train, test = fold
    params = _check_method_params(rows.X, fit_params, indices=train)
    model = clone(estimator)
    model.fit(_safe_indexing(rows.X, train), rows.labels[train], **params)
    met = label_codes(model.classes_, classes, "classes_", "class")
    test = test[np.isin(rows.codes[test], met)]
    if not test.size:
        return _none(len(classes))
    proba = class_proba(model, _safe_indexing(rows.X, test), classes)
    return Unseen(proba, rows.codes[test], rows.counts[test])


def _none(n_classes: int) -> Unseen:
    """No row at all, which estimators cannot be asked about."""
    return Unseen(np.empty((0, n_classes)), np.empty(0, np.intp), np.empty(0))


def _folds(
    cv: Any, rows: Rows, split_params: dict[str, Any]
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the rows to learn from and those to judge."""
    if cv is None or isinstance(cv, Integral):
        yield from _stratified(_FOLDS if cv is None else int(cv), rows)
    else:
        splitter = check_cv(cv, rows.labels, classifier=True)
        for train, test in splitter.split(rows.X, rows.labels, **split_params):
            yield np.asarray(train), np.asarray(test)


def _stratified(n_folds: int, rows: Rows) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield stratified folds, fewer where the largest class has fewer rows."""
    if n_folds < 2:
        msg = (
            f"cv={n_folds} must be at least 2, so that some rows are held out; or pass "
            "calibration=None."
        )
        raise ValueError(msg)
    n_folds = min(n_folds, int(np.bincount(rows.codes).max()))
    if n_folds < 2:
        return
    with warnings.catch_warnings():
        # A class of few rows is held out in as many folds as it has rows.
        warnings.filterwarnings("ignore", message="The least populated class")
        folds = list(StratifiedKFold(n_folds).split(rows.codes, rows.codes))
    yield from folds
