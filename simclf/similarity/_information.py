"""Information content of the terms of an ontology, from counts of what is below."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from simclf._typing import FloatArray
from simclf.similarity._closure import Closure
from simclf.similarity._ontology import Ontology


def find_information(
    ontology: Ontology,
    closure: Closure,
    counts: Any,
    labels: Mapping[object, object],
) -> FloatArray:
    """Minus the log of the share of counts at or below each term of the closure.

    Labels name terms, besides their ids and names; all of these must be counted.
    Without counts every term counts once.
    """
    if counts is None:
        counted: dict[object, float] = dict.fromkeys(ontology.terms, 1.0)
    else:
        counted = _read_counts(ontology, counts, labels)
    frequencies = np.zeros(len(closure.order))
    total = 0.0
    for term, count in counted.items():
        above = ontology.ancestors(term)
        places = [closure.position[up] for up in above if up in closure.position]
        frequencies[places] += count
        # What has nothing above it here belongs to another part of the ontology.
        total += count if places else 0.0
    for label, term in labels.items():
        if not frequencies[closure.position[term]]:
            msg = (
                f"counts has nothing at or below {label!r}, whose information would be "
                "infinite. Count it, or add one to the count of every class."
            )
            raise ValueError(msg)
    return np.log(total / frequencies)


def _read_counts(
    ontology: Ontology, counts: Any, labels: Mapping[object, object]
) -> dict[object, float]:
    """Count of each term, given by labels, ids or names."""
    if not hasattr(counts, "items"):
        msg = (
            f"counts is of type {type(counts).__name__}; expected a dict or a Series "
            "of how often each term occurs."
        )
        raise TypeError(msg)
    counted: dict[object, list[float]] = {}
    for key, count in counts.items():
        if not isinstance(count, Real) or not 0 <= _to_float(count) < np.inf:
            msg = f"counts has {count!r} for {key!r}; expected a number from 0 up."
            raise ValueError(msg)
        term = labels[key] if key in labels else ontology.find(key, "counts")
        counted.setdefault(term, []).append(float(count))
    return _in_moderate_units(counted)


def _to_float(count: Real) -> float:
    """Count as a float; one beyond the floats is inf."""
    try:
        return float(count)
    except OverflowError:
        return np.inf


def _in_moderate_units(counted: dict[object, list[float]]) -> dict[object, float]:
    """Sum of each term's counts, in units in which no sum overflows."""
    largest = max((max(several) for several in counted.values()), default=0.0)
    # A power of two, by which division is exact.
    exponent = int(np.frexp(largest)[1])
    return {
        term: sum(float(np.ldexp(count, -exponent)) for count in several)
        for term, several in counted.items()
    }
