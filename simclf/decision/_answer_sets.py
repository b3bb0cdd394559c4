"""Several answers at once: the smallest set whose expected score meets a bound."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._align import (
    aligned_table,
    classes_at_hand,
    column_classes,
    decision_values,
    label_codes,
)
from simclf.decision._check import check_number, check_proba
from simclf.decision._set_search import find_among, find_smallest, read_bound
from simclf.similarity import ScoreTable
from simclf.similarity._labels import label_array, plain_labels, show_labels


@dataclass(frozen=True, eq=False)
class AnswerSets:
    """Sets of answers, one for each row.

    Parameters
    ----------
    mask : ndarray of shape (n_samples, n_decisions)
        Whether the set holds the answer.
    decisions : ndarray of shape (n_decisions,)
        Labels of the answers.
    expected_scores : ndarray of shape (n_samples,)
        Expected score of the best answer of the set.
    met : ndarray of shape (n_samples,)
        Whether that meets the bound.
    smallest : ndarray of shape (n_samples,)
        Whether no smaller set does, for certain; False where that is not known.
    names : ndarray of shape (n_samples,) or None
        What the sets are called, where they were chosen among named ones.

    Examples
    --------
    >>> from simclf.decision import answer_sets
    >>> sets = answer_sets(
    ...     [[0.6, 0.3, 0.1]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], min_score=0.8
    ... )
    >>> sets.mask.tolist(), sets.labels()
    ([[True, True, False]], [(0, 1)])
    """

    mask: AnyArray
    decisions: AnyArray
    expected_scores: FloatArray
    met: AnyArray
    smallest: AnyArray
    names: AnyArray | None = None

    @property
    def sizes(self) -> IntArray:
        """Number of answers in each set."""
        return np.asarray(self.mask.sum(axis=1), dtype=np.intp)

    def labels(self) -> list[tuple[object, ...]]:
        """Return the answers of each set by their labels.

        Returns
        -------
        list of tuples
            In the order of ``decisions``.
        """
        names = plain_labels(self.decisions)
        return [tuple(names[code] for code in np.flatnonzero(row)) for row in self.mask]


def answer_sets(
    proba: ArrayLike,
    similarity: object,
    *,
    min_score: float,
    classes: ArrayLike | None = None,
    among: Mapping[Any, Iterable[Any]] | None = None,
) -> AnswerSets:
    """Smallest set of answers whose expected score meets a bound, for each row.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities, as in :func:`expected_scores`; rows sum to one.
    similarity : array-like of shape (n_classes, n_decisions), DataFrame or ScoreTable
        What answer ``j`` (column) is worth when the truth is ``i`` (row); read as in
        :func:`expected_scores`.
    min_score : float
        Expected score that a set is to have, on the scale of the table.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns of `proba`; needed with a labelled table, unless `proba`
        is a DataFrame with columns named by class.
    among : mapping from names to lists of answers, default=None
        Sets to choose among, besides the single answers: for a hierarchy, the name of
        each inner node and the classes below it. None allows every set.

    Returns
    -------
    AnswerSets
        ``mask``, ``labels()``, ``expected_scores``, and ``met``, which is False where
        no set meets the bound: such a row is given all answers (with `among`, the set
        of highest expected score), to be shown to somebody or left open.

    Raises
    ------
    ValueError
        If `proba` is not a probability distribution per row, the table does not fit
        it, `min_score` is not finite, or `among` holds an unknown answer or an empty
        set.
    TypeError
        If `min_score` is no number, or `among` is no mapping to lists of answers.

    See Also
    --------
    bayes_decision : The one answer of highest expected score.

    Notes
    -----
    A set is worth to a truth what its best answer is worth: somebody who knows better
    picks from the list. So the score of a set ``A`` is
    ``F(A) = sum_i proba[i] max(S[i, a] for a in A)``; with the identity it is the
    probability that ``A`` holds the truth, and the sets are the most probable classes.
    The smallest ``A`` with ``F(A) >= min_score`` is returned, of several the one of
    highest score, of these the first in the order of the answers. Scores within
    rounding of each other or of the bound count as equal. A row does not depend on
    other rows.

    To find the smallest set is NP-hard in general [1]_. Up to 14 answers all sets are
    tried; with more, all of the sizes that have at most 5000 sets (of 100 answers, all
    pairs). Larger ones are grown from the best set of that size, each time by the
    answer that adds most: ``F`` is monotone and submodular, for which that is near
    the best that can be done [1]_ [2]_. ``smallest`` says of each row whether its set
    is known to be smallest: it is False for all grown sets but those one answer
    larger than the largest that were tried. With the identity, where the sets are
    the most probable classes, grown ones are smallest too, without being known to be.

    The bound is met as far as the probabilities are right: calibrate them first.

    References
    ----------
    .. [1] L. A. Wolsey, "An analysis of the greedy algorithm for the submodular set
       covering problem", Combinatorica 1982, https://doi.org/10.1007/BF02579435.
    .. [2] G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, "An analysis of approximations
       for maximizing submodular set functions", Mathematical Programming 1978,
       https://doi.org/10.1007/BF01588971.

    Examples
    --------
    For a truth of "zebra" the list may as well hold "horse", which is worth 0.7 to it:

    >>> import pandas as pd
    >>> from simclf.decision import answer_sets
    >>> animals = ["horse", "shark", "zebra"]
    >>> table = pd.DataFrame(
    ...     [[1.0, 0.0, 0.2], [0.0, 1.0, 0.0], [0.7, 0.0, 1.0]],
    ...     index=animals,
    ...     columns=animals,
    ... )
    >>> proba = [[0.9, 0.0, 0.1], [0.3, 0.4, 0.3], [0.4, 0.2, 0.4]]
    >>> sets = answer_sets(proba, table, min_score=0.85, classes=animals)
    >>> sets.labels()
    [('horse',), ('horse', 'shark'), ('horse', 'shark')]
    >>> sets.expected_scores.round(2).tolist()
    [0.97, 0.91, 0.88]

    In a hierarchy, the most specific node that holds the truth with a probability of
    0.8:

    >>> import numpy as np
    >>> cells = ["B", "CD4 T", "CD8 T", "NK"]
    >>> nodes = {"T": cells[1:3], "lymphocyte": cells}
    >>> proba = [[0.1, 0.85, 0.05, 0.0], [0.1, 0.5, 0.4, 0.0], [0.4, 0.3, 0.2, 0.1]]
    >>> sets = answer_sets(proba, np.eye(4), min_score=0.8, classes=cells, among=nodes)
    >>> sets.names.tolist()
    ['CD4 T', 'T', 'lymphocyte']
    """
    least = check_number(min_score, "min_score", "a finite number")
    classes = classes_at_hand(proba, similarity, classes)
    values, decisions = _read_table(similarity, classes)
    known = column_classes(similarity, classes)
    rows = check_proba(proba, len(values), classes=known)
    bound = read_bound(rows, values, least)
    if among is None:
        found, names = find_smallest(bound), None
    else:
        labels, groups = _read_groups(among, decisions)
        found, chosen = find_among(bound, groups)
        names = labels[chosen]
    return AnswerSets(
        mask=found.mask,
        decisions=decisions,
        expected_scores=bound.expected_scores(found.lost),
        met=found.met,
        smallest=found.smallest & found.met,
        names=names,
    )


def _read_table(
    similarity: object, classes: ArrayLike | None
) -> tuple[FloatArray, AnyArray]:
    """Numbers of a table, and labels of its columns: codes for a bare array."""
    if classes is not None:
        table = aligned_table(similarity, classes)
        return table.values, table.decisions
    if isinstance(similarity, ScoreTable):
        return similarity.values, similarity.decisions
    values = decision_values(similarity, None)
    return values, np.arange(values.shape[1])


def _read_groups(
    among: Mapping[Any, Iterable[Any]], decisions: AnyArray
) -> tuple[AnyArray, list[IntArray]]:
    """Names of the sets, and their members in groups of one size, by rising size."""
    if not isinstance(among, Mapping):
        msg = (
            f"among is of type {type(among).__name__}; expected a mapping from the "
            "name of each set to the list of its answers."
        )
        raise TypeError(msg)
    sets = {label: [code] for code, label in enumerate(plain_labels(decisions))}
    for name, members in among.items():
        if name in sets:
            msg = (
                f"among names a set {name!r}, which is an answer of the table; every "
                "answer is a set of its own already. Rename it or leave it out."
            )
            raise ValueError(msg)
        sets[name] = _read_members(name, members, decisions)
    names = sorted(sets, key=lambda name: len(sets[name]))
    sizes = sorted({len(members) for members in sets.values()})
    groups = [
        np.array([sets[name] for name in names if len(sets[name]) == size])
        for size in sizes
    ]
    return label_array(names), groups


def _read_members(name: object, members: Iterable[Any], decisions: AnyArray) -> Any:
    """Codes of the answers of one named set, each once."""
    if isinstance(members, str) or not isinstance(members, Iterable):
        msg = (
            f"among[{name!r}] is {members!r}; expected a list of answers such as "
            f"{show_labels(plain_labels(decisions)[:2])}."
        )
        raise TypeError(msg)
    codes = label_codes(list(members), decisions, f"among[{name!r}]", "answer")
    if len(codes) == 0:
        msg = f"among[{name!r}] is empty; give it at least one answer, or leave it out."
        raise ValueError(msg)
    return sorted(set(codes.tolist()))
