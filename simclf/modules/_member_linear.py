"""A linear layer for several networks at once, along a leading member axis."""

import math

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from torch import Tensor, nn


class MemberLinear(nn.Module):
    """``n_members`` independent affine maps, trained as one batched operation.

    Parameters
    ----------
    n_inputs, n_outputs : int
        Sizes of every map.
    n_members : int
        Number of maps.
    generator : torch.Generator or None
        Source of the initial weights: U(-1/sqrt(n_inputs), 1/sqrt(n_inputs)), as in
        :class:`torch.nn.Linear`. None draws from torch's global generator.
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        n_members: int,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        # Explicit, so that the caller's default dtype and device change no model.
        shapes = (n_members, n_outputs, n_inputs), (n_members, 1, n_outputs)
        weight, bias = (
            torch.empty(shape, dtype=torch.float32, device="cpu") for shape in shapes
        )
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(bias)
        bound = 1 / math.sqrt(n_inputs)
        for parameter in (self.weight, self.bias):
            nn.init.uniform_(parameter, -bound, bound, generator=generator)

    def shared(self, x: Tensor) -> Tensor:
        """Apply every map to the same rows: (n, n_inputs) -> (n_members, n, n_outputs).

        One matrix product for all members, which is what makes them cheap.
        """
        rows: Tensor = F.linear(x, self.weight.flatten(0, 1), self.bias.flatten())
        by_member: Tensor = rows.unflatten(-1, self.weight.shape[:2])
        return by_member.transpose(0, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n_members, n, n_inputs) to (n_members, n, n_outputs)."""
        return torch.baddbmm(self.bias, x, self.weight.transpose(1, 2))
