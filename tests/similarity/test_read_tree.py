"""One tree in five forms, and what is none."""

import re
import sys
from io import StringIO
from pathlib import PurePosixPath

import networkx as nx
import numpy as np
import pytest
from Bio import Phylo
from hypothesis import given

from simclf.similarity._read_tree import read_tree
from tests.similarity import trees


def parts(tree, *, classes=None, branch_lengths=True):
    """Each node's parent and branch by name, whatever the order of the nodes."""
    read = read_tree(tree, classes, branch_lengths=branch_lengths)
    above = [read.names[place] for place in read.parents]
    return dict(zip(read.names, zip(above, read.lengths, strict=True), strict=True))


@given(trees.weighted_trees())
def test_newick_networkx_and_phylo_are_one_tree(tree):
    parents, lengths = tree
    text = trees.newick(parents, lengths)
    expected = {child: (up, lengths[child]) for child, up in parents.items()}
    expected[trees.root(parents)] = (trees.root(parents), 0)
    assert parts(text) == expected
    assert parts(trees.graph(parents, lengths)) == expected
    assert parts(Phylo.read(StringIO(text), "newick")) == expected


@given(trees.weighted_trees())
def test_without_lengths_every_branch_is_one(tree):
    parents, lengths = tree
    expected = parts(parents)
    assert set(expected.values()) >= {(up, 1) for up in parents.values()}
    for form in (trees.newick(parents), trees.graph(parents)):
        assert parts(form) == expected
    for form in (trees.newick(parents, lengths), trees.graph(parents, lengths)):
        assert parts(form, branch_lengths=False) == expected


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_the_root_of_a_parent_map_may_be_listed(missing):
    assert parts({"top": missing, "ant": "top"}) == {
        "top": ("top", 0),
        "ant": ("top", 1),
    }


def test_newick_has_quotes_supports_comments_and_lines():
    text = "(('CD4 T cell',CD8)0.97[a remark, and one more],\n'B cell')lymphocyte\n;"
    read = read_tree(text, None, branch_lengths=True)
    assert read.names == ["lymphocyte", None, "CD4 T cell", "CD8", "B cell"]


def test_a_multigraph_may_repeat_an_edge():
    graph = nx.MultiDiGraph([("top", "ant"), ("top", "ant"), ("top", "bee")])
    assert parts(graph)["ant"] == ("top", 1)


def test_heights_of_a_linkage_are_those_of_its_nodes():
    merges = np.array([[0, 2, 1.0, 2], [1, 3, 4.0, 3]])
    assert parts(merges, classes=["ant", "cat", "bee"]) == {
        "cluster 4": ("cluster 4", 0),
        "cluster 3": ("cluster 4", 3),
        "ant": ("cluster 3", 1),
        "bee": ("cluster 3", 1),
        "cat": ("cluster 4", 4),
    }


def refused(tree, message, *, classes=None, error=ValueError):
    """Require a whole message."""
    with pytest.raises(error, match=f"^{message}$"):
        read_tree(tree, classes, branch_lengths=True)


def test_a_parent_map_of_lists():
    refused(
        {"T cell": ["lymphocyte"]},
        r"tree has a parent of type list for 'T cell'; expected the name of one node, "
        r"or None for the root\.",
        error=TypeError,
    )


def test_a_node_of_two_parents():
    graph = nx.DiGraph([("animal", "bat"), ("flyer", "bat"), ("top", "animal")])
    refused(
        graph,
        r"tree has 2 parents for 'bat': \['animal', 'flyer'\]; in a tree there is "
        r"one\. Edges run from parent to child; for a graph with several parents see "
        r"ontology_similarity\.",
    )


def test_an_undirected_graph():
    refused(
        nx.Graph([("top", "ant")]),
        r"tree is an undirected graph; expected one whose edges run from parent to "
        r"child\. networkx\.bfs_tree\(graph, root\) directs it\.",
    )


def test_the_name_of_a_file():
    refused(
        "mammals.nwk",
        r"tree is the string 'mammals\.nwk', which is no Newick text such as "
        r"'\(\(A,B\),C\);'\. A file is read with Path\(\.\.\.\)\.read_text\(\)\.",
    )


def test_the_path_of_a_file():
    refused(
        PurePosixPath("data/mammals.nwk"),
        r"tree is the path 'data/mammals\.nwk'; expected its text\. Pass "
        r"Path\(\.\.\.\)\.read_text\(\)\.",
        error=TypeError,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(ant:x,bee:1);", "x"),
        ("(ant:,bee:1);", ""),
        ("(ant:1,GO:b);", "b"),
        ("(ant:1,bee:1:hive);", "hive"),
        ("(ant:1,bee:3.);", "3."),
    ],
)
def test_words_for_lengths(text, found):
    refused(
        text,
        rf"tree has '{found}' after a colon, where Newick has the length of a branch; "
        r"expected a number such as 0\.5\. Mend it, or put a name with a colon between "
        r"single quotes\.",
    )


