"""A fit that was cut off goes on to the same model, and never from another's file."""

import copy
import errno
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import scipy.sparse
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import LRScheduler
from torch import nn

import simclf
from simclf import SimilarityAwareClassifier
from simclf.losses import CrossEntropyLoss, ExpectedScoreLoss
from simclf.modules import MLP
from simclf.persistence import _atomic
from simclf.search import BatchedGridSearchCV
from simclf.training import _checkpoint
from simclf.training._fingerprint import _arithmetic_of, _hashed, differences
from simclf.training._net import MemberNet
from simclf.training._processes import OneProcess, fits_on
from tests.persistence.cases import ANIMALS, CODES, SMALL, Deep, S, Sharp, X, tampered
from tests.training.cases import make_settings

Y = ANIMALS[CODES]
W = np.linspace(0.5, 2, len(Y))
EPOCHS = 7


class Drops(nn.Sequential):
    """A network that draws from torch's global generator."""

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__(
            nn.Linear(n_features, 6), nn.Dropout(0.4), nn.Linear(6, n_outputs)
        )


CASES: dict[str, dict[str, Any]] = {
    "adamw": {"similarity": S},
    "adam": {"optimizer": "adam", "similarity": S},
    "sgd": {"optimizer": "sgd"},
    "rprop": {"optimizer": torch.optim.Rprop},
    "nadam": {"optimizer": torch.optim.NAdam},
    "auto": {"similarity": S, "loss": "auto"},
    "warm_up": {"similarity": S, "loss": ExpectedScoreLoss(warm_start=0.5)},
    "dropout": {"module": MLP((6,), dropout=0.4), "dtype": "float64"},
    "own": {"module": Deep, "loss": Sharp(label_smoothing=0.1)},
    "own_one": {"module": Deep, "n_members": 1},
    "drops": {"module": Drops, "n_members": 1},
    "drops_members": {"module": Drops},
    "stops_early": {"n_iter_no_change": 2, "lr": 0.5},
    "learns_all": {"early_stopping": False, "calibration": None},
    "whole_batches": {"batch_size": 1000, "standardize": False},
}


