"""Pickles of classifiers: arrays and plain values, and all that a fit has come to."""

import copy
import io
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback, GradientNormClipping, LRScheduler
from torch import nn

from simclf import BayesDecisionClassifier, SimilarityAwareClassifier
from simclf.losses import LOSSES, SoftTargetLoss
from simclf.modules import MLP, MODULES, PiecewiseMLP, ResidualMLP, TabM
from simclf.persistence._pickled import to_state
from simclf.similarity import ordinal_similarity
from tests.persistence.cases import (
    ANIMALS,
    CODES,
    WITH_REFER,
    Deep,
    S,
    Sharp,
    X,
    assert_same,
    fitted,
)

OURS = ["simclf.classifier.SimilarityAwareClassifier"]
Y = ANIMALS[CODES]
SHIPPED = {
    "no_table": {},
    "frame": {"similarity": WITH_REFER},
    "auto": {"similarity": S, "loss": "auto"},
    "one": {"n_members": 1, "module": "linear"},
    "component": {"loss": SoftTargetLoss(temperature=0.5), "module": MLP((6, 5))},
    "dropout": {"module": MLP((5,), "silu", 0.3), "dtype": "float64"},
    "sgd": {"optimizer": "sgd", "weight_decay": 0.1, "lr": 0.01},
    "adam": {"optimizer": "adam", "verbose": 0},
    "state": {"random_state": np.random.RandomState(3)},
    "residual": {"module": ResidualMLP(1, 4)},
    "residual_one": {"module": ResidualMLP(1, 4), "n_members": 1},
    "tabm": {"module": TabM(1, 8)},
    "tabm_bins": {"module": TabM(1, 8, n_bins=3, embedding_size=2), "n_members": 1},
    "piecewise": {"module": PiecewiseMLP(3, 2, (4,))},
    "piecewise_one": {"module": PiecewiseMLP(3, 2, (4,)), "n_members": 1},
    "piecewise_double": {"module": PiecewiseMLP(3, 2, [4]), "dtype": "float64"},
}


