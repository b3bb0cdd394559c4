"""Trees as users have them: parent map, Newick, linkage or networkx graph."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from io import StringIO
from numbers import Real
from os import PathLike
from typing import Any

import numpy as np

from simclf.similarity._arrays import array_of
from simclf.similarity._by_class import is_keyed, read_keyed
from simclf.similarity._extras import import_extra
from simclf.similarity._hierarchy import Hierarchy, plant
from simclf.similarity._labelled import read_names
from simclf.similarity._labels import is_name, refuse_alike, show_labels

_LINKAGE_COLUMNS = 4
_QUOTED_OR_COMMENT = re.compile(r"(?P<quoted>'[^']*')|\[[^\]]*\]")
_AFTER_COLON = re.compile(r": ?([^(),:;]*)")
# What Biopython reads as a length; it takes what is left over for a name.
_LENGTH = re.compile(r"[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?")
_NAME_WITH_SPACE = re.compile(r"[^\s(),:;]+[^\S\n]+[^\s(),:;]+")


def read_tree(
    tree: Any, classes: Iterable[object] | None, *, branch_lengths: bool
) -> Hierarchy:
    """Tree in any of the forms that `tree_similarity` takes."""
    if isinstance(tree, PathLike):
        msg = (
            f"tree is the path {str(tree)!r}; expected its text. Pass "
            "Path(...).read_text()."
        )
        raise TypeError(msg)
    if isinstance(tree, str):
        tree = _parse_newick(tree)
    if is_keyed(tree):
        names, parents, lengths = _from_parent_map(read_keyed(tree, "tree"))
    elif hasattr(tree, "get_terminals"):
        names, parents, lengths = _from_phylo(tree)
    elif hasattr(tree, "is_directed"):
        names, parents, lengths = _from_networkx(tree)
    else:
        names, parents, lengths = _from_linkage(tree, classes)
    if not branch_lengths:
        return plant(names, parents)
    return plant(names, parents, _check_lengths(names, parents, lengths))


_Nodes = tuple[list[object], list[int], list[float | None]]


def _from_parent_map(tree: Mapping[object, object]) -> _Nodes:
    """Nodes of a mapping from child to parent; a root's parent may be missing or ""."""
    for child, parent in tree.items():
        if not isinstance(parent, Hashable):
            msg = (
                f"tree has a parent of type {type(parent).__name__} for {child!r}; "
                "expected the name of one node, or None for the root."
            )
            raise TypeError(msg)
    pairs = [pair for pair in tree.items() if is_name(pair[1]) and pair[1] != ""]
    return _from_pairs(pairs, tree, {})


def _from_networkx(graph: Any) -> _Nodes:
    """Nodes of a networkx graph whose edges run from parent to child."""
    if not graph.is_directed():
        msg = (
            "tree is an undirected graph; expected one whose edges run from parent to "
            "child. networkx.bfs_tree(graph, root) directs it."
        )
        raise ValueError(msg)
    weights = {
        (child, parent): data.get("weight")
        for parent, child, data in graph.edges(data=True)
    }
    return _from_pairs(list(weights), graph.nodes, weights)


def _from_pairs(
    pairs: Sequence[tuple[object, object]],
    nodes: Iterable[object],
    weights: Mapping[tuple[object, object], float | None],
) -> _Nodes:
    """Nodes of pairs of child and parent, and of a list that may name more nodes."""
    refuse_alike((parent for _, parent in pairs), "tree")
    names = list(dict.fromkeys([*nodes, *(parent for _, parent in pairs)]))
    place = {name: position for position, name in enumerate(names)}
    parents: list[int] = [-1] * len(names)
    lengths: list[float | None] = [None] * len(names)
    for child, parent in pairs:
        if parents[place[child]] >= 0:
            both = [above for below, above in pairs if below == child]
            msg = (
                f"tree has {len(both)} parents for {child!r}: {show_labels(both)}; in "
                "a tree there is one. Edges run from parent to child; for a graph "
                "with several parents see ontology_similarity."
            )
            raise ValueError(msg)
        parents[place[child]] = place[parent]
        lengths[place[child]] = weights.get((child, parent))
    return names, parents, lengths


def _parse_newick(text: str) -> Any:
    """Biopython's tree of a Newick text."""
    phylo = import_extra("Bio.Phylo", "Biopython", "bio")
    if "(" not in text:
        msg = (
            f"tree is the string {text[:40]!r}, which is no Newick text such as "
            "'((A,B),C);'. A file is read with Path(...).read_text()."
        )
        raise ValueError(msg)
    # Biopython takes a length for a name if a comment stands before it.
    text = _QUOTED_OR_COMMENT.sub(lambda part: part["quoted"] or "", text)
    unquoted = _QUOTED_OR_COMMENT.sub("", text)
    spaced = _NAME_WITH_SPACE.search(unquoted)
    if spaced:
        msg = (
            f"tree has a name with a space, {spaced.group()!r}, which Newick allows "
            "between single quotes only. Quote it."
        )
        raise ValueError(msg)
    _refuse_wordy_lengths(unquoted)
    try:
        return phylo.read(StringIO(text), "newick")
    except (ValueError, phylo.NewickIO.NewickError) as error:
        msg = f"tree cannot be read as Newick text: {error}"
        raise ValueError(msg) from None


