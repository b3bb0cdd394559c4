"""Training done elsewhere: a search trains many models at once, a fit finds its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeAlias

from simclf._inputs import LabelledRows
from simclf.similarity import ScoreTable
from simclf.training._predict import Model
from simclf.training._seeding import Seeds
from simclf.training._settings import Settings
from simclf.training._split import Folds


@dataclass(frozen=True, eq=False)
class Job:
    """All that the training of one model depends on: it is a function of these."""

    model: Model
    rows: LabelledRows
    held: LabelledRows | Folds | None
    table: ScoreTable
    settings: Settings
    seeds: Seeds
    n_epochs: int


Trainer: TypeAlias = Callable[[Job], bool]
_trainer: ContextVar[Trainer | None] = ContextVar("trainer", default=None)


@contextmanager
def training_by(trainer: Trainer) -> Iterator[None]:
    """Ask ``trainer`` before any training inside the block; True says it is done."""
    token = _trainer.set(trainer)
    try:
        yield
    finally:
        _trainer.reset(token)


def trained_ahead(job: Job) -> bool:
    """Whether somebody else has trained this model."""
    trainer = _trainer.get()
    return trainer is not None and trainer(job)
