"""Find a product of two thin matrices."""

from collections.abc import Iterator

import numpy as np

from simclf._typing import FloatArray
from simclf.similarity._forms import LowRankForm

_LARGEST_RANK = 256
_LARGEST_SHARE = 1 / 8
_SPARE = 8
_BLOCK = 512
_EPSILON = np.finfo(np.float64).eps.item()


def find_low_rank(matrix: FloatArray, tolerance: float) -> LowRankForm | None:
    """Sketch the range of the matrix and verify it on all entries.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
        Finite numbers.
    tolerance : float
        Largest deviation of an entry that counts as rounding.

    Returns
    -------
    LowRankForm or None
        None if the rank is above 256 or an eighth of the rows or columns, or an
        entry deviates by more.

    References
    ----------
    .. [1] Halko, Martinsson, Tropp, "Finding structure with randomness", SIAM Review
       2011, doi:10.1137/090771806.
    """
    largest = min(_LARGEST_RANK, int(min(matrix.shape) * _LARGEST_SHARE))
    if largest == 0:
        return None
    rng = np.random.default_rng(0)
    rank = _rank_of_a_part(matrix, 2 * largest, rng)
    if not 0 < rank <= largest:
        return None
    left, right = _factors(matrix, rank + _SPARE, rng)
    # The sketch rounds more than one product does; one step of refinement mends that.
    inverse = np.linalg.pinv(right)
    for rows in _blocks(len(matrix)):
        left[rows] += (matrix[rows] - left[rows] @ right) @ inverse
        if np.abs(left[rows] @ right - matrix[rows]).max() > tolerance:
            return None
    return LowRankForm(
        rows=np.zeros(matrix.shape[0]),
        columns=np.zeros(matrix.shape[1]),
        left=left,
        right=right,
    )


def _rank_of_a_part(matrix: FloatArray, size: int, rng: np.random.Generator) -> int:
    """Rank, up to rounding, of some rows and columns drawn at random."""
    rows, columns = (rng.permutation(length)[:size] for length in matrix.shape)
    return _rank(np.linalg.svdvals(matrix[np.ix_(rows, columns)]), size)


def _factors(
    matrix: FloatArray, width: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Orthonormal basis of the range, found in a sketch of it, and coordinates."""
    sketch = matrix @ rng.standard_normal((matrix.shape[1], width))
    basis = np.linalg.qr(sketch)[0]
    turn, sizes, _ = np.linalg.svd(basis.T @ matrix, full_matrices=False)
    left = basis @ turn[:, : _rank(sizes, max(matrix.shape))]
    return left, left.T @ matrix


def _rank(sizes: FloatArray, n: int) -> int:
    """Count the singular values that are more than the rounding of the largest."""
    return int(np.count_nonzero(sizes > sizes[0] * _EPSILON * n))


def _blocks(n: int) -> Iterator[slice]:
    """Rows a few at a time, so that temporaries stay small beside the matrix."""
    return (slice(start, start + _BLOCK) for start in range(0, n, _BLOCK))
