"""The default network: a multilayer perceptron, its members trained as one."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from simclf.modules._checks import check_dropout, check_hidden_layer_sizes
from simclf.modules._leading_axis import LeadingAxis
from simclf.modules._member_linear import MemberLinear
from simclf.modules._seeded_dropout import SeededDropout

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


class MemberMLP(nn.Module):
    """Networks of one shape: (n, n_features) -> scores (n_members, n, n_outputs)."""

    def __init__(
        self,
        sizes: Sequence[int],
        n_members: int,
        activation: str,
        dropout: float,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        layers = [
            MemberLinear(n_inputs, n_outputs, n_members, generator)
            for n_inputs, n_outputs in pairwise(sizes)
        ]
        self.first = layers[0]
        self.others = nn.ModuleList(layers[1:])
        self.between = _between(activation, dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every member for the rows ``x``, or for its own where 3-d."""
        hidden: Tensor = self.first.shared(x) if x.ndim == 2 else self.first(x)
        for layer in self.others:
            hidden = layer(self.between(hidden))
        return hidden


def plain_mlp(
    sizes: Sequence[int],
    activation: str,
    dropout: float,
    generator: torch.Generator | None,
) -> nn.Sequential:
    """Build one network of torch's own layers: (n, n_features) -> (n, n_outputs)."""
    network = nn.Sequential()
    for n_inputs, n_outputs in pairwise(sizes):
        if len(network):
            network.extend(_between(activation, dropout))
        network.append(_linear(n_inputs, n_outputs, generator))
    return network


def _linear(
    n_inputs: int, n_outputs: int, generator: torch.Generator | None
) -> nn.Linear:
    """Build a linear layer whose initial weights come from the generator alone."""
    # skip_init: the constructor would draw weights from the global generator.
    layer: nn.Linear = nn.utils.skip_init(
        nn.Linear, n_inputs, n_outputs, dtype=torch.float32, device="cpu"
    )
    bound = n_inputs**-0.5
    for parameter in (layer.weight, layer.bias):
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return layer


def _between(activation: str, dropout: float) -> nn.Sequential:
    """Return what stands between two layers."""
    layers: list[nn.Module] = [ACTIVATIONS[activation]()]
    if dropout:
        layers.append(SeededDropout(dropout))
    return nn.Sequential(*layers)


class MLP(BaseEstimator):
    """Multilayer perceptron.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(128, 128)
        Width of each hidden layer; ``()`` is a linear model.
    activation : {"relu", "gelu", "silu", "tanh"}, default="gelu"
        What follows each hidden layer.
    dropout : float in [0, 1), default=0.2
        Chance of a hidden unit to be dropped in a training step, for all rows alike.

    Examples
    --------
    >>> import torch
    >>> from simclf.modules import MLP
    >>> network = MLP(hidden_layer_sizes=(16,)).build(n_features=4, n_outputs=3)
    >>> network(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (128, 128),
        activation: str = "gelu",
        dropout: float = 0.2,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
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
        return plain_mlp(
            self._sizes(n_features, n_outputs), self.activation, self.dropout, None
        )

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
        sizes = self._sizes(n_features, n_outputs)
        if n_members == 1:
            # Batched products of one cost more than plain ones.
            network = plain_mlp(sizes, self.activation, self.dropout, generator)
            return LeadingAxis(network)
        return MemberMLP(sizes, n_members, self.activation, self.dropout, generator)

    def _sizes(self, n_features: int, n_outputs: int) -> list[int]:
        """Check the parameters and return the widths of all layers."""
        hidden = check_hidden_layer_sizes("MLP", self.hidden_layer_sizes)
        check_activation(self.activation)
        check_dropout("MLP", self.dropout)
        return [n_features, *hidden, n_outputs]


class Linear(BaseEstimator):
    """A linear model: one affine map from the features to the scores.

    Examples
    --------
    >>> import torch
    >>> from simclf.modules import Linear
    >>> Linear().build(n_features=4, n_outputs=3)(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    def build(self, n_features: int, n_outputs: int) -> nn.Module:
        """Build one map from torch's global generator.

        Parameters
        ----------
        n_features, n_outputs : int
            Width of the rows and number of scores.

        Returns
        -------
        torch.nn.Module
            Maps (n, n_features) to (n, n_outputs).
        """
        return MLP(()).build(n_features, n_outputs)

    def build_members(
        self,
        n_features: int,
        n_outputs: int,
        n_members: int,
        generator: torch.Generator | None,
    ) -> nn.Module:
        """Build several maps that are trained at once.

        Parameters
        ----------
        n_features, n_outputs : int
            Width of the rows and number of scores.
        n_members : int
            Number of maps.
        generator : torch.Generator or None
            Source of the initial weights.

        Returns
        -------
        torch.nn.Module
            Maps (n, n_features) to (n_members, n, n_outputs).
        """
        return MLP(()).build_members(n_features, n_outputs, n_members, generator)


def check_activation(activation: Any) -> None:
    """Refuse a name that is no activation of ours."""
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        msg = (
            f"activation={activation!r} of MLP is unknown; use one of "
            f"{sorted(ACTIVATIONS)}."
        )
        raise ValueError(msg)
