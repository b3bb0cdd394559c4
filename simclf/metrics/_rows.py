"""Rows that metrics average over: their truth, weights, and what answers are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._align import label_codes, union, whole_table
from simclf.decision._check import check_weights
from simclf.decision._label_order import label_axis, refuse_unsorted, sorted_labels
from simclf.decision._sample_scores import column_labels, read_sample_scores
from simclf.metrics._scaled import Scaled
from simclf.metrics._worth import SampleWorth, TableWorth, Worth
from simclf.similarity import ScoreTable, resolve_table
from simclf.similarity._labels import label_array

_LEAST_WEIGHT = np.finfo(np.float64).tiny.item()


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """Rows to be scored.

    ``table`` names the classes and the answers, ``truth`` are codes of the classes,
    ``counts`` are the weights as given (ones without).
    """

    table: ScoreTable
    truth: IntArray
    counts: FloatArray
    worth: Worth

    @property
    def weights(self) -> FloatArray:
        """Weights of the rows, the largest of them one: no sum of them overflows.

        A positive weight stays positive, however small beside the largest.
        """
        weights = self.counts / self.counts.max()
        return np.where(self.counts > 0, np.maximum(weights, _LEAST_WEIGHT), 0.0)

    def mean(self, values: FloatArray) -> float:
        """Weighted mean over the rows."""
        return Scaled.of(values).mean(self.weights)

    def answers(self, y_pred: ArrayLike, name: str = "y_pred") -> IntArray:
        """Codes of answers, one for each row."""
        codes = label_codes(y_pred, self.table.decisions, name, "answer")
        self.require_length(len(codes), name)
        return codes

    def require_length(self, length: int, name: str) -> None:
        """Refuse what is not as long as the true labels."""
        if length != len(self.truth):
            msg = (
                f"{name} has {length} rows but y_true has {len(self.truth)}; "
                "pass one for each true label."
            )
            raise ValueError(msg)

    def lost(self, answers: IntArray) -> Scaled:
        """Loss of each answer against the best one of its row."""
        return Scaled.difference(self.worth.best(), self.worth.of(answers))

    def skill(self, score: float) -> float:
        """Place of a mean score between the best constant answer and perfect ones."""
        perfect = self.mean(self.worth.best())
        constant = self.mean(self.worth.of(self.worth.best_constant(self.weights)))
        if perfect == constant:
            return float(score == perfect)
        gained = Scaled.difference(np.array([score, perfect]), np.array(constant))
        return float(gained.values[0] / gained.values[1])


def read_rows(
    y_true: ArrayLike,
    others: Mapping[str, ArrayLike],
    similarity: object,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
) -> ScoredRows:
    """Align what answers are worth with the labels at hand.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    others : mapping from str to array-like
        Further labels found in the data, by what the user calls them.
    similarity, classes, sample_weight, sample_scores
        As the user gave them.
    """
    labels = label_axis(y_true, "y_true")
    if labels.size == 0:
        msg = "y_true is empty; a mean needs at least one row."
        raise ValueError(msg)
    observed = (labels, *(label_axis(other, name) for name, other in others.items()))
    _check_order(classes, sample_scores)
    if similarity is None and sample_scores is not None:
        table = resolve_table(None, _name_answers(classes, observed, sample_scores))
    else:
        table = whole_table(similarity, classes, observed)
    truth = label_codes(labels, table.classes, "y_true", "class")
    counts = check_weights(sample_weight, len(truth))
    worth: Worth = TableWorth(table, truth)
    if sample_scores is not None:
        worth = SampleWorth(_read_scores(sample_scores, table, len(truth)))
    return ScoredRows(
        table, truth, np.ones(len(truth)) if counts is None else counts, worth
    )


def _read_scores(sample_scores: object, table: ScoreTable, n: int) -> FloatArray:
    """Scores of rows in the order of the table's answers.

    A bare array has the sorted classes first, whatever the order of a table's rows.
    """
    if column_labels(sample_scores) is not None:
        return read_sample_scores(sample_scores, table.decisions, n)
    order = label_codes(sorted_labels(table.classes), table.classes, "classes", "class")
    answers = np.append(order, np.arange(table.n_classes, table.n_decisions))
    scores = read_sample_scores(sample_scores, table.decisions[answers], n)
    ordered = np.empty_like(scores)
    ordered[:, answers] = scores
    return ordered


def _check_order(classes: ArrayLike | None, sample_scores: object) -> None:
    """Refuse scores without names beside classes that are not sorted."""
    if classes is None or sample_scores is None:
        return
    if column_labels(sample_scores) is None:
        sorted_labels(classes)
        frame = "pd.DataFrame(sample_scores, columns=...), the columns named by answer"
        refuse_unsorted(classes, "sample_scores", frame)


def _name_answers(
    classes: ArrayLike | None, observed: Sequence[ArrayLike], sample_scores: object
) -> AnyArray:
    """Answers that the columns of scores without a table stand for."""
    columns = column_labels(sample_scores)
    if columns is not None:
        return label_array(columns)
    return union(observed) if classes is None else sorted_labels(classes)
