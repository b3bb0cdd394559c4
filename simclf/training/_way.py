"""The way that the steps of one training are taken: its arithmetic put into effect."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from simclf.losses import Loss
from simclf.training._arithmetic import Arithmetic
from simclf.training._graph import Graph, Queue, StaticSteps, Step
from simclf.training._processes import OneProcess, processes
from simclf.training._quick_steps import QuickSteps

_BACKEND = "inductor"


class Way:
    """How the steps of a training are taken.

    Parameters
    ----------
    network : torch.nn.Module
        What is trained.
    optimizer : torch.optim.Optimizer
        Of its parameters.
    loss : Loss
        What it learns by.
    arithmetic : Arithmetic
        As the parameters of the classifier ask.

    Attributes
    ----------
    forward : callable
        Scores of rows in training.
    optimizer : QuickSteps
        Steps down the gradients.
    generator : torch.Generator or None
        What layers have to draw from, where a graph holds on to it.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: Optimizer,
        loss: Loss,
        arithmetic: Arithmetic,
    ) -> None:
        device = next(network.parameters()).device
        self.forward = _forward(network, arithmetic, device)
        self.optimizer = QuickSteps(optimizer)
        self._optimizer, self._warms_up = optimizer, loss.warmup_fraction > 0
        self.generator: torch.Generator | None = None
        self._record: Callable[[Queue], Queue] | None = None
        self._static: StaticSteps | None = None
        if arithmetic.compiled == "graph" and _has_graphs(device):
            self.generator = torch.Generator(device)
            self._record = partial(Graph, generator=self.generator)

    def steps(self, step: Step) -> Step:
        """Return what takes a step: the step itself, or its replay."""
        if self._record is None:
            return step
        if self._static is None:
            self._static = StaticSteps(
                step, self._record, self._optimizer, warms_up=self._warms_up
            )
        return self._static


def _has_graphs(device: torch.device) -> bool:
    """Whether whole steps can be captured: on CUDA, where no other process joins in."""
    return device.type == "cuda" and type(processes()) is OneProcess


def _forward(
    network: nn.Module, arithmetic: Arithmetic, device: torch.device
) -> Callable[[Tensor], Tensor]:
    """Return what gives scores in training."""
    forward: Callable[[Tensor], Tensor] = network
    if arithmetic.compiled is True:
        forward = torch.compile(network, backend=_BACKEND)
    if arithmetic.products is None:
        return forward

    def in_low_precision(rows: Tensor) -> Tensor:
        # Without torch's cache, which would keep rounded weights from step to step.
        with torch.autocast(device.type, arithmetic.products, cache_enabled=False):
            return forward(rows)

    return in_low_precision


@contextmanager
def way_of(
    network: nn.Module,
    optimizer: Optimizer,
    loss: Loss,
    arithmetic: Arithmetic,
    *,
    heard: bool,
) -> Iterator[Way]:
    """Make the way of a training, and say what to do where it cannot be taken.

    ``heard`` is whether a callback is told of batches.
    """
    if heard and arithmetic.compiled == "graph":
        msg = (
            "compile='graph' replays whole steps, of whose batches no callback can be "
            "told, but one of callbacks has a method for them; leave it out, or use "
            "compile=False."
        )
        raise ValueError(msg)
    try:
        yield Way(network, optimizer, loss, arithmetic)
    except RuntimeError as error:
        if arithmetic.compiled is not True or not _is_of_a_compiler(error):
            raise
        cause = getattr(error, "inner_exception", error)
        msg = (
            "compile=True: torch could not compile the network "
            f"({type(cause).__name__}: {str(cause).strip().splitlines()[0]}). It needs "
            "a C++ compiler on a CPU, and triton on CUDA; use compile=False."
        )
        raise ValueError(msg) from error


def _is_of_a_compiler(error: RuntimeError) -> bool:
    """Whether torch.compile has failed, rather than the training."""
    from torch._dynamo.exc import TorchDynamoException

    return isinstance(error, TorchDynamoException)
