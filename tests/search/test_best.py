"""Early stopping of many networks: each as if it were alone."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from simclf.search._best import BestNetworks


def alone(losses, patience, patient):
    """Position of the best epoch, and after how many epochs patience is spent."""
    best, kept, misses = float("inf"), None, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, kept, misses = loss, epoch, 0
        elif patient[epoch]:
            misses += 1
        if misses >= patience:
            return kept, epoch + 1
    return kept, None


@st.composite
def courses(draw):
    n_networks, n_epochs = draw(st.integers(1, 4)), draw(st.integers(1, 8))
    losses = [
        [draw(st.integers(0, 4)) for _ in range(n_epochs)] for _ in range(n_networks)
    ]
    patience = [draw(st.integers(1, 4)) for _ in range(n_networks)]
    patient = [
        [draw(st.booleans()) for _ in range(n_epochs)] for _ in range(n_networks)
    ]
    return losses, patience, patient


@given(courses())
def test_every_network_keeps_its_best(course):
    losses, patience, patient = course
    best = BestNetworks([torch.full((len(losses), 1, 2), -1.0)], patience)
    ended = [None] * len(losses)
    for epoch in range(len(losses[0])):
        values = torch.tensor([loss[epoch] for loss in losses], dtype=torch.float32)
        flags = torch.tensor([flag[epoch] for flag in patient])
        best.update(values, [torch.full((len(losses), 1, 2), float(epoch))], flags)
        for network, done in enumerate(best.done.tolist()):
            if done and ended[network] is None:
                ended[network] = epoch + 1
    for network in range(len(losses)):
        kept, end = alone(losses[network], patience[network], patient[network])
        assert best.parameters[0][network].unique().item() == kept
        assert ended[network] == end


def test_networks_that_stay_keep_their_course():
    best = BestNetworks([torch.zeros(3, 1, 1)], [1, 1, 2])
    always = torch.tensor([True, True, True])
    best.update(torch.tensor([1.0, 2.0, 3.0]), [torch.ones(3, 1, 1)], always)
    best.keep(torch.tensor([2, 0]))
    best.update(torch.tensor([2.5, 1.5]), [torch.full((2, 1, 1), 2.0)], always[:2])
    assert best.parameters[0].flatten().tolist() == [2.0, 1.0]
    assert best.done.tolist() == [False, True]
