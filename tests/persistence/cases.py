"""Small fitted classifiers, and what it is for two of them to be the same."""

import copy
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from torch import Tensor, nn

from simclf import SimilarityAwareClassifier
from simclf.losses import CrossEntropyLoss
from simclf.modules import MLP
from simclf.persistence._container import MODEL, pack, unpack

ANIMALS = np.array(["Ape", "bat", "cow"])
X = np.random.default_rng(0).normal(size=(60, 3)) + np.repeat(np.eye(3), 20, axis=0)
CODES = np.repeat([0, 1, 2], 20)
VALUES = np.array([[1.0, 0.2, 0.5], [0.1, 1.5, 0.0], [0.7, 0.3, 1.0]])
S = pd.DataFrame(VALUES, ANIMALS, ANIMALS)
WITH_REFER = S.assign(refer=[0.6, 0.4, 0.5]).loc[["cow", "Ape", "bat"]]
SMALL = MLP(hidden_layer_sizes=(4,))


class Deep(nn.Module):
    """A network of a user's own, with buffers that are no floats."""

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_features, 5),
            nn.BatchNorm1d(5),
            nn.ReLU(),
            nn.Linear(5, n_outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Sharp(CrossEntropyLoss):
    """A loss of a user's own."""

    name = "sharp"


def fitted(labels: Any = ANIMALS, rows: Any = X, **parameters: Any) -> Any:
    """Fit a small network for two epochs."""
    settings = {"module": SMALL, "n_members": 2, "max_epochs": 2, "random_state": 0}
    clf = SimilarityAwareClassifier(**{**settings, **parameters})
    return clf.fit(rows, np.asarray(labels)[CODES])


def assert_same(clf: Any, again: Any, rows: Any = X) -> None:
    """Check that two classifiers agree in answers, attributes and parameters."""
    for method in ("predict", "predict_proba", "decision_function"):
        ours, theirs = (getattr(c, method)(rows) for c in (clf, again))
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    assert set(vars(clf)) == set(vars(again))
    assert_equal(fitted_values(clf), fitted_values(again))
    assert_equal(clf.get_params(deep=False), again.get_params(deep=False))
    assert clf._table_.given_as == again._table_.given_as


def fitted_values(clf: Any) -> dict[str, Any]:
    """Public attributes of a fit, without the net."""
    names = [
        n for n in sorted(vars(clf)) if n.endswith("_") and n not in ("net_", "_table_")
    ]
    return {name: getattr(clf, name) for name in names}


def assert_equal(one: Any, other: Any) -> None:
    """Check that two values are of one type and equal, to the last bit."""
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert_equal(list(one), list(other))
        assert_equal(list(one.values()), list(other.values()))
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for ours, theirs in zip(one, other, strict=True):
            assert_equal(ours, theirs)
    else:
        assert_same_state(one, other)


def assert_same_state(one: Any, other: Any) -> None:
    """Check what is compared by its parts, or by itself."""
    if scipy.sparse.issparse(one):
        assert_equal(one.toarray(), other.toarray())
    elif hasattr(one, "get_params"):
        assert_equal(one.get_params(), other.get_params())
    elif isinstance(one, np.random.RandomState):
        assert_equal(one.get_state(), other.get_state())
    else:
        assert one == other or one != one  # noqa: PLR0124 - nan


def tampered(data: bytes, change: Any, kind: str = MODEL) -> bytes:
    """Change a file as an author with bad intentions would: with a right checksum."""
    document, arrays = unpack(data, kind)
    document, arrays = copy.deepcopy(document), dict(arrays)
    del document["sha256"]
    change(document, arrays)
    return pack(document, arrays, kind)
