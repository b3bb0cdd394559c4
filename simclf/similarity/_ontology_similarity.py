"""Score table of an ontology: answers are worth what they share with the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from simclf.similarity._by_class import read_named
from simclf.similarity._closure import Closure
from simclf.similarity._information import find_information
from simclf.similarity._labelled import labelled_frame, read_further
from simclf.similarity._ontology import Ontology

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import networkx as nx
    import pandas as pd

    from simclf._typing import FloatArray, IntArray

_MEASURES = ["jaccard", "lin", "resnik", "wu_palmer"]
_FEWEST_BELOW = 2


def ontology_similarity(
    graph: nx.MultiDiGraph,
    classes: Iterable[object] | Mapping[object, object],
    *,
    measure: Literal["wu_palmer", "lin", "resnik", "jaccard"] = "wu_palmer",
    counts: Mapping[object, float] | pd.Series | None = None,
    relations: Iterable[str] = ("is_a",),
    inner_nodes: bool | Iterable[object] = False,
) -> pd.DataFrame:
    r"""Score answers by what they have in common with the truth in an ontology.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        An ontology as ``obonet.read_obo`` returns it: edges from a term to a more
        general one with their relation as key, and ``name``, ``alt_id``,
        ``is_obsolete`` and ``replaced_by`` on the nodes. Edges of a plain DiGraph are
        taken for ``is_a``.
    classes : iterable of labels, or mapping of label to term
        Terms by their id ("CL:0000084"), an alternative id or their name ("T cell"). A
        mapping or Series gives the labels of your data (its index) and the term of
        each, and two labels may mean one term.
    measure : {"wu_palmer", "lin", "resnik", "jaccard"}, default="wu_palmer"
        How an answer is scored; see Notes.
    counts : mapping or Series of label or term to number, default=None
        How often each term was seen, for "lin" and "resnik". What is counted for a term
        counts for every term above it, once each. None counts every term of the graph
        once, which makes the information that of Seco et al. [3]_ up to a factor.
    relations : iterable of str, default=("is_a",)
        Relations that lead from a term to one above it, such as "part_of" too.
    inner_nodes : bool or iterable of terms, default=False
        Terms that are answers besides the classes: "T cell", when it cannot be told of
        which kind. True takes every term above two of the classes or more, from the
        most general down, under its name. Not for ``measure="resnik"``.

    Returns
    -------
    pandas.DataFrame of shape (n_classes, n_classes + n_inner_nodes)
        Rows are the truth, columns the answer. No answer scores above the right one,
        which scores 1 but with "resnik".

    Raises
    ------
    ValueError
        If a term or relation is not in the graph, a term is obsolete or has no count,
        two classes have no common ancestor, or the graph has a cycle above a class.
    TypeError
        If `graph` is no directed graph, or `classes` is no list of labels.

    See Also
    --------
    simclf.datasets.load_cell_ontology : A small ontology to try it on.
    tree_similarity : Trees, with lengths of branches where they have them.

    Notes
    -----
    Let :math:`A_i` be the ancestors of term :math:`i`, itself included. Several may be
    common to two terms; the one that counts is the deepest for Wu and Palmer, and the
    one of most information for Lin and Resnik.

    - ``"wu_palmer"``: :math:`2 d_l / (d_i + d_j)`, where :math:`d` is the number of
      steps on the **longest** way to a root, so that a term is always deeper than those
      above it, and :math:`l` is the common ancestor [1]_.
    - ``"lin"``: :math:`2 I_l / (I_i + I_j)` with the information :math:`I = -\log p`,
      where :math:`p` is the share of the counts at or below a term [2]_.
    - ``"resnik"``: :math:`I_l`, in nats. The right answer scores :math:`I_i`, which
      differs by row: it is the best of its row, but a term below the truth, if there is
      one among the answers, earns as much.
    - ``"jaccard"``: :math:`|A_i \cap A_j| / |A_i \cup A_j|`.

    An ancestor of the truth as an answer earns less than the truth (by Lin, as much if
    nothing else was counted below it), less the more general it is, and the root earns
    0 by Wu and Palmer and by Lin. By Lin, terms at or below which all was counted have
    no information and score 1 for each other. By Resnik the root would earn what wrong
    terms below it do.

    References
    ----------
    .. [1] Wu, Palmer, "Verb semantics and lexical selection", ACL 1994,
       doi:10.3115/981732.981751.
    .. [2] Lin, "An information-theoretic definition of similarity", ICML 1998; the
       measure it builds on: Resnik, "Using information content to evaluate semantic
       similarity in a taxonomy", IJCAI 1995.
    .. [3] Seco, Veale, Hayes, "An intrinsic information content metric for semantic
       similarity in WordNet", ECAI 2004: :math:`-\log p` over :math:`\log n`, where
       :math:`n` is the number of terms.

    Examples
    --------
    Immune cells, as the labels of a data set and terms of the Cell Ontology:

    >>> from simclf.datasets import load_cell_ontology
    >>> from simclf.similarity import ontology_similarity
    >>> ontology = load_cell_ontology()
    >>> cells = {
    ...     "B": "CL:0000236",
    ...     "NK": "natural killer cell",
    ...     "CD8": "CD8-positive, alpha-beta T cell",
    ...     "Treg": "regulatory T cell",
    ...     "Mono": "CD14-positive monocyte",
    ... }
    >>> ontology_similarity(ontology, cells).round(2)
    answer     B    NK   CD8  Treg  Mono
    truth
    B       1.00  0.62  0.57  0.62  0.50
    NK      0.62  1.00  0.53  0.57  0.46
    CD8     0.57  0.53  1.00  0.80  0.43
    Treg    0.62  0.57  0.80  1.00  0.46
    Mono    0.50  0.46  0.43  0.46  1.00

    By Lin, where shared terms are worth the more the rarer they are in the data, and
    with two more answers for cells that cannot be told:

    >>> counts = {"B": 95, "NK": 31, "CD8": 97, "Treg": 68, "Mono": 129}
    >>> ontology_similarity(
    ...     ontology,
    ...     cells,
    ...     measure="lin",
    ...     counts=counts,
    ...     inner_nodes=["T cell", "lymphocyte"],
    ... ).round(2)
    answer     B    NK   CD8  Treg  Mono  T cell  lymphocyte
    truth
    B       1.00  0.18  0.25  0.22   0.0    0.30        0.40
    NK      0.18  1.00  0.18  0.17   0.0    0.21        0.25
    CD8     0.25  0.18  1.00  0.57   0.0    0.78        0.40
    Treg    0.22  0.17  0.57  1.00   0.0    0.68        0.34
    Mono    0.00  0.00  0.00  0.00   1.0    0.00        0.00
    """
    if measure not in _MEASURES:
        msg = f"measure is {measure!r}; expected one of {_MEASURES}."
        raise ValueError(msg)
    ontology = Ontology(graph, relations)
    named = _read_classes(ontology, classes)
    further = read_further(inner_nodes, "inner_nodes")
    extras = _find_inner_nodes(ontology, named, inner_nodes=further, measure=measure)
    answers = named | extras
    closure = Closure(ontology, answers.values())
    rows, columns = closure.places(named.values()), closure.places(answers.values())
    common = closure.count_common(rows, columns)
    _require_common_ancestors(common, list(answers))
    if measure == "jaccard":
        sizes = np.add.outer(closure.count_above(rows), closure.count_above(columns))
        return labelled_frame(common / (sizes - common), named, answers)
    values = closure.depths
    if measure != "wu_palmer":
        values = find_information(ontology, closure, counts, answers)
    scores = closure.at_common_ancestors(values, rows, columns)
    if measure != "resnik":
        scores = _share(scores, values[rows], values[columns])
    return labelled_frame(scores, named, answers)


def _read_classes(
    ontology: Ontology, classes: Iterable[object] | Mapping[object, object]
) -> dict[object, object]:
    """Term of each class label."""
    return {
        label: ontology.find(term, "classes")
        for label, term in read_named(classes, "classes").items()
    }


def _find_inner_nodes(
    ontology: Ontology,
    classes: dict[object, object],
    *,
    inner_nodes: bool | list[object],
    measure: str,
) -> dict[object, object]:
    """Term of each answer that is no class."""
    if inner_nodes is False:
        return {}
    if measure == "resnik":
        msg = (
            "inner_nodes are of no use with measure='resnik', where a term above the "
            "truth earns what a wrong one below it does; choose another measure."
        )
        raise ValueError(msg)
    if inner_nodes is True:
        found = _list_inner_nodes(ontology, classes)
    else:
        found = {label: ontology.find(label, "inner_nodes") for label in inner_nodes}
    taken = set(classes.values())
    for label, term in found.items():
        if label in classes or term in taken:
            msg = f"inner_nodes: {label!r} is a class already; leave it out."
            raise ValueError(msg)
    return found


def _list_inner_nodes(
    ontology: Ontology, classes: dict[object, object]
) -> dict[object, object]:
    """Terms above two classes or more, by name, from the most general down."""
    terms = set(classes.values())
    closure = Closure(ontology, terms)
    crowded = closure.count_below(closure.places(terms)) >= _FEWEST_BELOW
    return {
        ontology.name(term): term
        for term, several in zip(closure.order, crowded.tolist(), strict=True)
        if several and term not in terms
    }


def _require_common_ancestors(common: IntArray, labels: Sequence[object]) -> None:
    """Refuse two terms that no root joins."""
    apart = np.argwhere(common == 0)
    if len(apart):
        first, second = (labels[place] for place in apart[0])
        msg = (
            f"classes: {first!r} and {second!r} have no common ancestor in graph, "
            "whose edges run from child to parent. Add relations that join them, or "
            "make a table for each part."
        )
        raise ValueError(msg)


def _share(common: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Twice what two terms have in common over what each has; 1 if neither has any."""
    total = np.add.outer(rows, columns)
    scores = np.divide(2.0 * common, total, out=np.ones_like(total), where=total > 0)
    np.fill_diagonal(scores, 1.0)
    return scores
