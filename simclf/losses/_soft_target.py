"""Cross entropy against a distribution over the answers instead of one label."""

from typing import Any

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_choice, check_number
from simclf.losses._sample_rows import sample_regret
from simclf.losses._softmax import log_softmax
from simclf.losses._stochastic import read_stochastic
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, unit_regret


class SoftTargetLoss(Loss):
    r"""Cross entropy against a target row for each class.

    Parameters
    ----------
    targets : None, "affine", "score_weighted", array or labelled DataFrame
        The rows. None is the softmax of the table; "affine" the table itself,
        shifted and scaled to distributions; "score_weighted" its scores above the
        worst of each row, not normalised. Explicit rows must be distributions, one
        for each class; a frame is aligned by label.
    temperature : float, default=0.1
        Of the softmax where `targets` is None, positive, in units of the largest
        row range.

    Notes
    -----
    With :math:`q` the softmax of the scores over the answers, :math:`R` the unit
    regret, :math:`D` the number of answers and bars for means over a row:

    **Value.** :math:`-\sum_j P_{yj} \log q_j`, where :math:`P_y` is the softmax of
    :math:`-R_y / t`; or :math:`1/D + \alpha(\bar R_y - R_y)` with the largest
    :math:`\alpha` that leaves no negative entry; or :math:`\max_j R_{yj} - R_y`; or
    as given.

    **Gradient.** :math:`W_y q_k - P_{yk}` with :math:`W_y = \sum_j P_{yj}`.

    **Minimiser.** :math:`q \propto \sum_i \eta_i P_i` for the posterior
    :math:`\eta`. It is no posterior; multiplying with the inverse of :math:`P`
    would recover one on paper and ruins it in practice.

    **Decision.** Argmax of the scores. It is the Bayes decision exactly for "affine"
    and "score_weighted", whatever the table. For the softmax it is not: in random
    problems (four classes, right answers worth one, wrong ones up to one, even
    posteriors) it is so in 65 % at the default temperature, where the most probable
    class is in 53 %, in 92 % at ``temperature=1`` and in 99 % at 10, where the targets
    are nearly even. For explicit targets it is the best answer under the targets
    themselves.

    **Limits.** ``temperature`` to 0 is cross entropy towards the best answers of the
    row. With explicit identity targets it is cross entropy, and estimates the
    posterior.

    References
    ----------
    .. [1] Norouzi et al., "Reward augmented maximum likelihood for neural structured
       prediction", NeurIPS 2016, arXiv:1609.00150.
    .. [2] Bertinetto, Mueller, Tertikas, Samangooei, Lord, "Making better mistakes",
       CVPR 2020, arXiv:1912.09393.
    .. [3] Mao, Mohri, Zhong, "Structured prediction with stronger consistency
       guarantees", NeurIPS 2023 (score-weighted targets).

    Examples
    --------
    Probabilities that somebody wrote down for four animals:

    >>> import pandas as pd, torch
    >>> from simclf.losses import SoftTargetLoss
    >>> animals = ["horse", "zebra", "whale", "shark"]
    >>> P = [[0.8, 0.2, 0, 0], [0.3, 0.7, 0, 0], [0, 0, 0.9, 0.1], [0, 0, 0.1, 0.9]]
    >>> targets = pd.DataFrame(P, index=animals, columns=animals)
    >>> criterion = SoftTargetLoss(targets).criterion(classes=animals)
    >>> scores = torch.tensor([[2.0, 1.0, -1.0, -1.0]]).expand(3, 4)
    >>> criterion.pointwise(scores, torch.tensor([0, 1, 2]))
    tensor([0.5835, 1.0835, 3.3835])

    Distributions made from a table of scores of any sign:

    >>> S = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> SoftTargetLoss("affine").minimiser([[1, 0, 0, 0], [0, 0, 1, 0]], S).round(3)
    array([[0.5  , 0.333, 0.167, 0.   ],
           [0.25 , 0.083, 0.25 , 0.417]])
    """

    name = "soft_target"

    def __init__(self, targets: Any = None, temperature: float = 0.1) -> None:
        self.targets = targets
        self.temperature = temperature

    @property
    def estimates(self) -> Estimates:
        """Posterior for explicit identity targets, decision otherwise."""
        return "posterior" if _is_identity(self.targets) else "decision"

    @property
    def takes_sample_scores(self) -> bool:
        """Whether scores of single examples can take the place of rows.

        Not where the targets are given by class.
        """
        return not self._is_explicit

    def _check(self) -> None:
        check_number(self.name, "temperature", self.temperature, open_low=True)
        if isinstance(self.targets, str):
            choices = ["affine", "score_weighted"]
            also = "None, an array or a labelled DataFrame"
            check_choice(self.name, "targets", self.targets, choices, also=also)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        return DenseTable(self._rows(table), dtype)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        del progress
        log_q = log_softmax(scores)
        return -(table.rows(codes) * log_q).sum(dim=-1)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        mixed = posterior @ self._rows(table)
        total = mixed.sum(axis=1, keepdims=True)
        even = np.full_like(mixed, 1.0 / mixed.shape[1])
        return np.asarray(np.divide(mixed, total, out=even, where=total > 0))

    def _rows(self, table: ScoreTable) -> FloatArray:
        """Return the target rows in the order of the table's classes."""
        if self._is_explicit:
            return self._explicit_rows(table)
        return self._rows_of(unit_regret(table.values))

    def _sample_rows(self, sample_scores: FloatArray, table: ScoreTable) -> FloatArray:
        return self._rows_of(sample_regret(sample_scores, table))

    def _rows_of(self, regret: FloatArray) -> FloatArray:
        """Return the target rows that regrets stand for."""
        if self.targets is None:
            return np.asarray(softmax(-regret / self.temperature, axis=1))
        if self.targets == "affine":
            return _affine_rows(regret)
        return np.asarray(regret.max(axis=1, keepdims=True) - regret)

    @property
    def _is_explicit(self) -> bool:
        """Whether the user gave the rows themselves."""
        return self.targets is not None and not isinstance(self.targets, str)

    def _explicit_rows(self, table: ScoreTable) -> FloatArray:
        """Return the user's rows, one column for each output."""
        targets = read_stochastic(self.targets, table.classes, self.name, "targets")
        wanted = self.n_outputs(table.n_classes, table.n_decisions)
        answers = table.decisions[:wanted].tolist()
        given = targets.decisions.tolist()
        if set(answers) != set(given):
            missing = [answer for answer in answers if answer not in given]
            surplus = [answer for answer in given if answer not in answers]
            what = (
                f"no column for answer {missing[0]!r}"
                if missing
                else (f"a column {surplus[0]!r} that is no answer of the table")
            )
            msg = (
                f"{self.name}: targets has {what}. Give a DataFrame with one column "
                "for each answer of the table."
            )
            raise ValueError(msg)
        return targets.values[:, [given.index(answer) for answer in answers]]


def _affine_rows(regret: FloatArray) -> FloatArray:
    """Return distributions that are an affine function of the scores."""
    above = regret.mean(axis=1, keepdims=True) - regret
    largest = -above.min()
    even = 1.0 / regret.shape[1]
    if largest <= 0.0:
        return np.full_like(regret, even)
    return np.asarray(np.maximum(even + even * above / largest, 0.0))


def _is_identity(targets: Any) -> bool:
    """Whether explicit targets put every class on itself, whatever their order."""
    if targets is None or isinstance(targets, str):
        return False
    if hasattr(targets, "columns") and hasattr(targets, "index"):
        if set(targets.columns) != set(targets.index):
            return False
        targets = targets.loc[targets.index, targets.index]
    values = np.asarray(targets)
    return values.ndim == 2 and np.array_equal(values, np.eye(len(values)))
