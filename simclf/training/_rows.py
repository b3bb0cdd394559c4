"""Rows of a table as the training loop takes them: one index operation a batch."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from simclf._typing import FloatArray, IntArray
from simclf.losses import DenseTable
from simclf.training._standardize import Standardizer
from simclf.training._transfer import Upload, fits, free_bytes

_CPU = torch.device("cpu")
# Entries of dense features of which a standardized copy is kept on a CPU. Beyond, each
# batch is standardized when its turn comes, also that of a memory-mapped file.
_LARGEST_COPY = 2**26
# Entries brought to another device at a time.
_MOVED_ENTRIES = 2**22


class Batch(NamedTuple):
    """Some rows: features, labels and weights, and where they stand among all.

    ``numbers`` are there only if rows have scores of their own.
    """

    features: Tensor
    codes: Tensor
    weight: Tensor | None
    numbers: Tensor | None = None


class Rows(Dataset[tuple[Tensor, Tensor]]):
    """Features, labels and weights, of which batches are taken on the device.

    They live there where they fit, CSR features as dense ones. Where they do not, they
    stay with the CPU, and batches are uploaded: CSR features, and those of very many
    rows, are densified and standardized batch by batch.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n, d)
        Features as the user gave them.
    codes : ndarray of shape (n,)
        Labels 0..K-1.
    sample_weight : ndarray of shape (n,) or (n_members, n), or None
        Weights of mean 1, the same for every member or one set for each.
    standardizer : Standardizer
        Applied to the features.
    dtype : torch.dtype
        Floating type of the network.
    device : torch.device
        Where the network is.
    own_scores : DenseTable or None
        What the loss makes of scores of their own: one row each, on the device.

    Attributes
    ----------
    home : torch.device
        Where the rows live, and where indices into them are expected.
    """

    def __init__(
        self,
        X: Any,
        codes: IntArray,
        sample_weight: FloatArray | None,
        standardizer: Standardizer,
        dtype: torch.dtype,
        device: torch.device,
        own_scores: DenseTable | None = None,
    ) -> None:
        labels = torch.from_numpy(np.array(codes, dtype=np.int64))
        weight = (
            None
            if sample_weight is None
            else torch.from_numpy(np.array(sample_weight, numpy_dtype(dtype)))
        )
        self.own_scores = None if own_scores is None else own_scores.to(device)
        self.dtype = dtype
        self.device = device
        n_bytes = dtype.itemsize * math.prod(X.shape) + labels.nbytes
        n_bytes += 0 if weight is None else weight.nbytes
        # These go there in any case.
        n_bytes += (
            sum(part.nbytes for part in own_scores.buffers()) if own_scores else 0
        )
        resident = fits(n_bytes, free_bytes(device))
        self.home = device if resident else _CPU
        self._upload = None if resident else Upload(device)
        self._features = features_on(X, standardizer, dtype, self.home)
        self.codes = labels.to(self.home)
        self.weight = None if weight is None else weight.to(self.home)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        batch = self.take(torch.tensor([index], device=self.home))
        return batch.features[0], batch.codes[0]

    def take(self, index: Tensor) -> Batch:
        """Return the rows at ``index``."""
        weight = None if self.weight is None else self.weight.index_select(-1, index)
        return self._uploaded(
            Batch(
                self._features.take(index),
                self.codes.index_select(0, index),
                weight,
                None if self.own_scores is None else index,
            )
        )

    def all(self) -> Batch:
        """Return every row in the order given."""
        return self._slice(0, len(self))

    def chunks(self, size: int) -> Iterator[Batch]:
        """Yield the rows in the order given, ``size`` at a time."""
        for start in range(0, len(self), size):
            yield self._slice(start, min(start + size, len(self)))

    def _slice(self, start: int, stop: int) -> Batch:
        """Return the rows ``start`` to ``stop``."""
        return self._uploaded(
            Batch(
                self._features.slice(start, stop),
                self.codes[start:stop],
                None if self.weight is None else self.weight[..., start:stop],
                None
                if self.own_scores is None
                else torch.arange(start, stop, device=self.home),
            )
        )

    def _uploaded(self, batch: Batch) -> Batch:
        """Return a batch where the network is."""
        upload = self._upload
        if upload is None:
            return batch
        weight, numbers = (None if p is None else upload(p) for p in batch[2:])
        return Batch(upload(batch.features), upload(batch.codes), weight, numbers)


class HeldRows:
    """Rows that each member is judged by, its own: features (n_members, size, d).

    Parameters
    ----------
    rows : Rows
        All rows.
    index : ndarray of shape (n_members, n_held)
        Row numbers.
    weight : ndarray of shape (n_members, n_held)
        Weights, of mean 1 for each member.
    """

    def __init__(self, rows: Rows, index: IntArray, weight: FloatArray) -> None:
        self._rows = rows
        self._index = torch.from_numpy(index).to(rows.home)
        self._weight = torch.from_numpy(weight).to(rows.device, rows.dtype)

    def __len__(self) -> int:
        return self._index.shape[1]

    @property
    def own_scores(self) -> DenseTable | None:
        """What the loss makes of scores of their own: one row for each of all rows."""
        return self._rows.own_scores

    def chunks(self, size: int) -> Iterator[Batch]:
        """Yield the rows of every member, some ``size`` rows at a time."""
        n_members = len(self._index)
        columns = max(1, size // n_members)
        for start in range(0, len(self), columns):
            index = self._index[:, start : start + columns]
            taken = self._rows.take(index.flatten())
            yield Batch(
                taken.features.unflatten(0, index.shape),
                taken.codes.unflatten(0, index.shape),
                self._weight[:, start : start + columns],
                None
                if taken.numbers is None
                else taken.numbers.unflatten(0, index.shape),
            )


class DenseFeatures:
    """Standardized features, one tensor on the device."""

    def __init__(self, features: Tensor) -> None:
        self._features = features

    def take(self, index: Tensor) -> Tensor:
        """Return the rows at ``index``."""
        return self._features.index_select(0, index)

    def slice(self, start: int, stop: int) -> Tensor:
        """Return a copy of the rows ``start`` to ``stop``.

        A network may write into its input (``nn.ReLU(inplace=True)``), which may be
        the user's own array.
        """
        return self._features[start:stop].clone()


class BatchedFeatures:
    """Features that are densified and standardized a batch at a time, on the CPU.

    Those of CSR rows, and dense ones that are too many to be held twice.
    """

    def __init__(self, X: Any, standardizer: Standardizer, dtype: torch.dtype) -> None:
        self._matrix = X
        self._standardizer = standardizer
        self._dtype = dtype

    def take(self, index: Tensor) -> Tensor:
        """Return the rows at ``index``."""
        return turned(self._matrix[index.numpy()], self._standardizer, self._dtype)

    def slice(self, start: int, stop: int) -> Tensor:
        """Return the rows ``start`` to ``stop``, never the user's own memory."""
        rows = self._matrix[start:stop].copy()
        return turned(rows, self._standardizer, self._dtype)


