"""The residual network: what a block computes, its members, what is refused."""

import re

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from sklearn.base import clone
from torch import nn

from simclf.modules import ResidualMLP, count_members, lent_generator, take_members


def members_of(component, n_members=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return component.build_members(4, 3, n_members, generator).double()


def rows():
    return torch.randn(6, 4, generator=torch.Generator().manual_seed(1)).double()


def of_one(network, member, x):
    """Scores of one member, written down with torch's own layers."""
    state = {k: v.detach()[member] for k, v in network.state_dict().items()}

    def layer(name, x):
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def norm(name, x):
        weight, bias = (state[f"{name}.{part}"][0] for part in ("weight", "bias"))
        return F.layer_norm(x, x.shape[-1:], weight, bias)

    hidden = layer("first", x)
    for block in range(2):
        name = f"blocks.{block}"
        inner = F.gelu(layer(f"{name}.widen", norm(f"{name}.norm", hidden)))
        hidden = hidden + layer(f"{name}.narrow", inner)
    return layer("last", F.gelu(norm("norm", hidden)))


def with_uneven_norms(network):
    """Give normalisation other weights than it starts with."""
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "norm" in name:
                value.add_(torch.rand_like(value))
    return network


@pytest.mark.parametrize("n_members", [1, 3])
def test_every_member_is_a_residual_network_of_its_own(n_members):
    network = with_uneven_norms(members_of(ResidualMLP(2, 5), n_members)).eval()
    scores = network(rows())
    assert scores.shape == (n_members, 6, 3)
    for member in range(n_members):
        torch.testing.assert_close(scores[member], of_one(network, member, rows()))


def test_members_may_be_given_rows_of_their_own():
    network = members_of(ResidualMLP(2, 5), 2).eval()
    own = torch.stack([rows(), rows().flip(0)])
    scores = network(own)
    torch.testing.assert_close(scores[0], network(rows())[0])
    torch.testing.assert_close(scores[1], network(rows())[1].flip(0))


def test_members_can_be_counted_and_taken():
    network = members_of(ResidualMLP(2, 5), 3).eval()
    assert count_members(network) == 3
    taken = take_members(network, slice(1, 3))
    torch.testing.assert_close(taken(rows()), network(rows())[1:])


def test_dropout_acts_in_training_alone_and_draws_from_the_lent_generator():
    network = members_of(ResidualMLP(1, 50, dropout=0.5))
    before = torch.get_rng_state()

    def trained():
        with lent_generator(network, torch.Generator().manual_seed(3)):
            return network.train()(rows())

    assert torch.equal(trained(), trained())
    assert not torch.equal(trained(), network.eval()(rows()))
    assert torch.equal(torch.get_rng_state(), before)
    plain = members_of(ResidualMLP(1, 50, dropout=0))
    assert torch.equal(plain.train()(rows()), plain.eval()(rows()))


def test_the_generator_alone_decides_the_weights():
    before = torch.get_rng_state()
    first, again, other = (
        members_of(ResidualMLP(1, 5), seed=seed).eval()(rows()) for seed in (0, 0, 1)
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert (first != other).all()


def test_one_network_for_those_who_need_no_member_axis():
    network = ResidualMLP(1, 5).build(4, 3).eval()
    assert isinstance(network, nn.Module)
    assert network(torch.zeros(6, 4)).shape == (6, 3)


def test_components_are_cloned_by_scikit_learn():
    params = {"n_blocks": 3, "width": 7, "dropout": 0.1}
    assert clone(ResidualMLP(3, 7, 0.1)).get_params() == params


@pytest.mark.parametrize("name", ["n_blocks", "width"])
@pytest.mark.parametrize("value", [0, -3, 2.0, True, "8", None])
def test_what_is_no_size_is_refused(name, value):
    message = f"{name}={value!r} of ResidualMLP must be an integer from 1 on."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        ResidualMLP(**{name: value}).build(4, 3)


@pytest.mark.parametrize("dropout", [-0.1, 1, float("nan"), True, "0.5", None])
def test_what_is_no_share_is_refused(dropout):
    message = (
        f"dropout={dropout!r} of ResidualMLP must be a number in [0, 1), the share of "
        "hidden units dropped in training."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        ResidualMLP(dropout=dropout).build(4, 3)
