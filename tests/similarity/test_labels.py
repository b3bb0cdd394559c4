"""Labels in messages."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from simclf.similarity._labels import (
    array_of_labels,
    is_name,
    label_array,
    near_miss,
    plain_labels,
    repeated_labels,
    show_labels,
)


def test_plain_labels_have_no_numpy_scalars():
    labels = plain_labels([np.str_("ant"), np.int64(3), np.True_, "bee"])
    assert [type(label) for label in labels] == [str, int, bool, str]


def test_at_most_eight_labels_are_shown():
    assert show_labels(["ant", 7]) == "['ant', 7]"
    assert show_labels(list(range(8))) == "[0, 1, 2, 3, 4, 5, 6, 7]"
    assert show_labels(list(range(9))) == "[0, 1, 2, 3, 4, 5, 6, 7, ...] (9 in all)"


def test_repeated_labels_are_named_once():
    assert repeated_labels(["bee", "ant", "bee", "bee", "ant", "cat"]) == ["bee", "ant"]


@pytest.mark.parametrize("label", [None, float("nan"), pd.NaT, pd.NA, [1], ([],)])
def test_missing_and_unhashable_labels_name_nothing(label):
    assert not is_name(label)


@pytest.mark.parametrize("label", ["", 0, False, ("a", 1), dt.date(2020, 1, 2)])
def test_everything_else_is_a_name(label):
    assert is_name(label)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["ant", "a longer one"], "U"),
        ([-1, 5], "i"),
        ([True, False], "b"),
        ([0.5, 1.0], "f"),
        ([-1, 2**63], "O"),
        ([1, "ant"], "O"),
        ([1, True], "O"),
        ([("a", 1), ("b", 2)], "O"),
        ([b"ant"], "O"),
    ],
)
def test_label_array_keeps_each_label_as_it_is(labels, kind):
    array = label_array(labels)
    assert array.dtype.kind == kind
    assert array.shape == (len(labels),)
    assert array.tolist() == labels
    assert [type(label) for label in array.tolist()] == [type(x) for x in labels]


def test_near_miss_by_case_spaces_or_type():
    assert near_miss("cat", ["ant", "Cat "]) == (
        "rename 'Cat ' (case and spaces must match)"
    )
    assert near_miss(1, ["2", "1"]) == (
        "change '1' to 1 (the class is of type int, the label of type str)"
    )
    assert near_miss("cat", ["ant", "dog"]) is None


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["ant", np.str_("bee")], "U"),
        (("ant", "bee"), "U"),
        ([1, 2.5], "f"),
        ([float("nan"), "ant"], "O"),
        ((1, "ant"), "O"),
        ([True, "ant"], "O"),
    ],
)
def test_numbers_beside_words_stay_numbers(labels, kind):
    array = array_of_labels(labels)
    assert array.dtype.kind == kind
    if kind == "O":
        assert array[0] is labels[0]


def test_arrays_of_labels_are_copied():
    given = np.array(["ant", "bee"])
    copy = array_of_labels(given)
    copy[0] = "cat"
    assert given.tolist() == ["ant", "bee"]
