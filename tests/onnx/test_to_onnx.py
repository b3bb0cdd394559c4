"""ONNX graphs: what onnxruntime answers is what the classifier answers."""

import logging
import sys
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.linalg import circulant
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from torch import nn

from simclf import SimilarityAwareClassifier
from simclf.decision import bayes_decision
from simclf.decision._rounding import rounding_doubt
from simclf.modules import TabM
from simclf.onnx import to_onnx
from simclf.onnx._graph import Graph, _arcsinh
from simclf.onnx._steps import step_of
from simclf.onnx._to_onnx import _example_rows
from simclf.similarity import unit_regret

KINDS = ["cat", "dog", "eel"]
S = pd.DataFrame(
    [[1.0, 0.2, 0.0, 0.7], [0.1, 1.0, 0.6, 0.7], [0.0, 0.3, 1.0, 0.7]],
    KINDS,
    [*KINDS, "ask"],
)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype(np.float32)
CODES = RNG.integers(3, size=90)
X[:, 0] += 1.5 * CODES
X[:, 1] = 1000 + 50 * X[:, 1]
X[:, 2] = np.exp(3 * X[:, 2])  # of heavy tails
Y = np.array(KINDS)[CODES]


def small(similarity=S, **params):
    chosen = {"n_members": 3, "max_epochs": 3, "lr": 0.02, "random_state": 0}
    return SimilarityAwareClassifier(similarity, **(chosen | params))


class OwnNet(nn.Sequential):
    """A network whose members are stacked, with buffers."""

    def __init__(self, n_features, n_outputs):
        layers = nn.Linear(n_features, 5), nn.BatchNorm1d(5), nn.ReLU()
        super().__init__(*layers, nn.Linear(5, n_outputs))


@cache
def exported(case):
    """Return a fitted classifier and what onnxruntime makes of its graph."""
    onnxruntime = pytest.importorskip("onnxruntime")
    clf, rows = {
        "pipeline": lambda: (
            make_pipeline(
                MinMaxScaler(), SelectKBest(k=5), PCA(whiten=True), small()
            ).fit(X, Y),
            X,
        ),
        "heavy tails": lambda: (small().fit(X, Y), X),
        "own module": lambda: (
            small(S.to_numpy()[:, :3], module=OwnNet, loss="entropic_score").fit(
                X.astype(np.float64), 2 * CODES - 3
            ),
            X.astype(np.float64),
        ),
        "tabm": lambda: (small(module=TabM(1, 16), max_epochs=9).fit(X, Y), X),
        "tabm with bins": lambda: (
            small(module=TabM(1, 16, n_bins=4), max_epochs=9).fit(X, Y),
            X,
        ),
    }[case]()
    model = to_onnx(clf, rows)
    return clf, rows, onnxruntime.InferenceSession(model.SerializeToString())


@pytest.mark.parametrize(
    "case", ["pipeline", "heavy tails", "own module", "tabm", "tabm with bins"]
)
def test_onnxruntime_answers_as_the_classifier_does(case):
    if case.startswith("tabm"):
        pytest.importorskip("tabm")
    clf, rows, session = exported(case)
    assert [put.shape for put in session.get_inputs()] == [["n", 6]]
    for some in (rows, rows[:1]):
        label, proba = session.run(None, {"X": some})
        assert proba.dtype == np.float64
        np.testing.assert_allclose(proba, clf.predict_proba(some), atol=1e-5)
        assert label.tolist() == clf.predict(some).tolist()
    assert len(set(clf.predict(rows).tolist())) > 1


def test_the_cases_hold_what_they_stand_for():
    heavy = exported("heavy tails")[0]
    assert heavy.heavy_tailed_.tolist()[2]
    assert heavy.temperature_ != 1
    assert "ask" in heavy.predict(X)


def graph_of(clf, rows):
    """What the graph gives before it is exported."""
    with torch.no_grad():
        codes, proba = Graph([], clf).eval()(torch.tensor(rows))
    return clf.decisions_[codes.numpy()], proba.numpy()


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(1.7e308)
@example(-1e154)
@example(1e8)
@example(0.0)
def test_tails_are_arcsinh_whatever_their_size(z):
    got = _arcsinh(torch.tensor([z], dtype=torch.float64)).item()
    assert got == pytest.approx(np.arcsinh(z), rel=1e-15, abs=1e-15)


