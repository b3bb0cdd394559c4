"""From checked rows, a table and settings to a trained model."""

import copy
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from simclf._inputs import LabelledRows
from simclf.losses import Criterion, DenseTable, Loss
from simclf.modules import repeat_first_members
from simclf.similarity import ScoreTable
from simclf.training._ahead import Job, measured, trained_ahead
from simclf.training._checkpoint import Store, StoreKeeper
from simclf.training._failures import optimizer_failed
from simclf.training._isolation import own_settings
from simclf.training._listener import EpochListener
from simclf.training._net import MemberNet
from simclf.training._network import (
    build_network,
    draws_in_training,
    prepared,
    shares_weights,
)
from simclf.training._order import Schedule
from simclf.training._predict import Model
from simclf.training._rows import HeldRows, Rows
from simclf.training._seeding import Seeds, seeded_global_generator
from simclf.training._settings import Settings
from simclf.training._split import Folds, hold_out
from simclf.training._standardize import Standardizer


def split_rows(rows: LabelledRows, settings: Settings, seeds: Seeds) -> Folds | None:
    """Choose the rows that each member is kept from, where any are needed."""
    if not settings.needs_held_out_rows:
        return None
    # What one member learns is known to all that share its weights.
    n_apart = 1 if shares_weights(settings.module) else settings.n_members
    # Where there are too few to spare, all are learned from, nothing is calibrated.
    held = hold_out(rows.codes, settings.validation_fraction, seeds.split, n_apart)
    return held and held.repeated(settings.n_members // n_apart)


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
            network = copy.deepcopy(previous.net.module_)
            net = build_net(network, table, settings)
        return Model(net, previous.standardizer)
    standardizer = (
        measured(rows.X, rows.sample_weight)
        if settings.standardize
        else Standardizer(None, None)
    )
    n_outputs = settings.loss.n_outputs(table.n_classes, table.n_decisions)
    with own_settings(settings.device, grad=True):
        module = prepared(settings.module, rows.X, standardizer)
        network = build_network(
            module, rows.X.shape[1], n_outputs, settings.n_networks, seeds
        )
        # Candidates for one choice begin alike, as they see the same batches.
        repeat_first_members(network, settings.n_networks // settings.n_members)
        net = build_net(network, table, settings)
    return Model(net, standardizer)


def go_on_with(model: Model, settings: Settings) -> Model:
    """Copy a model to train it further, with a learning rate that may be another."""
    with own_settings(settings.device, grad=True):
        net = model.net.twin()
        net.set_lr(settings.lr)
    return Model(net, model.standardizer)


def train_model(
    model: Model,
    rows: LabelledRows,
    held: LabelledRows | Folds | None,
    table: ScoreTable,
    settings: Settings,
    seeds: Seeds,
    *,
    n_epochs: int,
    listener: EpochListener | None = None,
    store: Store | None = None,
) -> None:
    """Train the net on ``rows``, judged by ``held`` where training may stop early.

    The state of the training is kept in ``store``, where there is one.
    """
    job = Job(model, rows, held, table, settings, seeds, n_epochs)
    if trained_ahead(job):
        return
    keeper = None if store is None else StoreKeeper(store, job)
    if isinstance(held, Folds):
        held = held.repeated(settings.n_networks // settings.n_members)
    patience = None if held is None else settings.patience
    schedule = Schedule(
        n_epochs=n_epochs,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        patience=patience,
        seeds=seeds,
    )
    # The parameters may have been set to others since the net was built.
    device = next(model.net.module_.parameters()).device
    with own_settings(device, grad=True), _layer_numbers(model.net, device, seeds):
        train = _rows_on(rows, model, table, held)
        valid = None if patience is None else _judges(train, rows, held, model, table)
        model.net.train_epochs(train, valid, schedule, listener, keeper)
        model.net.module_.eval()


def build_net(network: nn.Module, table: ScoreTable, settings: Settings) -> MemberNet:
    """Wrap the network in an initialised skorch net."""
    net = assemble_net(
        network.to(settings.dtype),
        Criterion(settings.loss, table, settings.dtype),
        settings.optimizer,
        settings.optimizer_settings,
        lr=settings.lr,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        callbacks=settings.callbacks,
        verbose=settings.verbose,
        device=str(settings.device),
    )
    net.arithmetic_, net.component_ = settings.arithmetic, settings.module
    return net


def assemble_net(
    network: nn.Module,
    criterion: Criterion,
    optimizer: type[Optimizer],
    optimizer_settings: dict[str, Any],
    **settings: Any,
) -> MemberNet:
    """Return an initialised net of these parts; ``settings`` are skorch's."""
    net = MemberNet(
        module=network,
        criterion=criterion,
        optimizer=optimizer,
        train_split=None,
        **{f"optimizer__{k}": v for k, v in optimizer_settings.items()},
        **settings,
    )
    try:
        net.initialize()
    except (TypeError, ValueError) as error:
        raise optimizer_failed(optimizer, error) from error
    return net


def _judges(
    train: Rows,
    rows: LabelledRows,
    held: LabelledRows | Folds | None,
    model: Model,
    table: ScoreTable,
) -> Rows | HeldRows | None:
    """Bring the rows that training is judged by to where the network is."""
    if isinstance(held, Folds):
        return HeldRows(train, *held.held_rows(rows.sample_weight))
    return None if held is None else _rows_on(held, model, table)


def _rows_on(
    rows: LabelledRows,
    model: Model,
    table: ScoreTable,
    held: LabelledRows | Folds | None = None,
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
        _own_scores(rows, table, model.net.criterion_.loss, parameter.dtype),
    )


def _own_scores(
    rows: LabelledRows, table: ScoreTable, loss: Loss, dtype: torch.dtype
) -> DenseTable | None:
    """Prepare the rows' own scores for a loss that makes something of them."""
    if rows.sample_scores is None or not loss.takes_sample_scores:
        return None
    return loss.prepare_samples(rows.sample_scores, rows.codes, table, dtype)


def _layer_numbers(
    net: MemberNet, device: torch.device, seeds: Seeds
) -> AbstractContextManager[None]:
    """Seed torch's global generator for networks that draw from it in training."""
    if not draws_in_training(net.component_):
        return nullcontext()
    return seeded_global_generator(seeds.layers, device)
