"""Thin factors: the right rank, every entry to rounding, and no approximation."""

import numpy as np
import pytest

from simclf.similarity._low_rank import find_low_rank

TOLERANCE = 32 * np.finfo(np.float64).eps


def product(rank, shape=(320, 330), seed=0):
    """A random matrix of a given rank, its largest entry one."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(shape[0], rank)) @ rng.normal(size=(rank, shape[1]))
    return table / np.abs(table).max()


@pytest.mark.parametrize("rank", [1, 3, 40])
def test_factors_have_the_rank_and_give_every_entry(rank):
    table = product(rank)
    form = find_low_rank(table, TOLERANCE)
    assert form.left.shape == (320, rank)
    assert form.right.shape == (rank, 330)
    np.testing.assert_allclose(form.left @ form.right, table, rtol=0, atol=TOLERANCE)


def test_row_offsets_cost_one_rank():
    table = product(5) + np.random.default_rng(1).normal(size=(320, 1))
    assert find_low_rank(table, TOLERANCE * 4).left.shape[1] == 6


def test_squared_distances_have_a_low_rank():
    points = np.random.default_rng(0).normal(size=(300, 7))
    table = ((points[:, np.newaxis] - points) ** 2).sum(axis=2)
    form = find_low_rank(table, TOLERANCE * table.max())
    assert form.left.shape[1] == 9


def test_rank_above_an_eighth_is_refused():
    assert find_low_rank(product(41), TOLERANCE) is None
    assert find_low_rank(product(1, (7, 7)), TOLERANCE) is None


@pytest.mark.parametrize("noise", [1e-12, 1e-9])
def test_noise_is_not_smoothed_away(noise):
    rng = np.random.default_rng(0)
    table = product(3) + noise * rng.normal(size=(320, 330))
    assert find_low_rank(table, TOLERANCE) is None


def test_one_entry_beside_the_product_is_one_more_rank_or_a_refusal():
    table = product(3)
    table[200, 100] += 1e-6
    form = find_low_rank(table, TOLERANCE)
    if form is not None:
        assert form.left.shape[1] == 4
        assert abs(form.left[200] @ form.right[:, 100] - table[200, 100]) <= TOLERANCE


def test_zeros_have_no_rank():
    assert find_low_rank(np.zeros((64, 64)), 0.0) is None
