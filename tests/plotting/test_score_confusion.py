"""The picture of what mistakes cost."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from simclf import BayesDecisionClassifier
from simclf.plotting import ScoreConfusionDisplay, SimilarityDisplay

TABLE = pd.DataFrame(
    [[0, -1, -2, -4], [-10, 0, -2, -4], [-7, -3, -2, 0]],
    ["fine", "ill", "odd"],
    ["fine", "ill", "refer", "odd"],
)
TRUTH = ["fine", "fine", "ill", "ill", "ill", "fine"]
ANSWERS = ["fine", "ill", "fine", "ill", "refer", "ill"]


def draw(**settings):
    return ScoreConfusionDisplay.from_predictions(TRUTH, ANSWERS, TABLE, **settings)


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_a_cell_is_the_count_times_the_cost():
    display = draw()
    assert display.counts.tolist() == [[1, 2, 0], [1, 1, 1]]
    assert display.costs.tolist() == [[0, 2, 0], [10, 0, 2]]
    assert labels(display.ax_.yaxis) == ["fine", "ill"]
    assert labels(display.ax_.xaxis) == ["fine", "ill", "refer"]
    texts = [[text.get_text() for text in row] for row in display.text_]
    assert texts == [["", "2", ""], ["10", "", "2"]]
    assert np.nanmax(display.im_.get_array()) == 10
    assert display.im_.get_clim() == (0.0, 10.0)
    assert display.colorbar_.ax.get_ylabel() == "count x cost of the mistake"


@pytest.mark.parametrize(
    ("values", "normalize", "expected", "meaning"),
    [
        ("count", None, [[1, 2, 0], [1, 1, 1]], "count"),
        (
            "count",
            "true",
            [[1 / 3, 2 / 3, 0], [1 / 3, 1 / 3, 1 / 3]],
            "share of the rows of the truth",
        ),
        (
            "count",
            "all",
            [[1 / 6, 2 / 6, 0], [1 / 6, 1 / 6, 1 / 6]],
            "share of all rows",
        ),
        (
            "cost",
            "true",
            [[0, 2 / 3, 0], [10 / 3, 0, 2 / 3]],
            "cost, mean over the rows of the truth",
        ),
        (
            "cost",
            "all",
            [[0, 2 / 6, 0], [10 / 6, 0, 2 / 6]],
            "cost, mean over all rows",
        ),
    ],
)
def test_what_cells_show(values, normalize, expected, meaning):
    display = draw(values=values, normalize=normalize, values_format=".9g")
    texts = [[float(t.get_text() or 0) for t in row] for row in display.text_]
    np.testing.assert_allclose(texts, expected)
    assert display.colorbar_.ax.get_ylabel() == meaning


def test_perfect_answers_are_white():
    display = ScoreConfusionDisplay.from_predictions(TRUTH, TRUTH, TABLE)
    assert display.im_.get_clim() == (0.0, 1.0)
    assert display.colorbar_.mappable.norm(0.0) == 0.0
    assert display.bars_ax_.get_xlim() == (0.0, 1.0)
    assert labels(display.bars_ax_.xaxis) == ["0", "1"]


def test_a_norm_of_ones_own_is_taken():
    norm = plt.Normalize(0, 20)
    assert draw(im_kw={"norm": norm}).im_.norm is norm
    assert draw(im_kw={"vmax": 5}).im_.get_clim() == (0.0, 5.0)


@pytest.mark.parametrize(("width", "ticks"), [(2, ["0.03"]), (8, ["0", "0.03"])])
def test_numbers_of_bars_have_room(width, ticks):
    _, ax = plt.subplots(figsize=(width, width), layout="constrained")
    scores = [[0.0, -0.037], [-1.0, 0.0]]
    display = ScoreConfusionDisplay.from_predictions(
        ["ant", "bee"], ["bee", "bee"], sample_scores=scores, ax=ax
    )
    assert labels(display.bars_ax_.xaxis) == ticks


@pytest.mark.parametrize(
    ("cost", "tick"), [(0.3, "0.3"), (1.96, "1"), (23, "20"), (2e7, "2e+07")]
)
def test_bars_are_numbered_by_one_digit(cost, tick):
    display = ScoreConfusionDisplay.from_predictions(
        ["ant", "bee"], ["bee", "bee"], sample_scores=[[0.0, -cost], [-1.0, 0.0]]
    )
    assert labels(display.bars_ax_.xaxis)[-1] == tick


def test_numbers_stay_in_their_cells():
    rng = np.random.default_rng(0)
    names = [f"class {number}" for number in range(12)]
    truth = rng.choice(names, 3000)
    answers = np.where(rng.random(3000) < 0.9, truth, rng.choice(names, 3000))
    _, ax = plt.subplots(figsize=(3.5, 3), layout="constrained")
    for settings in ({}, {"values": "count"}, {"ax": ax, "include_values": True}):
        display = ScoreConfusionDisplay.from_predictions(
            truth, answers, normalize="true", **settings
        )
        display.figure_.canvas.draw()
        cell = display.ax_.get_window_extent().width / 12
        for text in display.text_.ravel():
            assert text.get_window_extent().width < cell


def test_bars_are_the_mean_cost_of_each_class():
    display = draw()
    assert display.class_costs.tolist() == [2 / 3, 4.0]
    assert [bar.get_width() for bar in display.bars_] == [2 / 3, 4.0]
    assert [bar.get_y() + bar.get_height() / 2 for bar in display.bars_] == [0, 1]
    assert display.bars_ax_.get_xlabel() == "mean cost\na row"
    # The rows of the bars are those of the map.
    assert display.bars_ax_.get_ylim() == display.ax_.get_ylim() == (1.5, -0.5)


def test_what_is_not_wanted_is_left_out():
    display = draw(margins=False, colorbar=False, include_values=False)
    assert display.bars_ is display.bars_ax_ is display.colorbar_ is None
    assert display.text_ is None
    assert display.ax_.child_axes == []


def test_a_class_that_is_only_answered_has_a_row_and_no_bar():
    display = ScoreConfusionDisplay.from_predictions(
        ["fine", "ill"], ["fine", "odd"], TABLE, order="given"
    )
    assert display.classes.tolist() == ["fine", "ill", "odd"]
    assert np.isnan(display.class_costs[2])
    assert display.bars_[2].get_width() == 0


def test_without_a_table_every_mistake_costs_one():
    display = ScoreConfusionDisplay.from_predictions(
        ["ant", "ant", "bee"], ["bee", "bee", "bee"]
    )
    assert display.costs.tolist() == [[0, 2], [0, 0]]


def test_weights_and_scores_of_rows_count():
    weighted = draw(sample_weight=[1, 2, 3, 1, 1, 1])
    assert weighted.costs.tolist() == [[0, 3, 0], [30, 0, 2]]
    own = ScoreConfusionDisplay.from_predictions(
        ["ant", "bee"], ["bee", "bee"], sample_scores=[[0.0, -7.0], [-1.0, 0.0]]
    )
    assert own.costs.tolist() == [[0, 7], [0, 0]]


def test_the_order_is_that_of_the_table_drawn_alone():
    names = ["a1", "b1", "a2", "b2", "c"]
    alike = [[x[0] == y[0] for y in names] for x in names]
    table = pd.DataFrame(np.where(alike, 0.5, 0.0) + np.eye(5) / 2, names, names)
    confusion = ScoreConfusionDisplay.from_predictions(names, names[::-1], table)
    alone = SimilarityDisplay.from_table(table)
    assert confusion.classes.tolist() == alone.classes.tolist()
    assert confusion.classes.tolist() != names
    ordered = ScoreConfusionDisplay.from_predictions(
        names, names[::-1], table, order=names[::-1]
    )
    assert ordered.classes.tolist() == names[::-1]
    assert ordered.costs[0].tolist() == [0, 0, 0, 0, 1.0]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    y = np.repeat(["fine", "ill", "odd"], 10)
    return rng.normal(size=(30, 2)) + np.repeat(np.arange(3), 10)[:, None], y


@pytest.mark.parametrize("wrap", [lambda clf: clf, make_pipeline])
def test_a_classifier_is_judged_by_its_own_table(wrap, rows):
    clf = wrap(BayesDecisionClassifier(LogisticRegression(), TABLE, calibration=None))
    display = ScoreConfusionDisplay.from_estimator(clf.fit(*rows), *rows)
    expected = ScoreConfusionDisplay.from_predictions(
        rows[1], clf.predict(rows[0]), TABLE
    )
    assert display.costs.tolist() == expected.costs.tolist()
    assert display.costs.any()


def test_another_table_may_be_the_judge(rows):
    clf = BayesDecisionClassifier(LogisticRegression(), TABLE, calibration=None)
    double = 2 * TABLE
    clf.fit(*rows)
    one = ScoreConfusionDisplay.from_estimator(clf, *rows, order="given")
    two = ScoreConfusionDisplay.from_estimator(clf, *rows, double, order="given")
    assert (2 * one.costs).tolist() == two.costs.tolist()


def test_a_classifier_without_a_table_is_judged_by_its_errors(rows):
    clf = DummyClassifier(strategy="constant", constant="ill").fit(*rows)
    display = ScoreConfusionDisplay.from_estimator(
        clf, *rows, sample_weight=[2.0] * 30, order="given"
    )
    assert display.costs.tolist() == [[0, 20, 0], [0, 0, 0], [0, 20, 0]]


def test_a_classifier_that_is_not_fitted_is_refused(rows):
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        ScoreConfusionDisplay.from_estimator(DummyClassifier(), *rows)


def test_settings_that_there_are_not_are_refused():
    told = (
        "values is 'regret' and normalize 'pred'; expected 'cost' or 'count', and "
        "'true', 'all' or None."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        draw(values="regret", normalize="pred")


def test_plot_draws_again_into_axes_of_ones_own():
    display = draw()
    _, ax = plt.subplots()
    assert display.plot(ax=ax, values="count", cmap="Greys") is display
    assert display.ax_ is ax
    assert display.im_.get_cmap().name == "Greys"
