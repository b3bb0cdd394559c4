"""What a table says that its author may not have meant."""

import inspect
import warnings
from types import FrameType

import numpy as np

from simclf._typing import FloatArray, IntArray
from simclf.exceptions import SimilarityWarning
from simclf.similarity._labels import plain_labels
from simclf.similarity._table import ScoreTable

_MAX_PAIRS = 3
_NOT_THE_USER = {"simclf", "sklearn"}  # fit is wrapped by scikit-learn


def warn_about_table(table: ScoreTable) -> None:
    """Warn when the sign looks reversed, or a wrong answer scores above the right one.

    Parameters
    ----------
    table : ScoreTable
        A resolved table.

    Warns
    -----
    SimilarityWarning
        At most once. If every class's own answer is the worst of its row, only the
        sign is spoken of.

    Examples
    --------
    >>> import warnings
    >>> from simclf.similarity import resolve_table, warn_about_table
    >>> table = resolve_table([[0, 1], [3, 0]], ["ant", "bee"])
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_about_table(table)
    >>> print(caught[0].message)
    similarity looks like a cost matrix (each class scores lowest for its own
    answer); pass cost=... if lower is better.
    """
    text = describe_doubt(table)
    if text is not None:
        warn_user(text)


def warn_user(text: str, category: type[UserWarning] = SimilarityWarning) -> None:
    """Warn about the user's own line, wherever inside it was found."""
    warnings.warn(text, category, stacklevel=_level_of_caller())


def describe_doubt(table: ScoreTable) -> str | None:
    """Text of the warning, or None for a table without doubt."""
    if looks_reversed(table):
        return _REVERSED.get(table.given_as, _REVERSED["similarity"])
    pairs = better_answers(table)
    return _describe_pairs(table, pairs) if len(pairs) else None


def looks_reversed(table: ScoreTable) -> bool:
    """Whether each class's own answer is the worst of its row, and some row differs."""
    worst = table.values.min(axis=1)
    own = np.diagonal(table.values)
    return bool((own == worst).all() and (table.values.max(axis=1) > worst).any())


def better_answers(table: ScoreTable) -> IntArray:
    """Rows and columns, shape (n_pairs, 2), of answers that beat the right one."""
    own = np.diagonal(table.values)[:, np.newaxis]
    return np.argwhere(table.values > own)


_REVERSED = {
    "similarity": (
        "similarity looks like a cost matrix (each class scores lowest for its own "
        "answer); pass cost=... if lower is better."
    ),
    "cost": (
        "cost looks like a similarity matrix (each class costs most for its own "
        "answer); pass similarity=... if higher is better."
    ),
    "sample_scores": (
        "sample_scores look like costs (in the mean each class scores lowest for its "
        "own answer); pass their negative if lower is better."
    ),
}


_WORDS = {
    "similarity": ("similarity", "scores", 1.0),
    "cost": ("cost", "costs", -1.0),
    "sample_scores": ("sample_scores", "scores in the mean", 1.0),
}


def _describe_pairs(table: ScoreTable, pairs: IntArray) -> str:
    """Sentence that names wrong answers above the right one, at most three."""
    name, verb, sign = _WORDS.get(table.given_as, _WORDS["similarity"])
    labels = plain_labels(table.decisions)
    parts = []
    for truth, answer in pairs[:_MAX_PAIRS].tolist():
        own, other = _figures(sign * table.values[truth, [truth, answer]] + 0.0)
        parts.append(
            f"truth {labels[truth]!r} {verb} {own} for its own answer "
            f"but {other} for {labels[answer]!r}"
        )
    listed = "; ".join(parts)
    if len(pairs) > _MAX_PAIRS:
        listed += f"; and {len(pairs) - _MAX_PAIRS} more"
    consequence = (
        f"so {labels[pairs[0, 1]]!r} is the better answer for it"
        if len(pairs) == 1
        else "so these are the better answers for them"
    )
    return (
        f"{name}: {listed}, {consequence}. "
        "If that is meant, ignore this; else correct the diagonal."
    )


def _figures(pair: FloatArray) -> list[float]:
    """Two different numbers, cut to six figures where that tells them apart."""
    short = [float(f"{number:.6g}") for number in pair]
    return short if short[0] != short[1] else pair.tolist()


def _level_of_caller() -> int:
    """Stack level, seen from the caller of this, of the user's own line."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and _package(frame) in _NOT_THE_USER:
        level, frame = level + 1, frame.f_back
    return level


def _package(frame: FrameType) -> str:
    """Top-level package that a frame runs in."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
