"""Trees laid out: depths, heights and common ancestors against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity._hierarchy import plant
from tests.similarity import trees


def planted(parents, lengths=None):
    """Hierarchy of a parent map, its nodes in the order of the map."""
    names = [*parents, trees.root(parents)]
    place = {name: position for position, name in enumerate(names)}
    above = [place[parents[name]] for name in names[:-1]]
    branches = None if lengths is None else [*(lengths[n] for n in names[:-1]), 7.0]
    return plant(names, [*above, -1], branches)


@given(trees.weighted_trees())
def test_a_node_stands_before_all_that_is_below_it(tree):
    parents, lengths = tree
    hierarchy = planted(parents, lengths)
    assert sorted(hierarchy.names) == sorted({*parents, *parents.values()})
    assert hierarchy.parents[0] == 0
    assert hierarchy.lengths[0] == 0
    for place, name in enumerate(hierarchy.names[1:], start=1):
        assert hierarchy.parents[place] < place
        assert hierarchy.names[hierarchy.parents[place]] == parents[name]
        assert hierarchy.lengths[place] == lengths[name]
    assert set(hierarchy.leaves()) == set(trees.leaves(parents))


@given(trees.weighted_trees())
def test_depths_heights_and_counts(tree):
    parents, lengths = tree
    hierarchy = planted(parents, lengths)
    depths = {n: trees.depth(n, parents, lengths) for n in hierarchy.names}
    leaves = trees.leaves(parents)
    counts = hierarchy.count_below([hierarchy.names.index(leaf) for leaf in leaves])
    for place, name in enumerate(hierarchy.names):
        below = [leaf for leaf in leaves if name in trees.way_up(leaf, parents)]
        assert hierarchy.depths()[place] == depths[name]
        reach = max(depths[leaf] for leaf in below) - depths[name]
        assert hierarchy.heights()[place] == reach
        assert counts[place] == len(below)


@given(trees.parent_maps(), st.data())
def test_values_at_common_ancestors(parents, data):
    hierarchy = planted(parents)
    nodes = data.draw(st.permutations(range(len(hierarchy.names))))
    rows = nodes[: data.draw(st.integers(1, len(nodes)))]
    columns = data.draw(st.permutations(nodes))
    depths = hierarchy.depths()
    values = hierarchy.at_common_ancestors(depths, rows, columns)
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            pair = hierarchy.names[row], hierarchy.names[column]
            shared = trees.common_ancestor(*pair, parents)
            assert values[r, c] == depths[hierarchy.names.index(shared)]


def test_one_row_and_one_column():
    hierarchy = plant(["top", "low"], [-1, 0])
    values = hierarchy.at_common_ancestors(hierarchy.depths(), [1], [1])
    np.testing.assert_array_equal(values, [[1.0]])


def test_a_chain_of_many_nodes_needs_no_recursion():
    hierarchy = plant(list(range(5000)), list(range(-1, 4999)))
    assert hierarchy.leaves() == [4999]
    assert hierarchy.depths()[-1] == hierarchy.heights()[0] == 4999


def test_nodes_without_a_name_are_many():
    assert plant([None, None, "ant", "bee"], [-1, 0, 1, 1]).leaves() == ["ant", "bee"]


@pytest.mark.parametrize("names", [[], ["ant"]])
def test_a_tree_without_a_branch(names):
    with pytest.raises(
        ValueError,
        match=r"^tree has no branch; expected a root and the nodes below it\.$",
    ):
        plant(names, [-1] * len(names))


def test_a_name_twice():
    with pytest.raises(
        ValueError,
        match=r"^tree names \['ant'\] more than once; every node needs a name of its "
        r"own\. Rename the others\.$",
    ):
        plant(["top", "ant", "ant"], [-1, 0, 0])


def test_two_roots():
    with pytest.raises(
        ValueError,
        match=r"^tree has 2 roots \['plants', 'animals'\]; expected one\. Put one node "
        r"above them, or pass one of the trees\.$",
    ):
        plant(["plants", "moss", "animals", "ant"], [-1, 0, -1, 2])


@pytest.mark.parametrize("top", [-1, 2])
def test_a_cycle_is_named_without_the_way_to_it(top):
    names = ["ant", "insect", "animal", "bug", "top"]
    with pytest.raises(
        ValueError,
        match=r"^tree has a cycle: each of \['insect', 'animal', 'bug'\] is the parent "
        r"of the one before, and the first of the last\. Remove one of these "
        r"branches\.$",
    ):
        plant(names, [1, 2, 3, 1, top])
