"""Where cells and labels go, so that a person can read 4, 30 and 300 classes."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from simclf._typing import FloatArray, IntArray

_POINTS = 72.0
# Width of a character, and height of a line, in parts of the font size.
_CHARACTER, _DIGIT, _LINE = 0.56, 0.64, 1.15
SMALLEST, TICK_SIZE = 6.0, 9.0
_SMALLEST_NUMBER, _THINNED, _LARGEST = 7.5, 8.0, 10.0
# Characters of a label, and by how many it grows where it is cut like another.
_LONGEST_LABEL, _LONGER = 30, 6
_ROOM_TO_LEAN = 1.6
# Numbers that are written out.
_LEAST_DECIMAL, _LEAST_POWER = 1e-3, 1e5
# A gap of a quarter of a cell needs quarters of cells.
_PARTS = 4


class Columns(NamedTuple):
    """Columns of a map, those of answers that are no class behind a gap.

    ``source`` is the column of the table that each column of the image shows, -1 for
    the gap, and ``parts`` of these are as wide as a class. ``centres`` is where the
    middle of each column of the table lies.
    """

    source: IntArray
    parts: int
    centres: FloatArray

    @property
    def width(self) -> float:
        """Width of the map in cells."""
        return len(self.source) / self.parts


class Ticks(NamedTuple):
    """Labels of an axis: one for every ``step`` classes, in points, turned."""

    step: int
    size: float
    rotation: int


def place_columns(n_classes: int, n_decisions: int) -> Columns:
    """Columns for the classes, then for the answers that are no class.

    Those stand behind a gap, and are wide enough to be seen beside 300 classes.
    """
    classes = np.arange(n_classes)
    if n_decisions == n_classes:
        return Columns(classes, 1, classes.astype(np.float64))
    extras = np.arange(n_classes, n_decisions)
    width = max(1, round(n_classes / 30))
    gap = np.full(width, -1)
    source = [np.repeat(classes, _PARTS), gap, np.repeat(extras, _PARTS * width)]
    first = n_classes + width / _PARTS + (width - 1) / 2
    centres = np.concatenate([classes, first + width * (extras - n_classes)])
    return Columns(np.concatenate(source), _PARTS, centres)


def spread(values: FloatArray, columns: Columns) -> FloatArray:
    """Values as the image shows them, nan in the gap."""
    image = values[:, columns.source]
    image[:, columns.source < 0] = np.nan
    return np.asarray(image)


def map_inches(n_classes: int) -> float:
    """Side of a heat map of this many classes."""
    return float(np.clip(1.4 * np.sqrt(n_classes), 2.6, 9.5))


def label_inches(labels: list[str], ticks: Ticks, *, below: bool = False) -> float:
    """Room that some labels take beside an axis, or turned below it."""
    length = _CHARACTER * ticks.size * max(map(len, labels))
    turn = np.deg2rad(ticks.rotation if below else 90)
    return float(length * np.sin(turn) + _LINE * ticks.size) / _POINTS


def fit_ticks(labels: list[str], cell: float) -> Ticks:
    """Choose how many labels of equal distance fit along an axis, and how they stand.

    Parameters
    ----------
    labels : list of str
        One for each cell.
    cell : float
        Side of a cell in inches.

    Returns
    -------
    Ticks
        ``rotation`` is meant for labels below the axis.
    """
    pitch = _POINTS * cell
    step, size = 1, float(np.clip(0.85 * pitch, SMALLEST, _LARGEST))
    if _LINE * size > pitch:
        size = _THINNED
        step = int(np.ceil(_LINE * size / pitch))
    room = pitch * step
    if _CHARACTER * size * max(map(len, labels)) < 0.9 * room:
        return Ticks(step, size, 0)
    return Ticks(step, size, 45 if room > _ROOM_TO_LEAN * size else 90)


def number_inches(text: str) -> float:
    """Room that a number takes along an axis, with some to either side."""
    return _DIGIT * TICK_SIZE * (len(text) + 1) / _POINTS


def fit_numbers(
    texts: list[str], cell: float, *, readable: bool = True
) -> float | None:
    """Font size at which all texts fit into cells of this side; None if too small."""
    longest = max(map(len, texts))
    size = 0.9 * _POINTS * cell / max(_DIGIT * longest, _LINE)
    return min(size, _LARGEST) if size >= _SMALLEST_NUMBER or not readable else None


def short_label(label: object, longest: int = _LONGEST_LABEL) -> str:
    """Text of a label, its middle left out where it is long."""
    text = str(label)
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[: half - 1]}…{text[-half:]}"


def short_labels(labels: Iterable[object], longest: int = _LONGEST_LABEL) -> list[str]:
    """Texts of labels, cut no further than leaves each unlike the others."""
    texts = [str(label) for label in labels]
    while True:
        short = [short_label(text, longest) for text in texts]
        if len(set(short)) == len(set(texts)):
            return short
        longest += _LONGER


def number_texts(values: FloatArray, values_format: str | None) -> list[list[str]]:
    """Texts of the numbers in cells: with as many decimals as the largest is worth."""
    if values_format is None:
        places = _decimals(np.abs(values).max())
        return [[_decimal(value, places) for value in row] for row in values]
    try:
        return [[format(value, values_format) for value in row] for row in values]
    except (TypeError, ValueError):
        msg = (
            f"values_format is {values_format!r}, which numbers cannot be written by; "
            "expected a format such as '.1f', or None."
        )
        raise ValueError(msg) from None


def _decimals(largest: float) -> int | None:
    """Decimals of the largest number; None where it is too long or too short."""
    if not _LEAST_DECIMAL <= largest < _LEAST_POWER:
        return None
    digits = 2 if largest >= 1 else 1
    return max(0, digits - int(np.floor(np.log10(largest))))


def _decimal(value: float, places: int | None) -> str:
    """Text of a number without the zeros that it ends in."""
    if places is None:
        return f"{value + 0.0:.2g}"
    text = f"{value:.{places}f}"
    if places:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
