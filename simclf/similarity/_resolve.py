"""The only reader of user tables: whatever the user gave, to an aligned ScoreTable."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from simclf._typing import AnyArray, FloatArray
from simclf.similarity._entries import finite_floats, read_array
from simclf.similarity._frame import (
    is_frame,
    read_frame,
    refuse_unlabelled_frame,
)
from simclf.similarity._labels import (
    array_of_labels,
    is_name,
    label_array,
    plain_labels,
    repeated_labels,
    show_labels,
)
from simclf.similarity._table import Origin, ScoreTable
from simclf.similarity._warnings import warn_about_table

Name: TypeAlias = Literal["similarity", "cost"]


def resolve_similarity(
    similarity: object, classes: ArrayLike, *, cost: object = None
) -> FloatArray:
    """Read a table of scores (or costs) for the classes at hand.

    Parameters
    ----------
    similarity : array-like of shape (n_classes, n_classes), DataFrame, callable or None
        What answer ``j`` (column) is worth when the truth is ``i`` (row). See
        :func:`resolve_table` for the forms.
    classes : array-like of shape (n_classes,)
        Class labels, sorted as estimators sort them.
    cost : as `similarity`, default=None
        The same thing with the opposite sign.

    Returns
    -------
    ndarray of shape (n_classes, n_decisions)
        Scores, float64, rows in the order of `classes`; columns the classes in the
        same order, then the frame's answers that are no class. Read-only.

    Raises
    ------
    ValueError
        If the table does not fit the classes, or an entry is not finite.
    TypeError
        If it is not a table of numbers.

    Warns
    -----
    SimilarityWarning
        If a wrong answer scores above the right one, or the sign looks reversed.

    Examples
    --------
    A labelled frame is aligned by name:

    >>> import pandas as pd
    >>> from simclf.similarity import resolve_similarity
    >>> animals = ["horse", "zebra", "whale", "shark"]
    >>> scores = [
    ...     [0.8, 0.2, 0, 0],
    ...     [0.3, 0.7, 0, 0],
    ...     [0, 0, 0.9, 0.1],
    ...     [0, 0, 0.1, 0.9],
    ... ]
    >>> frame = pd.DataFrame(scores, index=animals, columns=animals)
    >>> resolve_similarity(frame, ["horse", "shark", "whale", "zebra"])
    array([[0.8, 0. , 0. , 0.2],
           [0. , 0.9, 0.1, 0. ],
           [0. , 0.1, 0.9, 0. ],
           [0.3, 0. , 0. , 0.7]])

    A table that scores a wrong answer above the right one is read as it stands, and
    spoken about:

    >>> import warnings
    >>> table = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     scores = resolve_similarity(table, ["c1", "c2", "c3", "c4"])
    >>> print(caught[0].message)
    similarity: truth 'c3' scores 0.0 for its own answer but 1.0 for 'c4', so 'c4'
    is the better answer for it. If that is meant, ignore this; else correct the
    diagonal.
    """
    table = resolve_table(similarity, classes, cost=cost)
    warn_about_table(table)
    return table.values


def resolve_table(
    similarity: object, classes: ArrayLike, *, cost: object = None
) -> ScoreTable:
    """Read a table of scores (or costs) and keep its labels, without warnings.

    Parameters
    ----------
    similarity : array-like of shape (n_classes, n_classes), DataFrame, callable or None
        What answer ``j`` (column) is worth when the truth is ``i`` (row).

        - A bare array, or a scipy sparse one, is read in the order of `classes`.
        - A pandas DataFrame labelled by class on both axes is aligned by name, and cut
          to `classes` if it knows more. Columns that are no row label are answers
          that are no class, such as "refer".
        - A callable is given the classes and returns one of these.
        - None, with `cost` None too, is the identity: one for the right answer.
    classes : array-like of shape (n_classes,)
        Class labels, each once; estimators pass them sorted.
    cost : as `similarity`, default=None
        The same thing with the opposite sign. Only one of the two may be given.

    Returns
    -------
    ScoreTable
        Scores (the negative of a cost) as a float64 copy that cannot be written to.

    Raises
    ------
    ValueError
        If both are given, the table does not fit the classes, a label is lacking or
        repeated, or an entry is not a finite real number.
    TypeError
        If it is not a table of numbers: strings, dates, a frame without row labels.

    Notes
    -----
    The numbers are turned into float64 before a cost is negated, so unsigned integers
    do not wrap.

    Examples
    --------
    >>> import pandas as pd
    >>> from simclf.similarity import resolve_table
    >>> frame = pd.DataFrame(
    ...     [[0, 5, 1], [9, 0, 1]],
    ...     index=["ill", "fine"],
    ...     columns=["ill", "fine", "refer"],
    ... )
    >>> table = resolve_table(None, ["fine", "ill"], cost=frame)
    >>> table.values
    array([[ 0., -9., -1.],
           [-5.,  0., -1.]])
    >>> table.decisions.tolist()
    ['fine', 'ill', 'refer']
    """
    labels = _read_classes(classes)
    if similarity is not None and cost is not None:
        msg = "similarity and cost are both given; pass one of them, the other as None."
        raise ValueError(msg)
    if similarity is None and cost is None:
        return frozen_table(np.eye(len(labels)), labels, [], "identity")
    if cost is None:
        values, extras = _read(similarity, labels, "similarity")
        return frozen_table(values, labels, extras, "similarity")
    values, extras = _read(cost, labels, "cost")
    np.subtract(0.0, values, out=values)
    return frozen_table(values, labels, extras, "cost")


def _read_classes(classes: ArrayLike) -> AnyArray:
    """Copy of the class labels: one axis, at least one, each once."""
    try:
        labels = array_of_labels(classes)
    except Exception:  # noqa: BLE001 (a foreign __array__ raises anything)
        msg = "classes cannot be read; expected a flat list of class labels."
        raise ValueError(msg) from None
    if labels.ndim != 1 or labels.size == 0:
        msg = f"classes has shape {labels.shape}; expected one label for each class."
        raise ValueError(msg)
    names = plain_labels(labels)
    if not all(is_name(name) for name in names):
        msg = f"classes has a missing label; its labels are {show_labels(names)}."
        raise ValueError(msg)
    repeated = repeated_labels(names)
    if repeated:
        msg = f"classes repeats {show_labels(repeated)}; name each class once."
        raise ValueError(msg)
    return labels


def _read(
    table: object, classes: AnyArray, name: Name
) -> tuple[FloatArray, list[object]]:
    """Numbers in the user's sign, and labels of the answers that are no class."""
    if not callable(table):
        return _read_form(table, classes, name)
    maker = getattr(table, "__name__", type(table).__name__)
    made = _called(table, classes, f"{name}={maker}")
    try:
        return _read_form(made, classes, name)
    except (TypeError, ValueError) as error:
        msg = f"{error} The table was returned by the callable {name}={maker}."
        raise type(error)(msg) from None