def test_rows_far_out_are_answered_where_predict_answers():
    clf, rows, session = exported("own module")
    assert clf.heavy_tailed_.tolist()[2]
    far = rows[:4].copy()
    far[:, 2] = [1e160, -1e160, 1e300, 1e10]
    label, proba = session.run(None, {"X": far})
    np.testing.assert_allclose(proba, clf.predict_proba(far), atol=1e-5)
    assert label.tolist() == clf.predict(far).tolist()


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"dtype": "float64"},
        {"module": "linear", "standardize": False, "lr": 1e-6},
        {"loss": "expected_score"},
        {"loss": "softmax_margin"},
        {"loss": "score_regression"},
        {"decision": "argmax"},
        {"n_members": 1},
        {"module": OwnNet, "n_members": 2},
    ],
    ids=str,
)
def test_the_graph_is_the_classifier(params):
    clf = small(**params).fit(X, Y)
    answers, proba = graph_of(clf, X)
    np.testing.assert_allclose(proba, clf.predict_proba(X), atol=1e-5)
    np.testing.assert_array_equal(answers, clf.predict(X))


def test_ties_go_to_the_first_answer():
    """Where classes are equally likely, answers differ by the order of a sum alone."""
    proba = np.full((1, 5), 0.2)
    for seed in range(30):
        row = np.random.default_rng(seed).random(4)
        table = circulant([1.0, *-row])
        extremes = np.stack([table.min(1), table.max(1)], axis=1)
        rule = SimpleNamespace(
            regret=torch.tensor(unit_regret(table)),
            doubt=torch.tensor(rounding_doubt(extremes)),
        )
        assert bayes_decision(proba, table).tolist() == [0]
        assert Graph._bayes(rule, torch.tensor(proba)).tolist() == [0]


@pytest.mark.parametrize(
    "step",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        RobustScaler(),
        RobustScaler(with_centering=False, with_scaling=False),
        MinMaxScaler((-2, 3)),
        MaxAbsScaler(),
        PCA(3),
        PCA(3, whiten=True),
        SelectKBest(k=2),
    ],
    ids=str,
)
def test_steps_are_those_of_scikit_learn(step):
    rows = X.astype(np.float64)
    step.fit(rows, Y)
    got = step_of(step)(torch.tensor(rows)).numpy()
    np.testing.assert_allclose(got, step.transform(rows), rtol=1e-9, atol=1e-9)


def test_columns_that_do_not_vary_are_whitened_as_by_scikit_learn():
    rows = np.column_stack([X[:, :2], np.zeros(len(X))]).astype(np.float64)
    step = PCA(whiten=True).fit(rows)
    assert step.explained_variance_[-1] < 1e-32
    got = step_of(step)(torch.tensor(rows)).numpy()
    np.testing.assert_allclose(got, step.transform(rows), rtol=1e-9, atol=1e-9)


def test_steps_of_other_kinds_are_refused():
    clf = make_pipeline(QuantileTransformer(n_quantiles=10), small()).fit(X, Y)
    match = (
        r"^the step QuantileTransformer of the pipeline is not exported; of other "
        r"steps there may be StandardScaler, RobustScaler, MinMaxScaler, "
        r"MaxAbsScaler, PCA, SelectorMixin\. Export the classifier alone, clf\[-1\], "
        r"and prepare rows before it\.$"
    )
    with pytest.raises(TypeError, match=match):
        to_onnx(clf, X)
    match = r"^MinMaxScaler\(clip=True\) is not exported; fit the pipeline without clip"
    with pytest.raises(TypeError, match=match):
        step_of(MinMaxScaler(clip=True).fit(X))


def test_a_scaler_that_cuts_rows_off_is_refused():
    step = MaxAbsScaler().fit(X)
    step.clip = True  # a parameter of newer versions of scikit-learn
    match = r"^MaxAbsScaler\(clip=True\) is not exported; fit the pipeline without clip"
    with pytest.raises(TypeError, match=match):
        step_of(step)


