"""The only reader of scores that differ by row: one row a sample, one column an answer.

Columns of a frame are found by their names, those of a bare array by their order. Rows
are samples, in the order of ``y``; the index of a frame says nothing.
"""

from collections.abc import Mapping
from typing import Any

from simclf._typing import AnyArray, FloatArray
from simclf.decision._columns import find_columns, named_columns
from simclf.similarity._entries import Layout, finite_floats, read_array
from simclf.similarity._labels import plain_labels, show_labels

_NAME = "sample_scores"
_LAYOUT = Layout("(n_samples, n_decisions)", "score", "sample", "answer")


def read_sample_scores(
    sample_scores: object, decisions: AnyArray, n_samples: int
) -> FloatArray:
    """Read what each answer is worth for each sample.

    Parameters
    ----------
    sample_scores : array-like of shape (n_samples, n_decisions) or DataFrame
        A bare array has its columns in the order of `decisions`. Columns of a frame
        are found by name; those that are no decision are left out.
    decisions : ndarray of shape (n_decisions,)
        Labels of the answers, e.g. ``table.decisions``.
    n_samples : int
        Rows to expect.

    Returns
    -------
    ndarray of shape (n_samples, n_decisions)
        A C-contiguous float64 copy, columns in the order of `decisions`.

    Raises
    ------
    ValueError
        If the shape is wrong, an answer has no column or two, or an entry is not a
        finite number.
    TypeError
        If it does not hold numbers.
    """
    _refuse_other_types(sample_scores)
    labels = plain_labels(decisions)
    array = read_array(sample_scores, _NAME, _LAYOUT)
    named = column_labels(sample_scores)
    if named is not None:
        array = array[:, find_columns(labels, named, _NAME, "answer")]
    _check_shape(array, n_samples, labels)
    return finite_floats(
        array, lambda row, column: f"{_NAME}[{row}] for answer {labels[column]!r}"
    )


def column_labels(sample_scores: Any) -> list[object] | None:
    """Names of the columns, or None for a bare array."""
    return named_columns(sample_scores, _NAME, "answer")


def _refuse_other_types(sample_scores: object) -> None:
    """Refuse what is neither an array nor a frame."""
    if callable(sample_scores):
        remedy = "Call it, and pass what it returns."
    elif isinstance(sample_scores, str):
        remedy = "A file is read first, e.g. with pandas.read_csv."
    elif isinstance(sample_scores, Mapping):
        remedy = "Pass pandas.DataFrame(sample_scores)."
    else:
        return
    msg = (
        f"{_NAME} is of type {type(sample_scores).__name__}; expected an array of "
        "shape (n_samples, n_decisions) or a DataFrame with a column for each answer. "
        f"{remedy}"
    )
    raise TypeError(msg)


def _check_shape(array: AnyArray, n_samples: int, labels: list[object]) -> None:
    """Refuse what has not one row per sample and one column per answer."""
    expected = (n_samples, len(labels))
    if array.shape != expected:
        msg = (
            f"{_NAME} has shape {array.shape}; expected {expected}, one row for each "
            f"sample and one column for each answer in the order {show_labels(labels)}."
            " A DataFrame is aligned by the names of its columns."
        )
        raise ValueError(msg)
