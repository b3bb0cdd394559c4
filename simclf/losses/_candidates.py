"""Several losses at once, each for its own group of members."""

from typing import Any

import torch
from torch import Tensor, nn

from simclf._typing import FloatArray
from simclf.losses._base import Estimates, Loss
from simclf.similarity import ScoreTable


class CandidateLosses(Loss):
    """Losses that estimate the posterior, side by side along the member axis.

    The members are divided into as many equal groups as there are losses, in order;
    every group learns by its own. Nothing but the batches is shared.

    Parameters
    ----------
    losses : tuple of Loss
        All of them estimate the posterior; the first is what the others are
        measured against.
    """

    name = "auto"
    estimates: Estimates = "posterior"

    def __init__(self, losses: tuple[Loss, ...]) -> None:
        self.losses = losses

    @property
    def warmup_fraction(self) -> float:
        """Share of the training after which all have their final form."""
        return max(loss.warmup_fraction for loss in self.losses)

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> Any:
        return nn.ModuleList(
            # A loss that makes no use of the table keeps its place.
            loss.prepare(table, dtype) or nn.Identity()
            for loss in self.losses
        )

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: Any, progress: float
    ) -> Tensor:
        groups = self._groups(scores)
        labels = codes.expand(scores.shape[:-1])
        parts = [
            loss.pointwise(part, own, _own_table(prepared), progress)
            for loss, part, own, prepared in zip(
                self.losses, groups, self._groups(labels), table, strict=True
            )
        ]
        return torch.cat(parts)

    def _proba(self, scores: Tensor, table: Any) -> Tensor:
        parts = [
            loss.proba(part, _own_table(prepared))
            for loss, part, prepared in zip(
                self.losses, self._groups(scores), table, strict=True
            )
        ]
        return torch.cat(parts)

    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        del table
        return posterior

    def _groups(self, values: Tensor) -> tuple[Tensor, ...]:
        """Divide the members into one group for each loss."""
        return values.tensor_split(len(self.losses))


def _own_table(prepared: nn.Module) -> Any:
    """Return the table that a loss prepared; None where it made none."""
    return None if isinstance(prepared, nn.Identity) else prepared
