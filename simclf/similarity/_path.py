"""Scores of classes that are named by paths, such as EC numbers and lineages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simclf.similarity._labelled import labelled_frame
from simclf.similarity._levels import UNKNOWN, read_paths
from simclf.similarity._numbers import finite_row

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from simclf._typing import FloatArray, IntArray


def path_similarity(
    paths: Mapping[object, object] | Sequence[str] | pd.DataFrame,
    *,
    separator: str = ".",
    level_scores: Sequence[float] | None = None,
    unknown: str | Collection[str] = UNKNOWN,
) -> pd.DataFrame:
    """Score an answer by how many leading levels it has in common with the truth.

    Parameters
    ----------
    paths : mapping, Series, DataFrame or list of str
        The path of each class, from the root down: ``{class: path}`` with paths as
        text or as sequences of levels; a frame with a row for each class and a column
        for each level; or a list of classes that are paths themselves.
    separator : str, default="."
        What stands between two levels of a path given as text.
    level_scores : sequence of float, default=None
        What an answer is worth that agrees with the truth in the first 0, 1, 2, ...
        levels, never falling. The last number is the score of the right answer, so
        there is at least one more than the longest path has levels. By default the
        share of the levels of the longest path.
    unknown : str or collection of str, default=("", "-")
        Levels that say nothing. A rank without a name (``g__``, ``s__``) and a
        missing entry of a frame are unknown in any case.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        Scores, rows the truth and columns the answer; 1 for the right one, unless
        `level_scores` says otherwise. Classes in the order of `paths`.

    Raises
    ------
    ValueError
        If a path has no known level, `separator` is in none of them, two classes
        would score as the right answer for each other, or `level_scores` is too
        short, falls or is not finite.
    TypeError
        If a path is neither text nor a sequence of levels.

    See Also
    --------
    tree_similarity : Trees as parent maps, Newick text or linkages.

    Notes
    -----
    With ``c[i, j]`` the number of leading levels in common and ``L`` levels in the
    longest path, ``S[i, j] = level_scores[c[i, j]]`` for a wrong answer and
    ``level_scores[-1]`` for the right one; by default ``level_scores[c] = c / L``.

    A path ends before its first unknown level, also if known ones follow: "1.1.-.-"
    agrees with "1.1.1.1" in two levels, and with itself, as the right answer, in all.
    Levels are compared as text, spaces around them and an "EC" before a number aside.

    References
    ----------
    .. [1] McDonald, Tipton, "Fifty-five years of enzyme classification: advances and
       difficulties", FEBS Journal 2014, doi:10.1111/febs.12530.

    Examples
    --------
    Enzymes by their EC numbers [1]_:

    >>> from simclf.similarity import path_similarity
    >>> enzymes = {
    ...     "alcohol dehydrogenase": "1.1.1.1",
    ...     "lactate dehydrogenase": "1.1.1.27",
    ...     "catalase": "1.11.1.6",
    ...     "hexokinase": "2.7.1.1",
    ... }
    >>> table = path_similarity(enzymes)
    >>> table.loc["alcohol dehydrogenase"].tolist()
    [1.0, 0.75, 0.25, 0.0]

    Lineages, here as a frame of ranks, with a score for the domain, phylum, class,
    order and family in common, and for the right genus:

    >>> from simclf.datasets import load_16s_reads
    >>> lineage = load_16s_reads().lineage
    >>> scores = [0, 0.05, 0.2, 0.35, 0.55, 0.75, 1]
    >>> table = path_similarity(lineage, level_scores=scores)
    >>> table.loc["Yersinia", ["Yersinia", "Serratia", "Xenorhabdus"]].tolist()
    [1.0, 0.75, 0.55]
    """
    levels = read_paths(paths, separator, unknown)
    shared = _levels_in_common(list(levels.values()))
    longest = max(map(len, levels.values()))
    scores = _read_level_scores(level_scores, longest)
    _refuse_equal_scores(levels, scores)
    values = scores[shared]
    np.fill_diagonal(values, scores[-1])
    return labelled_frame(values, levels)


def _levels_in_common(paths: list[tuple[str, ...]]) -> IntArray:
    """Count the leading levels that each two paths share."""
    shared = np.zeros((len(paths), len(paths)), dtype=np.intp)
    for depth in range(1, max(map(len, paths)) + 1):
        nodes: dict[tuple[str, ...], int] = {}
        # A path that ends above is alone in a node of its own.
        codes = np.array(
            [
                nodes.setdefault(path[:depth], len(nodes)) if len(path) >= depth else -1
                for path in paths
            ]
        )
        shared += (codes[:, np.newaxis] == codes) & (codes >= 0)
    return shared


def _read_level_scores(given: Sequence[float] | None, longest: int) -> FloatArray:
    """Score of agreeing in 0, 1, ... levels, and at last of the right answer."""
    if given is None:
        return np.arange(longest + 1) / longest
    scores = finite_row(given, "level_scores", "level_scores[{}]".format)
    if len(scores) <= longest:
        msg = (
            f"level_scores has {len(scores)} numbers but the longest path has "
            f"{longest} levels; pass at least {longest + 1}, for 0 levels in common "
            "up to the right answer."
        )
        raise ValueError(msg)
    falls = np.flatnonzero(np.diff(scores) < 0)
    if falls.size:
        level = int(falls[0])
        msg = (
            f"level_scores falls from {scores[level]:g} at {level} levels in common to "
            f"{scores[level + 1]:g} at {level + 1}; expected scores that never fall."
        )
        raise ValueError(msg)
    return scores


def _refuse_equal_scores(
    levels: Mapping[object, tuple[str, ...]], scores: FloatArray
) -> None:
    """Refuse two classes that score as the right answer for each other."""
    # So many levels in common are worth as much as being right.
    enough = int(np.searchsorted(scores, scores[-1]))
    owner: dict[tuple[str, ...], object] = {}
    for label, path in levels.items():
        if len(path) < enough:
            continue
        other = owner.setdefault(path[:enough], label)
        if other == label:
            continue
        told = f"have {enough} levels in common, which score as the right answer does"
        remedy = "Pass level_scores that end above all others, for the right answer."
        if enough == len(scores) - 1:
            told = "have the same path"
            remedy = (
                "End the paths with the classes, or pass level_scores with one more "
                "number, for the right answer."
            )
        msg = (
            f"Classes {other!r} and {label!r} {told}, so that each would be as good as "
            f"right for the other. {remedy}"
        )
        raise ValueError(msg)
