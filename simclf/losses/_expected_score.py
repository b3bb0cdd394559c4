"""The expected score of an answer drawn from the softmax, with its cures."""

import math

import numpy as np
import torch
from torch import Tensor

from simclf._typing import FloatArray, IntArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_choice, check_number
from simclf.losses._likelihood import cross_entropy, take
from simclf.losses._search import search_minimiser
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, unit_regret

_LARGEST_BIAS = 50.0


class ExpectedScoreLoss(Loss):
    r"""The expected regret of an answer drawn from the softmax.

    Parameters
    ----------
    warm_start : float, default=0.3
        Share of the training, in [0, 1], during which the loss is cross entropy
        towards the best answer of the row.
    logit_bias : float or "auto", default=0.0
        Added to the score of the best answer while training, in [0, 50]; "auto" is
        the logarithm of the number of answers.

    Notes
    -----
    With :math:`q` the softmax of the scores over the answers, :math:`R` the unit
    regret (best score of the row minus score, divided by the largest row range),
    :math:`b` the bias and :math:`j^*` the best answer of row :math:`y`
    (among several the class itself, else the first):

    **Value.** :math:`\sum_j q_j R_{yj}`, with :math:`q` the softmax of the scores
    plus :math:`b` at :math:`j^*`. Up to scale and a constant of the row this is
    minus the expected score.

    **Gradient.** :math:`q_k (R_{yk} - \sum_j q_j R_{yj})`. It is proportional to
    :math:`q_k`: an answer that has lost its probability cannot come back, and a
    network that starts with this loss settles on a few of the answers.
    ``warm_start`` and ``logit_bias`` are two cures; ``warm_start=0.0`` with
    ``logit_bias=0.0`` is the naive form.

    **Minimiser.** After the warm start and without a bias, all probability on the
    answer of largest expected score. With a bias the problem is not convex and has
    no closed form; :meth:`minimiser` then searches from equal scores.

    **Decision.** Argmax of the scores. It is the Bayes decision if the bias is zero,
    and only near it otherwise.

    **Limits.** With the identity table :math:`1 - q_y`, the mean absolute error of
    the probability.

    References
    ----------
    .. [1] Staats, Thamm, Rosenow, "Enhancing noise-robust losses for large-scale
       noisy data learning", 2023, arXiv:2306.05497 (the logit bias).
    .. [2] Mei, Xiao, Dai, Li, Szepesvari, Schuurmans, "Escaping the gravitational
       pull of softmax", NeurIPS 2020 (why the naive form is slow).

    Examples
    --------
    Regrets are counted in row ranges: three for ``c1``, two for ``c3``. An even
    guess:

    >>> import torch
    >>> from simclf.losses import ExpectedScoreLoss
    >>> from simclf.similarity import resolve_table
    >>> S = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> loss = ExpectedScoreLoss(warm_start=0.0)
    >>> table = loss.prepare(resolve_table(S, ["c1", "c2", "c3", "c4"]))
    >>> loss.pointwise(torch.zeros(4, 4), torch.tensor([0, 1, 2, 3]), table)
    tensor([0.5000, 0.5000, 0.3333, 0.5000])

    Whatever the posterior, ``c3`` is never the only best answer under this table:

    >>> loss.minimiser([[0.1, 0.1, 0.7, 0.1]], S)
    array([[0., 0., 0., 1.]])
    """

    name = "expected_score"
    estimates: Estimates = "decision"

    def __init__(self, warm_start: float = 0.3, logit_bias: float | str = 0.0) -> None:
        self.warm_start = warm_start
        self.logit_bias = logit_bias

    @property
    def warmup_fraction(self) -> float:
        """Share of the training that is cross entropy: `warm_start`."""
        return self.warm_start

    def _check(self) -> None:
        check_number(self.name, "warm_start", self.warm_start, high=1.0)
        if isinstance(self.logit_bias, str):
            number = f"a number in [0, {_LARGEST_BIAS:g}]"
            check_choice(
                self.name, "logit_bias", self.logit_bias, ["auto"], also=number
            )
        else:
            check_number(self.name, "logit_bias", self.logit_bias, high=_LARGEST_BIAS)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        regret = unit_regret(table.values)
        return DenseTable(regret, dtype, best=_best_answers(regret))

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        if progress < self.warm_start:
            return cross_entropy(scores, table.best_answers(codes))
        q = scores.softmax(dim=-1)
        regret = (q * table.rows(codes)).sum(dim=-1)
        bias = self._bias(scores.shape[-1])
        if not bias:
            return regret
        # The best answer has no regret: the bias only enlarges the partition sum.
        return regret / (1.0 + math.expm1(bias) * take(q, table.best_answers(codes)))

    def _bias(self, n_outputs: int) -> float:
        """Return the number that `logit_bias` stands for."""
        if isinstance(self.logit_bias, str):
            return math.log(n_outputs)
        return float(self.logit_bias)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        if self._bias(table.n_decisions):
            return search_minimiser(self, posterior, table)
        regret = posterior @ unit_regret(table.values)
        vertices = np.eye(table.n_decisions, dtype=np.float64)
        return np.asarray(vertices[regret.argmin(axis=1)])


def _best_answers(regret: FloatArray) -> IntArray:
    """Return the class itself where no answer beats it, else the first best answer."""
    own = np.arange(len(regret))
    best = np.where(regret[own, own] == 0.0, own, regret.argmin(axis=1))
    return np.asarray(best, dtype=np.intp)
