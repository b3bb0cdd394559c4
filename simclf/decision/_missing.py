"""Labels that are missing, refused by their name and row."""

import math
from typing import Any

import numpy as np

from simclf._typing import AnyArray
from simclf.similarity._arrays import array_of


def refuse_missing_labels(y: Any, name: str) -> None:
    """Refuse labels that are None, nan, or what pandas and polars call missing."""
    if y is None:
        return
    if hasattr(y, "isna"):
        refuse_missing(np.asarray(y.isna()).ravel(), name)
        return
    # As they are: numpy would turn a nan among words of a list into the word 'nan'.
    dtype = object if isinstance(y, list | tuple) else None
    labels = array_of(y, name, "one label for each row", dtype)
    if labels.dtype.kind == "f":
        refuse_missing(np.isnan(labels).ravel(), name)
    elif labels.dtype.kind in "mM":
        refuse_missing(np.isnat(labels).ravel(), name)
    elif labels.dtype.kind == "O":
        nothing = [_is_nothing(label) for label in labels.ravel()]
        refuse_missing(np.array(nothing, dtype=bool), name)


def refuse_missing(is_missing: AnyArray, name: str) -> None:
    """Refuse labels some of which are marked as missing."""
    missing = np.flatnonzero(is_missing)
    if missing.size:
        msg = (
            f"{name}[{missing[0]}] is missing ({missing.size} rows are): Input "
            f"{name} contains NaN. Drop the unlabelled rows first."
        )
        raise ValueError(msg)


def without_mask(y: Any) -> Any:
    """Return a nullable column of pandas as the integers or flags that it stands for.

    scikit-learn would read them as floats, and ``predict`` then answer with floats.
    """
    dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    return y if dtype is None else np.asarray(y, dtype=dtype)


def _is_nothing(label: Any) -> bool:
    """Whether a label is None, a floating nan, or what pandas puts in their place."""
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, float | np.floating) and math.isnan(label)
