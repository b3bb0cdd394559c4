"""Read paths of classes, as text or as levels, down to their first unknown level."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simclf.similarity._by_class import read_named
from simclf.similarity._frame import is_frame, row_labels
from simclf.similarity._labelled import read_names
from simclf.similarity._labels import is_name, plain_labels, refuse_alike

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

UNKNOWN = ("", "-")
# "EC 1.1.1.1" and "EC:1.1.1.1" are the number alone.
_EC = re.compile(r"^\s*EC[\s:]*(?=\d+\.)", re.IGNORECASE)
_RANK_WITHOUT_NAME = re.compile(r"[a-z]{1,2}__")


def read_paths(
    paths: object, separator: str, unknown: str | Collection[str]
) -> dict[object, tuple[str, ...]]:
    """Known levels of the path of each class."""
    given = _paths_by_class(paths)
    _check_separator(separator, given)
    silent = _read_unknown(unknown)
    levels = {
        label: tuple(_known(_split(path, separator, label), silent))
        for label, path in given.items()
    }
    for label, path in levels.items():
        if not path:
            msg = (
                f"The path of class {label!r} has no known level; expected one at "
                "least, the first."
            )
            raise ValueError(msg)
    _refuse_alike_levels(levels.values())
    return levels


def _refuse_alike_levels(paths: Iterable[tuple[str, ...]]) -> None:
    """Refuse two levels below one that look the same, but for the last of a path."""
    below: dict[tuple[str, ...], list[str]] = {}
    for path in paths:
        for depth, level in enumerate(path[:-1]):
            below.setdefault(path[:depth], []).append(level)
    for names in below.values():
        refuse_alike(names, "paths")


def _paths_by_class(paths: Any) -> dict[object, object]:
    """Path of each class as it was given."""
    if not is_frame(paths):
        return read_named(paths, "paths")
    labels = read_names(row_labels(paths, "paths"), "paths")
    rows = (tuple(row) for row in paths.itertuples(index=False, name=None))
    return dict(zip(labels, rows, strict=True))


def _check_separator(separator: object, paths: dict[object, object]) -> None:
    """Refuse a separator that separates nothing."""
    if not isinstance(separator, str) or not separator:
        msg = f"separator={separator!r}; expected text of at least one character."
        raise ValueError(msg)
    texts = [path for path in paths.values() if isinstance(path, str)]
    if len(texts) == len(paths) and not any(separator in text for text in texts):
        msg = (
            f"separator={separator!r} is in none of the paths, e.g. {texts[0]!r}; pass "
            "what stands between two levels."
        )
        raise ValueError(msg)


def _split(path: object, separator: str, label: object) -> list[object]:
    """Levels of one path."""
    if isinstance(path, str):
        return list(_EC.sub("", path).split(separator))
    if isinstance(path, list | tuple):
        levels = plain_labels(path)
        _refuse_nested(levels, label)
        return levels
    msg = (
        f"The path of class {label!r} is of type {type(path).__name__}; expected text "
        "such as '1.1.1.1', or a list of levels."
    )
    raise TypeError(msg)


def _refuse_nested(levels: list[object], label: object) -> None:
    """Refuse a level that holds others; it would be taken for an unknown one."""
    for place, level in enumerate(levels):
        if isinstance(level, Iterable) and not isinstance(level, str | bytes):
            msg = (
                f"Level {place} of the path of class {label!r} is of type "
                f"{type(level).__name__}; expected text or a number. Give a path as "
                "one flat list."
            )
            raise TypeError(msg)


def _read_unknown(unknown: object) -> set[object]:
    """Levels that say nothing."""
    if isinstance(unknown, str):
        return {unknown}
    if not isinstance(unknown, Iterable):
        msg = (
            f"unknown is of type {type(unknown).__name__}; expected text, or a list of "
            "it."
        )
        raise TypeError(msg)
    return set(unknown)


def _known(levels: list[object], silent: set[object]) -> Iterator[str]:
    """Levels down to the first one that is unknown."""
    for level in levels:
        text = str(level).strip() if is_name(level) else ""
        if not is_name(level) or text in silent or _RANK_WITHOUT_NAME.fullmatch(text):
            return
        yield text
