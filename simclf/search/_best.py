"""Early stopping of many models at once: each network keeps its best weights."""

from collections.abc import Sequence

import torch
from torch import Tensor


class BestNetworks:
    """The lowest validation loss of every network, and the weights that gave it.

    Parameters
    ----------
    parameters : list of tensor
        Each (n_networks, ., .).
    patience : sequence of int
        Of each network.
    """

    def __init__(self, parameters: list[Tensor], patience: Sequence[int]) -> None:
        device = parameters[0].device
        self.parameters = [value.clone() for value in parameters]
        self._patience = torch.tensor(patience, device=device)
        self._misses = torch.zeros_like(self._patience)
        self._loss = torch.full_like(self._patience, torch.inf, dtype=torch.float64)

    def update(self, loss: Tensor, parameters: list[Tensor], patient: Tensor) -> None:
        """Take in an epoch's validation losses (n_networks,).

        Where a network is not ``patient``, an epoch may be its best but is no miss.
        """
        waiting = self._misses < self._patience
        better = (loss < self._loss) & waiting
        self._loss = torch.where(better, loss.to(self._loss), self._loss)
        # The first epoch is the best so far: better, and thus no miss.
        missed = patient & waiting
        self._misses = torch.where(better, 0, self._misses + missed)
        # To index by a mask would be to wait for the device.
        self.parameters = [
            torch.where(better.view(-1, *[1] * (value.ndim - 1)), value, best)
            for best, value in zip(self.parameters, parameters, strict=True)
        ]

    @property
    def done(self) -> Tensor:
        """Whether each network's patience is spent, (n_networks,)."""
        return self._misses >= self._patience

    def keep(self, networks: Tensor) -> None:
        """Go on with these networks alone."""
        self.parameters = [value[networks] for value in self.parameters]
        self._patience = self._patience[networks]
        self._misses, self._loss = self._misses[networks], self._loss[networks]