def _called(table: Callable[[AnyArray], object], classes: AnyArray, what: str) -> Any:
    """Table that a callable makes; a wrong signature is told by its name."""
    try:
        return table(classes.copy())
    except TypeError as error:
        msg = (
            f"the callable {what} cannot be called with the {len(classes)} classes "
            f"({error}). It must take one argument, the array of classes, and return "
            "an array or a DataFrame."
        )
        raise TypeError(msg) from error
    except Exception as error:
        error.add_note(f"Raised by the callable {what}, which makes the table.")
        raise


def _read_form(
    table: object, classes: AnyArray, name: Name
) -> tuple[FloatArray, list[object]]:
    """Read a labelled frame or a bare array."""
    labels = plain_labels(classes)
    if is_frame(table):
        return read_frame(table, labels, name)
    refuse_unlabelled_frame(table, name)
    return _read_bare(table, labels, name), []


def _read_bare(table: object, labels: list[object], name: Name) -> FloatArray:
    """Numbers of an unlabelled table, in the order of the classes."""
    array = read_array(table, name)
    k = len(labels)
    if array.shape != (k, k):
        msg = (
            f"{name} has shape {array.shape} but y has {k} classes "
            f"{show_labels(labels)}. {_shape_remedy(array.shape, k)}"
        )
        raise ValueError(msg)

    def where(row: int, column: int) -> str:
        truth, answer = labels[row], labels[column]
        return f"{name}[{row}, {column}] (truth {truth!r}, answer {answer!r})"

    return finite_floats(array, where, fresh=sparse.issparse(table))


def _shape_remedy(shape: tuple[int, ...], k: int) -> str:
    """Advice about an array of the wrong shape."""
    square = f"Pass a {k}x{k} array in sorted class order"
    if shape[:1] == (k,) and shape[1:]:
        return (
            f"{square}; answers that are no class need a DataFrame labelled on both "
            "axes, whose further columns name them."
        )
    return (
        f"{square}, or a DataFrame labelled by class, which is cut to the classes "
        "at hand."
    )


def frozen_table(
    values: FloatArray,
    classes: AnyArray,
    extras: list[object],
    given_as: Origin,
) -> ScoreTable:
    """Score table whose arrays cannot be written to."""
    decisions = _append_labels(classes, extras)
    for array in (values, classes, decisions):
        array.flags.writeable = False
    return ScoreTable(values, classes, decisions, given_as)


def _append_labels(classes: AnyArray, extras: list[object]) -> AnyArray:
    """Class labels and further answers, as objects where their kinds differ."""
    if not extras:
        return classes.copy()
    decisions = label_array([*plain_labels(classes), *extras])
    return decisions.astype(object) if classes.dtype == object else decisions
