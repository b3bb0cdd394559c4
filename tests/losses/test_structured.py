"""Tables of known form: the dense product, its derivatives, and a torch module."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from simclf.losses import (
    DenseTable,
    ExpectedScoreLoss,
    KernelBrierLoss,
    StructuredTable,
    TailoredScoreLoss,
    prepare_table,
)
from simclf.similarity import ScoreTable, resolve_table, unit_regret
from simclf.similarity._structure import SMALLEST, find_form
from tests.strategies import STRUCTURES, one_in, structured_tables

each_kind = pytest.mark.parametrize("kind", STRUCTURES)
few = one_in(6)
K = 40


def regrets(kind, k=K, seed=3):
    table = STRUCTURES[kind](k, np.random.default_rng(seed))
    return unit_regret(table + np.random.default_rng(seed).normal(size=(k, 1)))


def structured(kind, dtype=torch.float64, **settings):
    """A small table whose form is used all the same, and the matrix."""
    matrix = regrets(kind)
    form = find_form(matrix, smallest=1)
    return StructuredTable(matrix, dtype, form, **settings), matrix


@each_kind
@given(data=st.data())
@few
def test_product_is_the_dense_one(kind, data):
    k = data.draw(st.integers(K, 64))
    matrix = unit_regret(data.draw(structured_tables(kind, k)))
    form = find_form(matrix, smallest=1)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    q = torch.tensor(rng.dirichlet(np.full(k, 0.5), size=(2, 3)))
    for dtype, rounding in ((torch.float64, 2e-14), (torch.float32, 4e-6)):
        table = StructuredTable(matrix, dtype, form)
        found = table.matmul(q.to(dtype))
        assert found.dtype == dtype
        np.testing.assert_allclose(found, q.numpy() @ matrix, rtol=0, atol=rounding)


@each_kind
@pytest.mark.filterwarnings("ignore:`torch.jit.script`:DeprecationWarning")
def test_first_and_second_derivatives(kind):
    table, _ = structured(kind)
    q = torch.rand(2, K, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(table.matmul, q, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(lambda q: table.matmul(q).square(), q)


@each_kind
def test_gradient_is_the_product_with_the_transposed_table(kind):
    table, matrix = structured(kind)
    q = torch.rand(3, K, dtype=torch.float64, requires_grad=True)
    weights = torch.rand(3, K, dtype=torch.float64) - 0.5
    (table.matmul(q) * weights).sum().backward()
    np.testing.assert_allclose(q.grad, weights.numpy() @ matrix.T, atol=1e-13)


@each_kind
def test_vmap_is_a_loop(kind):
    table, matrix = structured(kind)
    q = torch.rand(4, 3, K, dtype=torch.float64)
    mapped = torch.func.vmap(table.matmul, in_dims=1, out_dims=1)(q)
    np.testing.assert_allclose(mapped, q.numpy() @ matrix, atol=1e-13)

    def value(row):
        return table.matmul(row).square().sum()

    slopes = torch.func.vmap(torch.func.vmap(torch.func.grad(value)))(q)
    np.testing.assert_allclose(slopes, 2 * q.numpy() @ matrix @ matrix.T, atol=1e-11)


@each_kind
def test_product_keeps_full_precision_under_autocast(kind):
    table, _ = structured(kind, torch.float32)
    q = torch.rand(3, K, requires_grad=True)
    exact = table.matmul(q)
    exact.sum().backward()
    slope, q.grad = q.grad, None
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = table.matmul(q)
        found.sum().backward()
    torch.testing.assert_close(found, exact, rtol=0, atol=0)
    torch.testing.assert_close(q.grad, slope, rtol=0, atol=0)


@each_kind
def test_double_probabilities_meet_a_single_precision_table(kind):
    table, matrix = structured(kind, torch.float32)
    q = torch.rand(3, K, dtype=torch.float64)
    found = table.matmul(q)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found, q.numpy() @ matrix, atol=1e-4)


@each_kind
def test_is_a_module_without_state_that_can_be_copied_and_moved(kind):
    table, _ = structured(kind)
    assert list(table.parameters()) == []
    assert table.state_dict() == {}
    q = torch.rand(3, K, dtype=torch.float64)
    for twin in (copy.deepcopy(table), pickle.loads(pickle.dumps(table))):
        torch.testing.assert_close(twin.matmul(q), table.matmul(q), rtol=0, atol=0)
    assert table.float().matmul(q.float()).dtype == torch.float32
    moved = copy.deepcopy(table).to("meta")
    assert {buffer.device.type for buffer in moved.buffers()} == {"meta"}


@pytest.mark.parametrize("kind", ["line", "tree", "path"])
def test_running_sums_do_not_drift(kind):
    k = 4000
    matrix = regrets(kind, k)
    table = StructuredTable(matrix, torch.float32, find_form(matrix))
    even = torch.full((1, k), 1 / k)
    exact = even.double().numpy() @ matrix
    np.testing.assert_allclose(table.matmul(even), exact, rtol=0, atol=2e-6)


def test_rows_and_best_answers_are_those_of_the_matrix():
    best = np.arange(K)[::-1].copy()
    table, matrix = structured("tree", best=best)
    codes = torch.tensor([[1, 0], [5, 1]])
    np.testing.assert_array_equal(table.rows(codes), matrix[codes.numpy()])
    np.testing.assert_array_equal(table.best_answers(codes), best[codes.numpy()])


@each_kind
def test_large_tables_are_looked_at_and_small_ones_left(kind):
    table = prepare_table(regrets(kind, SMALLEST), torch.float32)
    assert isinstance(table, StructuredTable)
    assert type(prepare_table(regrets(kind), torch.float32)) is DenseTable


def test_a_table_without_a_form_is_dense_and_keeps_its_best_answers():
    matrix = np.random.default_rng(0).random((SMALLEST, SMALLEST))
    best = np.arange(SMALLEST)
    table = prepare_table(matrix, torch.float32, best=best)
    assert type(table) is DenseTable
    assert table.best_answers(torch.tensor([7])).tolist() == [7]
    grades = np.arange(float(SMALLEST))
    line = prepare_table(np.abs(grades[:, None] - grades), torch.float32, best=best)
    assert isinstance(line, StructuredTable)
    assert line.best_answers(torch.tensor([7])).tolist() == [7]


@pytest.mark.parametrize(
    "loss",
    [
        TailoredScoreLoss(),
        KernelBrierLoss(),
        KernelBrierLoss(kernel="energy"),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["line", "tree", "path"])
def test_losses_are_the_same_with_and_without_the_form(loss, kind):
    rng = np.random.default_rng(1)
    places = np.sort(rng.random(SMALLEST))
    table = -np.abs(places - places[:, np.newaxis])
    if kind != "line":
        table = STRUCTURES[kind](SMALLEST, rng)
        np.fill_diagonal(table, table.max() if kind == "tree" else table.diagonal())
    labels = np.array([f"class {i:04d}" for i in range(SMALLEST)])
    offsets = rng.normal(size=(SMALLEST, 1))
    prepared = loss.prepare(
        ScoreTable(table + offsets, labels, labels, "similarity"), torch.float64
    )
    assert isinstance(prepared, StructuredTable)
    dense = DenseTable(prepared.matrix.numpy(), torch.float64)
    scores = torch.tensor(3 * rng.normal(size=(4, SMALLEST)), requires_grad=True)
    codes = torch.tensor(rng.integers(SMALLEST, size=4))
    found, slopes = [], []
    for matrix in (prepared, dense):
        found.append(loss.pointwise(scores, codes, matrix))
        slopes.append(torch.autograd.grad(found[-1].sum(), scores)[0])
    torch.testing.assert_close(found[0], found[1], rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(slopes[0], slopes[1], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("loss", [TailoredScoreLoss(), ExpectedScoreLoss()])
def test_the_form_of_the_regrets_is_found_once(monkeypatch, loss):
    grades = np.arange(float(SMALLEST))
    cost = np.where(grades[:, None] > grades, 2.0, 1.0) * abs(grades[:, None] - grades)
    table = resolve_table(None, grades, cost=cost).studied()
    expected = prepare_table(unit_regret(table.values), torch.float64)
    monkeypatch.setattr("simclf.similarity._table.find_form", None)
    monkeypatch.setattr("simclf.losses._structured.find_form", None)
    prepared = loss.prepare(table, torch.float64)
    assert isinstance(prepared, StructuredTable)
    assert torch.equal(prepared.matrix, expected.matrix)
    proba = torch.linspace(0, 1, 2 * SMALLEST, dtype=torch.float64).view(2, -1)
    assert torch.equal(prepared.matmul(proba), expected.matmul(proba))
