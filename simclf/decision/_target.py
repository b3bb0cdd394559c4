"""Labels and weights of the rows that a meta-estimator learns from."""

from numbers import Number
from reprlib import repr as shown
from typing import Any, NoReturn

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from simclf._typing import AnyArray, FloatArray
from simclf.decision._check import check_weights
from simclf.decision._missing import refuse_missing_labels, without_mask
from simclf.similarity._arrays import array_of
from simclf.similarity._labels import plain_labels, show_labels

_FLAT = "a flat list of labels"
_USE = "use words, bools or whole numbers below 2**63, e.g. by y.astype(str)"


def read_labels(y: Any, name: str = "y") -> AnyArray:
    """Labels as one array of a kind that estimators encode, none of them missing.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Also a pandas column: nullable, categorical, or of objects.
    name : str, default="y"
        What the user calls them.

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If a label is missing, or `y` is no column of class labels.
    TypeError
        If labels are dates, sets or the like, or mix words and numbers.
    """
    if y is None:
        msg = (
            f"{name} is None: fit requires y to be passed, but the target y is None. "
            "Pass one label for each row."
        )
        raise ValueError(msg)
    refuse_missing_labels(y, name)
    labels = _plain(_one_axis(without_mask(y), name), name)
    assert_all_finite(labels, input_name=name)
    _refuse_other_kinds(labels, name)
    return labels


def refuse_mixed(labels: list[Any], name: str) -> NoReturn:
    """Refuse labels of types that have no common order."""
    kinds = sorted({type(label).__name__ for label in labels})
    msg = (
        f"{name} mixes labels of types {kinds}, which have no common order; "
        "convert them to one type, e.g. with y.astype(str)."
    )
    raise TypeError(msg) from None


def _one_axis(y: Any, name: str) -> AnyArray:
    """Array of labels on one axis; a column is flattened with a warning."""
    if sparse.issparse(y):
        msg = f"{name} is a sparse {type(y).__name__}; pass a flat list of labels."
        raise TypeError(msg)
    labels = array_of(y, name, _FLAT)
    if labels.ndim == 2 and labels.shape[1] == 1:
        return np.asarray(column_or_1d(labels, warn=True))
    if labels.ndim != 1:
        what = f"an array of shape {labels.shape}" if labels.ndim else type(y).__name__
        msg = f"{name} should be a 1d array, got {what} instead; pass {_FLAT}."
        raise ValueError(msg)
    # numpy would turn the numbers beside words of a list into words.
    is_words = labels.dtype.kind == "U" and isinstance(y, list | tuple)
    if is_words and not all(isinstance(label, str) for label in y):
        refuse_mixed(list(y), name)
    return labels


def _plain(y: AnyArray, name: str) -> AnyArray:
    """Return labels held as objects as numpy holds them, where they are numbers."""
    if y.dtype != object:
        return y
    labels = y.tolist()
    n_words = sum(isinstance(label, str) for label in labels)
    if 0 < n_words < len(labels):
        refuse_mixed(labels, name)
    if n_words or not all(isinstance(label, Number | np.bool_) for label in labels):
        return y
    plain = np.array(labels)
    return plain if plain.dtype.kind in "biuf" else y


def _refuse_other_kinds(labels: AnyArray, name: str) -> None:
    """Refuse labels that are neither words nor whole numbers."""
    if labels.dtype.kind == "c":
        msg = f"{name} is complex. Complex data not supported: {_USE}."
        raise ValueError(msg)
    if labels.dtype.kind not in "biufOU":
        msg = (
            f"{name} holds values of dtype {labels.dtype}, which are no labels; {_USE}."
        )
        raise TypeError(msg)
    try:
        check_classification_targets(labels)
    except (TypeError, ValueError) as error:
        if labels.dtype == object:
            label = labels[0]
            msg = (
                f"{name}[0] is {shown(label)} of type {type(label).__name__}, which is "
                f"no label; {_USE}."
            )
            raise TypeError(msg) from None
        msg = f"{name} cannot be learned as labels: {error} {_USE.capitalize()}."
        raise ValueError(msg) from None


def read_classes(labels: AnyArray, counts: FloatArray) -> AnyArray:
    """Sorted labels, two at least of rows that count."""
    counted = np.unique(labels[counts > 0])
    if len(counted) < 2:
        msg = (
            f"y holds 1 class, {show_labels(plain_labels(counted))}, in rows of "
            "positive weight; a classifier needs rows of at least 2 classes."
        )
        raise ValueError(msg)
    return np.unique(labels)


def read_counts(sample_weight: Any, n_rows: int) -> FloatArray:
    """Weights as numbers of rows: those of mean below one are brought to mean one.

    Weights that sum to one would otherwise count as a single row, too few to calibrate
    by; whole numbers stay what they are, repetitions.
    """
    weights = check_weights(sample_weight, n_rows)
    if weights is None:
        return np.ones(n_rows)
    return np.asarray(weights / min(weights[weights > 0].mean(), 1.0))
