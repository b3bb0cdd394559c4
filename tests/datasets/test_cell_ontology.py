"""Facts about the slice of the Cell Ontology."""

import sys

import networkx as nx
import pytest

from simclf.datasets import load_cell_ontology, load_pbmc
from simclf.similarity import ontology_similarity


def test_terms_are_the_cell_types_and_all_above_them():
    ontology = load_cell_ontology()
    cells = load_pbmc().ontology_ids
    above = set(cells).union(*(nx.descendants(ontology, cell) for cell in cells))
    current = {t for t, data in ontology.nodes(data=True) if "is_obsolete" not in data}
    assert above == current
    assert len(current) == 41
    assert [term for term in current if not ontology[term]] == ["CL:0000000"]
    assert {relation for *_, relation in ontology.edges(keys=True)} == {"is_a"}


def test_edges_say_nothing_twice():
    ontology = nx.DiGraph(load_cell_ontology())
    assert nx.is_directed_acyclic_graph(ontology)
    assert set(nx.transitive_reduction(ontology).edges) == set(ontology.edges)


def test_the_score_table_of_the_immune_cells_is_made_of_it():
    pbmc = load_pbmc()
    scores = ontology_similarity(
        load_cell_ontology(), pbmc.ontology_ids.to_dict(), measure="jaccard"
    )
    assert (scores.round(4).to_numpy() == pbmc.similarity.to_numpy()).all()
    assert scores.index.tolist() == pbmc.similarity.index.tolist()


def test_merged_and_obsolete_terms_are_known():
    ontology = load_cell_ontology()
    assert ontology.nodes["CL:0000084"]["alt_id"] == ["CL:0000804", "CL:0000812"]
    scores = ontology_similarity(ontology, ["CL:0000804", "B cell"])
    assert scores.loc["CL:0000804", "CL:0000804"] == 1
    with pytest.raises(
        ValueError,
        match=r"^classes: 'CL:0000548' is obsolete in graph; take CL:0000000 instead",
    ):
        ontology_similarity(ontology, ["CL:0000548"])


def test_its_source_is_stated():
    assert load_cell_ontology().graph["data-version"] == "releases/2026-03-26"


def test_each_call_returns_a_fresh_copy():
    load_cell_ontology().clear()
    assert len(load_cell_ontology()) == 44


def test_without_obonet(monkeypatch):
    monkeypatch.setitem(sys.modules, "obonet", None)
    with pytest.raises(ImportError, match=r"^obonet is needed here .*\[bio\]"):
        load_cell_ontology()
