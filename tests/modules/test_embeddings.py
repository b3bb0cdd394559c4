"""Bins of every column, whatever is in it, and their embedding."""

import sys
import warnings

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simclf.modules._embeddings import bin_edges, piecewise_linear, unseen_edges


def test_edges_are_the_quantiles():
    X = np.random.default_rng(0).normal(size=(200, 3))
    edges = bin_edges(X, 4)
    assert edges.shape == (3, 5)
    for column, its_edges in zip(X.T, edges, strict=True):
        expected = [np.quantile(column, q) for q in (0, 0.25, 0.5, 0.75, 1)]
        np.testing.assert_allclose(its_edges, expected)


def test_bins_that_are_missing_follow_beyond_the_largest_value():
    binary = np.repeat([-0.5, 2.0], [11, 9])
    constant = np.full(20, 3.0)
    few = np.repeat([0.0, 1.0, 2.0, 5.0], 5)
    edges = bin_edges(np.stack([binary, constant, few], axis=1), 4)
    np.testing.assert_allclose(edges[0], [-0.5, 2, 4.5, 7, 9.5])
    np.testing.assert_allclose(edges[1], [3, 6, 9, 12, 15])
    # Quantiles fall between values too: 1.75 between 1 and 2.
    expected = np.quantile(few, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(edges[2], expected)


def test_a_constant_zero_has_bins_of_width_one():
    np.testing.assert_array_equal(bin_edges(np.zeros((1, 1)), 3), [[0, 1, 2, 3]])


def test_values_that_float32_cannot_tell_apart_are_one_edge():
    near = np.array([[1e6], [1e6 + 1e-4], [1e6 + 2e-4]])
    edges = bin_edges(near, 2).astype(np.float32)
    assert (np.diff(edges) > 0).all()
    assert edges[0, 0] == np.float32(1e6)


columns = arrays(
    np.float32,
    st.tuples(st.integers(1, 9), st.integers(1, 3)),
    elements=st.floats(-1e6, 1e6, width=32),
)


@given(columns, st.integers(2, 6))
@example(np.array([[np.finfo(np.float32).tiny], [0]], dtype=np.float32), 2)
def test_edges_increase_in_float32_and_begin_at_the_smallest_value(X, n_bins):
    edges = bin_edges(X, n_bins)
    assert edges.shape == (X.shape[1], n_bins + 1)
    assert (np.diff(edges.astype(np.float32)) > 0).all()
    np.testing.assert_array_equal(edges[:, 0], X.min(axis=0))
    network = piecewise_linear(edges, 2)
    assert network(torch.from_numpy(X)).isfinite().all()


def test_the_embedding_is_linear_between_edges_and_nowhere_else():
    edges = np.array([[-1.0, 0.0, 2.0], [0.0, 1.0, 2.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = piecewise_linear(edges, 3).double()
    torch.nn.init.normal_(network.linear.weight)

    def bend(low, middle, high):
        """What a line through two points misses of the value between them."""
        x = torch.tensor([low, middle, high], dtype=torch.float64)
        ends = network(torch.stack([x, torch.zeros(3)], 1))[:, 0]
        share = (middle - low) / (high - low)
        return (ends[1] - (1 - share) * ends[0] - share * ends[2]).abs().max().item()

    assert bend(-1.0, -0.4, 0.0) < 1e-12
    assert bend(0.0, 0.5, 2.0) < 1e-12
    assert bend(-0.5, 0.1, 1.0) > 1e-3


def test_edges_of_rows_not_seen_have_the_same_shape():
    seen = piecewise_linear(bin_edges(np.eye(5), 4), 2)
    unseen = piecewise_linear(unseen_edges(5, 4), 2)
    shapes = [{k: v.shape for k, v in n.state_dict().items()} for n in (seen, unseen)]
    assert shapes[0] == shapes[1]
    unseen.load_state_dict(seen.state_dict())
    X = torch.randn(6, 5)
    assert torch.equal(seen(X), unseen(X))


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rtdl_num_embeddings", None)
    message = (
        r"^rtdl_num_embeddings is needed here and cannot be imported\. Install it with "
        r'pip install "simclf\[tabular\]"\.$'
    )
    with pytest.raises(ImportError, match=message):
        piecewise_linear(unseen_edges(2, 3), 2)
