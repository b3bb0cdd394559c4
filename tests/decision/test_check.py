"""Probabilities, codes and weights are taken or refused with the culprit named."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.decision._check import check_codes, check_proba, check_weights
from tests.strategies import posteriors


def refusal(sentence):
    return pytest.raises(ValueError, match="^" + re.escape(sentence) + "$")


@given(st.integers(1, 7).flatmap(posteriors), st.sampled_from([np.float32, float]))
def test_probabilities_pass_unchanged(proba, dtype):
    given_proba = proba.astype(dtype)
    found = check_proba(given_proba, proba.shape[1])
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, given_proba)


@pytest.mark.parametrize(
    "proba",
    [
        [[0, 1], [1, 0]],
        np.array([[True, False]]),
        pd.DataFrame({"ant": [0.25], "bee": [0.75]}),
        np.array([[0.25, 0.75]], dtype=object),
        np.asfortranarray([[0.25, 0.75], [0.5, 0.5]]),
    ],
)
def test_other_forms_of_probabilities(proba):
    found = check_proba(proba)
    assert found.dtype == np.float64
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, np.asarray(proba, dtype=float))


def test_rounding_below_zero_becomes_zero_and_the_input_stays():
    proba = np.array([[-1e-10, 1.0]])
    assert check_proba(proba).tolist() == [[0.0, 1.0]]
    assert proba[0, 0] == -1e-10


def test_rows_may_miss_one_by_float32_rounding():
    assert check_proba([[0.5, 0.50009]]).tolist() == [[0.5, 0.50009]]
    with pytest.raises(ValueError, match="sums to"):
        check_proba([[0.5, 0.50011]])


def test_one_dimension_is_refused():
    sentence = (
        "proba has shape (2,); expected (n_samples, n_classes), one column per class. "
        "For one sample pass proba.reshape(1, -1); for the positive column of two "
        "classes pass numpy.column_stack([1 - proba, proba])."
    )
    with refusal(sentence):
        check_proba([0.5, 0.5])


def test_three_dimensions_are_refused():
    with refusal(
        "y_proba has shape (1, 1, 2); expected (n_samples, n_classes), one column per "
        "class."
    ):
        check_proba([[[0.5, 0.5]]], name="y_proba")


def test_wrong_width_is_refused_with_both_numbers():
    with refusal(
        "proba has 2 columns but there are 3 classes; pass one column for each class, "
        "in their order."
    ):
        check_proba([[0.5, 0.5]], 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_entry_that_is_not_finite_is_refused(value):
    with refusal(
        f"proba[1, 0] is {value}; every probability must be finite. Look at the model "
        "that made them."
    ):
        check_proba([[0.5, 0.5], [value, 0.5]])


def test_negative_entry_is_refused():
    with refusal(
        "proba[0, 1] is -0.5; a probability cannot be negative. These look like raw "
        "scores; apply a softmax."
    ):
        check_proba([[1.5, -0.5]])


def test_scores_above_one_are_refused():
    with refusal(
        "proba[1] sums to 5.5; every row must sum to 1. These look like raw scores; "
        "apply a softmax."
    ):
        check_proba([[0.5, 0.5], [3.5, 2.0]])


def test_rows_that_miss_a_class_are_refused():
    with refusal(
        "proba[0] sums to 0.75; every row must sum to 1. Divide each row by its sum, "
        "or pass the columns of all classes."
    ):
        check_proba([[0.5, 0.25]])


@pytest.mark.parametrize("proba", [[["a", "b"]], [[0.5 + 0j, 0.5]]])
def test_what_is_no_number_is_refused(proba):
    dtype = np.asarray(proba).dtype
    with refusal(f"proba has dtype {dtype}; expected real numbers (floats)."):
        check_proba(proba)


def test_objects_that_are_no_numbers_are_refused():
    with refusal("proba holds entries that are no real numbers; expected floats."):
        check_proba(np.array([["a", None]], dtype=object))


def test_codes_pass_as_indices():
    codes = check_codes(np.array([0, 2], dtype=np.uint8), 2, 3)
    assert codes.dtype == np.intp
    assert codes.tolist() == [0, 2]


def test_codes_of_another_length_are_refused():
    with refusal("codes has shape (2,) but proba has 3 rows; pass one code per row."):
        check_codes([0, 1], 3, 2)


def test_labels_instead_of_codes_are_refused():
    with refusal(
        "codes has dtype <U3; expected integers 0 to 1, the column of each row's true "
        "class. Encode the labels first, e.g. with numpy.searchsorted(classes, y)."
    ):
        check_codes(["ant", "bee"], 2, 2)


@pytest.mark.parametrize("code", [-1, 2])
def test_code_out_of_range_is_refused(code):
    with refusal(
        f"codes[1] is {code}; expected 0 to 1, the column of proba that belongs to "
        "the true class."
    ):
        check_codes([0, code], 2, 2)


def test_no_weights_stay_none():
    assert check_weights(None, 3) is None


def test_weights_become_floats():
    weights = check_weights([0, 1, 2], 3)
    assert weights.dtype == np.float64
    assert weights.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("weights", [1.0, [1.0, 2.0], [[1.0], [1.0], [1.0]]])
def test_weights_of_another_shape_are_refused(weights):
    with refusal(
        f"sample_weight has shape {np.shape(weights)} but there are 3 rows; pass one "
        "weight per row."
    ):
        check_weights(weights, 3)


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_impossible_weight_is_refused(value):
    with refusal(
        f"sample_weight[1] is {value}; every weight must be finite and not negative. "
        "Drop the row to leave it out."
    ):
        check_weights([1.0, value], 2)


def test_weights_of_nothing_are_refused():
    with refusal(
        "sample_weight is zero for all 2 rows; at least one row must count. Pass None "
        "to count them all alike."
    ):
        check_weights([0, 0], 2)


FRAME = pd.DataFrame([[0.2, 0.7, 0.1]], columns=["cat", "ant", "bee"])


@pytest.mark.parametrize("convert", [lambda frame: frame, pl.from_pandas])
def test_columns_of_a_frame_are_found_by_name(convert):
    frame = convert(FRAME)
    for names in (["ant", "bee", "cat"], np.array(["ant", "bee", "cat"])):
        found = check_proba(frame, 3, classes=names)
        assert found.tolist() == [[0.7, 0.1, 0.2]]
        assert found.flags.c_contiguous
    assert check_proba(frame, 3).tolist() == [[0.2, 0.7, 0.1]]


def test_numbers_that_name_classes_are_names():
    frame = pd.DataFrame([[0.2, 0.8]], columns=[1, 0])
    assert check_proba(frame, classes=[0, 1]).tolist() == [[0.8, 0.2]]
    assert check_proba(frame[[0, 1]], classes=np.array([1, 0])).tolist() == [[0.2, 0.8]]


@pytest.mark.parametrize("classes", [["ant", "bee", "cat"], [1, 2, 3], [2, 5, 7]])
def test_columns_that_pandas_numbered_have_no_names(classes):
    frame = pd.DataFrame(FRAME.to_numpy())
    assert check_proba(frame, 3, classes=classes).tolist() == [[0.2, 0.7, 0.1]]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            ["p_ant", "p_bee", "p_cat"],
            (
                "has columns ['p_ant', 'p_bee', 'p_cat'] but the classes are ['ant', "
                "'bee', 'cat']. Name the columns by class, or pass y_proba.to_numpy() "
                "if they are in that order."
            ),
        ),
        (
            ["ant", "bee", "dog"],
            (
                "has no column for class 'cat'. Its columns are ['ant', 'bee', 'dog']; "
                "add the column."
            ),
        ),
        (
            ["Ant", "Bee", "Cat"],
            (
                "has no column for class 'ant'. Its columns are ['Ant', 'Bee', 'Cat']; "
                "rename 'Ant' (case and spaces must match) or add the column."
            ),
        ),
        (
            ["ant", "ant", "bee"],
            (
                "has repeated columns ['ant']; every class needs one column of its "
                "own. Rename or drop the others."
            ),
        ),
        (
            ["ant", "bee", None],
            (
                "has a column without a name; its columns are ['ant', 'bee', None]. "
                "Name every column by its class."
            ),
        ),
    ],
)
def test_columns_that_are_not_the_classes_are_refused(columns, sentence):
    frame = FRAME.set_axis(columns, axis=1)
    with refusal(f"y_proba {sentence}"):
        check_proba(frame, 3, "y_proba", classes=["ant", "bee", "cat"])


def test_a_column_that_is_no_class_is_refused():
    with refusal(
        "proba has a column 'cat', which is none of the classes ['ant', 'bee']; drop "
        "the column."
    ):
        check_proba(FRAME, 2, classes=["ant", "bee"])


def test_numbers_written_as_words_are_named():
    frame = pd.DataFrame([[0.2, 0.8]], columns=["0", "1"])
    with pytest.raises(
        ValueError, match=r"^proba has no column for class 0\. .* '0' t"
    ):
        check_proba(frame, 2, classes=[0, 1])


@pytest.mark.parametrize("row", [[70.0, 20.0, 10.0], [99.6, 0.0, 0.0]])
def test_percentages_are_told_as_such(row):
    with pytest.raises(ValueError, match=r"These look like percentages; divide by 100"):
        check_proba([row])
