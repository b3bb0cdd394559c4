"""Scores of an ontology: hand-computed, against plain loops, and what is refused."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity import ontology_similarity, tree_similarity
from tests.similarity import ontologies, trees

NAMES = ["T cell", "B cell", "monocyte", "sperm"]
COUNTS = {"T cell": 2, "B cell": 2, "monocyte": 4, "sperm": 8}
MEASURES = ["wu_palmer", "lin", "resnik", "jaccard"]
LOG2 = np.log(2)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (
            "wu_palmer",
            [
                [1, 6 / 8, 4 / 7, 2 / 7],
                [6 / 8, 1, 4 / 7, 2 / 7],
                [4 / 7, 4 / 7, 1, 1 / 3],
            ],
        ),
        (
            "jaccard",
            [
                [1, 5 / 7, 4 / 7, 1 / 4],
                [5 / 7, 1, 4 / 7, 1 / 4],
                [4 / 7, 4 / 7, 1, 2 / 7],
            ],
        ),
        ("lin", [[1, 4 / 6, 2 / 5, 0], [4 / 6, 1, 2 / 5, 0], [2 / 5, 2 / 5, 1, 0]]),
        (
            "resnik",
            [
                [3 * LOG2, 2 * LOG2, LOG2, 0],
                [2 * LOG2, 3 * LOG2, LOG2, 0],
                [LOG2, LOG2, 2 * LOG2, 0],
            ],
        ),
    ],
)
def test_an_ontology_by_hand(measure, expected):
    graph = ontologies.cells()
    scores = ontology_similarity(graph, NAMES, measure=measure, counts=COUNTS)
    np.testing.assert_allclose(scores.to_numpy()[:3], expected)
    np.testing.assert_array_equal(scores, scores.T)
    assert scores.index.tolist() == scores.columns.tolist() == NAMES
    assert (scores.index.name, scores.columns.name) == ("truth", "answer")


def reference(graph, i, j, measure, counts):
    """The documented formulas, by walking up the graph."""

    def worth(term):
        if measure == "wu_palmer":
            return ontologies.depth(graph, term)
        below = [t for t in graph if term in ontologies.above(graph, t)]
        return -np.log(sum(counts[t] for t in below) / sum(counts.values()))

    both = ontologies.above(graph, i) & ontologies.above(graph, j)
    if measure == "jaccard":
        return len(both) / len(ontologies.above(graph, i) | ontologies.above(graph, j))
    shared = max(map(worth, both))
    if measure == "resnik":
        return shared
    if i == j:
        return 1
    total = worth(i) + worth(j)
    return 2 * shared / total if total else 0


@given(ontologies.ontologies(), st.sampled_from(MEASURES), st.data())
def test_scores_are_those_of_plain_loops(graph, measure, data):
    classes = data.draw(st.permutations(sorted(graph)))
    counts = {term: data.draw(st.integers(1, 9)) for term in graph}
    scores = ontology_similarity(graph, classes, measure=measure, counts=counts)
    for i in classes:
        for j in classes:
            score = reference(graph, i, j, measure, counts)
            assert scores.loc[i, j] == pytest.approx(score, abs=1e-12)
    assert (np.diag(scores) == scores.max(axis=1)).all()
    ordered = ontology_similarity(
        graph, sorted(classes), measure=measure, counts=counts
    )
    pd.testing.assert_frame_equal(ordered, scores.loc[sorted(classes), sorted(classes)])


@given(trees.parent_maps(), st.data())
def test_of_a_tree_it_is_the_similarity_of_the_tree(parents, data):
    classes = data.draw(st.permutations(trees.leaves(parents)))
    graph = trees.graph(parents).reverse()
    inner = sorted(set(parents.values()))
    pd.testing.assert_frame_equal(
        ontology_similarity(graph, classes, inner_nodes=inner),
        tree_similarity(parents, classes, inner_nodes=inner),
    )


def test_labels_of_the_data_ids_names_and_alternative_ids():
    graph = ontologies.cells()
    labels = {"c1": "X:34", "c2": "X:5", "c3": "T cell"}
    scores = ontology_similarity(graph, labels)
    assert scores.index.tolist() == ["c1", "c2", "c3"]
    np.testing.assert_allclose(scores.loc["c1"], [1, 4 / 6, 4 / 6])
    assert scores.loc["c2", "c3"] == 1
    terms = list(labels.values())
    np.testing.assert_array_equal(ontology_similarity(graph, terms), scores)


def test_more_relations_join_what_is_apart():
    graph = ontologies.cells()
    scores = ontology_similarity(
        graph, ["T cell", "X:91"], measure="jaccard", relations=["is_a", "part_of"]
    )
    np.testing.assert_allclose(scores, [[1, 1 / 8], [1 / 8, 1]])


def test_inner_nodes_by_hand():
    graph = ontologies.cells()
    scores = ontology_similarity(graph, NAMES[:3], inner_nodes=True)
    inner = ["cell", "blood cell", "motile cell", "leukocyte", "lymphocyte"]
    assert scores.columns.tolist() == NAMES[:3] + inner
    np.testing.assert_allclose(
        scores[inner],
        [
            [0, 2 / 5, 2 / 5, 4 / 6, 6 / 7],
            [0, 2 / 5, 2 / 5, 4 / 6, 6 / 7],
            [0, 2 / 4, 2 / 4, 4 / 5, 4 / 6],
        ],
    )
    picked = ontology_similarity(graph, NAMES[:3], inner_nodes=["X:4", "cell"])
    assert picked.columns.tolist() == [*NAMES[:3], "X:4", "cell"]
    np.testing.assert_array_equal(picked["X:4"], scores["lymphocyte"])


def test_inner_nodes_by_other_measures():
    graph = ontologies.cells()
    settings = {"counts": COUNTS, "inner_nodes": ["lymphocyte", "cell"]}
    lin = ontology_similarity(graph, NAMES, measure="lin", **settings)
    np.testing.assert_allclose(lin["lymphocyte"], [4 / 5, 4 / 5, 2 / 4, 0])
    np.testing.assert_array_equal(lin["cell"], np.zeros(4))
    jaccard = ontology_similarity(graph, NAMES, measure="jaccard", **settings)
    np.testing.assert_allclose(jaccard["cell"], [1 / 6, 1 / 6, 1 / 5, 1 / 4])


def test_an_ancestor_among_the_classes_is_no_further_answer():
    graph = ontologies.cells()
    scores = ontology_similarity(
        graph, ["T cell", "B cell", "leukocyte"], inner_nodes=True
    )
    assert scores.columns.tolist()[3:] == [
        "cell",
        "blood cell",
        "motile cell",
        "lymphocyte",
    ]


def test_a_class_that_is_the_root():
    scores = ontology_similarity(ontologies.cells(), ["cell", "T cell"])
    np.testing.assert_array_equal(scores, np.eye(2))


def refused(message, classes=NAMES, **settings):
    """Require a whole message."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        ontology_similarity(ontologies.cells(), classes, **settings)


