"""Tables follow the labels at hand; labels become codes or are named and refused."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from simclf.decision import answer_sets, bayes_decision, expected_scores
from simclf.decision._align import (
    aligned_table,
    decision_values,
    label_codes,
    whole_table,
)
from simclf.decision._label_order import sorted_labels
from simclf.similarity import resolve_table
from tests.strategies import classes, score_tables

BARE = [[1.0, 0.5, 0.25], [0.0, 2.0, 0.75], [-1.0, -2.0, 3.0]]
LABELS = ["ant", "bee", "cat"]
PROBA = [[0.5, 0.25, 0.25]]


def frame_of(values, labels, extras=()):
    return pd.DataFrame(values, index=labels, columns=[*labels, *extras])


def refusal(sentence):
    return pytest.raises(ValueError, match="^" + re.escape(sentence) + "$")


@given(st.data())
def test_every_form_follows_the_classes(data):
    k, extra = data.draw(st.integers(2, 6)), data.draw(st.integers(0, 2))
    values, labels = data.draw(score_tables(k, extra=extra)), data.draw(classes(k))
    wanted = data.draw(st.permutations(range(k)))[: data.draw(st.integers(1, k))]
    extras = [f"answer {j}" for j in range(extra)]
    frame = frame_of(values, labels, extras).sample(frac=1, random_state=0)
    expected = values[np.ix_(wanted, [*wanted, *range(k, k + extra)])]
    for table in (frame, resolve_table(frame, labels)):
        found = aligned_table(table, labels[wanted])
        np.testing.assert_array_equal(found.values, expected)
        assert found.classes.tolist() == labels[wanted].tolist()
        assert found.decisions.tolist() == [*labels[wanted].tolist(), *extras]
        assert found.n_classes == len(wanted)


def test_what_a_callable_makes_is_in_sorted_order_whatever_the_order_of_classes():
    found = aligned_table(lambda labels: np.array(BARE), ["cat", "ant", "bee"])
    order = [2, 0, 1]
    np.testing.assert_array_equal(found.values, np.array(BARE)[np.ix_(order, order)])
    assert found.classes.tolist() == ["cat", "ant", "bee"]


@pytest.mark.parametrize("form", [BARE, np.array(BARE), sparse.csr_array(BARE)])
@pytest.mark.parametrize(
    "read",
    [
        aligned_table,
        decision_values,
        lambda table, classes: whole_table(table, classes, ()),
        lambda table, classes: bayes_decision(PROBA, table, classes=classes),
        lambda table, classes: expected_scores(PROBA, table, classes=classes),
        lambda table, classes: answer_sets(
            PROBA, table, min_score=0.5, classes=classes
        ),
    ],
)
def test_bare_array_with_classes_that_are_not_sorted_is_refused(read, form):
    read(form, LABELS)
    read(form, np.array(LABELS))
    with refusal(
        "similarity is an array without labels, and classes[2] is 'ant' behind 'cat', "
        "but an array is read in sorted order of the classes here. Pass "
        "pd.DataFrame(similarity, index=classes, columns=classes); or, if the array is "
        "in sorted order, sort classes (and the columns of proba with them)."
    ):
        read(form, ["bee", "cat", "ant"])


def test_sorted_order_is_that_of_numpy():
    assert aligned_table(BARE, [-2, 5, 10]).classes.tolist() == [-2, 5, 10]
    with pytest.raises(ValueError, match=r"classes\[1\] is 'a' behind 'b'"):
        aligned_table(np.eye(2), ["b", "a"])
    with pytest.raises(ValueError, match=r"classes\[2\] is 9 behind 10"):
        aligned_table(BARE, [2, 10, 9])


def test_identity_for_any_classes():
    assert aligned_table(None, ["bee", "ant"]).values.tolist() == [[1, 0], [0, 1]]


def test_cut_table_is_read_only():
    table = aligned_table(resolve_table(BARE, LABELS), ["cat", "ant"])
    for array in (table.values, table.classes, table.decisions):
        assert not array.flags.writeable
    assert table.values.flags.c_contiguous


def test_table_in_order_is_passed_on():
    table = resolve_table(BARE, LABELS)
    assert aligned_table(table, LABELS) is table


def test_class_that_the_table_lacks_is_named():
    with refusal(
        "classes has label 'dog', which is no class of the table. It knows ['ant', "
        "'bee', 'cat']; correct the label (case and type must match) or add it to the "
        "table."
    ):
        aligned_table(resolve_table(BARE, LABELS), ["ant", "dog"])


def test_decision_values_of_each_form():
    np.testing.assert_array_equal(decision_values(BARE, None), BARE)
    np.testing.assert_array_equal(decision_values(BARE[:2], None), BARE[:2])
    table = resolve_table(BARE, LABELS)
    assert decision_values(table, None) is table.values
    found = decision_values(frame_of(BARE, LABELS), ["cat", "bee"])
    np.testing.assert_array_equal(found, [[3.0, -2.0], [0.75, 2.0]])


def test_labelled_frame_without_classes_is_refused():
    with refusal(
        "similarity is a labelled DataFrame but classes is None, so its rows cannot be "
        "matched with the columns of proba. Pass classes=..., the labels of proba's "
        "columns (an estimator's classes_)."
    ):
        decision_values(frame_of(BARE, LABELS), None)


@pytest.mark.parametrize("table", [[1.0, 2.0], np.zeros((0, 2)), [[[1.0]]]])
def test_bare_array_of_another_shape_is_refused(table):
    with refusal(
        f"similarity has shape {np.shape(table)}; expected (n_classes, n_decisions), "
        "one row per true class and one column per answer."
    ):
        decision_values(table, None)


def test_entry_that_is_not_finite_is_named():
    with refusal("similarity[1, 0] is nan; every entry must be finite."):
        decision_values([[1.0, 0.0], [np.nan, 1.0]], None)


@pytest.mark.parametrize("table", [frame_of(BARE, LABELS), resolve_table(BARE, LABELS)])
def test_whole_table_keeps_labels_that_the_data_lack(table):
    found = whole_table(table, ["ant"], (["bee"],))
    assert found.classes.tolist() == LABELS
    np.testing.assert_array_equal(found.values, BARE)


def test_whole_table_of_numbers_takes_classes_or_the_labels_found():
    assert whole_table(BARE, LABELS, ()).classes.tolist() == LABELS
    seen = (np.array(["cat", "ant"]), ["bee", "ant"])
    assert whole_table(BARE, None, seen).classes.tolist() == LABELS
    assert whole_table(lambda labels: BARE, None, seen).classes.tolist() == LABELS


def test_whole_identity_spans_all_labels_found():
    found = whole_table(None, ["ignored"], (np.array([3, 1]), [2]))
    assert found.classes.tolist() == [1, 2, 3]
    assert found.given_as == "identity"


def test_bare_array_that_the_labels_do_not_explain_is_refused():
    with refusal(
        "similarity has shape (3, 3) but y_true and y_pred hold 2 labels ['ant', "
        "'bee']. Pass classes=..., the labels of its rows, or a DataFrame labelled by "
        "class."
    ):
        whole_table(BARE, None, (["ant"], ["bee"]))


def test_labels_that_cannot_be_sorted_are_refused():
    with refusal(
        "the labels [1, 'ant'] of classes are of kinds that cannot be sorted. Make "
        "them all of one kind, e.g. words, or pass a table as a DataFrame labelled by "
        "class."
    ):
        sorted_labels([1, "ant"])


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_class_without_a_label_is_refused(missing):
    with refusal(
        f"classes has a missing label; its labels are ['ant', {missing}]. Name every "
        "class."
    ):
        sorted_labels(["ant", missing])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_label_is_named_by_its_row(missing):
    with refusal(
        f"y_true[1] is {missing!r}, which is no label; give it one or leave it out."
    ):
        label_codes(["ant", missing], np.array(LABELS), "y_true", "class")


def test_missing_labels_are_no_classes():
    found = whole_table(None, None, (["bee", None], np.array(["ant", np.nan], object)))
    assert found.classes.tolist() == ["ant", "bee"]
    with refusal("there is no label in the data, all are missing; pass labelled rows."):
        whole_table(None, None, ([None], [np.nan]))


def test_a_frame_of_repeated_rows_is_refused_as_the_table_it_is():
    frame = frame_of(BARE, LABELS).iloc[[0, 1, 2, 1]]
    with refusal(
        "similarity has repeated row labels ['bee']; every row needs a label of its "
        "own. Rename or drop the others."
    ):
        whole_table(frame, None, (["ant"],))


@pytest.mark.parametrize(
    "labels",
    [
        ["cat", "ant"],
        np.array(["cat", "ant"]),
        np.array(["cat", "ant"], dtype=object),
        pd.Series(["cat", "ant"], dtype="category"),
        pd.Series(["cat", "ant"], dtype="string"),
    ],
)
def test_labels_become_codes(labels):
    codes = label_codes(labels, np.array(LABELS), "y_true", "class")
    assert codes.dtype == np.intp
    assert codes.tolist() == [2, 0]


def test_numbers_and_strings_are_told_apart():
    known = np.array([1, "1", "refer"], dtype=object)
    assert label_codes(["1", 1, "refer"], known, "y_pred", "answer").tolist() == [
        1,
        0,
        2,
    ]
    assert label_codes([1.0, True], known, "y_pred", "answer").tolist() == [0, 0]


def test_unknown_label_is_named():
    with refusal(
        "y_pred has label 'Ant', which is no answer of the table. It knows ['ant', "
        "'bee', 'cat']; correct the label (case and type must match) or add it to the "
        "table."
    ):
        label_codes(["bee", "Ant"], np.array(LABELS), "y_pred", "answer")


def test_at_most_eight_known_labels_are_shown():
    with pytest.raises(ValueError, match=r"It knows \[0, .* 7, ...\] \(30 in all\);"):
        label_codes(np.array([30]), np.arange(30), "y_true", "class")


@pytest.mark.parametrize("answer", [expected_scores, bayes_decision])
def test_columns_of_the_probabilities_are_the_classes(answer):
    table = pd.DataFrame([[1.0, 0.25], [0.5, 2.0]], ["ant", "bee"], ["ant", "bee"])
    proba = pd.DataFrame([[0.9, 0.1], [0.2, 0.8]], columns=["bee", "ant"])
    named = answer(proba.to_numpy(), table, classes=["bee", "ant"])
    np.testing.assert_array_equal(answer(proba, table), named)
    numbered = proba.set_axis([0, 1], axis=1)
    with pytest.raises(ValueError, match=r"^similarity is a labelled DataFrame but"):
        answer(numbered, table)
    by_number = table.set_axis([0, 1]).set_axis([0, 1], axis=1)
    np.testing.assert_array_equal(
        answer(numbered, by_number), answer(numbered.to_numpy(), table.to_numpy())
    )
