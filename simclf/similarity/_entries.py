"""The numbers of a user's table: anything array-like to float64, or a clear refusal."""

from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from scipy import sparse

from simclf._typing import AnyArray, FloatArray
from simclf.similarity._arrays import unreadable

Where: TypeAlias = Callable[[int, int], str]
"""Names an entry of the table: its position and its labels."""


class Layout(NamedTuple):
    """What the numbers of an array are, for messages."""

    shape: str
    entry: str
    row: str
    column: str


SCORES = Layout("(n_classes, n_classes)", "score", "truth", "answer")
_NUMERIC_KINDS = "biuf"
_LONGEST_SHOWN = 40


def read_array(table: Any, name: str, layout: Layout = SCORES) -> AnyArray:
    """Array of any shape holding numbers or objects; everything else is refused."""
    if sparse.issparse(table):
        table = table.toarray()
    if _is_masked(table):
        msg = (
            f"{name} is a masked array; every entry must be given. Pass a plain array "
            f"with the gaps filled, e.g. {name}.filled(0.0)."
        )
        raise ValueError(msg)
    array = _as_array(table, name, layout)
    if array.dtype.kind == "c":
        msg = f"{name} is complex ({array.dtype}); expected real numbers."
        raise ValueError(msg)
    if array.ndim == 0 and array.dtype.kind not in _NUMERIC_KINDS:
        msg = (
            f"{name} is of type {type(table).__name__}; expected an array of shape "
            f"{layout.shape}, or a DataFrame labelled by class."
        )
        raise TypeError(msg)
    if array.dtype.kind not in _NUMERIC_KINDS + "O":
        msg = (
            f"{name} holds values of dtype {array.dtype}; expected numbers, one "
            f"{layout.entry} for each {layout.row} (row) and {layout.column} (column)."
        )
        raise TypeError(msg)
    return array


def finite_floats(array: AnyArray, where: Where, *, fresh: bool = False) -> FloatArray:
    """C-contiguous float64 copy of a 2-d array, every entry finite.

    One that is ``fresh``, and nobody else's, need not be copied.
    """
    floats = _objects_to_floats(array, where) if array.dtype == object else array
    floats = _to_float64(floats, fresh=fresh)
    wrong = np.flatnonzero(~np.isfinite(floats))
    if wrong.size:
        row, column = divmod(int(wrong[0]), floats.shape[1])
        value = np.asarray(array[row, column]).item()
        msg = f"{where(row, column)} is {value!s}; every entry must be finite."
        raise ValueError(msg)
    return floats


# As a block, numpy would stay silent for good where a Ctrl-C comes at its end.
@np.errstate(over="ignore", invalid="ignore")
def _to_float64(array: AnyArray, *, fresh: bool) -> FloatArray:
    """Convert; what overflows is refused by its place."""
    read = np.asarray if fresh else np.array
    return read(array, dtype=np.float64, order="C")


def _is_masked(table: object) -> bool:
    """Whether a table, or a row of it, is a masked array."""
    rows = table if isinstance(table, list | tuple) else [table]
    return any(isinstance(row, np.ma.MaskedArray) for row in rows)


def _as_array(table: object, name: str, layout: Layout) -> AnyArray:
    """Array of a table in whatever dtype numpy finds."""
    try:
        array = np.asarray(table)
    except ValueError:
        msg = (
            f"{name} cannot be read as a table: its rows differ in length or depth. "
            f"Give every {layout.row} (row) one number for every {layout.column} "
            "(column)."
        )
        raise ValueError(msg) from None
    except Exception as error:  # noqa: BLE001 (a foreign __array__ raises anything)
        remedy = "a numpy array or a DataFrame labelled by class"
        raise unreadable(table, name, remedy, error) from None
    return array


def _objects_to_floats(array: AnyArray, where: Where) -> FloatArray:
    """Numbers held as Python objects, e.g. in a DataFrame of mixed dtypes."""
    floats = np.empty(array.shape, dtype=np.float64)
    for (row, column), entry in np.ndenumerate(array):
        floats[row, column] = _object_to_float(entry, row, column, where)
    return floats


def _object_to_float(entry: object, row: int, column: int, where: Where) -> float:
    """One number held as a Python object."""
    if not isinstance(entry, Real | np.bool_ | Decimal):
        msg = (
            f"{where(row, column)} is {_short(entry)} of type {type(entry).__name__}; "
            "every entry must be a finite number."
        )
        raise TypeError(msg)
    try:
        return float(entry)
    except (OverflowError, ValueError):
        msg = f"{where(row, column)} is {_short(entry)}; every entry must be finite."
        raise ValueError(msg) from None


def _short(entry: object) -> str:
    """Representation of an entry, cut to one short line."""
    text = " ".join(repr(entry).split())
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
