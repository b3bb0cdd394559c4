"""From checked rows, a table and settings to a trained model."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from simclf._inputs import LabelledRows
from simclf._typing import FloatArray, IntArray
from simclf.decision import fit_temperature
from simclf.losses import Criterion
from simclf.similarity import ScoreTable
from simclf.training._isolation import own_settings
from simclf.training._net import MemberNet, Schedule
from simclf.training._network import build_network, draws_in_training
from simclf.training._rows import HeldRows, Rows, features_on
from simclf.training._seeding import Seeds, seeded_global_generator
from simclf.training._settings import Settings
from simclf.training._split import Folds, hold_out
from simclf.training._standardize import Standardizer, fit_standardizer

# Entries of X turned at a time in prediction, rows at most.
_CHUNK_ENTRIES = 2**22
_CHUNK_ROWS = 2**14
# Probabilities that a temperature is fitted to, at most: more do not change it.
_UNSEEN_ENTRIES = 2**25


@dataclass(frozen=True, eq=False)
class Model:
    """A trained net, and how features reach it."""

    net: MemberNet
    standardizer: Standardizer


def split_rows(rows: LabelledRows, settings: Settings, seeds: Seeds) -> Folds | None:
    """Choose the rows that each member is kept from, where any are needed."""
    if not settings.needs_held_out_rows:
        return None
    # Where there are too few to spare, all are learned from, nothing is calibrated.
    return hold_out(
        rows.codes, settings.validation_fraction, seeds.split, settings.n_members
    )


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
    held: LabelledRows | Folds | None,
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
        train = _rows_on(rows, model, held)
        valid = None if patience is None else _judges(train, rows, held, model)
        model.net.train_epochs(train, valid, schedule)
        model.net.module_.eval()


def calibrate(
    model: Model,
    rows: LabelledRows,
    held: LabelledRows | Folds | None,
    settings: Settings,
) -> float:
    """Temperature of the probabilities on the rows held out; 1 where there are none.

    Where members hold out rows of their own, each of these is judged by the members
    that did not learn from it.
    """
    if held is None or not settings.calibrate:
        return 1.0
    if isinstance(held, Folds):
        return fit_temperature(*unseen_proba(model, rows, held))
    proba = class_proba(model, held.X, len(held.classes))
    return fit_temperature(proba, held.codes, held.sample_weight)


def unseen_proba(
    model: Model, rows: LabelledRows, folds: Folds
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Probabilities of rows by the members that hold them out, labels and weights.

    Returns
    -------
    proba : ndarray of shape (m, n_classes)
        One row for each pair of a member and a row that it holds out.
    codes, sample_weight : ndarray of shape (m,)
        Of these rows.
    """
    index, weight = folds.held_rows(rows.sample_weight)
    step = -(-index.size * len(rows.classes) // _UNSEEN_ENTRIES)
    index, weight = index[:, ::step], weight[:, ::step]
    criterion = model.net.criterion_
    chunks = [
        criterion.proba(scores).double().cpu().numpy()
        for scores in _own_score_chunks(model, rows.X, index)
    ]
    proba = np.concatenate(chunks, axis=1)
    real = weight > 0
    return proba[real], rows.codes[index][real], weight[real]


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


def _score_chunks(model: Model, X: Any) -> Iterator[Tensor]:
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
            _refuse_far_away(scores, np.arange(start, start + chunk.shape[0]))
        yield scores


def _own_score_chunks(model: Model, X: Any, index: IntArray) -> Iterator[Tensor]:
    """Yield each member's scores of its own rows: (n_members, n_chunk, n_outputs)."""
    n_members = len(index)
    rows = max(1, min(_CHUNK_ROWS, _CHUNK_ENTRIES // X.shape[1]) // n_members)
    network = model.net.module_
    parameter = next(network.parameters())
    for start in range(0, index.shape[1], rows):
        chosen = index[:, start : start + rows]
        with own_settings(parameter.device, grad=False):
            features = features_on(
                X[chosen.ravel()], model.standardizer, parameter.dtype, parameter.device
            ).slice(0, chosen.size)
            scores = network(features.unflatten(0, chosen.shape))
            _refuse_far_away(scores, chosen)
        yield scores


def _refuse_far_away(scores: Tensor, rows: IntArray) -> None:
    """Refuse rows that lie so far outside the training data that scores overflow.

    ``rows`` are their numbers, (n,) or (n_members, n).
    """
    bad = ~torch.isfinite(scores).all(dim=-1)
    if bool(bad.any()):
        row = np.broadcast_to(rows, bad.shape)[bad.cpu().numpy()].min()
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


def _judges(
    train: Rows, rows: LabelledRows, held: LabelledRows | Folds | None, model: Model
) -> Rows | HeldRows | None:
    """Bring the rows that training is judged by to where the network is."""
    if isinstance(held, Folds):
        return HeldRows(train, *held.held_rows(rows.sample_weight))
    return None if held is None else _rows_on(held, model)


def _rows_on(
    rows: LabelledRows, model: Model, held: LabelledRows | Folds | None = None
) -> Rows:
    """Bring rows to where the network is, in its floating type."""
    parameter = next(model.net.module_.parameters())
    weight = rows.sample_weight
    return Rows(
        rows.X,
        rows.codes,
        held.learning_weight(weight) if isinstance(held, Folds) else weight,
        model.standardizer,
        parameter.dtype,
        parameter.device,
    )


def _layer_numbers(settings: Settings, seeds: Seeds) -> AbstractContextManager[None]:
    """Seed torch's global generator for networks that draw from it in training."""
    if not draws_in_training(settings.module):
        return nullcontext()
    return seeded_global_generator(seeds.layers, settings.device)
