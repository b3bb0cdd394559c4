"""Dropout of whole units, drawn from a generator of the fit."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class SeededDropout(nn.Module):
    """Dropout of units: in a step, a unit is dropped for all rows or for none.

    One mask for all rows keeps a weight of two and a row given twice the same thing,
    which a mask for each row would not; members have masks of their own.

    Parameters
    ----------
    share : float in [0, 1)
        Chance of a unit to be set to zero in a step; the others are scaled up.

    Attributes
    ----------
    generator : torch.Generator or None
        Lent for the time of a training; None draws from torch's global generator.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` in evaluation, and ``x`` with units dropped in training."""
        if not self.training:
            return x
        kept = 1 - self.share
        units = torch.empty_like(x[..., :1, :])
        return x * units.bernoulli_(kept, generator=self.generator).div_(kept)

    def extra_repr(self) -> str:
        """Name the share."""
        return f"share={self.share}"


@contextmanager
def lent_generator(network: nn.Module, generator: torch.Generator) -> Iterator[None]:
    """Let every seeded layer of a network draw from ``generator`` inside the block."""
    layers = [layer for layer in network.modules() if isinstance(layer, SeededDropout)]
    try:
        for layer in layers:
            layer.generator = generator
        yield
    finally:
        # A generator cannot be pickled, and belongs to the training alone.
        for layer in layers:
            layer.generator = None
