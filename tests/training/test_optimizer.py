"""Optimizers by name and by class."""

import re

import pytest
import torch

from simclf.training._optimizer import OPTIMIZERS, resolve_optimizer

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
NAMES = r"\['adam', 'adamw', 'sgd'\]"


def test_names_are_sorted():
    assert list(OPTIMIZERS) == sorted(OPTIMIZERS)


@pytest.mark.parametrize(
    ("name", "kind", "own"),
    [
        ("adam", torch.optim.Adam, {}),
        ("adamw", torch.optim.AdamW, {}),
        ("sgd", torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    ],
)
def test_a_name_is_a_class_and_its_settings(name, kind, own):
    found, settings = resolve_optimizer(name, 0.25, CPU)
    assert found is kind
    assert settings == own | {"weight_decay": 0.25, "fused": True}


def test_settings_are_not_shared_between_fits():
    resolve_optimizer("sgd", 0.25, CPU)[1]["momentum"] = 0.0
    assert resolve_optimizer("sgd", 0.5, CPU)[1]["momentum"] == 0.9
    assert OPTIMIZERS["sgd"][1] == {"momentum": 0.9, "nesterov": True}


@pytest.mark.parametrize(
    ("device", "fused"),
    [("cpu", True), ("cuda", True), ("cuda:1", True), ("mps", False)],
)
def test_fused_where_torch_has_it(device, fused):
    _, settings = resolve_optimizer("adamw", 0.0, torch.device(device))
    assert settings == {"weight_decay": 0.0} | ({"fused": True} if fused else {})


def test_a_class_is_given_what_it_knows():
    found, settings = resolve_optimizer(torch.optim.NAdam, 0.5, CPU)
    assert found is torch.optim.NAdam
    assert settings == {"weight_decay": 0.5}


def test_weight_decay_is_kept_from_a_class_that_has_none():
    class Plain(torch.optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

    assert resolve_optimizer(Plain, 0.5, CPU) == (Plain, {})


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_is_resolved_can_be_built_and_steps(name):
    parameter = torch.nn.Parameter(torch.ones(3))
    kind, settings = resolve_optimizer(name, 0.0, CPU)
    optimizer = kind([parameter], lr=0.1, **settings)
    parameter.sum().backward()
    optimizer.step()
    assert (parameter < 1).all()


def test_an_unknown_name_is_refused():
    message = (
        rf"^optimizer='lion' is unknown; use one of {NAMES} or a "
        r"torch\.optim\.Optimizer class\.$"
    )
    with pytest.raises(ValueError, match=message):
        resolve_optimizer("lion", 0.0, CPU)


INSTANCE = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)


@pytest.mark.parametrize("optimizer", [INSTANCE, None, 3, dict, torch.optim.Adam.step])
def test_what_is_no_class_of_optimizers_is_refused(optimizer):
    message = (
        rf"^optimizer={re.escape(repr(optimizer))} must be one of {NAMES} or a "
        r"torch\.optim\.Optimizer class \(not an instance: it is built in fit\)\.$"
    )
    with pytest.raises(TypeError, match=message):
        resolve_optimizer(optimizer, 0.0, CPU)


def test_an_optimizer_that_evaluates_the_loss_itself_is_refused():
    message = (
        r"^optimizer=LBFGS evaluates the loss several times a step, which is not "
        rf"supported; use one of {NAMES}\.$"
    )
    with pytest.raises(ValueError, match=message):
        resolve_optimizer(torch.optim.LBFGS, 0.0, CPU)


def test_steps_that_are_captured_keep_their_numbers_on_the_device():
    for name in ("adam", "adamw"):
        for device, captured in ((CPU, True), (CUDA, False), (CUDA, True)):
            _, settings = resolve_optimizer(name, 0.0, device, captured=captured)
            assert settings.get("capturable", False) == (device == CUDA and captured)
    _, settings = resolve_optimizer("sgd", 0.0, CUDA, captured=True)
    assert "capturable" not in settings


def test_an_optimizer_that_cannot_be_captured_is_refused():
    resolve_optimizer(torch.optim.Adagrad, 0.0, CPU, captured=True)
    msg = (
        r"^optimizer=Adagrad has no parameter 'capturable', so its steps cannot be "
        r"replayed by compile='graph'; use one of \['adam', 'adamw', 'sgd'\], or "
        r"compile=False\.$"
    )
    with pytest.raises(ValueError, match=msg):
        resolve_optimizer(torch.optim.Adagrad, 0.0, CUDA, captured=True)
