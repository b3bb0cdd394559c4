"""Weights of rows and of classes, checked and brought to mean one."""

from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from simclf._typing import AnyArray, FloatArray
from simclf.similarity._arrays import array_of, to_floats


def read_weights(
    sample_weight: Any, n_rows: int, name: str, of: str = "X"
) -> FloatArray | None:
    """Check weights: one finite, non-negative number for each row, not all zero.

    ``name`` and ``of`` are what the user calls the weights and the rows.
    """
    if sample_weight is None:
        return None
    weight = _floats(sample_weight, name, of)
    if weight.ndim == 0:
        weight = np.full(n_rows, weight)
    if weight.shape != (n_rows,):
        msg = (
            f"{name} has shape {weight.shape}, but {of} has {n_rows} rows; pass one "
            f"number for each row, shape ({n_rows},)."
        )
        raise ValueError(msg)
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if bad.size:
        position = int(bad[0])
        msg = (
            f"{name}[{position}] is {weight[position].item()}; weights must be finite "
            "and not negative. Use 0 to leave a row out."
        )
        raise ValueError(msg)
    if not weight.any():
        msg = (
            "Sample weights must contain at least one non-zero number: every entry of "
            f"{name} is 0, so no row is left to learn from."
        )
        raise ValueError(msg)
    return weight


def _floats(sample_weight: Any, name: str, of: str) -> FloatArray:
    """Weights as floats, refused where they are no numbers."""
    given = array_of(sample_weight, name, f"one number for each row of {of}")
    try:
        if given.dtype.kind not in "biufO":
            msg = f"they are of dtype {given.dtype}"
            raise TypeError(msg)
        return to_floats(given)
    except (OverflowError, TypeError, ValueError) as error:
        msg = f"{name} must hold one number for each row of {of}: {error}."
        raise ValueError(msg) from None


def class_weights(
    class_weight: Any,
    classes: AnyArray,
    y: AnyArray,
    sample_weight: FloatArray | None,
) -> FloatArray:
    """Weight of each class, from "balanced" or a dict of labels."""
    try:
        found = compute_class_weight(
            class_weight, classes=classes, y=y, sample_weight=sample_weight
        )
        weights = np.asarray(found, dtype=np.float64)
    except (OverflowError, TypeError, ValueError) as error:
        reason = str(error).rstrip(".")
        msg = (
            f"class_weight={class_weight!r:.80} cannot be used: {reason}. Pass "
            "None, 'balanced' or a dict with a weight for every label."
        )
        raise ValueError(msg) from None
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if bad.size:
        label = classes[bad[:1]].tolist()[0]
        msg = (
            f"class_weight of class {label!r} is {weights[bad[0]].item()}; weights "
            "must be finite and not negative."
        )
        raise ValueError(msg)
    return weights


def mean_one(weight: FloatArray) -> FloatArray:
    """Scale weights to mean 1 without overflow or underflow on the way."""
    # A positive weight stays positive, however small beside the largest.
    scaled = weight / weight.max()
    scaled[scaled == 0] = np.finfo(np.float64).tiny
    return np.asarray(scaled / scaled.mean(), dtype=np.float64)