class CutError(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the state after every epoch."""
    monkeypatch.setattr(_checkpoint, "_PAUSE", 0.0)
    monkeypatch.setattr(_checkpoint, "_TIMES_ITS_COST", 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fit.safetensors"


def classifier(**parameters: Any) -> Any:
    settings = {
        "module": SMALL,
        "n_members": 2,
        "max_epochs": EPOCHS,
        "batch_size": 16,
        "lr": 0.02,
        "random_state": 0,
    }
    return SimilarityAwareClassifier(**{**settings, **parameters})


def cut_off(clf: Any, epoch: int, *rows: Any, **more: Any) -> None:
    """Fit until the end of an epoch, and no further."""
    after_epoch = _checkpoint.StoreKeeper.after_epoch

    def after(self: Any, net: MemberNet, best: Any) -> None:
        after_epoch(self, net, best)
        if len(net.history) == epoch:
            raise CutError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_checkpoint.StoreKeeper, "after_epoch", after)
        with pytest.raises(CutError):
            clf.fit(*(rows or (X, Y)), **more)


def untrained(patch: pytest.MonkeyPatch) -> None:
    """Let no epoch be run."""

    def refuse(*_: Any) -> None:
        raise AssertionError

    patch.setattr(MemberNet, "_train_epoch", refuse)


def assert_same_model(one: Any, other: Any) -> None:
    """Check weights, probabilities, curves and temperature, and how it goes on."""
    assert one.loss_curve_ == other.loss_curve_
    assert one.temperature_ == other.temperature_
    valid = [[r.get("valid_loss") for r in c.history_] for c in (one, other)]
    assert valid[0] == valid[1]
    state, again = (c.net_.module_.state_dict() for c in (one, other))
    assert all(torch.equal(value, again[name]) for name, value in state.items())
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    twins = [copy.deepcopy(c).partial_fit(X, Y) for c in (one, other)]
    assert twins[0].loss_curve_ == twins[1].loss_curve_
    np.testing.assert_array_equal(*(twin.predict_proba(X) for twin in twins))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::simclf.SimilarityWarning")
def test_a_fit_that_was_cut_off_twice_comes_to_the_same_model(
    name: str, path: Path
) -> None:
    whole = classifier(**CASES[name]).fit(X, Y)
    for epoch in (1, min(4, whole.n_iter_ - 1)):
        cut_off(classifier(checkpoint=path, **CASES[name]), epoch)
    clf = classifier(checkpoint=path, **CASES[name]).fit(X, Y)
    assert_same_model(clf, whole)
    assert [path] == list(path.parent.iterdir())


def test_weights_and_rows_to_judge_by_are_part_of_a_fit(path: Path) -> None:
    rows = X, Y, W
    judges = {"X_val": X[::3] + 0.1, "y_val": Y[::3], "sample_weight_val": W[::3]}
    whole = classifier(similarity=S, class_weight={"bat": 3}).fit(*rows, **judges)
    again = clone(whole).set_params(checkpoint=path)
    cut_off(again, 3, *rows, **judges)
    assert_same_model(again.fit(*rows, **judges), whole)


def test_epochs_that_were_run_are_not_run_again(path: Path) -> None:
    clf = classifier(checkpoint=path)
    cut_off(clf, EPOCHS - 1)
    epochs = []
    with pytest.MonkeyPatch.context() as patch:
        train_epoch = MemberNet._train_epoch

        def count(self: Any, *args: Any) -> Any:
            epochs.append(len(self.history))
            return train_epoch(self, *args)

        patch.setattr(MemberNet, "_train_epoch", count)
        clf.fit(X, Y)
    assert epochs == [EPOCHS]


@pytest.mark.parametrize("case", ["auto", "stops_early", "drops"])
def test_a_fit_that_has_finished_is_not_run_again(
    case: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = classifier(checkpoint=path, **CASES[case]).fit(X, Y)
    before = path.read_bytes(), path.stat().st_ino
    untrained(monkeypatch)
    again = classifier(checkpoint=path, **CASES[case]).fit(X, Y)
    monkeypatch.undo()
    assert_same_model(again, first)
    assert str(again.auto_report_) == str(first.auto_report_)
    assert (path.read_bytes(), path.stat().st_ino) == before


class Ends:
    """Ends the training with an epoch, as callbacks of scikit-learn may."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def setup(self, estimator: Any, context: Any) -> None:
        """Nothing to do."""

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:
        return context.task_name == "epoch" and context.task_id + 1 == self.epoch


@pytest.mark.parametrize("case", ["auto", "stops_early", "drops", "learns_all"])
def test_a_fit_that_a_callback_ended_is_gone_on_with(
    case: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn.callback")  # scikit-learn 1.9 on
    monkeypatch.setattr(_checkpoint, "_PAUSE", 30.0)
    whole = classifier(**CASES[case]).fit(X, Y)
    ended = classifier(checkpoint=path, **CASES[case]).set_callbacks(Ends(3))
    assert ended.fit(X, Y).n_iter_ == 3
    epochs = []
    train_epoch = MemberNet._train_epoch

    def count(self: Any, *args: Any) -> Any:
        epochs.append(len(self.history))
        return train_epoch(self, *args)

    monkeypatch.setattr(MemberNet, "_train_epoch", count)
    clf = classifier(checkpoint=path, **CASES[case]).fit(X, Y)
    assert epochs == list(range(4, whole.n_iter_ + 1))
    assert_same_model(clf, whole)


def test_a_fit_whose_last_epoch_a_callback_ends_too_has_finished(path: Path) -> None:
    pytest.importorskip("sklearn.callback")  # scikit-learn 1.9 on
    case = CASES["stops_early"]
    whole = classifier(**case).fit(X, Y)
    assert whole.n_iter_ < EPOCHS
    ends = Ends(whole.n_iter_)
    classifier(checkpoint=path, **case).set_callbacks(ends).fit(X, Y)
    with pytest.MonkeyPatch.context() as patch:
        untrained(patch)
        clf = classifier(checkpoint=path, **case).fit(X, Y)
    assert_same_model(clf, whole)


@pytest.mark.parametrize("given", [str, Path])
def test_a_path_may_be_text(given: Any, path: Path) -> None:
    classifier(checkpoint=given(path)).fit(X, Y)
    assert path.exists()


def test_a_state_is_kept_after_the_first_epoch_and_from_time_to_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_checkpoint, "_PAUSE", 30.0)
    monkeypatch.setattr(_checkpoint, "_TIMES_ITS_COST", 10.0)
    # An epoch takes 8 seconds, and a write takes none, but the second takes 5.
    now, written = [0.0], []
    costs = {1: 0.0, 5: 5.0}
    monkeypatch.setattr(_checkpoint.time, "monotonic", lambda: now[0])
    train_epoch = MemberNet._train_epoch

    def slow_epoch(self: Any, *args: Any) -> Any:
        now[0] += 8
        return train_epoch(self, *args)

    def slow_write(_: Any, __: Any, state: Any) -> None:
        epoch = len(state["history"])
        written.append((epoch, state["finished"]))
        now[0] += costs.get(epoch, 0.0)

    monkeypatch.setattr(MemberNet, "_train_epoch", slow_epoch)
    monkeypatch.setattr(
        "simclf.persistence._checkpoint.CheckpointFile.write", slow_write
    )
    classifier(checkpoint=path, max_epochs=13, n_iter_no_change=20).fit(X, Y)
    assert written == [(1, False), (5, False), (12, False), (13, True)]


def smooth(value: float) -> Any:
    return CrossEntropyLoss(label_smoothing=value)


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "lr": ({"lr": 0.01}, r"lr \(0\.02 there, 0\.01 here\)\. Use the data and param"),
    "table": ({"similarity": S + np.eye(3)}, "differs in: similarity; the way the"),
    "cost": ({"cost": -S}, "the way the table is given"),
    "loss": ({"loss": "pairwise"}, "loss .*CrossEntropyLoss' there, .*Pairwise.* here"),
    "in_loss": ({"loss": smooth(0.2)}, "differs in: the parameters of loss[.]"),
    "module": (
        {"module": Deep},
        "module .*MLP' there, 'tests.*Deep' here.*; the layer",
    ),
    "in_module": (
        {"module": MLP((4,), "tanh")},
        "the parameters of module; the layers",
    ),
    "optimizer": ({"optimizer": "sgd"}, r"optimizer \('torch.*AdamW' there, .*SGD' he"),
    "decay": ({"weight_decay": 0.5}, r"weight_decay \(0\.01 there, 0\.5 here\)"),
    "epochs": ({"max_epochs": 9}, r"max_epochs \(7 there, 9 here\)"),
    "batch": ({"batch_size": 8}, r"batch_size \(16 there, 8 here\)"),
    "early": ({"early_stopping": False}, r"early_stopping \(True there, False here\)"),
    "patience": ({"n_iter_no_change": 3}, r"n_iter_no_change \(10 there, 3 here\)"),
    "fraction": ({"validation_fraction": 0.3}, "differs in: the rows held out[.]"),
    "raw": ({"standardize": False}, r"standardize \(True there, False here\)"),
    "members": ({"n_members": 3}, r"the weights at the start; n_members \(2 there, 3"),
    "dtype": ({"dtype": "float64"}, r"dtype \('float32' there, 'float64' here\)"),
    "seed": ({"random_state": 1}, "the rows held out; the weights at the start; rand"),
    "class_weight": (
        {"class_weight": {"bat": 2}},
        ": sample_weight or class_weight[.]",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_file_of_another_fit_is_neither_used_nor_lost(
    name: str, path: Path
) -> None:
    parameters, words = OTHERS[name]
    cut_off(classifier(checkpoint=path), 1)
    before = path.read_bytes()
    clf = classifier(checkpoint=path, **parameters)
    sentence = (
        rf"^checkpoint='.*fit.safetensors' belongs to another fit, which .*{words}"
    )
    with pytest.raises(ValueError, match=sentence):
        clf.fit(X, Y)
    assert path.read_bytes() == before
    assert not hasattr(clf, "classes_")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((X + 1e-9, Y), "differs in: X[.] "),
        ((scipy.sparse.csr_array(X), Y), "differs in: X[.] "),
        ((X[1:], Y[1:]), "differs in: X; y; the rows held out"),
        ((X, np.roll(Y, 1)), "differs in: y; the rows held out[.]"),
        ((X, np.char.upper(Y)), "differs in: y[.]|differs in: y; similarity"),
        ((X, Y, W), "differs in: sample_weight or class_weight[.]"),
    ],
)
def test_other_rows_are_another_fit(rows: Any, words: str, path: Path) -> None:
    cut_off(classifier(checkpoint=path), 1)
    with pytest.raises(ValueError, match=words):
        classifier(checkpoint=path).fit(*rows)


