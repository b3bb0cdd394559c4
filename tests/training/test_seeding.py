"""Random numbers: a fit's own, whatever the thread, and nobody else's."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from simclf.training._network import build_network
from simclf.training._seeding import Seeds, draw_seeds, seeded_global_generator

CPU = torch.device("cpu")
SEEDS = Seeds(weights=11, order=12, split=13, layers=14)


def numpys_state():
    return np.random.get_state()[1].copy()  # noqa: NPY002 - the caller's generator


def test_an_integer_gives_the_same_seeds_each_time():
    assert draw_seeds(3) == draw_seeds(3)
    assert draw_seeds(3) != draw_seeds(4)
    seeds = draw_seeds(3)
    assert len({seeds.weights, seeds.order, seeds.split, seeds.layers}) == 4


def test_an_integer_leaves_the_global_generators_alone():
    of_numpy, of_torch = numpys_state(), torch.get_rng_state()
    draw_seeds(3)
    assert (numpys_state() == of_numpy).all()
    assert torch.equal(torch.get_rng_state(), of_torch)


def test_a_random_state_moves_on():
    state = np.random.RandomState(3)
    assert draw_seeds(state) == draw_seeds(3)
    assert draw_seeds(state) != draw_seeds(3)


def test_none_draws_from_numpys_global_state():
    before = np.random.get_state()  # noqa: NPY002 - put back below
    try:
        np.random.seed(5)  # noqa: NPY002 - what a user of scikit-learn does
        first, second = draw_seeds(None), draw_seeds(None)
        np.random.seed(5)  # noqa: NPY002 - as above
        assert draw_seeds(None) == first
        assert first != second
    finally:
        np.random.set_state(before)  # noqa: NPY002 - as above


def test_what_is_no_seed_is_refused():
    with pytest.raises(ValueError, match=r"^random_state='x' must be None, an integer"):
        draw_seeds("x")


def order(seeds, epoch):
    return torch.randperm(50, generator=seeds.order_generator(epoch)).tolist()


def test_the_order_is_a_function_of_the_epoch():
    first = [order(SEEDS, epoch) for epoch in range(4)]
    torch.rand(3)
    again = [order(SEEDS, epoch) for epoch in (3, 2, 1, 0)]
    assert first == again[::-1]
    assert len(set(map(tuple, first))) == 4


def test_the_order_depends_on_its_own_seed_alone():
    others = Seeds(weights=0, order=12, split=0, layers=0)
    assert order(others, 2) == order(SEEDS, 2)
    assert order(Seeds(11, 0, 13, 14), 2) != order(SEEDS, 2)


def test_the_order_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    order(SEEDS, 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_global_generator_is_seeded_inside_and_restored_behind():
    before = torch.get_rng_state()
    with seeded_global_generator(7, CPU):
        inside = torch.rand(3)
    assert torch.equal(torch.get_rng_state(), before)
    with seeded_global_generator(7, CPU):
        assert torch.equal(torch.rand(3), inside)
    expected = torch.rand(3, generator=torch.Generator().manual_seed(7))
    assert torch.equal(inside, expected)


def test_the_global_generator_is_restored_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), seeded_global_generator(7, CPU):
        torch.rand(3 // 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_block_may_be_nested():
    with seeded_global_generator(7, CPU):
        first = torch.rand(1)
        with seeded_global_generator(8, CPU):
            torch.rand(5)
        second = torch.rand(1)
    expected = torch.rand(2, generator=torch.Generator().manual_seed(7))
    assert torch.equal(torch.cat([first, second]), expected)


def test_threads_that_build_foreign_networks_take_turns():
    n_threads = 8
    start = threading.Barrier(n_threads, timeout=60)

    def slow(n_features, n_outputs):
        layers = [nn.Linear(n_features, n_features) for _ in range(30)]
        return nn.Sequential(*layers, nn.Linear(n_features, n_outputs))

    def build(_):
        start.wait()
        network = build_network(slow, 4, 3, 2, SEEDS)
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    before = torch.get_rng_state()
    with ThreadPoolExecutor(n_threads) as pool:
        weights = list(pool.map(build, range(n_threads)))
    assert all(torch.equal(other, weights[0]) for other in weights[1:])
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("drawn", [0, 3])
def test_a_generator_that_is_kept_draws_the_same_as_a_new_one(drawn):
    seeds, kept = draw_seeds(5), torch.Generator()
    for epoch in (0, 1):
        torch.rand(drawn, generator=kept)
        again = seeds.layer_generator(epoch, CPU, kept)
        assert again is kept
        new = seeds.layer_generator(epoch, CPU)
        assert torch.equal(torch.rand(9, generator=again), torch.rand(9, generator=new))
