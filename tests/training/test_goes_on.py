"""A warm start refuses parameters that describe another network."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, clone
from torch import nn

import simclf
from simclf import SimilarityAwareClassifier
from simclf.modules import MLP, Linear, PiecewiseMLP, ResidualMLP, TabM
from tests.persistence.cases import ANIMALS, CODES, SMALL, Deep, S, X

Y = ANIMALS[CODES]


class Wide(BaseEstimator):
    """A component of a user's own, with a parameter that no layer tells of."""

    def __init__(self, start: Any = 1.0, inner: Any = None) -> None:
        self.start = start
        self.inner = inner

    def build(self, n_features: int, n_outputs: int) -> nn.Module:
        return nn.Linear(n_features, n_outputs)


class Anything:
    """A value that is equal to itself alone."""

    def __init__(self, size: int) -> None:
        self.size = size


def build(n_features: int, n_outputs: int) -> nn.Module:
    return nn.Linear(n_features, n_outputs)


def fitted(**parameters: Any) -> Any:
    settings = {
        "module": SMALL,
        "n_members": 2,
        "max_epochs": 3,
        "batch_size": 8,
        "lr": 0.01,
        "random_state": 0,
    }
    clf = SimilarityAwareClassifier(warm_start=True, **{**settings, **parameters})
    clf.module = clone(clf.module, safe=False)  # nested parameters will be set
    return clf.fit(X, Y)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({}, {"n_members": 5}, "2 members of MLP.*4,.*, but now n_members=5;"),
        ({"n_members": 1}, {"n_members": 2}, "1 member of MLP.*, but now n_members=2;"),
        (
            {"loss": "auto", "similarity": S},
            {"n_members": 4},
            "2 members of .*, but now n_members=4;",
        ),
        ({"module": TabM(1, 4)}, {"n_members": 3}, "2 members of TabM.* n_members=3;"),
        ({}, {"module": "linear"}, r"2 members of MLP.*, but now module=Linear\(\);"),
        ({}, {"module__hidden_layer_sizes": (9,)}, r".*module=MLP.*\(9,\)\);"),
        ({}, {"module__dropout": 0.4}, r".*module=MLP\(dropout=0.4, .*\);"),
        ({}, {"module__activation": "relu"}, ".*module=MLP.*relu.*;"),
        (
            {"module": Deep},
            {"module": build},
            "2 members of Deep, but now module=build;",
        ),
        (
            {"module": lambda d, k: nn.Linear(d, k, bias=True)},
            {"module": lambda d, k: nn.Linear(d, k, bias=False)},
            "2 members of <lambda>, but now module=<lambda>;",
        ),
        ({"module": Wide(2.0)}, {"module": Wide(3.0)}, r".*=Wide\(start=3.0\);"),
        (
            {"module": Wide(np.ones(2))},
            {"module": Wide(np.zeros(2))},
            ".*module=Wide.*;",
        ),
        ({"module": Wide([SMALL])}, {"module": Wide([MLP((5,))])}, ".*module=Wide.*;"),
        (
            {"module": Wide(Anything(1))},
            {"module": Wide(Anything(2))},
            ".*module=Wide.*;",
        ),
        ({"module": Wide({"a": 1})}, {"module": Wide({"a": 2})}, ".*module=Wide.*;"),
    ],
)
def test_another_network_is_refused(
    before: dict[str, Any], now: dict[str, Any], told: str
) -> None:
    clf = fitted(**before)
    known = clf.predict_proba(X)
    sentence = f"^warm_start=True goes on from {told}"
    with pytest.raises(ValueError, match=sentence + " use warm_start=False to"):
        clf.set_params(**now).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), known)
    clf.set_params(warm_start=False).fit(X, Y)


@pytest.mark.parametrize(
    "parameters",
    [
        {"module": "linear"},
        {"module": MLP((), dropout=0.1)},
        {"module": MLP([np.int64(4)], "relu", dropout=0.25)},
        {"module": PiecewiseMLP(n_bins=4, hidden_layer_sizes=[4])},
        {"module": ResidualMLP(4, 1)},
        {"module": TabM(1, 4)},
        {"module": Deep},
        {"module": Wide(3.0, inner=SMALL)},
        {"loss": "auto", "similarity": S},
    ],
)
def test_the_same_network_is_gone_on_with_also_from_files(
    parameters: dict[str, Any], tmp_path: Path
) -> None:
    clf = fitted(**parameters)
    clf.save(tmp_path / "model.safetensors")
    own = clf.module if isinstance(clf.module, type) else type(clf.module)
    given = {"module": own} if own in (Deep, Wide) else {}
    again = simclf.load(tmp_path / "model.safetensors", **given)
    unpickled = pickle.loads(pickle.dumps(clf))
    for one in (clf, again, unpickled):
        first = one.loss_curve_[0]
        assert one.fit(X[::-1], Y[::-1]).loss_curve_[0] < first
        with pytest.raises(ValueError, match="but now module=MLP"):
            one.set_params(module=MLP((77,))).fit(X, Y)


@pytest.mark.parametrize("module", [build, lambda d, k: nn.Linear(d, k, bias=False)])
def test_values_that_equal_themselves_alone_are_known_again(module: Any) -> None:
    fitted(module=module).fit(X, Y)
    fitted(module=Wide(Anything(1), inner=module)).fit(X, Y)
    assert fitted(module=Linear()).set_params(module=MLP(())).fit(X, Y)


def test_weights_are_converted_to_another_type() -> None:
    clf = fitted().set_params(dtype="float64")
    first = clf.loss_curve_[0]
    assert clf.fit(X, Y).loss_curve_[0] < first
    assert {p.dtype for p in clf.net_.module_.parameters()} == {torch.float64}
