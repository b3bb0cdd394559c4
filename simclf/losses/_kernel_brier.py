"""Brier score in the geometry of the table, beside cross entropy."""

import numpy as np
import torch
from torch import Tensor

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_choice, check_number
from simclf.losses._class_costs import symmetric_class_costs
from simclf.losses._likelihood import take
from simclf.losses._softmax import log_softmax
from simclf.losses._structured import prepare_table
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, unit_regret

_LARGEST_ENERGY = 2000
_TOLERANCE = 1e-9


class KernelBrierLoss(Loss):
    r"""Cross entropy plus a squared error weighted by what mistakes cost.

    Parameters
    ----------
    weight : float, default=5.0
        Weight of the squared error, not negative.
    kernel : {"score", "energy"}, default="score"
        "score" compares the expected scores of all answers; "energy" is the energy
        score of the costs between classes, for ordinal tables the ranked
        probability score.

    Notes
    -----
    With :math:`q` the softmax of the scores over the classes, :math:`B` the unit
    table with every row centred, and :math:`C` the unit regret between classes,
    made symmetric with a zero diagonal:

    **Value.** :math:`-\log q_y + w\,\tfrac12 \lVert B_y - qB \rVert^2` for "score";
    :math:`-\log q_y + w (\sum_j q_j C_{yj} - \tfrac12 \sum_{jk} q_j q_k C_{jk})` for
    "energy".

    **Gradient.** :math:`q_k - 1[k=y] + w\,q_k (g_k - \sum_j q_j g_j)` with
    :math:`g = (qB - B_y) B^\top` for "score", :math:`g = C_y - Cq` for "energy".

    **Minimiser.** The posterior, for every ``weight``: both parts are proper.

    **Decision.** Bayes, under the table.

    **Limits.** ``weight=0`` is cross entropy. With the identity table both kernels
    are the Brier score up to a factor. With the ordinal cost :math:`|i-j|` "energy"
    is the ranked probability score divided by :math:`K-1`. "energy" is proper only
    for costs of negative type (distances on a line or a tree, Euclidean distances);
    any other table is refused, and so are more than 2000 classes, for which that is
    too slow to verify.

    References
    ----------
    .. [1] Gneiting, Raftery, "Strictly proper scoring rules, prediction, and
       estimation", JASA 2007, doi:10.1198/016214506000001437.
    .. [2] Hou, Yu, Samaras, "Squared earth mover's distance-based loss for training
       deep neural networks", 2016, arXiv:1611.05916.

    Examples
    --------
    >>> import math, torch
    >>> from simclf.losses import KernelBrierLoss
    >>> grades = [[0, 1, 2], [1, 0, 1], [2, 1, 0]]
    >>> loss = KernelBrierLoss(weight=1.0, kernel="energy")
    >>> criterion = loss.criterion(cost=grades)
    >>> ranked = criterion(torch.zeros(1, 3), torch.tensor([0])) - math.log(3)
    >>> round(2 * ranked.item(), 4)  # (1/3 - 1)**2 + (2/3 - 1)**2
    0.5556
    """

    name = "kernel_brier"
    estimates: Estimates = "posterior"

    def __init__(self, weight: float = 5.0, kernel: str = "score") -> None:
        self.weight = weight
        self.kernel = kernel

    def _check(self) -> None:
        check_number(self.name, "weight", self.weight)
        check_choice(self.name, "kernel", self.kernel, ["score", "energy"])

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        if self.kernel == "energy":
            return prepare_table(_negative_type_costs(table), dtype)
        regret = unit_regret(table.values)
        np.subtract(regret.mean(axis=1, keepdims=True), regret, out=regret)
        return prepare_table(regret, dtype)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        del progress
        log_q = log_softmax(scores)
        q = log_q.exp()
        if self.kernel == "energy":
            costs = table.rows(codes) - 0.5 * table.matmul(q)
            error = (q * costs).sum(dim=-1)
        else:
            error = 0.5 * (table.rows(codes) - table.matmul(q)).square().sum(dim=-1)
        return self.weight * error - take(log_q, codes)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        del table
        return posterior


def _negative_type_costs(table: ScoreTable) -> FloatArray:
    """Return the costs between classes, or refuse those without a proper score."""
    if table.n_classes > _LARGEST_ENERGY:
        msg = (
            f"kernel_brier: kernel='energy' takes at most {_LARGEST_ENERGY} classes, "
            f"got {table.n_classes}. Use kernel='score'."
        )
        raise ValueError(msg)
    costs = symmetric_class_costs(table)
    centred = costs - costs.mean(axis=0) - costs.mean(axis=1)[:, None] + costs.mean()
    largest = float(np.linalg.eigvalsh(centred)[-1])
    if largest > _TOLERANCE * table.n_classes:
        msg = (
            "kernel_brier: kernel='energy' needs costs of negative type (such as "
            "distances along a line or a tree), but the centred costs of this table "
            f"have the positive eigenvalue {largest:.3g}. Use kernel='score', which "
            "takes any table."
        )
        raise ValueError(msg)
    return costs
