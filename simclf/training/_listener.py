"""What the training loop tells somebody who follows it from epoch to epoch."""

from typing import Any, Protocol

from simclf.training._best import BestMembers


class EpochListener(Protocol):
    """Hears of the epochs of a fit, of which ``net`` is the skorch net."""

    def epoch_begins(self) -> None:
        """Take note that an epoch begins."""

    def epoch_ends(self, net: Any, best: BestMembers | None) -> bool:
        """Take note of an epoch's end; True ends the training."""