def test_other_rows_to_judge_by_are_another_fit(path: Path) -> None:
    clf = classifier(checkpoint=path)
    cut_off(clf, 1, X, Y, X_val=X, y_val=Y)
    with pytest.raises(ValueError, match=r"differs in: X_val\. "):
        clf.fit(X, Y, X_val=X + 1, y_val=Y)
    with pytest.raises(ValueError, match=r"X_val.*; the rows held out"):
        clf.fit(X, Y)


def test_other_scores_of_rows_are_another_fit(path: Path) -> None:
    scores = np.eye(3)[CODES]
    clf = classifier(similarity=S, loss="entropic_score", checkpoint=path)
    cut_off(clf, 1, X, Y, sample_scores=scores)
    with pytest.raises(ValueError, match=r"differs in: sample_scores\. "):
        clf.fit(X, Y, sample_scores=2 * scores)


def test_the_file_of_another_release_is_another_fit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(classifier(checkpoint=path), 1)
    monkeypatch.setattr(simclf, "__version__", "99.0")
    with pytest.raises(ValueError, match=r"the release of simclf \('.*' there, '99.0"):
        classifier(checkpoint=path).fit(X, Y)


def test_what_changes_no_weight_is_the_same_fit(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut_off(classifier(checkpoint=path, similarity=S), 3)
    same = {"verbose": 1, "decision": "argmax", "calibration": None, "device": "cpu"}
    same |= {"compile": "graph", "warm_start": True}
    rows = np.asfortranarray(X), Y.astype(object).astype(str)
    clf = classifier(checkpoint=path, similarity=S, **same).fit(*rows)
    whole = classifier(similarity=S, **same).fit(X, Y)
    assert_same_model(clf, whole)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("compiled", "device", "known"),
    [
        ("graph", "cuda", "graph"),
        ("graph", "cpu", False),
        (True, "cpu", True),
    ],
)
def test_replayed_steps_are_another_fit_where_there_are_any(
    compiled: Any, device: str, known: Any
) -> None:
    settings = make_settings(compile=compiled)
    settings = replace(settings, device=torch.device(device))
    assert _arithmetic_of(settings) == {"precision": None, "compile": known}


