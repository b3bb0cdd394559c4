"""The frame that every builder returns."""

import datetime as dt
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from simclf.similarity import resolve_table
from simclf.similarity._labelled import labelled_frame, read_further, read_names

VALUES = np.array([[1.0, 0.25], [0.5, 2.0]])


def test_rows_are_the_truth_and_columns_the_answer():
    frame = labelled_frame(VALUES, ["bee", "ant"])
    assert frame.loc["bee", "ant"] == 0.25
    assert (frame.index.name, frame.columns.name) == ("truth", "answer")
    assert resolve_table(frame, ["ant", "bee"]).values.tolist() == [
        [2.0, 0.5],
        [0.25, 1.0],
    ]


def test_answers_that_are_no_class():
    frame = labelled_frame(
        np.array([[1.0, 0.5, 0.0]]), ["ant"], ["ant", "refer", "bee"]
    )
    assert frame.columns.tolist() == ["ant", "refer", "bee"]
    assert frame.index.tolist() == ["ant"]


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["ant", "bee"]),
        pd.Index(["ant", "bee"]),
        ("ant", 1),
        [-1, 2**63],
        [True, False],
        [("a", 1), ("b", 2)],
        [dt.date(2020, 1, 2), dt.date(2021, 1, 2)],
        [dt.datetime(2020, 1, 2), dt.datetime(2021, 1, 2)],
        {"ant": 1, "bee": 2}.keys(),
    ],
)
def test_labels_stay_what_they_are(labels):
    frame = labelled_frame(VALUES, labels)
    for axis in (frame.index, frame.columns):
        assert axis.nlevels == 1
        assert axis.tolist() == list(labels)
        assert [type(label) for label in axis.tolist()] == [
            type(label)
            for label in (labels.tolist() if hasattr(labels, "tolist") else labels)
        ]


@pytest.mark.parametrize(
    ("labels", "kind", "message"),
    [
        (
            "ant",
            TypeError,
            "classes is of type str; expected a list of labels, whose order counts.",
        ),
        (
            {"ant", "bee"},
            TypeError,
            "classes is of type set; expected a list of labels, whose order counts.",
        ),
        (3, TypeError, "classes is of type int; expected a list of labels, whose"),
        ([], ValueError, "classes is empty; expected at least one label."),
        (
            ["ant", np.nan],
            ValueError,
            (
                "classes[1], of type float, is missing or cannot be hashed; expected a "
                "label such as a string or an int."
            ),
        ),
        ([["ant"], ["bee"]], ValueError, "classes[0], of type list, is missing or"),
        (["bee", "bee"], ValueError, "classes repeats ['bee']; name each one once."),
    ],
)
def test_labels_that_name_nothing(labels, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}"):
        read_names(labels, "classes")


def test_repeated_answers_are_named():
    message = "answers repeats ['refer']; name each one once."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        labelled_frame(VALUES, ["ant", "bee"], ["refer", "refer"])


def test_pandas_waits_until_a_frame_is_made():
    code = "import sys, simclf.similarity._labelled; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("none", [[], (), np.array([]), iter([]), False, np.False_])
def test_an_empty_list_of_further_answers_is_none(none):
    assert read_further(none, "inner_nodes") is False


def test_further_answers_are_all_or_a_list():
    assert read_further(np.True_, "inner_nodes") is True
    assert read_further(iter(["T cell", 7]), "inner_nodes") == ["T cell", 7]


@pytest.mark.parametrize("given", ["", "T cell", None, set()])
def test_what_is_no_list_of_further_answers(given):
    kind = type(given).__name__
    with pytest.raises(
        TypeError, match=rf"^inner_nodes is of type {kind}; expected a "
    ):
        read_further(given, "inner_nodes")
