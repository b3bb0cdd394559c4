"""Labels and weights of the rows that a meta-estimator learns from."""

import math
from typing import Any

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from simclf._typing import AnyArray, FloatArray
from simclf.decision._check import check_weights
from simclf.similarity._labels import plain_labels, show_labels


def read_labels(y: Any) -> AnyArray:
    """Labels as one array of a kind that estimators encode, none of them missing.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Also a pandas column: nullable, categorical, or of objects.

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If a label is missing, or `y` is no column of class labels.
    """
    _refuse_missing(y)
    # scikit-learn would read a nullable column as floats, and answer with floats.
    dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    labels = column_or_1d(np.asarray(y, dtype=dtype), warn=True)
    if labels.dtype == object and not any(isinstance(label, str) for label in labels):
        labels = np.array(labels.tolist())
    assert_all_finite(labels, input_name="y")
    check_classification_targets(labels)
    return np.asarray(labels)


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


def _refuse_missing(y: Any) -> None:
    """Refuse labels that pandas calls missing, None, and nan."""
    if hasattr(y, "isna"):
        missing = np.flatnonzero(np.asarray(y.isna()))
    else:
        # numpy would turn a nan among words into the word 'nan'.
        labels = y if isinstance(y, list | tuple) else np.asarray(y).ravel().tolist()
        missing = np.flatnonzero([_is_nothing(label) for label in labels])
    if missing.size and y is not None:
        msg = (
            f"y[{missing[0]}] is missing ({missing.size} rows are): Input y contains "
            "NaN. Drop the unlabelled rows first."
        )
        raise ValueError(msg)


def _is_nothing(label: Any) -> bool:
    """Whether a label is None or a floating nan."""
    return label is None or (isinstance(label, float) and math.isnan(label))
