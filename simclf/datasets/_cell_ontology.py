"""The part of the Cell Ontology that the immune cells' score table is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simclf.datasets._reader import read_obo

if TYPE_CHECKING:
    from networkx import MultiDiGraph


def load_cell_ontology() -> MultiDiGraph:
    """Load the terms of the immune cells of `load_pbmc` and all terms above them.

    Cell Ontology, release 2026-03-26: 41 terms up to "cell" with their ``is_a`` edges,
    and the obsolete terms that one of these replaces. Needs obonet, which comes with
    ``pip install "simclf[bio]"``.

    Returns
    -------
    networkx.MultiDiGraph
        As ``obonet.read_obo`` returns it: nodes are ids such as ``"CL:0000084"`` with
        ``name`` and ``alt_id``, edges run from a term to a more general one with the
        relation as their key. Obsolete terms have ``is_obsolete`` and ``replaced_by``.

    See Also
    --------
    simclf.similarity.ontology_similarity : Makes score tables of such a graph.

    Notes
    -----
    The Cell Ontology is under CC BY 4.0. Definitions, synonyms and relations other than
    ``is_a`` are left out. For other cell types read the whole of it:
    ``obonet.read_obo("http://purl.obolibrary.org/obo/cl/cl-basic.obo")``.

    References
    ----------
    Diehl et al. (2016), "The Cell Ontology 2016: enhanced content, modularization, and
    ontology interoperability", Journal of Biomedical Semantics 7, 44.
    :doi:`10.1186/s13326-016-0088-7`

    Examples
    --------
    >>> from simclf.datasets import load_cell_ontology
    >>> ontology = load_cell_ontology()
    >>> ontology.nodes["CL:0000084"]["name"]
    'T cell'
    >>> [ontology.nodes[term]["name"] for term in ontology.successors("CL:0000084")]
    ['lymphocyte']
    """
    return read_obo("cell_ontology.obo")
