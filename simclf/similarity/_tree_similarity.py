"""Score table of a tree: answers are worth what they share with the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from simclf.similarity._by_class import read_named
from simclf.similarity._labelled import labelled_frame, read_further
from simclf.similarity._labels import show_labels
from simclf.similarity._numbers import read_flag
from simclf.similarity._read_tree import read_tree
from simclf.similarity._suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from simclf._typing import FloatArray
    from simclf.similarity._hierarchy import Hierarchy

_FEWEST_BELOW = 2


def tree_similarity(
    tree: object,
    classes: Iterable[object] | Mapping[object, object] | None = None,
    *,
    measure: Literal["wu_palmer", "path", "height", "information"] = "wu_palmer",
    branch_lengths: bool = True,
    inner_nodes: bool | Iterable[object] = False,
) -> pd.DataFrame:
    r"""Score answers by where their branch leaves that of the truth in a tree.

    Parameters
    ----------
    tree : mapping, str, networkx.DiGraph, Bio.Phylo tree or linkage array
        One rooted tree.

        - A mapping or Series from child to parent; the root is left out, or has None,
          nan or "".
        - Newick text, read by Biopython. Names with spaces stand in single quotes, and
          a number for the name of an inner node is a support value and no name.
        - A networkx DiGraph whose edges run from parent to child, with lengths of
          branches, if any, as ``weight``.
        - A tree of ``Bio.Phylo``, for other formats that it reads.
        - An array of ``scipy.cluster.hierarchy.linkage``, whose heights are those of
          the nodes.
    classes : iterable of labels, or mapping of label to node, default=None
        Names of nodes: of leaves, or of inner nodes too. A mapping or Series gives the
        labels of your data (its index) and the node of each, and two labels may mean
        one node. None takes the leaves, in their order in the tree. For a linkage array
        a list must be given, which names the leaves in the order of the rows that were
        clustered.
    measure : {"wu_palmer", "path", "height", "information"}, default="wu_palmer"
        How an answer is scored; see Notes.
    branch_lengths : bool, default=True
        Whether lengths of branches count, where the tree has them. Otherwise every
        branch is of length one.
    inner_nodes : bool or iterable of labels, default=False
        Inner nodes that are answers besides the classes: "T cell", when it cannot be
        told of which kind. True takes every named one above two of the classes or
        more, from the root down. Nodes of a linkage array are named as scipy numbers
        them, ``"cluster 7"``. Not for ``measure="height"``.

    Returns
    -------
    pandas.DataFrame of shape (n_classes, n_classes + n_inner_nodes)
        Rows are the truth, columns the answer. Right answers score 1, other labels of
        the same node too.

    Raises
    ------
    ValueError
        If the tree has two roots, a cycle, a node of two parents, a name twice or
        parents that differ by case or outer spaces alone, if a class or inner node is
        not in it, or if a branch is of negative length.
    TypeError
        If `tree` is none of these forms, `classes` is no list of labels, or a setting
        is of the wrong type.

    See Also
    --------
    ontology_similarity : Terms that may have several parents.

    Notes
    -----
    Let :math:`d` be the distance of a node from the root, :math:`D` the largest of
    these, :math:`h` the distance of a node from the farthest leaf below it, and
    :math:`l` the lowest common ancestor of the truth :math:`i` and the answer
    :math:`j`, which may be :math:`j` itself. Own answers score 1, others

    - ``"wu_palmer"``: :math:`2 d_l / (d_i + d_j)`, the shared part of the two ways
      from the root [1]_;
    - ``"path"``: :math:`1 - (d_i + d_j - 2 d_l) / 2D`, which falls with the length of
      the way from one to the other through the tree;
    - ``"height"``: :math:`1 - h_l / D`, one less the "hierarchical distance of a
      mistake" [2]_; of a dendrogram this is the cophenetic distance;
    - ``"information"``: :math:`1 - \log n_j / \log K` for an ancestor :math:`j` of the
      truth, with :math:`n_j` of the :math:`K` classes at or below it, and 0 for any
      other answer [3]_: a vague answer earns what it tells, a wrong one nothing.

    Where all leaves are equally far from the root, as in a dendrogram, the first three
    agree on leaves. Of an inner node as an answer, all but ``"height"`` say that an
    ancestor of the truth earns less than the truth, less the more general it is, and
    more than a wrong leaf below it; with ``"wu_palmer"`` and ``"information"`` the root
    earns 0. They differ in when a vague answer pays. Between two equally probable
    sisters, ``"wu_palmer"`` still prefers to guess, as the wrong sister earns much;
    with ``"path"`` their parent ties (if all leaves are equally far from the root), and
    with ``"information"`` it is the best answer if there are more than four classes.

    Large tables of ``"path"`` and ``"height"`` are recognised as trees by the losses
    and decisions, which then do not pay for their size.

    References
    ----------
    .. [1] Wu, Palmer, "Verb semantics and lexical selection", ACL 1994,
       doi:10.3115/981732.981751.
    .. [2] Bertinetto et al., "Making better mistakes: leveraging class hierarchies with
       deep networks", CVPR 2020, doi:10.1109/CVPR42600.2020.01252.
    .. [3] Deng et al., "Hedging your bets: optimizing accuracy-specificity trade-offs
       in large scale visual recognition", CVPR 2012, doi:10.1109/CVPR.2012.6248086.

    Examples
    --------
    Great apes, with millions of years as the lengths of branches:

    >>> from simclf.similarity import tree_similarity
    >>> apes = "(Pongo:15,(Gorilla:9,(Pan:6,Homo:6)Hominini:3)Homininae:6)Hominidae;"
    >>> tree_similarity(apes).round(2)
    answer   Pongo  Gorilla  Pan  Homo
    truth
    Pongo      1.0      0.0  0.0   0.0
    Gorilla    0.0      1.0  0.4   0.4
    Pan        0.0      0.4  1.0   0.6
    Homo       0.0      0.4  0.6   1.0

    Blood cells, where one may answer "T cell" if the kind of T cell cannot be told. For
    a CD4 T cell that is worth more than a CD8 T cell and less than the right answer:

    >>> parents = {
    ...     "monocyte": "leukocyte",
    ...     "lymphocyte": "leukocyte",
    ...     "B cell": "lymphocyte",
    ...     "NK cell": "lymphocyte",
    ...     "T cell": "lymphocyte",
    ...     "CD4 T cell": "T cell",
    ...     "CD8 T cell": "T cell",
    ... }
    >>> tree_similarity(parents, inner_nodes=["T cell", "leukocyte"]).round(2).T
    truth       monocyte  B cell  NK cell  CD4 T cell  CD8 T cell
    answer
    monocyte         1.0     0.0      0.0        0.00        0.00
    B cell           0.0     1.0      0.5        0.40        0.40
    NK cell          0.0     0.5      1.0        0.40        0.40
    CD4 T cell       0.0     0.4      0.4        1.00        0.67
    CD8 T cell       0.0     0.4      0.4        0.67        1.00
    T cell           0.0     0.5      0.5        0.80        0.80
    leukocyte        0.0     0.0      0.0        0.00        0.00

    What to answer for a cell that is a T cell, half of this kind and half of that:

    >>> for measure in ["wu_palmer", "information"]:
    ...     scores = tree_similarity(parents, measure=measure, inner_nodes=True)
    ...     expected = scores.loc[["CD4 T cell", "CD8 T cell"]].mean()
    ...     print(measure, expected.nlargest(3).round(2).to_dict())
    wu_palmer {'CD4 T cell': 0.83, 'CD8 T cell': 0.83, 'T cell': 0.8}
    information {'T cell': 0.57, 'CD4 T cell': 0.5, 'CD8 T cell': 0.5}
    """
    if measure not in list(_MEASURES):
        msg = f"measure is {measure!r}; expected one of {sorted(_MEASURES)}."
        raise ValueError(msg)
    with_lengths = read_flag(branch_lengths, "branch_lengths")
    hierarchy = read_tree(tree, classes, branch_lengths=with_lengths)
    named = read_named(hierarchy.leaves() if classes is None else classes, "classes")
    truths = list(named)
    rows = _find(list(named.values()), hierarchy, "classes")
    further = read_further(inner_nodes, "inner_nodes")
    extras = _find_inner_nodes(rows, hierarchy, inner_nodes=further, measure=measure)
    columns = rows + extras
    scores = _MEASURES[measure](hierarchy, rows, columns)
    scores[np.equal.outer(rows, columns)] = 1.0
    answers = truths + [hierarchy.names[place] for place in extras]
    _refuse_namesakes(truths, answers)
    return labelled_frame(scores, truths, answers)


def _wu_palmer(tree: Hierarchy, rows: list[int], columns: list[int]) -> FloatArray:
    """Twice the depth of the common ancestor over the sum of both depths."""
    depths = tree.depths()
    shared = tree.at_common_ancestors(depths, rows, columns)
    total = np.add.outer(depths[rows], depths[columns])
    shared *= 2.0
    # A total of zero is that of nodes at no distance from the root.
    return np.divide(shared, total, out=shared, where=total > 0)


def _path(tree: Hierarchy, rows: list[int], columns: list[int]) -> FloatArray:
    """One less the length of the path over twice the largest depth."""
    depths = tree.depths()
    scores = tree.at_common_ancestors(depths, rows, columns)
    scores *= 2.0
    scores -= depths[rows][:, np.newaxis]
    scores -= depths[columns]
    scores /= 2.0 * depths.max()
    scores += 1.0
    return scores


def _height(tree: Hierarchy, rows: list[int], columns: list[int]) -> FloatArray:
    """One less the height of the common ancestor over that of the root."""
    worth = 1.0 - tree.heights() / tree.depths().max()
    return tree.at_common_ancestors(worth, rows, columns)


def _information(tree: Hierarchy, rows: list[int], columns: list[int]) -> FloatArray:
    """Share of the information on the class that an ancestor of it gives."""
    places = np.arange(len(tree.names), dtype=np.float64)
    shared = tree.at_common_ancestors(places, rows, columns)
    nodes = list(set(rows))
    n_classes = tree.count_below(nodes)[columns]
    told = 1.0 - np.log(np.maximum(n_classes, 1)) / np.log(max(len(nodes), 2))
    return np.where(shared == columns, told, 0.0)


_MEASURES: dict[str, Callable[[Hierarchy, list[int], list[int]], FloatArray]] = {
    "height": _height,
    "information": _information,
    "path": _path,
    "wu_palmer": _wu_palmer,
}


def _find(labels: Sequence[object], tree: Hierarchy, name: str) -> list[int]:
    """Positions of named nodes in the tree."""
    places = {label: place for place, label in enumerate(tree.names)}
    for label in labels:
        if label not in places:
            known = [name for name in tree.names if name is not None]
            msg = (
                f"{name}: {label!r} is no node of tree, which has "
                f"{show_labels(known)}.{suggest(label, known)}"
            )
            raise ValueError(msg)
    return [places[label] for label in labels]


def _find_inner_nodes(
    classes: list[int],
    tree: Hierarchy,
    *,
    inner_nodes: bool | list[object],
    measure: str,
) -> list[int]:
    """Positions of the inner nodes that are answers and no class."""
    if inner_nodes is False:
        return []
    if measure == "height":
        msg = (
            "inner_nodes are of no use with measure='height', where an inner node "
            "earns what a wrong leaf below it does; choose another measure."
        )
        raise ValueError(msg)
    if inner_nodes is True:
        return _list_inner_nodes(classes, tree)
    places = _find(inner_nodes, tree, "inner_nodes")
    inner = set(tree.parents.tolist())
    for place, label in zip(places, inner_nodes, strict=True):
        if place in classes or place not in inner:
            reason = "a class already" if place in classes else "a leaf"
            msg = f"inner_nodes: {label!r} is {reason}; leave it out."
            raise ValueError(msg)
    return places


def _list_inner_nodes(classes: list[int], tree: Hierarchy) -> list[int]:
    """Positions of the named nodes above two classes or more, from the root down."""
    taken = set(classes)
    crowded = np.flatnonzero(tree.count_below(list(taken)) >= _FEWEST_BELOW)
    found = [
        place
        for place in crowded.tolist()
        if place not in taken and tree.names[place] is not None
    ]
    if not found:
        msg = (
            "inner_nodes=True, but tree has no named node above two classes. Name its "
            "inner nodes, or leave inner_nodes out."
        )
        raise ValueError(msg)
    return found


def _refuse_namesakes(classes: list[object], answers: list[object]) -> None:
    """Refuse further answers that are called as classes are."""
    taken = set(classes)
    for label in answers[len(classes) :]:
        if label in taken:
            msg = f"inner_nodes: {label!r} is a class already; leave it out."
            raise ValueError(msg)
