"""Rows that are constant but for a few entries."""

import numpy as np

from simclf.similarity._sparse import find_sparse


def test_each_row_has_its_own_constant():
    constants = np.arange(100.0)[:, np.newaxis] / 3
    table = np.repeat(constants, 120, axis=1)
    table[2, 5], table[7, 0] = -1.0, 4.0
    form = find_sparse(table)
    assert form.rows.tolist() == constants[:, 0].tolist()
    assert form.entries.nnz == 2
    np.testing.assert_allclose(form.matmul(np.eye(100)), table, atol=1e-14)


def test_a_difference_of_one_rounding_is_an_entry():
    table = np.ones((64, 64))
    table[3, 4] = np.nextafter(1.0, 2.0)
    assert find_sparse(table).entries.nnz == 1


def test_more_than_one_entry_in_32_is_not_few():
    table = np.zeros((64, 64))
    table[:, :2] = np.random.default_rng(0).random((64, 2))
    assert find_sparse(table).entries.nnz == 128
    table[0, 2] = 1.0
    assert find_sparse(table) is None
    table[:, :8] = 0.5
    assert find_sparse(table) is None
