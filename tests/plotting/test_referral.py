"""The picture of what it gains to refer rows to an expert."""

import re
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from simclf import BayesDecisionClassifier, SimilarityWarning
from simclf.decision import bayes_decision
from simclf.metrics import mean_score
from simclf.plotting import ReferralDisplay
from simclf.plotting._referral import expected_regrets, referral_curve
from simclf.similarity import resolve_table
from tests.strategies import posteriors, score_tables

TABLE = pd.DataFrame(
    [[1.0, 0.0, 0.4], [0.2, 1.0, 0.4]], ["bee", "ant"], ["bee", "ant", "unknown"]
)
TRUTH = ["ant", "bee", "bee", "ant", "ant"]
PROBA = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3], [0.3, 0.7]])


@given(st.data())
def test_expected_regrets_as_plain_loops_find_them(data):
    values = data.draw(score_tables())
    proba = data.draw(posteriors(len(values)))
    table = resolve_table(values, range(len(values)))
    for row, found in zip(proba, expected_regrets(proba, table), strict=True):
        costs = [
            sum(p * (max(line) - line[k]) for p, line in zip(row, values, strict=True))
            for k in range(len(values))
        ]
        assert found == pytest.approx(min(costs), abs=1e-9)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=8))
def test_a_row_is_referred_where_its_doubt_is_above_the_price(rows):
    doubts, earned, lost = np.array(rows, dtype=float).T
    perfect, weights = earned + lost, 1.0 + earned
    curve = referral_curve(doubts, earned, perfect, weights)
    assert len(curve[0]) == len(np.unique(doubts)) + 1
    for share, price, kept, overall in zip(*curve, strict=True):
        asked = doubts > price if share < 1 else np.ones(len(rows), dtype=bool)
        assert share == pytest.approx(weights[asked].sum() / weights.sum())
        worth = np.where(asked, perfect, earned)
        assert overall == pytest.approx(np.average(worth, weights=weights))
        if asked.all():
            assert np.isnan(kept)
        else:
            assert kept == pytest.approx(
                np.average(earned[~asked], weights=weights[~asked])
            )


def draw(**settings):
    return ReferralDisplay.from_predictions(
        TRUTH, PROBA, TABLE, classes=["ant", "bee"], **settings
    )


def test_the_curve_begins_with_the_classifier_and_ends_with_the_expert():
    display = draw()
    answers = ["ant", "ant", "bee", "ant", "bee"]
    assert display.shares[[0, -1]].tolist() == [0.0, 1.0]
    assert display.overall_scores[0] == mean_score(TRUTH, answers, TABLE)
    assert display.kept_scores[0] == pytest.approx(display.overall_scores[0])
    assert display.overall_scores[-1] == 1.0
    assert (np.diff(display.prices) < 0).all()
    assert display.prices[-1] == 0


def test_the_most_doubtful_rows_go_first():
    # Expected regret, row by row: 0.1, 0.4, 0.16, 0.3 and 0.24.
    display = draw()
    np.testing.assert_allclose(display.prices, [0.4, 0.3, 0.24, 0.16, 0.1, 0])
    np.testing.assert_allclose(display.shares, [0, 0.2, 0.4, 0.6, 0.8, 1])
    np.testing.assert_allclose(
        display.overall_scores, np.array([3.2, 4.2, 4.2, 5, 5, 5]) / 5
    )


def test_a_column_is_the_labels_it_holds():
    column = pd.DataFrame({"kind": TRUTH})
    display = ReferralDisplay.from_predictions(
        column, PROBA, TABLE, classes=[["ant"], ["bee"]]
    )
    assert display.overall_scores.tolist() == draw().overall_scores.tolist()


def test_weights_count():
    display = draw(sample_weight=[1, 5, 1, 1, 2])
    np.testing.assert_allclose(display.shares, [0, 0.5, 0.6, 0.8, 0.9, 1])


def test_lines_are_the_curves():
    display = draw()
    percent = 100 * display.shares
    for line, scores in [
        (display.overall_line_, display.overall_scores),
        (display.kept_line_, display.kept_scores),
    ]:
        np.testing.assert_array_equal(line.get_xdata(), percent)
        np.testing.assert_array_equal(line.get_ydata(), scores)
    ends = display.overall_scores[[0, -1]]
    assert display.chance_line_.get_ydata().tolist() == ends.tolist()
    assert display.ax_.get_xlabel() == "rows referred to an expert (%)"
    labels = [label.get_text() for label in display.price_ax_.get_xticklabels()]
    assert labels == ["0.4", "0.3", "0.24", "0.16", "0.1"]
    assert display.price_ax_.get_xlim() == display.ax_.get_xlim() == (0, 100)


