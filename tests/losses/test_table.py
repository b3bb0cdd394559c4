"""The dense table: rows, products, best answers."""

import numpy as np
import pytest
import torch

from simclf.losses import DenseTable
from simclf.losses._table import full_matmul

MATRIX = np.array([[0.0, 0.5, 2.0], [1.0, 0.0, -3.0]])


def test_rows_take_codes_of_any_shape():
    table = DenseTable(MATRIX, torch.float64)
    codes = torch.tensor([[1, 0, 1], [0, 0, 1]])
    np.testing.assert_array_equal(table.rows(codes), MATRIX[codes.numpy()])
    np.testing.assert_array_equal(table.rows(torch.tensor(1)), MATRIX[1])


def test_product_is_in_the_dtype_of_its_left_factor():
    table = DenseTable(MATRIX, torch.float32)
    q = torch.tensor([[[0.25, 0.75]]], dtype=torch.float64)
    found = table.matmul(q)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found, q.numpy() @ MATRIX)


def test_product_keeps_full_precision_under_autocast():
    left, right = torch.rand(3, 4), torch.rand(4, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (left @ right).dtype == torch.bfloat16
        found = full_matmul(left, right)
    torch.testing.assert_close(found, left @ right, rtol=0, atol=0)


def test_is_a_copy_that_follows_dtypes_and_stays_out_of_state():
    source = MATRIX.copy()
    table = DenseTable(source, torch.float64, best=np.array([2, 0]))
    source[:] = 9.0
    np.testing.assert_array_equal(table.matrix, MATRIX)
    assert table.state_dict() == {}
    assert table.float().matrix.dtype == torch.float32
    assert table.best.dtype == torch.int64


def test_best_answers():
    table = DenseTable(MATRIX, torch.float32, best=np.array([2, 0]))
    assert table.best_answers(torch.tensor([[1, 0, 1]])).tolist() == [[0, 2, 0]]
    match = (
        r"^this table was prepared without its best answers\. Pass best=\.\.\. when "
        r"building it\.$"
    )
    with pytest.raises(ValueError, match=match):
        DenseTable(MATRIX, torch.float32).best_answers(torch.tensor([0]))