def test_an_unknown_measure():
    refused(
        r"measure is 'wu-palmer'; expected one of \['jaccard', 'lin', 'resnik', "
        r"'wu_palmer'\]\.",
        measure="wu-palmer",
    )


@pytest.mark.parametrize("measure", MEASURES)
def test_classes_without_a_common_ancestor(measure):
    refused(
        r"classes: 'T cell' and 'thymus' have no common ancestor in graph, whose edges "
        r"run from child to parent\. Add relations that join them, or make a table for "
        r"each part\.",
        ["T cell", "sperm", "thymus"],
        measure=measure,
    )


def test_inner_nodes_that_are_none():
    message = r"inner_nodes: '{}' is a class already; leave it out\."
    refused(message.format("X:5"), inner_nodes=["leukocyte", "X:5"])
    refused(message.format("cell"), {"cell": "X:5", "B": "X:6"}, inner_nodes=True)
    refused(
        r"inner_nodes: 'X:50' is obsolete in graph; take X:3 instead\.",
        inner_nodes=["X:50"],
    )
    refused(
        r"inner_nodes are of no use with measure='resnik', where a term above the "
        r"truth earns what a wrong one below it does; choose another measure\.",
        measure="resnik",
        inner_nodes=True,
    )


def test_classes_that_are_no_terms():
    refused(r"classes: 'X:50' is obsolete in graph; take X:3 instead\.", ["X:50"])
    refused(
        r"classes: 't cell' is neither an id nor a name in graph, which has 16 terms\. "
        r"Did you mean 'T cell'\?",
        {"T": "t cell"},
    )


def test_a_series_is_read_as_the_mapping_that_it_is():
    terms = {"lymph": "T cell", "T": "X:5", 7: "monocyte"}
    expected = ontology_similarity(ontologies.cells(), terms)
    assert expected.index.tolist() == ["lymph", "T", 7]
    pd.testing.assert_frame_equal(
        ontology_similarity(ontologies.cells(), pd.Series(terms)), expected
    )
    with pytest.raises(
        ValueError, match=r"^classes has repeated labels \['T'\]; name "
    ):
        ontology_similarity(
            ontologies.cells(), pd.Series(["T cell", "B cell"], ["T", "T"])
        )


def test_an_ancestor_earns_as_much_where_nothing_else_was_counted_below_it():
    chain = nx.DiGraph([("bug", "animal"), ("ant", "bug")])
    settings = {"measure": "lin", "counts": {"ant": 1}}
    scores = ontology_similarity(chain, ["bug", "ant", "animal"], **settings)
    np.testing.assert_array_equal(scores, np.ones((3, 3)))
    chain.add_edge("bee", "animal")
    settings["counts"]["bee"] = 3
    scores = ontology_similarity(chain, ["bug", "ant", "animal"], **settings)
    np.testing.assert_array_equal(scores, [[1, 1, 0], [1, 1, 0], [0, 0, 1]])


@pytest.mark.parametrize("measure", ["wu_palmer", "lin"])
def test_two_labels_of_the_root_score_one(measure):
    graph = ontologies.cells()
    scores = ontology_similarity(graph, {"a": "X:0", "b": "X:0"}, measure=measure)
    np.testing.assert_array_equal(scores, np.ones((2, 2)))


@pytest.mark.parametrize("measure", MEASURES)
def test_no_inner_nodes_may_be_listed(measure):
    pd.testing.assert_frame_equal(
        ontology_similarity(ontologies.cells(), NAMES, measure=measure, inner_nodes=[]),
        ontology_similarity(ontologies.cells(), NAMES, measure=measure),
    )
