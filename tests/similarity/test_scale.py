"""Tables in their own units: exact at any scale, offsets removed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity import row_ranges, unit_regret, unit_scores
from tests.copies import copies_made
from tests.strategies import score_tables

LARGEST = np.finfo(np.float64).max
tables = st.integers(0, 2).flatmap(lambda extra: score_tables(extra=extra))


def slow_unit_regret(values):
    regret = [[max(row) - entry for entry in row] for row in values.tolist()]
    largest = max(max(row) for row in regret)
    return np.array([[entry / (largest or 1.0) for entry in row] for row in regret])


@given(tables)
def test_unit_regret_is_regret_over_the_largest_row_range(values):
    np.testing.assert_allclose(
        unit_regret(values), slow_unit_regret(values), rtol=1e-14
    )


@given(tables)
def test_unit_regret_lies_between_zero_and_one_and_reaches_both(values):
    regret = unit_regret(values)
    assert ((regret >= 0) & (regret <= 1)).all()
    assert (regret.min(axis=1) == 0).all()
    assert regret.max() == (1 if row_ranges(values).any() else 0)


@given(tables, st.integers(-1010, 1010))
def test_unit_regret_is_exactly_invariant_to_powers_of_two(values, exponent):
    assert (unit_regret(np.ldexp(values, exponent)) == unit_regret(values)).all()


@given(tables, st.floats(1e-3, 1e3))
def test_unit_regret_is_invariant_to_any_positive_scale(values, scale):
    np.testing.assert_allclose(
        unit_regret(values * scale), unit_regret(values), atol=1e-13
    )


@given(tables, st.integers(-(2**30), 2**30))
def test_unit_regret_is_invariant_to_an_offset_of_each_row(values, offset):
    offsets = offset * np.arange(len(values))[:, np.newaxis]
    assert (unit_regret(values + offsets) == unit_regret(values)).all()


def test_unit_regret_of_rows_of_very_different_scale():
    values = np.array([[1e-300, 0.0, 3e-300], [2e300, 5e300, 1e300], [7.0, 7.0, 7.0]])
    expected = np.array([[0.0, 0.0, 0.0], [0.75, 0.0, 1.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(unit_regret(values), expected, rtol=1e-15)


def test_unit_regret_sees_small_rows_beside_a_huge_constant_one():
    values = np.array([[1e308, 1e308, 1e308], [0.0, 4e-20, 3e-20]])
    expected = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.25]]
    np.testing.assert_allclose(unit_regret(values), expected, rtol=1e-15)


def test_unit_regret_of_a_range_that_overflows():
    values = np.array([[-1e308, 1e308], [0.0, 5e307]])
    np.testing.assert_allclose(unit_regret(values), [[1.0, 0.0], [0.25, 0.0]])


def test_unit_regret_of_subnormal_scores():
    tiny = 5e-324
    assert unit_regret(np.array([[4 * tiny, tiny, 0.0]])).tolist() == [[0, 0.75, 1]]


@pytest.mark.parametrize("entry", [0.0, -3.5, 1e308])
def test_unit_regret_of_a_constant_table_is_zero(entry):
    assert not unit_regret(np.full((2, 3), entry)).any()


def test_scaling_leaves_its_input_alone_and_obeys_strict_float_errors():
    values = np.array([[1e308, -1e308], [1e-300, 0.0]])
    values.flags.writeable = False
    with np.errstate(all="raise"):
        unit_regret(values)
        unit_scores(values)
        row_ranges(values)
    assert values.tolist() == [[1e308, -1e308], [1e-300, 0.0]]


def test_row_ranges_are_zero_only_for_constant_rows_and_never_infinite():
    values = np.array([[0.1, 0.1, 0.1], [0.0, 5e-324, 0.0], [-1e308, 1e308, 0.0]])
    assert row_ranges(values).tolist() == [0.0, 5e-324, LARGEST]


numbers = st.floats(-1e300, 1e300, allow_subnormal=False)


@given(tables)
def test_unit_scores_give_the_table_back(values):
    unit, scale, offset = unit_scores(values)
    assert scale > 0
    np.testing.assert_allclose(unit * scale + offset, values, atol=1e-14)
    assert abs(unit.mean()) < 1e-12
    if row_ranges(values).any():
        assert row_ranges(unit).max() == pytest.approx(1.0, rel=1e-14)


@given(tables, st.integers(-1010, 1010))
def test_unit_scores_are_exactly_invariant_to_powers_of_two(values, exponent):
    unit, scale, offset = unit_scores(values)
    other, other_scale, other_offset = unit_scores(np.ldexp(values, exponent))
    assert (unit == other).all()
    assert other_offset == np.ldexp(offset, exponent)
    if values.max() > values.min():
        assert other_scale == np.ldexp(scale, exponent)


def test_unit_scores_of_one_number():
    unit, scale, offset = unit_scores(np.full((2, 3), -4.0))
    assert (unit.tolist(), scale, offset) == ([[0.0] * 3] * 2, 1.0, -4.0)


@given(numbers, st.integers(1, 9), st.integers(0, 3))
def test_one_number_is_one_number_in_a_table_of_any_size(number, k, extra):
    unit, scale, offset = unit_scores(np.full((k, k + extra), number))
    assert not unit.any()
    assert (scale, offset) == (1.0, number)


def test_unit_scores_of_constant_rows_are_in_units_of_the_largest_deviation():
    unit, scale, offset = unit_scores(np.array([[2.0, 2.0], [8.0, 8.0]]))
    assert (unit.tolist(), scale, offset) == ([[-1, -1], [1, 1]], 3.0, 5.0)


def test_unit_scores_of_offsets_that_drown_the_ranges():
    unit, scale, offset = unit_scores(np.array([[1e300, 1e300], [0.0, 1.0]]))
    assert (scale, offset) == (5e299, 5e299)
    np.testing.assert_allclose(unit, [[1.0, 1.0], [-1.0, -1.0]])


@pytest.mark.parametrize(
    "values",
    [
        [[1e308, -1e308], [0.0, 1e300]],
        [[LARGEST, LARGEST], [-LARGEST, -LARGEST]],
        [[LARGEST, LARGEST, LARGEST, LARGEST], [-LARGEST] * 4, [LARGEST] * 4],
    ],
)
def test_unit_scores_stay_finite_where_differences_overflow(values):
    unit, scale, offset = unit_scores(np.array(values))
    assert np.isfinite(unit).all()
    assert np.isfinite([scale, offset]).all()
    np.testing.assert_allclose(unit * (scale / 4) + offset / 4, np.array(values) / 4)


def test_a_large_table_is_copied_once():
    values = np.random.default_rng(0).normal(size=(300, 320))
    assert copies_made(lambda: unit_regret(values), values.nbytes) < 1.3
