"""Dropout that draws from a generator of the fit, not from torch's global one."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class SeededDropout(nn.Module):
    """Dropout whose random numbers come from a generator that training lends it.

    Parameters
    ----------
    share : float in [0, 1)
        Share of the entries set to zero in training; the others are scaled up.

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
        """Return ``x`` in evaluation, and ``x`` with entries dropped in training."""
        if not self.training:
            return x
        kept = 1 - self.share
        noise = torch.empty_like(x).bernoulli_(kept, generator=self.generator)
        return x * noise.div_(kept)

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
