"""Read a table of classes together with their names."""

import numpy as np

from simclf._typing import FloatArray
from simclf.similarity._entries import finite_floats, read_array
from simclf.similarity._frame import (
    is_frame,
    read_frame,
    refuse_unlabelled_frame,
    row_labels,
)
from simclf.similarity._labelled import read_names
from simclf.similarity._labels import show_labels


def read_named_table(
    table: object, classes: object, name: str
) -> tuple[FloatArray, list[object], list[object]]:
    """Numbers, class labels, and labels of the columns that are no class."""
    if is_frame(table):
        labels = frame_names(table, classes, name)
        values, extras = read_frame(table, labels, name)
        return values, labels, extras
    refuse_unlabelled_frame(table, name)
    array = read_array(table, name)
    labels = bare_names(classes, name)
    k = len(labels)
    if array.shape != (k, k):
        msg = (
            f"{name} has shape {array.shape} but classes names {k}: "
            f"{show_labels(labels)}. Pass one row and one column for each class, in "
            "the order of classes."
        )
        raise ValueError(msg)

    def where(row: int, column: int) -> str:
        truth, answer = labels[row], labels[column]
        return f"{name}[{row}, {column}] (truth {truth!r}, answer {answer!r})"

    return finite_floats(array, where), labels, []


def read_square_table(
    table: object, classes: object, name: str
) -> tuple[FloatArray, list[object]]:
    """Numbers and class labels of a table that has the same rows and columns."""
    values, labels, extras = read_named_table(table, classes, name)
    if extras:
        msg = (
            f"{name} has no row for its columns {show_labels(extras)}; give every "
            "class a row and a column, or drop these."
        )
        raise ValueError(msg)
    return values, labels


def frame_names(frame: object, classes: object, name: str) -> list[object]:
    """Classes to be read off a frame: those asked for, else all of its rows."""
    if classes is not None:
        return read_names(classes, "classes")
    return read_names(row_labels(frame, name), f"{name}.index")


def bare_names(classes: object, name: str) -> list[object]:
    """Classes of an array, which carries no labels of its own."""
    if classes is None:
        msg = (
            f"{name} carries no class labels; pass classes, one label for each row, or "
            "a DataFrame labelled by class."
        )
        raise ValueError(msg)
    return read_names(classes, "classes")


def refuse_negative(values: FloatArray, labels: list[object], name: str) -> None:
    """Refuse a square table with an entry below zero."""
    negative = np.argwhere(values < 0)
    if len(negative):
        row, column = negative[0].tolist()
        msg = (
            f"{name} of truth {labels[row]!r} and answer {labels[column]!r} is "
            f"{values[row, column]:g}; expected 0 or more."
        )
        raise ValueError(msg)