class LogScaler(StandardScaler):
    """Scales otherwise than the class it is derived from."""

    def transform(self, X, copy=None):
        return super().transform(np.log1p(np.abs(X)), copy)


def test_steps_derived_from_others_are_refused():
    match = r"^the step LogScaler of the pipeline is not exported; of other steps there"
    with pytest.raises(TypeError, match=match):
        step_of(LogScaler().fit(X))


@pytest.mark.parametrize("steps", [[], [SelectKBest(k=4)]], ids=["none", "one"])
def test_the_first_step_may_do_nothing(steps):
    onnxruntime = pytest.importorskip("onnxruntime")
    clf = make_pipeline("passthrough", None, *steps, small(n_members=1)).fit(X, Y)
    session = onnxruntime.InferenceSession(to_onnx(clf, X).SerializeToString())
    _, proba = session.run(None, {"X": X})
    np.testing.assert_allclose(proba, clf.predict_proba(X), atol=1e-5)


def test_a_pipeline_without_a_classifier_is_refused():
    with pytest.raises(TypeError, match=r"^clf is a str; to_onnx takes a Similarity"):
        to_onnx(make_pipeline(StandardScaler(), "passthrough").fit(X), X)


def test_other_classifiers_are_refused():
    match = (
        r"^clf is a LogisticRegression; to_onnx takes a SimilarityAwareClassifier or a "
        r"pipeline that ends in one\. Export other libraries' classifiers with "
        r"skl2onnx\.$"
    )
    with pytest.raises(TypeError, match=match):
        to_onnx(LogisticRegression(), X)


def test_refuses_an_unfitted_classifier_and_rows_of_another_width():
    with pytest.raises(NotFittedError):
        to_onnx(small(), X)
    match = (
        r"^X must have shape \(n, 6\), as the classifier was fitted, got \(90, 2\)\.$"
    )
    with pytest.raises(ValueError, match=match):
        to_onnx(small().fit(X, Y), X[:, :2])


class Branching(nn.Linear):
    def forward(self, x):
        return super().forward(x) if x.sum() > 0 else -super().forward(x)


class Looping(nn.Linear):
    def forward(self, x):
        return torch.stack([super(Looping, self).forward(row) for row in x])


@pytest.mark.parametrize("network", [Branching, Looping])
def test_a_network_that_torch_cannot_export_is_refused(network):
    clf = small(module=network, n_members=1).fit(X, Y)
    match = (
        r"^torch cannot export this network to ONNX: [\s\S]* The network must do the "
        r"same for any number of rows: loop over no rows, and branch on no value\.$"
    )
    with pytest.raises(ValueError, match=match):
        to_onnx(clf, X)


def test_torch_is_quiet(caplog):
    """No word on packages it would look for, and its log is as it was."""
    to_onnx(small(n_members=1).fit(X, Y), X)
    assert [one for one in caplog.records if one.levelno > logging.INFO] == []
    assert logging.getLogger("torch.onnx").level == logging.NOTSET


@pytest.mark.parametrize(
    ("rows", "dtype"),
    [
        (pd.DataFrame(X), torch.float32),
        (pd.DataFrame(X).astype({2: np.float64}), torch.float64),
        (X, torch.float32),
        (X.astype(np.float64), torch.float64),
        (X.tolist(), torch.float64),
    ],
)
def test_the_dtype_of_the_input_is_that_of_the_rows(rows, dtype):
    assert _example_rows(rows, 6).dtype == dtype


def test_labels_of_several_kinds_are_text():
    onnxruntime = pytest.importorskip("onnxruntime")
    table = S.set_axis([0, 1, 2]).set_axis([0, 1, 2, "ask"], axis=1)
    clf = small(table, n_members=1).fit(X, CODES)
    session = onnxruntime.InferenceSession(to_onnx(clf, X).SerializeToString())
    label, _ = session.run(None, {"X": X})
    assert label.tolist() == [str(answer) for answer in clf.predict(X)]


@pytest.mark.parametrize("missing", ["onnx", "onnxscript"])
def test_the_extra_is_named(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    match = rf'^{missing} is needed here .* pip install "simclf\[onnx\]"\.$'
    with pytest.raises(ImportError, match=match):
        to_onnx(small(), X)
