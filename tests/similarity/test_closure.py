"""Common ancestors in a graph of several parents, against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simclf.similarity._closure import Closure
from simclf.similarity._ontology import Ontology
from tests.similarity import ontologies


@given(ontologies.ontologies(), st.data())
def test_depths_counts_and_values(graph, data):
    terms = data.draw(st.sets(st.sampled_from(sorted(graph)), min_size=1))
    closure = Closure(Ontology(graph, ["is_a"]), terms)
    above = {term: ontologies.above(graph, term) for term in graph}
    assert set(closure.order) == set().union(*(above[term] for term in terms))
    for place, term in enumerate(closure.order):
        assert closure.position[term] == place
        assert closure.depths[place] == ontologies.depth(graph, term)

    rows = closure.places(sorted(terms)[: data.draw(st.integers(1, len(terms)))])
    columns = closure.places(data.draw(st.permutations(sorted(terms))))
    worth = {term: 31 * int(term[1:]) % 17 for term in graph}
    values = np.array([worth[term] for term in closure.order], dtype=float)
    greatest = closure.at_common_ancestors(values, rows, columns)
    common = closure.count_common(rows, columns)
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            both = above[closure.order[row]] & above[closure.order[column]]
            assert common[r, c] == len(both)
            assert greatest[r, c] == max(worth[term] for term in both)
    sizes = [len(above[closure.order[row]]) for row in rows]
    assert closure.count_above(rows).tolist() == sizes
    below = [sum(term in above[t] for t in terms) for term in closure.order]
    assert closure.count_below(columns).tolist() == below


def test_terms_without_a_common_ancestor():
    closure = Closure(Ontology(ontologies.cells(), ["is_a"]), ["X:5", "X:91"])
    places = closure.places(["X:5", "X:91"])
    assert closure.count_common(places, places).tolist() == [[6, 0], [0, 2]]
