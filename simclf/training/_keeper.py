"""What the training loop asks of somebody who keeps its state between epochs."""

from typing import Any, Protocol

from simclf.training._best import BestMembers


class Keeper(Protocol):
    """Keeps the state of a training, of which ``net`` is the skorch net."""

    def resume(self, net: Any, best: BestMembers | None) -> int:
        """Put back what was kept; the number of epochs that need not be run."""

    def after_epoch(self, net: Any, best: BestMembers | None) -> None:
        """Keep the state, if it is time to."""

    def keep(self, net: Any, best: BestMembers | None) -> None:
        """Keep the state behind an epoch, to go on from."""

    def finish(self, net: Any) -> None:
        """Keep what has become of the training."""
