"""Terms of an ontology by id, alternative id or name, and what stands above them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any

from simclf.similarity._labels import is_name, plain_labels, show_labels
from simclf.similarity._suggest import suggest

# The relation of an edge that carries none.
_DEFAULT_RELATION = "is_a"


class Ontology:
    """A networkx graph as obonet reads it: edges from child to parent, by relation."""

    def __init__(self, graph: Any, relations: Iterable[str]) -> None:
        if not hasattr(graph, "is_directed") or not graph.is_directed():
            msg = (
                f"graph is of type {type(graph).__name__}; expected a directed graph "
                "of networkx, such as obonet.read_obo returns."
            )
            raise TypeError(msg)
        self.terms = graph.nodes
        self._parents = _read_parents(graph, relations)
        self._named: dict[object, list[object]] = defaultdict(list)
        self._alternatives: dict[object, object] = {}
        for term, data in graph.nodes(data=True):
            self._named[data.get("name")].append(term)
            self._alternatives.update(dict.fromkeys(data.get("alt_id", ()), term))

    def find(self, wanted: object, argument: str) -> Any:
        """Term of an id, an alternative id or a name; obsolete ones are refused."""
        term = self._look_up(wanted, argument)
        data = self.terms[term]
        if data.get("is_obsolete") in {"true", True}:
            instead = [*data.get("replaced_by", ()), *data.get("consider", ())]
            advice = f"take {' or '.join(instead)}" if instead else "take another one"
            msg = f"{argument}: {wanted!r} is obsolete in graph; {advice} instead."
            raise ValueError(msg)
        return term

    def name(self, term: object) -> object:
        """Name of a term, or its id if it has none."""
        return self.terms[term].get("name", term)

    def parents(self, term: object) -> Collection[object]:
        """Terms right above one, each once."""
        return self._parents.get(term, ())

    def ancestors(self, term: object) -> set[object]:
        """Return a term and all terms above it."""
        found = {term}
        stack = [term]
        while stack:
            new = [up for up in self.parents(stack.pop()) if up not in found]
            found.update(new)
            stack += new
        return found

    def sort(self, terms: Collection[object]) -> list[object]:
        """Terms in an order in which each follows all those above it."""
        # Sets of strings come in another order every time.
        graph = {term: self.parents(term) for term in sorted(terms, key=str)}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            cycle = error.args[1][:-1]
            msg = (
                f"graph has a cycle through {show_labels(cycle)}, so that a term is "
                "above itself. Remove an edge, or choose other relations."
            )
            raise ValueError(msg) from None

    def _look_up(self, wanted: object, argument: str) -> object:
        """Term of an id, an alternative id or a name."""
        if not is_name(wanted):
            msg = f"{argument}: {wanted!r} is no id and no name of a term."
            raise ValueError(msg)
        if wanted in self.terms:
            return wanted
        if wanted in self._alternatives:
            return self._alternatives[wanted]
        named = self._named.get(wanted, [])
        if len(named) > 1:
            msg = (
                f"{argument}: {wanted!r} is the name of {len(named)} terms, "
                f"{show_labels(named)}; give the id of one."
            )
            raise ValueError(msg)
        if named:
            return named[0]
        known = [*self.terms, *(name for name in self._named if name is not None)]
        msg = (
            f"{argument}: {wanted!r} is neither an id nor a name in graph, which has "
            f"{len(self.terms)} terms.{suggest(wanted, known) or _NOT_THERE}"
        )
        raise ValueError(msg)


_NOT_THERE = (
    " obonet leaves out obsolete terms, unless it reads with ignore_obsolete=False."
)


def _read_parents(
    graph: Any, relations: Iterable[str]
) -> dict[object, dict[object, None]]:
    """Terms right above each one by the chosen relations, each once."""
    wanted = _read_relations(relations)
    parents: dict[object, dict[object, None]] = defaultdict(dict)
    found = set()
    edges = (
        graph.edges(keys=True)
        if graph.is_multigraph()
        else ((child, parent, _DEFAULT_RELATION) for child, parent in graph.edges)
    )
    for child, parent, relation in edges:
        found.add(relation)
        if relation in wanted:
            parents[child][parent] = None
    unknown = sorted(wanted - found, key=str)
    if unknown:
        msg = (
            f"relations: {unknown[0]!r} is no relation in graph, which has "
            f"{show_labels(sorted(found, key=str))}.{suggest(unknown[0], found)}"
        )
        raise ValueError(msg)
    return parents


def _read_relations(relations: object) -> set[object]:
    """Names of relations, at least one."""
    named = [relations] if isinstance(relations, str) else relations
    if not isinstance(named, Iterable):
        msg = (
            f"relations is of type {type(relations).__name__}; expected names of "
            "relations, such as ['is_a', 'part_of']."
        )
        raise TypeError(msg)
    wanted = plain_labels(named)
    for relation in wanted:
        if not is_name(relation):
            msg = f"relations: {relation!r} is no name of a relation."
            raise ValueError(msg)
    if not wanted:
        msg = (
            "relations is empty; expected one at least, such as "
            f"[{_DEFAULT_RELATION!r}]."
        )
        raise ValueError(msg)
    return set(wanted)
