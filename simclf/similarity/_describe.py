"""A report on a score table: what it prefers, what it cannot see, what it changes."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import FloatArray, IntArray
from simclf.similarity._change import (
    align_columns,
    compare_decisions,
    encode_labels,
    names_classes,
    read_labels,
    read_proba,
)
from simclf.similarity._frame import is_frame, row_labels
from simclf.similarity._labels import label_array, plain_labels, show_labels
from simclf.similarity._properties import (
    constant_rows,
    indistinguishable_rows,
    is_kernel,
    largest_asymmetry,
    never_best_answers,
    smallest_eigenvalue,
)
from simclf.similarity._report import BetterAnswer, DecisionChange, SimilarityReport
from simclf.similarity._resolve import resolve_table
from simclf.similarity._table import ScoreTable
from simclf.similarity._warnings import better_answers, describe_doubt, looks_reversed

_MOST_ANSWERS = 200
_SKIPPED = (
    f"the table has {{}} answers; above {_MOST_ANSWERS}, answers that are never the "
    "single best one are not looked for."
)
_NO_KERNEL = (
    "the table is symmetric, but its costs are no squared distances between points "
    "(smallest eigenvalue %.2g), which the kernel 'energy' of the loss kernel_brier "
    "needs; its kernel 'score' takes any table."
)
_MANY_ERRORS = 2.0


def describe_similarity(
    similarity: object,
    *,
    classes: ArrayLike | None = None,
    y: ArrayLike | None = None,
    proba: ArrayLike | None = None,
) -> SimilarityReport:
    """Report what a score table prefers, cannot tell apart, and changes.

    Parameters
    ----------
    similarity : array-like of shape (n_classes, n_classes), DataFrame or callable
        What answer ``j`` (column) is worth when the truth is ``i`` (row), as in
        :func:`resolve_table`.
    classes : array-like of shape (n_classes,), default=None
        Class labels in the order of a bare array. By default a frame's row labels,
        else the sorted labels of `y`, else 0, 1, ...
    y : array-like of shape (n_samples,), default=None
        True labels; adds how often each class occurs.
    proba : array-like of shape (n_samples, n_classes), default=None
        Class probabilities, columns as `classes`, which must be given if the rows of
        a frame are not in sorted order; columns named by class are aligned by name.
        Adds how many decisions the table changes and, with `y`, what that earns.

    Returns
    -------
    SimilarityReport
        Data fields, ``warnings`` as a list of sentences; prints as a short text.

    Raises
    ------
    ValueError
        If the table, `y` or `proba` do not fit each other, or a row of `proba` does
        not sum to 1.
    TypeError
        If one of them is not of a readable type.

    Notes
    -----
    An answer ``k`` is never the single best one if no posterior ``p`` gives
    ``sum_i p_i S[i, k] > sum_i p_i S[i, j]`` for all ``j != k``. This is decided by a
    linear programme for each answer that is not the single best of some row, for
    tables of at most 200 answers.

    Examples
    --------
    Zebras taken for horses cost less than the reverse:

    >>> import pandas as pd
    >>> from simclf.similarity import describe_similarity
    >>> animals = ["horse", "zebra", "whale", "shark"]
    >>> scores = [
    ...     [0.8, 0.2, 0, 0],
    ...     [0.3, 0.7, 0, 0],
    ...     [0, 0, 0.9, 0.1],
    ...     [0, 0, 0.1, 0.9],
    ... ]
    >>> frame = pd.DataFrame(scores, index=animals, columns=animals)
    >>> print(describe_similarity(frame))
    Score table of 4 classes.
    It is asymmetric: 'horse' and 'zebra' taken for each other differ by 0.1.

    A table in which one answer is always matched by another:

    >>> table = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> report = describe_similarity(table, classes=["c1", "c2", "c3", "c4"])
    >>> report.never_best
    ('c3',)
    >>> print(report)
    Score table of 4 classes.
    It is symmetric.
    Warning: similarity: truth 'c3' scores 0.0 for its own answer but 1.0 for 'c4', so
    'c4' is the better answer for it. If that is meant, ignore this; else correct the
    diagonal.
    Warning: no class probabilities make ['c3'] the single best answer, so the best
    decision never needs it.
    """
    table = resolve_table(similarity, _find_classes(similarity, classes, y))
    codes = None if y is None else encode_labels(read_labels(y), table.classes)
    if proba is not None and classes is None and is_frame(similarity):
        _require_known_columns(proba, plain_labels(table.classes))
    rows = None if proba is None else _read_proba(proba, table)
    _require_same_length(codes, rows)
    labels = plain_labels(table.decisions)
    asymmetry, (first, second) = largest_asymmetry(table.values)
    never = _find_never_best(table)
    constant = constant_rows(table.values)
    groups = indistinguishable_rows(table.values)
    change = None if rows is None else compare_decisions(table, rows, codes)
    eigenvalue = smallest_eigenvalue(table.values)
    return SimilarityReport(
        table=table,
        better_answers=_name_better_answers(table, labels),
        never_best=None if never is None else _pick(labels, never),
        constant_rows=_pick(labels, constant),
        indistinguishable=tuple(_pick(labels, group) for group in groups),
        asymmetry=asymmetry,
        asymmetric_pair=(labels[first], labels[second]) if asymmetry > 0 else None,
        smallest_eigenvalue=eigenvalue,
        looks_reversed=looks_reversed(table),
        class_counts=None if codes is None else _count(codes, table),
        change=change,
        warnings=[
            *_list_warnings(table, never or [], constant, groups),
            *_list_losses(change),
        ],
        notes=_list_notes(table, never, eigenvalue if asymmetry == 0 else None),
    )


def _find_classes(
    similarity: object, classes: ArrayLike | None, y: ArrayLike | None
) -> ArrayLike:
    """Class labels: the caller's, the frame's, those of y, or numbers."""
    if classes is not None:
        return classes
    if is_frame(similarity):
        labels = row_labels(similarity, "similarity")
    elif y is not None:
        labels = _sorted_labels(read_labels(y))
    else:
        labels = list(range(_count_rows(similarity)))
    if not labels:
        msg = "similarity is empty; expected a row and a column for each class."
        raise ValueError(msg)
    return label_array(labels)


def _count_rows(similarity: Any) -> int:
    """Length of a bare table."""
    try:
        return len(similarity)
    except TypeError:
        msg = (
            f"similarity of type {type(similarity).__name__} does not say how many "
            "classes there are; pass classes=[...] too."
        )
        raise TypeError(msg) from None


def _sorted_labels(labels: list[object]) -> list[object]:
    """Labels of y, each once and in order."""
    try:
        return sorted(set(labels))  # type: ignore[type-var]  # unsortable: below
    except TypeError:
        msg = "y mixes labels that cannot be sorted; pass classes=[...] in order."
        raise TypeError(msg) from None


def _read_proba(proba: ArrayLike, table: ScoreTable) -> FloatArray:
    """Class probabilities, columns in the order of the table's rows."""
    return read_proba(align_columns(proba, table.classes), table.n_classes)


