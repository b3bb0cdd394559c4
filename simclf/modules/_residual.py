"""A deeper network: residual blocks, normalised first, its members trained as one."""

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from simclf.modules._checks import check_dropout, check_size
from simclf.modules._member_linear import MemberLinear
from simclf.modules._seeded_dropout import SeededDropout

_WIDENING = 2


class MemberLayerNorm(nn.Module):
    """Layer normalisation with weights of each member's own."""

    def __init__(self, width: int, n_members: int) -> None:
        super().__init__()
        shape = n_members, 1, width
        self.weight = nn.Parameter(torch.ones(shape, dtype=torch.float32, device="cpu"))
        self.bias = nn.Parameter(torch.zeros(shape, dtype=torch.float32, device="cpu"))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise every row of every member: (n_members, n, width) to the same."""
        return torch.addcmul(self.bias, self.weight, F.layer_norm(x, x.shape[-1:]))


class ResidualBlock(nn.Module):
    """``x + narrow(dropout(gelu(widen(norm(x)))))``, for every member."""

    def __init__(
        self,
        width: int,
        n_members: int,
        dropout: float,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        inner = _WIDENING * width
        self.norm = MemberLayerNorm(width, n_members)
        self.widen = MemberLinear(width, inner, n_members, generator)
        self.dropout = SeededDropout(dropout) if dropout else nn.Identity()
        self.narrow = MemberLinear(inner, width, n_members, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Add to the rows of every member what the block makes of them."""
        inner = self.dropout(F.gelu(self.widen(self.norm(x))))
        added: Tensor = self.narrow(inner)
        return x + added


class MemberResidual(nn.Module):
    """Networks of one shape: (n, n_features) -> scores (n_members, n, n_outputs)."""

    def __init__(
        self,
        sizes: tuple[int, int, int],
        n_blocks: int,
        n_members: int,
        dropout: float,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        n_features, width, n_outputs = sizes
        self.first = MemberLinear(n_features, width, n_members, generator)
        self.blocks = nn.Sequential(
            *(
                ResidualBlock(width, n_members, dropout, generator)
                for _ in range(n_blocks)
            )
        )
        self.norm = MemberLayerNorm(width, n_members)
        self.last = MemberLinear(width, n_outputs, n_members, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every member for the rows ``x``, or for its own where 3-d."""
        hidden = self.first.shared(x) if x.ndim == 2 else self.first(x)
        scores: Tensor = self.last(F.gelu(self.norm(self.blocks(hidden))))
        return scores


class ResidualMLP(BaseEstimator):
    """Multilayer perceptron of residual blocks.

    A block adds to its rows ``narrow(dropout(gelu(widen(norm(x)))))``, where ``norm``
    is layer normalisation and ``widen`` doubles the width.

    Parameters
    ----------
    n_blocks : int, default=2
        Number of blocks.
    width : int, default=128
        Width of the rows between blocks.
    dropout : float in [0, 1), default=0.2
        Chance of a hidden unit to be dropped in a training step, for all rows alike.

    Notes
    -----
    In the manner of the ResNet of [1]_, with layer normalisation in the place of batch
    normalisation: a row's scores do not depend on the rows beside it, so that a weight
    of two and a row given twice remain the same thing.

    References
    ----------
    .. [1] Y. Gorishniy, I. Rubachev, V. Khrulkov, A. Babenko (2021), "Revisiting deep
       learning models for tabular data", NeurIPS, arXiv:2106.11959.

    Examples
    --------
    >>> import torch
    >>> from simclf.modules import ResidualMLP
    >>> network = ResidualMLP(width=16).build(n_features=4, n_outputs=3)
    >>> network(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self, n_blocks: int = 2, width: int = 128, dropout: float = 0.2
    ) -> None:
        self.n_blocks = n_blocks
        self.width = width
        self.dropout = dropout

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
        network = self.build_members(n_features, n_outputs, 1, None)
        return nn.Sequential(network, nn.Flatten(0, 1))

    def build_members(
        self,
        n_features: int,
        n_outputs: int,
        n_members: int,
        generator: torch.Generator | None,
    ) -> nn.Module:
        """Build several networks that are trained at once.

        Parameters
        ----------
        n_features, n_outputs : int
            Width of the rows and number of scores.
        n_members : int
            Number of networks.
        generator : torch.Generator or None
            Source of the initial weights.

        Returns
        -------
        torch.nn.Module
            Maps (n, n_features) to (n_members, n, n_outputs).
        """
        n_blocks = check_size("ResidualMLP", "n_blocks", self.n_blocks)
        width = check_size("ResidualMLP", "width", self.width)
        dropout = check_dropout("ResidualMLP", self.dropout)
        sizes = n_features, width, n_outputs
        return MemberResidual(sizes, n_blocks, n_members, dropout, generator)
