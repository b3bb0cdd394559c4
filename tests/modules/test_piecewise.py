"""The perceptron on embeddings: built with and without rows, and what is refused."""

import re

import numpy as np
import pytest
import torch
from sklearn.base import clone

from simclf.modules import PiecewiseMLP
from simclf.modules._embeddings import bin_edges

X = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)


def test_the_bins_are_those_of_the_rows_it_was_shown():
    torch.manual_seed(0)
    component = PiecewiseMLP(3, 2, (5,))
    embedding = component.prepare(X).build(4, 3)[0]
    edges = torch.from_numpy(bin_edges(X, 3)).float()
    widths = edges.diff(dim=1)
    torch.testing.assert_close(embedding.impl.weight, 1 / widths)
    torch.testing.assert_close(embedding.impl.bias, -edges[:, :-1] / widths)


def test_a_component_is_left_as_it_was_and_keeps_no_rows():
    component = PiecewiseMLP(3)
    seen = component.prepare(X)
    assert not hasattr(component, "edges_")
    assert set(vars(seen)) - set(vars(component)) == {"edges_"}
    assert seen.edges_.shape == (4, 4)
    assert not hasattr(clone(seen), "edges_")


def test_without_rows_it_builds_what_the_weights_of_another_fit():
    with_rows = PiecewiseMLP(3).prepare(X).build(4, 3).eval()
    without = PiecewiseMLP(3).build(4, 3).eval()
    assert not torch.equal(with_rows[0].impl.bias, without[0].impl.bias)
    without.load_state_dict(with_rows.state_dict())
    rows = torch.from_numpy(X)
    assert torch.equal(with_rows(rows), without(rows))


def test_the_widths_are_those_asked_for():
    network = PiecewiseMLP(3, 2, (5, 7), dropout=0).build(4, 3)
    shapes = [tuple(p.shape) for p in network[2].parameters()]
    assert shapes == [(5, 8), (5,), (7, 5), (7,), (3, 7), (3,)]
    assert network[0].get_output_shape() == (4, 2)
    assert len(network[2]) == 5


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_bins": 1}, "n_bins=1 of PiecewiseMLP must be an integer from 2 on."),
        ({"n_bins": 2.5}, "n_bins=2.5 of PiecewiseMLP must be an integer from 2 on."),
        (
            {"embedding_size": 0},
            "embedding_size=0 of PiecewiseMLP must be an integer from 1 on.",
        ),
        (
            {"dropout": 1},
            (
                "dropout=1 of PiecewiseMLP must be a number in [0, 1), the share of "
                "hidden units dropped in training."
            ),
        ),
        (
            {"hidden_layer_sizes": (5, 0)},
            (
                "hidden_layer_sizes[1]=0 of PiecewiseMLP must be a positive integer, "
                "the width of that hidden layer."
            ),
        ),
    ],
)
def test_what_cannot_be_built_is_refused(params, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        PiecewiseMLP(**params).build(4, 3)


def test_bins_are_refused_before_they_are_measured():
    with pytest.raises(ValueError, match=r"^n_bins=0 of PiecewiseMLP must be "):
        PiecewiseMLP(0).prepare(X)


@pytest.mark.parametrize(("n_rows", "most"), [(30, 256), (300, 300)])
def test_bins_that_rows_cannot_fill_are_refused(n_rows, most):
    rows = np.random.default_rng(0).normal(size=(n_rows, 2))
    assert PiecewiseMLP(most).prepare(rows).edges_.shape == (2, most + 1)
    message = (
        rf"^n_bins={most + 1} of PiecewiseMLP is more than {n_rows} training rows can "
        rf"fill; use {most} at most\.$"
    )
    with pytest.raises(ValueError, match=message):
        PiecewiseMLP(most + 1).prepare(rows)
