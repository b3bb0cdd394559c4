"""Members that share weights, as the package tabm builds them."""

import re
import sys

import numpy as np
import pytest
import torch
from sklearn.base import clone

from simclf.modules import (
    MLP,
    SharedMembers,
    TabM,
    count_members,
    members_sharing,
)
from simclf.modules._embeddings import bin_edges

X = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
SMALL = TabM(n_blocks=2, width=6)


def shared(component=SMALL, n_members=5):
    torch.manual_seed(0)
    return SharedMembers(component.build_shared(4, 3, n_members), n_members).eval()


def test_the_members_are_those_of_tabm_with_their_axis_first():
    network, rows = shared(), torch.from_numpy(X)
    assert network(rows).shape == (5, 30, 3)
    for member, scores in enumerate(network(rows)):
        assert torch.equal(scores, network.network(rows)[:, member])
    assert not torch.equal(network(rows)[0], network(rows)[1])


def test_rows_of_the_members_own_are_the_same_for_all():
    network, rows = shared(), torch.from_numpy(X)
    repeated = rows.expand(5, -1, -1)
    assert torch.equal(network(repeated), network(rows))


def test_members_that_share_are_counted():
    assert count_members(shared()) == 5
    assert members_sharing(shared()) == 5
    assert members_sharing(MLP((3,)).build_members(4, 3, 5, None)) == 1


def test_the_sizes_are_those_asked_for():
    network = shared(TabM(n_blocks=3, width=6, dropout=0.25), 2).network
    assert len(network.backbone.blocks) == 3
    assert network.k == 2
    shapes = [tuple(block[0].weight.shape) for block in network.backbone.blocks]
    assert shapes == [(6, 4), (6, 6), (6, 6)]
    dropped = [m.p for m in network.modules() if isinstance(m, torch.nn.Dropout)]
    assert dropped == [0.25] * 3
    assert network.num_module is None


def test_bins_are_those_of_the_rows_it_was_shown():
    component = TabM(width=6, n_bins=3, embedding_size=2)
    seen = component.prepare(X)
    assert set(vars(seen)) - set(vars(component)) == {"edges_"}
    network = shared(seen).network
    widths = torch.from_numpy(np.diff(bin_edges(X, 3))).float()
    torch.testing.assert_close(network.num_module.impl.weight, 1 / widths)
    assert network.num_module.get_output_shape() == (4, 2)
    assert network(torch.from_numpy(X)).shape == (30, 5, 3)


def test_without_bins_the_rows_are_not_looked_at():
    assert vars(SMALL.prepare(X)) == vars(SMALL)


def test_components_are_cloned_by_scikit_learn():
    component = TabM(3, 7, 0.2, 5, 4)
    assert clone(component).get_params() == {
        "n_blocks": 3,
        "width": 7,
        "dropout": 0.2,
        "n_bins": 5,
        "embedding_size": 4,
    }


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_blocks": 0}, "n_blocks=0 of TabM must be an integer from 1 on."),
        ({"width": "6"}, "width='6' of TabM must be an integer from 1 on."),
        ({"n_bins": 1}, "n_bins=1 of TabM must be an integer from 2 on."),
        (
            {"n_bins": 2, "embedding_size": -1},
            "embedding_size=-1 of TabM must be an integer from 1 on.",
        ),
        (
            {"dropout": -1},
            (
                "dropout=-1 of TabM must be a number in [0, 1), the share of hidden "
                "units dropped in training."
            ),
        ),
    ],
)
def test_what_cannot_be_built_is_refused(params, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        TabM(**params).build_shared(4, 3, 2)


def test_bins_are_refused_before_they_are_measured():
    with pytest.raises(ValueError, match=r"^n_bins=0 of TabM must be "):
        TabM(n_bins=0).prepare(X)
    with pytest.raises(ValueError, match=r"^n_bins=999 of TabM is more than \d+ tr"):
        TabM(n_bins=999).prepare(X)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tabm", None)
    message = (
        r"^tabm is needed here and cannot be imported\. Install it with "
        r'pip install "simclf\[tabular\]"\.$'
    )
    with pytest.raises(ImportError, match=message):
        SMALL.build_shared(4, 3, 2)
