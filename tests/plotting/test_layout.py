"""Where cells and labels go."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.plotting._layout import (
    SMALLEST,
    fit_numbers,
    fit_ticks,
    label_inches,
    map_inches,
    number_texts,
    place_columns,
    short_label,
    short_labels,
    spread,
)

WORDS = [f"class {number}" for number in range(300)]


@given(st.integers(1, 320), st.integers(0, 3))
def test_every_column_is_shown_once_and_in_its_place(n_classes, n_extras):
    columns = place_columns(n_classes, n_classes + n_extras)
    centres = {}
    for place, column in enumerate(columns.source.tolist()):
        centres.setdefault(column, []).append((place + 0.5) / columns.parts - 0.5)
    gap = centres.pop(-1, [])
    assert sorted(centres) == list(range(n_classes + n_extras))
    assert bool(gap) == (n_extras > 0)
    for column, places in centres.items():
        assert columns.centres[column] == pytest.approx(np.mean(places))
    assert all(columns.centres[i] == i for i in range(n_classes))


def test_answers_that_are_no_class_are_seen_beside_300_classes():
    columns = place_columns(300, 301)
    assert (columns.source == 300).sum() / columns.parts == 10
    assert columns.width == pytest.approx(312.5)


def test_the_gap_of_few_classes_is_a_quarter_of_a_cell():
    assert place_columns(2, 3).width == 3.25


def test_values_are_spread_with_a_gap_that_has_none():
    values = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    image = spread(values, place_columns(2, 3))
    for place, column in enumerate(place_columns(2, 3).source):
        expected = [np.nan, np.nan] if column < 0 else values[:, column]
        np.testing.assert_equal(image[:, place], expected)
    assert values.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@pytest.mark.parametrize("n", [1, 4, 30, 300])
def test_labels_that_are_shown_do_not_touch(n):
    cell = map_inches(n) / n
    ticks = fit_ticks(WORDS[:n], cell)
    assert 72 * cell * ticks.step >= 1.1 * ticks.size
    assert ticks.size >= SMALLEST
    assert (ticks.step == 1) == (n <= 30)


@given(st.floats(1e-4, 2), st.integers(1, 40))
def test_labels_along_the_bottom_do_not_touch(cell, length):
    ticks = fit_ticks(["m" * length], cell)
    room = 72 * cell * ticks.step
    needed = {0: 0.56 * length, 45: np.sqrt(2) * 1.1, 90: 1.1}[ticks.rotation]
    assert room >= needed * ticks.size


def test_short_labels_stand_upright_and_long_ones_lean():
    assert fit_ticks(["ant", "bee"], 0.5).rotation == 0
    assert fit_ticks(["anteater", "bee"], 0.5).rotation == 45
    assert fit_ticks(["anteater", "bee"], 0.15).rotation == 90


def test_room_below_depends_on_the_turn():
    lying, leaning, standing = (
        label_inches(["a long label"], fit_ticks(["a long label"], cell), below=True)
        for cell in (2.0, 0.5, 0.15)
    )
    assert lying < standing
    assert lying < leaning
    ticks = fit_ticks(["a long label"], 2.0)
    assert label_inches(["a long label"], ticks) > lying


@pytest.mark.parametrize(("cell", "shown"), [(0.5, True), (0.1, False)])
def test_numbers_are_written_where_they_can_be_read(cell, shown):
    size = fit_numbers(["0.25", ""], cell)
    assert (size is not None) == shown


def test_numbers_fit_their_cells():
    assert fit_numbers(["0.025"], 0.4) * 0.56 * 5 <= 72 * 0.4
    # The digits of DejaVu Sans are 0.636 wide, its point 0.318.
    assert fit_numbers(["0.025"], 0.4) * (4 * 0.636 + 0.318) <= 0.9 * 72 * 0.4
    assert fit_numbers([""], 2.0) == 10.0


def test_maps_grow_slower_than_their_classes():
    assert map_inches(2) < map_inches(10) < map_inches(40) < 10
    assert map_inches(40) / 40 < map_inches(10) / 10
    assert map_inches(300) == map_inches(3000) == 9.5


def test_long_labels_keep_both_ends():
    assert short_label("a" * 30) == "a" * 30
    short = short_label("Lactobacillus delbrueckii subsp. bulgaricus")
    assert len(short) == 30
    assert short.startswith("Lactobacillus")
    assert short.endswith("bulgaricus")
    assert short_label(7) == "7"


def test_labels_that_would_be_cut_alike_are_cut_less():
    labels = [f"cross entropy, {rate}, hidden_layer_sizes=(128,)" for rate in (1, 2)]
    assert short_label(labels[0]) == short_label(labels[1])
    short = short_labels([*labels, labels[0], "ant"])
    assert short[0] == short[2] != short[1]
    assert max(map(len, short)) < len(labels[0])
    assert short[3] == "ant"


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1.0, 0.256, 0.5, 0.001, -0.0], ["1", "0.26", "0.5", "0", "0"]),
        ([2.5, -1.125, 0.25], ["2.5", "-1.12", "0.25"]),
        ([-10.0, 0.44, 10.25], ["-10", "0.4", "10.2"]),
        ([123.4, 0.6, 100.0], ["123", "1", "100"]),
        ([0.042, 0.001], ["0.042", "0.001"]),
        ([2e6, -30.0, 0.0], ["2e+06", "-30", "0"]),
        ([2.5e-7, 0.0], ["2.5e-07", "0"]),
        ([0.0], ["0"]),
    ],
)
def test_numbers_have_the_decimals_that_the_largest_is_worth(values, texts):
    assert number_texts(np.array([values]), None) == [texts]


def test_a_format_asked_for_is_taken():
    assert number_texts(np.array([[0.256], [10.0]]), ".1f") == [["0.3"], ["10.0"]]


@pytest.mark.parametrize("values_format", ["zzz", 2])
def test_a_format_that_is_none_is_refused(values_format):
    told = (
        f"^values_format is {values_format!r}, which numbers cannot be written by; "
        "expected a format such as '.1f', or None.$"
    )
    with pytest.raises(ValueError, match=told):
        number_texts(np.eye(2), values_format)
