"""Outputs that are expected scores: one regression for each answer."""

import numpy as np
import torch
from scipy.special import expit, logit
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_choice
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, unit_scores


class ScoreRegressionLoss(Loss):
    r"""A regression of the row of the table, one output for each answer.

    Parameters
    ----------
    kind : {"squared", "one_vs_all"}, default="squared"
        Squared error on the unit table, or logistic loss on the table brought to
        [0, 1].

    Notes
    -----
    With :math:`z` the scores over the answers, :math:`u` the table less its mean,
    divided by its largest row range, and :math:`p` the table brought to
    :math:`[0, 1]` (a constant table to one half):

    **Value.** :math:`\tfrac12 \sum_j (z_j - u_{yj})^2`, or
    :math:`\sum_j \log(1 + e^{z_j}) - p_{yj} z_j`.

    **Gradient.** :math:`z_k - u_{yk}`, or :math:`\sigma(z_k) - p_{yk}`.

    **Minimiser.** The expected score of each answer under the posterior, in units of
    the table, or its logit. :meth:`minimiser` returns these raw outputs, and
    :meth:`expected_scores` brings them back to the table's own scale. The softmax of
    the outputs orders the answers, but its numbers are not probabilities of
    anything.

    **Decision.** Argmax of the scores: the Bayes decision.

    **Limits.** With the identity table "squared" regresses the one-hot labels, and
    "one_vs_all" is one logistic regression for each class. Unlike other losses
    these depend on what is added to a row of the table.

    References
    ----------
    .. [1] Ramaswamy, Agarwal, "Convex calibration dimension for multiclass loss
       matrices", JMLR 17(14), 2016, arXiv:1408.2764.
    .. [2] Osokin, Bach, Lacoste-Julien, "On structured prediction theory with
       calibrated convex surrogate losses", NeurIPS 2017, arXiv:1703.02403.

    Examples
    --------
    >>> import torch
    >>> from simclf.losses import ScoreRegressionLoss
    >>> S = [[1.0, 0.5], [0.0, 1.0]]
    >>> loss = ScoreRegressionLoss()
    >>> loss.criterion(S).pointwise(torch.zeros(2, 2), torch.tensor([0, 1]))
    tensor([0.0781, 0.2656])
    >>> outputs = loss.minimiser([[0.5, 0.5]], S)
    >>> loss.expected_scores(outputs, S)
    array([[0.5 , 0.75]])
    """

    name = "score_regression"
    estimates: Estimates = "decision"

    def __init__(self, kind: str = "squared") -> None:
        self.kind = kind

    @property
    def gives_expected_scores(self) -> bool:
        """Whether the outputs themselves are expected scores: they are."""
        return True

    @property
    def takes_sample_scores(self) -> bool:
        """Whether scores of single examples can take the place of rows.

        They may lie outside of the table's range, which "one_vs_all" cannot learn.
        """
        return self.kind == "squared"

    def _check(self) -> None:
        check_choice(self.name, "kind", self.kind, ["squared", "one_vs_all"])

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        return DenseTable(self._targets(table), dtype)

    def _sample_rows(self, sample_scores: FloatArray, table: ScoreTable) -> FloatArray:
        _, scale, offset = unit_scores(table.values)
        return np.asarray(sample_scores / scale - offset / scale)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        del progress
        targets = table.rows(codes)
        if self.kind == "squared":
            return 0.5 * (scores - targets).square().sum(dim=-1)
        targets = targets.to(scores.dtype).expand_as(scores)
        return binary_cross_entropy_with_logits(scores, targets, reduction="none").sum(
            dim=-1
        )

    def _pooled_proba(self, scores: Tensor, table: DenseTable) -> Tensor:
        # Outputs that are expected scores have a mean of their own, and its softmax
        # has the answer of highest mean first.
        return self._proba(scores.double().mean(dim=0), table)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        expected = posterior @ self._targets(table)
        if self.kind == "squared":
            return np.asarray(expected, dtype=np.float64)
        return np.asarray(logit(expected.clip(0.0, 1.0)), dtype=np.float64)

    def _expected_scores(self, outputs: FloatArray, table: ScoreTable) -> FloatArray:
        unit, scale, offset = unit_scores(table.values)
        if self.kind == "squared":
            return outputs * scale + offset
        low, high = unit.min(), unit.max()
        share = np.asarray(expit(outputs), dtype=np.float64)
        return np.asarray((low + share * (high - low)) * scale + offset)

    def _targets(self, table: ScoreTable) -> FloatArray:
        """Return the unit table, or the table brought to [0, 1]."""
        unit, _, _ = unit_scores(table.values)
        if self.kind == "squared":
            return unit
        low, high = unit.min(), unit.max()
        if low == high:
            return np.full_like(unit, 0.5)
        return np.asarray((unit - low) / (high - low), dtype=np.float64)
