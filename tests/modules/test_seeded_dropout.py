"""Dropout draws from the generator it is lent, and from no other."""

import copy
import pickle

import pytest
import torch
from torch import nn

from simclf.modules import MLP, lent_generator
from simclf.modules._seeded_dropout import SeededDropout


def generator(seed: int) -> torch.Generator:
    """Return a generator of its own."""
    return torch.Generator().manual_seed(seed)


def test_evaluation_changes_nothing() -> None:
    x = torch.randn(5, 4)
    assert SeededDropout(0.5).eval()(x) is x


def test_what_is_kept_is_scaled_up() -> None:
    layer = SeededDropout(0.25)
    with lent_generator(layer, generator(0)):
        dropped = layer(torch.ones(1, 40_000))
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert dropped.mean().item() == pytest.approx(1, abs=0.02)


def test_only_the_lent_generator_is_drawn_from() -> None:
    layer, before = SeededDropout(0.5), torch.get_rng_state()
    x = torch.ones(1, 50)
    with lent_generator(layer, generator(1)):
        first = layer(x)
    with lent_generator(layer, generator(1)):
        again = layer(x)
    with lent_generator(layer, generator(2)):
        other = layer(x)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(before, torch.get_rng_state())


def test_a_unit_is_dropped_for_all_rows_or_none() -> None:
    layer = SeededDropout(0.5)
    with lent_generator(layer, generator(0)):
        dropped = layer(torch.ones(2, 6, 40))
    assert (dropped == dropped[:, :1]).all()
    assert not torch.equal(dropped[0], dropped[1])


def test_members_drop_different_units() -> None:
    network = MLP((50,), dropout=0.5).build_members(3, 2, 2, generator(0))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter[1] = parameter[0]
    with lent_generator(network, generator(0)):
        scores = network(torch.ones(4, 3))
    assert not torch.equal(scores[0], scores[1])


def test_the_generator_is_handed_back_whatever_happens() -> None:
    network = nn.Sequential(SeededDropout(0.5))
    with pytest.raises(ZeroDivisionError), lent_generator(network, generator(0)):
        _ = 1 / 0
    assert network[0].generator is None
    pickle.loads(pickle.dumps(network))
    copy.deepcopy(network)
