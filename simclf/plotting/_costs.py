"""How often each answer was given for each truth, and what that cost."""

from typing import NamedTuple

import numpy as np

from simclf._typing import FloatArray, IntArray
from simclf.metrics._rows import ScoredRows
from simclf.similarity import ScoreTable


class Confusion(NamedTuple):
    """Sums over the rows of each truth and answer, both of the table's shape.

    ``counts`` adds up weights, ``costs`` weights times regrets.
    """

    counts: FloatArray
    costs: FloatArray


def count_mistakes(rows: ScoredRows, answers: IntArray) -> Confusion:
    """Count every pair of truth and answer, and add up what it cost.

    Parameters
    ----------
    rows : ScoredRows
        Truths, weights, and what answers are worth.
    answers : ndarray of shape (n_samples,)
        Codes.

    Returns
    -------
    Confusion
    """
    shape = rows.table.n_classes, rows.table.n_decisions
    pairs = rows.truth * shape[1] + answers
    lost = rows.lost(answers)
    regrets = lost.restore(lost.values)

    def sums(values: FloatArray) -> FloatArray:
        added = np.bincount(pairs, values, minlength=shape[0] * shape[1])
        return np.asarray(added.reshape(shape), dtype=np.float64)

    return Confusion(sums(rows.counts), sums(rows.counts * regrets))


def mean_costs(confusion: Confusion) -> FloatArray:
    """Mean cost of a row of each class; nan for a class without rows."""
    with np.errstate(invalid="ignore"):
        return np.asarray(confusion.costs.sum(axis=1) / confusion.counts.sum(axis=1))


def normalised(
    cells: FloatArray, counts: FloatArray, normalize: str | None
) -> FloatArray:
    """Cells divided by the rows of their class, by all rows, or not at all.

    Parameters
    ----------
    cells, counts : ndarray of shape (n_classes, n_decisions)
        What is shown, and the rows that it is a sum over.
    normalize : {"true", "all", None}
        The divisor. A class without rows keeps its zeros.

    Returns
    -------
    ndarray of shape (n_classes, n_decisions)
    """
    if normalize is None:
        return cells
    if normalize == "all":
        return np.asarray(cells / counts.sum())
    rows = counts.sum(axis=1, keepdims=True)
    return np.asarray(cells / np.where(rows > 0, rows, 1.0))


def occurring(
    table: ScoreTable, truth: IntArray, answers: IntArray
) -> tuple[IntArray, IntArray]:
    """Classes, and answers that are no class, that occur in some row."""
    seen = np.union1d(truth, answers)
    return seen[seen < table.n_classes], seen[seen >= table.n_classes]


def part_of(table: ScoreTable, classes: IntArray, extras: IntArray) -> ScoreTable:
    """Cut a table to some classes, and some of its further answers."""
    columns = np.concatenate([classes, extras])
    return ScoreTable(
        table.values[np.ix_(classes, columns)],
        table.classes[classes],
        table.decisions[columns],
        table.given_as,
    )
