"""Order of the classes in a picture: classes that are cheaply confused side by side."""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import FloatArray, IntArray
from simclf.decision._align import label_codes
from simclf.similarity import ScoreTable, unit_regret
from simclf.similarity._labels import plain_labels, repeated_labels, show_labels

Order: TypeAlias = str | ArrayLike
# Beyond, the best of all orders of a tree takes seconds and is none that one sees.
_MOST_OPTIMISED = 500
_EXPECTED = "expected 'dendrogram', 'given', or the class labels in the order wanted"


def class_order(table: ScoreTable, order: Order) -> tuple[IntArray, FloatArray | None]:
    """Codes of the classes as they are drawn, and the tree that they are ordered by.

    Parameters
    ----------
    table : ScoreTable
        Scores.
    order : {"dendrogram", "given"} or array-like of shape (n_classes,)
        As the user gave it; labels name every class once.

    Returns
    -------
    codes : ndarray of shape (n_classes,)
    tree : ndarray of shape (n_classes - 1, 4) or None
        scipy's linkage; None where the order is none of a tree.

    Raises
    ------
    ValueError
        If the order is unknown, or lacks or repeats a class.
    """
    if isinstance(order, str) and order == "given":
        return np.arange(table.n_classes), None
    if isinstance(order, str):
        if order != "dendrogram":
            msg = f"order is {order!r}; {_EXPECTED}."
            raise ValueError(msg)
        return _tree_order(mistake_distances(table.values))
    return _named_order(table, order), None


def mistake_distances(values: FloatArray) -> FloatArray:
    """Distance of two classes: the mean of what both mistakes cost, in [0, 1].

    Parameters
    ----------
    values : ndarray of shape (n_classes, n_decisions)
        Scores.

    Returns
    -------
    ndarray of shape (n_classes, n_classes)
        Symmetric, zero on the diagonal.
    """
    costs = unit_regret(values)[:, : len(values)]
    distances = (costs + costs.T) / 2
    np.fill_diagonal(distances, 0.0)
    return np.asarray(distances)


def _tree_order(distances: FloatArray) -> tuple[IntArray, FloatArray | None]:
    """Leaves of a tree of average distances, and the tree."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(distances) == 1:
        return np.arange(1), None
    tree = linkage(
        squareform(distances, checks=False),
        method="average",
        optimal_ordering=len(distances) <= _MOST_OPTIMISED,
    )
    leaves = leaves_list(tree).astype(np.intp)
    if leaves[0] > leaves[-1]:
        # Of an order and its mirror image, the one that runs as the classes do.
        tree[:, [0, 1]] = tree[:, [1, 0]]
        leaves = leaves[::-1]
    return leaves, tree


def _named_order(table: ScoreTable, order: ArrayLike) -> IntArray:
    """Codes of class labels, each of them once."""
    codes = label_codes(order, table.classes, "order", "class")
    repeated = repeated_labels(plain_labels(table.classes[codes]))
    if repeated:
        msg = f"order repeats {show_labels(repeated)}; name each class once."
        raise ValueError(msg)
    lacking = np.setdiff1d(np.arange(table.n_classes), codes)
    if lacking.size:
        labels = show_labels(plain_labels(table.classes[lacking]))
        msg = f"order lacks {labels}; {_EXPECTED}."
        raise ValueError(msg)
    return codes
