"""The logarithm of the expected score: SimLoss and its relatives."""

import numpy as np
import torch
from torch import Tensor

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_number
from simclf.losses._kelly import log_optimal_mixture
from simclf.losses._sample_rows import sample_regret
from simclf.losses._softmax import log_softmax, softmax
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, unit_regret

# The expected score is at least the floor, so from here on its logarithm needs no
# log-sum-exp: the sum can neither vanish nor lose its digits.
_SAFE_FLOOR = 1e-6


class LogExpectedScoreLoss(Loss):
    r"""Minus the logarithm of the expected score (SimLoss).

    Parameters
    ----------
    floor : float, default=0.001
        What the worst answer of a row is worth where the best is worth one, in
        [0, 1). Zero makes the worst answers worthless, as in a table that says
        which answers are admissible.

    Notes
    -----
    With :math:`q` the softmax of the scores :math:`z` over the answers, and
    :math:`s_{yj}` the score of answer :math:`j` brought from the range of its row
    to :math:`[f, 1]` (a constant row is all ones):

    **Value.** :math:`-\log \sum_j q_j s_{yj}`, the difference of two log-sum-exps.

    **Gradient.** :math:`q_k - q_k s_{yk} / \sum_j q_j s_{yj}`: that of the expected
    score, divided by it. Where wrong answers earn partial credit it dies out like
    that of the expected score.

    **Minimiser.** The log-optimal portfolio of the rows of :math:`s` under the
    posterior, often on the border of the simplex; computed by multiplicative
    updates. It is no posterior.

    **Decision.** Argmax of the scores. It is the Bayes decision in 84 % of random
    problems only (four classes, right answers worth one, wrong ones up to one, even
    posteriors).

    **Limits.** With the identity table and ``floor=0`` it is cross entropy. ``floor``
    to 1 gives, divided by ``1 - floor``, the expected regret of the table whose rows
    are all brought to a range of one: that is the expected score where all rows have
    the same range, and not where some have less at stake than others. With a 0/1
    table of admissible answers and ``floor=0`` it is the cross entropy of the
    admissible set.

    References
    ----------
    .. [1] Kobs, Steininger, Zehe, Lautenschlager, Hotho, "SimLoss: class similarities
       in cross entropy", ISMIS 2020, arXiv:2003.03182.
    .. [2] Cover, "An algorithm for maximizing expected log investment return", 1984,
       doi:10.1109/TIT.1984.1056869.

    Examples
    --------
    >>> import torch
    >>> from simclf.losses import LogExpectedScoreLoss
    >>> admissible = [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    >>> criterion = LogExpectedScoreLoss(floor=0.0).criterion(admissible)
    >>> criterion.pointwise(torch.zeros(3, 3), torch.tensor([0, 1, 2]))
    tensor([0.4055, 1.0986, 1.0986])
    """

    name = "log_expected_score"
    estimates: Estimates = "decision"

    def __init__(self, floor: float = 0.001) -> None:
        self.floor = floor

    @property
    def takes_sample_scores(self) -> bool:
        """Whether scores of single examples can take the place of rows: they can."""
        return True

    def _check(self) -> None:
        check_number(self.name, "floor", self.floor, high=1.0, open_high=True)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        return DenseTable(self._rows(unit_regret(table.values)), dtype)

    def _sample_rows(self, sample_scores: FloatArray, table: ScoreTable) -> FloatArray:
        return self._rows(sample_regret(sample_scores, table))

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        del progress
        if self.floor >= _SAFE_FLOOR:
            return -(softmax(scores) * table.rows(codes)).sum(dim=-1).log()
        log_q = log_softmax(scores)
        return -torch.logsumexp(log_q + table.rows(codes), dim=-1)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        return log_optimal_mixture(posterior, self._worth(unit_regret(table.values)))

    def _rows(self, regret: FloatArray) -> FloatArray:
        """Return what answers are worth, or its logarithm where that may be zero."""
        worth = self._worth(regret)
        if self.floor >= _SAFE_FLOOR:
            return worth
        nothing = np.full_like(worth, -np.inf)
        return np.asarray(np.log(worth, out=nothing, where=worth > 0))

    def _worth(self, regret: FloatArray) -> FloatArray:
        """Return the scores of each row, brought from its own range to [floor, 1]."""
        ranges = regret.max(axis=1, keepdims=True)
        share = np.divide(regret, ranges, out=np.zeros_like(regret), where=ranges > 0)
        return np.asarray(1.0 - (1.0 - self.floor) * share, dtype=np.float64)
