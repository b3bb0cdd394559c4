"""Tables brought into the order of the labels at hand, and labels into codes."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._columns import named_columns
from simclf.decision._label_order import label_axis, sorted_for, sorted_labels
from simclf.similarity import ScoreTable, resolve_table
from simclf.similarity._entries import finite_floats, read_array
from simclf.similarity._frame import is_frame, row_labels
from simclf.similarity._labels import is_name, plain_labels, show_labels

# What labels found in the data may come from.
_OBSERVED = "y_true or y_pred"


def aligned_table(similarity: object, classes: ArrayLike) -> ScoreTable:
    """Read a table and put its rows into the order of the classes.

    Parameters
    ----------
    similarity : array-like, DataFrame, ScoreTable, callable or None
        A labelled table is aligned by name and cut to `classes`; a bare array is
        read in sorted class order.
    classes : array-like of shape (n_classes,)
        Labels; sorted for a bare array, else in any order.

    Returns
    -------
    ScoreTable
        Row ``i`` belongs to ``classes[i]``.

    Raises
    ------
    ValueError
        If the table does not fit the classes, or it is a bare array and they are not
        sorted.
    """
    if isinstance(similarity, ScoreTable):
        return _cut_table(similarity, classes)
    if is_frame(similarity):
        return resolve_table(similarity, classes)
    labels = sorted_for(similarity, classes)
    return _cut_table(resolve_table(similarity, labels), classes)


def decision_values(similarity: object, classes: ArrayLike | None) -> FloatArray:
    """Numbers of a table, rows in the order of proba's columns.

    Parameters
    ----------
    similarity : array-like, DataFrame or ScoreTable
        Without `classes`, an array of any width or a ScoreTable is read as it stands.
    classes : array-like of shape (n_classes,) or None
        Labels of proba's columns.

    Returns
    -------
    ndarray of shape (n_classes, n_decisions)

    Raises
    ------
    ValueError
        If a labelled frame comes without `classes`, or the table does not fit them.
    """
    if classes is not None:
        return aligned_table(similarity, classes).values
    if isinstance(similarity, ScoreTable):
        return similarity.values
    if is_frame(similarity):
        msg = (
            "similarity is a labelled DataFrame but classes is None, so its rows "
            "cannot be matched with the columns of proba. Pass classes=..., the "
            "labels of proba's columns (an estimator's classes_)."
        )
        raise ValueError(msg)
    return _bare_values(similarity)


def classes_at_hand(proba: Any, similarity: object, classes: ArrayLike | None) -> Any:
    """Labels of proba's columns, read off them where a labelled table needs some.

    Parameters
    ----------
    proba : array-like or DataFrame
        Probabilities; columns that are numbered from 0 and no rows of the table have
        no names.
    similarity : array-like, DataFrame or ScoreTable
        The table.
    classes : array-like of shape (n_classes,) or None
        As the user gave them.

    Returns
    -------
    array-like of shape (n_classes,) or None
    """
    if classes is not None or not is_frame(similarity):
        return classes
    named = named_columns(proba, "proba", "class")
    is_numbered = named is None or named == list(range(len(named)))
    if is_numbered and named != row_labels(similarity, "similarity"):
        return None
    return named


def column_classes(similarity: object, classes: ArrayLike | None) -> Any:
    """Labels of proba's columns: as given, or a ScoreTable's; None where nobody says.

    Parameters
    ----------
    similarity : array-like, DataFrame or ScoreTable
        The table.
    classes : array-like of shape (n_classes,) or None
        As the user gave them.

    Returns
    -------
    array-like of shape (n_classes,) or None
    """
    if classes is None and isinstance(similarity, ScoreTable):
        return similarity.classes
    return classes


def whole_table(
    similarity: Any, classes: ArrayLike | None, observed: Sequence[ArrayLike]
) -> ScoreTable:
    """Read a table with all the classes it knows.

    Parameters
    ----------
    similarity : array-like, DataFrame, ScoreTable, callable or None
        A labelled table keeps all its labels.
    classes : array-like of shape (n_classes,) or None
        Labels of a bare array, sorted.
    observed : sequence of array-like
        Labels found in the data: the classes of the identity, and of a bare array
        that comes without `classes`.

    Returns
    -------
    ScoreTable

    Raises
    ------
    ValueError
        If the table does not fit the labels.
    """
    if isinstance(similarity, ScoreTable):
        return similarity
    if is_frame(similarity):
        row_labels(similarity, "similarity")
        return resolve_table(similarity, np.asarray(similarity.index))
    if similarity is None:
        return resolve_table(None, union(observed))
    if classes is not None:
        return resolve_table(similarity, sorted_for(similarity, classes))
    labels = union(observed)
    if not callable(similarity):
        _check_size(similarity, labels)
    return resolve_table(similarity, labels)


def label_codes(labels: ArrayLike, known: AnyArray, name: str, kind: str) -> IntArray:
    """Position of each label among the known ones.

    Parameters
    ----------
    labels : array-like of shape (n_samples,)
        Labels such as ``y_true``.
    known : ndarray of shape (n_labels,)
        Labels of one axis of a table.
    name, kind : str
        What the error message calls the labels and the axis.

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If `labels` is not one-dimensional, or a label is missing or not known.
    """
    array = label_axis(labels, name)
    position = {label: code for code, label in enumerate(plain_labels(known))}
    codes = [_code(label, position) for label in array.tolist()]
    if -1 in codes:
        row = codes.index(-1)
        stranger = plain_labels(array)[row]
        if not is_name(stranger):
            msg = (
                f"{name}[{row}] is {stranger!r}, which is no label; give it one or "
                "leave it out."
            )
            raise ValueError(msg)
        msg = (
            f"{name} has label {stranger!r}, which is no {kind} of the table. It knows "
            f"{show_labels(plain_labels(known))}; correct the label (case and type "
            f"must match) or add it to the table."
        )
        raise ValueError(msg)
    return np.array(codes, dtype=np.intp)


def _code(label: object, position: dict[object, int]) -> int:
    """Position of a label, -1 for one that is not known or cannot be."""
    return position.get(label, -1) if is_name(label) else -1


def union(observed: Sequence[ArrayLike]) -> AnyArray:
    """All labels found in the data, sorted; missing ones are none.

    Those are refused by name where rows are turned into codes.
    """
    lists = (label_axis(labels, _OBSERVED).tolist() for labels in observed)
    found = dict.fromkeys(label for label in chain(*lists) if is_name(label))
    if not found:
        msg = "there is no label in the data, all are missing; pass labelled rows."
        raise ValueError(msg)
    return sorted_labels(list(found), _OBSERVED)


def _check_size(similarity: object, labels: AnyArray) -> None:
    """Refuse a bare array that the labels found in the data do not explain."""
    shape = read_array(similarity, "similarity").shape
    if shape != (len(labels), len(labels)):
        msg = (
            f"similarity has shape {shape} but y_true and y_pred hold {len(labels)} "
            f"labels {show_labels(plain_labels(labels))}. Pass classes=..., the labels "
            "of its rows, or a DataFrame labelled by class."
        )
        raise ValueError(msg)


def _cut_table(table: ScoreTable, classes: ArrayLike) -> ScoreTable:
    """Rows and columns of some classes, in their order, and all other answers."""
    rows = label_codes(classes, table.classes, "classes", "class").tolist()
    if rows == list(range(table.n_classes)):
        return table
    columns = [*rows, *range(table.n_classes, table.n_decisions)]
    return _select(table, rows, columns)


def _select(
    table: ScoreTable, rows: Sequence[int], columns: Sequence[int]
) -> ScoreTable:
    """Part of a table, as read-only as the whole."""
    values = np.ascontiguousarray(table.values[np.ix_(rows, columns)])
    labels, answers = table.classes[list(rows)], table.decisions[list(columns)]
    for array in (values, labels, answers):
        array.flags.writeable = False
    return ScoreTable(values, labels, answers, table.given_as)


def _bare_values(similarity: object) -> FloatArray:
    """Numbers of an unlabelled table, square or not."""
    array = read_array(similarity, "similarity")
    if array.ndim != 2 or 0 in array.shape:
        msg = (
            f"similarity has shape {array.shape}; expected (n_classes, n_decisions), "
            "one row per true class and one column per answer."
        )
        raise ValueError(msg)
    return finite_floats(array, lambda row, column: f"similarity[{row}, {column}]")
