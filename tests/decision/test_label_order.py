"""Labels are read off one axis or one column; anything else is told what it is."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from simclf.decision._label_order import label_axis

FLAT = ["ant", "bee", "ant"]
FRAME = pd.DataFrame({"kind": FLAT})


@pytest.mark.parametrize(
    "column",
    [
        np.array(FLAT)[:, np.newaxis],
        np.array(FLAT, dtype=object)[:, np.newaxis],
        [[label] for label in FLAT],
        FRAME,
        FRAME.astype("category"),
        FRAME.astype("string"),
    ],
)
def test_a_column_is_the_labels_it_holds(column):
    assert label_axis(column, "y").tolist() == FLAT


def test_numbers_of_a_column_stay_numbers():
    found = label_axis(pd.DataFrame({"grade": [2, 1]}), "y").tolist()
    assert found == [2, 1]
    assert all(type(label) is int for label in found)
    assert label_axis(np.empty((0, 1)), "y").shape == (0,)


@pytest.mark.parametrize(
    ("given", "told", "remedy"),
    [
        (None, "is None", "Pass a flat list of labels."),
        ("ant", "is 'ant'", "Pass a flat list of labels."),
        (7, "is 7", "Pass a flat list of labels."),
        (np.float64(0.5), f"is {np.float64(0.5)!r}", "Pass a flat list of labels."),
        (
            {"ant"},
            "is of type set",
            "Pass a list in the order of the rows; a set has no order.",
        ),
        ((label for label in FLAT), "is of type generator", "Pass list(y)."),
        ({"a": "ant"}.values(), "is of type dict_values", "Pass list(y)."),
        ({"a": "ant"}, "is of type dict", "Pass list(y.values())."),
        (
            sparse.csr_array(np.eye(2)),
            "is of type csr_array",
            "Pass a flat list of labels.",
        ),
        (
            FRAME.assign(other=1),
            "has shape (3, 2)",
            "Pass the one column that holds the labels, shape (n_samples,).",
        ),
        (
            np.ones((2, 1, 1)),
            "has shape (2, 1, 1)",
            "Pass the one column that holds the labels, shape (n_samples,).",
        ),
    ],
)
def test_what_is_no_list_of_labels_is_told_what_it_is(given, told, remedy):
    sentence = f"y {told}; expected one label per row. {remedy}"
    with pytest.raises(ValueError, match="^" + re.escape(sentence) + "$"):
        label_axis(given, "y")
