"""An epoch on a device is queued, not waited for."""

from dataclasses import replace

import pytest
import torch

from simclf.losses import LOSSES, CandidateLosses
from simclf.modules import MLP
from simclf.training import Model, start_model
from simclf.training._fit import _judges, _rows_on, build_net
from simclf.training._order import Schedule, epoch_batches
from tests.away import AWAY, lend_what_meta_lacks, traffic
from tests.training.cases import (
    SEEDS,
    TABLE,
    folds_of,
    make_rows,
    make_settings,
)


@pytest.fixture(autouse=True)
def what_meta_lacks(monkeypatch):
    lend_what_meta_lacks(monkeypatch)


def away(rows, held=None, **params):
    """A model, its rows and a schedule, all on the device."""
    settings = make_settings(n_rows=len(rows.codes), batch_size=16, **params)
    started = start_model(rows, TABLE, settings, SEEDS)
    del settings.optimizer_settings["fused"]
    net = build_net(started.net.module_, TABLE, replace(settings, device=AWAY))
    model = Model(net, started.standardizer)
    if held is not None:
        held = held.repeated(settings.n_networks // settings.n_members)
    train = _rows_on(rows, model, TABLE, held)
    judges = _judges(train, rows, held, model, TABLE)
    return model.net, train, judges, Schedule(1, 1, 16, None, SEEDS)


CASES = {
    "auto": CandidateLosses((LOSSES["cross_entropy"](), LOSSES["tailored_score"]())),
} | {name: kind() for name, kind in LOSSES.items()}


@pytest.mark.parametrize("progress", [0.0, 1.0])
@pytest.mark.parametrize("loss", CASES.values(), ids=CASES)
def test_no_step_waits_for_the_device(loss, progress):
    rows = make_rows()
    held = folds_of(rows, 2, early_stopping=True)
    module = MLP((6,), dropout=0.5)
    net, train, judges, schedule = away(rows, held, loss=loss, module=module)
    batches = list(epoch_batches(train, schedule, 0))
    assert len(batches) == 4
    net.history.new_epoch()
    with traffic() as moved, net._prepared():
        losses = net._train_epoch(train, iter(batches), progress)
        judged = net.validation_losses(judges)
    assert losses.device == judged.device == AWAY
    assert moved == []


@pytest.mark.parametrize("step", ["item", "put"])
def test_a_step_that_waits_is_noticed(step, monkeypatch):
    net, train, _, schedule = away(make_rows(), max_epochs=1)
    plain = type(net)._step

    def slow(self, *args):
        losses = plain(self, *args)
        if step == "item":
            losses.sum().item()
        return losses + torch.tensor([0.0, 0.0], dtype=losses.dtype, device=AWAY)

    monkeypatch.setattr(type(net), "_step", slow)
    net.history.new_epoch()
    with traffic() as moved, net._prepared():
        if step == "item":
            with pytest.raises(RuntimeError, match="meta tensors"):
                net._train_epoch(train, epoch_batches(train, schedule, 0), 1.0)
            return
        net._train_epoch(train, epoch_batches(train, schedule, 0), 1.0)
    assert len(moved) == 1 + 4
