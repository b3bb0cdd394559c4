"""The entry of each row that belongs to a code, and cross entropy built from it."""

from torch import Tensor

from simclf.losses._softmax import log_softmax


def take(values: Tensor, codes: Tensor) -> Tensor:
    """Return ``values[..., codes]``, shape (..., n) for values (..., n, K)."""
    index = codes.expand(values.shape[:-1]).unsqueeze(-1)
    return values.gather(-1, index).squeeze(-1)


def cross_entropy(scores: Tensor, codes: Tensor) -> Tensor:
    """Return ``-log softmax(scores)[..., codes]``, shape (..., n)."""
    return -take(log_softmax(scores), codes)
