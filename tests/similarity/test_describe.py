"""The report on a score table."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.losses._kernel_brier import _negative_type_costs
from simclf.similarity import describe_similarity, resolve_table
from simclf.similarity._report import BetterAnswer
from tests.strategies import LABELS, score_tables

FORUM = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
C = ["c1", "c2", "c3", "c4"]


def test_the_forum_table():
    report = describe_similarity(FORUM, classes=C)
    assert report.better_answers == (BetterAnswer("c3", "c4", 0.0, 1.0),)
    assert report.never_best == ("c3",)
    assert report.constant_rows == ()
    assert report.indistinguishable == ()
    assert (report.asymmetry, report.asymmetric_pair) == (0.0, None)
    assert not report.looks_reversed
    assert report.class_counts is None
    assert report.change is None
    assert report.notes == []
    assert len(report.warnings) == 2


def test_asymmetry_and_further_answers_are_printed():
    frame = pd.DataFrame(
        [[1, 0.25, 0.5], [0.5, 2, 0.75]], ["ant", "bee"], ["ant", "bee", "refer"]
    )
    report = describe_similarity(frame)
    assert report.asymmetric_pair == ("ant", "bee")
    assert str(report) == (
        "Score table of 2 classes and the further answers ['refer'].\n"
        "It is asymmetric: 'ant' and 'bee' taken for each other differ by 0.25.\n"
        "Warning: no class probabilities make ['refer'] the single best answer, so the "
        "best decision never needs it."
    )


def test_rows_that_say_nothing_or_the_same():
    table = [[2, 0, 0, 0], [3, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 1]]
    report = describe_similarity(table, classes=C)
    assert report.constant_rows == ("c3",)
    assert report.indistinguishable == (("c1", "c2"),)
    assert report.warnings[-2:] == [
        (
            "the rows of ['c3'] are constant: for these classes no answer is better "
            "than another."
        ),
        (
            "the rows of ['c1', 'c2'] are equal up to a constant, so the table cannot "
            "tell these classes apart."
        ),
    ]


def test_a_constant_table_has_one_warning():
    report = describe_similarity([[1, 1], [4, 4]])
    assert report.warnings == [
        "every row is constant, so no answer is ever better than another."
    ]
    assert report.never_best == (0, 1)


def test_a_cost_matrix_is_recognised():
    report = describe_similarity([[0, 1], [5, 0]])
    assert report.looks_reversed
    assert report.warnings[0].startswith("similarity looks like a cost matrix (each")


def test_a_sensible_table_has_no_warnings():
    report = describe_similarity([[1, 0.5], [0.2, 1]], classes=["ant", "bee"])
    assert report.warnings == []


def test_a_wide_table_says_what_it_skips():
    assert describe_similarity(np.eye(200)).never_best == ()
    report = describe_similarity(np.eye(201))
    assert report.never_best is None
    assert str(report).endswith(
        "\nNote: the table has 201 answers; above 200, answers that are never the "
        "single best one are not looked for."
    )


def test_classes_come_from_the_frame_then_from_y_then_from_numbers():
    frame = pd.DataFrame(np.eye(2), ["bee", "ant"], ["ant", "bee"])
    report = describe_similarity(frame, y=["ant", "ant"])
    assert report.class_counts == {"bee": 0, "ant": 2}
    assert describe_similarity(np.eye(2), y=["b", "a"]).class_counts == {"a": 1, "b": 1}
    assert describe_similarity(FORUM).better_answers == (BetterAnswer(2, 3, 0.0, 1.0),)


def test_a_callable_needs_classes():
    def make_table(labels):
        return np.eye(len(labels))

    assert describe_similarity(make_table, classes=C).warnings == []
    with pytest.raises(
        TypeError,
        match=r"^similarity of type function does not say how many classes there are; "
        r"pass classes=\[...\] too\.$",
    ):
        describe_similarity(make_table)


@pytest.mark.parametrize("empty", [[], np.ones((0, 0)), pd.DataFrame()])
def test_empty_tables(empty):
    with pytest.raises(
        ValueError,
        match=r"^similarity is empty; expected a row and a column for each class\.$",
    ):
        describe_similarity(empty)


def test_labels_of_y_that_cannot_be_sorted():
    for y in (["ant", 1], np.array(["ant", 1], dtype=object)):
        with pytest.raises(
            TypeError,
            match=r"^y mixes labels that cannot be sorted; pass classes=\[...\] in ord",
        ):
            describe_similarity(np.eye(2), y=y)


def test_a_symmetric_table_that_is_no_kernel_says_so():
    ring = np.array([[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0]])
    report = describe_similarity(-(ring**2))
    assert report.is_kernel is False
    assert str(report) == (
        "Score table of 4 classes.\n"
        "It is symmetric.\n"
        "Note: the table is symmetric, but its costs are no squared distances between "
        "points (smallest eigenvalue -0.25), which the kernel 'energy' of the loss "
        "kernel_brier needs; its kernel 'score' takes any table."
    )
    assert describe_similarity(-ring).is_kernel is True
    assert describe_similarity(-ring).notes == []


def test_tables_that_nobody_takes_for_distances_have_no_note():
    report = describe_similarity(FORUM)
    assert report.is_kernel is False
    assert report.notes == []
    report = describe_similarity([[1, 0.9, 0], [0, 1, 0.9], [0, 0, 1]])
    assert report.notes == []


def test_wide_tables_are_not_searched_for_a_kernel():
    table = np.zeros((2001, 2001))
    report = describe_similarity(table)
    assert report.smallest_eigenvalue is None
    assert report.is_kernel is None


@given(st.booleans(), score_tables())
def test_a_kernel_is_what_the_energy_loss_takes(symmetric, values):
    table = values + values.T if symmetric else values
    try:
        _negative_type_costs(resolve_table(table, LABELS[: len(table)]))
    except ValueError:
        taken = False
    else:
        taken = True
    assert describe_similarity(table).is_kernel == taken
