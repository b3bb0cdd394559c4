"""The picture of how honest probabilities are."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from sklearn.calibration import CalibrationDisplay, calibration_curve
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from simclf import SimilarityWarning
from simclf.plotting import ReliabilityDisplay

CLASSES = np.array(["cat", "ant", "bee"])
TRUTH = ["ant", "bee", "cat", "cat", "bee", "ant"]
PROBA = np.array(
    [
        [0.1, 0.7, 0.2],
        [0.0, 0.6, 0.4],
        [0.7, 0.1, 0.2],
        [0.9, 0.0, 0.1],
        [0.4, 0.3, 0.3],
        [0.2, 0.2, 0.6],
    ]
)


def draw(**settings):
    return ReliabilityDisplay.from_predictions(
        TRUTH, PROBA, classes=CLASSES, **settings
    )


def test_the_top_label_curve_asks_whether_the_most_probable_class_is_true():
    display = draw(n_bins=4, strategy="quantile")
    assert display.hits["top label"].tolist() == [1, 0, 1, 1, 0, 0]
    given = display.probabilities["top label"]
    assert given.tolist() == [0.7, 0.6, 0.7, 0.9, 0.4, 0.6]
    curve = display.displays_["top label"]
    assert isinstance(curve, CalibrationDisplay)
    expected = calibration_curve(
        [1, 0, 1, 1, 0, 0], given, n_bins=4, strategy="quantile"
    )
    np.testing.assert_array_equal(curve.line_.get_ydata(), expected[0])
    np.testing.assert_array_equal(curve.line_.get_xdata(), expected[1])


def test_class_wise_curves_look_at_one_class_each():
    display = draw(labels=["bee", "cat"], n_bins=3)
    assert list(display.displays_) == ["bee", "cat"]
    assert display.hits["bee"].tolist() == [0, 1, 0, 0, 1, 0]
    assert display.probabilities["bee"].tolist() == PROBA[:, 2].tolist()
    assert display.hits["cat"].tolist() == [0, 0, 1, 1, 0, 0]
    assert display.probabilities["cat"].tolist() == PROBA[:, 0].tolist()
    bee, cat = (display.displays_[name].line_ for name in ("bee", "cat"))
    assert bee.get_color() != cat.get_color()
    assert bee.get_marker() != cat.get_marker()
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["Perfectly calibrated", "bee", "cat"]


def many(n):
    rng = np.random.default_rng(0)
    names = np.array([f"Lactobacillus delbrueckii strain {i:02}" for i in range(n)])
    proba = rng.dirichlet(np.ones(n), 20 * n)
    truth = rng.choice(names, 20 * n, p=np.arange(1, n + 1) / np.arange(n + 1).sum())
    return names, truth, proba


@pytest.mark.parametrize("n", [7, 12])
def test_as_many_classes_are_drawn_as_have_colours(n):
    names, truth, proba = many(n)
    display = ReliabilityDisplay.from_predictions(
        truth, proba, classes=names, labels=names
    )
    assert list(display.hits) == names.tolist()
    counts = {name: (truth == name).sum() for name in names}
    least = min(counts[name] for name in display.displays_)
    assert len(display.displays_) == 7
    assert all(counts[n] <= least for n in names if n not in display.displays_)
    lines = [curve.line_ for curve in display.displays_.values()]
    assert len({line.get_color() for line in lines}) == 7
    legend = display.ax_.get_legend()
    told = "7 of 12 classes, those of\nmost rows. For others:\nlabels=[...]"
    assert legend.get_title().get_text() == ("" if n == 7 else told)
    texts = [text.get_text() for text in legend.get_texts()[1:]]
    assert len(set(texts)) == 7
    assert max(map(len, texts)) <= 30


@pytest.mark.parametrize("labels", [None, ["ant", "cat"]])
def test_the_names_of_several_curves_stand_beside_the_axes(labels):
    display = draw(labels=labels)
    display.figure_.canvas.draw()
    box = display.ax_.get_legend().get_window_extent()
    inside = box.x0 < display.ax_.get_window_extent().x1
    assert inside == (labels is None)
    assert box.x1 <= display.figure_.bbox.x1


def test_the_diagonal_is_seen_on_black():
    with plt.style.context("dark_background"):
        diagonal = draw().ax_.get_lines()[0]
    assert diagonal.get_label() == "Perfectly calibrated"
    assert to_rgba(diagonal.get_color()) == to_rgba("white")


def test_a_truth_that_is_no_class_is_refused():
    told = "^y_true has label 'dog', which is none of the classes "
    with pytest.raises(ValueError, match=told):
        ReliabilityDisplay.from_predictions(["dog"], PROBA[:1], classes=CLASSES)


def test_a_column_is_the_labels_it_holds():
    column = np.array(TRUTH)[:, np.newaxis]
    display = ReliabilityDisplay.from_predictions(
        column, PROBA, classes=CLASSES[:, np.newaxis]
    )
    assert display.hits["top label"].tolist() == draw().hits["top label"].tolist()


def test_axes_and_counts():
    display = draw()
    assert display.ax_.get_xlabel() == "probability given (mean of the bin)"
    assert display.ax_.get_ylabel() == "share that came true"
    steps = display.counts_ax_.patches[0].get_xy()
    assert steps[:, 1].max() == 2
    assert display.counts_ax_.get_ylabel() == "rows"


def test_columns_of_a_frame_are_found_by_name():
    import pandas as pd

    frame = pd.DataFrame(PROBA, columns=CLASSES)[["ant", "bee", "cat"]]
    display = ReliabilityDisplay.from_predictions(TRUTH, frame, classes=CLASSES)
    assert display.hits["top label"].tolist() == draw().hits["top label"].tolist()


def test_a_fitted_classifier():
    rng = np.random.default_rng(0)
    y = np.repeat(["ant", "bee", "cat"], 20)
    X = rng.normal(size=(60, 2)) + np.repeat(np.arange(3), 20)[:, None]
    clf = LogisticRegression().fit(X, y)
    display = ReliabilityDisplay.from_estimator(clf, X, y, labels=["cat"])
    assert display.probabilities["cat"].tolist() == clf.predict_proba(X)[:, 2].tolist()
    told = "^estimator RidgeClassifier has no predict_proba, and ReliabilityDisplay "
    with pytest.raises(TypeError, match=told):
        ReliabilityDisplay.from_estimator(RidgeClassifier().fit(X, y), X, y)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        ReliabilityDisplay.from_estimator(LogisticRegression(), X, y)


def test_a_proba_of_another_length_is_refused():
    told = "y_proba has 2 rows but y_true has 6; pass one for each true label."
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        ReliabilityDisplay.from_predictions(TRUTH, PROBA[:2], classes=CLASSES)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"labels": ["dog"]},
            (
                "labels has label 'dog', which is none of the classes ['cat', 'ant', "
                "'bee']; correct the label (case and type must match)."
            ),
        ),
        (
            {"labels": "cat"},
            (
                "labels is 'cat'; expected a list of the classes to draw a curve of "
                "each. Pass labels=['cat']."
            ),
        ),
        ({"labels": ["ant", None]}, "labels[1] is None, which is no label"),
    ],
)
def test_labels_that_are_no_classes_are_refused(settings, told):
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        draw(**settings)


def test_answers_in_the_place_of_probabilities_are_spoken_of():
    class AnswersOnly(LogisticRegression):
        proba_is_posterior_ = False

    X, y = np.arange(6.0)[:, np.newaxis], ["ant"] * 3 + ["bee"] * 3
    text = (
        "predict_proba of AnswersOnly says how good each answer is, not how probable "
        "each class (its proba_is_posterior_ is False), but ReliabilityDisplay needs "
        "probabilities of the classes; train it with a loss that estimates them, e.g. "
        "loss='cross_entropy'."
    )
    with pytest.warns(SimilarityWarning, match=f"^{re.escape(text)}$") as caught:
        ReliabilityDisplay.from_estimator(AnswersOnly().fit(X, y), X, y)
    assert caught[0].filename == __file__


def test_no_labels_at_all_are_refused():
    told = (
        "labels is empty; name the classes to draw a curve of each, or pass None for "
        "the top-label curve."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        draw(labels=[])
