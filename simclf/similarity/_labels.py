"""Class labels in error messages: shown short, compared, and told apart."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from simclf._typing import AnyArray

_MAX_SHOWN = 8
_ARRAY_KINDS = {bool: "b", int: "iu", float: "f", str: "U"}


def plain_labels(labels: Iterable[object]) -> list[object]:
    """Labels as Python objects: no numpy scalars, whose repr is noisy."""
    return [
        label.item() if isinstance(label, np.generic) else label for label in labels
    ]


def array_of_labels(given: Any) -> AnyArray:
    """Copy of labels as numpy reads them, but for those it would turn into words."""
    array = np.array(given)
    is_list = isinstance(given, list | tuple)
    if is_list and array.dtype.kind == "U" and not all(map(_is_word, given)):
        return np.array(given, dtype=object)
    return array


def label_array(labels: Sequence[object]) -> AnyArray:
    """One axis of labels: a plain dtype where all are of one kind, else objects."""
    kinds = {type(label) for label in labels}
    array = np.array(labels) if len(kinds) == 1 else None
    if array is not None and array.dtype.kind in _ARRAY_KINDS.get(kinds.pop(), ""):
        return array
    return np.fromiter(labels, dtype=object, count=len(labels))


def show_labels(labels: Sequence[object]) -> str:
    """Write at most eight labels, and how many there are in all if more."""
    shown = ", ".join(repr(label) for label in labels[:_MAX_SHOWN])
    if len(labels) > _MAX_SHOWN:
        return f"[{shown}, ...] ({len(labels)} in all)"
    return f"[{shown}]"


def repeated_labels(labels: Sequence[object]) -> list[object]:
    """Labels that occur more than once, each named once."""
    counts: dict[object, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return [label for label, count in counts.items() if count > 1]


def is_name(label: object) -> bool:
    """Whether a label can name a class: hashable, and not None, nan, NaT or NA."""
    try:
        hash(label)
        return label is not None and bool(label == label)  # noqa: PLR0124 (nan != nan)
    except TypeError:
        return False


def refuse_alike(names: Iterable[object], what: str, *, by_case: bool = True) -> None:
    """Refuse two names that nobody means to be two: both look the same.

    ``by_case`` says whether names that differ by case alone count as such.
    """
    seen: dict[str, object] = {}
    for name in dict.fromkeys(names):
        if not isinstance(name, str):
            continue
        # An accent may be part of its letter or a character of its own.
        plain = unicodedata.normalize("NFC", name).strip()
        other = seen.setdefault(plain.casefold() if by_case else plain, name)
        if other != name:
            told = "case, outer spaces" if by_case else "outer spaces"
            msg = (
                f"{what} names {other!r} and {name!r}, which differ by {told} or the "
                "encoding of an accent alone and would count as two; write them alike."
            )
            raise ValueError(msg)


def _is_word(label: object) -> bool:
    """Whether a label is text."""
    return isinstance(label, str)


def near_miss(wanted: object, labels: Sequence[object]) -> str | None:
    """Advice to rename the label that differs from a wanted one by its spelling."""
    for label in labels:
        if str(label).strip().casefold() != str(wanted).strip().casefold():
            continue
        if type(label) is type(wanted):
            return f"rename {label!r} (case and spaces must match)"
        kinds = type(wanted).__name__, type(label).__name__
        return (
            f"change {label!r} to {wanted!r} "
            f"(the class is of type {kinds[0]}, the label of type {kinds[1]})"
        )
    return None
