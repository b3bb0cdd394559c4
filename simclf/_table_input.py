"""The table of a fit: what the user gave, or what the scores of single rows come to."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from simclf._inputs import LabelledRows
from simclf._typing import AnyArray, FloatArray
from simclf.decision._sample_scores import column_labels, read_sample_scores
from simclf.losses import Loss
from simclf.similarity import ScoreTable, resolve_table
from simclf.similarity._labels import plain_labels
from simclf.similarity._resolve import frozen_table
from simclf.similarity._warnings import warn_user

_LARGEST_EXPONENT = np.finfo(np.float64).maxexp


def read_table(
    rows: LabelledRows, similarity: object, cost: object, sample_scores: object
) -> tuple[ScoreTable, LabelledRows]:
    """Read the table, and give the rows their own scores where there are any.

    Parameters
    ----------
    rows : LabelledRows
        Rows to learn from.
    similarity, cost : tables
        As the user gave them. Without either the table is the mean of the scores of
        each class's rows.
    sample_scores : array-like of shape (n_given, n_decisions) or None
        What each answer is worth for each row, those of weight zero too.
    """
    if sample_scores is None:
        return resolve_table(similarity, rows.classes, cost=cost), rows
    if similarity is None and cost is None:
        extras = _further_answers(sample_scores, rows.classes)
        answers = np.array([*plain_labels(rows.classes), *extras], dtype=object)
        rows = with_sample_scores(rows, sample_scores, answers)
        means = _class_means(rows)
        return frozen_table(means, rows.classes.copy(), extras, "sample_scores"), rows
    table = resolve_table(similarity, rows.classes, cost=cost)
    return table, with_sample_scores(rows, sample_scores, table.decisions)


def with_sample_scores(
    rows: LabelledRows, sample_scores: object, decisions: AnyArray
) -> LabelledRows:
    """Return the rows with scores of their own, in the order of the decisions."""
    scores = read_sample_scores(sample_scores, decisions, rows.n_given)
    kept = scores if rows.kept is None else scores[rows.kept]
    return replace(rows, sample_scores=kept)


def with_validation_scores(
    given: LabelledRows | None,
    rows: LabelledRows,
    table: ScoreTable,
    sample_scores_val: object,
) -> LabelledRows | None:
    """Return the rows of ``X_val`` with scores of their own, if the others have any."""
    if sample_scores_val is None:
        if given is None or rows.sample_scores is None:
            return given
        msg = (
            "sample_scores_val is missing: X_val and sample_scores are given, so the "
            "rows of X_val need scores of their own too."
        )
        raise ValueError(msg)
    if given is None or rows.sample_scores is None:
        lacking = "X_val" if given is None else "sample_scores"
        msg = (
            f"sample_scores_val is given without {lacking}; pass both, or leave "
            "sample_scores_val out."
        )
        raise ValueError(msg)
    try:
        return with_sample_scores(given, sample_scores_val, table.decisions)
    except (TypeError, ValueError) as error:
        msg = f"sample_scores_val: {error}"
        raise type(error)(msg) from None


def refuse_unused_scores(rows: LabelledRows, table: ScoreTable, loss: Loss) -> None:
    """Refuse scores of single rows that nothing uses; warn of a use in the mean."""
    if rows.sample_scores is None or loss.takes_sample_scores:
        return
    if loss.estimates == "posterior":
        if table.given_as == "sample_scores":
            _warn_of_means(rows, table, loss)
            return
        remedy = (
            "leave similarity and cost out (the table is then the mean score of each "
            "class's rows), or use a loss that learns answers, such as "
            "loss='entropic_score'"
        )
    else:
        remedy = (
            "use loss='entropic_score' or ExpectedScoreLoss(tau=None), or leave "
            "sample_scores out"
        )
    msg = f"sample_scores is given, but {_named(loss)} would not use it; {remedy}."
    raise ValueError(msg)


def _warn_of_means(rows: LabelledRows, table: ScoreTable, loss: Loss) -> None:
    """Warn of rows that do not score as the others of their class."""
    assert rows.sample_scores is not None
    differs = np.not_equal(rows.sample_scores, table.values[rows.codes])
    other = np.flatnonzero(differs.any(axis=1))
    if other.size:
        row = other[0] if rows.kept is None else rows.kept[other[0]]
        warn_user(
            f"sample_scores[{row}] differs from other rows of its class, but "
            f"{_named(loss)} learns the classes and uses the mean of their rows "
            "alone; use loss='entropic_score' to learn from each row."
        )


def _named(loss: Loss) -> str:
    """Return what the user calls a loss: "auto" is made of several."""
    return "loss='auto'" if loss.name == "auto" else f"loss {loss!r}"


def _further_answers(sample_scores: object, classes: AnyArray) -> list[object]:
    """Columns of a frame that are no class; none of a bare array."""
    known = set(plain_labels(classes))
    return [label for label in column_labels(sample_scores) or [] if label not in known]


def _class_means(rows: LabelledRows) -> FloatArray:
    """Mean score of every answer over the rows of each class, weighted."""
    scores, codes = rows.sample_scores, rows.codes
    assert scores is not None
    weight = np.ones(len(codes)) if rows.sample_weight is None else rows.sample_weight
    n_classes = len(rows.classes)
    membership = sparse.csr_array(
        (weight, (codes, np.arange(len(codes)))), shape=(n_classes, len(codes))
    )
    shift = _room_for_sum(scores, weight)
    scores = np.ldexp(scores, -shift)
    # Counted from the first row of each class: rows that agree have that row as mean.
    first = scores[np.unique(codes, return_index=True)[1]]
    total = np.bincount(codes, weight, minlength=n_classes)[:, None]
    means = first + membership @ (scores - first[codes]) / total
    return np.asarray(np.ldexp(means, shift))


def _room_for_sum(scores: FloatArray, weight: FloatArray) -> int:
    """Power of two that keeps sums of huge scores finite; 0 where they are as it is."""
    largest, summed = np.frexp([np.abs(scores).max(), 2 * weight.sum()])[1].tolist()
    return max(0, int(largest + summed) - _LARGEST_EXPONENT)
