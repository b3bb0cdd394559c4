"""Tensors within lists, tuples and dicts, as numpy arrays, and back."""

from typing import Any

import numpy as np
import torch
from torch import Tensor


def as_arrays(value: Any) -> Any:
    """Return a value whose tensors are arrays on the CPU.

    A tensor of a type that numpy does not know stays what it is.
    """
    if isinstance(value, Tensor):
        return value if value.dtype == torch.bfloat16 else to_array(value)
    return _mapped(as_arrays, value)


def as_tensors(value: Any) -> Any:
    """Return a value whose arrays are tensors on the CPU, with memory of their own."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy())
    return _mapped(as_tensors, value)


def to_array(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Return the numbers of a tensor; on the CPU they are the same memory."""
    array: np.ndarray[Any, Any] = tensor.detach().cpu().numpy()
    return array


def _mapped(turn: Any, value: Any) -> Any:
    """Turn what a plain container holds; anything else is left alone."""
    if type(value) is dict:
        return {key: turn(part) for key, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(turn(part) for part in value)
    return value
