"""One fit on one process, or on several that each take a share of every batch."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from simclf.training._rows import Batch, Rows


class OneProcess:
    """A fit that has its batches to itself."""

    @property
    def leads(self) -> bool:
        """Whether it is for this process to write what all of them have."""
        return True

    def batch(self, rows: Rows, index: Tensor | None) -> Batch:
        """Return the rows of a batch; None stands for all rows in order."""
        return rows.all() if index is None else rows.take(index)

    def mean(self, losses: Tensor, size: int) -> Tensor:
        """Return the mean over the last axis, which holds ``size`` rows."""
        del size
        return losses.mean(-1)

    def total(self, losses: Tensor) -> Tensor:
        """Return what all processes have together."""
        return losses

    def share_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of all processes: there is one."""

    def agree(self, value: Any) -> Any:
        """Return the value that all processes go by."""
        return value


@dataclass(frozen=True)
class ManyProcesses(OneProcess):
    """A fit of which this process computes every n-th row of each batch.

    All hold the same rows and the same weights. A sum over shares is that of the whole
    batch, so the model is that of one process, up to the order of additions.

    Parameters
    ----------
    accelerator : accelerate.Accelerator
        Tells which process this is, and adds tensors up over all.
    """

    accelerator: Any

    @property
    def leads(self) -> bool:
        """Whether this is the first of them."""
        return bool(self.accelerator.is_main_process)

    def batch(self, rows: Rows, index: Tensor | None) -> Batch:
        """Return this process's share of a batch."""
        whole = torch.arange(len(rows), device=rows.home) if index is None else index
        first, step = self.accelerator.process_index, self.accelerator.num_processes
        return rows.take(whole[first::step])

    def mean(self, losses: Tensor, size: int) -> Tensor:
        """Return this process's part of the mean over a batch of ``size`` rows."""
        return losses.sum(-1) / size

    def total(self, losses: Tensor) -> Tensor:
        """Return the sum over all processes."""
        total: Tensor = self.accelerator.reduce(losses, "sum")
        return total

    def share_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of all processes, in one message."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = self.total(torch.cat([gradient.flatten() for gradient in gradients]))
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, summed in zip(gradients, flat.split(sizes), strict=True):
            gradient.copy_(summed.view_as(gradient))

    def agree(self, value: Any) -> Any:
        """Return the first process's value."""
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value])[0]


_ALONE = OneProcess()
_CURRENT: ContextVar[OneProcess] = ContextVar("processes", default=_ALONE)


def processes() -> OneProcess:
    """Return the processes that a fit started here and now has."""
    return _CURRENT.get()


@contextmanager
def fits_on(many: OneProcess) -> Iterator[None]:
    """Let the fits inside the block have these processes."""
    before = _CURRENT.get()
    # Set where it is sure to be put back: a Ctrl-C may come behind any step.
    try:
        _CURRENT.set(many)
        yield
    finally:
        _CURRENT.set(before)
