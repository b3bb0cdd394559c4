"""Which of two sets of answers earns more: paired, as data and as a sentence."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simclf.metrics import compare_scores, mean_score
from tests.metrics.cases import FORUM, NAMES, TRIAGE


def answers_of(accuracy, y_true, rng):
    wrong = rng.random(len(y_true)) > accuracy
    return np.where(wrong, rng.choice(NAMES, size=len(y_true)), y_true)


def test_the_error_is_that_of_the_paired_differences_within_three_percent():
    rng = np.random.default_rng(0)
    y_true = rng.choice(NAMES, size=400)
    first = answers_of(0.6, y_true, rng)
    second = np.where(rng.random(400) < 0.8, first, rng.choice(NAMES, size=400))
    found = compare_scores(
        y_true, first, second, FORUM, n_resamples=10_000, random_state=0
    )
    table = np.array(FORUM)
    codes = [np.searchsorted(NAMES, labels) for labels in (y_true, first, second)]
    difference = table[codes[0], codes[1]] - table[codes[0], codes[2]]
    assert found.difference == pytest.approx(difference.mean())
    assert found.score_a == mean_score(y_true, first, FORUM)
    assert found.score_b == mean_score(y_true, second, FORUM)
    assert found.standard_error == pytest.approx(stats.sem(difference), rel=0.03)
    unpaired = np.hypot(*(stats.sem(table[codes[0], c]) for c in codes[1:]))
    assert found.standard_error < 0.7 * unpaired
    exact = stats.ttest_1samp(difference, 0.0).pvalue
    assert found.p_value == pytest.approx(exact, abs=0.02)


def test_exchanging_the_two_turns_everything_round():
    rng = np.random.default_rng(1)
    y_true = rng.choice(NAMES, size=200)
    first, second = answers_of(0.7, y_true, rng), answers_of(0.6, y_true, rng)
    settings = {"n_resamples": 20_000, "random_state": 0}
    one = compare_scores(y_true, first, second, FORUM, **settings)
    other = compare_scores(y_true, second, first, FORUM, **settings)
    assert one.difference == pytest.approx(-other.difference)
    assert [one.low, one.high] == pytest.approx([-other.high, -other.low], abs=0.02)
    assert one.p_value == pytest.approx(other.p_value, abs=0.02)
    assert one.probability_a_better == pytest.approx(
        1 - other.probability_a_better, abs=0.02
    )


def test_equal_answers_are_a_draw():
    found = compare_scores(["ill", "fine"], ["ill", "fine"], ["ill", "fine"], TRIAGE)
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert (found.p_value, found.probability_a_better) == (1.0, 0.5)
    assert str(found) == (
        "A earns 0, B 0: no clear difference, +0 (95% interval 0 to 0, standard error "
        "0, p = 1, 2 rows)."
    )


def test_differences_that_cancel_are_a_draw_but_for_the_rounding():
    assert 0.1 + 0.2 - 0.3 > 0
    table = pd.DataFrame([[0, 0.1, 0.2, -0.3]], index=["a"], columns=list("abcd"))
    found = compare_scores(
        ["a"] * 3, ["b", "c", "d"], ["a"] * 3, table, n_resamples=20_000, random_state=0
    )
    sums = [sum(three) for three in product([1, 2, -3], repeat=3)]
    expected = (sum(s > 0 for s in sums) + sum(s == 0 for s in sums) / 2) / 27
    assert found.difference == 0.0
    assert found.probability_a_better == pytest.approx(expected, abs=0.02)


def test_no_chance_of_two_models_alike_is_called_small():
    rng = np.random.default_rng(2)
    p_values = []
    for trial in range(200):
        y_true = rng.choice(NAMES, size=100)
        first, second = (answers_of(0.7, y_true, rng) for _ in range(2))
        found = compare_scores(
            y_true, first, second, FORUM, n_resamples=400, random_state=trial
        )
        p_values.append(found.p_value)
    assert 0.01 <= np.mean(np.array(p_values) <= 0.05) <= 0.1


def test_the_verdict_is_what_the_interval_says():
    y_true = ["fine", "ill"] * 50
    right, wrong = y_true, ["fine"] * 100
    found = compare_scores(y_true, right, wrong, TRIAGE, random_state=0)
    assert found.p_value == pytest.approx(2 / 2001)
    assert found.probability_a_better == 1.0
    assert str(found).startswith("A earns 0, B -5: A is better by 5 (95% interval ")
    found = compare_scores(y_true, wrong, right, TRIAGE, random_state=0)
    assert str(found).startswith("A earns -5, B 0: B is better by 5 (95% interval -")
    assert found.probability_a_better == 0.0


def test_patients_drawn_as_wholes_are_less_sure():
    rng = np.random.default_rng(3)
    patients = np.repeat(np.arange(20), 15)
    y_true = rng.choice(["fine", "ill"], size=300)
    better = rng.random(20)[patients] < 0.65
    first, second = np.where(better, y_true, "refer"), np.where(better, "refer", y_true)
    alone = compare_scores(y_true, first, second, TRIAGE, random_state=0)
    found = compare_scores(
        y_true, first, second, TRIAGE, groups=patients, random_state=0
    )
    assert found.standard_error > 2.5 * alone.standard_error
    assert found.n_groups == 20
    assert str(found).endswith("300 rows in 20 groups).")


@pytest.mark.parametrize("name", ["y_pred_a", "y_pred_b"])
def test_answers_are_named_by_whose_they_are(name):
    answers = {"y_pred_a": ["ill", "ill"], "y_pred_b": ["ill", "ill"]}
    with pytest.raises(ValueError, match=f"^{name} has label 'dead', which is no ans"):
        compare_scores(
            ["ill", "ill"], similarity=TRIAGE, **(answers | {name: ["ill", "dead"]})
        )
    with pytest.raises(ValueError, match=f"^{name} has 1 rows but y_true has 2; pass"):
        compare_scores(["ill", "ill"], similarity=TRIAGE, **(answers | {name: ["ill"]}))


def test_labels_of_all_three_order_a_bare_array():
    found = compare_scores(
        ["c1", "c2"], ["c1", "c3"], ["c4", "c2"], FORUM, n_resamples=5
    )
    assert (found.score_a, found.score_b) == (0.5, 0.5)


# Few ---------------------------------------------------------------------------


def test_two_rows_are_no_proof():
    found = compare_scores(["a", "b"], ["a", "b"], ["b", "a"], random_state=0)
    assert found.p_value == 0.5
    assert "no clear difference, +1 " in str(found)
    assert str(found).endswith(
        "2 rows are too few to tell: with them p is at least 0.5."
    )


def test_three_patients_are_no_proof():
    scores = pd.DataFrame({"a": [0.1, 0.1, 0.5, 0.5, 1.2, 1.2], "b": 0.0})
    found = compare_scores(
        ["a"] * 6,
        ["a"] * 6,
        ["b"] * 6,
        sample_scores=scores,
        groups=[1, 1, 2, 2, 3, 3],
        random_state=0,
    )
    student = stats.ttest_1samp([0.1, 0.5, 1.2], 0.0)
    assert found.p_value == pytest.approx(max(student.pvalue, 0.25), rel=0.05)
    interval = student.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx(tuple(interval), abs=0.05)


@pytest.mark.parametrize(
    ("n_groups", "least", "is_told"), [(4, "0.12", True), (6, "", False)]
)
def test_few_groups_that_agree_are_told_to_be_too_few(n_groups, least, is_told):
    groups = list(range(n_groups))
    worth = np.column_stack([1 + 0.1 * np.arange(n_groups), np.zeros(n_groups)])
    found = compare_scores(
        ["a"] * n_groups,
        ["a"] * n_groups,
        ["b"] * n_groups,
        sample_scores=worth,
        classes=["a", "b"],
        groups=groups,
        random_state=0,
    )
    assert found.low > 0
    ends = f" {n_groups} groups are too few to tell: with them p is at least {least}."
    assert str(found).endswith(
        f"{n_groups} rows in {n_groups} groups)." + ends * is_told
    )
    assert ("no clear difference" in str(found)) == is_told


def test_few_rows_that_disagree_need_no_excuse():
    found = compare_scores(["a", "b"], ["a", "a"], ["b", "b"], random_state=0)
    assert str(found).endswith("2 rows).")


def test_all_numbers_are_plain():
    found = compare_scores(["a", "b"] * 40, ["a", "b"] * 40, ["b"] * 80, random_state=0)
    assert "np." not in repr(found)


@pytest.mark.parametrize("n_groups", [3, 5, 8, 12, 20, 30])
def test_intervals_of_few_groups_hold_what_they_promise(n_groups):
    rng = np.random.default_rng(n_groups)
    held = certain = 0
    for seed in range(200):
        effects = rng.normal(size=n_groups)
        found = compare_scores(
            ["a"] * n_groups,
            ["a"] * n_groups,
            ["b"] * n_groups,
            sample_scores=np.column_stack([effects, np.zeros(n_groups)]),
            classes=["a", "b"],
            n_resamples=400,
            random_state=seed,
        )
        held += found.low <= 0 <= found.high
        certain += found.p_value < 0.05
    # Three standard errors of 200 throws.
    assert held >= 200 * 0.95 - 3 * np.sqrt(200 * 0.05 * 0.95)
    assert certain <= 200 * 0.05 + 3 * np.sqrt(200 * 0.05 * 0.95)
