"""Rows held out: disjoint, complete, stratified, and never a class's last."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.training._split import hold_out

fractions = st.sampled_from([0.05, 0.1, 0.2, 0.25, 1 / 3, 0.5, 0.9])
seeds = st.integers(0, 2**31 - 2)


@st.composite
def labels(draw, least=1, most=60):
    """Codes 0..K-1 of classes of any size, shuffled."""
    sizes = draw(st.lists(st.integers(least, most), min_size=2, max_size=6))
    codes = np.repeat(np.arange(len(sizes), dtype=np.intp), sizes)
    return np.random.default_rng(draw(seeds)).permutation(codes)


@given(labels(), fractions, seeds)
def test_every_row_is_on_one_side(codes, fraction, seed):
    train, held = hold_out(codes, fraction, seed)
    assert np.array_equal(np.sort([*train, *held]), np.arange(len(codes)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(held) > 0).all()


@given(labels(), fractions, seeds)
def test_every_class_keeps_a_row_to_learn_from(codes, fraction, seed):
    train, _ = hold_out(codes, fraction, seed)
    assert set(codes[train]) == set(codes)


@given(labels(), fractions, seeds)
def test_every_class_gives_its_share(codes, fraction, seed):
    _, held = hold_out(codes, fraction, seed)
    size, given_up = (
        np.bincount(codes),
        np.bincount(codes[held], minlength=max(codes) + 1),
    )
    assert (given_up < size * fraction + 1).all()
    # One less by rounding and one less where the last row of the class was up.
    assert (given_up > size * fraction - 2).all()


@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=6),
    st.sampled_from([2, 4, 5, 10]),
    seeds,
)
def test_classes_of_round_sizes_give_their_share_exactly(tens, every, seed):
    sizes = np.array(tens) * every
    codes = np.repeat(np.arange(len(sizes)), sizes)
    _, held = hold_out(codes, 1 / every, seed)
    assert np.bincount(codes[held], minlength=len(sizes)).tolist() == tens


@given(labels(least=20), st.sampled_from([0.05, 0.1, 0.2]), seeds)
def test_the_share_of_all_rows_misses_at_most_a_row_a_class(codes, fraction, seed):
    _, held = hold_out(codes, fraction, seed)
    share = len(codes) * fraction
    assert share - 1 - len(set(codes)) < len(held) < share + 1


def test_classes_too_small_for_a_row_share_one():
    codes = np.repeat(np.arange(25), 4)
    _, held = hold_out(codes, 0.1, 0)
    assert len(held) >= 7
    assert np.bincount(codes[held]).max() == 1


@given(labels(), fractions, seeds)
def test_the_seed_alone_decides(codes, fraction, seed):
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the caller's generator
    first, second = hold_out(codes, fraction, seed), hold_out(codes, fraction, seed)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002 - as above


def test_another_seed_takes_other_rows():
    codes = np.repeat([0, 1], 50)
    held = [tuple(hold_out(codes, 0.1, seed)[1]) for seed in range(5)]
    assert len(set(held)) == 5


def test_every_row_of_a_class_may_be_taken():
    codes = np.repeat([0, 1], 10)
    taken = {row for seed in range(200) for row in hold_out(codes, 0.2, seed)[1]}
    assert taken == set(range(20))


@pytest.mark.parametrize(
    "codes", [[0, 1], [0, 0, 1], [0, 1, 2, 3, 4], [0] * 4 + [1] * 5]
)
def test_too_few_rows_to_spare_one(codes):
    train, held = hold_out(np.array(codes), 0.1, 0)
    assert held.size == 0
    assert train.tolist() == list(range(len(codes)))


def test_classes_of_one_row_are_never_held_out():
    codes = np.arange(30)
    train, held = hold_out(codes, 0.5, 0)
    assert held.size == 0
    assert len(train) == 30