def test_in_a_folder_every_fit_has_its_own_file(tmp_path: Path) -> None:
    grid = {"lr": [0.01, 0.05], "loss": ["cross_entropy", smooth(0.1)]}
    clf = classifier(max_epochs=2)
    plain = GridSearchCV(clf, grid, cv=2, refit=False).fit(X, Y)
    search = GridSearchCV(
        clone(clf).set_params(checkpoint=tmp_path), grid, cv=2, refit=False
    )
    for _ in range(2):
        search.fit(X, Y)
        assert len(list(tmp_path.glob("fit-*.safetensors"))) == 8
        assert len(list(tmp_path.iterdir())) == 8
        np.testing.assert_array_equal(
            search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
        )
        with pytest.MonkeyPatch.context() as patch:
            untrained(patch)
            clone(search).fit(X, Y)


def test_in_one_file_there_is_no_room_for_a_search(path: Path) -> None:
    search = GridSearchCV(
        classifier(checkpoint=path), {"lr": [0.1, 0.2]}, error_score="raise", cv=2
    )
    with pytest.raises(ValueError, match="in a folder every fit has a file of its own"):
        search.fit(X, Y)


def test_another_fit_that_takes_the_file_meanwhile_keeps_it(path: Path) -> None:
    after_epoch = _checkpoint.StoreKeeper.after_epoch

    def after(self: Any, net: MemberNet, best: Any) -> None:
        if not path.exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(_checkpoint.StoreKeeper, "after_epoch", after_epoch)
                classifier(checkpoint=path, lr=0.5).fit(X, Y)
        after_epoch(self, net, best)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_checkpoint.StoreKeeper, "after_epoch", after)
        with pytest.raises(ValueError, match=r"lr \(0.5 there, 0.02 here\)"):
            classifier(checkpoint=path).fit(X, Y)
    with pytest.MonkeyPatch.context() as patch:
        untrained(patch)
        classifier(checkpoint=path, lr=0.5).fit(X, Y)


