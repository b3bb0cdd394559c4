"""A small ontology with a diamond, random ones, and plain loops over them."""

from io import StringIO

import networkx as nx
import obonet
from hypothesis import strategies as st

CELLS_OBO = """\
format-version: 1.2
ontology: cells

[Term]
id: X:0
name: cell

[Term]
id: X:1
name: blood cell
is_a: X:0

[Term]
id: X:2
name: motile cell
is_a: X:0

[Term]
id: X:3
name: leukocyte
alt_id: X:33
alt_id: X:34
is_a: X:1
is_a: X:2

[Term]
id: X:4
name: lymphocyte
is_a: X:3

[Term]
id: X:5
name: T cell
is_a: X:4
relationship: part_of X:90

[Term]
id: X:6
name: B cell
is_a: X:4

[Term]
id: X:7
name: monocyte
is_a: X:3

[Term]
id: X:8
name: swimmer
is_a: X:2

[Term]
id: X:9
name: sperm
is_a: X:8
is_a: X:0

[Term]
id: X:50
name: obsolete white cell
is_obsolete: true
replaced_by: X:3

[Term]
id: X:51
name: obsolete round cell
is_obsolete: true
consider: X:5
consider: X:6

[Term]
id: X:52
name: obsolete thing
is_obsolete: true

[Term]
id: X:90
name: thymus

[Term]
id: X:91
name: twin
is_a: X:90

[Term]
id: X:92
name: twin
is_a: X:90
"""


def cells():
    """Return the ontology above, read as users read theirs."""
    return obonet.read_obo(StringIO(CELLS_OBO), ignore_obsolete=False)


@st.composite
def ontologies(draw, most=10):
    """Graph of one root, edges from child to parent; some are part_of."""
    n_terms = draw(st.integers(2, most))
    graph = nx.MultiDiGraph()
    graph.add_node("t0")
    for term in range(1, n_terms):
        parents = draw(st.sets(st.integers(0, term - 1), min_size=1, max_size=3))
        graph.add_edge(f"t{term}", f"t{min(parents)}", "is_a")
        for parent in sorted(parents)[1:]:
            relation = draw(st.sampled_from(["is_a", "part_of"]))
            graph.add_edge(f"t{term}", f"t{parent}", relation)
    return graph


def above(graph, term, relations=("is_a",)):
    """Return a term and all above it."""
    found = {term}
    for _, parent, relation in graph.edges(term, keys=True):
        if relation in relations:
            found |= above(graph, parent, relations)
    return found


def depth(graph, term):
    """Number of steps on the longest way up."""
    return max((1 + depth(graph, up) for up in is_a(graph, term)), default=0)


def is_a(graph, term):
    """Parents of a term."""
    return [
        up for _, up, relation in graph.edges(term, keys=True) if relation == "is_a"
    ]
