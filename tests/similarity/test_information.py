"""Information: counts go up once each, and what is not below does not count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity._closure import Closure
from simclf.similarity._information import find_information
from simclf.similarity._ontology import Ontology
from tests.similarity import ontologies

LABELS = {"T": "X:5", "B": "X:6", "Mono": "X:7", "Sperm": "X:9"}


def information(counts, labels=LABELS):
    """Information of each term above some labels, by name."""
    ontology = Ontology(ontologies.cells(), ["is_a"])
    closure = Closure(ontology, labels.values())
    found = find_information(ontology, closure, counts, labels)
    return dict(zip(map(ontology.name, closure.order), found, strict=True))


HALVINGS = {
    "cell": 0,
    "motile cell": 0,
    "blood cell": 1,
    "leukocyte": 1,
    "swimmer": 1,
    "sperm": 1,
    "lymphocyte": 2,
    "monocyte": 2,
    "T cell": 3,
    "B cell": 3,
}


@pytest.mark.parametrize(
    "counts",
    [
        {"T": 2, "B": 2, "Mono": 4, "Sperm": 8},
        {"X:5": 2, "B cell": 2, "Mono": 3.5, "monocyte": 0.5, "X:9": np.int64(8)},
        {"T": 2, "B": 2, "Mono": 4, "Sperm": 8, "thymus": 100},
        pd.Series({"T": 2, "B": 2, "Mono": 4, "Sperm": 8}),
    ],
)
def test_information_by_hand(counts):
    expected = {term: n * np.log(2) for term, n in HALVINGS.items()}
    assert information(counts) == pytest.approx(expected)


def test_a_count_of_a_term_that_is_no_class():
    found = information({"T": 2, "B": 2, "Mono": 4, "Sperm": 4, "swimmer": 4})
    assert found["swimmer"] == pytest.approx(np.log(2))
    assert found["sperm"] == pytest.approx(np.log(4))


def test_without_counts_each_term_counts_once():
    found = information(None)
    assert found["cell"] == 0
    assert found["lymphocyte"] == pytest.approx(np.log(10 / 3))
    assert found["motile cell"] == pytest.approx(np.log(10 / 8))
    assert found["T cell"] == pytest.approx(np.log(10))


@given(ontologies.ontologies(), st.data())
def test_shares_are_those_of_plain_loops(graph, data):
    ontology = Ontology(graph, ["is_a"])
    closure = Closure(ontology, graph)
    numbers = st.integers(1, 9)
    counts = {term: data.draw(numbers) for term in graph}
    found = find_information(ontology, closure, counts, {})
    total = sum(counts.values())
    for term, information in zip(closure.order, found, strict=True):
        below = [t for t in graph if term in ontologies.above(graph, t)]
        share = sum(counts[t] for t in below) / total
        assert information == pytest.approx(-np.log(share))


def test_a_class_without_a_count():
    with pytest.raises(
        ValueError,
        match=r"^counts has nothing at or below 'Mono', whose information would be "
        r"infinite\. Count it, or add one to the count of every class\.$",
    ):
        information({"T": 1, "B": 1, "Sperm": 1, "Mono": 0})


@pytest.mark.parametrize("unit", [1e308, 2e307, 1e-300])
def test_the_unit_of_the_counts_does_not_matter(unit):
    counts = {"T": 0.25, "B": 0.25, "Mono": 0.5, "Sperm": 1}
    found = information({term: count * unit for term, count in counts.items()})
    expected = {term: n * np.log(2) for term, n in HALVINGS.items()}
    assert found == pytest.approx(expected)


def test_two_large_counts_of_one_term_do_not_overflow():
    found = information(
        {"T": 1e308, "T cell": 1e308, "B": 1e308, "Mono": 1e308} | {"Sperm": 1e308}
    )
    assert found["T cell"] == pytest.approx(np.log(5 / 2))
    assert found["sperm"] == pytest.approx(np.log(5))


@pytest.mark.parametrize("count", [-1, float("nan"), float("inf"), "3", None, 10**400])
def test_a_count_that_is_none(count):
    with pytest.raises(
        ValueError,
        match=rf"^counts has {count!r} for 'B'; expected a number from 0 up\.$",
    ):
        information({"T": 1, "B": count})


def test_counts_of_the_wrong_kind():
    with pytest.raises(
        TypeError,
        match=r"^counts is of type list; expected a dict or a Series of how often each "
        r"term occurs\.$",
    ):
        information([1, 2, 3, 4])


def test_an_unknown_term_in_counts():
    with pytest.raises(ValueError, match=r"^counts: 'quokka' is neither an id nor"):
        information({"quokka": 1})