def test_colons_between_quotes_and_in_comments_are_no_lengths():
    text = "('GO:b': 1e0,bee:[a note: short]2[&&NHX:S=x],cat:+3.0\n):.5;"
    assert parts(text) == {
        None: (None, 0),
        "GO:b": (None, 1),
        "bee": (None, 2),
        "cat": (None, 3),
    }


def test_newick_names_with_spaces():
    refused(
        "('CD4 T cell',B cell);",
        r"tree has a name with a space, 'B cell', which Newick allows between single "
        r"quotes only\. Quote it\.",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("((ant,bee)", "Mismatch, 2 open vs 1 close parentheses."),
        ("(ant,bee);(cat,dog);", "Text after semicolon in Newick tree: ("),
    ],
)
def test_broken_newick(text, reason):
    refused(text, re.escape(f"tree cannot be read as Newick text: {reason}"))


def test_a_nameless_leaf():
    refused(
        "(ant,(bee,));",
        r"tree has a leaf without a name, node 4 in its order; name every leaf\.",
    )


def test_newick_without_biopython(monkeypatch):
    monkeypatch.setitem(sys.modules, "Bio.Phylo", None)
    refused("(ant,bee);", "Biopython is needed here .*", error=ImportError)


LENGTH = (
    r"tree has a branch of length {} above {}; expected a number from 0 up, for every "
    r"branch or for none\. Mend it, or pass branch_lengths=False\."
)


@pytest.mark.parametrize(
    ("text", "length", "name"),
    [
        ("(ant:-1,bee:2);", "-1.0", "'ant'"),
        ("(ant:1,bee);", "None", "'bee'"),
        ("((ant:1,bee:1):-2,cat:3);", "-2.0", "a nameless node"),
    ],
)
def test_lengths_that_are_none(text, length, name):
    refused(text, LENGTH.format(length, name))


@pytest.mark.parametrize("length", ["2", float("nan"), float("inf")])
def test_weights_that_are_none(length):
    graph = nx.DiGraph()
    graph.add_edge("top", "ant", weight=length)
    refused(graph, LENGTH.format(repr(length), "'ant'"))


def test_lengths_of_nothing():
    refused(
        "(ant:0,bee:0);",
        r"every branch of tree has length 0; pass branch_lengths=False\.",
    )


def test_a_linkage_without_names():
    merges = np.array([[0, 1, 1.0, 2]])
    refused(
        merges,
        r"tree is a linkage array, which names no leaf; pass classes=\[\.\.\.\], one "
        r"for each of its 2 leaves in the order of the rows clustered\.",
    )
    refused(
        merges,
        r"classes has 3 labels but tree, a linkage array, has 2 leaves; name each in "
        r"the order of the rows clustered\.",
        classes=["ant", "bee", "cat"],
    )


@pytest.mark.parametrize(
    "merges",
    [
        np.array([[0, 1, -1.0, 2], [2, 3, 1.0, 3]]),
        np.array([[0, 5, 1.0, 2]]),
        np.array([[0, 0, 1.0, 2]]),
        np.array([[0, 1, 1, 2]]),
        np.zeros((0, 4)),
    ],
)
def test_four_columns_that_are_no_linkage(merges):
    refused(
        merges,
        r"tree has the four columns of a linkage array, but is no valid one\. Pass "
        r"what scipy\.cluster\.hierarchy\.linkage returned\.",
        classes=["ant", "bee"],
    )


def test_a_linkage_of_no_height():
    refused(
        np.array([[0, 1, np.nan, 2]]),
        LENGTH.format("nan", "'ant'"),
        classes=["ant", "bee"],
    )


def test_a_linkage_that_goes_down():
    merges = np.array([[0, 1, 2.0, 2], [2, 3, 1.5, 3]])
    refused(
        merges,
        r"tree merges clusters at height 1\.5 in row 1, below 2\.0 in the row before\. "
        r"Cluster with a method that never goes down, such as 'average' or "
        r"'complete'\.",
        classes=["ant", "bee", "cat"],
    )


@pytest.mark.parametrize("tree", [None, np.eye(3), [("ant", "bee")]])
def test_what_is_no_tree(tree):
    refused(
        tree,
        rf"tree is of type {type(tree).__name__}; expected a dict of child to parent, "
        r"Newick text, a networkx DiGraph, a Bio\.Phylo tree or a linkage array of "
        r"four columns\.",
        error=TypeError,
    )
