"""Bounds of rounding, and sums in a fixed order."""

import numpy as np

from simclf.decision._rounding import (
    above_least,
    expected_doubt,
    ordered_product,
    rounding_doubt,
)


def test_doubt_counts_the_rounding_of_entries_and_of_sums():
    table = np.array([[10.0, 12.0, 8.0], [-3.0, -2.0, -2.5], [1e9, 1e9, 1e9]])
    eps = np.finfo(float).eps
    expected = [eps * (12 + 5 * 4) / 4, eps * (3 + 5 * 1) / 4, 0.0]
    np.testing.assert_allclose(rounding_doubt(table), expected, rtol=1e-12)
    extremes = np.column_stack([table.min(axis=1), table.max(axis=1)])
    np.testing.assert_array_equal(rounding_doubt(extremes), rounding_doubt(table))


def test_doubt_of_a_row_is_positive_and_weighed_by_its_probabilities():
    found = expected_doubt(np.array([[0.5, 0.5], [0.0, 0.0]]), np.array([4.0, 2.0]))
    assert found.shape == (2, 1)
    assert found[0, 0] == 3.0
    assert 0.0 < found[1, 0] < 1e-300


def test_excess_is_over_the_least_of_each_row():
    found = above_least(np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 0.0]]))
    assert found.tolist() == [[2.0, 0.0, 1.0], [0.0, 5.0, 0.0]]


def test_ordered_product_does_not_depend_on_the_rows():
    rng = np.random.default_rng(0)
    proba, regret = rng.random((9, 50)), rng.random((50, 4))
    whole = ordered_product(proba, regret)
    np.testing.assert_allclose(whole, proba @ regret, rtol=1e-13)
    alone = [ordered_product(row[np.newaxis], regret)[0] for row in proba]
    np.testing.assert_array_equal(whole, alone)
