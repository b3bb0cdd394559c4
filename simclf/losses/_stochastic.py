"""User-given matrices whose rows are distributions: noise matrices and targets."""

from typing import Any

import numpy as np

from simclf._typing import AnyArray, FloatArray
from simclf.similarity import ScoreTable, resolve_table

_TOLERANCE = 1e-6


def read_stochastic(
    matrix: Any, classes: AnyArray, owner: str, parameter: str
) -> ScoreTable:
    """Align a row-stochastic matrix to the classes; refuse any other.

    A labelled frame that knows more classes is cut, and what is left of its rows
    brought back to a sum of one: the distribution given that the class is known.
    """
    if hasattr(matrix, "columns") and hasattr(matrix, "index"):
        whole = _read(matrix, np.asarray(matrix.index), owner, parameter)
        _check_rows(whole, owner, parameter)
        table = _read(matrix, classes, owner, parameter)
    else:
        table = _read(matrix, classes, owner, parameter)
        _check_rows(table, owner, parameter)
    rows = _normalised(table, owner, parameter)
    return ScoreTable(rows, table.classes, table.decisions, table.given_as)


def _read(matrix: Any, classes: AnyArray, owner: str, parameter: str) -> ScoreTable:
    """Read the matrix as score tables are read, with errors in its own name."""
    try:
        return resolve_table(matrix, classes)
    except (TypeError, ValueError) as error:
        text = str(error).replace("similarity", parameter)
        msg = f"{owner}: {text}"
        raise type(error)(msg) from None


def _check_rows(table: ScoreTable, owner: str, parameter: str) -> None:
    """Refuse negative entries and rows that do not sum to one."""
    negative = np.argwhere(table.values < 0.0)
    if negative.size:
        row, column = negative[0]
        msg = (
            f"{owner}: {parameter} has the negative entry "
            f"{table.values[row, column].item()!r} in the row of class "
            f"{_label(table.classes, row)!r}, column "
            f"{_label(table.decisions, column)!r}. Rows must be distributions."
        )
        raise ValueError(msg)
    sums = table.values.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1.0) > _TOLERANCE)
    if wrong.size:
        row = wrong[0]
        msg = (
            f"{owner}: the {parameter} row of class {_label(table.classes, row)!r} "
            f"sums to {sums[row].item():.6g}, expected 1. Divide each row by its sum."
        )
        raise ValueError(msg)


def _normalised(table: ScoreTable, owner: str, parameter: str) -> FloatArray:
    """Divide each row by its sum; refuse a row of which the cut left nothing."""
    sums = table.values.sum(axis=1, keepdims=True)
    empty = np.flatnonzero(sums == 0.0)
    if empty.size:
        msg = (
            f"{owner}: the {parameter} row of class "
            f"{_label(table.classes, empty[0])!r} is zero on all classes at hand. "
            "Give it a positive entry among them, or leave the class out."
        )
        raise ValueError(msg)
    return np.asarray(table.values / sums, dtype=np.float64)


def _label(labels: AnyArray, position: np.intp) -> object:
    """Return one label as a plain Python object."""
    return labels[[position]].tolist()[0]
