"""Trees read off a table: nodes where they must be, and what is no tree refused."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from simclf.similarity._tree import find_tree

TOLERANCE = 1e-14


def nodes(form):
    """Leaves below each inner node, and its gain."""
    return {
        (tuple(sorted(form.order[start:stop].tolist())), round(gain, 9))
        for start, stop, gain in zip(form.starts, form.stops, form.gains, strict=True)
    }


def test_groups_are_nodes_whatever_the_order_of_the_classes():
    group = np.array([0, 1, 2, 1, 2, 1, 0])
    table = 0.5 * (group[:, np.newaxis] == group) + np.eye(7)
    form = find_tree(table + np.arange(7.0)[:, np.newaxis], TOLERANCE)
    # Class 0 is the point that the tree hangs from: its group's node needs none.
    assert {leaves for leaves, _ in nodes(form)} >= {(1, 3, 5), (2, 4)}
    assert len(form.gains) == 3
    np.testing.assert_allclose(
        form.matmul(np.eye(7)), table + np.arange(7.0)[:, np.newaxis], atol=1e-14
    )


def test_offsets_of_rows_and_columns_do_not_change_the_nodes():
    group = np.array([0, 0, 1, 1, 1, 2])
    table = 0.5 * (group[:, np.newaxis] == group)
    rng = np.random.default_rng(0)
    moved = table + rng.normal(size=(6, 1)) + rng.normal(size=6)
    assert nodes(find_tree(moved, TOLERANCE)) == nodes(find_tree(table, TOLERANCE))


def test_the_diagonal_is_free():
    table = np.ones((5, 5)) + np.diag([3.0, -7.0, 0.0, 1.0, 2.0])
    form = find_tree(table, TOLERANCE)
    assert len(form.gains) == 0
    np.testing.assert_allclose(form.matmul(np.eye(5)), table, atol=1e-14)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("method", ["single", "average"])
def test_a_dendrogram_of_all_distinct_heights(method, sign):
    points = np.random.default_rng(0).normal(size=(50, 3))
    table = sign * squareform(cophenet(linkage(points, method)))
    form = find_tree(table, TOLERANCE * 10)
    assert len(form.gains) < 50
    np.testing.assert_allclose(form.matmul(np.eye(50)), table, atol=1e-13)


def test_lengths_of_paths_between_leaves_of_unequal_depth():
    points = np.random.default_rng(0).normal(size=(30, 3))
    table = squareform(cophenet(linkage(points, "average")))
    depth = np.arange(30.0)
    table += (depth + depth[:, np.newaxis]) * (1 - np.eye(30))
    form = find_tree(table, 1e-12)
    np.testing.assert_allclose(form.matmul(np.eye(30)), table, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_a_metric_of_the_plane_is_no_tree(seed):
    points = np.random.default_rng(seed).normal(size=(12, 2))
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=2)
    assert find_tree(distances, TOLERANCE) is None
    assert find_tree(-distances, TOLERANCE) is None


def test_an_asymmetric_table_is_no_tree():
    table = np.array([[2.0, 1, 0, 0], [1, 2, 0, 0], [0, 0, 2, 0.5], [0, 0, 1, 2]])
    assert find_tree(table, TOLERANCE) is None
    table[2, 3] = 1.0
    assert find_tree(table, TOLERANCE) is not None


def test_neither_wide_nor_tiny_tables_are_trees():
    assert find_tree(np.eye(3, 4), TOLERANCE) is None
    assert find_tree(np.eye(2), TOLERANCE) is None
