"""Skill: from the best constant answer to perfect ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given

from simclf.metrics import skill_score
from tests.metrics.cases import FORUM, NAMES, TRIAGE, cases, mean


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
