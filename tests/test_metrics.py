"""What answers earn, against plain loops and scikit-learn's own numbers."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, zero_one_loss

from simclf.metrics import (
    expected_score,
    mean_score,
    mistake_severity,
    regret,
    skill_score,
)
from simclf.similarity import resolve_table
from tests.strategies import classes, posteriors, score_tables

FORUM = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
NAMES = ["c1", "c2", "c3", "c4"]
TRIAGE = pd.DataFrame(
    [[0, -1, -2], [-10, 0, -2]],
    index=["fine", "ill"],
    columns=["fine", "ill", "refer"],
)
ON_LABELS = [mean_score, skill_score, regret, mistake_severity]


@st.composite
def cases(draw, extra=0):
    """Table, its labels, true labels, answers and weights."""
    k = draw(st.integers(2, 6))
    labels, values = draw(classes(k)), draw(score_tables(k, extra=extra))
    n = draw(st.integers(1, 8))
    codes = st.lists(st.integers(0, k - 1), min_size=n, max_size=n)
    answers = st.lists(st.integers(0, k + extra - 1), min_size=n, max_size=n)
    weights = draw(st.lists(st.floats(0, 5), min_size=n, max_size=n))
    assume(sum(weights) > 0.1)
    return values, labels, draw(codes), draw(answers), weights


def mean(values, weights):
    total = sum(w * v for w, v in zip(weights, values, strict=True))
    return total / sum(weights)


def refusal(sentence):
    return pytest.raises(ValueError, match="^" + re.escape(sentence) + "$")


@given(cases(extra=2))
def test_label_metrics_are_what_loops_give(case):
    values, labels, truth, answers, weights = case
    decisions = [*labels.tolist(), "refer", "ask"]
    frame = pd.DataFrame(values, index=labels, columns=decisions)
    y_pred = np.array([decisions[j] for j in answers], dtype=object)
    arguments = labels[truth], y_pred, frame
    earned = [values[i, j] for i, j in zip(truth, answers, strict=True)]
    lost = [max(values[i]) - score for i, score in zip(truth, earned, strict=True)]
    found = {f: f(*arguments, sample_weight=weights) for f in ON_LABELS}
    assert found[mean_score] == pytest.approx(mean(earned, weights))
    assert found[regret] == pytest.approx(mean(lost, weights))
    wrong = [w * (i != j) for w, i, j in zip(weights, truth, answers, strict=True)]
    severity = mean(lost, wrong) if sum(wrong) else 0.0
    assert found[mistake_severity] == pytest.approx(severity)


@given(cases(extra=1))
def test_skill_is_what_loops_give(case):
    values, labels, truth, answers, weights = case
    decisions = [*labels.tolist(), "refer"]
    frame = pd.DataFrame(values, index=labels, columns=decisions)
    best = mean([max(values[i]) for i in truth], weights)
    constants = [
        mean([values[i, j] for i in truth], weights) for j in range(len(decisions))
    ]
    assume(best - max(constants) > 1e-6)
    score = mean([values[i, j] for i, j in zip(truth, answers, strict=True)], weights)
    y_pred = np.array([decisions[j] for j in answers], dtype=object)
    found = skill_score(labels[truth], y_pred, frame, sample_weight=weights)
    expected = (score - max(constants)) / (best - max(constants))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)


@given(cases(), st.data())
def test_expected_score_is_what_loops_give(case, data):
    values, labels, truth, _, weights = case
    proba = data.draw(posteriors(len(labels), n=len(truth)))
    slow = [sum(values[i] * row) for i, row in zip(truth, proba, strict=True)]
    order = np.array(data.draw(st.permutations(range(len(labels)))))
    for table in (values, pd.DataFrame(values, index=labels, columns=labels)):
        found = expected_score(
            labels[truth],
            proba[:, order],
            table,
            classes=labels[order],
            sample_weight=weights,
        )
        assert found == pytest.approx(mean(slow, weights), abs=1e-12)


@given(cases())
def test_identity_is_accuracy(case):
    _, labels, truth, answers, weights = case
    y_true, y_pred = labels[truth], labels[answers]
    found = mean_score(y_true, y_pred, sample_weight=weights)
    expected = accuracy_score(y_true, y_pred, sample_weight=weights)
    assert found == pytest.approx(expected, abs=1e-12)
    assert regret(y_true, y_pred) == pytest.approx(1 - accuracy_score(y_true, y_pred))


@given(cases())
def test_zero_one_cost_is_zero_one_loss(case):
    _, labels, truth, answers, _ = case
    y_true, y_pred = labels[truth], labels[answers]
    cost = 1.0 - np.eye(len(labels))
    found = mean_score(y_true, y_pred, -cost, classes=labels)
    assert found == pytest.approx(-zero_one_loss(y_true, y_pred))


@given(cases(), st.data())
def test_certain_probabilities_earn_what_their_answers_earn(case, data):
    values, labels, truth, answers, weights = case
    proba = np.eye(len(labels))[answers]
    settings = {
        "sample_weight": weights,
        "normalize": data.draw(st.booleans()),
        "classes": labels,
    }
    assert expected_score(labels[truth], proba, values, **settings) == pytest.approx(
        mean_score(labels[truth], labels[answers], values, **settings), abs=1e-9
    )


@given(cases())
def test_permuted_frame_gives_the_same(case):
    values, labels, truth, answers, _ = case
    frame = pd.DataFrame(values, index=labels, columns=labels)
    shuffled = frame.sample(frac=1, random_state=0).sample(
        frac=1, axis=1, random_state=1
    )
    for metric in ON_LABELS:
        expected = metric(labels[truth], labels[answers], values, classes=labels)
        for table in (frame, shuffled, resolve_table(shuffled, labels)):
            found = metric(labels[truth], labels[answers], table)
            assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("metric", ON_LABELS)
def test_weights_count_as_repetitions(metric):
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.choice(NAMES, size=(2, 40))
    weights = np.arange(40) % 3
    found = metric(y_true, y_pred, FORUM, classes=NAMES, sample_weight=weights)
    repeated = metric(
        y_true.repeat(weights), y_pred.repeat(weights), FORUM, classes=NAMES
    )
    assert found == pytest.approx(repeated)
    assert found != pytest.approx(metric(y_true, y_pred, FORUM, classes=NAMES))


def test_rows_are_the_truth():
    assert mean_score(["ill"], ["fine"], TRIAGE) == -10
    assert mean_score(["fine"], ["ill"], TRIAGE) == -1
    assert expected_score(["ill"], [[0.5, 0.5]], TRIAGE, classes=["fine", "ill"]) == -5


def test_skill_of_the_best_constant_answer_is_zero_and_of_perfect_ones_one():
    y_true = ["fine", "fine", "ill"]
    assert skill_score(y_true, ["ill"] * 3, TRIAGE) == 0.0
    assert skill_score(y_true, y_true, TRIAGE) == 1.0
    assert skill_score(y_true, ["refer"] * 3, TRIAGE) == pytest.approx(-2.0)


def test_skill_does_not_depend_on_scale_or_offset():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.choice(NAMES, size=(2, 50))
    table = np.array(FORUM, dtype=float)
    expected = skill_score(y_true, y_pred, table, classes=NAMES)
    for changed in (table * 1e300, table * 1e-300, table + 1e6, 7 * table - 3):
        found = skill_score(y_true, y_pred, changed, classes=NAMES)
        assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "skill"),
    [
        (["c1", "c1"], ["c1", "c1"], 1.0),
        (["c1", "c1"], ["c1", "c2"], 0.0),
        (["c3"], ["c4"], 1.0),
        (["c3"], ["c3"], 0.0),
    ],
)
def test_skill_where_a_constant_answer_is_perfect(y_true, y_pred, skill):
    assert skill_score(y_true, y_pred, FORUM, classes=NAMES) == skill


def test_severity_counts_mistakes_only():
    y_true, y_pred = ["c1", "c3", "c4"], ["c4", "c3", "c4"]
    assert regret(y_true, y_pred, FORUM, classes=NAMES) == pytest.approx(4 / 3)
    assert mistake_severity(y_true, y_pred, FORUM, classes=NAMES) == 3.0
    assert mistake_severity(y_true, y_true, FORUM, classes=NAMES) == 0.0
    weights = [0, 1, 1]
    found = mistake_severity(
        y_true, y_pred, FORUM, classes=NAMES, sample_weight=weights
    )
    assert found == 0.0


def test_one_dimension_is_the_second_of_two_classes():
    table = [[1.0, -3.0], [0.0, 2.0]]
    y_true, positive = ["ant", "bee"], np.array([0.25, 0.5])
    both = np.column_stack([1 - positive, positive])
    found = expected_score(y_true, positive, table, classes=["ant", "bee"])
    assert found == expected_score(y_true, both, table, classes=["ant", "bee"]) == 0.5


def test_truth_may_be_a_class_that_the_probabilities_lack():
    frame = pd.DataFrame(FORUM, index=NAMES, columns=NAMES)
    proba = [[0.5, 0.5], [0.25, 0.75]]
    assert expected_score(["c3", "c4"], proba, frame, classes=["c4", "c1"]) == 0.125
    assert expected_score(["c3", "c4"], proba, classes=["c4", "c1"]) == 0.125


def test_probabilities_may_answer_what_is_no_class():
    found = expected_score(["ill"], [[0.25, 0.75]], TRIAGE, classes=["ill", "refer"])
    assert found == -1.5


def test_bare_array_is_read_in_sorted_order():
    y_true, y_pred = ["c4", "c1"], ["c3", "c2"]
    for order in (NAMES, NAMES[::-1]):
        assert mean_score(y_true, y_pred, FORUM, classes=order) == 1.0
    assert mean_score(y_true, y_pred, FORUM) == 1.0
    assert mean_score(y_true, y_pred, lambda labels: FORUM) == 1.0


@pytest.mark.parametrize("metric", ON_LABELS)
def test_size_that_the_labels_do_not_explain_is_refused(metric):
    with refusal(
        "similarity has shape (4, 4) but y_true and y_pred hold 3 labels ['c1', 'c2', "
        "'c4']. Pass classes=..., the labels of its rows, or a DataFrame labelled by "
        "class."
    ):
        metric(["c1", "c2"], ["c4", "c2"], FORUM)


@pytest.mark.parametrize("metric", ON_LABELS)
def test_unknown_labels_are_named(metric):
    known = "correct the label (case and type must match) or add it to the table."
    with refusal(
        "y_true has label 'Ill', which is no class of the table. It knows ['fine', "
        f"'ill']; {known}"
    ):
        metric(["Ill"], ["ill"], TRIAGE)
    with refusal(
        "y_pred has label 'dead', which is no answer of the table. It knows ['fine', "
        f"'ill', 'refer']; {known}"
    ):
        metric(["ill"], ["dead"], TRIAGE)


def test_answer_that_is_no_class_cannot_be_true():
    with pytest.raises(
        ValueError, match=r"^y_true has label 'refer', which is no class"
    ):
        mean_score(["refer"], ["ill"], TRIAGE)


@pytest.mark.parametrize("metric", ON_LABELS)
def test_lengths_must_agree(metric):
    with refusal("y_pred has 1 rows but y_true has 2; pass one for each true label."):
        metric(["ill", "fine"], ["ill"], TRIAGE)


@pytest.mark.parametrize("metric", ON_LABELS)
def test_weights_are_checked(metric):
    with pytest.raises(ValueError, match=r"^sample_weight\[1\] is -1.0; every weight"):
        metric(["ill", "fine"], ["ill", "ill"], TRIAGE, sample_weight=[1, -1])


def test_probabilities_are_checked():
    with refusal("y_proba has 1 rows but y_true has 2; pass one for each true label."):
        expected_score(["ill", "fine"], [[0.5, 0.5]], TRIAGE, classes=["fine", "ill"])
    with refusal(
        "y_proba has 3 columns but there are 2 classes; pass one column for each "
        "class, in their order."
    ):
        expected_score(["ill"], [[0.5, 0.5, 0]], TRIAGE, classes=["fine", "ill"])
    with refusal("classes repeats ['ill']; name each column once."):
        expected_score(["ill"], [[0.5, 0.5]], TRIAGE, classes=["ill", "ill"])
    with pytest.raises(ValueError, match=r"^y_proba\[0, 0\] is -1.0; a probability"):
        expected_score(["ill"], [[-1.0, 2.0]], TRIAGE, classes=["fine", "ill"])


def test_results_are_plain_floats():
    for metric in ON_LABELS:
        assert type(metric(["ill"], ["fine"], TRIAGE)) is float
    assert (
        type(expected_score(["ill"], [[0.5, 0.5]], TRIAGE, classes=["fine", "ill"]))
        is float
    )
