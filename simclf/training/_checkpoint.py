"""A training that outlives its process: its state between epochs, and a way back."""

import time
import warnings
from typing import Any, Protocol

import torch
from torch import Tensor

from simclf.training._ahead import Job
from simclf.training._arrays import as_arrays, as_tensors
from simclf.training._best import BestMembers
from simclf.training._fingerprint import fingerprint
from simclf.training._net import MemberNet
from simclf.training._network import draws_in_training
from simclf.training._optimizer import refuse_odd_state
from simclf.training._processes import processes

# Seconds between two files at least, and how often the time that one takes.
_PAUSE, _TIMES_ITS_COST = 30.0, 10.0


class Store(Protocol):
    """Where the state of a training is kept."""

    def read(self, fingerprint: dict[str, Any]) -> dict[str, Any] | None:
        """Return the state that was kept of this training; None where there is none."""

    def write(self, fingerprint: dict[str, Any], state: dict[str, Any]) -> None:
        """Keep a state in the place of the one before."""

    def damaged(self, error: Exception) -> ValueError:
        """Return the error for a state that cannot be what a training was in."""


class StoreKeeper:
    """Keeps the state of a training in a store, and begins with what is there.

    Nothing but weights, optimizer, early stopping and history goes from epoch to
    epoch: the row order and the layers' numbers are seeded by the epoch. Only networks
    that draw from torch's global generator carry its state along.

    Parameters
    ----------
    store : Store
        Where the state is kept.
    job : Job
        The training.
    """

    def __init__(self, store: Store, job: Job) -> None:
        self._store = store
        self._fingerprint = fingerprint(job)
        self._draws = draws_in_training(job.settings.module)
        self._n_epochs = job.n_epochs
        self._next = -float("inf")
        self._has_warned = False
        self._has_finished = False

    def resume(self, net: MemberNet, best: BestMembers | None) -> int:
        """Put back what was kept; the number of epochs that need not be run."""
        state = processes().agree(self._store.read(self._fingerprint))
        if state is None:
            return 0
        try:
            self._put_back(state, net, best)
        except Exception as error:
            raise self._store.damaged(error) from error
        self._has_finished = bool(state["finished"])
        return self._n_epochs if self._has_finished else len(net.history)

    def after_epoch(self, net: MemberNet, best: BestMembers | None) -> None:
        """Keep the state after the first epoch, and then from time to time."""
        if time.monotonic() >= self._next:
            self.keep(net, best)

    def keep(self, net: MemberNet, best: BestMembers | None) -> None:
        """Keep the state behind an epoch, to go on from."""
        kept = None if best is None else as_arrays(best.state())
        generators = _generators(net) if self._draws else None
        self._write(net, {"finished": False, "best": kept, "generators": generators})

    def finish(self, net: MemberNet) -> None:
        """Keep what has become of the training, unless it was kept before."""
        if not self._has_finished:
            self._write(net, {"finished": True, "best": None, "generators": None})

    def _write(self, net: MemberNet, state: dict[str, Any]) -> None:
        """Write the state; a full disk costs the file, not the fit."""
        if not processes().leads:
            return
        start = time.monotonic()
        state |= {
            "weights": as_arrays(dict(net.module_.state_dict())),
            "optimizer": as_arrays(net.optimizer_.state_dict()),
            "history": net.epoch_records(),
        }
        try:
            self._store.write(self._fingerprint, state)
        except OSError as error:
            self._warn(error)
        end = time.monotonic()
        self._next = end + max(_PAUSE, _TIMES_ITS_COST * (end - start))

    def _warn(self, error: OSError) -> None:
        """Say once that the state could not be kept."""
        if self._has_warned:
            return
        self._has_warned = True
        msg = (
            f"{self._store} could not be written ({error}). The fit goes on, and tries "
            "again later; the last whole file, if there is one, is as it was. Make "
            "room, or choose another place in the next fit."
        )
        warnings.warn(msg, RuntimeWarning, stacklevel=2)

    def _put_back(
        self, state: dict[str, Any], net: MemberNet, best: BestMembers | None
    ) -> None:
        """Bring net, early stopping and generators into the state that was kept."""
        net.module_.load_state_dict(as_tensors(state["weights"]))
        net.optimizer_.load_state_dict(as_tensors(state["optimizer"]))
        refuse_odd_state(net.optimizer_)
        net.take_records(state["history"])
        if state["finished"]:
            return
        if best is not None:
            best.put_back(as_tensors(state["best"]), _device(net))
        if self._draws:
            _set_generators(as_tensors(state["generators"]), _device(net))


def _generators(net: MemberNet) -> dict[str, Any]:
    """Return the state of torch's global generators that the network may draw from."""
    device = _device(net)
    on_gpu = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    states: dict[str, Any] = as_arrays({"cpu": torch.get_rng_state(), "cuda": on_gpu})
    return states


def _set_generators(states: dict[str, Tensor], device: torch.device) -> None:
    """Set torch's global generators, which the training restores when it ends."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"], device)


def _device(net: MemberNet) -> torch.device:
    """Return where the network is."""
    device: torch.device = next(net.module_.parameters()).device
    return device
