"""Read what a user says of each class: a mapping or a Series, keyed by class."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simclf.similarity._labelled import read_names
from simclf.similarity._labels import (
    near_miss,
    plain_labels,
    repeated_labels,
    show_labels,
)


def is_keyed(given: object) -> bool:
    """Whether something is a mapping, or a Series with an index."""
    return isinstance(given, Mapping) or _is_series(given)


def read_keyed(given: Any, name: str) -> dict[object, object]:
    """Plain dictionary of a mapping or a Series."""
    is_mapping = isinstance(given, Mapping)
    keys = plain_labels(given if is_mapping else given.index)
    entries = plain_labels(given.values() if is_mapping else given)
    repeated = repeated_labels(keys)
    if repeated:
        msg = f"{name} has repeated labels {show_labels(repeated)}; name each one once."
        raise ValueError(msg)
    return dict(zip(keys, entries, strict=True))


def read_named(given: Any, name: str) -> dict[object, object]:
    """Meaning of each label: itself in a list, its entry in a mapping or Series."""
    if is_keyed(given):
        keyed = read_keyed(given, name)
        read_names(keyed, name)
        return keyed
    labels = read_names(given, name)
    return dict(zip(labels, labels, strict=True))


def entries_of(
    keyed: Mapping[object, object], classes: Sequence[object], name: str
) -> list[object]:
    """Entry of every class; a class without one is named."""
    for label in classes:
        if label not in keyed:
            known = list(keyed)
            mend = near_miss(label, known) or "add it"
            msg = (
                f"{name} has no entry for class {label!r}. Its labels are "
                f"{show_labels(known)}; {mend}."
            )
            raise ValueError(msg)
    return [keyed[label] for label in classes]


def _is_series(given: object) -> bool:
    """Whether something looks like a pandas Series."""
    index = getattr(given, "index", None)
    return getattr(given, "ndim", None) == 1 and isinstance(index, Iterable)
