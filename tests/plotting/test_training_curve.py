"""The picture of training."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf import SimilarityAwareClassifier
from simclf.plotting import TrainingCurveDisplay
from simclf.plotting._training_curve import find_best_epoch, read_curves

HISTORY = [
    {"epoch": 1, "train_loss": 2.0, "train_loss_best": True, "valid_loss": 3.0},
    {"epoch": 2, "train_loss": 1.0, "train_loss_best": True, "valid_loss": 1.5},
    {"epoch": 3, "train_loss": 0.5, "train_loss_best": True, "valid_loss": 1.75},
]
SCORED = [
    record | {"dur": 0.1, "valid_score": 0.25 * record["epoch"], "note": "fine"}
    for record in HISTORY
]


def test_curves_are_what_was_recorded_of_rows():
    curves = read_curves(SCORED)
    assert list(curves) == ["loss", "score"]
    assert curves["loss"]["train"].tolist() == [2.0, 1.0, 0.5]
    assert curves["loss"]["validation"].tolist() == [3.0, 1.5, 1.75]
    assert list(curves["score"]) == ["validation"]
    assert curves["score"]["validation"].tolist() == [0.25, 0.5, 0.75]


def test_an_epoch_without_a_record_is_a_gap():
    curves = read_curves([HISTORY[0], HISTORY[1] | {"train_score": 0.5}])
    assert np.isnan(curves["score"]["train"][0])
    assert curves["score"]["train"][1] == 0.5


def test_the_best_epoch_has_the_lowest_validation_loss():
    assert find_best_epoch(HISTORY) == 2
    assert find_best_epoch([{"epoch": 1, "train_loss": 2.0}]) is None


class Recorded(BaseEstimator):
    """A fitted classifier, as far as its history goes."""

    n_members = 3
    classes_ = np.array(["ant", "bee"])

    def __init__(self, history):
        self.history_ = history

    def fit(self, X, y):
        return self


def test_lines_marks_and_names():
    display = TrainingCurveDisplay.from_estimator(Recorded(HISTORY))
    assert display.epochs.tolist() == [1, 2, 3]
    for rows, line in display.lines_["loss"].items():
        assert line.get_xdata().tolist() == [1, 2, 3]
        assert line.get_ydata().tolist() == display.curves["loss"][rows].tolist()
        assert line.get_label() == rows
    assert [mark.get_xdata() for mark in display.best_lines_] == [[2, 2]]
    assert display.best_lines_[0].get_label() == "best epoch: 2"
    assert display.ax_.get_ylabel() == "loss\n(mean of 3 members)"
    assert display.ax_.get_xlabel() == "epoch"


def test_what_else_was_recorded_has_a_panel_of_its_own():
    display = TrainingCurveDisplay.from_estimator(Recorded(SCORED))
    assert len(display.axes_) == len(display.best_lines_) == 2
    assert display.ax_ is display.axes_[0]
    assert list(display.lines_["score"]) == ["validation"]
    assert display.axes_[1].get_ylabel().startswith("mean score\n")
    assert display.axes_[1].get_xlabel() == "epoch"
    assert display.axes_[0].get_shared_x_axes().joined(*display.axes_)
    _, axes = plt.subplots(1, 2)
    display.plot(axes)
    assert display.axes_.tolist() == axes.tolist()


def test_the_legend_of_a_narrow_panel_leaves_the_curve_free():
    rng = np.random.default_rng(0)
    losses = np.exp(-np.arange(40) / 8)
    history = [
        {
            "epoch": epoch,
            "train_loss": loss,
            "valid_loss": 0.2 + loss + 0.01 * rng.random(),
            "valid_score": 1 - loss,
        }
        for epoch, loss in enumerate(losses.tolist(), start=1)
    ]
    figure, axes = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    display = TrainingCurveDisplay.from_estimator(Recorded(history), ax=axes)
    figure.canvas.draw()
    for panel, lines in zip(axes, display.lines_.values(), strict=True):
        box = panel.get_legend().get_window_extent()
        for line in lines.values():
            points = panel.transData.transform(line.get_xydata())
            assert not any(box.contains(*point) for point in points)


def test_too_few_axes_are_refused():
    _, ax = plt.subplots()
    told = (
        "ax has 1 Axes but there are 2 quantities to draw (loss, score); pass as "
        "many, or None."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        TrainingCurveDisplay.from_estimator(Recorded(SCORED), ax=ax)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, 2)), np.repeat(["ant", "bee", "cat"], 20)


@pytest.mark.parametrize("early_stopping", [True, False])
def test_a_classifier_that_was_trained(early_stopping, rows):
    clf = SimilarityAwareClassifier(
        max_epochs=3, n_members=1, early_stopping=early_stopping, random_state=0
    )
    clf = make_pipeline(StandardScaler(), clf).fit(*rows)
    display = TrainingCurveDisplay.from_estimator(clf)
    lines = display.lines_["loss"]
    assert lines["train"].get_ydata().tolist() == clf[-1].loss_curve_
    assert ("validation" in lines) == early_stopping == bool(display.best_lines_)
    assert display.ax_.get_ylabel() == "loss"
    if early_stopping:
        held_out = [record["valid_loss"] for record in clf[-1].history_]
        assert display.best_epoch == 1 + np.argmin(held_out)


def test_a_classifier_without_a_history_is_refused(rows):
    told = (
        "estimator DummyClassifier has no history of its training (history_); pass a "
        "SimilarityAwareClassifier."
    )
    with pytest.raises(TypeError, match=f"^{re.escape(told)}$"):
        TrainingCurveDisplay.from_estimator(DummyClassifier().fit(*rows))


def test_a_classifier_that_is_not_fitted_is_refused():
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        TrainingCurveDisplay.from_estimator(SimilarityAwareClassifier())
