"""Cross entropy with a margin that grows with the cost, and its exact link."""

import torch
from torch import Tensor

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_number
from simclf.losses._class_costs import symmetric_class_costs
from simclf.losses._likelihood import cross_entropy
from simclf.losses._softmax import softmax
from simclf.losses._table import DenseTable, full_matmul
from simclf.similarity import ScoreTable

_LARGEST_MARGIN = 50.0


class SoftmaxMarginLoss(Loss):
    r"""Cross entropy of scores to which each wrong class gets its cost added.

    Parameters
    ----------
    margin : float, default=4.0
        What the largest cost adds to a score, in [0, 50].

    Notes
    -----
    With :math:`z` the scores over the classes, and :math:`D` the margin times the
    unit regret between classes, made symmetric with a zero diagonal:

    **Value.** :math:`\log \sum_j e^{z_j + D_{yj}} - z_y`.

    **Gradient.** :math:`\mathrm{softmax}(z + D_y)_k - 1[k=y]`.

    **Minimiser.** The posterior, through the link
    :math:`\eta_k \propto e^{z_k} \sum_j e^{D_{kj}} e^{z_j}`, which :meth:`proba`
    applies. The risk is stationary where :math:`\eta` is the stationary law of the
    chain with transitions :math:`\mathrm{softmax}(z + D_i)_k`; as :math:`D` is
    symmetric the chain is reversible, which gives the link.

    **Decision.** Bayes under the table, on the probabilities of the link. The
    argmax of the scores is not consistent.

    **Limits.** ``margin=0`` is cross entropy and its link the softmax.

    References
    ----------
    .. [1] Gimpel, Smith, "Softmax-margin CRFs: training log-linear models with cost
       functions", NAACL 2010, https://aclanthology.org/N10-1112.

    Examples
    --------
    >>> import torch
    >>> from simclf.losses import SoftmaxMarginLoss
    >>> criterion = SoftmaxMarginLoss(margin=1.0).criterion(cost=[[0, 4], [2, 0]])
    >>> criterion.pointwise(torch.zeros(2, 2), torch.tensor([0, 1]))
    tensor([1.1369, 1.1369])
    >>> criterion.proba(torch.tensor([[1.0, 0.0]]))
    tensor([[0.6605, 0.3395]])
    """

    name = "softmax_margin"
    estimates: Estimates = "posterior"

    def __init__(self, margin: float = 4.0) -> None:
        self.margin = margin

    def _check(self) -> None:
        check_number(self.name, "margin", self.margin, high=_LARGEST_MARGIN)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        return DenseTable(self.margin * symmetric_class_costs(table), dtype)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        del progress
        return cross_entropy(scores + table.rows(codes), codes)

    def _proba(self, scores: Tensor, table: DenseTable) -> Tensor:
        # Costs are not negative, so every sum below is at least one and at most
        # K exp(margin): the exponentials can neither vanish nor overflow.
        highest = scores.amax(dim=-1, keepdim=True)
        weights = table.matrix.to(scores.dtype).exp()
        raised = full_matmul((scores - highest).exp(), weights)
        return softmax(scores + raised.log())

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        del table
        return posterior
