"""A labelled frame, aligned by name onto the classes at hand."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from simclf._typing import AnyArray, FloatArray
from simclf.similarity._entries import finite_floats, read_array
from simclf.similarity._labels import (
    is_name,
    near_miss,
    plain_labels,
    repeated_labels,
    show_labels,
)
from simclf.similarity._suggest import suggest

_AXES = {"row": "index", "column": "columns"}
_ADD = ("add the row", "add the column")
_CONVERTED = (int, float, str)
# What pandas calls the first column of a CSV file that has no heading.
_NO_HEADING = "Unnamed: 0"


def is_frame(table: object) -> bool:
    """Whether a table carries labels on both axes, as a pandas DataFrame does."""
    if isinstance(table, np.ndarray):
        return False
    axes = getattr(table, "index", None), getattr(table, "columns", None)
    return all(isinstance(axis, Iterable) for axis in axes)


def refuse_unlabelled_frame(table: object, name: str) -> None:
    """Refuse a frame whose rows carry no labels, such as one of polars."""
    if hasattr(table, "columns") and not isinstance(table, np.ndarray):
        msg = (
            f"{name} is a {type(table).__name__} without row labels; expected a pandas "
            "DataFrame labelled by class on both axes. Convert it with .to_pandas() "
            "and set_index, or pass a bare array in sorted class order."
        )
        raise TypeError(msg)


def row_labels(frame: Any, name: str) -> list[object]:
    """Labels of a frame's rows."""
    return _axis_labels(frame.index, "row", name)


def read_frame(
    frame: Any, classes: Sequence[object], name: str
) -> tuple[FloatArray, list[object]]:
    """Scores of the classes at hand, and labels of the answers that are no class."""
    rows = row_labels(frame, name)
    columns = _axis_labels(frame.columns, "column", name)
    _refuse_labels_in_a_column(frame, rows, columns, name)
    _require_labels(classes, rows, name, "row", "for class")
    _require_labels(classes, columns, name, "column", "for class")
    _require_labels(rows, columns, name, "column", "for its row")
    extras = _without(columns, rows)
    decisions = [*classes, *extras]
    scores = _frame_array(frame, (len(rows), len(columns)), name)
    cut = scores[np.ix_(_positions(classes, rows), _positions(decisions, columns))]

    def where(row: int, column: int) -> str:
        return f"{name}.loc[{classes[row]!r}, {decisions[column]!r}]"

    return finite_floats(cut, where), extras


def _axis_labels(axis: Iterable[object], kind: str, name: str) -> list[object]:
    """Labels of one axis: flat, hashable, unique, none missing."""
    levels = getattr(axis, "nlevels", 1)
    if levels > 1:
        msg = (
            f"{name} has a MultiIndex of {levels} levels as its {kind} labels; "
            "expected one label for each class. Join or drop the levels."
        )
        raise ValueError(msg)
    labels = plain_labels(axis)
    if not all(is_name(label) for label in labels):
        msg = (
            f"{name} has a missing {kind} label; its {kind} labels are "
            f"{show_labels(labels)}. Name every {kind}; where a class is called 'NA' "
            "or 'None', read the CSV file with pd.read_csv(..., keep_default_na=False)."
        )
        raise ValueError(msg)
    repeated = repeated_labels(labels)
    if repeated:
        msg = (
            f"{name} has repeated {kind} labels {show_labels(repeated)}; "
            f"every {kind} needs a label of its own. Rename or drop the others."
        )
        raise ValueError(msg)
    return labels


def _refuse_labels_in_a_column(
    frame: Any, rows: Sequence[object], columns: Sequence[object], name: str
) -> None:
    """Refuse a CSV file that was read without an index."""
    is_numbered = list(rows) == list(range(len(rows)))
    if not (columns and is_numbered and hasattr(frame, "iloc")):
        return
    first = plain_labels(frame.iloc[:, 0])
    if columns[0] == _NO_HEADING or (first and all(isinstance(v, str) for v in first)):
        msg = (
            f"{name} has its row labels in a column: the rows are numbered from 0, and "
            f"column {columns[0]!r} holds {show_labels(first)}. Read a CSV file with "
            f"index_col=0, or call {name}.set_index({columns[0]!r})."
        )
        raise ValueError(msg)


def _require_labels(
    wanted: Sequence[object],
    labels: Sequence[object],
    name: str,
    kind: str,
    whose: str,
) -> None:
    """Refuse a frame that lacks a wanted label on one axis."""
    lacking = _without(wanted, labels)
    if not lacking:
        return
    mend = _mend(lacking, len(wanted), labels, kind)
    # A label that nobody wanted may be the one that is lacking.
    meant = suggest(lacking[0], _without(labels, wanted)) if mend in _ADD else ""
    msg = (
        f"{name} has no {kind} {whose} {lacking[0]!r}. Its {kind} labels are "
        f"{show_labels(labels)}; {mend}.{meant}"
        f"{_conversion(lacking[0], labels, name, _AXES[kind])}"
    )
    raise ValueError(msg)


def _mend(
    lacking: Sequence[object], n_wanted: int, labels: Sequence[object], kind: str
) -> str:
    """Advice about a frame that lacks labels."""
    rename = near_miss(lacking[0], labels)
    if rename:
        return f"{rename} or add the {kind}"
    if list(lacking) == list(range(n_wanted)) and n_wanted > 1:
        return (
            f"label the {kind}s by class. If y has other labels, an outer estimator "
            "(voting, stacking, bagging) or cross_val_predict has replaced them by 0, "
            "1, ...: put BayesDecisionClassifier(outer, table) around it, or pass an "
            "array in sorted class order there"
        )
    if len(lacking) == n_wanted:
        return f"label the {kind}s by class (a CSV file is read with index_col=0)"
    return f"add the {kind}"


def _conversion(wanted: object, labels: Sequence[object], name: str, axis: str) -> str:
    """Line of code for an axis whose labels are all of another type, or nothing."""
    same = [label for label in labels if str(label) == str(wanted)]
    kind = next((kind for kind in _CONVERTED if type(wanted) is kind), None)
    if not same or kind is None or any(type(label) is kind for label in labels):
        return ""
    line = f"{name}.{axis} = {name}.{axis}.astype({kind.__name__})"
    if not all(_converts(label, kind) for label in labels):
        words = all(isinstance(label, str) for label in labels)
        if not (words and kind is int and str(wanted).isdigit()):
            return ""
        number = "lambda label: int(label) if label.isdigit() else label"
        line = f"{name} = {name}.rename({axis}={number})"
    return f" For all labels at once: {line}."


def _converts(label: object, kind: Callable[[Any], object]) -> bool:
    """Whether a label can be turned into one of another type."""
    try:
        kind(label)
    except (TypeError, ValueError):
        return False
    return True


def _frame_array(frame: object, shape: tuple[int, int], name: str) -> AnyArray:
    """Values of a frame, as many as it has labels."""
    array = read_array(frame, name)
    if array.shape != shape:
        msg = (
            f"{name} has values of shape {array.shape} under labels for {shape}. "
            "Pass a DataFrame with one number for every pair of labels."
        )
        raise ValueError(msg)
    return array


def _without(labels: Sequence[object], taken: Sequence[object]) -> list[object]:
    """Labels that are not among others, in their order."""
    known = set(taken)
    return [label for label in labels if label not in known]


def _positions(wanted: Sequence[object], labels: Sequence[object]) -> list[int]:
    """Position of every wanted label among all labels."""
    position = {label: index for index, label in enumerate(labels)}
    return [position[label] for label in wanted]
