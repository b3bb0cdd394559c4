"""What every table builder promises: names, order, and the right answer on top."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity import (
    confusion_similarity,
    distance_similarity,
    embedding_similarity,
    from_cost,
    group_similarity,
    ordinal_similarity,
    path_similarity,
    resolve_table,
    tree_similarity,
)
from tests.strategies import LABELS


def _frame(draw, labels, low, high):
    """A frame of small integers, zero from a class to itself."""
    k = len(labels)
    size = k * k
    entries = draw(st.lists(st.integers(low, high), min_size=size, max_size=size))
    values = np.reshape(np.array(entries, dtype=float), (k, k))
    np.fill_diagonal(values, 0.0)
    return pd.DataFrame(values, labels, labels)


def _costs(draw, labels):
    frame = _frame(draw, labels, -3, 9)
    return lambda order: from_cost(frame.loc[order, order])


def _distances(draw, labels):
    frame = _frame(draw, labels, 1, 9)
    scale = draw(st.sampled_from([None, 2.0]))
    return lambda order: distance_similarity(
        frame.loc[order, order].to_numpy(), order, scale=scale
    )


def _confusions(draw, labels):
    k = len(labels)
    # No right answer is as frequent as the others taken together, as a margin is.
    frame = _frame(draw, labels, 0, 9) + np.diag(np.arange(1.0 * k, 2 * k))
    smoothing, symmetrize = draw(st.sampled_from([0.0, 0.5])), draw(st.booleans())
    return lambda order: confusion_similarity(
        frame, order, smoothing=smoothing, symmetrize=symmetrize
    )


def _orders(draw, labels):
    k = len(labels)
    places = draw(st.lists(st.integers(-9, 9), min_size=k, max_size=k, unique=True))
    positions = dict(zip(labels, places, strict=True))
    power, under = draw(st.sampled_from([0.5, 1.0, 2.0])), draw(st.sampled_from([1, 5]))
    return lambda order: ordinal_similarity(
        order, positions=positions, power=power, under=under
    )


def _groups(draw, labels):
    group_of = {label: draw(st.sampled_from("xyz")) for label in labels}
    return lambda order: group_similarity({c: group_of[c] for c in order}, within=0.25)


def _paths(draw, labels):
    path_of = {label: [*draw(st.text("ab", max_size=4)), label] for label in labels}
    return lambda order: path_similarity({c: path_of[c] for c in order})


def _embeddings(draw, labels):
    k = len(labels)
    row = st.tuples(*3 * [st.integers(-4, 4)]).filter(lambda v: len(set(v)) > 1)
    vectors = draw(st.lists(row, min_size=k, max_size=k, unique=True))
    frame = pd.DataFrame(vectors, index=labels) * 1.0
    frame += np.arange(3)  # no vector is constant, and not all are parallel
    metric = draw(st.sampled_from(["euclidean", "cityblock", "sqeuclidean"]))
    return lambda order: embedding_similarity(frame, order, metric=metric)


BUILDERS = {
    "cost": _costs,
    "distance": _distances,
    "confusion": _confusions,
    "ordinal": _orders,
    "group": _groups,
    "path": _paths,
    "embedding": _embeddings,
}


@pytest.mark.parametrize("name", BUILDERS)
@given(data=st.data())
def test_permuting_the_classes_permutes_the_table(name, data):
    labels = LABELS[: data.draw(st.integers(2, 6))].tolist()
    make = BUILDERS[name](data.draw, labels)
    order = data.draw(st.permutations(labels))
    table = make(labels)
    permuted = make(order)
    assert permuted.index.tolist() == permuted.columns.tolist() == order
    np.testing.assert_allclose(permuted.loc[labels, labels], table, atol=1e-14)
    aligned = resolve_table(permuted, labels)
    np.testing.assert_allclose(aligned.values, table, atol=1e-14)


@pytest.mark.parametrize("name", sorted(set(BUILDERS) - {"cost"}))
@given(data=st.data())
def test_no_answer_scores_above_the_right_one(name, data):
    labels = LABELS[: data.draw(st.integers(2, 6))].tolist()
    values = BUILDERS[name](data.draw, labels)(labels).to_numpy()
    assert (np.diagonal(values) == 1.0).all()
    assert (values >= 0.0).all()
    assert (values <= 1.0).all()


@pytest.mark.parametrize(
    "table",
    [
        ordinal_similarity(["ant"]),
        group_similarity({"ant": "insect"}),
        path_similarity(["a.b"]),
        distance_similarity([[0.0]], ["ant"]),
        embedding_similarity([[1.0, 2.0]], ["ant"]),
        confusion_similarity([[3]], ["ant"]),
    ],
)
def test_one_class_scores_one(table):
    assert table.to_numpy().tolist() == [[1.0]]
    assert (table.index.name, table.columns.name) == ("truth", "answer")


@pytest.mark.parametrize("pair", [("ant", "ant "), ("caf\u00e9", "cafe\u0301")])
@pytest.mark.parametrize(
    "build",
    [
        lambda pair: ordinal_similarity(list(pair)),
        lambda pair: group_similarity(dict.fromkeys(pair, "g")),
        lambda pair: group_similarity(dict(zip("ab", pair, strict=True))),
        lambda pair: path_similarity(dict(zip(pair, ["1.1", "1.2"], strict=True))),
        lambda pair: tree_similarity(dict.fromkeys(pair, "root")),
        lambda pair: distance_similarity([[0, 1], [1, 0]], list(pair)),
        lambda pair: from_cost([[0, 1], [1, 0]], list(pair)),
        lambda pair: embedding_similarity([[0, 1], [1, 0]], list(pair)),
    ],
)
def test_names_that_only_look_alike_are_refused(build, pair):
    with pytest.raises(ValueError, match=r"^\w+ names .* would count as two; write"):
        build(pair)


@pytest.mark.parametrize("other", ["café", "CAFÉ"])
def test_levels_that_only_look_alike_are_refused(other):
    with pytest.raises(ValueError, match=r"^paths names 'café' and .* as two; write"):
        path_similarity({"a": "café.1", "b": f"{other}.2"})
    assert path_similarity({"a": "café.1", "b": f"1.{other}"}).loc["a", "b"] == 0.0


def test_letters_are_told_apart_by_case():
    assert ordinal_similarity(["a", "A"]).columns.tolist() == ["a", "A"]
