"""The expected score with a reward for entropy."""

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_number
from simclf.losses._sample_rows import sample_regret
from simclf.losses._softmax import log_softmax
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, unit_regret


class EntropicScoreLoss(Loss):
    r"""The expected regret less a multiple of the entropy of the softmax.

    Parameters
    ----------
    tau : float, default=0.1
        Weight of the entropy, positive, in units of the largest row range.

    Notes
    -----
    With :math:`q` the softmax of the scores over the answers and :math:`R` the unit
    regret:

    **Value.** :math:`\sum_j q_j (\tau \log q_j + R_{yj})`. Up to a constant of the
    row it is :math:`\tau` times the Kullback-Leibler divergence of :math:`q` from
    the softmax of minus :math:`R_y / \tau`, the reverse of what a soft target takes.

    **Gradient.** :math:`q_k (\tau \log q_k + R_{yk} - v)` with :math:`v` the value.

    **Minimiser.** The softmax of :math:`-\bar R / \tau`, with :math:`\bar R` the
    expected regret of each answer under the posterior.

    **Decision.** Argmax of the scores: the Bayes decision, for every ``tau``.

    **Limits.** ``tau`` to 0 is the naive expected score; large ``tau`` keeps the
    softmax near uniform.

    References
    ----------
    .. [1] Norouzi et al., "Reward augmented maximum likelihood for neural structured
       prediction", NeurIPS 2016, arXiv:1609.00150 (both directions compared).
    .. [2] Williams, Peng, "Function optimization using connectionist reinforcement
       learning algorithms", 1991, doi:10.1080/09540099108946587.

    Examples
    --------
    >>> import torch
    >>> from simclf.losses import EntropicScoreLoss
    >>> criterion = EntropicScoreLoss(tau=0.5).criterion([[1.0, 0.5], [0.0, 1.0]])
    >>> criterion.pointwise(torch.zeros(2, 2), torch.tensor([0, 1]))
    tensor([-0.0966,  0.1534])
    """

    name = "entropic_score"
    estimates: Estimates = "decision"

    def __init__(self, tau: float = 0.1) -> None:
        self.tau = tau

    @property
    def takes_sample_scores(self) -> bool:
        """Whether scores of single examples can take the place of rows: they can."""
        return True

    def _check(self) -> None:
        check_number(self.name, "tau", self.tau, open_low=True)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        return DenseTable(unit_regret(table.values), dtype)

    def _sample_rows(self, sample_scores: FloatArray, table: ScoreTable) -> FloatArray:
        return sample_regret(sample_scores, table)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        del progress
        log_q = log_softmax(scores)
        free = torch.add(table.rows(codes), log_q, alpha=self.tau)
        return (log_q.exp() * free).sum(dim=-1)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        regret = posterior @ unit_regret(table.values)
        return np.asarray(softmax(-regret / self.tau, axis=1), dtype=np.float64)
