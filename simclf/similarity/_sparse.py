"""Find rows that are constant but for a few entries."""

import numpy as np
from scipy import sparse

from simclf._typing import FloatArray
from simclf.similarity._forms import SparseForm

_LARGEST_SHARE = 1 / 32
_SAMPLE = 256


def find_sparse(matrix: FloatArray) -> SparseForm | None:
    """Take the constant of each row for its median and count what differs from it.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
        Finite numbers.

    Returns
    -------
    SparseForm or None
        None if more than one entry in 32 differs from the constant of its row.
    """
    rng = np.random.default_rng(0)
    sampled = rng.integers(matrix.shape[1], size=_SAMPLE)
    # Of an even number of entries the median may be no entry.
    constants = np.median(matrix[:, np.append(sampled, 0)], axis=1, keepdims=True)
    some = rng.integers(matrix.shape[0], size=_SAMPLE)
    if np.mean(matrix[some] != constants[some]) > 2 * _LARGEST_SHARE:
        return None
    rows, columns = np.nonzero(matrix != constants)
    if len(rows) > _LARGEST_SHARE * matrix.size:
        return None
    beyond = matrix[rows, columns] - constants[rows, 0]
    return SparseForm(
        rows=constants[:, 0],
        columns=np.zeros(matrix.shape[1]),
        entries=sparse.csr_array((beyond, (rows, columns)), shape=matrix.shape),
    )
