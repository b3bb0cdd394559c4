"""Lines read off a table: places, prices, and what is no line refused."""

import numpy as np
import pytest

from simclf.similarity._line import find_line

TOLERANCE = 1e-13
PLACES = np.array([3.0, 0.0, 7.5, 1.0, 3.0])


def prices(up, down):
    """What it costs to walk from the row to the column."""
    way = PLACES - PLACES[:, np.newaxis]
    return up * np.maximum(way, 0) + down * np.maximum(-way, 0)


@pytest.mark.parametrize(
    ("up", "down"), [(1, 1), (2, 0.5), (0, 3), (3, 0), (-1, -2), (-2, 1), (1, -1)]
)
def test_a_price_for_each_direction(up, down):
    table = prices(up, down) + np.arange(5.0)[:, np.newaxis] * 10
    form = find_line(table, TOLERANCE)
    np.testing.assert_allclose(form.matmul(np.eye(5)), table, atol=1e-12)


def test_places_come_in_order_from_one_end():
    form = find_line(prices(1, 1), TOLERANCE)
    assert form.order.tolist() == [2, 0, 4, 3, 1] or form.order.tolist() == [
        1,
        3,
        0,
        4,
        2,
    ]
    steps = np.diff(form.positions)
    assert (steps >= 0).all()
    assert sorted(steps.tolist()) == [0.0, 1.0, 2.0, 4.5]
    assert abs(form.slope) == 2.0


def test_squares_of_the_way_are_no_line():
    assert find_line(prices(1, 1) ** 2, TOLERANCE) is None


def test_a_table_without_a_way_is_no_line():
    assert find_line(np.ones((4, 4)), TOLERANCE) is None


def test_wide_tables_are_no_line():
    assert find_line(prices(1, 1)[:, :4], TOLERANCE) is None
    assert find_line(prices(1, 1)[:4], TOLERANCE) is None


def test_one_entry_beside_the_line_is_enough():
    for row in range(5):
        for column in range(5):
            table = prices(1, 2)
            table[row, column] += 1e-9
            assert find_line(table, TOLERANCE) is None
