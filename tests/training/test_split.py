"""Rows held out: stratified, others for each member, and never a class's last."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.training._split import Folds, hold_out

fractions = st.sampled_from([0.05, 0.1, 0.2, 0.25, 1 / 3, 0.5, 0.9])
seeds = st.integers(0, 2**31 - 2)
members = st.integers(1, 5)


@st.composite
def labels(draw, least=1, most=60):
    """Codes 0..K-1 of classes of any size, shuffled."""
    sizes = draw(st.lists(st.integers(least, most), min_size=2, max_size=6))
    codes = np.repeat(np.arange(len(sizes), dtype=np.intp), sizes)
    return np.random.default_rng(draw(seeds)).permutation(codes)


def held_by(codes, fraction, seed, n_members=1):
    """Return the rows each member holds out; none where none can be spared."""
    folds = hold_out(codes, fraction, seed, n_members)
    if folds is None:
        return np.zeros((n_members, len(codes)), dtype=bool)
    assert folds.held.shape == (n_members, len(codes))
    return folds.held


@given(labels(), fractions, seeds, members)
def test_every_class_keeps_a_row_that_all_members_learn_from(codes, fraction, seed, m):
    learned = ~held_by(codes, fraction, seed, m).any(axis=0)
    assert set(codes[learned]) == set(codes)


@given(labels(), fractions, seeds, members)
def test_every_class_gives_its_share_to_every_member(codes, fraction, seed, m):
    size = np.bincount(codes)
    folds = hold_out(codes, fraction, seed, m)
    for held in [] if folds is None else folds.held:
        given_up = np.bincount(codes[held], minlength=len(size))
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
    (held,) = held_by(codes, 1 / every, seed)
    assert np.bincount(codes[held], minlength=len(sizes)).tolist() == tens


@given(labels(least=20), st.sampled_from([0.05, 0.1, 0.2]), seeds, members)
def test_the_share_of_all_rows_misses_at_most_a_row_a_class(codes, fraction, seed, m):
    share = len(codes) * fraction
    counts = held_by(codes, fraction, seed, m).sum(axis=1)
    assert (counts > share - 1 - len(set(codes))).all()
    assert (counts < share + 1).all()


# Of two classes of ten, the tenth member's rows are those that all learn from.
@given(labels(least=11), st.sampled_from([2, 4, 5, 10]), seeds)
def test_members_hold_out_others_until_there_are_no_more(codes, every, seed):
    times = held_by(codes, 1 / every, seed, every).sum(axis=0)
    # Each row once, but for one of each class, which all learn from.
    assert times.max() == 1
    assert (times == 0).sum() == len(set(codes))
    again = held_by(codes, 1 / every, seed, every + 1)
    assert np.array_equal(again[0], again[every])


@given(labels(), fractions, seeds)
def test_the_first_member_is_as_one_alone(codes, fraction, seed):
    several = hold_out(codes, fraction, seed, 3)
    if several is not None:
        assert np.array_equal(several.held[0], held_by(codes, fraction, seed)[0])


def test_classes_too_small_for_a_row_share_one():
    codes = np.repeat(np.arange(25), 4)
    (held,) = held_by(codes, 0.1, 0)
    assert held.sum() >= 7
    assert np.bincount(codes[held]).max() == 1


@given(labels(), fractions, seeds)
def test_the_seed_alone_decides(codes, fraction, seed):
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the caller's generator
    first = held_by(codes, fraction, seed, 2)
    assert np.array_equal(first, held_by(codes, fraction, seed, 2))
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002 - as above


def test_another_seed_takes_other_rows():
    codes = np.repeat([0, 1], 50)
    held = {held_by(codes, 0.1, seed).tobytes() for seed in range(5)}
    assert len(held) == 5


def test_every_row_of_a_class_may_be_taken():
    codes = np.repeat([0, 1], 10)
    taken = np.any([held_by(codes, 0.2, seed)[0] for seed in range(200)], axis=0)
    assert taken.all()


@pytest.mark.parametrize(
    "codes", [[0, 1], [0, 0, 1], [0, 1, 2, 3, 4], [0] * 4 + [1] * 5]
)
def test_too_few_rows_to_spare_one(codes):
    assert hold_out(np.array(codes), 0.1, 0) is None


def test_too_few_rows_for_every_member_to_spare_one():
    # The tenth row alone may be held out, and it is the first member's.
    codes = np.zeros(10, dtype=np.intp)
    assert hold_out(codes, 0.1, 0).held.sum() == 1
    assert hold_out(codes, 0.05, 0, 12) is None


def test_classes_of_one_row_are_never_held_out():
    assert hold_out(np.arange(30), 0.5, 0) is None


# Weights ----------------------------------------------------------------------


@st.composite
def folds_and_weights(draw):
    """Folds of three members and weights of very different size, or none."""
    n = draw(st.integers(2, 30))
    bits = draw(st.lists(st.booleans(), min_size=3 * n, max_size=3 * n))
    held = np.array(bits).reshape(3, n)
    # Every member holds out a row and learns from one.
    held[:, 0], held[:, 1] = True, False
    weight = np.random.default_rng(draw(seeds)).exponential(size=n) ** 4 + 1e-9
    return Folds(held), draw(st.sampled_from([None, weight]))


@given(folds_and_weights())
def test_members_learn_from_what_they_do_not_hold_out(given_folds):
    folds, weight = given_folds
    learning = folds.learning_weight(weight)
    assert ((learning == 0) == folds.held).all()
    for row, held in zip(learning, folds.held, strict=True):
        everywhere = np.ones(held.size) if weight is None else weight
        expected = everywhere[~held] / everywhere[~held].sum() * held.size
        np.testing.assert_allclose(row[~held], expected, rtol=1e-12)


@given(folds_and_weights())
def test_members_are_judged_by_what_they_hold_out(given_folds):
    folds, weight = given_folds
    index, held_weight = folds.held_rows(weight)
    assert index.shape == held_weight.shape == (3, folds.held.sum(axis=1).max())
    for rows, judge, held in zip(index, held_weight, folds.held, strict=True):
        real = judge > 0
        assert rows[real].tolist() == np.flatnonzero(held).tolist()
        assert held[rows].all()
        everywhere = np.ones(held.size) if weight is None else weight
        expected = everywhere[held] / everywhere[held].sum() * len(rows)
        np.testing.assert_allclose(judge[real], expected, rtol=1e-12)
