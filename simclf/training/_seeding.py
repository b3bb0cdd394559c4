"""Random numbers of a fit, from generators of its own: no global one moves."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.utils import check_random_state

from simclf.training._processes import processes

_MAX_SEED = np.iinfo(np.int32).max

# Networks that draw from torch's global generator take turns: two threads that seed
# and restore it at the same time would train on each other's numbers.
_global_generator = threading.RLock()


def _forget_turns() -> None:
    """Let a forked child begin anew: whose turn it was is not there to end it."""
    global _global_generator  # noqa: PLW0603 - a lock held by nobody cannot be freed
    _global_generator = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_turns)


@dataclass(frozen=True)
class Seeds:
    """One seed for each purpose, so that none depends on how often another is used."""

    weights: int
    order: int
    split: int
    layers: int

    def order_generator(self, epoch: int) -> torch.Generator:
        """Return the generator of an epoch's row order; only the epoch decides it."""
        return _generator(self.order, epoch, torch.device("cpu"))

    def layer_generator(
        self, epoch: int, device: torch.device, kept: torch.Generator | None = None
    ) -> torch.Generator:
        """Return the generator that layers draw from in an epoch.

        It is ``kept``, seeded anew, where one is to stay the same.
        """
        return _generator(self.layers, epoch, device, kept)


def _generator(
    seed: int, epoch: int, device: torch.device, kept: torch.Generator | None = None
) -> torch.Generator:
    """Return a generator whose numbers are those of a seed and an epoch."""
    mixed = np.random.SeedSequence([seed, epoch]).generate_state(1)[0]
    generator = torch.Generator(device=device) if kept is None else kept
    return generator.manual_seed(int(mixed))


def draw_seeds(random_state: int | np.random.RandomState | None) -> Seeds:
    """Draw the seeds of a fit as scikit-learn does; None uses numpy's global state."""
    try:
        if isinstance(random_state, bool):
            raise ValueError
        state = check_random_state(random_state)
    except ValueError:
        msg = (
            f"random_state={random_state!r} must be None, an integer from 0 to 2**32 - "
            "1, or a numpy RandomState."
        )
        raise ValueError(msg) from None
    drawn = [int(seed) for seed in state.randint(_MAX_SEED, size=4)]
    return Seeds(*processes().agree(drawn))


@contextmanager
def seeded_global_generator(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch's global generator inside the block and restore it behind it."""
    devices = [device] if device.type == "cuda" else []
    with _global_generator, torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.manual_seed(seed)
        yield
