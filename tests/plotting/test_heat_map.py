"""Cells, numbers and labels of a heat map."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from simclf.plotting._heat_map import HeatMap, colours_of

VALUES = np.array([[1.0, 0.0, 0.25], [0.5, 1.0, 0.75]])


def heat_map(values=VALUES, classes=("fine", "ill"), extras=("refer",)):
    classes = np.array(classes)
    return HeatMap(values, classes, np.array([*classes, *extras]))


def test_cells_lie_under_their_labels():
    _, ax = plt.subplots(figsize=(6, 4))
    heat = heat_map()
    image = heat.draw(ax, {})
    left, right, bottom, top = image.get_extent()
    assert (left, bottom, top) == (-0.5, 1.5, -0.5)
    cells = image.get_array()
    for tick, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True):
        column = int((tick - left) / (right - left) * cells.shape[1])
        answer = heat.decisions.tolist().index(label.get_text())
        assert cells[:, column].tolist() == VALUES[:, answer].tolist()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["fine", "ill"]
    assert ax.get_yticks().tolist() == [0, 1]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("answer", "truth")


def test_labels_that_do_not_fit_are_thinned_out_but_no_further_answer():
    _, ax = plt.subplots(figsize=(3, 3))
    names = [f"class {number:03d}" for number in range(100)]
    heat_map(np.zeros((100, 101)), names, ["refer"]).draw(ax, {})
    answers = [label.get_text() for label in ax.get_xticklabels()]
    truths = [label.get_text() for label in ax.get_yticklabels()]
    step = ax.get_yticks()[1]
    assert 2 < step < 50
    assert truths == names[::step]
    assert answers == [*truths, "refer"]
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {90}


def test_leaning_labels_end_at_their_ticks():
    _, ax = plt.subplots(figsize=(4, 4))
    heat_map(classes=("Chinstrap female", "Gentoo female")).draw(ax, {})
    label = ax.get_xticklabels()[0]
    assert (label.get_rotation(), label.get_ha()) == (45, "right")
    assert label.get_rotation_mode() == "anchor"


def test_numbers_stand_in_their_cells():
    _, ax = plt.subplots(figsize=(6, 4))
    heat = heat_map()
    image = heat.draw(ax, {"cmap": "gray"})
    texts = [["a", "b", "c"], ["d", "e", "f"]]
    written = heat.number(image, texts, wanted=None)
    for (row, column), text in np.ndenumerate(written):
        assert text.get_text() == texts[row][column]
        assert text.get_position() == (ax.get_xticks()[column], row)
    assert written[0, 0].get_color() == "black"
    assert written[0, 1].get_color() == "white"


@pytest.mark.parametrize(
    ("side", "wanted", "written"),
    [(4, None, True), (1, None, False), (4, False, False), (1, True, True)],
)
def test_numbers_are_left_out_where_they_are_not_read(side, wanted, written):
    _, ax = plt.subplots(figsize=(side, side))
    heat = heat_map()
    image = heat.draw(ax, {})
    found = heat.number(image, [["0.1234"] * 3] * 2, wanted=wanted)
    assert (found is not None) == written


def test_a_figure_has_room_for_what_stands_around_the_map():
    heat = heat_map()
    wide, high = heat.figure_size()
    assert heat.figure_size(above=True)[1] > high
    assert heat.figure_size(beside=True)[0] > wide
    longer = heat_map(classes=("perfectly fine", "ill"))
    assert longer.figure_size()[0] > wide
    assert heat_map(np.eye(1), ["ant"], []).figure_size() >= (4.0, 3.2)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[1.0, 0.0], [0.2, 1.0]], {"cmap": "viridis"}),
        ([[0.0, -4.0], [-1.0, 0.0]], {"cmap": "viridis"}),
        ([[1.0, -1e-9], [0.2, 1.0]], {"cmap": "viridis"}),
        ([[2.0, -4.0], [1.0, 2.0]], {"cmap": "PuOr", "vmin": -4.0, "vmax": 4.0}),
    ],
)
def test_colours_run_apart_from_zero_where_scores_have_both_signs(values, expected):
    assert colours_of(np.array(values), None, None) == expected


def test_colours_asked_for_are_taken():
    both, one = np.array([[2.0, -4.0]]), np.array([[2.0, 4.0]])
    assert colours_of(one, "magma", {"vmin": 0}) == {"cmap": "magma", "vmin": 0}
    found = colours_of(both, "RdBu", {"vmin": 0, "alpha": 0.5})
    assert found == {"cmap": "RdBu", "vmin": 0, "alpha": 0.5}


def test_a_colour_bar_says_what_the_colours_mean():
    _, ax = plt.subplots()
    heat = heat_map()
    bar = heat.add_colorbar(heat.draw(ax, {}), "score", right=1.2)
    assert bar.ax.get_ylabel() == "score"
    ax.figure.canvas.draw()
    outer, inner = ax.get_window_extent(), bar.ax.get_window_extent()
    assert inner.x0 > outer.x0 + 1.2 * outer.width
