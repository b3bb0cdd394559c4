"""Early stopping of each member, against a plain loop over its losses."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from simclf.modules import LeadingAxis, StackedModule
from simclf.training._best import BestMembers


class Epochs(nn.Module):
    """A network of n members whose every number is the epoch."""

    def __init__(self, n_members):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_members, 2, 3))
        self.bias = nn.Parameter(torch.zeros(n_members, 1))
        self.register_buffer("count", torch.zeros(n_members, dtype=torch.int64))

    def reach(self, epoch):
        with torch.no_grad():
            for value in self.state_dict().values():
                value.fill_(epoch)


def reference(losses, patience, warmup=0):
    """Best epoch of one member, and the epoch after which it is done, if any."""
    best, misses = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch and loss < losses[best]:
            best, misses = epoch, 0
        elif epoch and epoch >= warmup:
            misses += 1
        if misses == patience:
            return best, epoch
    return best, None


def run(losses, patience, network, warmup=0):
    """Feed epochs until the end or the stop; the epoch of the stop, or None."""
    best = BestMembers(patience)
    for epoch, loss in enumerate(losses):
        network.reach(epoch)
        told = torch.tensor(loss, dtype=torch.float64)
        if best.update(told, network, patient=epoch >= warmup):
            best.restore(network)
            return epoch
    best.restore(network)
    return None


@st.composite
def loss_curves(draw):
    n_members = draw(st.integers(1, 4))
    epoch = st.lists(st.integers(0, 9), min_size=n_members, max_size=n_members)
    return draw(st.lists(epoch, min_size=1, max_size=20))


@given(loss_curves(), st.integers(1, 4), st.integers(0, 5))
def test_every_member_keeps_the_epoch_it_would_keep_alone(losses, patience, warmup):
    network = Epochs(len(losses[0]))
    stopped = run(losses, patience, network, warmup)
    alone = [reference(curve, patience, warmup) for curve in zip(*losses, strict=True)]
    ends = [end for _, end in alone]
    assert stopped == (None if None in ends else max(ends))
    kept = [best for best, _ in alone]
    assert network.count.tolist() == kept
    assert (network.bias == torch.tensor(kept)[:, None]).all()
    assert (network.weight == torch.tensor(kept)[:, None, None]).all()


def test_a_member_that_is_done_stays_done():
    # The second member is still getting better when the first would come back.
    losses = [[5, 9], [6, 8], [7, 7], [1, 6], [0, 7], [0, 8]]
    network = Epochs(2)
    assert run(losses, 2, network) == 5
    assert network.count.tolist() == [0, 3]


def test_an_equal_loss_is_no_better():
    network = Epochs(1)
    assert run([[3], [3], [3]], 2, network) == 2
    assert network.count.tolist() == [0]


def batch_norm():
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))


@pytest.mark.parametrize(
    ("network", "n_members"),
    [
        (LeadingAxis(batch_norm()), 1),
        (StackedModule([batch_norm() for _ in range(2)]), 2),
    ],
    ids=["single", "stacked"],
)
def test_whole_states_are_put_back_scalar_buffers_included(network, n_members):
    best = BestMembers(patience=5)
    for epoch, loss in enumerate([3.0, 1.0, 2.0]):
        for value in network.state_dict().values():
            value.fill_(epoch)
        best.update(torch.full((n_members,), loss), network)
    before = {name: value.dtype for name, value in network.state_dict().items()}
    best.restore(network)
    assert {name: value.dtype for name, value in network.state_dict().items()} == before
    assert len(before) == 7
    assert all((value == 1).all() for value in network.state_dict().values())


def test_what_is_kept_does_not_change_with_the_network():
    network = Epochs(1)
    network.reach(4)
    best = BestMembers(patience=1)
    best.update(torch.tensor([1.0]), network)
    network.reach(9)
    best.restore(network)
    assert network.count.tolist() == [4]


def test_nothing_is_put_back_where_nothing_was_judged():
    network = Epochs(2)
    network.reach(7)
    BestMembers(patience=1).restore(network)
    assert network.count.tolist() == [7, 7]
