"""Training done elsewhere: a search trains many models at once, a fit finds its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

from simclf._inputs import LabelledRows
from simclf._typing import FloatArray
from simclf.similarity import ScoreTable
from simclf.training._predict import Model
from simclf.training._seeding import Seeds
from simclf.training._settings import Settings
from simclf.training._split import Folds
from simclf.training._standardize import Standardizer, fit_standardizer


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
Measure: TypeAlias = Callable[[Any, FloatArray | None], Standardizer]


@dataclass(frozen=True, eq=False)
class _Ahead:
    """Who is asked before a fit measures its features, and before it trains."""

    measure: Measure
    trainer: Trainer


_ahead: ContextVar[_Ahead | None] = ContextVar("ahead", default=None)


@contextmanager
def training_by(trainer: Trainer, measure: Measure) -> Iterator[None]:
    """Let others measure features and train inside the block.

    ``trainer`` returns True where the job is done. ``measure`` takes the place of
    ``fit_standardizer``.
    """
    before = _ahead.get()
    # Set where it is sure to be put back: a Ctrl-C may come behind any step.
    try:
        _ahead.set(_Ahead(measure, trainer))
        yield
    finally:
        _ahead.set(before)


def trained_ahead(job: Job) -> bool:
    """Whether somebody else has trained this model."""
    ahead = _ahead.get()
    return ahead is not None and ahead.trainer(job)


def measured(X: Any, sample_weight: FloatArray | None) -> Standardizer:
    """Measure the features, unless somebody else has."""
    ahead = _ahead.get()
    measure = fit_standardizer if ahead is None else ahead.measure
    return measure(X, sample_weight)
