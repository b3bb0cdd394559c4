"""Where features are no finite number is told by column and row, with the remedy."""

import datetime as dt
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin

from simclf._bad_entry import bad_entry
from simclf._inputs import read_features

X = np.arange(12.0).reshape(4, 3)
COLUMNS = ["age", "size", "lab"]
IMPUTE = "impute it in a pipeline before the classifier, e.g. with SimpleImputer"
ENCODE = "encode words in a pipeline before the classifier, e.g. with OneHotEncoder"
CLIP = "clip it, e.g. with np.clip, or make it NaN and impute it in a pipeline"
DAYS = "turn dates into days since the first one"
NO_FLOAT = "float() argument must be a string or a real number"
DAY = dt.date(2020, 1, 2)
FAULTS = {
    "nan": (np.nan, "missing: Input X contains NaN", IMPUTE),
    "none": (None, "missing: Input X contains NaN", IMPUTE),
    "na": (pd.NA, "missing: Input X contains NaN", IMPUTE),
    "nat": (pd.NaT, "missing: Input X contains NaN", IMPUTE),
    "decimal": (Decimal("NaN"), "missing: Input X contains NaN", IMPUTE),
    "inf": (np.inf, "inf: Input X contains infinity", CLIP),
    "minus_inf": (-np.inf, "-inf: Input X contains infinity", CLIP),
    "huge": (10**5000, "too large for a float", CLIP),
    "text": ("lab B", "'lab B': could not convert string to float", ENCODE),
    "bytes": (b"B", "b'B': could not convert string to float", ENCODE),
    "long": ("a" * 99, f"'{'a' * 79}: could not convert string to float", ENCODE),
    "date": (DAY, "a date", DAYS),
    "span": (dt.timedelta(1), "a timedelta", DAYS),
    "dict": ({"a": 1}, f"a dict: {NO_FLOAT}", "one in every entry"),
    "list": ([1, 2], f"a list: {NO_FLOAT}", "one in every entry"),
}
FORMS = {
    "array": np.array,
    "single": np.float32,
    "half": np.float16,
    "objects": lambda values: values.astype(object),
    "list": np.ndarray.tolist,
    "csr": sparse.csr_array,
    "csc": sparse.csc_matrix,
    "coo": sparse.coo_array,
}
FRAMES = {
    "pandas": lambda values: pd.DataFrame(values, columns=COLUMNS),
    "nullable": lambda values: pd.DataFrame(values, columns=COLUMNS).convert_dtypes(),
    "sparse": lambda values: pd.DataFrame.sparse.from_spmatrix(
        sparse.csr_array(values), columns=COLUMNS
    ),
    "polars": lambda values: pl.DataFrame(values, schema=COLUMNS),
}


class Estimator(ClassifierMixin, BaseEstimator):
    """An estimator without parameters that takes CSR matrices."""


def read(features, *, estimator=None, reset=True, name="X"):
    estimator = Estimator() if estimator is None else estimator
    return read_features(estimator, features, reset=reset, name=name)


