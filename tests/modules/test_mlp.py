"""Multilayer perceptrons: members against the same networks built by hand."""

import math

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from simclf.modules import MLP, MODULES, Linear, PiecewiseMLP, ResidualMLP, TabM

ACTIVATIONS = {"gelu": nn.GELU, "relu": nn.ReLU, "silu": nn.SiLU, "tanh": nn.Tanh}
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def members_of(component, n_members=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return component.build_members(4, 3, n_members, generator).double()


def affine_maps(network, member, field="data"):
    """Weight and bias of each layer of one member, in their order."""
    numbers = [getattr(parameter, field) for parameter in network.parameters()]
    for weight, bias in zip(numbers[::2], numbers[1::2], strict=True):
        own = (weight[member], bias[member]) if weight.ndim == 3 else (weight, bias)
        yield own[0], own[1].flatten()


def by_hand(network, member, activation):
    """One member as a Sequential of torch's own layers."""
    layers = []
    for weight, bias in affine_maps(network, member):
        linear = nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
        linear.load_state_dict({"weight": weight, "bias": bias})
        layers += [linear, ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def weights(network):
    return [parameter.detach().clone() for parameter in network.parameters()]


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_registry_is_literal_and_sorted():
    assert {
        "linear": Linear,
        "mlp": MLP,
        "piecewise": PiecewiseMLP,
        "residual": ResidualMLP,
        "tabm": TabM,
    } == MODULES
    assert list(MODULES) == sorted(MODULES)


@each_activation
@pytest.mark.parametrize("n_members", [1, 3])
@pytest.mark.parametrize("sizes", [(), (5,), (5, 7, 2)])
def test_members_are_the_networks_evaluated_one_by_one(activation, n_members, sizes):
    network = members_of(MLP(sizes, activation, dropout=0.0), n_members)
    x = torch.randn(6, 4, dtype=torch.float64)
    scores = network(x)
    alone = [by_hand(network, m, activation)(x) for m in range(n_members)]
    assert scores.shape == (n_members, 6, 3)
    torch.testing.assert_close(scores, torch.stack(alone), rtol=1e-12, atol=1e-12)


def test_gradients_of_a_member_are_those_it_has_alone():
    network = members_of(MLP((5,), "tanh", dropout=0.0))
    x = torch.randn(6, 4, dtype=torch.float64)
    network(x).square().mean((1, 2)).sum().backward()
    for member in range(3):
        alone = by_hand(network, member, "tanh")
        alone(x).square().mean().backward()
        grads = affine_maps(network, member, "grad")
        for (weight, bias), linear in zip(grads, alone[::2], strict=True):
            torch.testing.assert_close(weight, linear.weight.grad)
            torch.testing.assert_close(bias, linear.bias.grad)


def test_build_is_the_one_member_of_build_members():
    component = MLP((5, 6), "gelu", dropout=0.0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        single = component.build(4, 3)
    members = component.build_members(4, 3, 1, torch.Generator().manual_seed(5))
    x = torch.randn(6, 4)
    assert single(x).shape == (6, 3)
    assert same(weights(single), weights(members))
    assert torch.equal(single(x), members(x)[0])


@pytest.mark.parametrize("n_members", [1, 8])
def test_initial_weights_fill_the_interval_of_torchs_own_layer(n_members):
    network = members_of(MLP((400,)), n_members)
    for parameter, width in zip(network.parameters(), (4, 4, 400, 400), strict=True):
        bound = width**-0.5
        assert parameter.abs().max() <= bound
        if parameter.numel() > 100:
            assert parameter.min() < -0.9 * bound
            assert parameter.max() > 0.9 * bound


def test_the_hidden_layers_are_those_asked_for():
    shapes = [tuple(p.shape) for p in members_of(MLP((5, 7)), 2).parameters()]
    assert shapes == [(2, 5, 4), (2, 1, 5), (2, 7, 5), (2, 1, 7), (2, 3, 7), (2, 1, 3)]


@pytest.mark.parametrize("sizes", [[5], np.array([5]), 5, np.int64(5), (np.int32(5),)])
def test_sizes_are_taken_as_users_write_them(sizes):
    assert same(weights(members_of(MLP(sizes))), weights(members_of(MLP((5,)))))


@pytest.mark.parametrize("component", [MLP((5,), dropout=0.5), Linear()])
def test_the_generator_alone_decides_the_weights(component):
    before = torch.get_rng_state()
    first, again = members_of(component), members_of(component)
    assert torch.equal(torch.get_rng_state(), before)
    assert same(weights(first), weights(again))
    assert not same(weights(first), weights(members_of(component, seed=1)))


def test_the_callers_default_dtype_does_not_matter():
    expected = MLP((5,)).build_members(4, 3, 2, torch.Generator().manual_seed(0))
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        network = MLP((5,)).build_members(4, 3, 2, torch.Generator().manual_seed(0))
    finally:
        torch.set_default_dtype(default)
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert same(weights(network), weights(expected))


def test_linear_is_an_mlp_without_hidden_layers():
    linear, mlp = members_of(Linear()), members_of(MLP(()))
    x = torch.randn(6, 4, dtype=torch.float64)
    assert torch.equal(linear(x), mlp(x))
    torch.testing.assert_close(linear(2 * x) - linear(x), linear(x) - linear(0 * x))
    assert Linear().build(4, 3)(torch.zeros(6, 4)).shape == (6, 3)


def test_dropout_acts_in_training_alone_and_differs_between_members():
    network = members_of(MLP((200,), dropout=0.5), 2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter[:1].expand_as(parameter))
    x = torch.randn(6, 4, dtype=torch.float64)
    network.eval()
    assert torch.equal(network(x)[0], network(x)[1])
    network.train()
    first, second = network(x)
    assert (first != second).all()
    assert not torch.equal(network(x)[0], first)


def gelu(x):
    """Gaussian error linear unit of a number."""
    return x * (1 + math.erf(x / math.sqrt(2))) / 2


@pytest.mark.parametrize("n_members", [1, 2])
def test_dropout_drops_the_share_asked_for(n_members):
    network = members_of(MLP((20_000,), dropout=0.25), n_members).train()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(1.0)
        scores = network(torch.ones(100, 4, dtype=torch.float64))
    # Every hidden unit is gelu(5); what is kept is divided by the share kept.
    kept = (scores - 1) / (gelu(5.0) / 0.75) / 20_000
    assert kept.mean().item() == pytest.approx(0.75, abs=0.01)
    # All rows lose the same units.
    assert kept.std(dim=1).max().item() < 1e-12


def test_components_are_cloned_by_scikit_learn():
    component = MLP((5,), "tanh", 0.5)
    assert clone(component).get_params() == {
        "hidden_layer_sizes": (5,),
        "activation": "tanh",
        "dropout": 0.5,
    }


@pytest.mark.parametrize("sizes", ["64", None, 3.5, True])
def test_sizes_that_are_no_sequence_are_refused(sizes):
    message = (
        rf"^hidden_layer_sizes={sizes!r} of MLP must be a sequence of positive "
        r"integers, e\.g\. \(128, 128\); \(\) is a linear model\.$"
    )
    with pytest.raises(TypeError, match=message):
        MLP(sizes).build(4, 3)


@pytest.mark.parametrize("size", [0, -3, 2.0, True, "8", None])
def test_a_size_that_is_no_positive_integer_is_refused_by_its_position(size):
    message = (
        rf"^hidden_layer_sizes\[1\]={size!r} of MLP must be a positive integer, the "
        r"width of that hidden layer\.$"
    )
    with pytest.raises(ValueError, match=message):
        MLP((5, size)).build(4, 3)


@pytest.mark.parametrize("size", [0, -3])
def test_a_single_size_must_be_positive(size):
    with pytest.raises(ValueError, match=rf"hidden_layer_sizes\[0\]={size} of MLP"):
        MLP(size).build(4, 3)


@pytest.mark.parametrize("activation", ["ReLU", "sigmoid", None, nn.ReLU, ["relu"]])
def test_an_unknown_activation_is_refused(activation):
    message = r"of MLP is unknown; use one of \['gelu', 'relu', 'silu', 'tanh'\]\.$"
    with pytest.raises(ValueError, match=message):
        MLP((5,), activation).build(4, 3)


@pytest.mark.parametrize("dropout", [-0.1, 1, 1.0, float("nan"), True, "0.5", None])
def test_a_dropout_that_is_no_share_is_refused(dropout):
    message = (
        rf"^dropout={dropout!r} of MLP must be a number in \[0, 1\), the share of "
        r"hidden units dropped in training\.$"
    )
    with pytest.raises(ValueError, match=message):
        MLP((5,), dropout=dropout).build(4, 3)