class Tied(nn.Module):
    """Two layers of one weight, a buffer of no state_dict, and a recurrent layer."""

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__()
        self.turn = nn.Linear(n_features, n_features)
        self.back = nn.Linear(n_features, n_features)
        self.back.weight = self.turn.weight
        self.back.bias.requires_grad_(False)
        self.register_buffer("drawn", torch.randn(n_features), persistent=False)
        self.memory = nn.GRU(n_features, 4, batch_first=True)
        self.out = nn.Linear(4, n_outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        turned = self.back(self.turn(x) * self.drawn)
        return self.out(self.memory(turned[:, None])[0][:, 0])


class Counting(Callback):
    """A callback of a user's own, which remembers."""

    def __init__(self, step: int = 1) -> None:
        self.step = step

    def initialize(self) -> None:
        self.count = getattr(self, "count", 0)

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        self.count += self.step
        net.history.record("count", self.count)


OWN = {
    "class": {"module": Deep},
    "one": {"module": Deep, "n_members": 1},
    "tied": {"module": Tied, "n_members": 1},
    "loss": {"loss": Sharp(label_smoothing=0.1)},
    "optimizer": {"optimizer": torch.optim.RMSprop},
    "callable": {"similarity": ordinal_similarity},
    "callbacks": {"callbacks": [GradientNormClipping(1.0), LRScheduler()]},
}


def pickled(clf: Any) -> Any:
    return pickle.loads(pickle.dumps(clf))


class Listening(pickle.Unpickler):
    """Notes the modules that a pickle names."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.named: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.named.add(module.partition(".")[0])
        return super().find_class(module, name)


@pytest.mark.parametrize("parameters", SHIPPED.values(), ids=SHIPPED)
def test_a_pickle_names_nothing_but_numpy_and_us(parameters: dict[str, Any]) -> None:
    unpickler = Listening(pickle.dumps(fitted(**parameters)))
    unpickler.load()
    assert unpickler.named <= {"simclf", "numpy"}


@pytest.mark.parametrize("parameters", (SHIPPED | OWN).values(), ids=SHIPPED | OWN)
def test_copies_are_the_model_and_learn_on_alike(parameters: dict[str, Any]) -> None:
    clf = fitted(**parameters)
    twins = [pickled(clf), copy.deepcopy(clf), pickled(pickled(clf))]
    for twin in twins:
        assert_same(clf, twin)
        assert clf.net_.epoch_records() == twin.net_.epoch_records()
    for one in (clf, *twins):
        # Any optimizer goes on from what it remembers of former steps.
        one.partial_fit(X, Y).partial_fit(X[::-1], Y[::-1])
    for twin in twins:
        assert twin.loss_curve_ == clf.loss_curve_
        np.testing.assert_array_equal(twin.predict_proba(X), clf.predict_proba(X))


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_pickles(loss: str) -> None:
    clf = fitted(similarity=S, loss=loss)
    assert_same(clf, pickled(clf))


def test_a_model_before_its_fit_pickles() -> None:
    clf = SimilarityAwareClassifier(S, module=Deep, loss=Sharp(), max_epochs=1)
    again = pickled(clf)
    assert again.module is Deep
    assert type(again.loss) is Sharp
    again.fit(X, Y)


def test_what_a_pickle_does_not_know_stays_what_it_is() -> None:
    clf = fitted()
    clf.notes = {"author": {"us"}}
    clf.losses = [Sharp(label_smoothing=0.5)]
    again = pickled(clf)
    assert again.notes == clf.notes
    assert again.losses[0].label_smoothing == 0.5


def test_callbacks_come_back_as_they_were() -> None:
    clf = fitted(callbacks=[("counting", Counting(2))])
    again = pickled(clf)
    (name, callback), *_ = again.net_.own_callbacks()
    assert (name, callback.step, callback.count) == ("counting", 2, 4)
    for one in (clf, again):
        one.partial_fit(X, Y)
    assert [r["count"] for r in again.history_] == [2, 4, 6]
    assert again.loss_curve_ == clf.loss_curve_


def test_a_schedule_leaves_its_optimizer_out() -> None:
    clf = fitted(callbacks=[LRScheduler()])
    assert hasattr(clf.net_.own_callbacks()[0][1], "lr_scheduler_")
    assert b"_rebuild_parameter" not in pickle.dumps(clf)
    assert hasattr(clf.net_.own_callbacks()[0][1], "lr_scheduler_")


def test_tied_and_frozen_weights_stay_so() -> None:
    network = pickled(fitted(module=Tied, n_members=1)).net_.module_.network
    assert network.back.weight is network.turn.weight
    assert isinstance(network.turn.weight, nn.Parameter)
    assert not network.back.bias.requires_grad
    assert not isinstance(network.drawn, nn.Parameter)


def test_parameters_set_after_the_fit_change_nothing() -> None:
    clf = fitted(similarity=S, module=Deep)
    before = clf.predict_proba(X)
    clf.set_params(module="linear", loss="pairwise", n_members=7, dtype="float64")
    again = pickled(clf)
    np.testing.assert_array_equal(again.predict_proba(X), before)
    assert again.get_params()["n_members"] == 7


@pytest.mark.parametrize("device", ["cuda:7", "mps"])
def test_a_model_of_a_device_that_is_gone_opens_on_the_cpu(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clf = fitted()
    monkeypatch.setattr(clf.net_, "device", device)
    data = pickle.dumps(clf.set_params(device=device))
    monkeypatch.undo()
    again = pickle.loads(data)
    assert again.device == device
    assert again.net_.device == "cpu"
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))


def test_tables_are_pickled_once_and_cannot_be_written_to() -> None:
    labels = np.arange(600) % 300
    clf = SimilarityAwareClassifier(module="linear", n_members=1, max_epochs=1)
    clf.fit(np.column_stack([labels, labels % 7] * 2), labels)
    data = pickle.dumps(clf)
    assert len(data) < 1.2 * clf.similarity_.nbytes
    again = pickle.loads(data)
    for part in ("values", "classes", "decisions"):
        assert not getattr(again._table_, part).flags.writeable


def test_read_only_arrays_of_joblib_are_no_hindrance(tmp_path: Path) -> None:
    clf = fitted(similarity=S)
    joblib.dump(clf, tmp_path / "model.joblib")
    again = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert_same(clf, joblib.load(tmp_path / "model.joblib"))
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    again.partial_fit(X, Y)
    assert joblib.hash(clf) == joblib.hash(copy.deepcopy(clf))


def test_a_shallow_copy_shares_what_was_fitted() -> None:
    clf = fitted()
    assert copy.copy(clf).net_ is clf.net_
    twins = copy.deepcopy([clf, clf])
    assert twins[0] is twins[1]
    assert twins[0].net_ is not clf.net_


@pytest.mark.parametrize("parameters", SHIPPED.values(), ids=SHIPPED)
def test_skops_sees_one_type(parameters: dict[str, Any]) -> None:
    clf = fitted(**parameters)
    data = skops.io.dumps(clf)
    assert skops.io.get_untrusted_types(data=data) == OURS
    again = skops.io.loads(data, trusted=OURS)
    assert_same(clf, again)
    again.partial_fit(X, Y)
    np.testing.assert_array_equal(
        again.predict_proba(X), clf.partial_fit(X, Y).predict_proba(X)
    )


@pytest.mark.parametrize("module", MODULES)
def test_skops_sees_one_type_for_every_module(module: str) -> None:
    clf = fitted(similarity=S, module=module)
    # What is set after the fit says nothing about the network.
    clf.set_params(module="linear")
    data = skops.io.dumps(clf)
    assert skops.io.get_untrusted_types(data=data) == OURS
    assert_same(clf, skops.io.loads(data, trusted=OURS))


def test_sizes_that_no_file_can_hold_leave_the_network_an_object() -> None:
    clf = fitted(module=PiecewiseMLP(3, 2, range(4, 6)))
    assert_same(clf, pickled(clf))


def test_skops_takes_a_bayes_classifier_without_its_frame() -> None:
    clf = BayesDecisionClassifier(LogisticRegression(), cost=1 - WITH_REFER).fit(X, Y)
    before = clf.predict(X)
    with pytest.raises(TypeError):
        skops.io.dumps(clf)
    data = skops.io.dumps(clf.set_params(cost=None))
    trusted = skops.io.get_untrusted_types(data=data)
    again = skops.io.loads(data, trusted=trusted)
    np.testing.assert_array_equal(again.predict(X), before)


def test_skops_takes_a_pipeline() -> None:
    clf = make_pipeline(StandardScaler(), fitted(similarity=S)).fit(X, Y)
    data = skops.io.dumps(clf)
    assert skops.io.get_untrusted_types(data=data) == OURS
    again = skops.io.loads(data, trusted=OURS)
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))


def test_the_state_holds_copies_of_no_rows() -> None:
    rows = np.tile(X, (50, 1))
    clf = fitted().fit(rows, np.tile(Y, 50))
    kept = pickle.dumps(to_state(vars(clf)))
    assert rows[0].tobytes() not in kept
    assert len(kept) < 20_000
