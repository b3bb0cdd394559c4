"""skorch callbacks that follow what training earns."""

from typing import Any

import numpy as np
import torch
from skorch.callbacks import Callback
from torch import Tensor

from simclf._typing import FloatArray
from simclf.decision._align import aligned_table
from simclf.similarity._labels import plain_labels, show_labels

__all__ = ["EpochScores"]

_ROWS_AT_ONCE = 8192


class EpochScores(Callback):
    """Record the mean score of the answers after every epoch.

    The history then has ``train_score`` and, where rows are held out, ``valid_score``;
    :class:`simclf.plotting.TrainingCurveDisplay` draws both beside the loss.

    Parameters
    ----------
    similarity : array-like of shape (n_classes, n_classes), DataFrame, callable or \
None, default=None
        What answer ``j`` (column) is worth when the truth is ``i`` (row), mostly the
        table of the classifier; another one judges by that. Answers that are no class,
        such as "refer", are found by name. None is accuracy, to which they are wrong.

    Notes
    -----
    Each member's own answers are scored on its own rows, and the mean over the members
    is recorded: what they earn *together*, with averaged and calibrated probabilities,
    is mostly more. Answers are those that the loss calls for: the Bayes decision under
    `similarity` where it estimates the posterior, else the answer of highest output.

    Every epoch costs one more pass over the rows, without gradients.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from simclf import SimilarityAwareClassifier
    >>> from simclf.callbacks import EpochScores
    >>> X, y = load_iris(return_X_y=True)
    >>> table = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.8], [0.0, 0.1, 1.0]]
    >>> clf = SimilarityAwareClassifier(
    ...     table, callbacks=[EpochScores(table)], max_epochs=2, random_state=0
    ... )
    >>> sorted(name for name in clf.fit(X, y).history_[0] if name.endswith("_score"))
    ['train_score', 'valid_score']
    """

    def __init__(self, similarity: Any = None) -> None:
        self.similarity = similarity

    def on_epoch_end(
        self, net: Any, dataset_train: Any = None, dataset_valid: Any = None, **_: Any
    ) -> None:
        """Record the scores of an epoch that has ended.

        Parameters
        ----------
        net : MemberNet
            The net that is trained.
        dataset_train, dataset_valid : rows or None, default=None
            Rows learned from, and rows held out.
        **_ : dict
            Not used.

        Returns
        -------
        None

        Raises
        ------
        ValueError
            If the table does not fit the classes, or lacks an answer that the loss
            learns.
        """
        values = _worth(self.similarity, net.criterion_)
        given = {"train_score": dataset_train, "valid_score": dataset_valid}
        for name, rows in given.items():
            if rows is not None:
                net.history.record(name, _mean_score(net, rows, values))


def _worth(similarity: Any, criterion: Any) -> FloatArray:
    """Return what each answer that may be given is worth, one column an answer."""
    table = aligned_table(similarity, criterion.classes)
    if criterion.loss.estimates == "posterior":
        # Answers are the table's own, or the classes, which come first in it.
        return table.values
    learned = plain_labels(criterion.decisions)
    if similarity is None:
        # An answer that is no class is never right.
        return np.eye(table.n_classes, len(learned))
    known = plain_labels(table.decisions)
    lacking = [answer for answer in learned if answer not in known]
    if lacking:
        msg = (
            f"EpochScores: similarity has no column for {show_labels(lacking)}, which "
            f"the classifier may answer; it knows {show_labels(known)}. Give it the "
            "table of the classifier, or a DataFrame with these columns."
        )
        raise ValueError(msg)
    return table.values[:, [known.index(answer) for answer in learned]]


def _mean_score(net: Any, rows: Any, values: Any) -> float:
    """Mean score of every member's answers to its rows."""
    net.module_.eval()
    device = next(net.module_.parameters()).device
    table = torch.tensor(values, dtype=torch.float64, device=device)
    earned = weight = 0.0
    for batch in rows.chunks(_ROWS_AT_ONCE):
        with torch.no_grad():
            proba = net.criterion_.proba(net.module_(batch.features)).double()
        scores = table[batch.codes, _answers(net, proba, table)]
        weights = torch.ones_like(scores) if batch.weight is None else batch.weight
        weights = weights.double().expand_as(scores)
        earned += (weights * scores).sum().item()
        weight += weights.sum().item()
    return earned / weight


def _answers(net: Any, proba: Tensor, table: Tensor) -> Tensor:
    """Answers that the loss calls for."""
    if net.criterion_.loss.consistent_decision == "bayes":
        proba = proba @ table
    return proba.argmax(-1)
