"""A prepared table whose products use the structure that it was found to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from simclf.losses._products import Product, product_of
from simclf.losses._table import DenseTable
from simclf.similarity import unit_regret
from simclf.similarity._structure import find_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from simclf._typing import FloatArray, IntArray
    from simclf.similarity import ScoreTable
    from simclf.similarity._forms import Form


def prepare_table(
    matrix: FloatArray, dtype: torch.dtype, *, best: IntArray | None = None
) -> DenseTable:
    """Keep a matrix in the cheapest way that is exact.

    Parameters
    ----------
    matrix : array of shape (K, D), float64
        One row for each class, finite.
    dtype : torch.dtype
        Floating dtype of the buffers.
    best : array of shape (K,), optional
        The column that each row calls best.

    Returns
    -------
    DenseTable
        A `StructuredTable` if the matrix is large and has a form.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from simclf.losses import prepare_table
    >>> grades = np.arange(600.0)
    >>> table = prepare_table(np.abs(grades[:, None] - grades), torch.float32)
    >>> type(table).__name__
    'StructuredTable'
    >>> table.matmul(torch.full((1, 600), 1 / 600))[:, :2]
    tensor([[299.5000, 298.5033]])
    """
    return table_with(find_form(matrix), matrix, dtype, best=best)


def prepare_regret(
    table: ScoreTable, dtype: torch.dtype, *, best: IntArray | None = None
) -> DenseTable:
    """Keep the unit regrets of a table, whose form is found once for all."""
    # The form first, for finding it takes a copy of the regrets too.
    form = table.regret_form
    return table_with(form, unit_regret(table.values), dtype, best=best)


def table_with(
    form: Form | None,
    matrix: FloatArray,
    dtype: torch.dtype,
    *,
    best: IntArray | None,
) -> DenseTable:
    """Keep a matrix with its form, where it has one."""
    if form is None:
        return DenseTable(matrix, dtype, best=best)
    return StructuredTable(matrix, dtype, form, best=best)


class StructuredTable(DenseTable):
    """A matrix kept for its rows, and its form for products with it.

    Parameters
    ----------
    matrix : array of shape (K, D), float64
        One row for each class, as the loss wants it.
    dtype : torch.dtype
        Floating dtype of the buffers.
    form : Form
        The same matrix as a line, a tree, few entries or of low rank.
    best : array of shape (K,), optional
        The column that each row calls best.

    Examples
    --------
    :func:`prepare_table` finds the form of large tables; here a small one is asked.

    >>> import numpy as np, torch
    >>> from simclf.losses import StructuredTable
    >>> from simclf.similarity._structure import find_form
    >>> prices = np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 1.0], [6.0, 3.0, 0.0]])
    >>> form = find_form(prices, smallest=1)
    >>> table = StructuredTable(prices, torch.float32, form)
    >>> table.matmul(torch.tensor([[0.5, 0.0, 0.5]]))
    tensor([[3., 2., 1.]])
    """

    def __init__(
        self,
        matrix: FloatArray,
        dtype: torch.dtype,
        form: Form,
        *,
        best: IntArray | None = None,
    ) -> None:
        super().__init__(matrix, dtype, best=best)
        self.product = product_of(form, dtype)
        self.turned = product_of(form.T, dtype)

    def matmul(self, proba: Tensor) -> Tensor:
        """Return ``proba @ matrix``, equal to the dense product up to rounding.

        Parameters
        ----------
        proba : tensor of shape (..., K)
            Weights of the rows.

        Returns
        -------
        tensor of shape (..., D)
            The weighted rows, summed, in the dtype of `proba`.
        """
        return _multiply(proba, self.product, self.turned)


class _LinearMap(torch.autograd.Function):
    """A product and, as its derivative, that with the transposed matrix."""

    @staticmethod
    def forward(left: Tensor, product: Product, turned: Product) -> Tensor:
        """Return the product, in full precision under autocast too."""
        del turned
        with torch.autocast(left.device.type, enabled=False):
            found: Tensor = product(left)
        return found

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Remember the two directions."""
        del output
        _, ctx.product, ctx.turned = inputs

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        """Multiply with the transposed matrix, which can be differentiated again."""
        return _multiply(grad, ctx.turned, ctx.product), None, None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        """Multiply the tangent as the value was."""
        return _multiply(tangent, ctx.product, ctx.turned)

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[Any, ...], left: Tensor, product: Product, turned: Any
    ) -> tuple[Tensor, int]:
        """Take the mapped axis for one more leading axis."""
        del info
        return _multiply(left.movedim(in_dims[0], 0), product, turned), 0


def _multiply(left: Tensor, product: Product, turned: Product) -> Tensor:
    """Apply a product with its derivative."""
    apply: Callable[..., Tensor] = _LinearMap.apply
    return apply(left, product, turned)
