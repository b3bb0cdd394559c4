"""Which matrices have a form, and that a form is never an approximation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity import unit_regret
from simclf.similarity._forms import LineForm, LowRankForm, SparseForm, TreeForm
from simclf.similarity._structure import SMALLEST, find_form
from tests.strategies import STRUCTURES, score_tables, structured_tables

EPSILON = np.finfo(np.float64).eps
KINDS = {
    "line": LineForm,
    "tree": TreeForm,
    "path": TreeForm,
    "sparse": SparseForm,
    "low_rank": LowRankForm,
}
sizes = st.integers(40, 64)


def assert_equals(form, matrix):
    """The form reproduces every entry, and products, to rounding."""
    n, largest = len(matrix), np.abs(matrix).max()
    entries = form.matmul(np.eye(n))
    np.testing.assert_allclose(entries, matrix, rtol=0, atol=64 * EPSILON * largest)
    proba = np.random.default_rng(0).dirichlet(np.full(n, 0.5), size=5)
    np.testing.assert_allclose(
        form.matmul(proba), proba @ matrix, rtol=0, atol=64 * EPSILON * largest
    )
    signed = np.random.default_rng(1).normal(size=(5, matrix.shape[1]))
    np.testing.assert_allclose(
        form.T.matmul(signed),
        signed @ matrix.T,
        rtol=0,
        atol=64 * EPSILON * largest * np.abs(signed).sum(axis=1).max(),
    )


@pytest.mark.parametrize("kind", STRUCTURES)
@given(data=st.data())
def test_the_regrets_of_a_structured_table_have_a_form(kind, data):
    k = data.draw(sizes)
    table = data.draw(structured_tables(kind, k))
    regret = unit_regret(table)
    form = find_form(regret, smallest=1)
    assert form is not None
    assert_equals(form, regret)


@pytest.mark.parametrize("kind", STRUCTURES)
def test_each_structure_gets_the_form_of_its_name(kind):
    table = STRUCTURES[kind](SMALLEST, np.random.default_rng(3))
    assert type(find_form(table)) is KINDS[kind]
    assert type(find_form(-table)) is KINDS[kind]
    assert_equals(find_form(table), table)


@pytest.mark.parametrize("kind", STRUCTURES)
@given(data=st.data())
def test_a_table_that_is_only_nearly_structured_is_not_approximated(kind, data):
    k = data.draw(sizes)
    table = unit_regret(data.draw(structured_tables(kind, k)))
    row, column = data.draw(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)))
    table[row, column] += data.draw(st.sampled_from([1e-13, 1e-10, 1e-6]))
    form = find_form(table, smallest=1)
    if form is not None:
        assert_equals(form, table)


@given(st.integers(3, 30).flatmap(score_tables), st.booleans())
def test_any_form_of_any_table_is_exact(table, wide):
    matrix = np.hstack([table, table[:, :2]]) if wide else table
    form = find_form(matrix, smallest=1)
    if form is not None:
        assert_equals(form, matrix)


@pytest.mark.parametrize("shape", [(SMALLEST, SMALLEST), (SMALLEST, SMALLEST + 9)])
def test_random_tables_have_no_form(shape):
    rng = np.random.default_rng(0)
    assert find_form(rng.random(shape)) is None
    assert find_form(rng.random(shape) + 2 * np.eye(*shape)) is None
    symmetric = rng.random((SMALLEST, SMALLEST))
    assert find_form(symmetric + symmetric.T) is None


def test_wide_tables_have_the_forms_that_need_no_square():
    rng = np.random.default_rng(0)
    n = SMALLEST
    for wide in (np.eye(n, n + 40), rng.random((n, 3)) @ rng.random((3, n + 40))):
        assert_equals(find_form(wide), wide)


def test_small_tables_are_left_dense():
    grades = np.arange(float(SMALLEST))
    table = np.abs(grades - grades[:, np.newaxis])
    assert isinstance(find_form(table), LineForm)
    assert find_form(table[:, :-1]) is None
    assert find_form(table[:-1]) is None


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_a_table_of_one_number_is_sparse_or_a_tree(k):
    for value in (0.0, 2.5):
        table = np.full((k, k), value)
        assert_equals(find_form(table, smallest=1), table)


def test_the_table_is_left_as_it_is():
    for make in STRUCTURES.values():
        table = make(SMALLEST, np.random.default_rng(0))
        before = table.copy()
        find_form(table)
        np.testing.assert_array_equal(table, before)