def _require_known_columns(proba: object, labels: list[object]) -> None:
    """Refuse columns that may be in another order than the rows of a frame."""
    if names_classes(proba) or _are_sorted(labels):
        return
    msg = (
        f"similarity has rows {show_labels(labels)}, which are not in sorted order, "
        "and classes is None, so the columns of proba cannot be matched with them. "
        "Pass classes=..., the labels of proba's columns (an estimator's classes_)."
    )
    raise ValueError(msg)


def _are_sorted(labels: list[object]) -> bool:
    """Whether labels have an order and are in it."""
    try:
        return labels == sorted(labels)  # type: ignore[type-var]  # unsortable: below
    except TypeError:
        return False


def _require_same_length(codes: IntArray | None, proba: FloatArray | None) -> None:
    """Refuse y and proba of different lengths."""
    if codes is not None and proba is not None and len(codes) != len(proba):
        msg = (
            f"y has {len(codes)} rows but proba has {len(proba)}; pass both for the "
            "same samples."
        )
        raise ValueError(msg)


def _name_better_answers(
    table: ScoreTable, labels: list[object]
) -> tuple[BetterAnswer, ...]:
    """Answers that beat the right one, by their labels and scores."""
    scores = table.values
    return tuple(
        BetterAnswer(labels[i], labels[j], scores[i, i].item(), scores[i, j].item())
        for i, j in better_answers(table).tolist()
    )


def _find_never_best(table: ScoreTable) -> list[int] | None:
    """Answers that are never the single best one; None for a table too wide."""
    if table.n_decisions > _MOST_ANSWERS:
        return None
    return never_best_answers(table.values)


def _pick(labels: list[object], codes: list[int]) -> tuple[object, ...]:
    """Labels at some positions."""
    return tuple(labels[code] for code in codes)


def _count(codes: IntArray, table: ScoreTable) -> dict[object, int]:
    """How often each class occurs, those that never do included."""
    counts = np.bincount(codes, minlength=table.n_classes)
    return dict(zip(plain_labels(table.classes), counts.tolist(), strict=True))


def _list_warnings(
    table: ScoreTable, never: list[int], constant: list[int], groups: list[list[int]]
) -> list[str]:
    """Sentences on what the author of a table may not have meant."""
    if len(constant) == table.n_classes:
        return ["every row is constant, so no answer is ever better than another."]
    labels = plain_labels(table.decisions)
    doubt = describe_doubt(table)
    warnings = [] if doubt is None else [doubt]
    if never:
        warnings.append(
            f"no class probabilities make {_show(labels, never)} the single best "
            "answer, so the best decision never needs it."
        )
    if constant:
        warnings.append(
            f"the rows of {_show(labels, constant)} are constant: for these classes "
            "no answer is better than another."
        )
    warnings += [
        f"the rows of {_show(labels, group)} are equal up to a constant, so the "
        "table cannot tell these classes apart."
        for group in groups
    ]
    return warnings


def _list_losses(change: DecisionChange | None) -> list[str]:
    """Sentence on decisions that earn less by the table than without it."""
    if change is None or change.gain is None or change.standard_error is None:
        return []
    if not change.gain < -_MANY_ERRORS * change.standard_error:
        return []
    text = (
        f"on these rows the table's decisions earned {-change.gain:.4g} less than the "
        f"most probable class (standard error {change.standard_error:.2g}), so the "
        "probabilities are not what they say. Calibrate them, e.g. with "
        "simclf.decision.fit_temperature on held-out rows."
    )
    return [text]


def _list_notes(
    table: ScoreTable, never: list[int] | None, eigenvalue: float | None
) -> list[str]:
    """Sentences on what was left out, and on what few need to know."""
    notes = [_SKIPPED.format(table.n_decisions)] if never is None else []
    if eigenvalue is None or is_kernel(eigenvalue, table.n_classes):
        return notes
    # A table with better answers than the right ones is taken for distances by nobody.
    return notes if len(better_answers(table)) else [*notes, _NO_KERNEL % eigenvalue]


def _show(labels: list[object], codes: list[int]) -> str:
    """Labels at some positions, at most eight written out."""
    return show_labels(_pick(labels, codes))
