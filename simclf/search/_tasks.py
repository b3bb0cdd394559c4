"""One model to be trained: what makes it itself, and what it shares with others."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import joblib
import torch

from simclf._inputs import LabelledRows
from simclf.modules import MLP, Linear, affine_maps
from simclf.training import Job, Settings
from simclf.training._arithmetic import Arithmetic
from simclf.training._order import count_batches
from simclf.training._split import Folds

CALLBACKS = "callbacks are given"


@dataclass(frozen=True, eq=False)
class Task:
    """A model to be trained together with others.

    Attributes
    ----------
    job : Job
        All that its training depends on.
    key : str
        The same for jobs that come to the same model.
    group : hashable
        The same for models that can be trained at once.
    stream : str
        The same for models that see the same batches.
    loss : str
        The same for models of one loss under one table.
    """

    job: Job
    key: str
    group: Hashable
    stream: str
    loss: str

    @property
    def settings(self) -> Settings:
        """The parameters of the model."""
        return self.job.settings

    @property
    def stops_early(self) -> bool:
        """Whether rows held out end the training."""
        return self.job.held is not None and self.settings.patience is not None

    def sharing(self, other: "Task") -> "Task":
        """Return the task with the rows of another of the same stream."""
        return replace(
            self, job=replace(self.job, rows=other.job.rows, held=other.job.held)
        )


def why_alone(job: Job) -> str | None:
    """Return why a model cannot be trained together with others; None if it can."""
    settings = job.settings
    reasons = {
        CALLBACKS: bool(settings.callbacks),
        "checkpoint is given": settings.checkpoint is not None,
        "the module is neither MLP nor Linear": (
            type(settings.module) not in (MLP, Linear)
        ),
        "the optimizer is not 'adamw'": settings.optimizer is not torch.optim.AdamW,
        "X_val is given": isinstance(job.held, LabelledRows),
        "precision or compile is given": settings.arithmetic != Arithmetic(),
        "sample_scores are given": job.rows.sample_scores is not None,
        "the loss or a label cannot be pickled": not _is_pickled(_loss_and_labels(job)),
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def read_task(job: Job) -> Task:
    """Measure what a job has in common with others."""
    settings, seeds, rows = job.settings, job.seeds, job.rows
    held = job.held.held if isinstance(job.held, Folds) else None
    n_batches = count_batches(len(rows.codes), settings.batch_size)
    stream = joblib.hash(
        (
            *(rows.X, rows.codes, rows.sample_weight, held, n_batches),
            *(seeds.order, seeds.layers, settings.standardize, str(settings.dtype)),
        )
    )
    table = job.table
    loss = joblib.hash((_loss_and_labels(job), table.values, table.given_as))
    group = (
        *_shape(job),
        *between_layers(settings.module),
        *(n_batches, job.n_epochs, settings.max_epochs),
        *(job.held is None, settings.patience is None),
        *(settings.n_members, str(settings.dtype), str(settings.device)),
    )
    own = seeds.weights, settings.lr, settings.optimizer_settings, settings.patience
    return Task(job, joblib.hash((stream, loss, group, own)), group, stream, loss)


def _loss_and_labels(job: Job) -> tuple[Any, ...]:
    """Return the loss, and by what it aligns what it was given beside the table."""
    table = job.table
    return job.settings.loss, table.classes.tolist(), table.decisions.tolist()


def _is_pickled(value: Any) -> bool:
    """Whether a value can be told from others, and sent to other processes."""
    try:
        joblib.hash(value)
    except Exception:  # noqa: BLE001 - a class may fail in its own way
        return False
    return True


def between_layers(module: Any) -> tuple[str, float]:
    """Return the activation between layers and the share of dropout."""
    if isinstance(module, MLP):
        return module.activation, float(module.dropout)
    return "gelu", 0.0


def _shape(job: Job) -> tuple[int, ...]:
    """Return the number of networks and the widths of their layers."""
    maps = affine_maps(job.model.net.module_)
    n_networks, _, n_inputs = maps[0][0].shape
    return n_networks, n_inputs, *(weight.shape[1] for weight, _ in maps)
