"""The mean cost of each class as a bar beside its row of a heat map."""

from typing import Any

import numpy as np

from simclf._typing import FloatArray
from simclf.plotting._base import inches_of
from simclf.plotting._layout import TICK_SIZE, number_inches

# Shares of the map's width: the bars beside it, and between them and the map.
_BAR_LENGTH, _BAR_PAD = 0.2, 0.03
_ROUNDING = 1e-9
BARS = _BAR_LENGTH + _BAR_PAD


def draw_bars(ax: Any, costs: FloatArray) -> tuple[Any, Any]:
    """Draw the mean costs of the classes to the right of their rows.

    Parameters
    ----------
    ax : matplotlib Axes
        Of the heat map.
    costs : ndarray of shape (n_classes,)
        One a row; nan has no bar.

    Returns
    -------
    matplotlib Axes, BarContainer
    """
    beside = ax.inset_axes([1 + _BAR_PAD, 0, _BAR_LENGTH, 1], sharey=ax)
    bars = beside.barh(np.arange(len(costs)), np.nan_to_num(costs), color="0.45")
    beside.tick_params(labelleft=False, left=False)
    beside.set_xlim(0, 1.05 * np.nanmax(costs, initial=0.0) or 1.0)
    beside.set_xticks([])
    beside.spines[["top", "right", "left"]].set_visible(False)
    beside.set_xlabel("mean cost\na row")
    return beside, bars


def tick_bars(beside: Any, costs: FloatArray) -> None:
    """Write a number at the end of the bars, and zero where both have room.

    Parameters
    ----------
    beside : matplotlib Axes
        Of the bars, in the size that they keep.
    costs : ndarray of shape (n_classes,)
        As in :func:`draw_bars`.
    """
    highest = np.nanmax(costs, initial=0.0) or 1.0
    power = 10.0 ** np.floor(np.log10(highest))
    # One digit is short, and never below half of the longest bar.
    ticks = [0.0, np.floor(highest / power + _ROUNDING) * power]
    texts = [f"{tick:g}" for tick in ticks]
    apart = inches_of(beside)[0] * ticks[1] / beside.get_xlim()[1]
    if apart < number_inches(texts[1]):
        ticks, texts = ticks[1:], texts[1:]
    beside.set_xticks(ticks, texts, fontsize=TICK_SIZE)
