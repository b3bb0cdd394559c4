"""Find in a large matrix what makes its products cheap: a line, a tree, zeros, rank."""

import numpy as np

from simclf._typing import FloatArray
from simclf.similarity._forms import Form
from simclf.similarity._line import find_line
from simclf.similarity._low_rank import find_low_rank
from simclf.similarity._sparse import find_sparse
from simclf.similarity._tree import find_tree

SMALLEST = 512
_TOLERANCE = 32 * np.finfo(np.float64).eps.item()


def find_form(matrix: FloatArray, smallest: int = SMALLEST) -> Form | None:
    """Find a form that equals the matrix up to rounding.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
        Finite numbers. Offsets of the rows, such as regrets have, are seen through.
    smallest : int, default=512
        Fewest rows and columns to look at: below, the dense product is as fast.

    Returns
    -------
    Form or None
        None for a small matrix, and for one whose entries do not all agree with the
        same form to ``32 eps`` times the largest of them.

    Notes
    -----
    All entries of a form are compared with the matrix; one that has no form is
    recognised by a few of its entries. With n classes a form costs O(n^2) operations
    to find (low rank r: O(n^2 r)).

    Examples
    --------
    >>> import numpy as np
    >>> from simclf.similarity._structure import find_form
    >>> grades = np.arange(600.0)
    >>> cost = np.abs(grades[:, np.newaxis] - grades)
    >>> form = find_form(cost)
    >>> type(form).__name__
    'LineForm'
    >>> proba = np.full((1, 600), 1 / 600)
    >>> bool(np.allclose(form.matmul(proba), proba @ cost, rtol=1e-14))
    True
    """
    if min(matrix.shape) < smallest:
        return None
    tolerance = _TOLERANCE * float(max(matrix.max(), -matrix.min()))
    return (
        find_line(matrix, tolerance)
        or find_tree(matrix, tolerance)
        or find_sparse(matrix)
        or find_low_rank(matrix, tolerance)
    )