def test_a_search_that_trains_together_says_that_these_are_trained_alone(
    tmp_path: Path,
) -> None:
    clf = classifier(max_epochs=2, checkpoint=tmp_path)
    grid = {"lr": [0.01, 0.05]}
    search = BatchedGridSearchCV(clf, grid, cv=2, refit=False)
    with pytest.warns(UserWarning, match=r"one by one, .*: checkpoint is given \(4\)"):
        search.fit(X, Y)
    assert len(list(tmp_path.iterdir())) == 4
    plain = GridSearchCV(clone(clf).set_params(checkpoint=None), grid, cv=2).fit(X, Y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )


def test_a_warm_start_is_resumed_from_its_own_beginning(tmp_path: Path) -> None:
    first = classifier(warm_start=True, checkpoint=tmp_path).fit(X, Y)
    second = copy.deepcopy(first)
    whole = copy.deepcopy(first).set_params(checkpoint=None).fit(X, Y)
    cut_off(second, 3)
    assert_same_model(second, first)
    assert_same_model(second.fit(X, Y), whole)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_warm_start_from_another_standardization_is_another_fit(
    path: Path,
) -> None:
    first = classifier(warm_start=True).fit(X, Y).set_params(checkpoint=path)
    cut_off(first, 2)
    first.mean_ = first.mean_ + 1
    with pytest.raises(ValueError, match=r"differs in: the standardization\. "):
        first.fit(X, Y)


def test_other_layers_of_the_same_weights_are_another_fit(path: Path) -> None:
    def builder(layer: type[nn.Module]) -> Any:
        return lambda d, k: nn.Sequential(nn.Linear(d, 5), layer(), nn.Linear(5, k))

    cut_off(classifier(checkpoint=path, module=builder(nn.ReLU)), 1)
    with pytest.raises(ValueError, match=r"differs in: the layers of module\. "):
        classifier(checkpoint=path, module=builder(nn.Tanh)).fit(X, Y)


def test_learning_in_parts_makes_no_use_of_it(path: Path) -> None:
    clf = classifier(checkpoint=path).partial_fit(X, Y, classes=ANIMALS)
    clf.partial_fit(X, Y)
    assert not path.exists()


def test_a_checkpoint_that_is_not_whole_is_refused_and_left(path: Path) -> None:
    clf = classifier(checkpoint=path)
    cut_off(clf, 2)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-9] ^= 1
    for data in (whole[:-1], whole[:1000], bytes(flipped)):
        path.write_bytes(data)
        sentence = (
            r"^checkpoint='.*' is a checkpoint that cannot be gone on from: it .*\. "
            "Delete it to fit from the start, or give another path[.]$"
        )
        with pytest.raises(ValueError, match=sentence):
            clf.fit(X, Y)
        assert path.read_bytes() == data


def test_the_file_of_something_else_is_refused_and_left(path: Path) -> None:
    classifier().fit(X, Y).save(path)
    model = path.read_bytes()
    files = {
        b"": "no checkpoint of simclf,",
        b'# Reads a "simclf checkpoint".\nimport simclf\n': "no checkpoint of simclf,",
        pickle.dumps({}): "no checkpoint of simclf,",
        safetensors.numpy.save({"a": X}): "no checkpoint of simclf,",
        model: "a model that save has written, and no checkpoint,",
        model[:-1]: "a model that save has written, and no checkpoint,",
    }
    for data, what in files.items():
        path.write_bytes(data)
        remedy = "read it with simclf.load, and " if "model" in what else ""
        sentence = (
            f"^checkpoint='.*' is {what} and stays as it is; {remedy}give checkpoint "
            "another path, where there is no file yet, or a folder[.]$"
        )
        with pytest.raises(ValueError, match=sentence):
            classifier(checkpoint=path).fit(X, Y)
        assert path.read_bytes() == data


def test_a_model_that_takes_the_file_meanwhile_stays(path: Path) -> None:
    model = classifier().fit(X, Y)
    begin = MemberNet._train_epoch

    def train(self: MemberNet, *rows: Any) -> Any:
        model.save(path)
        return begin(self, *rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemberNet, "_train_epoch", train)
        with pytest.raises(ValueError, match="is a model that save has written"):
            classifier(checkpoint=path).fit(X, Y)
    simclf.load(path)


