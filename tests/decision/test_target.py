"""Labels of any kind become one array that estimators encode; weights become counts."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import DataConversionWarning

from simclf.decision._target import read_classes, read_counts, read_labels

WORDS = ["wasp", "ant", "wasp"]


@pytest.mark.parametrize(
    "y",
    [
        WORDS,
        tuple(WORDS),
        np.array(WORDS),
        np.array(WORDS, dtype=object),
        pd.Series(WORDS, index=[7, 7, 9]),
        pd.Series(WORDS, dtype="category"),
        pd.Series(WORDS, dtype="string"),
        pd.Categorical(WORDS),
        pl.Series(WORDS),
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', '')}",
)
def test_words_of_any_kind(y):
    assert read_labels(y).tolist() == WORDS


@pytest.mark.parametrize(
    "y",
    [
        [3, -1, 3],
        np.array([3, -1, 3], dtype=object),
        pd.Series([3, -1, 3], dtype="Int64"),
        pd.Series([3, -1, 3], dtype="category"),
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', '')}",
)
def test_integers_stay_integers(y):
    labels = read_labels(y)
    assert labels.dtype.kind == "i"
    assert labels.tolist() == [3, -1, 3]


def test_flags_that_may_be_missing_but_are_not_stay_flags():
    assert read_labels(pd.Series([True, False], dtype="boolean")).dtype == bool


@pytest.mark.parametrize(
    "y",
    [
        ["ant", None, None],
        ["ant", np.nan, None],
        np.array(["ant", None, None], dtype=object),
        np.array([1.0, np.nan, np.nan]),
        pl.Series(["ant", None, None]),
        pd.Series([1, None, None], dtype="Int64"),
        pd.Series(["ant", None, None], dtype="category"),
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', '')}",
)
def test_a_missing_label_is_named(y):
    text = (
        "y[1] is missing (2 rows are): Input y contains NaN. Drop the unlabelled rows "
        "first."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read_labels(y)


def test_infinite_and_continuous_labels_are_refused():
    with pytest.raises(ValueError, match="Input y contains infinity"):
        read_labels([0.0, np.inf])
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        read_labels([0.5, 1.25])


def test_a_column_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        assert read_labels([["ant"], ["bee"]]).tolist() == ["ant", "bee"]


def test_one_class_is_no_classification():
    text = (
        "y holds 1 class, ['ant'], in rows of positive weight; a classifier needs rows "
        "of at least 2 classes."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read_classes(np.array(["ant", "bee", "ant"]), np.array([1.0, 0.0, 2.0]))


def test_classes_are_sorted_with_those_of_weight_zero():
    labels, counts = np.array(["bee", "ant", "cat"]), np.array([1.0, 0.0, 2.0])
    assert read_classes(labels, counts).tolist() == ["ant", "bee", "cat"]


def test_no_weights_are_ones():
    assert read_counts(None, 3).tolist() == [1, 1, 1]


@pytest.mark.parametrize("weights", [[1, 0, 2], [5.0, 0.0, 0.5], [1e300, 1.0, 1.0]])
def test_weights_are_repetitions(weights):
    assert read_counts(weights, 3).tolist() == weights


def test_weights_of_mean_below_one_are_brought_to_mean_one_of_rows_that_count():
    assert read_counts([0.1, 0.0, 0.3], 3) == pytest.approx([0.5, 0.0, 1.5])


def test_weights_that_are_none_are_refused():
    with pytest.raises(ValueError, match="sample_weight is zero for all 2 rows"):
        read_counts([0, 0], 2)
