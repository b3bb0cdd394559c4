"""Rows carry their truth as codes and their weights; averages and skill follow."""

import numpy as np
import pytest

from simclf.metrics import class_scores, mistake_severity
from simclf.metrics._rows import read_rows

TABLE = [[2.0, 0.0], [-4.0, 1.0]]


def test_rows_are_aligned_with_the_table():
    rows = read_rows(
        ["bee", "ant", "bee"], {"y_pred": ["ant"]}, TABLE, sample_weight=[1.0, 2.0, 4.0]
    )
    assert rows.truth.tolist() == [1, 0, 1]
    assert rows.weights.tolist() == [0.25, 0.5, 1.0]
    assert rows.mean(np.array([4.0, 2.0, 1.0])) == pytest.approx(12 / 7)


def test_weights_of_any_size_are_averaged():
    for size in (1e-300, 1e300, 1.7e308):
        rows = read_rows(["ant", "bee"], {}, TABLE, sample_weight=[size, size / 2])
        assert rows.mean(np.array([3.0, 6.0])) == pytest.approx(4.0)


def test_a_positive_weight_stays_positive():
    rows = read_rows(["ant", "bee", "bee"], {}, TABLE, sample_weight=[4, 5e-324, 0])
    assert rows.weights[1] > 0
    assert rows.weights.tolist()[::2] == [1.0, 0.0]
    frame = class_scores(["ant", "bee"], ["ant", "ant"], sample_weight=[2, 5e-324])
    assert frame["regret"].tolist() == [0.0, 1.0]
    assert mistake_severity(["a", "b"], ["a", "a"], sample_weight=[2, 5e-324]) == 1.0


def test_skill_goes_from_the_best_constant_answer_to_perfect():
    rows = read_rows(["ant", "ant", "bee"], {}, TABLE)
    assert rows.skill(1 / 3) == 0.0
    assert rows.skill(5 / 3) == 1.0
    assert rows.skill(1.0) == pytest.approx(0.5)


def test_skill_without_a_scale_is_all_or_nothing():
    rows = read_rows(["ant", "ant"], {"y_pred": ["bee"]}, TABLE)
    assert rows.skill(2.0) == 1.0
    assert rows.skill(1.9) == 0.0


@pytest.mark.parametrize("empty", [[], np.array([]), np.empty((0, 1))])
def test_no_rows_are_refused(empty):
    with pytest.raises(
        ValueError, match=r"^y_true is empty; a mean needs at least one row\.$"
    ):
        read_rows(empty, {}, None)
