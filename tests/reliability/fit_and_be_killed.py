"""Fits in children that are killed, then goes on: ``python this_file.py FOLDER``.

Prints one line a kill: the moment, and the epoch that the file had come to.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from simclf import SimilarityAwareClassifier
from simclf.modules import MLP
from simclf.persistence import _atomic
from simclf.persistence._checkpoint import CHECKPOINT, unpack
from simclf.training import _checkpoint
from tests.persistence.cases import ANIMALS, CODES, S, X

EPOCHS = 60
N_RANDOM = 8
Y = ANIMALS[CODES]


class Drops(nn.Sequential):
    """A network that draws from torch's global generator."""

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__(
            nn.Linear(n_features, 6), nn.Dropout(0.4), nn.Linear(6, n_outputs)
        )


KINDS: dict[str, dict[str, Any]] = {
    "dropout": {"module": MLP((6,), dropout=0.4), "loss": "auto"},
    "drops": {"module": Drops, "n_members": 1, "optimizer": "sgd"},
}


def classifier(kind: str, path: Path | None) -> SimilarityAwareClassifier:
    settings = {"n_members": 2, "batch_size": 8, "n_iter_no_change": EPOCHS}
    settings |= {"max_epochs": EPOCHS, "random_state": 0, "lr": 0.01}
    return SimilarityAwareClassifier(
        S, **{**settings, **KINDS[kind]}, checkpoint=path, device="cpu"
    )


def in_child(work: Callable[[], object]) -> int:
    """Start some work in a child; its number."""
    number = os.fork()
    if number == 0:
        try:
            work()
        finally:
            os._exit(0)
    return number


def epoch_of(path: Path) -> int:
    """Return how far a file has come, having read and checked all of it."""
    if not path.exists():
        return 0
    document, _ = unpack(path.read_bytes(), CHECKPOINT)
    return len(document["state"]["history"])


def killed_at_random(kind: str, path: Path) -> None:
    """Kill the same fit again and again, at moments that know nothing of it."""
    moments = random.Random(0)
    for _ in range(N_RANDOM):
        begun, begins = os.pipe()
        child = in_child(lambda number=begins: fit_and_tell(kind, path, number))
        os.close(begins)
        os.read(begun, 1)
        os.close(begun)
        moment = moments.uniform(0.0, 0.1)
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        ended = "killed" if os.WIFSIGNALED(status) else "finished"
        tell(f"{kind} {moment:.3f} {ended} {epoch_of(path)}")


def fit_and_tell(kind: str, path: Path, number: int) -> None:
    """Fit, and write a byte when the training begins."""
    resume = _checkpoint.StoreKeeper.resume

    def resume_and_tell(*args: Any) -> int:
        epoch = resume(*args)
        os.write(number, b".")
        return epoch

    _checkpoint.StoreKeeper.resume = resume_and_tell
    classifier(kind, path).fit(X, Y)


def killed_while_it_writes(path: Path) -> None:
    """Kill a fit at each step of a write."""
    steps: dict[str, tuple[Any, str, int]] = {
        "before the bytes reach the disk": (_atomic.os, "fsync", 1),
        "before the name is taken over": (Path, "replace", 1),
        "before the folder reaches the disk": (_atomic.os, "fsync", 2),
        "in a later write": (_atomic.os, "fsync", 7),
        "at a later name": (Path, "replace", 5),
    }
    for moment, (owner, name, count) in steps.items():
        child = in_child(lambda o=owner, n=name, c=count: fit_until(path, o, n, c))
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        tell(f"{moment} {epoch_of(path)}")


def fit_until(path: Path, owner: Any, name: str, count: int) -> None:
    """Fit, and be killed where a function is called for the n-th time."""
    calls = []

    def die(*_: Any) -> None:
        calls.append(name)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*_)

    real = getattr(owner, name)
    setattr(owner, name, die)
    classifier("dropout", path).fit(X, Y)


def compare(whole: SimilarityAwareClassifier, kind: str, path: Path) -> None:
    """Go on to the end, and compare with a fit that was left in peace."""
    resumed = classifier(kind, path).fit(X, Y)
    assert resumed.loss_curve_ == whole.loss_curve_
    assert resumed.temperature_ == whole.temperature_
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))
    states = [clf.net_.module_.state_dict() for clf in (whole, resumed)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert list(path.parent.glob(".simclf-*")) == []
    tell(f"{kind} is the same")


def tell(line: str) -> None:
    """Write a line for the test to read."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    torch.set_num_threads(1)
    _checkpoint._PAUSE = _checkpoint._TIMES_ITS_COST = 0.0
    for kind in KINDS:
        file = Path(sys.argv[1]) / kind / "fit.safetensors"
        file.parent.mkdir()
        # Also the first fit of a process, which children need not wait for again.
        whole = classifier(kind, None).fit(X, Y)
        if kind == "dropout":
            killed_while_it_writes(file)
        killed_at_random(kind, file)
        compare(whole, kind, file)
