"""A name that the user may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(wanted: object, known: Iterable[object]) -> str:
    """Question that ends a message about an unknown name, or nothing."""
    by_spelling = {_spelling(name): name for name in known}
    near = get_close_matches(_spelling(wanted), by_spelling, n=1)
    return f" Did you mean {by_spelling[near[0]]!r}?" if near else ""


def _spelling(name: object) -> str:
    """Name without case and outer spaces."""
    return str(name).strip().casefold()
