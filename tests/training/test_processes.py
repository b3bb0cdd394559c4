"""Shares of a batch: together they are the batch, and so is what they add up to."""

import numpy as np
import pytest
import torch

from simclf.training._processes import ManyProcesses, OneProcess, fits_on, processes
from simclf.training._rows import Rows
from simclf.training._standardize import Standardizer

N = 7
ROWS = Rows(
    np.arange(2.0 * N).reshape(N, 2),
    np.arange(N) % 3,
    np.linspace(0.5, 1.5, N),
    Standardizer(None, None),
    torch.float64,
    torch.device("cpu"),
)


class Fake:
    """One process of several, whose siblings have what it has."""

    def __init__(self, process_index, num_processes):
        self.process_index, self.num_processes = process_index, num_processes

    def reduce(self, tensor, reduction):
        assert reduction == "sum"
        return tensor * self.num_processes


@pytest.mark.parametrize("n", [1, 2, 3, 9])
@pytest.mark.parametrize("index", [None, torch.tensor([5, 0, 3])])
def test_shares_are_the_batch(n, index):
    whole = OneProcess().batch(ROWS, index)
    shares = [ManyProcesses(Fake(rank, n)).batch(ROWS, index) for rank in range(n)]
    for place, part in enumerate(whole[:3]):
        joined = torch.cat([share[place] for share in shares])
        assert sorted(joined.tolist()) == sorted(part.tolist())
    losses = [share.features.sum(dim=1) for share in shares]
    means = [ManyProcesses(Fake(0, n)).mean(loss, len(whole.codes)) for loss in losses]
    mean = OneProcess().mean(whole.features.sum(dim=1), len(whole.codes))
    assert sum(means).item() == pytest.approx(mean.item())


def test_gradients_are_added_up_in_one_message():
    first, second, frozen = (torch.nn.Parameter(torch.zeros(s)) for s in (3, 2, 1))
    first.grad, second.grad = torch.tensor([1.0, 2, 3]), torch.tensor([4.0, 5])
    kept = first.grad
    ManyProcesses(Fake(0, 2)).share_gradients([first, frozen, second])
    assert kept.tolist() == [2, 4, 6]
    assert second.grad.tolist() == [8, 10]
    assert frozen.grad is None


def test_a_fit_has_these_processes_inside_the_block_alone():
    many = ManyProcesses(Fake(0, 2))
    with fits_on(many):
        assert processes() is many
    assert type(processes()) is OneProcess
    assert processes().agree(3) == 3
