"""Networks of any kind, stacked: equal to themselves one by one."""

import copy
import pickle

import pytest
import torch
from torch import nn

from simclf.modules import OneByOne, StackedModule


class Residual(nn.Module):
    """Nested names, a parameter called ``keys`` and a scalar buffer."""

    def __init__(self):
        super().__init__()
        self.keys = nn.Parameter(torch.randn(4, 6))
        self.block = nn.Sequential(nn.Linear(6, 6), nn.Tanh())
        self.head = nn.Linear(6, 3)
        self.register_buffer("temperature", torch.tensor(2.0))

    def forward(self, x):
        hidden = x @ self.keys
        return self.head(hidden + self.block(hidden)) / self.temperature


class Tied(nn.Module):
    """Two layers that share one weight."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.first(x).tanh())


def with_batch_norm():
    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 3))


def with_layer_norm():
    return nn.Sequential(nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 3))


KINDS = [Residual, Tied, with_batch_norm, with_layer_norm, lambda: nn.Linear(4, 3)]
each_kind = pytest.mark.parametrize("kind", KINDS)


def three(kind):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return [kind().double() for _ in range(3)]


def rows(n=8, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 4, dtype=torch.float64, generator=generator)


def attribute(name):
    return "stacked_" + name.replace(".", "__")


@each_kind
def test_scores_are_those_of_the_members_in_eval(kind):
    members = three(kind)
    stacked = StackedModule(members).eval()
    expected = torch.stack([member.eval()(rows()) for member in members])
    torch.testing.assert_close(stacked(rows()), expected, rtol=1e-12, atol=1e-12)


@each_kind
def test_gradients_and_buffers_are_those_of_the_members_in_training(kind):
    members = three(kind)
    stacked = StackedModule(members).train()
    for seed in (1, 2):
        stacked(rows(seed=seed)).square().mean((1, 2)).sum().backward()
        for member in members:
            member.train()(rows(seed=seed)).square().mean().backward()
    for name, _ in members[0].named_parameters():
        grads = torch.stack([m.get_parameter(name).grad for m in members])
        got = getattr(stacked, attribute(name)).grad
        torch.testing.assert_close(got, grads, rtol=1e-10, atol=1e-12)
    for name, _ in members[0].named_buffers():
        expected = torch.stack([m.get_buffer(name) for m in members])
        torch.testing.assert_close(getattr(stacked, attribute(name)), expected)


def test_batch_norm_buffers_move_for_every_member_apart():
    stacked = StackedModule(three(with_batch_norm)).train()
    stacked(rows())
    means, counts = (
        stacked.stacked_1__running_mean,
        stacked.stacked_1__num_batches_tracked,
    )
    assert counts.tolist() == [1, 1, 1]
    assert (means != 0).all()
    assert not torch.equal(means[0], means[1])


def test_the_mode_of_the_stack_is_the_mode_of_its_members():
    stacked = StackedModule(three(with_batch_norm))
    stacked.eval()
    before = stacked.stacked_1__running_mean.clone()
    stacked(rows())
    assert torch.equal(stacked.stacked_1__running_mean, before)
    assert stacked.train() is stacked
    assert stacked.training
    stacked(rows())
    assert not torch.equal(stacked.stacked_1__running_mean, before)


def test_every_parameter_is_seen_by_an_optimizer_once():
    members = three(Tied)
    names = [name for name, _ in StackedModule(members).named_parameters()]
    assert names == [attribute(name) for name, _ in members[0].named_parameters()]


def test_a_frozen_layer_stays_frozen():
    members = three(with_layer_norm)
    for member in members:
        member[0].requires_grad_(requires_grad=False)
    stacked = StackedModule(members)
    stacked(rows()).sum().backward()
    assert stacked.stacked_0__weight.grad is None
    assert stacked.stacked_3__weight.grad is not None


def test_the_members_themselves_are_left_alone():
    members = three(with_batch_norm)
    before = [copy.deepcopy(member.state_dict()) for member in members]
    stacked = StackedModule(members).train()
    stacked(rows()).sum().backward()
    with torch.no_grad():
        for parameter in stacked.parameters():
            parameter.zero_()
    for member, state in zip(members, before, strict=True):
        assert all(torch.equal(member.state_dict()[k], v) for k, v in state.items())
        assert all(parameter.grad is None for parameter in member.parameters())


def test_dropout_differs_between_members():
    members = three(lambda: nn.Sequential(nn.Linear(4, 200), nn.Dropout(0.5)))
    for member in members[1:]:
        member.load_state_dict(members[0].state_dict())
    stacked = StackedModule(members).train()
    first, second, third = stacked(rows()) != 0
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)
    assert torch.equal(*stacked.eval()(rows())[:2])


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))]
)
def test_copies_give_the_same_scores_and_share_no_memory(copied):
    stacked = StackedModule(three(Residual)).eval()
    twin = copied(stacked)
    expected = stacked(rows())
    assert torch.equal(twin(rows()), expected)
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.zero_()
    assert torch.equal(stacked(rows()), expected)
    assert (twin(rows()) == 0).all()


def test_state_dict_travels_to_another_stack():
    stacked = StackedModule(three(with_batch_norm)).eval()
    other = StackedModule([with_batch_norm().double() for _ in range(3)]).eval()
    other.load_state_dict(stacked.state_dict())
    assert torch.equal(other(rows()), stacked(rows()))


def test_a_change_of_dtype_reaches_every_member():
    stacked = StackedModule(three(Residual)).eval().float()
    assert stacked(rows().float()).dtype == torch.float32


@each_kind
def test_members_come_back_one_by_one(kind):
    members = three(kind)
    stacked = StackedModule(members).eval()
    again = OneByOne(stacked.members())
    torch.testing.assert_close(again(rows()), stacked(rows()), rtol=1e-12, atol=1e-12)
    for parameter in again.parameters():
        parameter.data.zero_()
    assert not torch.equal(again(rows()), stacked(rows()))
