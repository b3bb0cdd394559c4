"""The losses of many models at once: each run of networks learns by its own."""

from collections.abc import Callable, Sequence
from itertools import groupby

import torch
from torch import Tensor

from simclf.losses import CandidateLosses, DenseTable, Loss
from simclf.search._streams import Rowset
from simclf.search._tasks import Task


class Losses:
    """The losses of some tasks, in runs of equal ones along the networks.

    Parameters
    ----------
    tasks : sequence of Task
        In the order of the networks.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        runs = [list(run) for _, run in groupby(enumerate(tasks), key=_run_of)]
        n_members = tasks[0].settings.n_networks
        self._sizes = [len(run) * n_members for run in runs]
        firsts = [run[0][1] for run in runs]
        self._losses: list[Loss] = [task.settings.loss for task in firsts]
        self._tables: list[DenseTable | None] = [
            task.job.model.net.criterion_.table for task in firsts
        ]

    def means(self, scores: Tensor, rows: Rowset, progress: float) -> Tensor:
        """Mean loss of each network at this point of the training, (M,)."""
        return self._means(
            scores,
            rows,
            lambda loss, part, codes, table: loss.pointwise(
                part, codes, table, progress
            ),
        )

    def judged(self, scores: Tensor, rows: Rowset) -> Tensor:
        """Judge each network by the mean over rows that it does not learn from."""
        return self._means(
            scores,
            rows,
            lambda loss, part, codes, table: loss.judge(part, codes, table),
        )

    def slope(
        self, scores: Tensor, rows: Rowset, progress: float
    ) -> tuple[Tensor, Tensor]:
        """Mean loss of each network, (M,), and its gradient in the scores."""
        leaf = scores.detach().requires_grad_()
        with torch.enable_grad():
            means = self.means(leaf, rows, progress)
            (gradient,) = torch.autograd.grad(means.sum(), leaf)
        return means.detach(), gradient

    def warming_up(self, progress: float) -> Tensor:
        """Whether each network still learns by another objective, (M,)."""
        flags = [progress < loss.warmup_fraction for loss in self._losses]
        return torch.tensor(flags).repeat_interleave(torch.tensor(self._sizes))

    def _means(
        self, scores: Tensor, rows: Rowset, values: Callable[..., Tensor]
    ) -> Tensor:
        """Weighted mean of the values of each network."""
        parts = scores.split(self._sizes)
        shared = rows.codes.ndim == 1
        codes = [rows.codes] * len(parts) if shared else rows.codes.split(self._sizes)
        found = [
            values(*pair)
            for pair in zip(self._losses, parts, codes, self._tables, strict=True)
        ]
        return (torch.cat(found) * rows.share).sum(-1)


def _run_of(numbered: tuple[int, Task]) -> tuple[str, int]:
    """Return what neighbours of one run have in common.

    A choice of losses divides the networks it is given, so it gets one model's.
    """
    position, task = numbered
    alone = isinstance(task.settings.loss, CandidateLosses)
    return task.loss, position if alone else -1
