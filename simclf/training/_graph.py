"""Steps over tensors that stay in place: what a CUDA graph needs to be replayed."""

from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.optim import Optimizer

from simclf.training._rows import Batch, Rows

Queue: TypeAlias = Callable[[], Tensor]
Step: TypeAlias = Callable[[Rows, Batch, int, float], Tensor]
# Steps taken by their parts before one is captured, as torch advises: libraries
# choose their kernels in them, and the optimizer makes its state.
_WARM_UP = 3


class StaticSteps:
    """Steps whose batch is copied to a place of its own, and then queued from there.

    A batch of each size has its place. Whatever a step takes as a number instead of a
    tensor (learning rate, progress of a warm-up) is part of the graph: once it has
    changed, steps are recorded anew.

    Parameters
    ----------
    step : callable
        One optimizer step on a batch.
    record : callable
        Turns a step on the tensors in their places into what queues it again.
    optimizer : torch.optim.Optimizer
        Its settings are such numbers.
    warms_up : bool
        Whether the loss depends on how much of the training is done.
    """

    def __init__(
        self,
        step: Step,
        record: Callable[[Queue], Queue],
        optimizer: Optimizer,
        *,
        warms_up: bool,
    ) -> None:
        self._step = step
        self._record = record
        self._optimizer = optimizer
        self._warms_up = warms_up
        self._numbers: Hashable = None
        self._recorded: dict[int, tuple[Batch, Queue]] = {}

    def __call__(self, rows: Rows, batch: Batch, size: int, progress: float) -> Tensor:
        """Take one step; the mean loss of each member, which the next overwrites."""
        numbers = self._numbers_now(progress)
        if numbers != self._numbers:
            self._recorded.clear()
            self._numbers = numbers
        if size not in self._recorded:
            place = _copied(batch)
            self._recorded[size] = (
                place,
                self._record(lambda: self._step(rows, place, size, progress)),
            )
        place, queue = self._recorded[size]
        for target, source in zip(place, batch, strict=True):
            if target is not None and source is not None:
                target.copy_(source)
        return queue()

    def _numbers_now(self, progress: float) -> Hashable:
        """Return the numbers that a graph would hold on to."""
        settings = [
            (name, value)
            for group in self._optimizer.param_groups
            for name, value in group.items()
            if name != "params"
        ]
        return progress if self._warms_up else None, tuple(settings)


def _copied(batch: Batch) -> Batch:
    """Return a batch of the same rows in memory of its own."""
    weight, numbers = (None if part is None else part.clone() for part in batch[2:])
    return Batch(batch.features.clone(), batch.codes.clone(), weight, numbers)


class Graph:
    """A step on a CUDA device: queued by its parts a few times, then as one graph.

    Parameters
    ----------
    step : callable
        Queues the step; all tensors that it reads stay in place.
    generator : torch.Generator
        What the layers of the network draw from. Each replay moves it on.
    """

    def __init__(self, step: Queue, generator: torch.Generator) -> None:
        self._step = step
        self._generator = generator
        self._n_queued = 0
        self._graph: Any = None
        self._losses: Tensor | None = None

    def __call__(self) -> Tensor:
        """Queue the step; the mean loss of each member."""
        if self._n_queued < _WARM_UP:
            self._n_queued += 1
            return self._beside()
        if self._graph is None or self._losses is None:
            self._capture()
        assert self._losses is not None
        self._graph.replay()
        return self._losses

    def _beside(self) -> Tensor:
        """Queue the parts of the step on another stream, as before a capture."""
        queue, other = torch.cuda.current_stream(), torch.cuda.Stream()
        other.wait_stream(queue)
        with torch.cuda.stream(other):
            losses = self._step()
        queue.wait_stream(other)
        losses.record_stream(queue)
        return losses

    def _capture(self) -> None:
        """Write down what the step queues, without running it."""
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self._generator)
        try:
            with torch.cuda.graph(graph):
                self._losses = self._step()
        except RuntimeError as error:
            msg = (
                "compile='graph': a step of this network, loss and optimizer cannot be "
                f"captured: {error}. Use compile=False."
            )
            raise ValueError(msg) from error
        self._graph = graph
