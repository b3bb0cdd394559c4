"""Probabilities that a classifier gives to rows which it has not learned from."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _check_method_params

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._align import label_codes
from simclf.decision._check import check_proba
from simclf.decision._folds import check_groups, read_folds
from simclf.exceptions import SimilarityWarning


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

    Warns
    -----
    SimilarityWarning
        If most rows are left out for that.
    """
    if isinstance(estimator, FrozenEstimator):
        return Unseen(class_proba(estimator, rows.X, classes), rows.codes, rows.counts)
    check_groups(cv, split_params.get("groups"))
    parts, n_held_out = [_none(len(classes))], 0
    for fold in read_folds(cv, rows.X, rows.labels, rows.codes, split_params):
        n_held_out += int(np.count_nonzero(rows.counts[fold[1]]))
        if rows.is_learnable(fold[0]):
            parts.append(_judge(estimator, rows, classes, fold, fit_params))
    counts = np.concatenate([part.counts for part in parts])
    _warn_if_few(int(np.count_nonzero(counts)), n_held_out)
    return Unseen(
        np.concatenate([part.proba for part in parts]),
        np.concatenate([part.codes for part in parts]),
        counts,
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


def _warn_if_few(n_counted: int, n_held_out: int) -> None:
    """Warn where most of the rows held out tell nothing."""
    if 2 * n_counted >= n_held_out:
        return
    msg = (
        f"the calibration learns from {n_counted} of the {n_held_out} rows held out: "
        "the class of the others is not among the rows that their fold learns from. "
        "Pass folds that hold rows of every class on both sides, such as cv=5, or "
        "calibration=None."
    )
    warnings.warn(msg, SimilarityWarning, stacklevel=5)
