"""The short way to a step of Adam is the same step, and taken where it is safe."""

import copy

import pytest
import torch
from torch import nn

from simclf.training._quick_steps import QuickSteps


def case(kind=torch.optim.AdamW, dtype=torch.float64, **settings):
    """A network, its optimizer, and how often that has taken steps of its own."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).to(dtype)
    settings = {"lr": 0.05, "weight_decay": 0.125, "fused": True} | settings
    return network, kind(network.parameters(), **settings)


def learn(network, optimizer, n_steps, seed=1):
    """Take steps down the gradients of random rows."""
    generator = torch.Generator().manual_seed(seed)
    dtype = network[0].weight.dtype
    for _ in range(n_steps):
        rows = torch.randn(7, 3, generator=generator).to(dtype)
        for parameter in network.parameters():
            parameter.grad = None
        network(rows).square().sum().backward()
        optimizer.step()


def own_steps(monkeypatch, kind):
    """Count the steps that an optimizer takes itself."""
    counted, plain = [], kind.step
    monkeypatch.setattr(
        kind, "step", lambda self, *args: counted.append(1) or plain(self, *args)
    )
    return counted


def assert_same(first, second):
    for (name, value), other in zip(
        first[0].state_dict().items(), second[0].state_dict().values(), strict=True
    ):
        assert torch.equal(value, other), name
    one, two = first[1].state_dict(), second[1].state_dict()
    assert one["param_groups"] == two["param_groups"]
    for key, state in one["state"].items():
        for name, value in state.items():
            assert torch.equal(value, two["state"][key][name]), name


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW])
def test_it_is_the_step_of_torch_to_the_last_bit(kind, dtype, monkeypatch):
    plain, quick = case(kind, dtype), case(kind, dtype)
    learn(*plain, 6)
    counted = own_steps(monkeypatch, kind)
    learn(quick[0], QuickSteps(quick[1]), 6)
    assert len(counted) == 1
    assert_same(plain, quick)


def test_a_new_learning_rate_counts_at_once():
    plain, quick = case(), case()
    steps = QuickSteps(quick[1])
    for lr in (0.05, 0.2, 0.01):
        plain[1].param_groups[0]["lr"] = quick[1].param_groups[0]["lr"] = lr
        learn(*plain, 2)
        learn(quick[0], steps, 2)
    assert_same(plain, quick)


def test_state_that_is_loaded_in_between_is_gone_on_from():
    plain, quick = case(), case()
    steps = QuickSteps(quick[1])
    learn(*plain, 3)
    learn(quick[0], steps, 3)
    kept = copy.deepcopy(plain[1].state_dict())
    learn(*plain, 2)
    learn(quick[0], steps, 2)
    plain[1].load_state_dict(copy.deepcopy(kept))
    quick[1].load_state_dict(kept)
    learn(*plain, 3)
    learn(quick[0], steps, 3)
    assert_same(plain, quick)


@pytest.mark.parametrize("missing", [0, 3])
@pytest.mark.parametrize("frozen", ["first", "later"])
def test_a_parameter_without_gradient_is_left_alone(frozen, missing, monkeypatch):
    plain, quick = case(), case()
    steps = QuickSteps(quick[1])
    counted = own_steps(monkeypatch, torch.optim.AdamW)
    for network, optimizer in (plain, (quick[0], steps)):
        counted.clear()
        if frozen == "later":
            learn(network, optimizer, 2)
        list(network.parameters())[missing].requires_grad_(requires_grad=False)
        learn(network, optimizer, 2, seed=2)
        list(network.parameters())[missing].requires_grad_()
        learn(network, optimizer, 2, seed=3)
    assert len(counted) < 6
    assert_same(plain, quick)


def two_groups(kind, network):
    return kind([{"params": [p]} for p in network.parameters()], lr=0.05, fused=True)


LONG = {
    "sgd": lambda n: torch.optim.SGD(n.parameters(), lr=0.05),
    "not fused": lambda n: torch.optim.AdamW(n.parameters(), lr=0.05),
    "amsgrad": lambda n: torch.optim.Adam(
        n.parameters(), lr=0.05, amsgrad=True, fused=True
    ),
    "uphill": lambda n: torch.optim.AdamW(
        n.parameters(), lr=0.05, maximize=True, fused=True
    ),
    "groups": lambda n: two_groups(torch.optim.AdamW, n),
    "other": lambda n: torch.optim.NAdam(n.parameters(), lr=0.05),
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG)
def test_other_optimizers_take_their_own_steps(make, monkeypatch):
    plain, quick = ((network, make(network)) for network in (case()[0], case()[0]))
    learn(*plain, 4)
    counted = own_steps(monkeypatch, type(quick[1]))
    learn(quick[0], QuickSteps(quick[1]), 4)
    assert len(counted) == 4
    assert_same(plain, quick)


def test_weights_that_are_added_are_learned():
    plain, quick = case(), case()
    steps = QuickSteps(quick[1])
    for (network, optimizer), taken in ((plain, plain[1]), (quick, steps)):
        learn(network, taken, 2)
        torch.manual_seed(3)
        network.append(nn.Linear(2, 2, dtype=torch.float64))
        optimizer.add_param_group({"params": network[-1].parameters()})
        learn(network, taken, 3, seed=2)
    assert_same(plain, quick)


@pytest.mark.parametrize("before", [0, 2])
def test_whoever_listens_to_steps_is_told(before):
    network, optimizer = case()
    steps, told = QuickSteps(optimizer), []
    learn(network, steps, before)
    for register in (
        optimizer.register_step_pre_hook,
        optimizer.register_step_post_hook,
    ):
        register(lambda *_: told.append(1))
    learn(network, steps, 3)
    assert len(told) == 6


def test_a_scheduler_of_torch_sees_the_steps():
    network, optimizer = case()
    steps = QuickSteps(optimizer)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    for _ in range(3):
        learn(network, steps, 2)
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.05 / 8)
    assert optimizer.step._wrapped_by_lr_sched
