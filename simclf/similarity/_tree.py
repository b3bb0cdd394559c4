"""Find classes that are the leaves of a tree, scored by their common ancestor."""

from dataclasses import dataclass, field

import numpy as np

from simclf._typing import FloatArray, IntArray
from simclf.similarity._forms import TreeForm

_FEWEST_LEAVES = 3


def find_tree(matrix: FloatArray, tolerance: float) -> TreeForm | None:
    """Read a tree off one row for each leaf and verify it on all entries.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
        Finite numbers.
    tolerance : float
        Largest deviation of an entry that counts as rounding.

    Returns
    -------
    TreeForm or None
        None if the matrix is not square, or an entry deviates by more.

    Notes
    -----
    Entries that are an offset of the row, one of the column and the worth of the
    common ancestor are, less what they have in row 0 and in column 0, again the worth
    of a common ancestor, in the same tree hung up at class 0 (the transform of
    Farris). So offsets need not be known, and costs that are lengths of paths in a
    tree are found too. The diagonal is free.

    References
    ----------
    .. [1] Farris, Kluge, Eckardt, "A numerical approach to phylogenetic systematics",
       Systematic Zoology 1970, doi:10.2307/2412028.
    """
    n_rows, n_columns = matrix.shape
    if n_rows != n_columns or n_rows < _FEWEST_LEAVES:
        return None
    # Towards the leaves similarities grow, and costs shrink.
    for sign in (-1.0, 1.0):
        tree = _grow(matrix, sign, tolerance)
        if tree is not None:
            form = _as_form(matrix, tree, sign)
            if _holds(matrix, tree, form, sign, tolerance):
                return form
    return None


@dataclass
class _Tree:
    """Leaves in order, inner nodes as intervals of them, heights above the root."""

    order: IntArray
    root: float
    parents: FloatArray  # height of each leaf's parent, by leaf
    nodes: list[tuple[int, int, float, float]] = field(default_factory=list)
    """Start, stop, height, and height beyond the parent."""


def _grow(matrix: FloatArray, sign: float, tolerance: float) -> _Tree | None:
    """Split the leaves by their common ancestor with one of them, again and again."""
    n = len(matrix)
    tree = _Tree(np.arange(n), np.nan, np.zeros(n))
    base_row, base_column = matrix[0], matrix[:, 0]
    segments = [(1, n, np.nan)]
    while segments:
        low, high, height = segments.pop()
        pivot, others = tree.order[low], tree.order[low + 1 : high]
        if not others.size:
            tree.parents[pivot] = height - tree.root
            continue
        shared = sign * (matrix[pivot, others] - base_column[pivot] - base_row[others])
        ranks = np.argsort(-shared, kind="stable")
        shared = shared[ranks]
        tree.order[low + 1 : high] = others[ranks]
        if np.isnan(height):
            height = tree.root = float(shared[-1])
        if shared[-1] < height - tolerance:
            return None
        steps = np.flatnonzero(shared[:-1] - shared[1:] > tolerance) + 1
        heights = shared[np.append(0, steps)].tolist()
        if heights[-1] <= height + tolerance:
            heights[-1] = height
        bounds = [low + 1, *(steps + low + 1).tolist(), high]
        tree.parents[pivot] = heights[0] - tree.root
        for start, stop, top, below in zip(
            bounds[:-1], bounds[1:], heights, [*heights[1:], height], strict=True
        ):
            segments.append((start, stop, top))
            if top > below:
                tree.nodes.append((low, stop, top - tree.root, top - below))
    return tree


def _as_form(matrix: FloatArray, tree: _Tree, sign: float) -> TreeForm:
    """Offsets, gains of the nodes, and what the diagonal has beyond them."""
    rows = matrix[:, 0] + sign * tree.root
    rows[0] = 0.0
    columns = matrix[0].copy()
    columns[0] = -sign * tree.root
    tree.nodes.sort()
    spans = np.array([node[:2] for node in tree.nodes], dtype=np.intp).reshape(-1, 2)
    return TreeForm(
        rows=rows,
        columns=columns,
        order=tree.order,
        starts=spans[:, 0],
        stops=spans[:, 1],
        gains=sign * np.array([node[3] for node in tree.nodes], dtype=np.float64),
        own=matrix.diagonal() - rows - columns - sign * tree.parents,
    )


def _holds(
    matrix: FloatArray, tree: _Tree, form: TreeForm, sign: float, tolerance: float
) -> bool:
    """Whether every entry beside the diagonal is what the tree says."""
    shared = np.zeros(len(matrix))
    between = _between(tree)
    columns = form.columns[tree.order]
    for place, leaf in enumerate(tree.order):
        # The common ancestor of two leaves is the highest of those between them.
        shared[place + 1 :] = np.minimum.accumulate(between[place:])
        shared[:place] = np.minimum.accumulate(between[:place][::-1])[::-1]
        error = np.abs(
            sign * shared + columns + form.rows[leaf] - matrix[leaf, tree.order]
        )
        error[place] = 0.0
        if error.max() > tolerance:
            return False
    return True


def _between(tree: _Tree) -> FloatArray:
    """Height of the common ancestor of each leaf and the next one in order."""
    heights = np.zeros(len(tree.order) - 1)
    for start, stop, height, _ in sorted(tree.nodes, key=lambda node: node[2]):
        heights[start : stop - 1] = height
    return heights
