"""Scores that differ by row: columns found by name, everything else refused."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from simclf.decision._sample_scores import read_sample_scores
from tests.strategies import LABELS, score_tables

DECISIONS = np.array(["ant", "bee", "refer"])
ROWS = np.array([[1.0, 0.25, -2.0], [0.0, 3.0, 0.5]])


def refusal(sentence, kind=ValueError):
    return pytest.raises(kind, match="^" + re.escape(sentence) + "$")


@given(score_tables(5, extra=2), st.permutations(range(7)))
def test_columns_of_a_frame_are_found_by_name(rows, order):
    decisions = LABELS[:7]
    frame = pd.DataFrame(rows[:, order], columns=decisions[list(order)])
    for given_rows in (frame, pl.from_pandas(frame), frame.astype(object)):
        found = read_sample_scores(given_rows, decisions, 5)
        np.testing.assert_array_equal(found, rows)
    np.testing.assert_array_equal(read_sample_scores(rows, decisions, 5), rows)
    cut = read_sample_scores(frame, decisions[[4, 1]], 5)
    np.testing.assert_array_equal(cut, rows[:, [4, 1]])


@pytest.mark.parametrize(
    "rows", [ROWS, ROWS.tolist(), np.asfortranarray(ROWS), sparse.csr_matrix(ROWS)]
)
def test_bare_rows_are_read_in_the_order_of_the_answers(rows):
    found = read_sample_scores(rows, DECISIONS, 2)
    np.testing.assert_array_equal(found, ROWS)
    assert found.dtype == np.float64
    assert found.flags.c_contiguous
    found[0, 0] = 7.0
    assert ROWS[0, 0] == 1.0


def test_integers_and_flags_are_numbers():
    found = read_sample_scores(np.array([[True, False]]), DECISIONS[:2], 1)
    assert found.tolist() == [[1.0, 0.0]]
    unsigned = np.array([[0, 200]], dtype=np.uint8)
    assert read_sample_scores(unsigned, DECISIONS[:2], 1).tolist() == [[0.0, 200.0]]


def test_the_index_of_a_frame_says_nothing():
    frame = pd.DataFrame(ROWS, index=[9, 9], columns=DECISIONS)
    np.testing.assert_array_equal(read_sample_scores(frame, DECISIONS, 2), ROWS)


@pytest.mark.parametrize(
    "rows", [ROWS[:1], ROWS[:, :2], ROWS[0], ROWS[:, :, None], np.ones((3, 2))]
)
def test_another_shape_is_refused(rows):
    with refusal(
        f"sample_scores has shape {rows.shape}; expected (2, 3), one row for each "
        "sample and one column for each answer in the order ['ant', 'bee', 'refer']. "
        "A DataFrame is aligned by the names of its columns."
    ):
        read_sample_scores(rows, DECISIONS, 2)


def test_a_frame_of_another_length_is_refused():
    frame = pd.DataFrame(ROWS, columns=DECISIONS)
    with pytest.raises(ValueError, match=r"^sample_scores has shape \(2, 3\); expect"):
        read_sample_scores(frame, DECISIONS, 3)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            ["ant", "refer", "wasp"],
            (
                "has no column for answer 'bee'. Its columns are ['ant', 'refer', "
                "'wasp']; add the column."
            ),
        ),
        (
            ["ant", "Bee ", "refer"],
            (
                "has no column for answer 'bee'. Its columns are ['ant', 'Bee ', "
                "'refer']; rename 'Bee ' (case and spaces must match) or add the "
                "column."
            ),
        ),
        (
            ["ant", "bee", "bee"],
            (
                "has repeated columns ['bee']; every answer needs one column of its "
                "own. Rename or drop the others."
            ),
        ),
        (
            ["ant", None, "bee"],
            (
                "has a column without a name; its columns are ['ant', None, 'bee']. "
                "Name every column by its answer."
            ),
        ),
    ],
)
def test_columns_that_name_no_answer_are_refused(columns, sentence):
    frame = pd.DataFrame(ROWS, columns=columns)
    with refusal(f"sample_scores {sentence}"):
        read_sample_scores(frame, DECISIONS, 2)


def test_numbers_written_as_words_are_told_from_numbers():
    frame = pd.DataFrame(ROWS[:, :2], columns=["0", "1"])
    with pytest.raises(
        ValueError,
        match=r"change '0' to 0 \(the class is of type int, the label of type str\)",
    ):
        read_sample_scores(frame, np.array([0, 1]), 2)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_entry_that_is_not_finite_is_named(value):
    rows = ROWS.copy()
    rows[1, 2] = value
    for given_rows in (rows, pd.DataFrame(rows, columns=DECISIONS)):
        with refusal(
            f"sample_scores[1] for answer 'refer' is {value}; every entry must be "
            "finite."
        ):
            read_sample_scores(given_rows, DECISIONS, 2)


@pytest.mark.parametrize(
    ("rows", "kind", "remedy"),
    [
        ("scores.csv", "str", "A file is read first, e.g. with pandas.read_csv."),
        (np.negative, "ufunc", "Call it, and pass what it returns."),
        ({"ant": [1.0]}, "dict", "Pass pandas.DataFrame(sample_scores)."),
    ],
)
def test_what_is_no_array_is_refused(rows, kind, remedy):
    with refusal(
        f"sample_scores is of type {kind}; expected an array of shape (n_samples, "
        f"n_decisions) or a DataFrame with a column for each answer. {remedy}",
        TypeError,
    ):
        read_sample_scores(rows, DECISIONS, 1)


def test_what_is_no_number_is_refused():
    with refusal(
        "sample_scores holds values of dtype <U1; expected numbers, one score for each "
        "sample (row) and answer (column).",
        TypeError,
    ):
        read_sample_scores([["a", "b"]], DECISIONS[:2], 1)
    frame = pd.DataFrame([[1.0, "dear"]], columns=["ant", "bee"])
    with refusal(
        "sample_scores[0] for answer 'bee' is 'dear' of type str; every entry must be "
        "a finite number.",
        TypeError,
    ):
        read_sample_scores(frame, DECISIONS[:2], 1)
    with pytest.raises(ValueError, match=r"^sample_scores is a masked array; every"):
        read_sample_scores(np.ma.masked_equal(ROWS, 0.0), DECISIONS, 2)
