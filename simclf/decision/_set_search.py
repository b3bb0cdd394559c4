"""The smallest sets of answers that lose little enough: by trying all, or by growing.

A set loses on a truth what its best answer loses. All sets of one size are tried at
once, as the columns of a table; there are too many of the larger ones where there are
many answers, and these are grown answer by answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._rounding import (
    EPSILON,
    TIE,
    above_least,
    expected_doubt,
    ordered_product,
    rounding_doubt,
)
from simclf.similarity import row_ranges, unit_regret

_MOST_SETS = 5000
_CHUNK_ENTRIES = 2**22


@dataclass(frozen=True, eq=False)
class Bound:
    """What sets may lose on each row so that their expected score meets a bound.

    Losses are in units of the table's largest row range.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
        Rows that sum to one.
    regret : ndarray of shape (n_classes, n_decisions)
        What each answer loses.
    best : ndarray of shape (n_samples,)
        Expected score of all answers together, over the scale of the table.
    slack : ndarray of shape (n_samples,)
        What a set may lose, rounding included.
    doubt : ndarray of shape (n_samples, 1)
        How far rounding may move a loss.
    scale : float
        Unit of the losses, over ``2**exponent``.
    exponent : int
    """

    proba: FloatArray
    regret: FloatArray
    best: FloatArray
    slack: FloatArray
    doubt: FloatArray
    scale: float
    exponent: int

    def expected_scores(self, lost: FloatArray) -> FloatArray:
        """Scores of sets that lose so much, on the table's own scale."""
        return np.asarray(np.ldexp(self.best - lost * self.scale, self.exponent))


def read_bound(proba: FloatArray, values: FloatArray, min_score: float) -> Bound:
    """Turn a bound on the expected score into one on what is lost."""
    proba = proba / proba.sum(axis=1, keepdims=True)
    exponent = int(np.frexp(np.abs(values).max())[1])
    scaled = np.ldexp(values, -exponent)
    with np.errstate(over="ignore"):
        # Beyond two, no scaled score comes near it.
        bound = np.clip(np.ldexp(min_score, -exponent), -2.0, 2.0)
    scale = row_ranges(scaled).max().item() or 1.0
    sums = ordered_product(
        proba, np.column_stack([scaled.max(axis=1), np.abs(scaled).max(axis=1)])
    )
    doubt = expected_doubt(proba, rounding_doubt(values))
    rounding = EPSILON * ((len(values) + 2) * sums[:, 1] + abs(bound))
    return Bound(
        proba=proba,
        regret=unit_regret(values),
        best=sums[:, 0],
        slack=(sums[:, 0] - bound + TIE * rounding) / scale + TIE * doubt[:, 0],
        doubt=doubt,
        scale=scale,
        exponent=exponent,
    )


@dataclass(eq=False)
class Found:
    """Sets found so far: their answers, what they lose, and whether that is enough."""

    mask: AnyArray
    lost: FloatArray
    met: AnyArray
    smallest: AnyArray

    @classmethod
    def nothing(cls, n_samples: int, n_decisions: int) -> "Found":
        """Empty sets that lose more than any other."""
        return cls(
            mask=np.zeros((n_samples, n_decisions), dtype=bool),
            lost=np.full(n_samples, np.inf),
            met=np.zeros(n_samples, dtype=bool),
            smallest=np.ones(n_samples, dtype=bool),
        )


def find_smallest(bound: Bound) -> Found:
    """Smallest sets of any answers; all answers where none loses little enough."""
    n_decisions = bound.regret.shape[1]
    found = Found.nothing(len(bound.proba), n_decisions)
    hopeless = bound.slack < 0
    found.mask[hopeless], found.lost[hopeless] = True, 0.0
    for size in _sizes(n_decisions):
        members = np.array(list(combinations(range(n_decisions), size)), dtype=np.intp)
        rows = np.flatnonzero(~found.met & ~hopeless)
        for part in _chunks(rows, len(members)):
            best, lost = _best_sets(bound, part, members)
            found.mask[part] = False
            _put(found, part, members[best], lost)
            found.met[part] = lost <= bound.slack[part]
    widest = max(bound.regret.shape)
    for part in _chunks(np.flatnonzero(~found.met & ~hopeless), widest):
        _grow(bound, found, part)
    return found