def _refuse_wordy_lengths(text: str) -> None:
    """Refuse what is no number after a colon, which Biopython takes for a name."""
    for found in _AFTER_COLON.findall(text):
        if not _LENGTH.fullmatch(found.rstrip()):
            msg = (
                f"tree has {found!r} after a colon, where Newick has the length of a "
                "branch; expected a number such as 0.5. Mend it, or put a name with a "
                "colon between single quotes."
            )
            raise ValueError(msg)


def _from_phylo(tree: Any) -> _Nodes:
    """Nodes of a tree of Bio.Phylo."""
    names: list[object] = []
    parents: list[int] = []
    lengths: list[float | None] = []
    stack = [(tree.root, -1)]
    while stack:
        clade, parent = stack.pop()
        if not clade.name and not clade.clades:
            msg = (
                f"tree has a leaf without a name, node {len(names)} in its order; "
                "name every leaf."
            )
            raise ValueError(msg)
        stack += [(child, len(names)) for child in reversed(clade.clades)]
        names.append(clade.name or None)
        parents.append(parent)
        lengths.append(clade.branch_length)
    return names, parents, lengths


def _from_linkage(array: object, classes: Iterable[object] | None) -> _Nodes:
    """Nodes of an array of scipy.cluster.hierarchy.linkage, named by its leaves."""
    merges = _read_linkage(array)
    n_leaves = len(merges) + 1
    if classes is None:
        msg = (
            "tree is a linkage array, which names no leaf; pass classes=[...], one for "
            f"each of its {n_leaves} leaves in the order of the rows clustered."
        )
        raise ValueError(msg)
    if is_keyed(classes):
        msg = (
            f"classes is of type {type(classes).__name__}, which looks up names, but "
            "tree, a linkage array, has none; pass a list, one for each of its "
            f"{n_leaves} leaves in the order of the rows clustered."
        )
        raise TypeError(msg)
    names = read_names(classes, "classes")
    if len(names) != n_leaves:
        msg = (
            f"classes has {len(names)} labels but tree, a linkage array, has "
            f"{n_leaves} leaves; name each in the order of the rows clustered."
        )
        raise ValueError(msg)
    names += [f"cluster {n_leaves + step}" for step in range(len(merges))]
    parents = [-1] * len(names)
    heights = np.append(np.zeros(n_leaves), merges[:, 2])
    for step, pair in enumerate(merges[:, :2].astype(int).tolist()):
        for child in pair:
            parents[child] = n_leaves + step
    lengths = heights[parents] - heights
    return names, parents, [*lengths.tolist()[:-1], None]


def _read_linkage(array: object) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows of a linkage array that scipy calls valid and that never goes down."""
    from scipy.cluster.hierarchy import is_monotonic, is_valid_linkage

    merges = array_of(array, "tree", "a dict of child to parent, or Newick text")
    if merges.ndim != 2 or merges.shape[1] != _LINKAGE_COLUMNS:
        msg = (
            f"tree is of type {type(array).__name__}; expected a dict of child to "
            "parent, Newick text, a networkx DiGraph, a Bio.Phylo tree or a linkage "
            "array of four columns."
        )
        raise TypeError(msg)
    # scipy passes whatever stands in an array of a single row.
    each_once = np.arange(2.0 * len(merges))
    children = np.sort(merges[:, :2], axis=None)
    if not is_valid_linkage(merges) or not np.array_equal(children, each_once):
        msg = (
            "tree has the four columns of a linkage array, but is no valid one. Pass "
            "what scipy.cluster.hierarchy.linkage returned."
        )
        raise ValueError(msg)
    if not is_monotonic(merges):
        step = int(np.argmax(np.diff(merges[:, 2]) < 0)) + 1
        msg = (
            f"tree merges clusters at height {merges[step, 2].item()} in row {step}, "
            f"below {merges[step - 1, 2].item()} in the row before. Cluster with a "
            "method that never goes down, such as 'average' or 'complete'."
        )
        raise ValueError(msg)
    return merges.astype(np.float64)


def _check_lengths(
    names: Sequence[object], parents: Sequence[int], lengths: Sequence[float | None]
) -> list[float] | None:
    """Lengths of the branches; None where no branch has one, and 0 above a root."""
    below = [node for node, parent in enumerate(parents) if parent >= 0]
    if all(lengths[node] is None for node in below):
        return None
    checked = [0.0] * len(names)
    for node in below:
        length = lengths[node]
        if not isinstance(length, Real) or not 0 <= length < np.inf:
            name = "a nameless node" if names[node] is None else repr(names[node])
            msg = (
                f"tree has a branch of length {length!r} above {name}; expected a "
                "number from 0 up, for every branch or for none. Mend it, or pass "
                "branch_lengths=False."
            )
            raise ValueError(msg)
        checked[node] = float(length)
    if not any(checked):
        msg = "every branch of tree has length 0; pass branch_lengths=False."
        raise ValueError(msg)
    return checked
