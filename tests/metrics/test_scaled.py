"""No sum and no difference of scores overflows on the way to what is a float."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
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
from simclf.metrics._scaled import Scaled
from tests.metrics.cases import NAMES

TABLE = pd.DataFrame(
    [[8, 2, 0, -7, 1], [5, 8, -3, 0, 1], [0, -4, 6, 1, 1], [-8, 0, 3, 4, 1]],
    NAMES,
    [*NAMES, "refer"],
)
LARGEST = np.finfo(np.float64).max
RNG = np.random.default_rng(0)
TRUTH, FIRST = RNG.choice(NAMES, size=(2, 40))
SECOND = RNG.choice(TABLE.columns, size=40)
PROBA = RNG.dirichlet(np.ones(4), size=40)
# Not so small that a shift by a power of two would round them.
SEVENTHS = st.integers(-(10**9), 10**9).map(lambda n: n / 7)
IN_UNITS = [mean_score, regret, mistake_severity]


@given(st.floats(-300, 307))
@example(307.0)
@example(-300.0)
def test_scores_follow_the_scale_of_the_table_and_skill_does_not(power):
    scale = 10.0**power
    table = TABLE * scale
    rows = {"sample_scores": table.loc[TRUTH].reset_index(drop=True)}
    for metric in IN_UNITS:
        expected = metric(TRUTH, SECOND, TABLE) * scale
        assert metric(TRUTH, SECOND, table) == pytest.approx(expected, rel=1e-9, abs=0)
        assert metric(TRUTH, SECOND, **rows) == pytest.approx(expected, rel=1e-9, abs=0)
    skill = skill_score(TRUTH, SECOND, TABLE)
    assert skill_score(TRUTH, SECOND, table) == pytest.approx(skill)
    assert skill_score(TRUTH, SECOND, **rows) == pytest.approx(skill)
    settings = {"classes": NAMES, "normalize": True}
    drawn = expected_score(TRUTH, PROBA, TABLE, **settings)
    assert expected_score(TRUTH, PROBA, table, **settings) == pytest.approx(drawn)
    found, units = class_scores(TRUTH, SECOND, table), ["mean_score", "regret"]
    expected = class_scores(TRUTH, SECOND, TABLE)
    np.testing.assert_allclose(found[units] / scale, expected[units], 1e-9)
    np.testing.assert_allclose(found["share_of_loss"], expected["share_of_loss"], 1e-9)
    assert found["costliest_answer"].tolist() == expected["costliest_answer"].tolist()


@pytest.mark.parametrize("scale", [2.0**-996, 2.0**1016, 2.0**1020])
def test_how_sure_a_score_is_follows_the_scale_of_the_table(scale):
    settings = {"random_state": 0, "n_resamples": 200}
    for judge in (
        lambda table: score_interval(TRUTH, FIRST, table, **settings),
        lambda table: compare_scores(TRUTH, FIRST, SECOND, table, **settings),
    ):
        found, expected = judge(TABLE * scale), judge(TABLE)
        for name in ("low", "high", "standard_error"):
            # The same draws: a power of two keeps apart what is apart.
            assert getattr(found, name) == getattr(expected, name) * scale


def test_a_mean_of_losses_that_are_no_floats_is_one():
    table = pd.DataFrame([[LARGEST, -LARGEST], [0, LARGEST]], ["a", "b"], ["a", "b"])
    y_true, y_pred = ["a", "b", "b", "b"], ["b", "b", "b", "b"]
    assert regret(y_true, y_pred, table) == LARGEST / 2
    assert skill_score(y_true, y_pred, table) == 0.0
    assert skill_score(y_true, ["a", "b", "b", "a"], table) == pytest.approx(0.5)
    assert mean_score(y_true, y_pred, table) == LARGEST / 2
    # One that is no float is infinite, and no warning.
    assert mistake_severity(y_true, y_pred, table) == np.inf


def test_the_mean_of_the_largest_float_is_that():
    values = np.full(3, LARGEST)
    assert Scaled.of(values).mean(np.array([0.1, 0.7, 1.0])) == LARGEST
    assert Scaled.of(-values).mean(np.array([0.1, 0.7, 1.0])) == -LARGEST
    assert Scaled.of(np.zeros(2)).mean(np.ones(2)) == 0.0


@given(st.lists(SEVENTHS, min_size=1, max_size=6))
def test_taking_out_a_power_of_two_is_exact(numbers):
    values = np.array(numbers)
    scaled = Scaled.of(values)
    assert np.abs(scaled.values).max() <= 1
    assert scaled.restore(scaled.values).tolist() == numbers
    lost = Scaled.difference(values.max(), values)
    assert lost.restore(lost.values).tolist() == (values.max() - values).tolist()
