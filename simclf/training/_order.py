"""Which rows a step learns from."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from simclf.training._rows import Rows
from simclf.training._seeding import Seeds


@dataclass(frozen=True, eq=False)
class Schedule:
    """How long a net is trained, and what ends it.

    ``n_epochs`` are run now; ``max_epochs`` is the length that a loss's warm-up is a
    share of (the two differ in ``partial_fit``).
    """

    n_epochs: int
    max_epochs: int
    batch_size: int
    patience: int | None
    seeds: Seeds


def epoch_batches(
    rows: Rows, schedule: Schedule, epoch: int
) -> Iterator[Tensor | None]:
    """Row numbers of each batch of an epoch; None stands for all rows in order.

    Batches differ by one row at most: no batch of a single leftover row, which would
    be the noisiest step of the epoch and an error under batch normalisation.
    """
    n_batches = count_batches(len(rows), schedule.batch_size)
    if n_batches == 1:
        yield None
        return
    generator = schedule.seeds.order_generator(epoch)
    order = torch.randperm(len(rows), generator=generator, device="cpu")
    # To the rows once an epoch, not once a batch.
    yield from torch.tensor_split(order.to(rows.home), n_batches)


def count_batches(n_rows: int, batch_size: int) -> int:
    """Return the number of steps of an epoch."""
    n_batches = -(-n_rows // batch_size)
    # Three rows in batches of two are one batch of three.
    return min(n_batches, max(1, n_rows // 2)) if batch_size > 1 else n_batches
