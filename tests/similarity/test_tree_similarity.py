"""Scores of a tree: hand-computed, against plain loops, and what is refused."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from simclf.similarity import (
    describe_similarity,
    resolve_table,
    tree_similarity,
)
from tests.similarity import trees

MEASURES = ["wu_palmer", "path", "height"]
# top -> (monocyte, lymphocyte -> (B, T -> (CD4, CD8)))
CELLS = {
    "lymphocyte": "top",
    "monocyte": "top",
    "B": "lymphocyte",
    "T": "lymphocyte",
    "CD4": "T",
    "CD8": "T",
}
KINDS = ["CD4", "CD8", "B", "monocyte"]


def reference(i, j, parents, lengths, measure):
    """The documented formulas, by walking up the tree."""

    def depth(node):
        return trees.depth(node, parents, lengths)

    if i == j:
        return 1.0
    above = trees.common_ancestor(i, j, parents)
    deepest = max(map(depth, parents))
    if measure == "wu_palmer":
        return 2 * depth(above) / (depth(i) + depth(j))
    if measure == "path":
        return 1 - (depth(i) + depth(j) - 2 * depth(above)) / (2 * deepest)
    below = [node for node in parents if above in trees.way_up(node, parents)]
    return 1 - (max(map(depth, below)) - depth(above)) / deepest


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (
            "wu_palmer",
            [[1, 4 / 6, 2 / 5, 0], [4 / 6, 1, 2 / 5, 0], [2 / 5, 2 / 5, 1, 0]],
        ),
        (
            "path",
            [[1, 4 / 6, 3 / 6, 2 / 6], [4 / 6, 1, 3 / 6, 2 / 6], [0.5, 0.5, 1, 0.5]],
        ),
        ("height", [[1, 2 / 3, 1 / 3, 0], [2 / 3, 1, 1 / 3, 0], [1 / 3, 1 / 3, 1, 0]]),
    ],
)
def test_a_tree_by_hand(measure, expected):
    scores = tree_similarity(CELLS, KINDS, measure=measure)
    np.testing.assert_allclose(scores.to_numpy()[:3], expected)
    np.testing.assert_array_equal(scores, scores.T)
    assert scores.index.tolist() == scores.columns.tolist() == KINDS
    assert (scores.index.name, scores.columns.name) == ("truth", "answer")


@given(trees.weighted_trees(), st.sampled_from(MEASURES), st.data())
def test_every_form_is_what_plain_loops_say(tree, measure, data):
    parents, lengths = tree
    everything = sorted({*parents, *parents.values()})
    n_classes = data.draw(st.integers(1, len(everything)))
    classes = data.draw(st.permutations(everything))[:n_classes]
    expected = pd.DataFrame(
        [[reference(i, j, parents, lengths, measure) for j in classes] for i in classes]
    ).to_numpy()
    for form in (trees.newick(parents, lengths), trees.graph(parents, lengths)):
        scores = tree_similarity(form, classes, measure=measure)
        np.testing.assert_allclose(scores, expected, atol=1e-12)
    unit = dict.fromkeys(parents, 1)
    plain = tree_similarity(parents, classes, measure=measure)
    for r, i in enumerate(classes):
        for c, j in enumerate(classes):
            score = reference(i, j, parents, unit, measure)
            assert plain.iloc[r, c] == pytest.approx(score)
    text = trees.newick(parents, lengths)
    again = tree_similarity(text, classes, measure=measure, branch_lengths=False)
    pd.testing.assert_frame_equal(again, plain)


@given(trees.weighted_trees(), st.sampled_from(MEASURES), st.data())
def test_own_answers_are_the_only_best_and_order_is_nothing(tree, measure, data):
    text = trees.newick(*tree)
    scores = tree_similarity(text, measure=measure)
    # As whole words: "n1" stands in "n10" too.
    assert scores.index.tolist() == [
        name for name in re.findall(r"\w+", text) if name in scores.index
    ]
    off_diagonal = scores.to_numpy()[~np.eye(len(scores), dtype=bool)]
    assert (np.diag(scores) == 1).all()
    assert ((off_diagonal >= 0) & (off_diagonal < 1)).all()
    order = data.draw(st.permutations(scores.index.tolist()))
    shuffled = tree_similarity(text, order, measure=measure)
    pd.testing.assert_frame_equal(shuffled, scores.loc[order, order])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("method", ["single", "complete", "average", "ward"])
def test_a_dendrogram_is_one_less_its_cophenetic_distance(method, measure):
    points = np.random.default_rng(0).normal(size=(30, 3))
    merges = linkage(points, method)
    names = [f"row {row}" for row in range(30)]
    scores = tree_similarity(merges, names, measure=measure)
    assert scores.index.tolist() == names
    distances = squareform(cophenet(merges))
    np.testing.assert_allclose(scores, 1 - distances / distances.max(), atol=1e-12)


def test_nodes_at_no_distance_from_the_root_share_nothing():
    scores = tree_similarity("(ant:0,bee:0,cat:1)top;", ["ant", "bee", "cat", "top"])
    np.testing.assert_array_equal(scores, np.eye(4))


def test_inner_nodes_by_hand():
    scores = tree_similarity(CELLS, KINDS, inner_nodes=True)
    assert scores.columns.tolist() == [*KINDS, "top", "lymphocyte", "T"]
    np.testing.assert_allclose(
        scores[["top", "lymphocyte", "T"]],
        [
            [0, 2 / 4, 4 / 5],
            [0, 2 / 4, 4 / 5],
            [0, 2 / 3, 2 / 4],
            [0, 0, 0],
        ],
    )
    picked = tree_similarity(CELLS, KINDS, inner_nodes=["T", "top"])
    pd.testing.assert_frame_equal(picked, scores[[*KINDS, "T", "top"]])


@given(trees.weighted_trees(), st.sampled_from(["wu_palmer", "path"]))
def test_an_ancestor_earns_less_than_the_truth_and_more_than_wrong_below(tree, measure):
    parents, lengths = tree
    inner = sorted(set(parents.values()))
    text = trees.newick(parents, lengths)
    scores = tree_similarity(text, measure=measure, inner_nodes=inner)
    for truth in scores.index:
        steps = scores.loc[truth, trees.way_up(truth, parents)].to_numpy()
        assert (np.diff(steps) < 0).all()
        for answer in set(scores.columns) - set(trees.way_up(truth, parents)):
            above = trees.common_ancestor(truth, answer, parents)
            wrong, vague = scores.loc[truth, [answer, above]]
            assert wrong < vague or (measure == "wu_palmer" and wrong == vague == 0)
    if measure == "wu_palmer":
        assert (scores[trees.root(parents)] == 0).all()


def test_information_by_hand():
    scores = tree_similarity(CELLS, KINDS, measure="information", inner_nodes=True)
    np.testing.assert_array_equal(scores[KINDS], np.eye(4))
    lymphocyte = 1 - np.log(3) / np.log(4)
    np.testing.assert_allclose(scores["lymphocyte"], [*[lymphocyte] * 3, 0])
    np.testing.assert_allclose(scores["T"], [0.5, 0.5, 0, 0])
    np.testing.assert_array_equal(scores["top"], np.zeros(4))


def test_information_of_classes_that_are_inner_nodes():
    scores = tree_similarity(CELLS, ["T", "CD4", "B"], measure="information")
    told = 1 - np.log(2) / np.log(3)
    np.testing.assert_allclose(scores, [[1, 0, 0], [told, 1, 0], [0, 0, 1]])


def test_information_of_one_class_and_of_nodes_above_none():
    scores = tree_similarity(
        CELLS, ["B"], measure="information", inner_nodes=["T", "lymphocyte"]
    )
    assert scores.iloc[0].tolist() == [1, 0, 1]


@given(trees.parent_maps(), st.data())
def test_information_falls_with_the_number_of_classes_below(parents, data):
    leaves = trees.leaves(parents)
    inner = data.draw(st.permutations(sorted(set(parents.values()))))
    scores = tree_similarity(parents, measure="information", inner_nodes=inner)
    for truth in leaves:
        for answer in inner:
            below = [n for n in leaves if answer in trees.way_up(n, parents)]
            told = 1 - np.log(max(len(below), 1)) / np.log(max(len(leaves), 2))
            score = scores.loc[truth, answer]
            assert score == pytest.approx(told if truth in below else 0)


@pytest.mark.parametrize(
    ("measure", "answer"), [("wu_palmer", "CD4"), ("information", "T")]
)
def test_when_a_vague_answer_pays(measure, answer):
    tree = CELLS | {"NK": "lymphocyte"}
    scores = tree_similarity(tree, measure=measure, inner_nodes=True)
    half = scores.loc[["CD4", "CD8"]].mean()
    assert half.idxmax() == answer
    assert scores.loc["CD4"].idxmax() == "CD4"


def test_a_vague_answer_pays_among_three_sisters():
    tree = CELLS | {"DN": "T"}
    for measure in ("wu_palmer", "path"):
        scores = tree_similarity(tree, measure=measure, inner_nodes=["T"])
        assert scores.loc[["CD4", "CD8", "DN"]].mean().idxmax() == "T"
    assert describe_similarity(scores).never_best == ()


def test_a_table_with_inner_nodes_is_read_as_classes_and_further_answers():
    scores = tree_similarity(CELLS, KINDS, inner_nodes=["T"])
    table = resolve_table(scores, sorted(KINDS))
    assert table.decisions.tolist() == ["B", "CD4", "CD8", "monocyte", "T"]
    np.testing.assert_array_equal(table.values[:, 4], scores.loc[sorted(KINDS), "T"])


def test_inner_nodes_are_those_above_two_classes_and_no_class():
    scores = tree_similarity(CELLS, ["CD4", "B", "lymphocyte"], inner_nodes=True)
    assert scores.columns.tolist() == ["CD4", "B", "lymphocyte", "top"]


def test_nodes_of_a_dendrogram_have_scipys_numbers():
    merges = np.array([[0, 2, 1.0, 2], [1, 3, 4.0, 3]])
    scores = tree_similarity(merges, ["ant", "cat", "bee"], inner_nodes=True)
    assert scores.columns.tolist() == ["ant", "cat", "bee", "cluster 4", "cluster 3"]
    np.testing.assert_allclose(scores["cluster 3"], [6 / 7, 0, 6 / 7])


def refused(message, *args, error=ValueError, **settings):
    """Require a whole message."""
    with pytest.raises(error, match=f"^{message}$"):
        tree_similarity(*args, **settings)


def test_a_class_that_is_not_in_the_tree():
    refused(
        r"classes: 'cd4' is no node of tree, which has \['top', 'lymphocyte', 'B', "
        r"'T', 'CD4', 'CD8', 'monocyte'\]\. Did you mean 'CD4'\?",
        CELLS,
        ["cd4", "B"],
    )
    refused(
        r"inner_nodes: 'neuron' is no node of tree, which has \['top', 'lymphocyte', "
        r"'B', 'T', 'CD4', 'CD8', 'monocyte'\]\.",
        CELLS,
        inner_nodes=["neuron"],
    )


def test_nameless_nodes_are_not_shown():
    refused(
        r"classes: 'dog' is no node of tree, which has \['ant', 'bee'\]\.",
        "((ant),bee);",
        ["dog"],
    )


def test_an_unknown_measure():
    refused(
        r"measure is 'lin'; expected one of \['height', 'information', 'path', "
        r"'wu_palmer'\]\.",
        CELLS,
        measure="lin",
    )


def test_inner_nodes_that_are_none():
    refused(
        r"inner_nodes: 'CD4' is a class already; leave it out\.",
        CELLS,
        inner_nodes=["T", "CD4"],
    )
    refused(
        r"inner_nodes: 'CD8' is a leaf; leave it out\.",
        CELLS,
        ["CD4", "B"],
        inner_nodes=["CD8"],
    )
    refused(
        r"inner_nodes=True, but tree has no named node above two classes\. Name its "
        r"inner nodes, or leave inner_nodes out\.",
        "((ant,bee),cat);",
        inner_nodes=True,
    )


def test_inner_nodes_by_height():
    refused(
        r"inner_nodes are of no use with measure='height', where an inner node earns "
        r"what a wrong leaf below it does; choose another measure\.",
        CELLS,
        measure="height",
        inner_nodes=True,
    )


def test_classes_that_are_no_list():
    refused(
        r"classes is of type str; expected a list of labels, whose order counts\.",
        CELLS,
        "CD4",
        error=TypeError,
    )
    refused(r"classes repeats \['B'\]; name each one once\.", CELLS, ["B", "T", "B"])


NODES = {"helper": "CD4", "killer": "CD8", "CD8": "CD8", 7: "monocyte"}


@pytest.mark.parametrize("measure", [*MEASURES, "information"])
@pytest.mark.parametrize("form", [dict, pd.Series])
def test_labels_may_be_looked_up(form, measure):
    scores = tree_similarity(CELLS, form(NODES), measure=measure)
    assert scores.index.tolist() == scores.columns.tolist() == list(NODES)
    plain = tree_similarity(CELLS, ["CD4", "CD8", "monocyte"], measure=measure)
    for truth, node in NODES.items():
        for answer, other in NODES.items():
            assert scores.loc[truth, answer] == plain.loc[node, other]


def test_inner_nodes_beside_labels_that_are_looked_up():
    scores = tree_similarity(CELLS, NODES, inner_nodes=True)
    assert scores.columns.tolist() == [*NODES, "top", "lymphocyte", "T"]
    twins = tree_similarity(CELLS, {"one": "CD8", "two": "CD8", "B": "B"})
    assert twins.loc["one", "two"] == 1.0
    several = tree_similarity(
        CELLS, {"one": "CD8", "two": "CD8", "B": "B"}, inner_nodes=True
    )
    assert several.columns.tolist() == ["one", "two", "B", "top", "lymphocyte"]
    with pytest.raises(
        ValueError, match=r"^inner_nodes: 'T' is a class already; leave it out\.$"
    ):
        tree_similarity(CELLS, {"T": "CD8", "B": "CD4"}, inner_nodes=["T"])


def test_a_parent_map_may_be_a_series():
    pd.testing.assert_frame_equal(
        tree_similarity(pd.Series(CELLS)), tree_similarity(CELLS)
    )


@pytest.mark.parametrize("form", [dict, pd.Series])
def test_labels_of_a_linkage_cannot_be_looked_up(form):
    classes = form({"ant": "a", "bee": "b", "cat": "c"})
    message = (
        rf"^classes is of type {form.__name__}, which looks up names, but tree, a "
        r"linkage array, has none; pass a list, one for each of its 3 leaves in the "
        r"order of the rows clustered\.$"
    )
    with pytest.raises(TypeError, match=message):
        tree_similarity(linkage([[0.0], [1.0], [5.0]]), classes)


@pytest.mark.parametrize("flag", ["no", "yes", None, 1])
def test_branch_lengths_is_true_or_false(flag):
    kind = type(flag).__name__
    message = f"branch_lengths is {flag!r} of type {kind}; expected True or False."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        tree_similarity(CELLS, branch_lengths=flag)
    by_numpy = tree_similarity(CELLS, branch_lengths=np.False_)
    by_python = tree_similarity(CELLS, branch_lengths=False)
    pd.testing.assert_frame_equal(by_numpy, by_python)


@pytest.mark.parametrize("measure", [*MEASURES, "information"])
def test_no_inner_nodes_may_be_listed(measure):
    pd.testing.assert_frame_equal(
        tree_similarity(CELLS, measure=measure, inner_nodes=[]),
        tree_similarity(CELLS, measure=measure),
    )


@pytest.mark.parametrize("other", ["T ", "t"])
def test_parents_that_only_look_alike_are_refused(other):
    parents = {"CD4": "T", "CD8": other, "T": "cell", other: "cell"}
    with pytest.raises(ValueError, match=rf"^tree names 'T' and '{other}', which dif"):
        tree_similarity(parents)


def test_a_leaf_may_be_called_like_its_parent():
    assert (
        tree_similarity({"a": "A", "b": "A", "A": "c", "d": "c"}).loc["a", "b"] == 0.5
    )
