"""What all metrics of answers share, against plain loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from simclf.metrics import (
    class_scores,
    expected_score,
    mean_score,
    mistake_severity,
    regret,
    score_interval,
)
from simclf.similarity import resolve_table
from tests.metrics.cases import FORUM, NAMES, ON_LABELS, TRIAGE, cases, mean, refusal


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


@pytest.mark.parametrize("table", [None, TRIAGE, [[1.0, 0.0], [0.0, 1.0]]])
@pytest.mark.parametrize("metric", ON_LABELS)
def test_missing_labels_are_named_with_and_without_a_table(metric, table):
    mend = "which is no label; give it one or leave it out."
    with refusal(f"y_true[0] is nan, {mend}"):
        metric([np.nan, "ill", "fine"], ["ill", "ill", "fine"], table)
    with refusal(f"y_pred[2] is None, {mend}"):
        metric(["fine", "ill", "fine"], ["ill", "ill", None], table)


@pytest.mark.parametrize("metric", [*ON_LABELS, class_scores, score_interval])
def test_a_column_is_the_labels_it_holds(metric):
    y_true, y_pred = np.array(NAMES), np.array(["c2", "c1", "c4", "c4"])
    settings = {"random_state": 0} if metric is score_interval else {}
    expected = metric(y_true, y_pred, FORUM, **settings)
    for columns in (
        (pd.DataFrame({"kind": y_true}), y_pred),
        (y_true[:, np.newaxis], pd.DataFrame({"kind": y_pred})),
    ):
        found = metric(*columns, FORUM, **settings)
        if metric is class_scores:
            pd.testing.assert_frame_equal(found, expected)
        else:
            assert found == expected


@pytest.mark.parametrize("metric", ON_LABELS)
@pytest.mark.parametrize("table", [None, FORUM, TRIAGE])
def test_the_list_that_is_none_is_named(metric, table):
    mend = "is None; expected one label per row. Pass a flat list of labels."
    with refusal(f"y_true {mend}"):
        metric(None, NAMES, table)
    with refusal(f"y_pred {mend}"):
        metric(NAMES, None, table)


@pytest.mark.parametrize("metric", ON_LABELS)
def test_lengths_must_agree(metric):
    with refusal("y_pred has 1 rows but y_true has 2; pass one for each true label."):
        metric(["ill", "fine"], ["ill"], TRIAGE)


@pytest.mark.parametrize("metric", ON_LABELS)
def test_weights_are_checked(metric):
    with pytest.raises(ValueError, match=r"^sample_weight\[1\] is -1.0; every weight"):
        metric(["ill", "fine"], ["ill", "ill"], TRIAGE, sample_weight=[1, -1])


def test_a_flag_that_is_none_is_refused():
    told = "^normalize is 'yes' of type str; expected True or False.$"
    with pytest.raises(TypeError, match=told):
        mean_score(NAMES, NAMES, FORUM, normalize="yes")
    with pytest.raises(TypeError, match=told):
        expected_score(NAMES, np.eye(4), FORUM, classes=NAMES, normalize="yes")


def test_results_are_plain_floats():
    for metric in ON_LABELS:
        assert type(metric(["ill"], ["fine"], TRIAGE)) is float
    assert (
        type(expected_score(["ill"], [[0.5, 0.5]], TRIAGE, classes=["fine", "ill"]))
        is float
    )