@pytest.mark.parametrize("width", [2.6, 3.3, 4, 6])
def test_prices_and_names_have_room(width):
    figure, ax = plt.subplots(figsize=(width, 3), layout="constrained")
    display = draw(ax=ax)
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in display.price_ax_.get_xticklabels()]
    assert len(boxes) == (5 if width > 3 else 3)
    assert all(left.x1 + 3 < right.x0 for left, right in pairwise(boxes))
    axes, legend = ax.get_window_extent(), ax.get_legend().get_window_extent()
    assert axes.x0 < legend.x0 < legend.x1 < axes.x1


def test_without_a_table_the_score_is_the_accuracy():
    display = ReferralDisplay.from_predictions(TRUTH, PROBA, classes=["ant", "bee"])
    assert display.overall_scores[0] == 0.6
    np.testing.assert_allclose(display.prices[:2], [0.4, 0.3])


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    y = np.repeat(["ant", "bee"], 20)
    return rng.normal(size=(40, 2)) + np.repeat(np.arange(2), 20)[:, None], y


@pytest.mark.parametrize("own", [True, False])
def test_a_classifier_is_judged_by_its_own_table(own, rows):
    table = TABLE if own else None
    clf = BayesDecisionClassifier(LogisticRegression(), table, calibration=None)
    X, y = rows
    clf = clf.fit(X, y) if own else LogisticRegression().fit(X, y)
    display = ReferralDisplay.from_estimator(clf, X, y)
    expected = ReferralDisplay.from_predictions(
        y, clf.predict_proba(X), table, classes=["ant", "bee"]
    )
    np.testing.assert_array_equal(display.overall_scores, expected.overall_scores)
    judged = resolve_table(TABLE[TABLE.index] if own else None, ["ant", "bee"])
    answers = judged.decisions[bayes_decision(clf.predict_proba(X), judged)]
    assert display.overall_scores[0] == mean_score(y, answers, table)
    given = ReferralDisplay.from_estimator(clf, X, y, 2 * TABLE)
    assert given.prices[0] > 0


def test_answers_that_are_no_class_are_left_out(rows):
    X, y = rows
    names = ["ant", "bee"]
    plain = pd.DataFrame([[0, -4], [-9, 0]], names, names)
    referring = BayesDecisionClassifier(
        LogisticRegression(), plain.assign(refer=-0.5), calibration=None
    ).fit(X, y)
    referred = referring.predict(X) == "refer"
    assert 0 < referred.mean() < 1
    display = ReferralDisplay.from_estimator(referring, X, y)
    proba = referring.predict_proba(X)
    answers = np.array(names)[bayes_decision(proba, plain, classes=names)]
    assert display.overall_scores[0] == mean_score(y, answers, plain)
    # At the table's own price as many rows are referred as by the classifier.
    assert display.shares[np.argmax(display.prices <= 0.5)] == referred.mean()


def test_a_proba_of_another_length_is_refused():
    told = "^y_proba has 2 rows but y_true has 5; pass one for each true label"
    with pytest.raises(ValueError, match=told):
        ReferralDisplay.from_predictions(
            TRUTH, PROBA[:2], TABLE, classes=["ant", "bee"]
        )


def test_a_classifier_without_probabilities_is_refused(rows):
    told = "^estimator RidgeClassifier has no predict_proba, and ReferralDisplay needs"
    with pytest.raises(TypeError, match=told):
        ReferralDisplay.from_estimator(RidgeClassifier().fit(*rows), *rows)


def test_a_classifier_that_is_not_fitted_is_refused(rows):
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        ReferralDisplay.from_estimator(LogisticRegression(), *rows)


def test_answers_in_the_place_of_probabilities_are_spoken_of():
    class AnswersOnly(LogisticRegression):
        proba_is_posterior_ = False

    X, y = np.arange(6.0)[:, np.newaxis], ["ant"] * 3 + ["bee"] * 3
    text = (
        "predict_proba of AnswersOnly says how good each answer is, not how probable "
        "each class (its proba_is_posterior_ is False), but ReferralDisplay needs "
        "probabilities of the classes; train it with a loss that estimates them, e.g. "
        "loss='cross_entropy'."
    )
    with pytest.warns(SimilarityWarning, match=f"^{re.escape(text)}$") as caught:
        ReferralDisplay.from_estimator(AnswersOnly().fit(X, y), X, y)
    assert caught[0].filename == __file__
