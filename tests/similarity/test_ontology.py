"""Terms found and refused, relations chosen, cycles named."""

import networkx as nx
import pytest

from simclf.similarity._ontology import Ontology
from tests.similarity.ontologies import cells


@pytest.fixture
def ontology():
    return Ontology(cells(), ("is_a",))


@pytest.mark.parametrize("wanted", ["X:3", "X:33", "X:34", "leukocyte"])
def test_a_term_by_id_alternative_id_and_name(ontology, wanted):
    assert ontology.find(wanted, "classes") == "X:3"
    assert ontology.name("X:3") == "leukocyte"


def test_terms_above_by_the_chosen_relations():
    assert list(Ontology(cells(), "is_a").parents("X:3")) == ["X:1", "X:2"]
    assert list(Ontology(cells(), ["part_of"]).parents("X:5")) == ["X:90"]
    both = Ontology(cells(), ["is_a", "part_of"])
    assert both.ancestors("X:5") == {"X:5", "X:4", "X:3", "X:2", "X:1", "X:0", "X:90"}
    assert both.ancestors("X:0") == {"X:0"}


def test_edges_of_a_plain_graph_are_is_a():
    ontology = Ontology(nx.DiGraph([("ant", "insect"), ("insect", "animal")]), ["is_a"])
    assert ontology.ancestors("ant") == {"ant", "insect", "animal"}
    assert ontology.name("ant") == "ant"


def test_terms_sorted_from_general_to_special(ontology):
    order = ontology.sort(ontology.ancestors("X:5"))
    assert order == ["X:0", "X:1", "X:2", "X:3", "X:4", "X:5"]


def refused(message, graph, relations=("is_a",), find=None, error=ValueError):
    """Require a whole message."""
    with pytest.raises(error, match=f"^{message}$"):
        Ontology(graph, relations).find(find, "classes")


@pytest.mark.parametrize(
    ("term", "advice"),
    [
        ("X:50", "take X:3 instead"),
        ("obsolete white cell", "take X:3 instead"),
        ("X:51", "take X:5 or X:6 instead"),
        ("X:52", "take another one instead"),
    ],
)
def test_an_obsolete_term_comes_with_its_replacement(term, advice):
    refused(rf"classes: '{term}' is obsolete in graph; {advice}\.", cells(), find=term)


def test_an_unknown_term():
    message = (
        r"classes: '{}' is neither an id nor a name in graph, which has 16 terms\."
    )
    refused(
        message.format("t-cell") + r" Did you mean 'T cell'\?", cells(), find="t-cell"
    )
    refused(
        message.format("quokka")
        + r" obonet leaves out obsolete terms, unless it reads with "
        r"ignore_obsolete=False\.",
        cells(),
        find="quokka",
    )


@pytest.mark.parametrize("term", [None, float("nan"), ["X:5"]])
def test_what_can_be_no_term(term):
    with pytest.raises(ValueError, match=r"is no id and no name of a term\.$"):
        Ontology(cells(), ["is_a"]).find(term, "classes")


def test_a_name_of_two_terms():
    refused(
        r"classes: 'twin' is the name of 2 terms, \['X:91', 'X:92'\]; give the id of "
        r"one\.",
        cells(),
        find="twin",
    )


def test_an_unknown_relation():
    refused(
        r"relations: 'partof' is no relation in graph, which has \['is_a', "
        r"'part_of'\]\. Did you mean 'part_of'\?",
        cells(),
        ["is_a", "partof"],
    )
    refused(
        r"relations: 'part_of' is no relation in graph, which has \['is_a'\]\.",
        nx.DiGraph([("ant", "insect")]),
        ["part_of"],
    )


@pytest.mark.parametrize(
    ("relations", "error", "message"),
    [
        (
            None,
            TypeError,
            (
                r"relations is of type NoneType; expected names of relations, such as "
                r"\['is_a', 'part_of'\]\."
            ),
        ),
        (
            [["is_a"]],
            ValueError,
            r"relations: \['is_a'\] is no name of a relation\.",
        ),
        (["is_a", None], ValueError, r"relations: None is no name of a relation\."),
        (
            [],
            ValueError,
            r"relations is empty; expected one at least, such as \['is_a'\]\.",
        ),
    ],
)
def test_what_are_no_relations(relations, error, message):
    refused(message, cells(), relations, error=error)


@pytest.mark.parametrize("graph", [nx.Graph([("ant", "insect")]), {"ant": "insect"}])
def test_what_is_no_ontology(graph):
    refused(
        rf"graph is of type {type(graph).__name__}; expected a directed graph of "
        r"networkx, such as obonet\.read_obo returns\.",
        graph,
        error=TypeError,
    )


def test_a_cycle():
    graph = nx.DiGraph([("ant", "bug"), ("bug", "insect"), ("insect", "bug")])
    ontology = Ontology(graph, ["is_a"])
    with pytest.raises(
        ValueError,
        match=r"^graph has a cycle through \['bug', 'insect'\], so that a term is "
        r"above itself\. Remove an edge, or choose other relations\.$",
    ):
        ontology.sort(ontology.ancestors("ant"))
