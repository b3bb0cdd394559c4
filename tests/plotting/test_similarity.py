"""The picture of a score table."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf import BayesDecisionClassifier, SimilarityAwareClassifier
from simclf.datasets import load_16s_reads, load_pbmc
from simclf.plotting import SimilarityDisplay
from simclf.similarity import resolve_table

ANIMALS = ["horse", "whale", "zebra", "shark"]
TABLE = pd.DataFrame(
    [[1, 0, 0.7, 0.1], [0, 1, 0, 0.4], [0.8, 0.2, 1, 0], [0, 0.5, 0, 1]],
    ANIMALS,
    ANIMALS,
)
RECTANGLE = TABLE.assign(mammal=[0.5, 0.4, 0.5, 0.0], unknown=0.3)


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.parametrize("table", [TABLE, RECTANGLE], ids=["square", "rectangle"])
def test_every_cell_is_the_score_of_its_labels(table):
    display = SimilarityDisplay.from_table(table)
    truths, answers = labels(display.ax_.yaxis), labels(display.ax_.xaxis)
    assert sorted(truths) == sorted(ANIMALS)
    assert answers == [*truths, *table.columns[4:]]
    drawn = pd.DataFrame(display.similarity, display.classes, display.decisions)
    assert drawn.equals(table.loc[truths, answers])
    for (row, column), text in np.ndenumerate(display.text_):
        score = table.loc[truths[row], answers[column]]
        assert float(text.get_text()) == score
    shown = display.im_.get_array().compressed()
    assert set(shown) == set(table.to_numpy().ravel())


def test_the_dendrogram_puts_alike_classes_side_by_side():
    display = SimilarityDisplay.from_table(TABLE)
    assert display.classes.tolist() == ["horse", "zebra", "whale", "shark"]
    assert len(display.dendrogram_ax_.lines) == 3


@pytest.mark.parametrize("order", ["given", ["zebra", "shark", "horse", "whale"]])
def test_another_order_has_no_tree(order):
    display = SimilarityDisplay.from_table(TABLE, order=order)
    expected = ANIMALS if order == "given" else order
    assert display.classes.tolist() == expected
    assert display.dendrogram_ax_ is None
    assert display.tree is None


def test_what_is_not_wanted_is_left_out():
    display = SimilarityDisplay.from_table(
        TABLE, dendrogram=False, colorbar=False, include_values=False
    )
    assert display.dendrogram_ax_ is display.colorbar_ is display.text_ is None
    assert display.ax_.child_axes == []


def test_the_colours_are_explained():
    display = SimilarityDisplay.from_table(TABLE, cmap="magma", im_kw={"vmax": 2})
    assert display.colorbar_.ax.get_ylabel() == "score of the answer"
    assert display.im_.get_cmap().name == "magma"
    assert display.im_.get_clim() == (0.0, 2.0)


def test_plot_draws_again_into_axes_of_ones_own():
    display = SimilarityDisplay.from_table(TABLE)
    _, ax = plt.subplots()
    assert display.plot(ax=ax, values_format=".3f") is display
    assert display.ax_ is ax
    assert display.text_[0, 0].get_text() == "1.000"


@pytest.mark.parametrize("load", [load_pbmc, load_16s_reads])
def test_all_classes_of_the_data_sets_are_named(load):
    table = load().similarity
    display = SimilarityDisplay.from_table(table)
    assert sorted(labels(display.ax_.yaxis)) == sorted(table.index)
    assert display.text_ is not None


def test_300_classes_have_labels_for_some_and_no_numbers():
    names = [f"species {number:03d}" for number in range(300)]
    values = 1 / (1 + np.abs(np.subtract.outer(np.arange(300), np.arange(300))))
    display = SimilarityDisplay.from_table(pd.DataFrame(values, names, names))
    assert display.text_ is None
    truths = labels(display.ax_.yaxis)
    assert 30 < len(truths) < 150
    assert truths == display.classes[:: 300 // len(truths)].tolist()[: len(truths)]
    assert max(display.figure_.get_size_inches()) < 16


def test_a_bare_array_is_read_in_sorted_order():
    values = [[1.0, 0.2], [0.6, 1.0]]
    display = SimilarityDisplay.from_table(values, classes=["ant", "bee"])
    assert display.classes.tolist() == ["ant", "bee"]
    assert display.similarity.tolist() == values
    with pytest.raises(ValueError, match=r"^similarity is an array .* 'ant' behind"):
        SimilarityDisplay.from_table(values, classes=["bee", "ant"])
    assert SimilarityDisplay.from_table(values).classes.tolist() == [0, 1]


def test_a_labelled_table_is_cut_to_classes():
    display = SimilarityDisplay.from_table(
        RECTANGLE, classes=["zebra", "horse"], order="given"
    )
    assert display.decisions.tolist() == ["zebra", "horse", "mammal", "unknown"]
    assert display.similarity[0].tolist() == [1.0, 0.8, 0.5, 0.3]


def test_a_table_that_was_read_already_is_drawn():
    read = resolve_table(RECTANGLE, ["zebra", "horse"])
    display = SimilarityDisplay.from_table(read, order="given")
    assert display.decisions.tolist() == read.decisions.tolist()
    assert SimilarityDisplay.from_table(read).similarity.shape == (2, 4)


@pytest.mark.parametrize("table", [None, np.outer], ids=["none", "callable"])
def test_a_table_made_for_classes_needs_them(table):
    told = "classes is None, but this table is made for classes; pass classes=..., "
    with pytest.raises(ValueError, match=f"^{re.escape(told)}their labels.$"):
        SimilarityDisplay.from_table(table)
    callable_table = table and (lambda labels: TABLE.loc[list(labels), list(labels)])
    display = SimilarityDisplay.from_table(callable_table, classes=["zebra", "horse"])
    assert display.classes.tolist() == ["horse", "zebra"]


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    y = np.repeat(ANIMALS, 10)
    return rng.normal(size=(40, 2)) + np.repeat(np.arange(4), 10)[:, None], y


@pytest.mark.parametrize("kind", ["plain", "pipeline", "search", "neural"])
def test_the_table_of_a_classifier(kind, rows):
    clf = BayesDecisionClassifier(LogisticRegression(), RECTANGLE, calibration=None)
    if kind == "pipeline":
        clf = make_pipeline(StandardScaler(), clf)
    if kind == "search":
        clf = GridSearchCV(clf, {"estimator__C": [1.0]}, cv=2)
    if kind == "neural":
        clf = SimilarityAwareClassifier(RECTANGLE, max_epochs=1, n_members=1)
    display = SimilarityDisplay.from_estimator(clf.fit(*rows))
    drawn = pd.DataFrame(display.similarity, display.classes, display.decisions)
    assert drawn.equals(RECTANGLE.loc[display.classes, display.decisions])
    given = SimilarityDisplay.from_estimator(clf, order="given")
    assert given.classes.tolist() == sorted(ANIMALS)


def test_a_classifier_without_a_table_is_refused(rows):
    told = (
        "estimator DummyClassifier has no score table (similarity_); pass a "
        "SimilarityAwareClassifier or a BayesDecisionClassifier, or the table itself."
    )
    with pytest.raises(TypeError, match=f"^{re.escape(told)}$"):
        SimilarityDisplay.from_estimator(DummyClassifier().fit(*rows))


def test_a_classifier_that_is_not_fitted_is_refused():
    clf = BayesDecisionClassifier(LogisticRegression(), TABLE)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        SimilarityDisplay.from_estimator(clf)
