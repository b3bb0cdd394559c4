"""Products of each form against the dense one, and the bound of their rounding."""

import numpy as np
import pytest
from scipy import sparse

from simclf.similarity._forms import LineForm, LowRankForm, SparseForm, TreeForm

EPSILON = np.finfo(np.float64).eps
ROWS, COLUMNS = np.array([0.5, -1.0, 2.0, 0.25]), np.array([3.0, 0.0, -0.5, 1.0])
OFFSETS = ROWS[:, np.newaxis] + COLUMNS
ORDER = np.array([2, 0, 3, 1])

LINE = LineForm(ROWS, COLUMNS, ORDER, np.array([0.0, 1.0, 1.0, 4.0]), 1.5)
PLACES = np.array([1.0, 4.0, 0.0, 1.0])
TREE = TreeForm(
    ROWS,
    COLUMNS,
    ORDER,
    starts=np.array([0, 0, 2]),
    stops=np.array([4, 2, 4]),
    gains=np.array([0.25, 1.0, 2.0]),
    own=np.array([0.1, 0.2, -0.3, 0.4]),
)
SHARED = 0.25 + np.array([[1, 0, 1, 0], [0, 2, 0, 2], [1, 0, 1, 0], [0, 2, 0, 2.0]])
ENTRIES = np.array([[0, 2.0, 0, 0], [0, 0, 0, 0], [0, 0, 0, -1.0], [3.0, 0, 0, 0]])
LEFT, RIGHT = np.array([[1.0], [2.0], [0.0], [-1.0]]), np.array([[0.5, 1.0, -2.0, 4.0]])

FORMS = {
    "line": (LINE, OFFSETS + 1.5 * np.maximum(PLACES - PLACES[:, np.newaxis], 0.0)),
    "tree": (TREE, OFFSETS + SHARED + np.diag(TREE.own)),
    "sparse": (
        SparseForm(ROWS, COLUMNS, sparse.csr_array(ENTRIES)),
        OFFSETS + ENTRIES,
    ),
    "low_rank": (LowRankForm(ROWS, COLUMNS, LEFT, RIGHT), OFFSETS + LEFT @ RIGHT),
}
each_form = pytest.mark.parametrize(("form", "dense"), FORMS.values(), ids=FORMS)


@each_form
def test_product_is_the_dense_one(form, dense):
    weights = np.array([[0.25, 0.5, 0.0, 0.25], [2.0, -1.0, 0.5, 0.0], [0, 0, 0, 0]])
    np.testing.assert_allclose(form.matmul(weights), weights @ dense, atol=1e-14)
    np.testing.assert_allclose(form.matmul(np.eye(4)), dense, atol=1e-14)


@each_form
def test_transposed_form_is_the_transposed_matrix(form, dense):
    np.testing.assert_allclose(form.T.matmul(np.eye(4)), dense.T, atol=1e-14)
    np.testing.assert_allclose(form.T.T.matmul(np.eye(4)), dense, atol=1e-14)


@each_form
def test_product_of_no_rows_is_empty(form, dense):
    assert form.matmul(np.empty((0, 4))).shape == (0, 4)


@each_form
def test_reach_bounds_every_entry_of_every_part(form, dense):
    assert form.reach >= np.abs(ROWS).max() + np.abs(COLUMNS).max()
    assert form.reach >= np.abs(dense - OFFSETS).max()
    assert form.reach >= np.abs(dense).max()
    assert form.reach <= 20.0


def test_reach_is_the_sum_of_the_largest_parts():
    offsets = 2.0 + 3.0
    assert LINE.reach == offsets + 1.5 * 4.0
    assert TREE.reach == pytest.approx(offsets + 2.25 + 0.4)
    assert FORMS["sparse"][0].reach == offsets + 3.0
    assert FORMS["low_rank"][0].reach == offsets + 2.0 * 4.0


def test_a_wide_matrix_of_low_rank_or_few_entries():
    weights = np.array([[0.5, 0.5]])
    entries = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    thin = SparseForm(np.array([1.0, 2.0]), np.zeros(3), sparse.csr_array(entries))
    assert thin.matmul(weights).tolist() == [[1.5, 2.0, 2.5]]
    assert thin.T.matmul(np.eye(3)).tolist() == [[1, 2], [2, 2], [1, 4]]
    low = LowRankForm(
        np.zeros(2), np.zeros(3), np.array([[1.0], [3.0]]), np.array([[1.0, 0.0, 2.0]])
    )
    assert low.matmul(weights).tolist() == [[2.0, 0.0, 4.0]]
    assert low.T.matmul(np.eye(3)).tolist() == [[1, 3], [0, 0], [2, 6]]
