"""What each class earns and loses, against plain loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from simclf.metrics import class_scores, mean_score, mistake_severity, regret
from simclf.similarity import resolve_table
from tests.metrics.cases import FORUM, NAMES, TRIAGE, cases


@given(cases(extra=1))
def test_the_rows_of_each_class_against_the_metrics(case):
    values, labels, truth, answers, weights = case
    decisions = [*labels.tolist(), "refer"]
    table = pd.DataFrame(values, index=labels, columns=decisions)
    y_true = labels[truth]
    y_pred = np.array([decisions[j] for j in answers], dtype=object)
    frame = class_scores(y_true, y_pred, table, sample_weight=weights)
    assert frame.index.tolist() == labels.tolist()
    for code, label in enumerate(labels.tolist()):
        own, line = np.array(truth) == code, frame.loc[label]
        weight = np.array(weights)[own]
        assert line["support"] == pytest.approx(weight.sum())
        if weight.sum() == 0:
            assert line.drop(["support", "costliest_answer"]).isna().all()
            assert line["costliest_answer"] is None
            continue
        for column, metric in {
            "mean_score": mean_score,
            "regret": regret,
            "mistake_severity": mistake_severity,
        }.items():
            alone = metric(y_true[own], y_pred[own], table, sample_weight=weight)
            assert line[column] == pytest.approx(alone, abs=1e-9)
        right = np.array(answers)[own] == code
        assert line["accuracy"] == pytest.approx(np.average(right, weights=weight))
        lost = dict.fromkeys(range(len(decisions)), 0.0)
        for answer, w in zip(np.array(answers)[own], weight, strict=True):
            lost[answer] += w * (max(values[code]) - values[code, answer])
        total = sum(lost.values())
        if total == 0:
            assert line["costliest_answer"] is None
            assert np.isnan(line["share_of_loss"])
            continue
        named = lost[decisions.index(line["costliest_answer"])]
        assert named == pytest.approx(max(lost.values()))
        assert line["share_of_loss"] == pytest.approx(named / total)


def test_the_frame_is_what_it_says():
    frame = class_scores(
        ["fine", "fine", "ill", "ill", "ill"],
        ["fine", "ill", "fine", "ill", "refer"],
        TRIAGE,
    )
    expected = pd.DataFrame(
        {
            "support": [2.0, 3.0],
            "accuracy": [1 / 2, 1 / 3],
            "mean_score": [-0.5, -4.0],
            "regret": [0.5, 4.0],
            "mistake_severity": [1.0, 6.0],
            "costliest_answer": np.array(["ill", "fine"], dtype=object),
            "share_of_loss": [1.0, 10 / 12],
        },
        index=["fine", "ill"],
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_equal_losses_name_the_first_answer():
    y_pred = ["c4", "c3", "c3", "c2", "c2", "c2"]
    table = [[3, 2, 1.5, 0], *FORUM[1:]]
    for order in (y_pred, y_pred[::-1]):
        frame = class_scores(["c1"] * 6, order, table, classes=NAMES)
        assert frame.loc["c1", "costliest_answer"] == "c2"
        assert frame.loc["c1", "share_of_loss"] == pytest.approx(1 / 3)


def test_the_right_answer_may_be_what_costs():
    frame = class_scores(["c3", "c3"], ["c3", "c4"], FORUM, classes=NAMES)
    assert frame.loc["c3", "costliest_answer"] == "c3"
    assert frame.loc["c3", "accuracy"] == 0.5


def test_a_class_without_rows_is_listed():
    frame = class_scores(["c1"], ["c1"], FORUM, classes=NAMES)
    assert frame["support"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert frame.loc["c1"].tolist()[1:5] == [1.0, 2.0, 0.0, 0.0]
    assert frame.loc["c2":, "accuracy":"mistake_severity"].isna().all(axis=None)


def test_labels_keep_their_type_and_order():
    table = resolve_table([[1, 0], [0, 2]], [7, -3])
    frame = class_scores([7, -3, 7], [7, 7, 7], table)
    assert frame.index.tolist() == [7, -3]
    assert frame["costliest_answer"].tolist() == [None, 7]


def test_support_is_in_the_unit_of_the_weights():
    frame = class_scores(["c1", "c2"], ["c1", "c1"], sample_weight=[200.0, 1e-3])
    assert frame["support"].tolist() == [200.0, 1e-3]
