"""The table of a loss that is used by itself, where nobody has read it before."""

from typing import Any

import numpy as np
from scipy.sparse import issparse

from simclf._typing import AnyArray
from simclf.similarity import ScoreTable, resolve_table


def read_table(
    similarity: Any, *, cost: Any = None, classes: AnyArray | None = None
) -> ScoreTable:
    """Read a table whose classes are given, or are the table's own."""
    if isinstance(similarity, ScoreTable):
        return similarity
    if classes is None:
        classes = _own_classes(cost if similarity is None else similarity)
    return resolve_table(similarity, classes, cost=cost)


def _own_classes(table: Any) -> AnyArray:
    """Return the index of a labelled table, or 0..K-1."""
    if hasattr(table, "columns") and hasattr(table, "index"):
        return np.asarray(table.index)
    if table is None or callable(table):
        got = "a callable" if callable(table) else "no table"
        msg = (
            f"the number of classes is unknown: got {got} and no classes. "
            "Pass classes=[...], the labels in the order of the codes."
        )
        raise ValueError(msg)
    return np.arange(table.shape[0] if issparse(table) else len(table))
