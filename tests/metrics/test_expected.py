"""Expected score: answers drawn from probabilities, against plain loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.metrics import expected_score
from tests.metrics.cases import FORUM, NAMES, TRIAGE, cases, mean, refusal
from tests.strategies import posteriors


@given(cases(), st.data())
def test_expected_score_is_what_loops_give(case, data):
    values, labels, truth, _, weights = case
    proba = data.draw(posteriors(len(labels), n=len(truth)))
    slow = [sum(values[i] * row) for i, row in zip(truth, proba, strict=True)]
    as_sorted = np.arange(len(labels))
    shuffled = np.array(data.draw(st.permutations(as_sorted.tolist())))
    frame = pd.DataFrame(values, index=labels, columns=labels)
    for table, order in ((values, as_sorted), (frame, shuffled)):
        found = expected_score(
            labels[truth],
            proba[:, order],
            table,
            classes=labels[order],
            sample_weight=weights,
        )
        assert found == pytest.approx(mean(slow, weights), abs=1e-12)


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


def test_named_probabilities_are_aligned_with_the_classes():
    proba = pd.DataFrame({"refer": [0.75], "ill": [0.25]})
    found = expected_score(["ill"], proba, TRIAGE, classes=["ill", "refer"])
    assert found == -1.5
    with pytest.raises(ValueError, match=r"^y_proba has no column for class 'fine'\."):
        expected_score(["ill"], proba, TRIAGE, classes=["ill", "fine"])


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
