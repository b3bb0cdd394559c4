"""Affine maps along a member axis against torch's own layer, member by member."""

import math

import pytest
import torch
from torch import nn

from simclf.modules._member_linear import MemberLinear

torch_layers = pytest.mark.parametrize("n_members", [1, 3])


def build(n_members, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return MemberLinear(4, 3, n_members, generator).double()


def alone(layer, member):
    """One member as an ordinary layer."""
    linear = nn.Linear(4, 3, dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(layer.weight[member])
        linear.bias.copy_(layer.bias[member, 0])
    return linear


@torch_layers
def test_shared_gives_every_member_the_same_rows(n_members):
    layer, x = build(n_members), torch.randn(5, 4, dtype=torch.float64)
    expected = torch.stack([alone(layer, m)(x) for m in range(n_members)])
    scores = layer.shared(x)
    assert scores.shape == (n_members, 5, 3)
    torch.testing.assert_close(scores, expected)


@torch_layers
def test_forward_gives_every_member_its_own_rows(n_members):
    layer, x = build(n_members), torch.randn(n_members, 5, 4, dtype=torch.float64)
    expected = torch.stack([alone(layer, m)(x[m]) for m in range(n_members)])
    scores = layer(x)
    assert scores.shape == (n_members, 5, 3)
    torch.testing.assert_close(scores, expected)


def test_initial_weights_fill_the_interval_of_torchs_own_layer():
    layer = MemberLinear(16, 40, 8, torch.Generator().manual_seed(1))
    bound = 1 / math.sqrt(16)
    for parameter in (layer.weight, layer.bias):
        assert parameter.abs().max() <= bound
        assert parameter.min() < -0.9 * bound
        assert parameter.max() > 0.9 * bound


def test_members_start_from_different_weights():
    layer = build(2)
    assert (layer.weight[0] != layer.weight[1]).all()
    assert (layer.bias[0] != layer.bias[1]).all()


def test_the_generator_alone_decides_the_weights():
    before = torch.get_rng_state()
    first, second, other = build(2), build(2), build(2, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.weight, second.weight)
    assert torch.equal(first.bias, second.bias)
    assert not torch.equal(first.weight, other.weight)


def test_without_a_generator_torchs_global_one_is_drawn_from():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        first = MemberLinear(4, 3, 2, None).weight
        torch.manual_seed(3)
        second = MemberLinear(4, 3, 2, None).weight
        third = MemberLinear(4, 3, 2, None).weight
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_the_callers_default_dtype_and_device_do_not_matter():
    expected = MemberLinear(4, 3, 2, torch.Generator().manual_seed(0))
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        generator = torch.Generator(device="cpu").manual_seed(0)
        with torch.device("meta"):
            layer = MemberLinear(4, 3, 2, generator)
    finally:
        torch.set_default_dtype(default)
    assert layer.weight.dtype == layer.bias.dtype == torch.float32
    assert layer.weight.device.type == layer.bias.device.type == "cpu"
    assert torch.equal(layer.weight, expected.weight)
    assert torch.equal(layer.bias, expected.bias)
