"""The expected score of an answer drawn by the network, in four forms."""

import math

import numpy as np
import torch
from torch import Tensor

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_choice, check_number
from simclf.losses._drawn import biased_regret, regret_of, softened_decision
from simclf.losses._likelihood import cross_entropy
from simclf.losses._sample_rows import best_answers, sample_regret
from simclf.losses._search import search_minimiser
from simclf.losses._softmax import softmax
from simclf.losses._structured import prepare_regret
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, unit_regret

_LARGEST_BIAS = 50.0
# Share of the training after the warm start in which cross entropy fades out.
_FADE = 0.8
# Weight of cross entropy where rows held out judge: answers to a few rows say little.
_JUDGING = 0.05


class ExpectedScoreLoss(Loss):
    r"""The expected regret of a drawn answer, carried past its collapse.

    Parameters
    ----------
    warm_start : float, default=0.5
        Share of the training, in [0, 1], that is cross entropy alone. 0 without a
        bias is the naive form, whatever `tau`.
    logit_bias : float or "auto", default=0.0
        Added to the score of the best answer while training, in [0, 50]; "auto" is
        the logarithm of the number of answers.
    tau : float or None, default=0.03
        Softness of the Bayes decision that answers are drawn from, positive, in units
        of the largest row range. None draws them from the softmax itself.

    Notes
    -----
    With :math:`q` the softmax of the scores, :math:`R` the unit regret (best score of
    the row minus score, divided by the largest row range), :math:`b` the bias and
    :math:`j^*` the best answer of row :math:`y` (among several the class itself, else
    the first), the settings choose one of four forms. Up to scale and a constant of
    the row each is minus the expected score of an answer drawn from :math:`a`:

    ============================= ================ ===================================
    settings                      outputs          answers are drawn from
    ============================= ================ ===================================
    default                       for each class   the Bayes decision of :math:`q`,
                                                   :math:`a = \operatorname{softmax}(-qR
                                                   / \tau)`, cross entropy fading out
    ``warm_start=0``: **naive**   for each answer  :math:`a = q`, from the start
    ``tau=None``                  for each answer  :math:`a = q`, after cross entropy
                                                   towards :math:`j^*`
    ``logit_bias="auto"``         for each answer  the softmax of the scores plus
                                                   :math:`b` at :math:`j^*`, after the
                                                   same; `tau` is not used
    ============================= ================ ===================================

    ``benchmarks/cures.py`` trains small networks for 60 epochs on five data sets under
    14 tables, five splits each. Reached: 99 % of the best held-out skill of cross
    entropy with the Bayes decision; in time: in no more epochs; end: skill after the
    last epoch less that of cross entropy, mean over the tables (and the worst).

    ======================================== ======= ======= ===============
    settings                                 reached in time end
    ======================================== ======= ======= ===============
    default                                  14      13      +0.001 (-0.015)
    ``warm_start=0``: **naive**              3       0       -0.043 (-0.159)
    ``tau=None``                             7       4       -0.042 (-0.291)
    ``logit_bias="auto"``, ``warm_start=0``  7       1       -0.043 (-0.270)
    ======================================== ======= ======= ===============

    Up to the fade the default is cross entropy, so that the first two columns say that
    this start is none too short. Where cross entropy goes on to fit chance, the naive
    form, which learns less, ends above it and above the default: under 3 of the 14
    tables by more than two standard errors, at most by 0.10. That is without early
    stopping. As the estimator trains it, the default is nowhere below the naive form by
    more than 0.001, and above by 0.20 at most; it is within 0.012 of cross entropy
    (``benchmarks/fitted.py``, the same tables, five splits each).

    **Value.** Default: :math:`(1 - w) \sum_j a_j R_{yj} - w \log q_y`. The weight
    :math:`w` is 1 while the share `warm_start` of the training is not done, falls
    linearly to 0 over four fifths of the rest (at the default from 0.5 to 0.9), and
    stays there. Other forms: :math:`-\log q_{j^*}` before `warm_start`, then
    :math:`\sum_j a_j R_{yj}`. How much is done is for the training loop to say: see
    ``Criterion.progress``. Rows held out judge the default by the regret with
    :math:`w = 0.05`, as the answers to a few rows say little about when to stop.

    **Gradient.** Of the direct forms, :math:`a_k (R_{yk} - \sum_j a_j R_{yj})`: about
    :math:`1/K` at the start and proportional to :math:`a_k`, so that an answer that
    has lost its probability cannot come back, and the naive form settles on a few of
    the answers. Default:
    :math:`(1 - w) q_k (g_k - \sum_j q_j g_j) + w (q_k - 1[k=y])` with
    :math:`g_k = \sum_j R_{kj} h_j` and
    :math:`h_j = -a_j (R_{yj} - \sum_i a_i R_{yi}) / \tau`. The last part has no such
    corner. The first has, and comes when the classes have been told apart.

    **Minimiser.** All probability on the answer of largest expected score. The naive
    form and ``tau=None`` reach it. The default tends to it as `tau` goes to 0; before
    that :math:`a` comes as near as the table lets any :math:`q`, with a risk at most
    :math:`\tau \log D` above. Every :math:`q` that puts this answer far ahead does as
    well, so :math:`q` is not identified and no posterior. With a bias the problem is
    not convex and has no closed form; :meth:`minimiser` then searches from equal
    scores.

    **Decision.** Argmax of :math:`a`. It is the Bayes decision for the naive form and
    ``tau=None``, and only near it with a bias. With the default `tau` the answer of
    least risk was the Bayes decision for all of 300 random posteriors, under random
    tables of 4 and 10 classes and the distances of 10, and for 25 of 30 under the
    distances of 30 classes, where neighbours differ by 0.034 only and the others
    cost at most 0.002. Take `tau` no larger than what answers differ by.

    **Limits.** With the identity table the naive form is :math:`1 - q_y`, the mean
    absolute error of the probability. `tau` to 0 is the regret of the Bayes decision
    itself, whose gradient is 0 almost everywhere; for large `tau` the default is
    linear in :math:`q` and so naive again, under the table of inner products of the
    rows of :math:`R`, centred. With cross entropy throughout and an entropy of
    :math:`a` it is ``tailored_score``, whose :math:`q` is the posterior.

    References
    ----------
    .. [1] Staats, Thamm, Rosenow, "Enhancing noise-robust losses for large-scale
       noisy data learning", 2023, arXiv:2306.05497 (the logit bias).
    .. [2] Mei, Xiao, Dai, Li, Szepesvari, Schuurmans, "Escaping the gravitational
       pull of softmax", NeurIPS 2020 (why the naive form is slow).

    Examples
    --------
    Regrets are counted in row ranges: three for ``c1``, two for ``c3``. An even
    guess, in the naive form:

    >>> import torch
    >>> from simclf.losses import ExpectedScoreLoss
    >>> from simclf.similarity import resolve_table
    >>> S = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> table = resolve_table(S, ["c1", "c2", "c3", "c4"])
    >>> naive = ExpectedScoreLoss(warm_start=0.0)
    >>> scores, codes = torch.zeros(4, 4), torch.tensor([0, 1, 2, 3])
    >>> naive.pointwise(scores, codes, naive.prepare(table))
    tensor([0.5000, 0.5000, 0.3333, 0.5000])

    The default answers as Bayes would after an even guess, any of three:

    >>> loss = ExpectedScoreLoss()
    >>> loss.proba(scores[:1], loss.prepare(table)).round(decimals=2)
    tensor([[0.3300, 0.3300, 0.0000, 0.3300]])

    It starts as cross entropy and ends as the expected score:

    >>> for progress in (0.0, 0.7, 1.0):
    ...     print(loss.pointwise(scores, codes, loss.prepare(table), progress))
    tensor([1.3863, 1.3863, 1.3863, 1.3863])
    tensor([0.9155, 0.8602, 0.8598, 0.9708])
    tensor([0.4447, 0.3342, 0.3333, 0.5553])

    Whatever the posterior, ``c3`` is never the only best answer under this table:

    >>> loss.minimiser([[0.1, 0.1, 0.7, 0.1]], S)
    array([[0., 0., 0., 1.]])
    """

    name = "expected_score"
    estimates: Estimates = "decision"

    def __init__(
        self,
        warm_start: float = 0.5,
        logit_bias: float | str = 0.0,
        tau: float | None = 0.03,
    ) -> None:
        self.warm_start = warm_start
        self.logit_bias = logit_bias
        self.tau = tau

    @property
    def warmup_fraction(self) -> float:
        """Share of the training that is cross entropy alone: `warm_start`."""
        return self.warm_start

    @property
    def takes_sample_scores(self) -> bool:
        """Whether scores of single examples can take the place of rows.

        Not behind the Bayes decision, which only gives answers that the table calls
        best for some probabilities.
        """
        return self._layer_tau is None

    def n_outputs(self, n_classes: int, n_decisions: int) -> int:
        """Return the number of scores the loss wants for each example.

        Parameters
        ----------
        n_classes : int
            Rows of the table.
        n_decisions : int
            Columns of the table.

        Returns
        -------
        int
            `n_classes` behind the Bayes decision, else `n_decisions`.

        Raises
        ------
        ValueError, TypeError
            If a hyperparameter is out of its range.
        """
        self._check()
        return n_decisions if self._layer_tau is None else n_classes

    @property
    def _layer_tau(self) -> float | None:
        """Softness of the decision that the network is behind; None where it is not."""
        if self.warm_start == 0.0 or self.logit_bias != 0.0:
            return None
        return self.tau

    def _check(self) -> None:
        check_number(self.name, "warm_start", self.warm_start, high=1.0)
        if isinstance(self.logit_bias, str):
            number = f"a number in [0, {_LARGEST_BIAS:g}]"
            check_choice(
                self.name, "logit_bias", self.logit_bias, ["auto"], also=number
            )
        else:
            check_number(self.name, "logit_bias", self.logit_bias, high=_LARGEST_BIAS)
        if self.tau is not None:
            check_number(self.name, "tau", self.tau, open_low=True)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        regret = unit_regret(table.values)
        best = best_answers(regret, np.arange(len(regret), dtype=np.intp))
        if self._layer_tau is None:
            return DenseTable(regret, dtype, best=best)
        # The form is found in another copy, which is not to stand beside this one.
        del regret
        return prepare_regret(table, dtype, best=best)

    def _sample_rows(self, sample_scores: FloatArray, table: ScoreTable) -> FloatArray:
        return sample_regret(sample_scores, table)

    def _proba(self, scores: Tensor, table: DenseTable) -> Tensor:
        if self._layer_tau is None:
            return softmax(scores)
        return softened_decision(softmax(scores), table, self._layer_tau)

    def _pooled_proba(self, scores: Tensor, table: DenseTable) -> Tensor:
        if self._layer_tau is None:
            return super()._pooled_proba(scores, table)
        # A softened decision is nearly a vote. What members decide from is averaged.
        pooled = softmax(scores).double().mean(dim=0)
        return softened_decision(pooled, table, self._layer_tau)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        return self._blend(scores, codes, table, self._likelihood_weight(progress))

    def _judge(self, scores: Tensor, codes: Tensor, table: DenseTable) -> Tensor:
        weight = 0.0 if self._layer_tau is None else _JUDGING
        return self._blend(scores, codes, table, weight)

    def _blend(
        self, scores: Tensor, codes: Tensor, table: DenseTable, weight: float
    ) -> Tensor:
        """Return regret and cross entropy, of which there is so much."""
        if weight == 1.0:
            return cross_entropy(scores, self._targets(codes, table))
        regret = self._regret(scores, codes, table)
        if weight == 0.0:
            return regret
        likelihood = cross_entropy(scores, self._targets(codes, table))
        return (1.0 - weight) * regret + weight * likelihood

    def _likelihood_weight(self, progress: float) -> float:
        """Return the weight of cross entropy: 1, falling, then 0."""
        if progress < self.warm_start:
            return 1.0
        fade = 0.0 if self._layer_tau is None else _FADE * (1.0 - self.warm_start)
        end = self.warm_start + fade
        return (end - progress) / fade if progress < end else 0.0

    def _targets(self, codes: Tensor, table: DenseTable) -> Tensor:
        """Return what cross entropy is told: the class, or its best answer."""
        return codes if self._layer_tau is not None else table.best_answers(codes)

    def _regret(self, scores: Tensor, codes: Tensor, table: DenseTable) -> Tensor:
        """Return the expected regret of a drawn answer."""
        bias = self._bias(scores.shape[-1])
        if bias:
            return biased_regret(scores, codes, table, bias)
        return regret_of(self._proba(scores, table), codes, table)

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