def test_a_checkpoint_that_is_loaded_says_how_to_go_on(path: Path) -> None:
    classifier(checkpoint=path).fit(X, Y)
    sentence = (
        r"^'.*' cannot be loaded: it is the checkpoint of a fit, and no model\. Run "
        r"the same fit with checkpoint= set to this path, which goes on from it, and "
        r"save that\.$"
    )
    with pytest.raises(ValueError, match=sentence):
        simclf.load(path)


def test_the_folder_of_the_user_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    clf = classifier(checkpoint="~/fit").fit(X, Y)
    clf.save(Path("~") / "model")
    proba = simclf.load("~/model").predict_proba(X)
    np.testing.assert_array_equal(proba, clf.predict_proba(X))
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["fit", "model"]


def test_a_state_that_does_not_fit_is_refused(path: Path) -> None:
    clf = classifier(checkpoint=path)
    cut_off(clf, 2)
    whole = path.read_bytes()

    def lose_weights(document: Any, arrays: Any) -> None:
        weights = document["state"]["weights"]["values"]
        arrays.pop(weights.pop(min(weights))["tensor"])

    def cut_memory(_: Any, arrays: Any) -> None:
        name = next(name for name in arrays if "exp_avg_sq" in name)
        arrays[name] = arrays[name][..., :1]

    def lose_history(document: Any, _: Any) -> None:
        document["state"]["history"] = 3

    def unmark(document: Any, _: Any) -> None:
        document["fingerprint"] = None

    for change in (lose_weights, cut_memory, lose_history, unmark):
        path.write_bytes(tampered(whole, change, "simclf checkpoint"))
        with pytest.raises(ValueError, match="is a checkpoint that cannot be gone on"):
            clf.fit(X, Y)


def test_a_full_disk_costs_the_file_and_not_the_fit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(classifier(checkpoint=path), 2)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_atomic.os, "fsync", full)
    sentence = (
        r"^checkpoint='.*' could not be written \(.*No space left on device\)\. The "
        "fit goes on"
    )
    with pytest.warns(RuntimeWarning, match=sentence) as told:
        clf = classifier(checkpoint=path).fit(X, Y)
    monkeypatch.undo()
    assert len(told) == 1
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    assert_same_model(clf, classifier().fit(X, Y))
    assert_same_model(classifier(checkpoint=path).fit(X, Y), clf)


def test_drafts_of_killed_writers_are_removed_and_those_of_others_left(
    path: Path,
) -> None:
    leftover = path.with_name(_atomic._draft_name(path, "0123"))
    other = path.with_name(_atomic._draft_name(path.with_name("other"), "0123"))
    for draft in (leftover, other):
        draft.write_bytes(b"half")
    classifier(checkpoint=path).fit(X, Y)
    assert set(path.parent.iterdir()) == {path, other}


def test_a_draft_that_a_second_run_has_removed_is_written_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, removed = os.fsync, []

    def remove(number: int) -> None:
        fsync(number)
        if not removed:
            removed.append(True)
            _atomic.remove_drafts(path)

    monkeypatch.setattr(_atomic.os, "fsync", remove)
    classifier(checkpoint=path).fit(X, Y)
    assert removed
    assert path.exists()


def test_global_generators_are_left_alone(path: Path) -> None:
    parameters = CASES["drops"] | {"checkpoint": path}
    cut_off(classifier(**parameters), 2)
    state = torch.get_rng_state()
    classifier(**parameters).fit(X, Y)
    assert torch.equal(torch.get_rng_state(), state)


def test_one_of_many_processes_writes(path: Path) -> None:
    class Follower(OneProcess):
        leads = False

    with fits_on(Follower()):
        classifier(checkpoint=path).fit(X, Y)
    assert not path.exists()


def test_all_processes_begin_where_the_first_one_does(path: Path) -> None:
    class Follower(OneProcess):
        def agree(self, value: Any) -> Any:
            return None if isinstance(value, dict) else value

    cut_off(classifier(checkpoint=path), 2)
    with fits_on(Follower()), pytest.MonkeyPatch.context() as patch:
        untrained(patch)
        with pytest.raises(AssertionError):
            classifier(checkpoint=path).fit(X, Y)


