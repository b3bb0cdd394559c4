"""Products in torch against those of the form in numpy."""

import numpy as np
import pytest
import torch
from scipy import sparse

from simclf.losses._products import (
    LineProduct,
    LowRankProduct,
    SparseProduct,
    TreeProduct,
    product_of,
)
from simclf.similarity._forms import LowRankForm, SparseForm
from tests.similarity.test_forms import FORMS

KINDS = {
    "line": LineProduct,
    "low_rank": LowRankProduct,
    "sparse": SparseProduct,
    "tree": TreeProduct,
}


@pytest.mark.parametrize("name", FORMS)
def test_product_is_that_of_the_form(name):
    form, dense = FORMS[name]
    product = product_of(form, torch.float64)
    assert type(product) is KINDS[name]
    found = product(torch.eye(4, dtype=torch.float64))
    np.testing.assert_allclose(found, dense, atol=1e-14)
    assert found.is_contiguous()


@pytest.mark.parametrize("name", FORMS)
def test_product_takes_leading_axes_and_no_rows(name):
    form, dense = FORMS[name]
    product = product_of(form, torch.float64)
    left = torch.rand(2, 3, 5, 4, dtype=torch.float64)
    np.testing.assert_allclose(product(left), left.numpy() @ dense, atol=1e-13)
    np.testing.assert_allclose(
        product(left[0, 0, 0]), left[0, 0, 0].numpy() @ dense, atol=1e-13
    )
    assert product(left[:, :, :0]).shape == (2, 3, 0, 4)


@pytest.mark.parametrize("name", FORMS)
def test_the_left_factor_is_left_as_it_is(name):
    left = torch.rand(3, 4)
    before = left.clone()
    product_of(FORMS[name][0], torch.float32)(left)
    assert (left == before).all()


def test_buffers_follow_dtypes_and_positions_stay_whole():
    for form, _ in FORMS.values():
        product = product_of(form, torch.float32)
        assert product.state_dict() == {}
        assert {b.dtype for b in product.buffers()} <= {torch.float32, torch.int64}
        product.double()
        assert {b.dtype for b in product.buffers()} <= {torch.float64, torch.int64}


def test_wide_forms():
    few = sparse.csr_array(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]))
    thin = SparseForm(np.array([1.0, 2.0]), np.zeros(3), few)
    none = SparseForm(np.array([1.0, 2.0]), np.zeros(3), sparse.csr_array((2, 3)))
    low = LowRankForm(
        np.zeros(2), np.zeros(3), np.array([[1.0], [3.0]]), np.array([[1.0, 0.0, 2.0]])
    )
    for form in (thin, none, low):
        for turned in (form, form.T):
            eye = np.eye(len(turned.rows))
            found = product_of(turned, torch.float64)(torch.tensor(eye))
            np.testing.assert_allclose(found, turned.matmul(eye))


@pytest.mark.parametrize("chunk", [1, 8, 20])
@pytest.mark.parametrize("name", FORMS)
def test_chunks_give_what_the_whole_gives(monkeypatch, name, chunk):
    product = product_of(FORMS[name][0], torch.float64)
    left = torch.rand(7, 4, dtype=torch.float64)
    whole = product(left)
    monkeypatch.setattr(type(product), "chunk_entries", chunk)
    torch.testing.assert_close(product(left), whole, rtol=0, atol=1e-14)
