"""The tree above a heat map."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage

from simclf.plotting._dendrogram import branches, draw_dendrogram
from simclf.plotting._layout import place_columns

TREE = linkage([[0.0], [1.0], [5.0], [5.5]], "average")


def test_forks_stand_above_their_leaves():
    forks = sorted(branches(TREE), key=lambda fork: fork[1].max())
    assert [fork[0].tolist() for fork in forks] == [
        [0, 0, 1, 1],
        [2, 2, 3, 3],
        [0.5, 0.5, 2.5, 2.5],
    ]
    assert [fork[1].max() for fork in forks] == TREE[:, 2].tolist()


def test_the_tree_stands_over_the_classes_alone():
    _, ax = plt.subplots()
    ax.imshow(np.zeros((4, 4)))
    columns = place_columns(4, 5)
    above = draw_dendrogram(ax, TREE, columns)
    assert len(above.lines) == 3
    assert above.get_xlim() == (-0.5, 3.5)
    ax.figure.canvas.draw()
    outer, inner = ax.get_window_extent(), above.get_window_extent()
    assert inner.x0 == pytest.approx(outer.x0)
    assert inner.width / outer.width == pytest.approx(4 / 5.25)
    assert inner.y0 > outer.y1


def test_forks_are_seen_on_black():
    with plt.style.context("dark_background"):
        _, ax = plt.subplots()
        above = draw_dendrogram(ax, TREE, place_columns(4, 4))
    assert {line.get_color() for line in above.lines} == {"white"}


@pytest.mark.parametrize("n", [2, 501])
def test_a_tree_that_shows_nothing_is_not_drawn(n):
    _, ax = plt.subplots()
    tree = linkage(np.arange(n)[:, np.newaxis] ** 2.0)
    assert draw_dendrogram(ax, tree, place_columns(n, n)) is None


def test_a_tree_of_one_level_is_not_drawn():
    _, ax = plt.subplots()
    tree = linkage(np.ones(6), "average")
    assert draw_dendrogram(ax, tree, place_columns(4, 4)) is None
