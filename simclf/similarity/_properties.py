"""What the numbers of a table imply: answers never best, rows alike, asymmetry."""

import numpy as np
from scipy.optimize import linprog

from simclf._typing import FloatArray
from simclf.similarity._scale import row_ranges, unit_regret

_SMALLEST_MARGIN = 1e-7  # feasibility tolerance of the solver
_MOST_CLASSES = 2000  # what takes a second
_ROUNDING = 5e-10  # of an eigenvalue, for each class
_DECIMALS = 6  # of a row in units of its range: what large offsets leave of it


def constant_rows(values: FloatArray) -> list[int]:
    """Rows that score every answer alike."""
    return _codes(row_ranges(values) == 0)


def never_best_answers(values: FloatArray) -> list[int]:
    """Answers that no posterior makes better than all others.

    Answer ``k`` is among them if the largest ``t`` with
    ``sum_i p_i (S[i, k] - S[i, j]) >= t`` for all ``j != k`` and ``p`` on the simplex
    is zero. Rows count in units of their own range, which changes the margin but not
    its sign.
    """
    regret = _regret_by_row(values)
    best_somewhere = {
        int(row.argmin()) for row in regret if np.count_nonzero(row == 0) == 1
    }
    return [
        answer
        for answer in range(values.shape[1])
        if answer not in best_somewhere
        and _largest_margin(regret, answer) <= _SMALLEST_MARGIN
    ]


def indistinguishable_rows(values: FloatArray) -> list[list[int]]:
    """Rows that are equal up to a constant, constant ones aside, in groups."""
    ranges = row_ranges(values)
    codes = np.flatnonzero(ranges > 0)
    if codes.size == 0:
        return []
    shapes = np.round(_regret_by_row(values[codes]), _DECIMALS)
    sizes = np.round(np.log2(ranges[codes]), _DECIMALS) + 0.0
    keys = np.column_stack([shapes, sizes])
    _, group, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    return sorted(codes[group == g].tolist() for g in np.flatnonzero(count > 1))


def largest_asymmetry(values: FloatArray) -> tuple[float, tuple[int, int]]:
    """Largest ``|S[i, j] - S[j, i]|`` between two classes, and which two."""
    block = values[:, : values.shape[0]]
    with np.errstate(over="ignore"):
        differences = np.abs(block - block.T)
    row, column = np.unravel_index(differences.argmax(), differences.shape)
    return float(differences[row, column]), (int(row), int(column))


def smallest_eigenvalue(values: FloatArray) -> float | None:
    """Smallest eigenvalue of the kernel that the costs between classes come from.

    It is ``-H C H / 2`` with ``H`` the centring matrix and ``C`` the mean of the unit
    regrets between classes and their transpose, zero on the diagonal. If nothing is
    negative, the costs are squared distances between points. None for many classes.
    """
    k = values.shape[0]
    if k > _MOST_CLASSES:
        return None
    costs = unit_regret(values[:, :k])
    np.fill_diagonal(costs, 0.0)
    costs = (costs + costs.T) / 2
    centred = costs - costs.mean(axis=0) - costs.mean(axis=1)[:, None] + costs.mean()
    return float(np.linalg.eigvalsh(-centred / 2)[0])


def is_kernel(eigenvalue: float, n_classes: int) -> bool:
    """Whether a smallest eigenvalue is not negative, but for the rounding."""
    return eigenvalue >= -_ROUNDING * n_classes


def _regret_by_row(values: FloatArray) -> FloatArray:
    """Regret of every row in units of its own range."""
    return np.vstack([unit_regret(row[np.newaxis]) for row in values])


def _largest_margin(regret: FloatArray, answer: int) -> float:
    """By how much an answer beats all others under the posterior kindest to it."""
    k = regret.shape[0]
    lead = regret[:, [answer]] - np.delete(regret, answer, axis=1)
    solution = linprog(
        c=np.append(np.zeros(k), -1.0),
        A_ub=np.column_stack([lead.T, np.ones(lead.shape[1])]),
        b_ub=np.zeros(lead.shape[1]),
        A_eq=np.append(np.ones(k), 0.0)[np.newaxis],
        b_eq=[1.0],
        bounds=[(0.0, None)] * k + [(None, None)],
        method="highs",
    )
    return -float(solution.fun)


def _codes(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[int]:
    """Positions where a mask is true."""
    return [int(code) for code in np.flatnonzero(mask)]
