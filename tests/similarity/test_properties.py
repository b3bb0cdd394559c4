"""What the numbers of a table imply, against enumeration and known cases."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity._properties import (
    constant_rows,
    indistinguishable_rows,
    is_kernel,
    largest_asymmetry,
    never_best_answers,
    smallest_eigenvalue,
)
from tests.strategies import score_tables, sensible_tables

FORUM = np.array([[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2.0]])


def best_on_a_grid(values, steps=12):
    """Answers that are the single best one for some posterior of a grid."""
    found = set()
    k = len(values)
    for counts in itertools.product(range(steps + 1), repeat=k):
        if sum(counts) == steps:
            expected = np.array(counts) @ values
            order = np.sort(expected)
            if order[-1] - order[-2] > 1e-6:
                found.add(int(expected.argmax()))
    return found


def test_the_third_class_of_the_forum_table_is_never_best():
    assert never_best_answers(FORUM) == [2]


def test_an_answer_best_only_in_between_is_found():
    values = np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.6]])
    assert never_best_answers(values) == []
    assert never_best_answers(values * [[1e-12], [1.0]]) == []
    values[:, 2] = 0.5
    assert never_best_answers(values) == [2]


@given(st.integers(0, 1).flatmap(lambda extra: score_tables(3, extra=extra)))
def test_an_answer_best_on_a_grid_is_never_reported(values):
    assert not best_on_a_grid(values) & set(never_best_answers(values))


@given(score_tables(2, extra=1))
def test_answers_of_two_classes_against_a_fine_line(values):
    shares = np.linspace(0, 1, 4001)[:, np.newaxis]
    expected = shares * values[0] + (1 - shares) * values[1]
    order = np.sort(expected, axis=1)
    lead = order[:, -1] - order[:, -2]
    best = set(expected.argmax(axis=1)[lead > 1e-9].tolist())
    missing = set(range(3)) - best
    assert set(never_best_answers(values)) <= missing
    if lead.min() > 1e-2:
        assert set(never_best_answers(values)) == missing


@given(sensible_tables())
def test_every_class_of_a_sensible_table_is_best_somewhere(values):
    assert never_best_answers(values) == []


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e300])
def test_never_best_does_not_depend_on_scale_or_offsets(scale):
    offsets = np.array([[0.0], [1e6], [-1e6], [3.0]])
    assert never_best_answers(FORUM * scale) == [2]
    assert never_best_answers(FORUM + offsets) == [2]
    assert never_best_answers(FORUM * [[scale], [1.0], [1.0], [1.0]]) == [2]


def test_twin_answers_are_both_never_the_single_best():
    values = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    assert never_best_answers(values) == [0, 2]


def test_the_only_answer_is_best():
    assert never_best_answers(np.array([[0.0]])) == []


def test_constant_rows():
    assert constant_rows(np.array([[1.0, 1.0], [0.0, 1e-300], [0.0, 0.0]])) == [0, 2]


def test_rows_equal_up_to_a_constant_are_grouped():
    row, other = np.array([0.3, 0.1, 0.2]), np.array([1.0, 0.0, 0.0])
    values = np.array([row, other, row + 7, row * 2, other - 3, row - 1])
    assert indistinguishable_rows(values) == [[0, 2, 5], [1, 4]]


def test_constant_rows_form_no_group():
    assert indistinguishable_rows(np.array([[1.0, 1.0], [2.0, 2.0]])) == []


def test_rows_of_one_shape_but_another_size_are_told_apart():
    assert indistinguishable_rows(np.array([[0.0, 1e-300], [0.0, 1e300]])) == []
    assert indistinguishable_rows(np.array([[0.0, 1.0], [0.0, 1.001]])) == []


def test_large_offsets_do_not_hide_equal_rows():
    row = np.array([0.3, 0.1, 0.25])
    assert indistinguishable_rows(np.array([row, row + 1e7, row[::-1]])) == [[0, 1]]


def test_asymmetry_is_the_largest_difference_and_its_place():
    values = np.array([[1.0, 0.2, 0.0], [0.3, 1.0, 0.9], [0.0, 0.1, 1.0]])
    size, pair = largest_asymmetry(values)
    assert size == pytest.approx(0.8)
    assert pair == (1, 2)


def test_asymmetry_looks_at_classes_alone_and_may_overflow_quietly():
    assert largest_asymmetry(np.array([[1.0, 0.0, 9.0], [0.0, 1.0, -9.0]]))[0] == 0
    assert largest_asymmetry(np.array([[1.0, 1e308], [-1e308, 1.0]]))[0] == np.inf


def test_squared_distances_between_points_come_from_a_kernel():
    points = np.random.default_rng(0).normal(size=(6, 3))
    distances = ((points[:, np.newaxis] - points) ** 2).sum(axis=2)
    eigenvalue = smallest_eigenvalue(-distances)
    assert eigenvalue == pytest.approx(0.0, abs=1e-12)
    assert is_kernel(eigenvalue, 6)
    assert not is_kernel(smallest_eigenvalue(-(distances**2)), 6)


def test_the_eigenvalue_by_hand():
    # Four places on a ring of unit steps, which no points in space keep apart so:
    # -HCH/2 is circulant with the eigenvalues 0, 1, 1 and 0 for the plain costs.
    ring = np.array([[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0.0]])
    assert smallest_eigenvalue(-ring) == pytest.approx(0.0, abs=1e-12)
    # The squares have -(0 - 1 + 4 - 1) / 2 = -1 in the alternating direction, over 4.
    assert smallest_eigenvalue(-(ring**2)) == pytest.approx(-1 / 4)
    assert smallest_eigenvalue(1e300 - ring**2 * 1e300) == pytest.approx(-1 / 4)


def test_the_eigenvalue_looks_at_classes_alone_and_not_at_many():
    table = np.array([[1.0, 0.0, 9.0], [0.0, 1.0, -9.0]])
    assert smallest_eigenvalue(table) == smallest_eigenvalue(table[:, :2])
    assert smallest_eigenvalue(np.zeros((2001, 1))) is None
