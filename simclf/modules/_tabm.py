"""TabM: members that share most of their weights."""

from typing import Any, Self

from sklearn.base import BaseEstimator, clone
from torch import nn

from simclf._typing import AnyArray
from simclf.modules._checks import check_bins, check_dropout, check_size
from simclf.modules._embeddings import bin_edges, piecewise_linear, unseen_edges
from simclf.similarity._extras import import_extra


class TabM(BaseEstimator):
    """Multilayer perceptrons that share weights but for a few vectors of their own.

    The estimator's ``n_members`` is the number of these perceptrons, which TabM's
    authors call k and set to 32. Each is trained by its own loss, their probabilities
    are averaged. Needs ``pip install "simclf[tabular]"``.

    Parameters
    ----------
    n_blocks : int, default=2
        Number of hidden layers.
    width : int, default=256
        Width of each.
    dropout : float in [0, 1), default=0.1
        Chance of a hidden unit to be dropped in a training step, row by row.
    n_bins : int or None, default=None
        Number of bins of a piecewise-linear embedding of each feature, as in
        :class:`PiecewiseMLP`; None takes features as they are.
    embedding_size : int, default=8
        Length of the vector of a feature, where there are bins.

    Notes
    -----
    The network is ``tabm.TabM`` of [1]_. Members that share weights have learned from
    the same rows: all of them hold out the same, and stop at the same epoch.
    ``loss="auto"`` needs members that train apart, and is refused.

    References
    ----------
    .. [1] Y. Gorishniy, A. Kotelnikov, A. Babenko (2025), "TabM: Advancing tabular
       deep learning with parameter-efficient ensembling", ICLR, arXiv:2410.24210.

    Examples
    --------
    >>> import torch
    >>> from simclf.modules import TabM
    >>> network = TabM(width=16).build_shared(4, 3, n_members=8)
    >>> network(torch.zeros(5, 4)).shape
    torch.Size([5, 8, 3])
    """

    def __init__(
        self,
        n_blocks: int = 2,
        width: int = 256,
        dropout: float = 0.1,
        n_bins: int | None = None,
        embedding_size: int = 8,
    ) -> None:
        self.n_blocks = n_blocks
        self.width = width
        self.dropout = dropout
        self.n_bins = n_bins
        self.embedding_size = embedding_size

    def prepare(self, X: AnyArray) -> Self:
        """Return a component that has measured the bins, where there are any.

        Parameters
        ----------
        X : ndarray of shape (n, n_features)
            Training rows, standardized.

        Returns
        -------
        TabM
            A copy; of the rows it keeps the edges of the bins alone.
        """
        copy: Self = clone(self)
        if self.n_bins is not None:
            copy.edges_ = bin_edges(X, check_bins("TabM", self.n_bins, len(X)))
        return copy

    def build_shared(
        self, n_features: int, n_outputs: int, n_members: int
    ) -> nn.Module:
        """Build one network of several members from torch's global generator.

        Parameters
        ----------
        n_features, n_outputs : int
            Width of the rows and number of scores.
        n_members : int
            Number of members.

        Returns
        -------
        torch.nn.Module
            Maps (n, n_features) to (n, n_members, n_outputs).
        """
        n_blocks = check_size("TabM", "n_blocks", self.n_blocks)
        width = check_size("TabM", "width", self.width)
        dropout = check_dropout("TabM", self.dropout)
        tabm: Any = import_extra("tabm", "tabm", extra="tabular")
        network: nn.Module = tabm.TabM.make(
            n_num_features=n_features,
            d_out=n_outputs,
            num_embeddings=self._embeddings(n_features),
            n_blocks=n_blocks,
            d_block=width,
            dropout=dropout,
            k=n_members,
        )
        return network

    def _embeddings(self, n_features: int) -> nn.Module | None:
        """Return the embedding of the features, where there are bins."""
        if self.n_bins is None:
            return None
        n_bins = check_size("TabM", "n_bins", self.n_bins, low=2)
        size = check_size("TabM", "embedding_size", self.embedding_size)
        edges = getattr(self, "edges_", unseen_edges(n_features, n_bins))
        return piecewise_linear(edges, size)
