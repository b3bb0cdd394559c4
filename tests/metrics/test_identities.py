"""What the metrics must equal: scikit-learn's own numbers, and exact transport."""

import numpy as np
import ot
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, zero_one_loss

from simclf.metrics import (
    class_scores,
    compare_scores,
    expected_score,
    mean_score,
    regret,
    score_interval,
    skill_score,
)
from tests.metrics.cases import cases
from tests.strategies import posteriors


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
    _, labels, truth, answers, weights = case
    y_true, y_pred = labels[truth], labels[answers]
    cost = 1.0 - np.eye(len(labels))
    settings = {"classes": labels, "sample_weight": weights}
    expected = zero_one_loss(y_true, y_pred, sample_weight=weights)
    found = mean_score(y_true, y_pred, -cost, **settings)
    assert found == pytest.approx(-expected, abs=1e-12)
    found = regret(y_true, y_pred, -cost, **settings)
    assert found == pytest.approx(expected, abs=1e-12)


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


@given(cases(), st.data())
def test_expected_cost_is_the_exact_cost_of_transport_to_the_truth(case, data):
    values, labels, truth, _, weights = case
    proba = data.draw(posteriors(len(labels), n=len(truth)))
    cost = values.max() - values
    transport = [
        ot.emd2(row, np.eye(len(labels))[code], np.ascontiguousarray(cost.T))
        for row, code in zip(
            proba / proba.sum(axis=1, keepdims=True), truth, strict=True
        )
    ]
    found = expected_score(
        labels[truth], proba, -cost, classes=labels, sample_weight=weights
    )
    expected = -np.average(transport, weights=weights)
    assert found == pytest.approx(expected, abs=1e-9)


@given(cases(), st.floats(-3, 3), st.data())
def test_skill_depends_on_no_scale_and_no_offset_of_a_row(case, exponent, data):
    values, labels, truth, answers, weights = case
    offsets = data.draw(st.lists(st.integers(-9, 9), min_size=7, max_size=7))
    changed = (values + np.array(offsets[: len(labels)])[:, np.newaxis]) * 10**exponent
    settings = {"classes": labels, "sample_weight": weights}
    y_true, y_pred = labels[truth], labels[answers]
    best = values[truth].max(axis=1)
    constant = max(np.average(values[truth], axis=0, weights=weights))
    if np.average(best, weights=weights) - constant < 1e-3:
        return
    found = skill_score(y_true, y_pred, changed, **settings)
    expected = skill_score(y_true, y_pred, values, **settings)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(cases())
def test_regret_is_never_negative_and_zero_for_the_best_answers(case):
    values, labels, truth, answers, weights = case
    settings = {"classes": labels, "sample_weight": weights}
    assert regret(labels[truth], labels[answers], values, **settings) >= 0
    best = labels[values[truth].argmax(axis=1)]
    assert regret(labels[truth], best, values, **settings) == 0


@given(cases())
def test_classes_weighted_by_their_support_give_the_metrics_of_all_rows(case):
    values, labels, truth, answers, weights = case
    settings = {"classes": labels, "sample_weight": weights}
    y_true, y_pred = labels[truth], labels[answers]
    frame = class_scores(y_true, y_pred, values, **settings)
    known = frame[frame["support"] > 0]
    for column, expected in {
        "accuracy": accuracy_score(y_true, y_pred, sample_weight=weights),
        "mean_score": mean_score(y_true, y_pred, values, **settings),
        "regret": regret(y_true, y_pred, values, **settings),
    }.items():
        found = np.average(known[column], weights=known["support"])
        assert found == pytest.approx(expected, abs=1e-9)


@given(cases())
def test_resampling_is_about_the_metric_itself(case):
    values, labels, truth, answers, weights = case
    if np.count_nonzero(weights) < 2:
        return
    settings = {"classes": labels, "sample_weight": weights}
    y_true, y_pred, other = labels[truth], labels[answers], labels[answers][::-1]
    expected = mean_score(y_true, y_pred, values, **settings)
    few = settings | {"n_resamples": 5}
    found = score_interval(y_true, y_pred, values, **few)
    assert found.score == pytest.approx(expected, abs=1e-12)
    pair = compare_scores(y_true, y_pred, other, values, **few)
    assert (pair.score_a, pair.score_b) == (
        expected,
        mean_score(y_true, other, values, **settings),
    )
    assert pair.difference == pytest.approx(pair.score_a - pair.score_b, abs=1e-9)
