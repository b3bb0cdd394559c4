"""Early stopping: each member keeps the weights of its best epoch."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(eq=False)
class BestMembers:
    """The best validation loss of every member so far, and the weights that gave it.

    A member whose patience is spent is masked: it goes on through the batched
    operations, but nothing it does later counts, as if it had been trained alone.
    """

    patience: int
    loss: Tensor | None = None
    misses: Tensor | None = None
    weights: dict[str, Tensor] = field(default_factory=dict)

    def update(self, loss: Tensor, network: nn.Module, *, patient: bool = True) -> bool:
        """Take in an epoch's validation losses (n_members,); True when all are done.

        Where it is not ``patient``, an epoch may be the best but is no miss.
        """
        if self.loss is None or self.misses is None:
            self.loss = loss
            self.misses = torch.zeros_like(loss, dtype=torch.int64)
            self.weights = {k: v.clone() for k, v in network.state_dict().items()}
            return False
        better = (loss < self.loss) & (self.misses < self.patience)
        self.loss = torch.where(better, loss, self.loss)
        self.misses = torch.where(
            better, 0, self.misses + (patient & (self.misses < self.patience))
        )
        for name, value in network.state_dict().items():
            # The state of a single ordinary network has no member axis.
            mask = better.view(-1, *[1] * (value.ndim - 1)) if len(loss) > 1 else better
            self.weights[name] = torch.where(
                mask if value.ndim else mask[0], value, self.weights[name]
            )
        return bool((self.misses >= self.patience).all())

    def state(self) -> dict[str, Any] | None:
        """Return all that is known so far; None before the first epoch."""
        if self.loss is None:
            return None
        return {"loss": self.loss, "misses": self.misses, "weights": self.weights}

    def put_back(self, state: dict[str, Any], device: torch.device) -> None:
        """Go on from what `state` returned."""
        self.loss = state["loss"].to(device)
        self.misses = state["misses"].to(device)
        self.weights = {k: v.to(device) for k, v in state["weights"].items()}

    def restore(self, network: nn.Module) -> None:
        """Put the best weights back."""
        if self.weights:
            network.load_state_dict(self.weights)
