"""The picture of a search over losses."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.text import Text
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV

from simclf import make_expected_score_scorer
from simclf.plotting import LossComparisonDisplay
from simclf.plotting._loss_comparison import apart


def results(n, *, loss=lambda number: f"loss {number % 5}"):
    rng = np.random.default_rng(0)
    found = {"params": [{"loss": loss(i), "lr": i} for i in range(n)]}
    for name in ("accuracy", "worth"):
        splits = rng.random((3, n))
        found |= {f"split{i}_test_{name}": s for i, s in enumerate(splits)}
        found[f"mean_test_{name}"] = splits.mean(axis=0)
    return found


def test_points_and_bars_are_the_results():
    found = results(4)
    display = LossComparisonDisplay.from_cv_results(found)
    assert sorted(display.containers_) == [0, 1, 2, 3]
    for candidate, container in display.containers_.items():
        line, _, (across, up) = container
        x, y = line.get_xdata()[0], line.get_ydata()[0]
        assert x == found["mean_test_accuracy"][candidate]
        assert y == found["mean_test_worth"][candidate]
        ends = [across.get_segments()[0][:, 0], up.get_segments()[0][:, 1]]
        for (low, high), name in zip(ends, ("accuracy", "worth"), strict=True):
            splits = [found[f"split{i}_test_{name}"][candidate] for i in range(3)]
            error = np.std(splits, ddof=1) / np.sqrt(3)
            assert high - low == pytest.approx(2 * error)
    assert display.ax_.get_xlabel() == "accuracy ± standard error"
    assert display.ax_.get_ylabel() == "worth ± standard error"


def test_losses_have_colours_and_the_best_are_filled():
    display = LossComparisonDisplay.from_cv_results(results(10))
    lines = {c: container[0] for c, container in display.containers_.items()}
    for candidate, line in lines.items():
        alike = lines[(candidate + 5) % 10]
        assert line.get_color() == alike.get_color()
        assert line.get_marker() == alike.get_marker()
        filled = line.get_markerfacecolor() == line.get_color()
        assert filled == (candidate in display.best_)
    assert len({line.get_color() for line in lines.values()}) == 5
    assert 0 < len(display.best_) < 10


@pytest.mark.parametrize("n", [1, 5, 80])
@pytest.mark.parametrize("size", [(4, 3), (8, 5)])
def test_labels_do_not_touch(n, size):
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    display = LossComparisonDisplay.from_cv_results(results(n), ax=ax)
    figure.canvas.draw()
    boxes = sorted(
        (Text.get_window_extent(text) for text in display.text_.values()),
        key=lambda box: box.y0,
    )
    for below, above in pairwise(boxes):
        assert above.y0 >= below.y1 - 1
    assert set(display.best_) <= set(display.text_)
    kinds = {display.kinds[candidate] for candidate in display.text_}
    assert kinds == set(display.kinds)


def test_labels_tell_candidates_apart():
    display = LossComparisonDisplay.from_cv_results(results(3))
    texts = {candidate: text.get_text() for candidate, text in display.text_.items()}
    assert texts == {0: "loss 0, lr=0", 1: "loss 1, lr=1", 2: "loss 2, lr=2"}
    for candidate, text in display.text_.items():
        point = display.accuracy[candidate], display.score[candidate]
        assert text.xy == point


def test_labels_that_are_written_are_unlike_each_other():
    found = results(8)
    found["params"] = [
        {
            "clf__loss": f"cross_entropy_number_{i % 2}",
            "clf__lr": 10.0 ** -(i // 4),
            "clf__module__hidden_layer_sizes": (64 * (i // 2 % 2),),
        }
        for i in range(8)
    ]
    display = LossComparisonDisplay.from_cv_results(found)
    texts = [text.get_text() for text in display.text_.values()]
    assert len(set(texts)) == len(texts) == 8


def test_open_markers_are_filled_as_the_paper():
    with plt.style.context("dark_background"):
        display = LossComparisonDisplay.from_cv_results(results(10))
    fills = {c[0].get_markerfacecolor() for c in display.containers_.values()}
    assert to_rgba("black") in fills
    assert "white" not in fills


def test_a_candidate_that_failed_is_left_out():
    found = results(3)
    found["mean_test_worth"][1] = np.nan
    display = LossComparisonDisplay.from_cv_results(found)
    assert sorted(display.containers_) == sorted(display.text_) == [0, 2]


def test_metrics_are_found_by_name():
    found = results(3) | {"mean_test_f1": np.arange(3.0)}
    display = LossComparisonDisplay.from_cv_results(found, accuracy="f1", score="worth")
    assert display.accuracy.tolist() == [0.0, 1.0, 2.0]
    assert display.score_error.any()
    assert not display.accuracy_error.any()


def test_a_search_that_was_fitted():
    X, y = np.zeros((12, 1)), np.repeat(["ant", "bee", "cat"], 4)
    search = GridSearchCV(
        DummyClassifier(strategy="constant"),
        {"constant": ["bee", "cat"]},
        scoring={
            "accuracy": "accuracy",
            "mean score": make_expected_score_scorer(
                [[1, 0.5, 0], [0, 1, 0], [0, 0.5, 1]]
            ),
        },
        refit=False,
        cv=2,
    ).fit(X, y)
    display = LossComparisonDisplay.from_cv_results(search)
    assert display.accuracy.tolist() == pytest.approx([1 / 3, 1 / 3])
    assert display.score.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert display.best_ == [0]
    assert display.labels == ["constant=bee", "constant=cat"]


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12).map(sorted),
    st.sampled_from([0.01, 0.05, 1 / 12]),
)
def test_places_are_kept_apart_in_order(wanted, least):
    places = apart(np.array(wanted), least)
    assert (np.diff(places) >= least - 1e-9).all()
    assert places.min() >= least / 2 - 1e-9
    assert places.max() <= 1 - least / 2 + 1e-9


def test_places_that_are_apart_stay():
    assert apart(np.array([0.2, 0.5, 0.9]), 0.1).tolist() == pytest.approx(
        [0.2, 0.5, 0.9]
    )
