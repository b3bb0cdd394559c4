"""What the answers earn and lose for each class, and by which answer they lose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simclf.metrics._rows import ScoredRows, read_rows
from simclf.metrics._scaled import Scaled
from simclf.similarity._labels import plain_labels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pandas import DataFrame

    from simclf._typing import FloatArray, IntArray


def class_scores(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
) -> DataFrame:
    """Table of what the answers earn and lose, one row for each class.

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight, sample_scores : array-likes
        As in :func:`mean_score`.

    Returns
    -------
    DataFrame
        One row for each class of the table, with the columns

        - ``support``: rows of the class (the sum of their weights);
        - ``accuracy``: share of them answered with the class itself, its recall;
        - ``mean_score``, ``regret``, ``mistake_severity``: as the metrics of these
          names give for the rows of the class;
        - ``costliest_answer``: the answer by which the class loses most, None if it
          loses nothing; the first of several;
        - ``share_of_loss``: the share of the class's regret lost by it.

        A class without rows has a support of 0 and nothing else (nan, None).

    Raises
    ------
    ValueError
        As in :func:`mean_score`.

    Notes
    -----
    The means of ``accuracy``, ``mean_score`` and ``regret``, weighted by ``support``,
    are the metrics of all rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from simclf.metrics import class_scores
    >>> table = pd.DataFrame(
    ...     [[0, -1, -2], [-10, 0, -2]],
    ...     index=["fine", "ill"],
    ...     columns=["fine", "ill", "refer"],
    ... )
    >>> y_true = ["fine", "fine", "ill", "ill", "ill"]
    >>> y_pred = ["fine", "ill", "fine", "ill", "refer"]
    >>> frame = class_scores(y_true, y_pred, table)
    >>> frame[["support", "accuracy", "regret", "mistake_severity"]].round(2)
          support  accuracy  regret  mistake_severity
    fine      2.0      0.50     0.5               1.0
    ill       3.0      0.33     4.0               6.0
    >>> frame[["costliest_answer", "share_of_loss"]].round(2)
         costliest_answer  share_of_loss
    fine              ill           1.00
    ill              fine           0.83
    """
    import pandas as pd

    rows = read_rows(
        y_true,
        {"y_pred": y_pred},
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        sample_scores=sample_scores,
    )
    answers = rows.answers(y_pred)
    weights, wrong = rows.weights, answers != rows.truth
    earned, lost = Scaled.of(rows.worth.of(answers)), rows.lost(answers)
    known, mistakes = _sums(rows, weights), _sums(rows, weights * wrong)
    costs = weights * lost.values
    costliest, share = _costliest_answers(rows, answers, costs)
    with np.errstate(invalid="ignore"):
        severity = lost.restore(_sums(rows, costs * wrong) / mistakes)
        columns = {
            "support": _sums(rows, rows.counts),
            "accuracy": 1 - mistakes / known,
            "mean_score": earned.restore(_sums(rows, weights * earned.values) / known),
            "regret": lost.restore(_sums(rows, costs) / known),
            "mistake_severity": np.where((known > 0) & (mistakes == 0), 0.0, severity),
            "costliest_answer": pd.Series(costliest, dtype=object).to_numpy(),
            "share_of_loss": share,
        }
    return pd.DataFrame(columns, index=pd.Index(plain_labels(rows.table.classes)))


def _sums(rows: ScoredRows, values: FloatArray) -> FloatArray:
    """Sum over the rows of each class."""
    sums = np.bincount(rows.truth, values, minlength=rows.table.n_classes)
    return np.asarray(sums, dtype=np.float64)


def _costliest_answers(
    rows: ScoredRows, answers: IntArray, lost: FloatArray
) -> tuple[list[object], FloatArray]:
    """Answer by which each class loses most, and its share of what the class loses."""
    labels: list[object] = [None] * rows.table.n_classes
    share = np.full(rows.table.n_classes, np.nan)
    names = plain_labels(rows.table.decisions)
    # Pairs that occur, not all there could be: a table may have 10,000 classes.
    pairs, which = np.unique(
        rows.truth * rows.table.n_decisions + answers, return_inverse=True
    )
    losses = np.bincount(which.reshape(-1), lost)
    truths, given = np.divmod(pairs, rows.table.n_decisions)
    order = np.lexsort((given, -losses, truths))
    _, first = np.unique(truths[order], return_index=True)
    for pair in order[first]:
        if losses[pair] > 0:
            labels[truths[pair]] = names[given[pair]]
            share[truths[pair]] = losses[pair]
    return labels, share / _sums(rows, lost)
