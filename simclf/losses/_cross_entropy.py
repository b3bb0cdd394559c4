"""Cross entropy, with label smoothing or corrected for known label noise."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.losses._checks import check_number
from simclf.losses._kelly import log_optimal_mixture
from simclf.losses._likelihood import cross_entropy, take
from simclf.losses._softmax import log_softmax
from simclf.losses._stochastic import read_stochastic
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable


class CrossEntropyLoss(Loss):
    r"""The negative log-likelihood of the label; the table waits for the decision.

    Parameters
    ----------
    label_smoothing : float, default=0.0
        Share of the target, in [0, 1], that is spread evenly over all classes.
    noise_matrix : array of shape (K, K) or labelled DataFrame, optional
        ``T[true, recorded]``, the probability that a true label is recorded as
        another; rows sum to one. A frame is aligned by label. Not to be combined
        with `label_smoothing`. Where it is not known, see
        :func:`simclf.decision.estimate_noise_matrix`.

    Notes
    -----
    With :math:`q` the softmax of the scores and :math:`y` the recorded label:

    **Value.** :math:`-\log q_y`; with smoothing :math:`\epsilon`,
    :math:`-(1-\epsilon)\log q_y - (\epsilon/K) \sum_j \log q_j`; with noise matrix
    :math:`T`, :math:`-\log (qT)_y` (forward correction).

    **Gradient.** :math:`q_k - 1[k=y]`; with smoothing
    :math:`q_k - (1-\epsilon)1[k=y] - \epsilon/K`; with noise
    :math:`q_k - q_k T_{ky} / (qT)_y`.

    **Minimiser.** The posterior. With smoothing, the posterior mixed with the
    uniform distribution. With noise, the posterior of the true label, where the
    posterior of the recorded label is one that :math:`T` can produce.

    **Decision.** Bayes, under the table. With smoothing the decision is that for the
    smoothed posterior: it leans towards answers that are good on average. With
    :math:`\epsilon = 0.1` it is the Bayes decision in 97 % of random problems (four
    classes, right answers worth one, wrong ones up to one, even posteriors). With noise
    the classifier fits its temperature through :math:`T` too, as rows held out carry
    recorded labels; the table is applied to the posterior of the true label.

    **Limits.** :math:`\epsilon = 0` and :math:`T = I` are plain cross entropy.

    References
    ----------
    .. [1] Patrini, Rozza, Menon, Nock, Qu, "Making deep neural networks robust to
       label noise: a loss correction approach", CVPR 2017, arXiv:1609.03683.
    .. [2] Szegedy et al., "Rethinking the Inception architecture for computer
       vision", CVPR 2016, arXiv:1512.00567.

    Examples
    --------
    One of five cats is recorded as a dog, dogs are always recorded rightly. With
    plain cross entropy an even guess costs log 2 = 0.693 whatever the label.

    >>> import pandas as pd, torch
    >>> from simclf.losses import CrossEntropyLoss
    >>> noise = pd.DataFrame(
    ...     [[0.8, 0.2], [0.0, 1.0]], index=["cat", "dog"], columns=["cat", "dog"]
    ... )
    >>> loss = CrossEntropyLoss(noise_matrix=noise)
    >>> criterion = loss.criterion(classes=["cat", "dog"])
    >>> criterion.pointwise(torch.zeros(2, 2), torch.tensor([0, 1]))
    tensor([0.9163, 0.5108])
    """

    name = "cross_entropy"
    estimates: Estimates = "posterior"

    def __init__(self, label_smoothing: float = 0.0, noise_matrix: Any = None) -> None:
        self.label_smoothing = label_smoothing
        self.noise_matrix = noise_matrix

    @property
    def fits_temperature(self) -> bool:
        """True with noise: rows held out carry recorded labels, not the true ones."""
        return self.noise_matrix is not None

    def _check(self) -> None:
        check_number(self.name, "label_smoothing", self.label_smoothing, high=1.0)
        if self.label_smoothing and self.noise_matrix is not None:
            msg = (
                f"{self.name}: label_smoothing={self.label_smoothing!r} and a "
                "noise_matrix exclude each other. Set one of them; uniform smoothing "
                "can be written into the noise_matrix."
            )
            raise ValueError(msg)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable | None:
        if self.noise_matrix is None:
            return None
        recorded = self._noise(table).T
        never = np.full_like(recorded, -np.inf)
        return DenseTable(np.log(recorded, out=never, where=recorded > 0), dtype)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: Any, progress: float
    ) -> Tensor:
        del progress
        if table is not None:
            log_q = log_softmax(scores)
            return -torch.logsumexp(log_q + table.rows(codes), dim=-1)
        if not self.label_smoothing:
            return cross_entropy(scores, codes)
        log_q = log_softmax(scores)
        smooth = self.label_smoothing
        return -(1.0 - smooth) * take(log_q, codes) - smooth * log_q.mean(dim=-1)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        if self.noise_matrix is not None:
            return log_optimal_mixture(posterior, self._noise(table).T)
        smooth = self.label_smoothing
        return (1.0 - smooth) * posterior + smooth / table.n_classes

    def _noise(self, table: ScoreTable) -> FloatArray:
        """Return the noise matrix in the order of the table's classes."""
        noise = read_stochastic(
            self.noise_matrix, table.classes, self.name, "noise_matrix"
        ).values
        if noise.shape[1] != table.n_classes:
            msg = (
                f"{self.name}: noise_matrix must have one column for each of the "
                f"{table.n_classes} classes, got shape {noise.shape}."
            )
            raise ValueError(msg)
        never = np.flatnonzero(noise.max(axis=0) == 0.0)
        if never.size:
            label = table.classes[never[:1]].tolist()[0]
            msg = (
                f"{self.name}: by noise_matrix no class is ever recorded as {label!r}, "
                "so such an example would cost infinity. Give its column a "
                "positive entry."
            )
            raise ValueError(msg)
        return noise