def features_on(
    X: Any, standardizer: Standardizer, dtype: torch.dtype, home: torch.device
) -> DenseFeatures | BatchedFeatures:
    """Wrap dense or CSR features for the training loop, where they are to live."""
    if home.type != "cpu":
        return DenseFeatures(_moved(X, standardizer, dtype, home))
    if not isinstance(X, np.ndarray) or X.size > _LARGEST_COPY:
        return BatchedFeatures(X, standardizer, dtype)
    return DenseFeatures(turned(X, standardizer, dtype))


def turned(rows: Any, standardizer: Standardizer, dtype: torch.dtype) -> Tensor:
    """Densify and standardize rows; without a standardizer it may be their memory."""
    turn = standardizer if isinstance(rows, np.ndarray) else standardizer.densified
    return torch.from_numpy(turn(rows, numpy_dtype(dtype)))


def _moved(
    X: Any, standardizer: Standardizer, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """Bring features to another device, some rows at a time: a file is never held."""
    features = torch.empty(X.shape, dtype=dtype, device=device)
    step = max(1, _MOVED_ENTRIES // X.shape[1])
    for start in range(0, X.shape[0], step):
        rows = slice(start, start + step)
        features[rows] = turned(X[rows], standardizer, dtype).to(device)
    return features


def numpy_dtype(dtype: torch.dtype) -> "np.dtype[Any]":
    """Return numpy's name of a torch floating type."""
    return np.dtype(np.float64 if dtype == torch.float64 else np.float32)
