"""The softmax over few classes, along the axis that a CPU is quick at."""

from torch import Tensor

# torch takes a last axis shorter than its vectors entry by entry.
_SHORT = 16


def softmax(scores: Tensor) -> Tensor:
    """Return ``scores.softmax(-1)`` for scores (..., n, K), up to rounding."""
    if not _is_short(scores):
        return scores.softmax(dim=-1)
    return _turned(_turned(scores).contiguous().softmax(dim=-2))


def log_softmax(scores: Tensor) -> Tensor:
    """Return ``scores.log_softmax(-1)`` for scores (..., n, K), up to rounding."""
    if not _is_short(scores):
        return scores.log_softmax(dim=-1)
    return _turned(_turned(scores).contiguous().log_softmax(dim=-2))


def _is_short(scores: Tensor) -> bool:
    """Whether the rows are so short that columns are the better way."""
    return scores.ndim > 1 and scores.shape[-1] < _SHORT and scores.device.type == "cpu"


def _turned(scores: Tensor) -> Tensor:
    """Exchange the last two axes."""
    return scores.transpose(-1, -2)
