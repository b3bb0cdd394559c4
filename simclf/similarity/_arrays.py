"""Arrays of what a user gave: whatever goes wrong inside numpy is told by name."""

from typing import Any

import numpy as np

from simclf._typing import AnyArray, FloatArray


def array_of(given: Any, name: str, wanted: str, dtype: Any = None) -> AnyArray:
    """Turn a user's object into an array.

    Parameters
    ----------
    given : object
        What the user gave; it may raise anything.
    name : str
        What the user calls it.
    wanted : str
        What to pass, as the end of a sentence.
    dtype : dtype, default=None
        As for ``numpy.asarray``.

    Raises
    ------
    ValueError, TypeError
        If it is masked, ragged, or cannot be turned into an array.
    """
    refuse_masked(given, name)
    try:
        return np.asarray(given, dtype=dtype)
    except Exception as error:  # noqa: BLE001 (a foreign __array__ raises anything)
        raise unreadable(given, name, wanted, error) from None


def to_floats(array: AnyArray) -> FloatArray:
    """Turn numbers into floats; raise what numpy raises, for complex ones too."""
    if array.dtype == object and any(
        isinstance(entry, np.complexfloating) for entry in array.flat
    ):
        # numpy would drop the imaginary parts of its own scalars, and only warn.
        msg = "there are complex numbers"
        raise TypeError(msg)
    return array.astype(np.float64, copy=False)


def refuse_masked(given: Any, name: str) -> None:
    """Refuse a masked array: everything behind it would forget the mask."""
    if isinstance(given, np.ma.MaskedArray):
        msg = (
            f"{name} is a masked array, whose mask would be ignored; drop the masked "
            f"rows, or fill them with {name}.filled(...)."
        )
        raise ValueError(msg)


def unreadable(given: Any, name: str, wanted: str, error: Exception) -> Exception:
    """Refusal of what cannot be turned into an array; a TypeError for foreign types."""
    if isinstance(given, list | tuple) and isinstance(error, ValueError):
        msg = f"{name} has entries that differ in length or depth. Pass {wanted}."
        return ValueError(msg)
    reason = f"{type(error).__name__}: {str(error).rstrip('.')}"
    msg = (
        f"{name} of type {type(given).__name__} cannot be turned into an array "
        f"({reason}). Pass {wanted}."
    )
    return TypeError(msg)
