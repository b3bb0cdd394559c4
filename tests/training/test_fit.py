"""From rows to a model: what is held out, built, trained and judged."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from simclf._inputs import LabelledRows
from simclf.modules import TabM
from simclf.training import _fit as room
from simclf.training import (
    answer_proba,
    calibrate,
    class_proba,
    go_on_with,
    mean_scores,
    split_rows,
    start_model,
    train_model,
)
from tests.training.cases import (
    CLASSES,
    SEEDS,
    TABLE,
    folds_of,
    make_model,
    make_rows,
    make_settings,
    trained,
    wide_table,
)


def numbers(model):
    return torch.cat([p.detach().flatten() for p in model.net.module_.parameters()])


# Rows held out ----------------------------------------------------------------


def test_nothing_is_held_out_where_nothing_is_measured():
    settings = make_settings(early_stopping=False, calibration=None)
    assert split_rows(make_rows(), settings, SEEDS) is None


@pytest.mark.parametrize("n_members", [1, 4])
def test_every_member_holds_out_a_share_of_its_own(n_members):
    settings = make_settings(validation_fraction=0.2, n_members=n_members)
    held = split_rows(make_rows(60), settings, SEEDS).held
    assert held.shape == (n_members, 60)
    assert held.sum(axis=0).max() == 1
    assert (np.abs(held.sum(axis=1) - 12) <= 3).all()


def test_too_few_rows_are_all_learned_from():
    assert split_rows(make_rows(4), make_settings(), SEEDS) is None


# The model --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "kind"), [("float32", torch.float32), ("float64", torch.float64)]
)
def test_a_model_is_built_as_asked(dtype, kind):
    model, _ = make_model(dtype=dtype, n_members=3, lr=0.25, optimizer="sgd")
    assert {p.dtype for p in model.net.module_.parameters()} == {kind}
    assert isinstance(model.net.optimizer_, torch.optim.SGD)
    assert model.net.optimizer_.defaults["lr"] == 0.25
    assert model.net.optimizer_.defaults["weight_decay"] == 0.01
    assert model.net.optimizer_.defaults["momentum"] == 0.9
    assert model.net.criterion_.classes.tolist() == CLASSES.tolist()
    assert model.net.module_(torch.zeros(6, 4, dtype=kind)).shape == (3, 6, 3)


def test_features_are_measured_with_their_weights():
    weight = np.linspace(0.5, 1.5, 50)
    rows = make_rows(weight=weight)
    model, _ = make_model(rows)
    mean = np.average(rows.X, axis=0, weights=weight)
    np.testing.assert_allclose(model.standardizer.mean, mean, rtol=1e-12)
    variance = np.average((rows.X - mean) ** 2, axis=0, weights=weight)
    np.testing.assert_allclose(model.standardizer.scale, variance**0.5, rtol=1e-12)


def test_features_may_be_left_as_they_are():
    model, _ = make_model(standardize=False)
    assert model.standardizer.mean is None
    assert model.standardizer.scale is None


@pytest.mark.parametrize(
    ("loss", "n_outputs", "n_answers"),
    [("cross_entropy", 3, 3), ("expected_score", 3, 4), ("entropic_score", 4, 4)],
)
def test_a_wide_table_has_the_outputs_that_the_loss_reads(loss, n_outputs, n_answers):
    model, _ = make_model(table=wide_table(), loss=loss)
    assert mean_scores(model, make_rows().X).shape == (50, n_outputs)
    assert answer_proba(model, make_rows().X).shape == (50, n_answers)


def test_a_previous_model_is_gone_on_with():
    rows, other = make_rows(), make_rows(seed=7)
    first, settings = trained(rows)
    before = numbers(first).clone()
    model = start_model(other, TABLE, settings, SEEDS, previous=first)
    assert torch.equal(numbers(model), before)
    assert model.standardizer is first.standardizer
    assert len(model.net.history) == 0
    assert model.net.optimizer_.state_dict()["state"] == {}


def test_training_ends_in_eval_mode():
    def normed(n_features, n_outputs):
        return nn.Sequential(
            nn.BatchNorm1d(n_features), nn.Linear(n_features, n_outputs)
        )

    model, _ = trained(module=normed)
    assert not any(module.training for module in model.net.module_.modules())
    X = make_rows(seed=3).X
    np.testing.assert_allclose(
        class_proba(model, X, 3)[:1], class_proba(model, X[:1], 3), rtol=1e-12
    )


CALLERS = {
    "no_grad": torch.no_grad,
    "inference": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "default device": lambda: torch.device("meta"),
}


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
@pytest.mark.parametrize("module", ["mlp", nn.Linear])
def test_what_the_caller_has_switched_on_changes_nothing(caller, module):
    params = {"module": module, "dtype": "float32", "early_stopping": True}
    held, X = make_rows(20, seed=4), make_rows(seed=5).X
    expected, settings = trained(held=held, **params)
    with caller():
        model, _ = trained(held=held, **params)
        proba = class_proba(model, X, 3)
        temperature = calibrate(model, make_rows(), held, settings)
    assert torch.equal(numbers(model), numbers(expected))
    assert np.array_equal(proba, class_proba(expected, X, 3))
    assert temperature == calibrate(expected, make_rows(), held, settings)


@pytest.mark.parametrize("n_members", [1, 2])
def test_layers_that_draw_have_numbers_of_their_own(n_members):
    def with_dropout(n_features, n_outputs):
        return nn.Sequential(nn.Dropout(0.5), nn.Linear(n_features, n_outputs))

    before = torch.get_rng_state()
    first, _ = trained(module=with_dropout, n_members=n_members)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    second, _ = trained(module=with_dropout, n_members=n_members)
    assert torch.equal(numbers(first), numbers(second))


def test_the_network_that_is_trained_tells_whether_its_layers_draw():
    def with_dropout(n_features, n_outputs):
        return nn.Sequential(nn.Dropout(0.5), nn.Linear(n_features, n_outputs))

    rows = make_rows()
    first, _ = trained(module=with_dropout)
    settings = make_settings(module="linear")
    found = []
    for _ in range(2):
        model = go_on_with(first, settings)
        torch.rand(3)
        before = torch.get_rng_state()
        train_model(model, rows, None, TABLE, settings, SEEDS, n_epochs=1)
        assert torch.equal(torch.get_rng_state(), before)
        found.append(numbers(model))
    assert torch.equal(*found)


def test_training_is_where_the_network_is(monkeypatch):
    devices, entered = [], room.own_settings
    monkeypatch.setattr(
        room,
        "own_settings",
        lambda device, **given: devices.append(device) or entered(device, **given),
    )
    model, settings = make_model()
    devices.clear()
    elsewhere = replace(settings, device=torch.device("meta"))
    train_model(model, make_rows(), None, TABLE, elsewhere, SEEDS, n_epochs=1)
    assert devices == [torch.device("cpu")]


def test_networks_that_do_not_draw_take_no_turns(monkeypatch):
    monkeypatch.setattr(
        room, "seeded_global_generator", lambda *_: pytest.fail("seeded")
    )
    trained(module="mlp")


def test_rows_held_out_are_not_judged_by_without_patience():
    held = make_rows(20, seed=4)
    model, _ = trained(held=held, early_stopping=False)
    assert "valid_loss" not in model.net.history[-1]
    model, _ = trained(held=held, early_stopping=True)
    assert "valid_loss" in model.net.history[-1]


# Rows of each member's own ----------------------------------------------------


@pytest.mark.parametrize("module", ["linear", "mlp", nn.Linear])
@pytest.mark.parametrize("n_members", [1, 2])
def test_a_row_held_out_teaches_the_member_nothing(module, n_members):
    params = {"module": module, "n_members": n_members, "standardize": False}
    rows = make_rows()
    folds = folds_of(rows, n_members)
    before, _ = trained(rows, folds, early_stopping=False, **params)
    last = n_members - 1
    codes = np.where(folds.held[last], (rows.codes + 1) % 3, rows.codes)
    other = LabelledRows(rows.X, codes, CLASSES, None)
    after, _ = trained(other, folds, early_stopping=False, **params)
    X = make_rows(seed=5).X
    with torch.no_grad():
        first, second = (m.net.module_(torch.from_numpy(X)) for m in (before, after))
    assert torch.equal(first[last], second[last])
    if n_members > 1:
        assert not torch.equal(first[0], second[0])


@pytest.mark.parametrize("module", ["linear", "mlp", nn.Linear])
def test_members_are_judged_by_rows_of_their_own(module):
    weight = np.linspace(0.5, 1.5, 50)
    rows = make_rows(weight=weight)
    folds = folds_of(rows, 3)
    model, _ = make_model(rows, module=module, n_members=3)
    valid = room._judges(
        room._rows_on(rows, model, TABLE, folds), rows, folds, model, TABLE
    )
    model.net.module_.eval()
    losses = model.net.validation_losses(valid)
    with torch.no_grad():
        features = torch.from_numpy(model.standardizer(rows.X, np.dtype(np.float64)))
        scores = model.net.module_(features)
        pointwise = model.net.criterion_.pointwise(scores, torch.tensor(rows.codes))
    for loss, each, held in zip(losses, pointwise.numpy(), folds.held, strict=True):
        expected = np.average(each[held], weights=weight[held])
        assert loss.item() == pytest.approx(expected, rel=1e-9)


# Members that share weights ---------------------------------------------------

SHARED = TabM(n_blocks=1, width=8, dropout=0)


def test_members_that_share_weights_hold_out_the_same_rows():
    folds = folds_of(make_rows(), 3, module=SHARED)
    assert folds.held.shape == (3, 50)
    assert folds.held.any()
    assert (folds.held == folds.held[0]).all()
    assert (folds.held[0] == folds_of(make_rows(), 1).held[0]).all()


def test_a_row_held_out_teaches_members_that_share_weights_nothing():
    rows = make_rows()
    folds = folds_of(rows, 2, module=SHARED)
    params = {"module": SHARED, "n_members": 2, "early_stopping": False}
    codes = np.where(folds.held[0], (rows.codes + 1) % 3, rows.codes)
    other = LabelledRows(rows.X, codes, CLASSES, None)
    before, _ = trained(rows, folds, **params)
    after, _ = trained(other, folds, **params)
    np.testing.assert_array_equal(
        answer_proba(before, rows.X), answer_proba(after, rows.X)
    )


def test_weights_that_members_share_learn_from_the_mean_of_their_losses():
    rows = make_rows(weight=np.linspace(0.5, 1.5, 50))
    model, _ = make_model(rows, module=SHARED, n_members=3)
    network, train = model.net.module_, room._rows_on(rows, model, TABLE)
    with model.net._prepared():
        model.net._backward(train, train.all(), len(rows.codes), 1.0)
    found = [parameter.grad.clone() for parameter in network.parameters()]
    network.zero_grad()
    batch = train.all()
    losses = model.net.criterion_.pointwise(network(batch.features), batch.codes)
    (losses * batch.weight).mean().backward()
    for gradient, parameter in zip(found, network.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad)


def test_members_that_share_weights_keep_those_of_the_best_mean():
    rows = make_rows()
    folds = folds_of(rows, 3, module=SHARED)
    params = {"module": SHARED, "n_members": 3, "max_epochs": 12, "lr": 0.3}
    stopped, _ = trained(rows, folds, early_stopping=True, n_iter_no_change=2, **params)
    history = stopped.net.history_[:, "valid_loss"]
    best = int(np.argmin(history)) + 1
    assert best < len(history) < 12
    short, _ = trained(
        rows, folds, early_stopping=False, **params | {"max_epochs": best}
    )
    np.testing.assert_array_equal(
        answer_proba(stopped, rows.X), answer_proba(short, rows.X)
    )
