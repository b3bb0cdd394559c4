"""Scores of classes that others confuse."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from simclf.similarity import confusion_similarity
from tests.strategies import LABELS, score_tables

COUNTS = [[8, 2, 0], [1, 4, 3], [0, 6, 2]]
NAMES = ["low", "mid", "high"]


def test_by_hand_a_more_frequent_answer_ties_with_the_right_one():
    table = confusion_similarity(COUNTS, NAMES)
    assert table.to_numpy().tolist() == [
        [1.0, 0.25, 0.0],
        [0.25, 1.0, 0.75],
        [0.0, 1.0, 1.0],
    ]
    assert table.loc["mid", "high"] == 0.75


def test_smoothing_adds_to_every_count():
    table = confusion_similarity(COUNTS, NAMES, smoothing=2)
    assert table.to_numpy().tolist() == [
        [1.0, 0.4, 0.2],
        [0.5, 1.0, 5 / 6],
        [0.25, 1.0, 1.0],
    ]


@given(score_tables(4, low=0.0), st.floats(0.1, 5.0))
def test_one_score_for_both_directions_is_that_of_the_choice_model(counts, smoothing):
    np.fill_diagonal(counts, counts.max() + 1)
    table = confusion_similarity(
        counts, LABELS[:4], smoothing=smoothing, symmetrize=True
    ).to_numpy()
    n = counts + smoothing
    for i in range(4):
        for j in range(4):
            expected = (n[i, j] * n[j, i] / (n[i, i] * n[j, j])) ** 0.5
            assert table[i, j] == pytest.approx(expected, rel=1e-12)
    assert (table == table.T).all()


@given(score_tables(4, low=0.0))
def test_the_bias_towards_an_answer_cancels_in_symmetric_scores(similarity):
    similarity = np.maximum(similarity, similarity.T) / 6.1 + 0.001
    np.fill_diagonal(similarity, 1.0)
    bias = np.array([0.4, 0.41, 0.39, 0.4])
    strength = similarity * bias
    rates = strength / strength.sum(axis=1, keepdims=True)
    if (rates.argmax(axis=1) == np.arange(4)).all():
        table = confusion_similarity(rates, LABELS[:4], symmetrize=True)
        np.testing.assert_allclose(table, similarity, rtol=1e-12)


@given(score_tables(3, low=0.0))
def test_rates_give_the_scores_of_counts(counts):
    counts += 7.0 * np.eye(3)
    rates = counts / counts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(
        confusion_similarity(rates, NAMES), confusion_similarity(counts, NAMES)
    )


def test_what_scikit_learn_and_pandas_count():
    truth = ["ant", "ant", "ant", "bee", "bee", "cat", "cat"]
    answer = ["ant", "ant", "bee", "bee", "cat", "cat", "ant"]
    order = ["cat", "bee", "ant"]
    by_sklearn = confusion_similarity(
        confusion_matrix(truth, answer, labels=order), order
    )
    by_pandas = confusion_similarity(pd.crosstab(np.array(truth), np.array(answer)))
    assert by_sklearn.loc["ant", "bee"] == 0.5
    assert by_sklearn.loc["bee", "ant"] == 0.0
    assert (by_pandas.loc[order, order] == by_sklearn).all(axis=None)


@pytest.mark.parametrize(
    ("counts", "settings", "kind", "message"),
    [
        (
            [[1, 0], [0, 0]],
            {"smoothing": 1},
            ValueError,
            (
                "confusion has no counts for truth 'bee'; drop the class, or count "
                "over data that has it."
            ),
        ),
        (
            [[1, 0], [-2, 1]],
            {},
            ValueError,
            ("confusion of truth 'bee' and answer 'ant' is -2; expected 0 or more."),
        ),
        (
            [[1, 0], [0, 1]],
            {"smoothing": -1},
            ValueError,
            "smoothing=-1 is negative; expected 0 or more.",
        ),
        (
            [[1, 0], [0, 1]],
            {"smoothing": None},
            TypeError,
            "smoothing is of type NoneType; expected a number.",
        ),
        (
            [1, 2],
            {},
            ValueError,
            (
                "confusion has shape (2,) but classes names 2: ['ant', 'bee']. Pass "
                "one row and one column for each class, in the order of classes."
            ),
        ),
    ],
)
def test_confusions_that_cannot_be_read(counts, settings, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        confusion_similarity(counts, ["ant", "bee"], **settings)


TRUTH = np.repeat(NAMES, [10, 8, 8])
ANSWER = np.repeat(NAMES * 3, np.ravel(COUNTS))


@pytest.mark.parametrize("normalize", [False, "all"])
@pytest.mark.parametrize("name", ["All", "sum"])
def test_margins_are_no_class(normalize, name):
    table = pd.crosstab(
        TRUTH, ANSWER, margins=True, margins_name=name, normalize=normalize
    )
    message = (
        f"confusion has the sums of the others in its last row and column, '{name}'; "
        "expected classes only. Leave out margins=True, or drop both."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        confusion_similarity(table)
    with pytest.raises(ValueError, match=r"^confusion has the sums of the others "):
        confusion_similarity(table.to_numpy(), [*NAMES, name])
    pd.testing.assert_frame_equal(
        confusion_similarity(table, NAMES), confusion_similarity(COUNTS, NAMES)
    )


@pytest.mark.parametrize("cell", [(0, 3), (3, 1), (3, 3)])
def test_one_other_count_makes_margins_a_class(cell):
    table = pd.crosstab(TRUTH, ANSWER, margins=True)
    table.iloc[cell] += 1
    assert confusion_similarity(table).shape == (4, 4)


def test_equal_counts_of_two_classes_are_no_margins():
    table = confusion_similarity([[5, 5], [5, 5]], ["ant", "bee"])
    assert table.to_numpy().tolist() == [[1.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize(
    "table",
    [
        pd.crosstab(TRUTH, ANSWER, normalize="columns"),
        pd.DataFrame(
            confusion_matrix(TRUTH, ANSWER, labels=NAMES, normalize="pred"),
            NAMES,
            NAMES,
        ),
        pd.DataFrame([[0.5, 0, 0.25], [0.5, 0, 0.5], [0, 0, 0.25]], NAMES, NAMES),
    ],
)
def test_shares_of_the_truths_of_an_answer_are_refused(table):
    message = (
        "confusion has columns that sum to 1 and rows that do not, so they are shares "
        "of the truths of an answer; expected counts, or shares of the answers to a "
        "truth. Use normalize='index' (pandas.crosstab) or normalize='true' "
        "(confusion_matrix), or do not normalise."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        confusion_similarity(table)


def test_shares_of_the_answers_to_a_truth_give_the_scores_of_counts():
    by_truth = confusion_matrix(TRUTH, ANSWER, labels=NAMES, normalize="true")
    np.testing.assert_allclose(
        confusion_similarity(by_truth, NAMES), confusion_similarity(COUNTS, NAMES)
    )
    assert (confusion_similarity(np.eye(3), NAMES) == np.eye(3)).all(axis=None)


@pytest.mark.parametrize("flag", ["no", "yes", None, 1])
def test_symmetrize_is_true_or_false(flag):
    kind = type(flag).__name__
    message = f"symmetrize is {flag!r} of type {kind}; expected True or False."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        confusion_similarity(COUNTS, NAMES, symmetrize=flag)
    by_numpy = confusion_similarity(COUNTS, NAMES, symmetrize=np.False_)
    by_python = confusion_similarity(COUNTS, NAMES, symmetrize=False)
    pd.testing.assert_frame_equal(by_numpy, by_python)
