"""Folds by which rows are held out: read from ``cv`` or refused, by parameter."""

import warnings
from collections.abc import Iterable, Iterator
from numbers import Integral
from reprlib import repr as shown
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold, check_cv

from simclf._typing import AnyArray, IntArray

_FOLDS = 5


def check_groups(cv: Any, groups: Any) -> None:
    """Refuse a splitter that lacks the groups it wants; warn if none looks at them.

    Parameters
    ----------
    cv : int, splitter, iterable or None
        How rows are held out.
    groups : array-like of shape (n_samples,) or None
        Labels of what is to be held out as a whole.

    Raises
    ------
    ValueError
        If groups are wanted and there are none.
    """
    if groups is None:
        _refuse_lack_of_groups(cv)
    elif cv is None or isinstance(cv, Integral):
        msg = (
            f"groups are given but cv={cv} parts rows of one group, so the calibration "
            "judges by rows that are hardly new; pass cv=GroupKFold(5) or "
            "cv=StratifiedGroupKFold(5) of sklearn.model_selection."
        )
        warnings.warn(msg, UserWarning, stacklevel=5)


def read_folds(
    cv: Any, X: Any, labels: AnyArray, codes: IntArray, split_params: dict[str, Any]
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the rows to learn from and those to judge.

    Parameters
    ----------
    cv : int, splitter, iterable or None
        How rows are held out.
    X, labels : array-like of n_samples rows
        What a splitter is given.
    codes : ndarray of shape (n_samples,)
        The same labels as codes.
    split_params : dict
        What a splitter is given besides, such as the groups.

    Yields
    ------
    train, test : ndarray
        Numbers of rows.

    Raises
    ------
    ValueError, TypeError
        If `cv` holds out nothing, or names rows that there are not.
    """
    if cv is None or isinstance(cv, Integral):
        yield from _stratified(_FOLDS if cv is None else int(cv), codes)
        return
    given = isinstance(cv, Iterable) and not hasattr(cv, "split")
    folds = cv if given else check_cv(cv).split(X, labels, **split_params)
    number = -1
    for number, fold in enumerate(folds):
        yield _read_fold(fold, number, len(codes))
    if number < 0:
        msg = (
            f"cv={cv!r} has no folds, so no row is held out; pass the number of folds, "
            "e.g. cv=5, or calibration=None."
        )
        raise ValueError(msg)


def _stratified(n_folds: int, codes: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield stratified folds, fewer where the largest class has fewer rows."""
    if n_folds < 2:
        msg = (
            f"cv={n_folds} must be at least 2, so that some rows are held out; or pass "
            "calibration=None."
        )
        raise ValueError(msg)
    n_folds = min(n_folds, int(np.bincount(codes).max()))
    if n_folds < 2:
        return
    with warnings.catch_warnings():
        # A class of few rows is held out in as many folds as it has rows.
        warnings.filterwarnings("ignore", message="The least populated class")
        folds = list(StratifiedKFold(n_folds).split(codes, codes))
    yield from folds


def _refuse_lack_of_groups(cv: Any) -> None:
    """Refuse a splitter that wants groups."""
    if not hasattr(cv, "get_metadata_routing"):
        return
    if cv.get_metadata_routing().split.requests.get("groups") is True:
        msg = (
            f"cv={cv!r} holds out whole groups but is given none; call "
            "fit(X, y, groups=...) with one label for each row, such as its patient."
        )
        raise ValueError(msg)


def _read_fold(fold: Any, number: int, n_rows: int) -> tuple[IntArray, IntArray]:
    """Numbers of the rows of one fold, both parts in range."""
    if not isinstance(fold, Iterable) or len(parts := list(fold)) != 2:
        msg = (
            f"cv: fold {number} is {shown(fold)}; expected a pair of lists of row "
            "numbers, those to learn from and those to hold out."
        )
        raise TypeError(msg)
    train, test = (_read_rows(part, number, n_rows) for part in parts)
    if not train.size or not test.size:
        what = "to learn from" if not train.size else "held out"
        msg = f"cv: fold {number} has no rows {what}; give it some or leave it out."
        raise ValueError(msg)
    return train, test


def _read_rows(part: Any, number: int, n_rows: int) -> IntArray:
    """Numbers of the rows of one part of a fold; a mask is turned into them."""
    rows = np.asarray(part)
    if rows.dtype == bool and rows.shape == (n_rows,):
        return np.flatnonzero(rows)
    if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
        msg = (
            f"cv: fold {number} has rows of shape {rows.shape} and dtype {rows.dtype}; "
            f"expected a flat list of row numbers from 0 to {n_rows - 1}."
        )
        raise TypeError(msg)
    rows = rows.astype(np.intp)
    wrong = rows[(rows < -n_rows) | (rows >= n_rows)]
    if wrong.size:
        msg = (
            f"cv: fold {number} has row {wrong[0]} but there are {n_rows} rows, "
            f"numbered from 0 to {n_rows - 1}; make the folds from the rows given to "
            "fit."
        )
        raise ValueError(msg)
    return rows