@pytest.mark.parametrize(
    ("parameters", "error", "sentence"),
    [
        ({"checkpoint": 3}, TypeError, "^checkpoint=3 must be None, or the path of a"),
        ({"checkpoint": ""}, TypeError, "^checkpoint='' must be None, or the path of"),
        ({"checkpoint": b"x"}, TypeError, "^checkpoint=b'x' must be None, or the path"),
        (
            {"checkpoint": "a\0b"},
            ValueError,
            r"^checkpoint='a\\x00b' has a null character, which no path has[.]$",
        ),
        (
            {"callbacks": [LRScheduler()]},
            ValueError,
            r"^checkpoint and callbacks cannot be used together: .* Use callbacks=None",
        ),
        (
            {"random_state": None},
            ValueError,
            "^checkpoint needs random_state, e.g. random_state=0: with None every fit",
        ),
    ],
)
def test_what_cannot_be_resumed_is_refused_at_once(
    parameters: dict[str, Any], error: type, sentence: str, path: Path
) -> None:
    with pytest.raises(error, match=sentence):
        classifier(**{"checkpoint": path, **parameters}).fit(X, Y)
    assert not path.exists()


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    clf = classifier(checkpoint=tmp_path / "none" / "fit")
    with pytest.raises(FileNotFoundError, match=r"no folder '.*none' for checkpoint='"):
        clf.fit(X, Y)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_waited_for(path: Path, tmp_path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(ValueError, match=r"^checkpoint='.*' is no regular file; name"):
        classifier(checkpoint=path).fit(X, Y)
    folder = tmp_path / "fits"
    folder.mkdir()
    classifier(checkpoint=folder).fit(X, Y)
    (file,) = folder.iterdir()
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(ValueError, match=r"='.*fits.*fit-.*' is no regular file; name"):
        classifier(checkpoint=folder).fit(X, Y)


def test_an_optimizer_of_odd_memory_is_refused_after_the_first_epoch(
    path: Path,
) -> None:
    class Odd(torch.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            for parameter in self.param_groups[0]["params"]:
                self.state[parameter]["seen"] = {1, 2}
            return super().step(closure)

    clf = classifier(checkpoint=path, optimizer=Odd)
    sentence = r"^checkpoint cannot hold this fit: optimizer\['state'\]\[0\]\['seen'\] "
    with pytest.raises(TypeError, match=sentence + ".* Use checkpoint=None[.]$"):
        clf.fit(X, Y)
    assert not path.exists()


def test_a_loss_that_cannot_be_known_again_is_refused(path: Path) -> None:
    class Local(CrossEntropyLoss):
        """A class that no other process can find."""

    with pytest.raises(ValueError, match=r"needs a loss that can be pickled, .*Local"):
        classifier(checkpoint=path, loss=Local()).fit(X, Y)


def test_the_parameter_is_cloned_and_in_no_file(path: Path, tmp_path: Path) -> None:
    clf = classifier(checkpoint=path).fit(X, Y)
    assert clone(clf).checkpoint == path
    model = tmp_path / "model.safetensors"
    clf.save(model)
    assert simclf.load(model).checkpoint is None

    def plant(document: Any, _: Any) -> None:
        document["parameters"]["checkpoint"] = "/etc/passwd"

    model.write_bytes(tampered(model.read_bytes(), plant))
    assert simclf.load(model).checkpoint is None


def test_data_are_known_by_their_values(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", X)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    same = _hashed(X)
    assert {_hashed(np.asfortranarray(X)), _hashed(mapped), same} == {same}
    large = np.tile(X, (40_000, 1))
    assert _hashed(large) == _hashed(np.asfortranarray(large))
    others = [
        *(None, "None", X.T, X.ravel(), X.astype(np.float32), X[:, 0], Y, CODES, W),
        *(np.array(["a", 1], dtype=object), np.array(["a", 2], dtype=object)),
        *(np.array(1.0), np.empty((0, 3)), scipy.sparse.csr_array(X)),
        *(scipy.sparse.csr_array(np.eye(3)), scipy.sparse.csr_array(np.eye(3, 4))),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
    ]
    found = [same, *(_hashed(other) for other in others), _hashed(X, X)]
    assert len(set(found)) == len(found)


def test_differences_are_named() -> None:
    one = {"a": 1, "b": "sha256:1", "c": None, "d": 2}
    other = {"a": 2, "b": "sha256:2", "c": None, "e": "x" * 99}
    assert differences(one, other) == [
        "a (1 there, 2 here)",
        "b",
        "d (2 there, None here)",
        f"e (None there, 'x{'x' * 48} here)",
    ]
    assert not differences(one, dict(one))
