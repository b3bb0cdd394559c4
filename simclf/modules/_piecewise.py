"""A multilayer perceptron on piecewise-linear embeddings of its features."""

from collections.abc import Sequence
from typing import Self

from sklearn.base import BaseEstimator, clone
from torch import nn

from simclf._typing import AnyArray
from simclf.modules._checks import (
    check_bins,
    check_dropout,
    check_hidden_layer_sizes,
    check_size,
)
from simclf.modules._embeddings import bin_edges, piecewise_linear, unseen_edges
from simclf.modules._mlp import plain_mlp


class PiecewiseMLP(BaseEstimator):
    """Multilayer perceptron on piecewise-linear embeddings of its features.

    Each feature is turned into a vector that is linear in it between the quantiles of
    the training rows. So steps and bumps in one feature are easily learned, as trees
    learn them. Needs ``pip install "simclf[tabular]"``.

    Parameters
    ----------
    n_bins : int, default=16
        Number of bins of each feature, 2 at least; at most the number of training
        rows, or 256 where they are fewer.
    embedding_size : int, default=8
        Length of the vector of a feature.
    hidden_layer_sizes : sequence of int, default=(128, 128)
        Width of each hidden layer.
    dropout : float in [0, 1), default=0.2
        Chance of a hidden unit to be dropped in a training step, for all rows alike.

    Notes
    -----
    These are the ``PiecewiseLinearEmbeddings`` of ``rtdl_num_embeddings``, version B,
    of [1]_. Quantiles are those of the standardized training rows, at most 100,000 of
    them; sample weights are ignored. Where fewer quantiles of a column differ than
    there are bins, as in a binary or a constant one, further bins follow beyond the
    largest value.

    References
    ----------
    .. [1] Y. Gorishniy, I. Rubachev, A. Babenko (2022), "On embeddings for numerical
       features in tabular deep learning", NeurIPS, arXiv:2203.05556.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> from simclf.modules import PiecewiseMLP
    >>> rows = np.random.default_rng(0).normal(size=(50, 4))
    >>> component = PiecewiseMLP(n_bins=8).prepare(rows)
    >>> component.build(n_features=4, n_outputs=3)(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self,
        n_bins: int = 16,
        embedding_size: int = 8,
        hidden_layer_sizes: Sequence[int] = (128, 128),
        dropout: float = 0.2,
    ) -> None:
        self.n_bins = n_bins
        self.embedding_size = embedding_size
        self.hidden_layer_sizes = hidden_layer_sizes
        self.dropout = dropout

    def prepare(self, X: AnyArray) -> Self:
        """Return a component that has measured the bins.

        Parameters
        ----------
        X : ndarray of shape (n, n_features)
            Training rows, standardized.

        Returns
        -------
        PiecewiseMLP
            A copy; of the rows it keeps the edges of the bins alone.
        """
        n_bins = check_bins("PiecewiseMLP", self.n_bins, len(X))
        copy: Self = clone(self)
        copy.edges_ = bin_edges(X, n_bins)
        return copy

    def build(self, n_features: int, n_outputs: int) -> nn.Module:
        """Build one network from torch's global generator.

        Parameters
        ----------
        n_features, n_outputs : int
            Width of the rows and number of scores.

        Returns
        -------
        torch.nn.Module
            Maps (n, n_features) to (n, n_outputs).
        """
        n_bins = check_size("PiecewiseMLP", "n_bins", self.n_bins, low=2)
        size = check_size("PiecewiseMLP", "embedding_size", self.embedding_size)
        hidden = check_hidden_layer_sizes("PiecewiseMLP", self.hidden_layer_sizes)
        dropout = check_dropout("PiecewiseMLP", self.dropout)
        edges = getattr(self, "edges_", unseen_edges(n_features, n_bins))
        sizes = [n_features * size, *hidden, n_outputs]
        return nn.Sequential(
            piecewise_linear(edges, size),
            nn.Flatten(),
            plain_mlp(sizes, "gelu", dropout, None),
        )
