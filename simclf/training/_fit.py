"""From checked rows, a table and settings to a trained model."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from simclf._inputs import LabelledRows
from simclf._typing import FloatArray
from simclf.decision import fit_temperature
from simclf.losses import Criterion
from simclf.similarity import ScoreTable
from simclf.training._isolation import own_settings
from simclf.training._net import MemberNet, Schedule
from simclf.training._network import build_network, draws_in_training
from simclf.training._rows import Rows, features_on
from simclf.training._seeding import Seeds, seeded_global_generator
from simclf.training._settings import Settings
from simclf.training._split import hold_out
from simclf.training._standardize import Standardizer, fit_standardizer

# Entries of X turned at a time in prediction, rows at most.
_CHUNK_ENTRIES = 2**22
_CHUNK_ROWS = 2**14


@dataclass(frozen=True, eq=False)
class Model:
    """A trained net, and how features reach it."""

    net: MemberNet
    standardizer: Standardizer


def split_rows(
    rows: LabelledRows, settings: Settings, seeds: Seeds
) -> tuple[LabelledRows, LabelledRows | None]:
    """Divide rows into those to learn from and those held out, where any are needed."""
    if not settings.needs_held_out_rows:
        return rows, None
    train, held = hold_out(rows.codes, settings.validation_fraction, seeds.split)
    if held.size == 0:
        # Too few rows to spare one: all are learned from and nothing is calibrated.
        return rows, None
    return rows.take(train), rows.take(held)


def start_model(
    rows: LabelledRows,
    table: ScoreTable,
    settings: Settings,
    seeds: Seeds,
    previous: Model | None = None,
) -> Model:
    """Measure the features and build the net, or take both from a previous model."""
    if previous is not None:
        with own_settings(settings.device, grad=True):
            net = _build_net(previous.net.module_, table, settings)
        return Model(net, previous.standardizer)
    n_outputs = settings.loss.n_outputs(table.n_classes, table.n_decisions)
    with own_settings(settings.device, grad=True):
        network = build_network(
            settings.module, rows.X.shape[1], n_outputs, settings.n_members, seeds
        )
        net = _build_net(network, table, settings)
    standardizer = (
        fit_standardizer(rows.X, rows.sample_weight)
        if settings.standardize
        else Standardizer(None, None)
    )
    return Model(net, standardizer)


def train_model(
    model: Model,
    rows: LabelledRows,
    held: LabelledRows | None,
    settings: Settings,
    seeds: Seeds,
    *,
    n_epochs: int,
) -> None:
    """Train the net on ``rows``, judged by ``held`` where training may stop early."""
    patience = None if held is None else settings.patience
    schedule = Schedule(
        n_epochs=n_epochs,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        patience=patience,
        seeds=seeds,
    )
    with own_settings(settings.device, grad=True), _layer_numbers(settings, seeds):
        train = _rows_on(rows, model)
        valid = None if held is None or patience is None else _rows_on(held, model)
        model.net.train_epochs(train, valid, schedule)
        model.net.module_.eval()


def calibrate(model: Model, held: LabelledRows | None, settings: Settings) -> float:
    """Temperature of the probabilities on the rows held out; 1 where there are none."""
    if held is None or not settings.calibrate:
        return 1.0
    proba = class_proba(model, held.X, len(held.classes))
    return fit_temperature(proba, held.codes, held.sample_weight)


def class_proba(model: Model, X: Any, n_classes: int) -> FloatArray:
    """Probability of each class, uncalibrated: (n, n_classes), float64.

    The columns of a decision-space loss that are no class are left out.
    """
    # Where every class has underflowed beside another answer, all are equally likely.
    tiny = np.finfo(np.float64).tiny
    proba = np.maximum(answer_proba(model, X)[:, :n_classes], tiny)
    return np.asarray(proba / proba.sum(axis=1, keepdims=True), dtype=np.float64)


def answer_proba(model: Model, X: Any) -> FloatArray:
    """Mean over the members of the loss's link, (n, n_outputs), float64."""
    criterion = model.net.criterion_
    chunks = [
        criterion.proba(scores).double().mean(0).cpu().numpy()
        for scores in _score_chunks(model, X)
    ]
    proba = np.concatenate(chunks)
    return np.asarray(proba / proba.sum(axis=1, keepdims=True), dtype=np.float64)


def mean_scores(model: Model, X: Any) -> FloatArray:
    """Mean over the members of the raw scores, (n, n_outputs), float64."""
    chunks = [s.double().mean(0).cpu().numpy() for s in _score_chunks(model, X)]
    return np.concatenate(chunks)


def _score_chunks(model: Model, X: Any) -> Any:
    """Yield the members' scores (n_members, n_chunk, n_outputs), chunk by chunk."""
    network = model.net.module_
    parameter = next(network.parameters())
    step = max(1, min(_CHUNK_ROWS, _CHUNK_ENTRIES // X.shape[1]))
    for start in range(0, X.shape[0], step):
        chunk = X[start : start + step]
        with own_settings(parameter.device, grad=False):
            features = features_on(
                chunk, model.standardizer, parameter.dtype, parameter.device
            )
            scores = network(features.slice(0, chunk.shape[0]))
            _refuse_far_away(scores, start)
        yield scores


def _refuse_far_away(scores: torch.Tensor, start: int) -> None:
    """Refuse rows that lie so far outside the training data that scores overflow."""
    bad = ~torch.isfinite(scores).all(dim=-1).all(dim=0)
    if bool(bad.any()):
        row = start + int(bad.nonzero()[0])
        msg = (
            f"row {row} of X lies so far outside the training data that the network's "
            "scores overflow; check its units, or clip the features."
        )
        raise ValueError(msg)


def _build_net(network: nn.Module, table: ScoreTable, settings: Settings) -> MemberNet:
    """Wrap the network in an initialised skorch net."""
    net = MemberNet(
        module=network.to(settings.dtype),
        criterion=Criterion(settings.loss, table, settings.dtype),
        optimizer=settings.optimizer,
        lr=settings.lr,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        train_split=None,
        callbacks=settings.callbacks,
        verbose=settings.verbose,
        device=str(settings.device),
        **{f"optimizer__{k}": v for k, v in settings.optimizer_settings.items()},
    )
    net.initialize()
    return net


def _rows_on(rows: LabelledRows, model: Model) -> Rows:
    """Bring rows to where the network is, in its floating type."""
    parameter = next(model.net.module_.parameters())
    return Rows(
        rows.X,
        rows.codes,
        rows.sample_weight,
        model.standardizer,
        parameter.dtype,
        parameter.device,
    )


def _layer_numbers(settings: Settings, seeds: Seeds) -> AbstractContextManager[None]:
    """Seed torch's global generator for networks that draw from it in training."""
    if not draws_in_training(settings.module):
        return nullcontext()
    return seeded_global_generator(seeds.layers, settings.device)
