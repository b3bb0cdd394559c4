"""A prepared table: the one operator through which a matrix reaches a loss."""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from simclf._typing import FloatArray, IntArray


class DenseTable(nn.Module):
    """A matrix kept as a buffer, read by row or multiplied from the left.

    The product with the transpose comes from autograd. The buffers are constants
    of the loss: they follow ``.to()``, but are neither parameters nor part of a
    state dict.

    Parameters
    ----------
    matrix : array of shape (K, D), float64
        One row for each class, as the loss wants it.
    dtype : torch.dtype
        Floating dtype of the buffer.
    best : array of shape (K,), optional
        The column that each row calls best, for the losses that ask for it.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from simclf.losses import DenseTable
    >>> table = DenseTable(np.array([[0.0, 0.5], [1.0, 0.0]]), torch.float32)
    >>> table.rows(torch.tensor([1, 0]))
    tensor([[1.0000, 0.0000],
            [0.0000, 0.5000]])
    >>> table.matmul(torch.tensor([[0.5, 0.5]]))
    tensor([[0.5000, 0.2500]])
    """

    matrix: Tensor
    best: Tensor | None

    def __init__(
        self, matrix: FloatArray, dtype: torch.dtype, *, best: IntArray | None = None
    ) -> None:
        super().__init__()
        index = None if best is None else torch.tensor(best, dtype=torch.int64)
        self.register_buffer(
            "matrix", torch.tensor(matrix, dtype=dtype), persistent=False
        )
        self.register_buffer("best", index, persistent=False)

    def rows(self, codes: Tensor) -> Tensor:
        """Return the rows of the given classes.

        Parameters
        ----------
        codes : int tensor of any shape
            Rows to read.

        Returns
        -------
        tensor of shape (..., D)
            The rows.
        """
        return embedding(codes, self.matrix)

    def matmul(self, proba: Tensor) -> Tensor:
        """Return ``proba @ matrix``.

        Parameters
        ----------
        proba : tensor of shape (..., K)
            Weights of the rows.

        Returns
        -------
        tensor of shape (..., D)
            The weighted rows, summed, in the dtype of `proba`.
        """
        return full_matmul(proba, self.matrix.to(proba.dtype))

    def best_answers(self, codes: Tensor) -> Tensor:
        """Return the column that the rows of the given classes call best.

        Parameters
        ----------
        codes : int tensor of any shape
            Rows to read.

        Returns
        -------
        int tensor of the shape of `codes`
            The first best column of each row.

        Raises
        ------
        ValueError
            If the table was prepared without best answers.
        """
        if self.best is None:
            msg = (
                "this table was prepared without its best answers. "
                "Pass best=... when building it."
            )
            raise ValueError(msg)
        return self.best[codes]


def full_matmul(left: Tensor, right: Tensor) -> Tensor:
    """Return ``left @ right`` in the dtype of the factors, under autocast too."""
    if not torch.is_autocast_enabled(left.device.type):
        return left @ right
    with torch.autocast(left.device.type, enabled=False):
        return left @ right
