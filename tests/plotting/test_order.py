"""Order of the classes in a picture."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import leaves_list

from simclf.plotting._order import class_order, mistake_distances
from simclf.similarity import resolve_table
from tests.strategies import score_tables

ANIMALS = ["horse", "shark", "whale", "zebra"]
TABLE = [[1.0, 0.0, 0.1, 0.7], [0.0, 1.0, 0.4, 0.0], [0.1, 0.5, 1, 0.0], [0.8, 0, 0, 1]]


def table(values=TABLE, labels=ANIMALS):
    return resolve_table(values, labels)


@given(score_tables(extra=2))
def test_distances_are_the_mean_of_both_costs(values):
    k = len(values)
    ranges = [max(row) - min(row) for row in values]
    found = mistake_distances(values)
    for i in range(k):
        for j in range(k):
            both = (max(values[i]) - values[i, j]) + (max(values[j]) - values[j, i])
            expected = 0.0 if i == j else both / 2 / (max(ranges) or 1.0)
            assert found[i, j] == pytest.approx(expected, abs=1e-12)


def test_alike_classes_stand_side_by_side():
    codes, tree = class_order(table(), "dendrogram")
    names = [ANIMALS[code] for code in codes]
    assert abs(names.index("horse") - names.index("zebra")) == 1
    assert abs(names.index("shark") - names.index("whale")) == 1
    assert tree.shape == (3, 4)


@given(score_tables())
def test_the_tree_has_its_leaves_in_the_order_drawn(values):
    codes, tree = class_order(table(values, range(len(values))), "dendrogram")
    assert sorted(codes) == list(range(len(values)))
    assert leaves_list(tree).tolist() == codes.tolist()
    assert codes[0] < codes[-1]


@given(score_tables(k=4), st.lists(st.integers(-5, 5), min_size=4, max_size=4))
def test_a_constant_added_to_a_row_changes_no_order(values, offsets):
    moved = values + np.array(offsets)[:, np.newaxis]
    before, _ = class_order(table(values), "dendrogram")
    after, _ = class_order(table(moved), "dendrogram")
    assert before.tolist() == after.tolist()


def test_an_ordinal_table_keeps_its_order():
    values = -np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    codes, _ = class_order(table(values, list("abcdef")), "dendrogram")
    assert codes.tolist() == list(range(6))


def test_one_class_has_no_tree():
    codes, tree = class_order(table([[1.0]], ["ant"]), "dendrogram")
    assert codes.tolist() == [0]
    assert tree is None


def test_the_order_given_is_that_of_the_table():
    codes, tree = class_order(table(), "given")
    assert codes.tolist() == [0, 1, 2, 3]
    assert tree is None


@pytest.mark.parametrize("kind", [list, np.array])
def test_labels_are_an_order(kind):
    codes, tree = class_order(table(), kind(["whale", "horse", "zebra", "shark"]))
    assert codes.tolist() == [2, 0, 3, 1]
    assert tree is None


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("clustered", "order is 'clustered'; expected"),
        (["horse", "zebra"], "order lacks ['shark', 'whale']; expected"),
    ],
)
def test_what_is_no_order_is_refused(order, told):
    expected = "'dendrogram', 'given', or the class labels in the order wanted."
    with pytest.raises(ValueError, match=f"^{re.escape(f'{told} {expected}')}$"):
        class_order(table(), order)


def test_a_class_named_twice_is_refused():
    told = "order repeats ['horse']; name each class once."
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        class_order(table(), [*ANIMALS, "horse"])


def test_a_stranger_is_refused():
    told = "order has label 'Zebra', which is no class of the table."
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        class_order(table(), [*ANIMALS[:3], "Zebra"])