def refused(message, error=ValueError):
    return pytest.raises(error, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize(("entry", "what", "remedy"), FAULTS.values(), ids=FAULTS)
def test_an_entry_is_told_by_what_it_is(entry, what, remedy):
    features = X.astype(object)
    features[2, 1] = entry
    message = f"is {what}. Pass real numbers: {remedy}."
    with refused(f"X[2, 1] {message}", (TypeError, ValueError)):
        read(features)
    frame = pd.DataFrame(features, index=list("wxyz"), columns=COLUMNS)
    with refused(f"X['size'] at row position 2 {message}", (TypeError, ValueError)):
        read(frame)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_first_column_and_then_the_first_row_are_told(form):
    features = X.copy()
    features[0, 2] = features[3, 1] = features[2, 1] = -np.inf
    what = "X_val[2, 1] is -inf: Input X_val contains infinity"
    message = f"{what}. Pass real numbers: {CLIP}."
    with refused(message):
        read(form(features), name="X_val")


@pytest.mark.parametrize("form", FRAMES.values(), ids=FRAMES)
def test_columns_of_frames_are_told_by_name(form):
    features = X.copy()
    features[0, 2] = features[3, 1] = features[2, 1] = np.nan
    message = (
        "X['size'] at row position 2 is missing: Input X contains NaN. "
        f"Pass real numbers: {IMPUTE}."
    )
    with refused(message):
        read(form(features))


@pytest.mark.parametrize(
    "words",
    [
        ["1", "2", "u", "v"],
        pd.Categorical(["1", "2", "u", "v"]),
        pd.array(["1", "2", "u", "v"], dtype="string"),
    ],
)
def test_words_of_every_kind_are_told(words):
    message = f"is 'u': could not convert string to float. Pass real numbers: {ENCODE}."
    with refused(f"X['lab'] at row position 2 {message}"):
        read(pd.DataFrame({"age": X[:, 0], "lab": words}))
    with refused(f"X['lab'] at row position 2 {message}"):
        read(pl.DataFrame({"age": X[:, 0], "lab": list(words)}))
    with refused(f"X[2, 0] {message}"):
        read(np.array([words]).T)


@pytest.mark.parametrize(
    "days",
    [
        pd.date_range("2020-01-01", periods=4),
        pd.date_range("2020-01-01", periods=4, tz="UTC"),
        pd.to_timedelta(range(4), "D"),
    ],
)
def test_a_column_of_dates_is_told_by_name(days):
    message = (
        "X['lab'] holds dates or durations; turn them into numbers first, e.g. into "
        "days since the first one."
    )
    with refused(message, TypeError):
        read(pd.DataFrame({"age": X[:, 0], "lab": days}))
    with refused(message, TypeError):
        read(pl.DataFrame({"age": X[:, 0], "lab": [DAY] * 4}))


def test_names_that_are_no_words_are_told_as_they_are_written():
    features = X.copy()
    features[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"^X\[1\] at row position 3 is missing"):
        read(pd.DataFrame(features))
    levels = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])
    with pytest.raises(ValueError, match=r"^X\[\('a', 2\)\] at row position 3 is mis"):
        read(pd.DataFrame(features, columns=levels))


def test_columns_of_other_names_are_told_first():
    estimator = Estimator()
    read(pd.DataFrame(X, columns=COLUMNS), estimator=estimator)
    other = pd.DataFrame(X * np.nan, columns=["age", "size", "place"])
    with pytest.raises(ValueError, match=r"^X: The feature names should match"):
        read(other, estimator=estimator, reset=False)


def test_a_sum_that_overflows_is_no_fault():
    features = np.full((4, 3), 1e308)
    assert bad_entry(features, "X") is None
    features[3, 2] = np.nan
    assert str(bad_entry(features, "X")).startswith("X[3, 2] is missing")


class Foreign:
    """A container that breaks."""

    columns = ("a",)
    shape = (1, 1)

    def __getitem__(self, _):
        raise RuntimeError


def test_what_cannot_be_looked_through_is_told_as_before():
    assert bad_entry(Foreign(), "X") is None
    assert bad_entry(X[0], "X") is None
    assert bad_entry(X + 1j, "X") is None


@given(
    hnp.arrays(
        float,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
        elements=st.sampled_from([0.0, 1.5, -1e300, np.nan, np.inf, -np.inf]),
    )
)
def test_entries_are_found_as_by_hand(values):
    rows, columns = values.shape
    places = [
        f"X[{row}, {column}] is "
        for column in range(columns)
        for row in range(rows)
        if not np.isfinite(values[row, column])
    ]
    for form in (np.array, sparse.csr_array):
        found = bad_entry(form(values), "X")
        assert found is None if not places else str(found).startswith(places[0])
