"""A heat map of truths and answers: cells, numbers in them, and labels that fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simclf._typing import AnyArray, FloatArray
from simclf.plotting._base import inches_of
from simclf.plotting._layout import (
    Columns,
    fit_numbers,
    fit_ticks,
    label_inches,
    map_inches,
    place_columns,
    short_labels,
    spread,
)
from simclf.similarity._labels import plain_labels

# Inches: around a map, and of the smallest figure.
_MARGIN, _LEAST_SIZE = 0.7, (4.0, 3.2)
# Share of the map's side that axes above or beside it take.
_INSET = 0.23
# Place of the colour bar, in shares of the map's sides, and room for its labels.
_BAR_INCHES = 0.9
_BAR_PAD, _BAR_WIDTH, _BAR_FOOT = 0.04, 0.04, 0.08
_SCALE = ("norm", "vmin", "vmax")
_DARK = 0.45
_LEAST_OTHER_SIGN = 0.05


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Values of shape (n_classes, n_decisions) with the labels of both axes."""

    values: FloatArray
    classes: AnyArray
    decisions: AnyArray

    @property
    def columns(self) -> Columns:
        """Where the columns go."""
        return place_columns(*self.values.shape)

    @property
    def truths(self) -> list[str]:
        """Texts of the rows."""
        return short_labels(plain_labels(self.classes))

    @property
    def answers(self) -> list[str]:
        """Texts of the columns."""
        return short_labels(plain_labels(self.decisions))

    def figure_size(
        self, *, above: bool = False, beside: bool = False
    ) -> tuple[float, float]:
        """Inches for a new figure, with room for axes above the map or beside it."""
        rows = len(self.values)
        cell = map_inches(rows) / rows
        across, down = cell * self.columns.width, cell * rows
        left, below = self._label_inches(cell)
        bar = _BAR_INCHES + across * (_BAR_PAD + _BAR_WIDTH)
        width = left + across * (1 + beside * _INSET) + bar + _MARGIN
        height = below + down * (1 + above * _INSET) + _MARGIN
        return max(width, _LEAST_SIZE[0]), max(height, _LEAST_SIZE[1])

    def draw(self, ax: Any, settings: Mapping[str, Any]) -> Any:
        """Draw the cells, and label them as if nothing else took room."""
        image = ax.imshow(
            spread(self.values, self.columns),
            extent=(-0.5, self.columns.width - 0.5, len(self.values) - 0.5, -0.5),
            **settings,
        )
        ax.set(xlabel="answer", ylabel="truth")
        self.label(ax)
        return image

    def label(self, ax: Any) -> None:
        """Name truths and answers, or as many as fit; always what is no class."""
        cell = self._cell_inches(ax)
        n_classes = len(self.truths)
        ticks = fit_ticks(self.truths, cell)
        rows = list(range(0, n_classes, ticks.step))
        ax.set_yticks(rows, [self.truths[row] for row in rows], fontsize=ticks.size)
        ticks = fit_ticks(self.answers, cell)
        columns = [
            *range(0, n_classes, ticks.step),
            *range(n_classes, len(self.answers)),
        ]
        ax.set_xticks(
            self.columns.centres[columns],
            [self.answers[column] for column in columns],
            fontsize=ticks.size,
            rotation=ticks.rotation,
            rotation_mode="anchor" if ticks.rotation == 45 else "default",
            ha="right" if ticks.rotation == 45 else "center",
        )

    def number(
        self, image: Any, texts: Sequence[Sequence[str]], *, wanted: bool | None
    ) -> AnyArray | None:
        """Write a text into every cell; None where it is not wanted or does not fit."""
        if wanted is False:
            return None
        flat = [text for row in texts for text in row]
        cell = self._cell_inches(image.axes)
        # Whoever asks for numbers in small cells may enlarge the picture.
        size = fit_numbers(flat, cell, readable=not wanted)
        if size is None:
            return None
        written = np.full(self.values.shape, None, dtype=object)
        for (row, column), value in np.ndenumerate(self.values):
            written[row, column] = image.axes.text(
                self.columns.centres[column],
                row,
                texts[row][column],
                ha="center",
                va="center",
                color=_ink(image, value),
                fontsize=size,
            )
        return written

    def add_colorbar(self, image: Any, label: str, *, right: float = 1.0) -> Any:
        """Say what the colours mean, beside what ends at a share of the map's width."""
        ax = image.axes
        place = [right + _BAR_PAD, _BAR_FOOT, _BAR_WIDTH, 1 - 2 * _BAR_FOOT]
        # An inset, as a layout engine makes room for what belongs to the axes.
        return ax.figure.colorbar(image, cax=ax.inset_axes(place), label=label)

    def _label_inches(self, cell: float) -> tuple[float, float]:
        """Room for the labels beside the map, and below it."""
        across = fit_ticks(self.answers, cell)
        return (
            label_inches(self.truths, fit_ticks(self.truths, cell)),
            label_inches(self.answers, across, below=True),
        )

    def _cell_inches(self, ax: Any) -> float:
        """Side of a cell as it is now."""
        wide, _ = inches_of(ax)
        return wide / self.columns.width


def colours_of(
    values: FloatArray, cmap: Any, im_kw: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Choose colours, which run apart from zero where scores have both signs."""
    given = dict(im_kw or {})
    if not _both_signs(values):
        return {"cmap": cmap or "viridis"} | given
    settings: dict[str, Any] = {"cmap": cmap or "PuOr"}
    if not any(name in given for name in _SCALE):
        farthest = np.abs(values).max().item()
        settings |= {"vmin": -farthest, "vmax": farthest}
    return settings | given


def colours_from_zero(
    values: FloatArray, cmap: Any, im_kw: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Choose colours for what is never below zero, and may be zero everywhere."""
    given = dict(im_kw or {})
    if "norm" in given:
        return {"cmap": cmap} | given
    return {"cmap": cmap, "vmin": 0.0, "vmax": values.max() or 1.0} | given


def _both_signs(values: FloatArray) -> bool:
    """Whether a table has scores above and below zero, and more than by rounding."""
    low, high = -values.min(), values.max()
    return bool(min(low, high) > _LEAST_OTHER_SIGN * max(low, high))


def _ink(image: Any, value: float) -> str:
    """Black or white, whichever is read better on the colour of a value."""
    red, green, blue, _ = image.cmap(image.norm(value))
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    return "white" if luminance < _DARK else "black"
