"""Random trees in the forms that users have them, and plain loops over them."""

import networkx as nx
from hypothesis import strategies as st


@st.composite
def parent_maps(draw, most=12):
    """Child to parent, the nodes in any order; node names are strings."""
    n_nodes = draw(st.integers(3, most))
    above = [draw(st.integers(0, node - 1)) for node in range(1, n_nodes)]
    pairs = [(f"n{node}", f"n{up}") for node, up in enumerate(above, start=1)]
    return dict(draw(st.permutations(pairs)))


@st.composite
def weighted_trees(draw, most=12):
    """Parent map, and a length of the branch above each child."""
    parents = draw(parent_maps(most))
    return parents, {child: draw(st.integers(1, 8)) / 4 for child in parents}


def way_up(node, parents):
    """Nodes from one to the root, both included."""
    way = [node]
    while way[-1] in parents:
        way.append(parents[way[-1]])
    return way


def leaves(parents):
    """Nodes that are nobody's parent."""
    return [node for node in parents if node not in parents.values()]


def root(parents):
    """Return the node that has no parent."""
    return next(node for node in parents.values() if node not in parents)


def depth(node, parents, lengths):
    """Sum of the lengths on the way up."""
    return sum(lengths[step] for step in way_up(node, parents)[:-1])


def common_ancestor(i, j, parents):
    """Return the first node on one way up that is on the other too."""
    other = way_up(j, parents)
    return next(node for node in way_up(i, parents) if node in other)


def newick(parents, lengths=None):
    """Newick text of a parent map, inner nodes named."""

    def write(node):
        below = [child for child in parents if parents[child] == node]
        text = f"({','.join(map(write, below))})" if below else ""
        length = f":{lengths[node]!r}" if lengths and node in lengths else ""
        return f"{text}{node}{length}"

    return write(root(parents)) + ";"


def graph(parents, lengths=None):
    """Build a networkx graph of a parent map, edges from parent to child."""
    tree = nx.DiGraph()
    for child, parent in parents.items():
        weight = {} if lengths is None else {"weight": lengths[child]}
        tree.add_edge(parent, child, **weight)
    return tree
