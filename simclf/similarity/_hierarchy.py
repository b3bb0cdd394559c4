"""A rooted tree: its nodes laid out in preorder, and what two of them share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simclf._typing import FloatArray, IntArray
from simclf.similarity._labels import repeated_labels, show_labels

_ROOT = -1


@dataclass(frozen=True)
class Hierarchy:
    """Nodes in preorder: each stands before all that is below it, the root first."""

    names: list[object]
    """Name of each node; None for an inner node without one."""
    parents: IntArray
    """Position of each node's parent; the root is its own."""
    lengths: FloatArray
    """Length of the branch above each node; 0 above the root."""

    def leaves(self) -> list[object]:
        """Names of the nodes that nothing is below."""
        inner = set(self.parents.tolist())
        return [name for place, name in enumerate(self.names) if place not in inner]

    def depths(self) -> FloatArray:
        """Distance of each node from the root."""
        depths = self.lengths.copy()
        for place, parent in enumerate(self.parents[1:].tolist(), start=1):
            depths[place] += depths[parent]
        return depths

    def heights(self) -> FloatArray:
        """Distance of each node from the farthest leaf below it."""
        heights = np.zeros(len(self.names))
        parents = self.parents.tolist()
        for place in range(len(parents) - 1, 0, -1):
            reach = heights[place] + self.lengths[place]
            heights[parents[place]] = max(heights[parents[place]], reach)
        return heights

    def count_below(self, places: Sequence[int]) -> IntArray:
        """How many of some nodes are at or below each node."""
        counts = np.bincount(places, minlength=len(self.names))
        parents = self.parents.tolist()
        for place in range(len(parents) - 1, 0, -1):
            counts[parents[place]] += counts[place]
        return counts

    def at_common_ancestors(
        self, values: FloatArray, rows: Sequence[int], columns: Sequence[int]
    ) -> FloatArray:
        """Value at the lowest common ancestor of each row's and each column's node.

        Values must not fall from a node to one below it.
        """
        places = np.unique([*rows, *columns])
        # Of the nodes after one in preorder, up to another, the highest parent is the
        # common ancestor of the two.
        above = values[self.parents[: places[-1] + 1]]
        between = np.minimum.reduceat(above, places[:-1] + 1)
        position = np.empty(len(self.names), dtype=np.intp)
        position[places] = np.arange(len(places))
        picked = position[list(columns)]
        shared = np.empty((len(rows), len(columns)))
        for row, node in enumerate(rows):
            at = position[node]
            later = np.minimum.accumulate(between[at:])
            earlier = np.minimum.accumulate(between[:at][::-1])[::-1]
            shared[row] = np.concatenate((earlier, values[[node]], later))[picked]
        return shared


def plant(
    names: Sequence[object],
    parents: Sequence[int],
    lengths: Sequence[float] | None = None,
) -> Hierarchy:
    """Lay out nodes in any order, given each one's parent by position, a root's as -1.

    Without lengths every branch is of length one.
    """
    if len(names) < 2:
        msg = "tree has no branch; expected a root and the nodes below it."
        raise ValueError(msg)
    repeated = repeated_labels([name for name in names if name is not None])
    if repeated:
        msg = (
            f"tree names {show_labels(repeated)} more than once; every node needs a "
            "name of its own. Rename the others."
        )
        raise ValueError(msg)
    order = _preorder(names, parents)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    branches = np.ones(len(order)) if lengths is None else np.array(lengths, float)
    branches = branches[order]
    branches[0] = 0.0
    return Hierarchy(
        names=[names[node] for node in order],
        parents=place[[order[0], *(parents[node] for node in order[1:])]],
        lengths=branches,
    )


def _preorder(names: Sequence[object], parents: Sequence[int]) -> list[int]:
    """Nodes from the one root down, each before all that is below it."""
    children: list[list[int]] = [[] for _ in names]
    roots: list[int] = []
    for node, parent in enumerate(parents):
        (roots if parent == _ROOT else children[parent]).append(node)
    order = []
    stack = roots[::-1]
    while stack:
        order.append(stack.pop())
        stack.extend(reversed(children[order[-1]]))
    if len(order) < len(names):
        _refuse_cycle(names, parents, set(range(len(names))) - set(order))
    if len(roots) > 1:
        tops = [names[root] for root in roots]
        msg = (
            f"tree has {len(roots)} roots {show_labels(tops)}; expected one. Put one "
            "node above them, or pass one of the trees."
        )
        raise ValueError(msg)
    return order


def _refuse_cycle(
    names: Sequence[object], parents: Sequence[int], unreached: set[int]
) -> None:
    """Name a way up that leads back to where it started."""
    path = [min(unreached)]
    while parents[path[-1]] not in path:
        path.append(parents[path[-1]])
    cycle = path[path.index(parents[path[-1]]) :]
    msg = (
        f"tree has a cycle: each of {show_labels([names[node] for node in cycle])} is "
        "the parent of the one before, and the first of the last. Remove one of "
        "these branches."
    )
    raise ValueError(msg)
