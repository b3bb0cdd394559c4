"""Labels on one axis, and the sorted order in which tables without labels are read."""

from collections.abc import Iterator, Mapping, MappingView
from numbers import Number
from reprlib import repr as shown
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import AnyArray
from simclf.similarity._arrays import array_of
from simclf.similarity._labels import is_name, plain_labels, show_labels


def sorted_for(table: object, classes: ArrayLike, name: str = "similarity") -> AnyArray:
    """Labels in the order in which a table without any is read, each once.

    Parameters
    ----------
    table : array-like, callable or None
        A callable and None make one for whatever order; a bare array has one of its
        own, which nobody can see.
    classes : array-like of shape (n_classes,)
        Labels, as the user gave them.
    name : str
        What the user calls the table.

    Returns
    -------
    ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If the table is a bare array and `classes` are not sorted.
    """
    known = sorted_labels(classes)
    if table is not None and not callable(table):
        frame = f"pd.DataFrame({name}, index=classes, columns=classes)"
        refuse_unsorted(classes, name, frame)
    return known


def refuse_unsorted(classes: ArrayLike, name: str, frame: str) -> None:
    """Refuse labels in another order than the one in which an array is read.

    ``frame`` is what to pass instead of the array.
    """
    labels = label_axis(classes, "classes")
    codes = np.unique(labels, return_inverse=True)[1]
    behind = np.flatnonzero(np.diff(codes) < 0)
    if behind.size:
        place = int(behind[0]) + 1
        before, label = plain_labels(labels[place - 1 : place + 1])
        msg = (
            f"{name} is an array without labels, and classes[{place}] is {label!r} "
            f"behind {before!r}, but an array is read in sorted order of the classes "
            f"here. Pass {frame}; or, if the array is in sorted order, sort classes "
            "(and the columns of proba with them)."
        )
        raise ValueError(msg)


def sorted_labels(labels: ArrayLike, name: str = "classes") -> AnyArray:
    """Labels in the order in which a bare array is read, each once."""
    array = label_axis(labels, name)
    known = plain_labels(array)
    if not all(map(is_name, known)):
        msg = (
            f"{name} has a missing label; its labels are {show_labels(known)}. Name "
            "every class."
        )
        raise ValueError(msg)
    try:
        return np.unique(array)
    except TypeError:
        msg = (
            f"the labels {show_labels(known)} of {name} are of kinds that cannot be "
            "sorted. Make them all of one kind, e.g. words, or pass a table as a "
            "DataFrame labelled by class."
        )
        raise ValueError(msg) from None


def label_axis(labels: Any, name: str) -> AnyArray:
    """Labels on one axis; a list keeps its Python objects, 1 and "1" apart.

    A single column, of an array or a frame, is the labels that it holds.
    """
    dtype = None if hasattr(labels, "dtype") else object
    array = array_of(labels, name, "a flat list of labels", dtype)
    if array.ndim == 2 and array.shape[1] == 1:
        return np.asarray(array[:, 0])
    if array.ndim != 1:
        told, remedy = _told(labels, array, name)
        msg = f"{name} {told}; expected one label per row. {remedy}"
        raise ValueError(msg)
    return array


def _told(labels: Any, array: AnyArray, name: str) -> tuple[str, str]:
    """Tell what was given that is no list of labels, and what to do with it."""
    if array.ndim > 1:
        remedy = "Pass the one column that holds the labels, shape (n_samples,)."
        return f"has shape {array.shape}", remedy
    if labels is None or isinstance(labels, str | bytes | Number | np.generic):
        remedy = "Pass a flat list of labels."
        return f"is {shown(labels)}", remedy
    told = f"is of type {type(labels).__name__}"
    if isinstance(labels, set | frozenset):
        return told, "Pass a list in the order of the rows; a set has no order."
    if isinstance(labels, Mapping):
        return told, f"Pass list({name}.values())."
    if isinstance(labels, Iterator | MappingView):
        return told, f"Pass list({name})."
    return told, "Pass a flat list of labels."
