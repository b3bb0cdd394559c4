"""Members counted, taken out of a network, and repeated."""

import pytest
import torch
from torch import nn

from simclf.modules import (
    MLP,
    StackedModule,
    count_members,
    repeat_first_members,
    take_members,
)


def mlp(n_members):
    generator = torch.Generator().manual_seed(0)
    return MLP((6, 5)).build_members(4, 3, n_members, generator).eval()


def stacked(n_members):
    torch.manual_seed(0)
    members = [
        nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
        for _ in range(n_members)
    ]
    return StackedModule(members).eval()


networks = pytest.mark.parametrize("build", [mlp, stacked])
X = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("build", "n_members"), [(mlp, 1), (mlp, 4), (stacked, 2), (stacked, 5)]
)
def test_members_are_counted(build, n_members):
    assert count_members(build(n_members)) == n_members


@networks
@pytest.mark.parametrize("members", [slice(0, 2), slice(2, 3), slice(1, 6)])
def test_members_taken_give_the_scores_they_gave(build, members):
    network = build(6)
    expected = network(X)[members]
    taken = take_members(network, members)
    torch.testing.assert_close(taken(X), expected)
    assert len(taken(X)) == len(expected)


@networks
def test_members_taken_are_copies(build):
    network = build(4)
    before = network(X)
    taken = take_members(network, slice(0, 2))
    with torch.no_grad():
        for parameter in taken.parameters():
            parameter.fill_(7.0)
    assert torch.equal(network(X), before)


@networks
def test_members_taken_can_learn(build):
    taken = take_members(build(4), slice(1, 3)).train()
    taken(X).square().sum().backward()
    for parameter in taken.parameters():
        assert parameter.grad.shape == parameter.shape
        assert len(parameter) == 2


@networks
def test_repeated_members_are_the_first_over_and_over(build):
    network = build(6)
    first = network(X)[:2].clone()
    repeat_first_members(network, 3)
    torch.testing.assert_close(network(X), first.repeat(3, 1, 1))


@networks
def test_once_is_as_it_was(build):
    network = build(2)
    before = network(X)
    repeat_first_members(network, 1)
    assert torch.equal(network(X), before)
