"""The tree that orders the classes of a heat map, drawn above them."""

from typing import Any

import numpy as np

from simclf._typing import FloatArray
from simclf.plotting._base import ink_of
from simclf.plotting._layout import Columns

_PAD, _HEIGHT = 0.01, 0.14
# scipy walks down the tree by recursion, and what is finer than this nobody sees.
_MOST_DRAWN = 500
_LEAF_DISTANCE, _FIRST_LEAF = 10.0, 5.0
_LEAST_CLASSES = 3


def draw_dendrogram(ax: Any, tree: FloatArray, columns: Columns) -> Any:
    """Draw a tree above the columns of its classes.

    Parameters
    ----------
    ax : matplotlib Axes
        Of the heat map.
    tree : ndarray of shape (n_classes - 1, 4)
        scipy's linkage.
    columns : Columns
        Of the heat map.

    Returns
    -------
    matplotlib Axes or None
        None for a tree that shows nothing: too small, too large, or a single level.
    """
    n_classes = len(tree) + 1
    flat = np.ptp(tree[:, 2]) == 0
    if flat or not _LEAST_CLASSES <= n_classes <= _MOST_DRAWN:
        return None
    above = ax.inset_axes([0, 1 + _PAD, n_classes / columns.width, _HEIGHT])
    for across, up in branches(tree):
        above.plot(across, up, color=ink_of(ax), lw=1.0 if n_classes <= 60 else 0.6)
    above.set(xlim=(-0.5, n_classes - 0.5), ylim=(0, 1.02 * tree[:, 2].max()))
    above.set_axis_off()
    return above


def branches(tree: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Corners of every fork of a tree whose leaves stand at 0, 1, 2, ..."""
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(tree, no_plot=True)
    return [
        ((np.asarray(across) - _FIRST_LEAF) / _LEAF_DISTANCE, np.asarray(up))
        for across, up in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    ]
