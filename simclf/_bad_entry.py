"""Which entry of the features is no finite number: looked for once a check failed."""

import datetime as dt
import math
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from scipy import sparse

from simclf._typing import AnyArray
from simclf.similarity._labels import is_name, plain_labels

_LONGEST = 80
_DATES = (dt.date, dt.time, dt.timedelta)
_IMPUTE = "impute it in a pipeline before the classifier, e.g. with SimpleImputer"
_ENCODE = "encode words in a pipeline before the classifier, e.g. with OneHotEncoder"
_CLIP = "clip it, e.g. with np.clip, or make it NaN and impute it in a pipeline"
_ONE = "one in every entry"


def bad_entry(X: Any, name: str) -> str | None:
    """Say where features are no finite number, and what to do; None if nowhere."""
    try:
        found = _in_sparse(X) if sparse.issparse(X) else _in_dense(X)
        fault = None if found is None else _fault(found[2], name)
    except Exception:  # noqa: BLE001 (a foreign container raises anything)
        return None
    if found is None or fault is None:
        return None
    (row, column, _), (what, remedy) = found, fault
    place = f"{name}[{row}, {column}]"
    if hasattr(X, "columns"):
        place = f"{column_of(X, name, column)} at row position {row}"
    return f"{place} is {what}. Pass real numbers: {remedy}."


def column_of(X: Any, name: str, column: int) -> str:
    """Return how a user writes the column of a frame."""
    (label,) = plain_labels([list(X.columns)[column]])
    return f"{name}[{label!r}]"


def _in_sparse(X: Any) -> tuple[int, int, Any] | None:
    """Find the first entry at fault, column by column, among those that are stored."""
    X = X.tocoo()
    bad = np.flatnonzero(~np.isfinite(X.data))
    if not len(bad):
        return None
    first = bad[np.lexsort((X.row[bad], X.col[bad]))[0]]
    return int(X.row[first]), int(X.col[first]), X.data[first]


def _in_dense(X: Any) -> tuple[int, int, Any] | None:
    """Find the first entry at fault, column by column."""
    cells = X if hasattr(X, "columns") else np.asarray(X)
    if len(cells.shape) != 2:
        return None
    by_position = getattr(cells, "iloc", cells)
    for column in _suspects(cells):
        entries = np.asarray(by_position[:, column])
        row = _first_bad(entries)
        if row is not None:
            return row, int(column), entries[row]
    return None


def _suspects(cells: Any) -> Iterable[int]:
    """Columns to look at: of an array of floats those whose sum is not finite."""
    if getattr(getattr(cells, "dtype", None), "kind", "") != "f":
        return range(cells.shape[1])
    with np.errstate(all="ignore"):
        suspects: list[int] = np.flatnonzero(~np.isfinite(cells.sum(axis=0))).tolist()
    return suspects


def _first_bad(entries: AnyArray) -> int | None:
    """Position of the first entry that is no finite number."""
    if entries.dtype.kind in "biufc":
        with np.errstate(all="ignore"):
            bad = ~np.isfinite(entries.astype(np.result_type(entries, np.float64)))
        return int(bad.argmax()) if bad.any() else None
    faults = (row for row, entry in enumerate(entries) if _fault(entry, ""))
    return next(faults, None)


def _fault(entry: Any, name: str) -> tuple[str, str] | None:
    """Say what an entry is instead of a finite number, and the remedy for it."""
    is_missing = isinstance(entry, Hashable) and not is_name(entry)
    if isinstance(entry, _DATES) and not is_missing:
        return f"a {type(entry).__name__}", "turn dates into days since the first one"
    try:
        number = math.nan if is_missing else float(entry)
    except (TypeError, ValueError, OverflowError) as error:
        return _no_number(entry, error)
    if math.isnan(number):
        return f"missing: Input {name} contains NaN", _IMPUTE
    infinite = f"{number}: Input {name} contains infinity", _CLIP
    return infinite if math.isinf(number) else None


def _no_number(entry: Any, error: Exception) -> tuple[str, str]:
    """Say what an entry is that Python makes no float of, and the remedy for it."""
    if isinstance(error, OverflowError):
        return "too large for a float", _CLIP
    if isinstance(error, ValueError):
        shown = repr(entry.item() if isinstance(entry, np.generic) else entry)
        return f"{shown:.{_LONGEST}}: could not convert string to float", _ENCODE
    kind = type(entry).__name__
    return f"a {kind}: float() argument must be a string or a real number", _ONE
