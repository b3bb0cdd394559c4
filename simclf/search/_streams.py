"""The batches of many models at once: each sees those that it would see alone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from simclf.search._tasks import Task, between_layers
from simclf.training._order import Schedule, epoch_batches
from simclf.training._rows import Batch, Rows
from simclf.training._split import Folds

_VALIDATION_ROWS = 8192
_CHUNK_ROWS = 128


class Part(NamedTuple):
    """Rows that several networks share: (k, n, d), their labels and weights (m, n).

    ``k`` is one where all networks of a model see the same rows, else ``m``.
    """

    features: Tensor
    codes: Tensor
    weight: Tensor
    n_rows: int


class Rowset(NamedTuple):
    """Rows of every network: features (M, n, d).

    Labels are (n,) where all networks have the same, else (M, n). The mean loss of a
    network is the sum of its losses times ``share`` (M, n).
    """

    features: Tensor
    codes: Tensor
    share: Tensor


class Stream:
    """Training rows in the order that a seed brings them in, and those held out."""

    def __init__(self, task: Task) -> None:
        job, settings = task.job, task.settings
        held, weight = job.held, job.rows.sample_weight
        self.n_networks = settings.n_networks
        if isinstance(held, Folds):
            held = held.repeated(settings.n_networks // settings.n_members)
            index, share = held.held_rows(weight)
            weight = held.learning_weight(weight)
        self.rows = Rows(
            job.rows.X,
            job.rows.codes,
            weight,
            job.model.standardizer,
            settings.dtype,
            settings.device,
        )
        if isinstance(held, Folds):
            self._held = torch.from_numpy(index).to(self.rows.home)
            self._held_weight = torch.from_numpy(share).to(
                settings.device, settings.dtype
            )
        self.schedule = Schedule(
            n_epochs=job.n_epochs,
            max_epochs=settings.max_epochs,
            batch_size=settings.batch_size,
            patience=settings.patience,
            seeds=job.seeds,
        )

    def batches(self, epoch: int) -> Iterator[Part]:
        """Yield the batches of an epoch."""
        for index in epoch_batches(self.rows, self.schedule, epoch):
            yield self._part(
                self.rows.all() if index is None else self.rows.take(index)
            )

    def first_rows(self, n_rows: int) -> Part:
        """Return the first rows, without weights."""
        batch = next(iter(self.rows.chunks(n_rows)))
        return self._part(batch._replace(weight=None))

    @property
    def n_held(self) -> int:
        """Number of rows that each network is judged by."""
        return self._held.shape[1]

    def held(self, start: int, stop: int) -> Part:
        """Return some of the rows that each network is judged by."""
        index = self._held[:, start:stop]
        taken = self.rows.take(index.flatten())
        return Part(
            taken.features.unflatten(0, index.shape),
            taken.codes.unflatten(0, index.shape),
            self._held_weight[:, start:stop],
            self.n_held,
        )

    def _part(self, batch: Batch) -> Part:
        """Return a batch with a weight for each network of a model."""
        weight = batch.weight
        if weight is None:
            weight = torch.ones(
                len(batch.codes), dtype=self.rows.dtype, device=self.rows.device
            )
        return Part(
            batch.features[None],
            batch.codes[None],
            weight.expand(self.n_networks, -1),
            len(batch.codes),
        )


class Streams:
    """The streams of some tasks, brought together along the axis of the networks."""

    def __init__(self, tasks: Sequence[Task], known: dict[str, Stream]) -> None:
        names = list(dict.fromkeys(task.stream for task in tasks))
        self._streams = [known[name] for name in names]
        settings = tasks[0].settings
        self._device, self._dtype = settings.device, settings.dtype
        self._counts: dict[tuple[int, ...], Tensor] = {}
        self._n_members = settings.n_networks
        self._dropout = between_layers(settings.module)[1]
        own = [known[task.stream] for task in tasks]
        self._stream = self._of_networks([self._streams.index(s) for s in own])
        member = torch.arange(self._n_members, device=self._device).repeat(len(tasks))
        self._member = self._stream * self._n_members + member
        # Streams of one seed drop the same units.
        self._seeds = list(
            {s.schedule.seeds.layers: s.schedule.seeds for s in own}.values()
        )
        layers = [seeds.layers for seeds in self._seeds]
        place = [layers.index(s.schedule.seeds.layers) for s in own]
        self._mask = self._of_networks(place) * self._n_members + member

    def batches(self, epoch: int) -> Iterator[tuple[Rowset, Tensor]]:
        """Yield the batches of an epoch, and for how many rows each stands, (M,)."""
        each = [stream.batches(epoch) for stream in self._streams]
        for parts in zip(*each, strict=True):
            counts = self._on_device(tuple(part.n_rows for part in parts))
            yield self._together(parts, self._stream), counts[self._stream]

    def held(self) -> Iterator[Rowset]:
        """Yield the rows that each network is judged by, some at a time."""
        step = max(_CHUNK_ROWS, _VALIDATION_ROWS // len(self._stream))
        for start in range(0, max(s.n_held for s in self._streams), step):
            parts = [stream.held(start, start + step) for stream in self._streams]
            yield self._together(parts, self._member)

    def first_rows(self, n_rows: int) -> Rowset:
        """Return the first rows of each stream, without weights."""
        parts = [stream.first_rows(n_rows) for stream in self._streams]
        return self._together(parts, self._stream)

    def n_rows(self) -> Tensor:
        """Return the number of rows that each network learns from, (M,)."""
        sizes = tuple(len(stream.rows) for stream in self._streams)
        return self._on_device(sizes)[self._stream]

    def _on_device(self, counts: tuple[int, ...]) -> Tensor:
        """Return counts of rows as a tensor, the same for the same ones.

        To bring new ones to a device is to wait for it, in every step.
        """
        if counts not in self._counts:
            self._counts[counts] = torch.tensor(counts, device=self._device)
        return self._counts[counts]

    def masks(self, epoch: int, widths: Sequence[int]) -> Iterator[list[Tensor]]:
        """Yield what dropout multiplies each hidden layer with, step by step."""
        generators = [
            seeds.layer_generator(epoch, self._device) for seeds in self._seeds
        ]
        while True:
            yield [self._mask_of(width, generators) for width in widths]

    def _mask_of(self, width: int, generators: list[torch.Generator]) -> Tensor:
        """Draw which units of a layer are kept in a step, each seed's as alone."""
        kept = 1 - self._dropout
        drawn = [
            torch.empty(
                self._n_members, 1, width, dtype=self._dtype, device=self._device
            ).bernoulli_(kept, generator=generator)
            for generator in generators
        ]
        return _spread(torch.cat(drawn).div_(kept), self._mask)

    def _together(self, parts: Sequence[Part], place: Tensor) -> Rowset:
        """Bring rows of the streams together; ``place`` is where a network's are."""
        longest = max(part.codes.shape[1] for part in parts)
        missing = [longest - part.codes.shape[1] for part in parts]
        pairs = list(zip(parts, missing, strict=True))
        features = torch.cat([pad(p.features, (0, 0, 0, n)) for p, n in pairs])
        codes = torch.cat([pad(p.codes, (0, n)) for p, n in pairs])
        share = torch.cat([pad(p.weight / p.n_rows, (0, n)) for p, n in pairs])
        return Rowset(
            _spread(features, place),
            codes[0] if len(codes) == 1 else codes[place],
            _spread(share, self._member),
        )

    def _of_networks(self, of_tasks: list[int]) -> Tensor:
        """Repeat a number of each task for each of its networks."""
        numbers = torch.tensor(of_tasks, device=self._device)
        return numbers.repeat_interleave(self._n_members)


def _spread(values: Tensor, place: Tensor) -> Tensor:
    """Return what stands at each network's place; one for all takes no memory."""
    if len(values) == 1:
        return values.expand(len(place), *values.shape[1:])
    return values.index_select(0, place)
