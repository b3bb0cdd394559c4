"""skorch callbacks: which work through the classifier, and which are refused."""

import re

import numpy as np
import pytest
import torch
from skorch.callbacks import (
    BatchScoring,
    Checkpoint,
    EpochScoring,
    LRScheduler,
    ParamMapper,
    ProgressBar,
)

from simclf import SimilarityAwareClassifier
from simclf.training._callbacks import fresh_callbacks

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = np.array(["ant", "bee", "cat"])[np.arange(60) % 3]


def fitted(*callbacks, **params):
    chosen = {"n_members": 2, "max_epochs": 3, "early_stopping": False}
    clf = SimilarityAwareClassifier(
        callbacks=list(callbacks), random_state=0, **(chosen | params)
    )
    return clf.fit(X, Y)


class Scorer(EpochScoring):
    """Someone's own."""


@pytest.mark.parametrize(
    "callback",
    [
        EpochScoring("accuracy"),
        BatchScoring("accuracy"),
        Scorer("accuracy"),
        ("score", EpochScoring("accuracy")),
        EpochScoring,
    ],
    ids=lambda c: str(c)[:20],
)
def test_callbacks_that_score_through_the_net_are_refused(callback):
    inner = callback[1] if isinstance(callback, tuple) else callback
    kind = inner if isinstance(inner, type) else type(inner)
    message = (
        f"callbacks[1] is a {kind.__name__}, which scores what the net predicts; but "
        "the net knows neither labels nor temperature nor decision. Read valid_loss in "
        "history_, or train with partial_fit, one epoch a call, and score the "
        "classifier after each."
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        fresh_callbacks([LRScheduler, callback])
    with pytest.raises(TypeError, match=r"^callbacks\[0\] is a"):
        fitted(callback)


@pytest.mark.parametrize(
    ("callbacks", "positions", "name"),
    [
        ([("es", LRScheduler()), ("es", ParamMapper("x"))], [0, 1], "es"),
        ([("a", LRScheduler), ProgressBar(), ("a", ProgressBar)], [0, 2], "a"),
        ([LRScheduler(), ("LRScheduler", ProgressBar())], [0, 1], "LRScheduler"),
    ],
)
def test_two_of_one_given_name_are_refused(callbacks, positions, name):
    message = (
        f"callbacks at positions {positions} share the name {name!r}; give each a "
        "name of its own."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        fitted(*callbacks)


def test_callbacks_without_a_name_are_numbered():
    clf = fitted(LRScheduler(), LRScheduler, ("es", LRScheduler()), max_epochs=1)
    names = [name for name, _ in clf.net_.own_callbacks()]
    assert names == ["LRScheduler_1", "LRScheduler_2", "es"]


def test_checkpoints_hold_what_the_net_had_learned(tmp_path):
    every = Checkpoint(monitor=None, dirname=tmp_path, f_pickle=None)
    clf = fitted(every)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"params.pt", "optimizer.pt", "criterion.pt", "history.json"}
    saved = torch.load(tmp_path / "params.pt", weights_only=True)
    now = clf.net_.module_.state_dict()
    assert saved.keys() == now.keys()
    assert all(torch.equal(saved[name], now[name]) for name in now)


def test_a_checkpoint_may_watch_the_loss(tmp_path):
    best = Checkpoint(monitor="valid_loss_best", dirname=tmp_path)
    clf = fitted(best, early_stopping=True, max_epochs=4)
    assert (tmp_path / "params.pt").exists()
    assert any(clf.net_.history[:, "event_cp"])


def test_saved_parameters_bring_a_net_back(tmp_path):
    clf = fitted()
    expected = clf.predict_proba(X)
    clf.net_.save_params(tmp_path / "net.pt", f_history=tmp_path / "history.json")
    for parameter in clf.net_.module_.parameters():
        parameter.data.zero_()
    assert not np.allclose(clf.predict_proba(X), expected)
    clf.net_.load_params(tmp_path / "net.pt")
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


def test_saved_parameters_may_be_safetensors(tmp_path):
    clf = fitted()
    clf.net_.save_params(tmp_path / "net.safetensors", use_safetensors=True)
    other = fitted(max_epochs=1)
    other.net_.load_params(tmp_path / "net.safetensors", use_safetensors=True)
    np.testing.assert_array_equal(other.predict_proba(X), clf.predict_proba(X))


def test_history_of_the_net_is_skorchs():
    clf = fitted(early_stopping=True)
    history = clf.net_.history
    assert history[:, "train_loss"] == clf.loss_curve_
    assert history[-1, ("epoch", "valid_loss")] == (3, clf.history_[-1]["valid_loss"])


def test_layers_may_be_frozen_by_name():
    frozen = ParamMapper("first*", fn=lambda p: p.requires_grad_(False))
    before, after = fitted(max_epochs=1, lr=1e-12), fitted(frozen, max_epochs=3)
    for name, value in after.net_.module_.named_parameters():
        start = before.net_.module_.get_parameter(name)
        assert name.startswith("first") == torch.allclose(value, start, atol=1e-6)


@pytest.mark.parametrize("early_stopping", [True, False])
def test_the_progress_bar_of_skorch_runs(capsys, early_stopping):
    fitted(ProgressBar(), batch_size=30, early_stopping=early_stopping)
    assert "it/s" in capsys.readouterr().err