def find_among(bound: Bound, groups: Sequence[IntArray]) -> tuple[Found, IntArray]:
    """Smallest of given sets; the best one where none loses little enough.

    Also returns the number of the set of each row. A group holds the members of sets
    of one size, shape (n_sets, size); sizes rise from group to group.
    """
    found = Found.nothing(len(bound.proba), bound.regret.shape[1])
    chosen, n_before = np.zeros(len(bound.proba), dtype=np.intp), 0
    for members in groups:
        for part in _chunks(np.flatnonzero(~found.met), len(members)):
            best, lost = _best_sets(bound, part, members)
            better = lost < found.lost[part] - TIE * bound.doubt[part, 0]
            taken = better | (lost <= bound.slack[part])
            rows, best, lost = part[taken], best[taken], lost[taken]
            found.mask[rows] = False
            _put(found, rows, members[best], lost)
            found.met[rows] = lost <= bound.slack[rows]
            chosen[rows] = n_before + best
        n_before += len(members)
    return found, chosen


def _sizes(n_decisions: int) -> Iterator[int]:
    """Sizes of which all sets can be tried, from one on."""
    yield 1
    for size in range(2, n_decisions + 1):
        if comb(n_decisions, size) > _MOST_SETS:
            return
        yield size


def _chunks(rows: IntArray, width: int) -> Iterator[IntArray]:
    """Rows a few at a time, so that memory stays small beside proba."""
    step = max(1, _CHUNK_ENTRIES // width)
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def _best_sets(
    bound: Bound, rows: IntArray, members: IntArray
) -> tuple[IntArray, FloatArray]:
    """Find the first set that loses least, and what it loses."""
    table = bound.regret[:, members[:, 0]]
    for column in members.T[1:]:
        table = np.minimum(table, bound.regret[:, column])
    return _first_least(ordered_product(bound.proba[rows], table), bound.doubt[rows])


def _first_least(
    expected: FloatArray, doubt: FloatArray
) -> tuple[IntArray, FloatArray]:
    """First column that is the least one up to rounding, and its entries."""
    first = (above_least(expected) <= TIE * doubt).argmax(axis=1)
    return first, expected[np.arange(len(expected)), first]


def _put(found: Found, rows: IntArray, members: IntArray, lost: FloatArray) -> None:
    """Add members to the sets of some rows."""
    found.mask[rows[:, np.newaxis], members] = True
    found.lost[rows] = lost


def _grow(bound: Bound, found: Found, rows: IntArray) -> None:
    """Add the answer that helps most until the sets lose little enough."""
    largest_tried = found.mask[rows[0]].sum() if len(rows) else 0
    lost_by_truth = _lost_by_truth(bound.regret, found.mask[rows])
    while len(rows):
        expected = np.zeros((len(rows), bound.regret.shape[1]))
        for code, row in enumerate(bound.regret):
            least = np.minimum(lost_by_truth[:, [code]], row)
            expected += bound.proba[rows, code][:, np.newaxis] * least
        expected[found.mask[rows]] = np.inf
        answers, lost = _first_least(expected, bound.doubt[rows])
        _put(found, rows, answers[:, np.newaxis], lost)
        found.met[rows] = lost <= bound.slack[rows]
        found.smallest[rows] = found.mask[rows].sum(axis=1) == largest_tried + 1
        lost_by_truth = np.minimum(lost_by_truth, bound.regret.T[answers])
        open_ = ~found.met[rows]
        rows, lost_by_truth = rows[open_], lost_by_truth[open_]


def _lost_by_truth(regret: FloatArray, mask: AnyArray) -> FloatArray:
    """Losses of the best answer of each set on each truth."""
    lost = np.full((len(mask), len(regret)), np.inf)
    for answer, losses in enumerate(regret.T):
        lost[mask[:, answer]] = np.minimum(lost[mask[:, answer]], losses)
    return lost
