"""Products with a table of known form, in torch: O(K) a row, a dense one is O(K^2)."""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from simclf._typing import AnyArray
from simclf.similarity._forms import (
    Form,
    LineForm,
    LowRankForm,
    SparseForm,
    TreeForm,
)


class Product(nn.Module):
    """What ``left @ matrix`` takes for a matrix of known form, without gradients.

    Parameters
    ----------
    form : Form
        The matrix.
    dtype : torch.dtype
        Floating dtype of the buffers.
    """

    # On a CPU temporaries of a few rows stay in the cache: entries turned at a time.
    chunk_entries: ClassVar[int] = 2**17

    row_offsets: Tensor
    column_offsets: Tensor

    def __init__(self, form: Form, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self._keep("row_offsets", form.rows)
        self._keep(
            "column_offsets", np.stack([form.columns, np.ones_like(form.columns)])
        )

    def forward(self, left: Tensor) -> Tensor:
        """Return the product in the dtype of the left factor.

        Parameters
        ----------
        left : tensor of shape (..., n_rows)
            Weights of the rows.

        Returns
        -------
        tensor of shape (..., n_columns)
        """
        n_rows, n_columns = len(self.row_offsets), self.column_offsets.shape[1]
        flat = left.reshape(-1, n_rows)
        product = left.new_empty(len(flat), n_columns)
        step = (
            max(1, self.chunk_entries // n_rows) if left.device.type == "cpu" else None
        )
        for rows, found in _pairs(flat, product, step):
            self._multiply(rows, found)
        return product.reshape(*left.shape[:-1], n_columns)

    def _multiply(self, left: Tensor, out: Tensor) -> None:
        """Write the product of a few rows."""
        # Sums, for a matrix product with one column drifts over many classes.
        shifts = left * self.row_offsets.to(left.dtype)
        ends = torch.stack([left.sum(-1), shifts.sum(-1)], dim=-1)
        offsets = self.column_offsets.to(left.dtype)
        torch.addmm(self._core(left), ends, offsets, out=out)

    def _core(self, left: Tensor) -> Tensor:
        """Return the product with the matrix without its offsets."""
        raise NotImplementedError

    def _keep(self, name: str, values: AnyArray) -> None:
        """Register a constant: numbers in the dtype, positions as they are."""
        whole = values.dtype.kind in "iu"
        buffer = torch.tensor(values, dtype=torch.int64 if whole else self.dtype)
        self.register_buffer(name, buffer, persistent=False)


class LineProduct(Product):
    """Classes on a line: two running sums along it."""

    order: Tensor
    places: Tensor
    positions: Tensor

    def __init__(self, form: LineForm, dtype: torch.dtype) -> None:
        super().__init__(form, dtype)
        self._keep("order", form.order)
        self._keep("places", form.places)
        self._keep("positions", form.slope * form.positions)

    def _core(self, left: Tensor) -> Tensor:
        positions = self.positions.to(left.dtype)
        masses = left.index_select(-1, self.order)
        core = masses.cumsum(-1).mul_(positions)
        core -= masses.mul_(positions).cumsum(-1)
        return core.index_select(-1, self.places)


class TreeProduct(Product):
    """Leaves of a tree: running sums over the leaves, then over the nodes."""

    order: Tensor
    starts: Tensor
    stops: Tensor
    closed: Tensor
    opened_at: Tensor
    closed_at: Tensor
    parents: Tensor
    gains: Tensor
    own: Tensor

    def __init__(self, form: TreeForm, dtype: torch.dtype) -> None:
        super().__init__(form, dtype)
        self._keep("order", form.order)
        self._keep("starts", form.starts)
        self._keep("stops", form.stops)
        self._keep("closed", form.closed)
        # Leaves below the same node have the same sum: it is read once for all.
        ends, parents = np.unique(
            [form.opened_at, form.closed_at], axis=1, return_inverse=True
        )
        self._keep("opened_at", ends[0])
        self._keep("closed_at", ends[1])
        self._keep("parents", parents)
        self._keep("gains", form.gains)
        self._keep("own", form.own)

    def _core(self, left: Tensor) -> Tensor:
        below = _running_sum(left.index_select(-1, self.order))
        mass = below.index_select(-1, self.stops) - below.index_select(-1, self.starts)
        worth = mass.mul_(self.gains.to(left.dtype))
        opened = _running_sum(worth)
        closed = _running_sum(worth.index_select(-1, self.closed))
        above = opened.index_select(-1, self.opened_at)
        above -= closed.index_select(-1, self.closed_at)
        worth = above.index_select(-1, self.parents)
        return worth.addcmul_(left, self.own.to(left.dtype))


class SparseProduct(Product):
    """Few entries: a weighted sum of columns of the left factor for each answer."""

    # Every chunk reads all the entries.
    chunk_entries = 2**18

    rows: Tensor
    bounds: Tensor
    entries: Tensor

    def __init__(self, form: SparseForm, dtype: torch.dtype) -> None:
        super().__init__(form, dtype)
        by_column = csr_array(form.entries.T)
        self._keep("rows", by_column.indices)
        self._keep("bounds", by_column.indptr)
        self._keep("entries", by_column.data)

    def _core(self, left: Tensor) -> Tensor:
        return embedding_bag(
            self.rows,
            left.T.contiguous(),
            self.bounds,
            mode="sum",
            per_sample_weights=self.entries.to(left.dtype),
            include_last_offset=True,
        ).T


class LowRankProduct(Product):
    """Two thin factors."""

    left: Tensor
    right: Tensor

    def __init__(self, form: LowRankForm, dtype: torch.dtype) -> None:
        super().__init__(form, dtype)
        self._keep("left", form.left)
        self._keep("right", form.right)

    def _core(self, left: Tensor) -> Tensor:
        return left @ self.left.to(left.dtype) @ self.right.to(left.dtype)


def product_of(form: Form, dtype: torch.dtype) -> Product:
    """Return the product with a form.

    Parameters
    ----------
    form : Form
        The matrix.
    dtype : torch.dtype
        Floating dtype of its constants.

    Returns
    -------
    Product
    """
    kinds: dict[type[Form], Any] = {
        LineForm: LineProduct,
        LowRankForm: LowRankProduct,
        SparseForm: SparseProduct,
        TreeForm: TreeProduct,
    }
    product: Product = kinds[type(form)](form, dtype)
    return product


def _pairs(
    left: Tensor, out: Tensor, step: int | None
) -> Iterable[tuple[Tensor, Tensor]]:
    """Rows of both a few at a time, or all at once."""
    if step is None or len(left) <= step:
        return [(left, out)]
    return zip(left.split(step), out.split(step), strict=True)


def _running_sum(values: Tensor) -> Tensor:
    """Sum the first 0, 1, 2, ... columns."""
    sums = values.new_zeros(values.shape[0], values.shape[1] + 1)
    torch.cumsum(values, dim=-1, out=sums[:, 1:])
    return sums
