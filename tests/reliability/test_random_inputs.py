"""A good call spoiled anywhere: it is refused by name, or its results are sound.

A run tries as many calls as the Hypothesis profile says: 100 of each kind in CI.
"""

import contextlib
import datetime as dt
import operator
import warnings
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from simclf import SimilarityAwareClassifier
from simclf.decision import bayes_decision
from simclf.metrics import mean_score
from tests.reliability.calls import PROBA, QUICK, S, Stubborn, X, Y, frame
from tests.reliability.test_bad_inputs import OURS, VALIDATION, last_file

ENTRIES = [
    None, float("nan"), float("inf"), -1.0, 0, 1e308, 1e-310, 10**400, True, 1j, "a",
    "", "1.5", b"a", [], [1], {}, {1}, (1, 2), object(), pd.NA, pd.NaT, Decimal("1.5"),
    Fraction(1, 3), dt.date(2020, 1, 1), np.datetime64("2020-01-01"), np.float32(2),
]  # fmt: skip
DTYPES = [
    "float16", "float32", "longdouble", "int8", "uint64", "bool", "complex64", "O", "U",
    "S", "datetime64[s]", "timedelta64[s]",
]  # fmt: skip
SHAPES = [
    lambda values: values[:0],
    lambda values: values[1:],
    lambda values: values[:, :1] if values.ndim > 1 else values[:1],
    lambda values: values[None],
    lambda values: values[..., None],
    lambda values: values.T[:1],
    np.ravel,
    lambda values: np.concatenate([values, values]),
    lambda values: values[0],
    lambda values: values[::-1],
]
CONTAINERS = [
    np.ndarray.tolist,
    lambda values: tuple(values.tolist()),
    lambda values: set(values.ravel().tolist()),
    lambda values: iter(values.tolist()),
    lambda values: dict(enumerate(values.tolist())),
    lambda values: [*values[:-1].tolist(), []],
    np.ma.array,
    lambda values: np.ma.array(values, mask=np.indices(values.shape)[0] == 1),
    pd.DataFrame,
    lambda values: pd.DataFrame(values).convert_dtypes(),
    pd.Series,
    pd.Categorical,
    pl.DataFrame,
    # polars itself panics where somebody shows nested objects.
    lambda values: pl.Series(values.astype(str) if values.dtype == "O" else values),
    sparse.csr_array,
    sparse.coo_array,
    torch.tensor,
    lambda values: torch.tensor(values, requires_grad=True),
    lambda values: np.lib.stride_tricks.as_strided(values, writeable=False),
    np.asfortranarray,
    repr,
    lambda _: Stubborn(),
    lambda _: None,
    lambda values: lambda *_: values,
]
SETTINGS = [
    None, True, False, 0, 1, -1, 2, 0.5, 1.5, float("nan"), float("inf"), "auto", "yes",
    "", b"auto", [], (), {}, [1], {"ant": 2}, 1j, np.float32(0.5), np.int64(2),
    np.bool_(True), np.array(1), np.array([1, 2]), object(), int, len, np.eye,
    Decimal("0.5"), Fraction(1, 2), 2**40, 10**400, torch.tensor(1.0), torch.nn.ReLU,
    torch.nn.Linear(2, 2), SimilarityAwareClassifier,
]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def somewhere_else(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A checkpoint may be called "auto"."""
    with contextlib.chdir(tmp_path_factory.mktemp("random")):
        yield


@st.composite
def spoiled(draw: st.DrawFn, good: np.ndarray) -> Any:
    """Draw an array with a few entries, its dtype, shape or container replaced."""
    values = good
    if draw(st.booleans()):
        values = values.astype(object)
        for _ in range(draw(st.integers(1, 3))):
            position = tuple(draw(st.integers(0, size - 1)) for size in values.shape)
            values[position] = draw(st.sampled_from(ENTRIES))
    for change in (
        operator.methodcaller("astype", draw(st.sampled_from(DTYPES))),
        draw(st.sampled_from(SHAPES)),
        draw(st.sampled_from(CONTAINERS)),
    ):
        if draw(st.booleans()):
            values = changed(values, change)
    return values


def changed(values: Any, change: Any) -> Any:
    """Values after a change, or as they are where there is no such change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return change(values)
        except Exception:  # noqa: BLE001 (numpy, pandas and torch, not the library)
            return values


def outcome(call: Any, *culprits: str) -> Any:
    """Result of a call, None where it is refused as it should be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return call()
        except (TypeError, ValueError) as error:
            message, file = str(error), last_file(error.__traceback__)
            assert any(culprit in message for culprit in culprits), message
            assert any(map(file.is_relative_to, [OURS, *VALIDATION])), (file, message)
            return None


def assert_sound(clf: SimilarityAwareClassifier | None, rows: Any) -> None:
    """A fitted model gives probabilities; one that is none was refused."""
    if clf is not None:
        proba = clf.predict_proba(rows)
        assert np.isfinite(proba).all()
        np.testing.assert_allclose(proba.sum(axis=1), 1.0, atol=1e-9)
        assert np.isin(clf.predict(rows), clf.decisions_).all()


def fitted(X: Any = X, y: Any = Y, weight: Any = None, **settings: Any) -> Any:
    return SimilarityAwareClassifier(**(QUICK | settings)).fit(X, y, weight)


@given(spoiled(X))
def test_features(rows):
    clf = outcome(lambda: fitted(rows), "X")
    if clf is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            assert_sound(clf, rows)


@given(spoiled(Y))
def test_labels(y):
    assert_sound(outcome(lambda: fitted(y=y), "y", "X and"), X)


@given(spoiled(np.linspace(0.0, 2.0, 12)))
def test_weights(weight):
    culprits = "sample_weight", "y holds 1 class"
    assert_sound(outcome(lambda: fitted(weight=weight), *culprits), X)


@given(spoiled(S), st.sampled_from(["similarity", "cost"]))
def test_tables(table, name):
    assert_sound(outcome(lambda: fitted(**{name: table}), name), X)


@given(st.sampled_from(sorted(SimilarityAwareClassifier().get_params())), st.data())
def test_settings(name, data):
    value = data.draw(st.sampled_from(SETTINGS))
    culprits = name, "training diverged"
    assert_sound(outcome(lambda: fitted(**{name: value}), *culprits), X)


@given(spoiled(PROBA))
def test_probabilities(proba):
    codes = outcome(lambda: bayes_decision(proba, S), "proba")
    assert codes is None or np.isin(codes, [0, 1, 2]).all()


@given(spoiled(Y), st.booleans())
def test_judged_labels(labels, is_truth):
    pair = (labels, Y) if is_truth else (Y, labels)
    score = outcome(lambda: mean_score(*pair, frame()), "y_true", "y_pred")
    assert score is None or np.isfinite(score)
