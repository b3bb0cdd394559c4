"""Scores of each row in place of the table's, in all metrics alike."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simclf.metrics import (
    class_scores,
    compare_scores,
    expected_score,
    mean_score,
    mistake_severity,
    regret,
    score_interval,
    skill_score,
)
from tests.metrics.cases import NAMES, ON_LABELS, TRIAGE, cases, mean
from tests.strategies import posteriors

ROWS = np.array([[0.0, -1.0, -2.0], [-70.0, 0.5, -2.0], [3.0, -1.0, -9.0]])
FRAME = pd.DataFrame(ROWS, columns=["fine", "ill", "refer"])
TRUTH, ANSWERS = ["fine", "ill", "ill"], ["ill", "fine", "refer"]


def refusal(sentence):
    return pytest.raises(ValueError, match="^" + re.escape(sentence))


@st.composite
def row_cases(draw):
    """Scores for each row, labels, true labels, answers and weights."""
    _, labels, truth, answers, weights = draw(cases())
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    return rng.normal(size=(len(truth), len(labels))), labels, truth, answers, weights


@given(row_cases(), st.booleans())
def test_metrics_of_answers_are_what_loops_give(case, named):
    scores, labels, truth, answers, weights = case
    settings = {"sample_weight": weights, "sample_scores": scores, "classes": labels}
    if named:
        order = np.argsort(scores[0])
        frame = pd.DataFrame(scores[:, order], columns=labels[order])
        settings |= {"sample_scores": frame, "classes": None}
    arguments = labels[truth], labels[answers]
    earned = [row[j] for row, j in zip(scores, answers, strict=True)]
    best = [max(row) for row in scores]
    lost = [high - score for high, score in zip(best, earned, strict=True)]
    assert mean_score(*arguments, **settings) == pytest.approx(mean(earned, weights))
    assert regret(*arguments, **settings) == pytest.approx(mean(lost, weights))
    wrong = [w * (i != j) for w, i, j in zip(weights, truth, answers, strict=True)]
    severity = mean(lost, wrong) if sum(wrong) else 0.0
    assert mistake_severity(*arguments, **settings) == pytest.approx(severity)
    constant = max(mean(column, weights) for column in scores.T)
    assume(mean(best, weights) - constant > 1e-6)
    skill = (mean(earned, weights) - constant) / (mean(best, weights) - constant)
    found = skill_score(*arguments, **settings)
    assert found == pytest.approx(skill, rel=1e-7, abs=1e-7)


@given(row_cases(), st.data())
def test_expected_score_is_what_loops_give(case, data):
    scores, labels, truth, _, weights = case
    proba = data.draw(posteriors(len(labels), n=len(truth)))
    slow = [sum(s * p) for s, p in zip(scores, proba, strict=True)]
    as_sorted = np.arange(len(labels))
    shuffled = np.array(data.draw(st.permutations(as_sorted.tolist())))
    frame = pd.DataFrame(scores, columns=labels)
    for rows, order in ((scores, as_sorted), (frame, shuffled)):
        found = expected_score(
            labels[truth],
            proba[:, order],
            classes=labels[order],
            sample_weight=weights,
            sample_scores=rows,
        )
        assert found == pytest.approx(mean(slow, weights), abs=1e-12)


@given(cases(extra=1))
def test_rows_of_the_table_are_the_table(case):
    values, labels, truth, answers, weights = case
    decisions = [*labels.tolist(), "refer"]
    table = pd.DataFrame(values, index=labels, columns=decisions)
    y_pred = np.array([decisions[j] for j in answers], dtype=object)
    settings = {"sample_weight": weights}
    for metric in ON_LABELS:
        expected = metric(labels[truth], y_pred, table, **settings)
        for rows in (values[truth], table.loc[labels[truth]]):
            found = metric(
                labels[truth], y_pred, table * 0, sample_scores=rows, **settings
            )
            assert found == pytest.approx(expected, abs=1e-9)
    found = class_scores(
        labels[truth], y_pred, table, sample_scores=values[truth], **settings
    )
    expected = class_scores(labels[truth], y_pred, table, **settings)
    pd.testing.assert_frame_equal(found, expected)


def test_the_table_names_the_answers_and_their_order():
    assert mean_score(TRUTH, ANSWERS, TRIAGE, sample_scores=ROWS) == -80 / 3
    shuffled = FRAME[["refer", "fine", "ill"]]
    for table in (TRIAGE, TRIAGE.loc[::-1, ["refer", "ill", "fine"]], None):
        assert mean_score(TRUTH, ANSWERS, table, sample_scores=shuffled) == -80 / 3


def test_answers_of_a_frame_count_even_if_nobody_gave_them():
    rows = pd.DataFrame(
        {"ant": [1.0, 1.0], "bee": [0.0, 2.0], "cow": [5.0, 5.0]}, index=["x", "y"]
    )
    assert regret(["ant", "bee"], ["ant", "bee"], sample_scores=rows) == 3.5
    assert skill_score(["ant", "bee"], ["cow", "cow"], sample_scores=rows) == 1.0


def test_bare_rows_without_names_are_the_sorted_labels():
    rows = [[1.0, 0.0], [0.0, 4.0]]
    assert mean_score(["bee", "bee"], ["ant", "bee"], sample_scores=rows) == 2.5
    assert (
        mean_score(["b", "b"], ["b", "b"], classes=["a", "b"], sample_scores=rows) == 2
    )
    with refusal(
        "sample_scores is an array without labels, and classes[1] is 'a' behind 'b', "
        "but an array is read in sorted order of the classes here. Pass "
        "pd.DataFrame(sample_scores, columns=...), the columns named by answer; or, if "
        "the array is in sorted order, sort classes (and the columns of proba with "
        "them)."
    ):
        mean_score(["b", "b"], ["b", "b"], classes=["b", "a"], sample_scores=rows)
    with refusal(
        "sample_scores has shape (2, 2); expected (2, 1), one row for each sample and "
        "one column for each answer in the order ['b']."
    ):
        mean_score(["b", "b"], ["b", "b"], sample_scores=rows)


def test_how_sure_a_score_of_rows_is():
    rng = np.random.default_rng(0)
    scores = rng.exponential(size=(200, 4))
    y_true, first, second = rng.choice(NAMES, size=(3, 200))
    settings = {"classes": NAMES, "sample_scores": scores, "random_state": 0}
    codes = np.searchsorted(NAMES, [first, second])
    earned = scores[np.arange(200), codes]
    found = score_interval(y_true, first, **settings)
    assert found.score == pytest.approx(earned[0].mean())
    pair = compare_scores(y_true, first, second, **settings)
    assert pair.difference == pytest.approx((earned[0] - earned[1]).mean())
    error = (earned[0] - earned[1]).std(ddof=1) / 200**0.5
    assert pair.standard_error == pytest.approx(error, rel=0.06)


@pytest.mark.parametrize("metric", [*ON_LABELS, class_scores, score_interval])
def test_rows_that_do_not_fit_are_refused(metric):
    with refusal("sample_scores has shape (2, 3); expected (3, 3), one row for each s"):
        metric(TRUTH, ANSWERS, TRIAGE, sample_scores=ROWS[:2])
    with refusal("sample_scores has no column for answer 'refer'. Its columns are ['f"):
        metric(TRUTH, ANSWERS, TRIAGE, sample_scores=FRAME[["fine", "ill"]])
    with refusal("y_true has label 'ill', which is no class of the table. It knows ["):
        metric(TRUTH, ANSWERS, sample_scores=FRAME[["fine", "refer"]])
    with refusal("sample_scores[1] for answer 'fine' is nan; every entry must be fini"):
        metric(TRUTH, ANSWERS, TRIAGE, sample_scores=FRAME.replace(-70, np.nan))


@pytest.mark.parametrize("metric", [mean_score, regret, skill_score, mistake_severity])
def test_a_bare_array_has_the_sorted_classes_whatever_the_order_of_the_table(metric):
    names = ["ill", "fine", "not sure"]
    table = pd.DataFrame(np.eye(3), names, names).assign(refer=0.5, ask=0.2)
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(6, 5))
    y_true, y_pred = rng.choice(names, 6), rng.choice([*names, "ask"], 6)
    columns = ["fine", "ill", "not sure", "refer", "ask"]
    expected = metric(
        y_true, y_pred, table, sample_scores=pd.DataFrame(scores, columns=columns)
    )
    assert metric(y_true, y_pred, table, sample_scores=scores) == expected
