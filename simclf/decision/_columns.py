"""Columns of a frame found by their names; a bare array has none."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from simclf._typing import IntArray
from simclf.similarity._labels import (
    is_name,
    near_miss,
    plain_labels,
    repeated_labels,
    show_labels,
)


def named_columns(frame: Any, name: str, kind: str) -> list[object] | None:
    """Names of the columns, or None for a bare array.

    Parameters
    ----------
    frame : DataFrame of any library, or array-like
        Whatever has an iterable ``columns`` is a frame.
    name, kind : str
        What the error messages call the frame, and what a column stands for.

    Returns
    -------
    list or None

    Raises
    ------
    ValueError
        If a column has no name, or two have the same.
    """
    columns = getattr(frame, "columns", None)
    if isinstance(frame, np.ndarray) or not isinstance(columns, Iterable):
        return None
    labels = plain_labels(columns)
    if not all(is_name(label) for label in labels):
        msg = (
            f"{name} has a column without a name; its columns are "
            f"{show_labels(labels)}. Name every column by its {kind}."
        )
        raise ValueError(msg)
    repeated = repeated_labels(labels)
    if repeated:
        msg = (
            f"{name} has repeated columns {show_labels(repeated)}; every {kind} needs "
            "one column of its own. Rename or drop the others."
        )
        raise ValueError(msg)
    return labels


def find_columns(
    wanted: Sequence[object], labels: Sequence[object], name: str, kind: str
) -> IntArray:
    """Position of each wanted name among those of the columns.

    Parameters
    ----------
    wanted, labels : sequence
        Names to find, and those of :func:`named_columns`.
    name, kind : str
        What the error message calls the frame, and what a column stands for.

    Returns
    -------
    ndarray of shape (n_wanted,)

    Raises
    ------
    ValueError
        If a name is lacking.
    """
    position = {label: column for column, label in enumerate(labels)}
    lacking = [label for label in wanted if label not in position]
    if lacking:
        rename = near_miss(lacking[0], labels)
        mend = f"{rename} or add the column" if rename else "add the column"
        msg = (
            f"{name} has no column for {kind} {lacking[0]!r}. Its columns are "
            f"{show_labels(labels)}; {mend}."
        )
        raise ValueError(msg)
    return np.array([position[label] for label in wanted], dtype=np.intp)
