"""Labels and weights of the rows that a meta-estimator learns from."""

from typing import Any

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from simclf._typing import AnyArray, FloatArray
from simclf.decision._check import check_weights
from simclf.decision._missing import refuse_missing_labels, without_mask
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
    refuse_missing_labels(y, "y")
    labels = column_or_1d(np.asarray(without_mask(y)), warn=True)
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
