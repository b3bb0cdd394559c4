"""One ordinary network behind a member axis."""

import torch
from torch import nn

from simclf.modules import LeadingAxis


def test_the_one_network_is_given_a_member_axis():
    network = nn.Linear(4, 3)
    wrapped = LeadingAxis(network)
    x = torch.randn(6, 4)
    assert wrapped(x).shape == (1, 6, 3)
    assert torch.equal(wrapped(x)[0], network(x))


def test_the_network_is_trained_through_it():
    network = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    wrapped = LeadingAxis(network)
    wrapped(torch.randn(6, 4)).sum().backward()
    assert network[0].weight.grad is not None
    assert network[1].num_batches_tracked.item() == 1
    assert not wrapped.eval().network.training
    names = [name for name, _ in wrapped.named_parameters()]
    assert names == [f"network.{name}" for name, _ in network.named_parameters()]
