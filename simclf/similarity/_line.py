"""Find classes that lie on a line, at a price for a step up and one for a step down."""

import numpy as np

from simclf._typing import FloatArray
from simclf.similarity._forms import LineForm


def find_line(matrix: FloatArray, tolerance: float) -> LineForm | None:
    """Read places and prices off one row and column and verify them on all entries.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
        Finite numbers.
    tolerance : float
        Largest deviation of an entry that counts as rounding.

    Returns
    -------
    LineForm or None
        None if the matrix is not square, or an entry deviates by more.
    """
    if matrix.shape[0] != matrix.shape[1]:
        return None
    # Seen from any class, an end of the line is farthest away.
    low = int(np.abs(matrix[0] - matrix[0, 0]).argmax())
    away, back = matrix[low] - matrix[low, low], matrix[:, low] - matrix.diagonal()
    # One of the two directions may be free.
    places = max(np.abs(away), np.abs(back), key=np.max)
    high = int(places.argmax())
    if places[high] <= tolerance:
        return None
    up, down = (float(seen[high] / places[high]) for seen in (away, back))
    order = places.argsort(kind="stable")
    form = LineForm(
        rows=matrix.diagonal() + down * places,
        columns=-down * places,
        order=order,
        positions=places[order],
        slope=up + down,
    )
    return form if _holds(matrix, places, form, tolerance) else None


def _holds(
    matrix: FloatArray, places: FloatArray, form: LineForm, tolerance: float
) -> bool:
    """Whether every entry is an offset and the price of the way to its column."""
    for row, offset, place in zip(matrix, form.rows, places, strict=True):
        core = form.slope * np.maximum(places - place, 0.0)
        if np.abs(core + form.columns + offset - row).max() > tolerance:
            return False
    return True
