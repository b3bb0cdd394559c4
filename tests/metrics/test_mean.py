"""Mean score: rows are the truth, columns the answers."""

import pytest

from simclf.metrics import class_scores, expected_score, mean_score, score_interval
from tests.metrics.cases import FORUM, NAMES, ON_LABELS, TRIAGE


def test_rows_are_the_truth():
    assert mean_score(["ill"], ["fine"], TRIAGE) == -10
    assert mean_score(["fine"], ["ill"], TRIAGE) == -1
    assert expected_score(["ill"], [[0.5, 0.5]], TRIAGE, classes=["fine", "ill"]) == -5


def test_bare_array_is_read_in_sorted_order():
    y_true, y_pred = ["c4", "c1"], ["c3", "c2"]
    assert mean_score(y_true, y_pred, FORUM, classes=NAMES) == 1.0
    assert mean_score(y_true, y_pred, FORUM) == 1.0
    assert mean_score(y_true, y_pred, lambda labels: FORUM) == 1.0


@pytest.mark.parametrize("metric", [*ON_LABELS, class_scores, score_interval])
def test_bare_array_with_classes_that_are_not_sorted_is_refused(metric):
    with pytest.raises(ValueError, match=r"^similarity is an array .* 'c3' behind 'c4"):
        metric(NAMES, NAMES, FORUM, classes=NAMES[::-1])


def test_answer_that_is_no_class_cannot_be_true():
    with pytest.raises(
        ValueError, match=r"^y_true has label 'refer', which is no class"
    ):
        mean_score(["refer"], ["ill"], TRIAGE)
