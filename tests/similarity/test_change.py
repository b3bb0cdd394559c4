"""What a table changes in the decisions of given probabilities."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity import describe_similarity, resolve_table
from simclf.similarity._change import compare_decisions, encode_labels, read_proba
from tests.strategies import LABELS, posteriors, score_tables

ASYMMETRIC = [[1, 0.5, 0], [-8, 1, 0], [0, 0, 1]]
NAMES = ["ant", "bee", "cat"]


@st.composite
def cases(draw):
    k = draw(st.integers(2, 5))
    values = draw(score_tables(k))
    proba = draw(posteriors(k, n=6))
    codes = np.array(draw(st.lists(st.integers(0, k - 1), min_size=6, max_size=6)))
    return resolve_table(values, LABELS[:k]), proba, codes


@given(cases())
def test_change_against_plain_loops(case):
    table, proba, codes = case
    plain, preferred = [], []
    for p in proba:
        expected = [sum(p * table.values[:, j]) for j in range(table.n_decisions)]
        likely = int(np.argmax(p))
        best = int(np.argmax(expected))
        plain.append(likely)
        preferred.append(likely if expected[likely] > expected[best] - 1e-9 else best)
    change = compare_decisions(table, proba, codes)
    earned = table.values[codes, preferred]
    gain = earned - table.values[codes, plain]
    assert (change.n_samples, change.n_changed) == (
        6,
        sum(a != b for a, b in zip(plain, preferred, strict=True)),
    )
    assert change.table_score == pytest.approx(earned.mean(), abs=1e-12)
    assert change.argmax_score == pytest.approx((earned - gain).mean(), abs=1e-12)
    assert change.standard_error == pytest.approx(np.std(gain, ddof=1) / 6**0.5)


@given(posteriors(4, n=20))
def test_the_identity_changes_nothing(proba):
    assert (
        compare_decisions(resolve_table(None, LABELS[:4]), proba, None).n_changed == 0
    )


def test_a_tie_keeps_the_most_probable_class():
    table = resolve_table([[1, 1], [0, 0]], ["ant", "bee"])
    change = compare_decisions(table, np.array([[0.3, 0.7]]), np.array([0]))
    assert change.n_changed == 0
    assert np.isnan(change.standard_error)


def test_huge_tables_do_not_overflow():
    table = resolve_table([[1e308, -1e308], [0, 1e308]], ["ant", "bee"])
    proba = np.full((4, 2), [0.4, 0.6])
    change = compare_decisions(table, proba, np.array([0, 1, 1, 1]))
    assert change.n_changed == 4
    assert change.table_score == pytest.approx(2.5e307)
    assert change.argmax_score == pytest.approx(5e307)


def test_the_report_prints_counts_and_gain():
    proba = [[0.3, 0.4, 0.3], [0.7, 0.2, 0.1], [0.0, 0.1, 0.9], [0.1, 0.6, 0.3]]
    report = describe_similarity(
        ASYMMETRIC, classes=NAMES, y=["ant", "ant", "cat", "bee"], proba=proba
    )
    assert report.class_counts == {"ant": 2, "bee": 1, "cat": 1}
    assert report.change.n_changed == 1
    assert str(report).splitlines()[-3:] == [
        "y has 4 rows; the rarest class is 'bee' with 1.",
        "It changes 1 of 4 decisions.",
        (
            "Mean score 0.875 for the most probable class, 0.75 by the table: -0.125 "
            "(standard error 0.12)."
        ),
    ]


def test_decisions_that_lose_are_warned_about():
    # Sure of nothing, but right: what a forest says of rows that it could tell apart.
    y = NAMES * 20
    proba = np.tile(np.full((3, 3), 0.2) + 0.4 * np.eye(3), (20, 1))
    report = describe_similarity(ASYMMETRIC, classes=NAMES, y=y, proba=proba)
    change = report.change
    assert change.gain == change.table_score - change.argmax_score < 0
    assert report.warnings == [
        (
            f"on these rows the table's decisions earned {-change.gain:.4g} less than "
            f"the most probable class (standard error {change.standard_error:.2g}), "
            "so the probabilities are not what they say. Calibrate them, e.g. with "
            "simclf.decision.fit_temperature on held-out rows."
        )
    ]
    few = describe_similarity(ASYMMETRIC, classes=NAMES, y=y[:3], proba=proba[:3])
    assert few.change.gain < 0
    assert few.warnings == []
    sure = np.tile(np.eye(3), (20, 1))
    sure = describe_similarity(ASYMMETRIC, classes=NAMES, y=y, proba=sure)
    assert sure.change.gain == 0
    assert sure.warnings == []


def test_probabilities_alone_give_the_number_of_changes():
    report = describe_similarity(ASYMMETRIC, classes=NAMES, proba=[[0.7, 0.2, 0.1]])
    assert str(report).endswith("\nIt changes 1 of 1 decisions.")
    assert report.change.table_score is None
    assert report.change.gain is None
    assert report.warnings == []


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            ["ant", "cow"],
            (
                "y has label 'cow', which is no class of the table: "
                "['ant', 'bee', 'cat']. Rename it, or pass a table that knows it."
            ),
        ),
        ([["ant"]], "y has shape (1, 1); expected one class label for each row."),
        ([], "y has shape (0,); expected one class label for each row."),
        (["ant", ["bee"]], "y cannot be read; expected one class label for each row."),
        (
            np.array(["ant", None], dtype=object),
            "y[1] is None; every row needs a class label.",
        ),
        ([np.nan, "ant"], "y[0] is nan; every row needs a class label."),
        (
            ["1", 1],
            (
                "y has label '1', which is no class of the table: "
                "['ant', 'bee', 'cat']. Rename it, or pass a table that knows it."
            ),
        ),
        (["ant"], "y has 1 rows but proba has 2; pass both for the same samples."),
    ],
)
def test_labels_that_do_not_fit(y, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        describe_similarity(ASYMMETRIC, classes=NAMES, y=y, proba=np.eye(3)[:2])


@pytest.mark.parametrize(
    ("proba", "message"),
    [
        (
            [[0.5, 0.5]],
            (
                "proba has shape (1, 2); expected one row for each sample and one "
                "column for each of the 3 classes."
            ),
        ),
        (np.ones((0, 3)), "proba has shape (0, 3); expected one row for each sample "),
        (0.5, "proba has shape (); expected one row"),
        (
            [[0.5, 0.5, 0], [0.5, np.nan, 0]],
            "proba[1, 1] is nan; every entry must be finite and not negative.",
        ),
        ([[0.5, 0.7, -0.2]], "proba[0, 2] is -0.2; every entry must be finite and not"),
        (
            [[0.5, 0.25, 0.25], [1.0, 0.5, 0.5], [0.2, 0.3, 0.5]],
            (
                "proba[1] sums to 2; every row must sum to 1. Divide each row by its "
                "sum, or pass the columns of all classes."
            ),
        ),
    ],
)
def test_probabilities_that_do_not_fit(proba, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        read_proba(proba, 3)


def test_probabilities_that_are_no_numbers():
    message = "proba cannot be read; expected one probability for each row and class."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        read_proba([["a"]], 1)


def test_labels_are_encoded_in_class_order():
    classes = np.array(["cat", "ant", "bee"])
    assert encode_labels(["ant", "cat", "ant"], classes).tolist() == [1, 0, 1]


def test_probabilities_may_be_rounded_as_float32_is():
    rows = np.full((2, 3), 1 / 3, dtype=np.float32)
    assert read_proba(rows, 3).dtype == np.float64


ROWS = ["cat", "ant", "bee"]
SHUFFLED = pd.DataFrame(ASYMMETRIC, NAMES, NAMES).loc[ROWS, ROWS]
SURE_OF_BEES = [[0.2, 0.7, 0.1], [0.0, 0.9, 0.1]]


def test_columns_of_a_frame_whose_rows_are_not_sorted_must_be_named():
    message = (
        "similarity has rows ['cat', 'ant', 'bee'], which are not in sorted order, and "
        "classes is None, so the columns of proba cannot be matched with them. Pass "
        "classes=..., the labels of proba's columns (an estimator's classes_)."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        describe_similarity(SHUFFLED, y=["bee", "bee"], proba=SURE_OF_BEES)
    mixed = pd.DataFrame(np.eye(2), ["ant", 1], ["ant", 1])
    with pytest.raises(ValueError, match=r"^similarity has rows \['ant', 1\], which"):
        describe_similarity(mixed, proba=[[0.5, 0.5]])
    assert describe_similarity(SHUFFLED, y=["bee"]).change is None


@pytest.mark.parametrize(
    ("similarity", "classes", "proba"),
    [
        (SHUFFLED, NAMES, SURE_OF_BEES),
        (SHUFFLED.loc[NAMES, ROWS], None, SURE_OF_BEES),
        (SHUFFLED, None, pd.DataFrame(SURE_OF_BEES, columns=NAMES)),
        (SHUFFLED, ROWS, pd.DataFrame(SURE_OF_BEES, columns=NAMES)),
        (SHUFFLED, NAMES, pd.DataFrame(SURE_OF_BEES)),
        (ASYMMETRIC, NAMES, pd.DataFrame(SURE_OF_BEES, columns=NAMES)[ROWS]),
    ],
)
def test_columns_are_matched_with_the_classes(similarity, classes, proba):
    change = describe_similarity(
        similarity, classes=classes, y=["bee", "ant"], proba=proba
    ).change
    assert (change.argmax_score, change.table_score) == (0.75, 0.75)
    assert change.n_changed == 0


@pytest.mark.parametrize(
    ("columns", "mend"),
    [
        (["ant", "bee", "cow"], "name one column after each class, or pass a bare arr"),
        (["ant", "bee", "Cat"], "rename 'Cat' (case and spaces must match)."),
        (["ant", "bee", "bee"], "name one column after each class, or pass a bare arr"),
    ],
)
def test_columns_of_other_names(columns, mend):
    message = (
        f"proba has columns {columns} but the classes are ['ant', 'bee', 'cat']; {mend}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        describe_similarity(
            ASYMMETRIC,
            classes=NAMES,
            proba=pd.DataFrame(SURE_OF_BEES, columns=columns),
        )
