"""Numbers turned into vectors: piecewise linear in each feature, by its quantiles."""

from typing import Any

import numpy as np
import torch
from torch import nn

from simclf._typing import AnyArray, FloatArray
from simclf.similarity._extras import import_extra

# Edges closer than this share of a column's range are one, as are those that float32
# can hardly tell apart, or whose distance has no inverse in it.
_NEAR = 1e-5
_EPS = 8 * float(np.finfo(np.float32).eps)
_LEAST = 1e-30


def bin_edges(X: AnyArray, n_bins: int) -> FloatArray:
    """Edges of the bins of each column, (d, n_bins + 1), strictly increasing.

    They are its quantiles. Where fewer differ, bins of the same mean width follow
    beyond the largest, so that every column has as many: no value in the training rows
    reaches them. A constant column has all of its bins beyond it.
    """
    levels = np.linspace(0, 1, n_bins + 1)
    quantiles = np.quantile(np.asarray(X, dtype=np.float64), levels, axis=0)
    return np.stack([_increasing(column) for column in quantiles.T])


def _increasing(quantiles: FloatArray) -> FloatArray:
    """Return as many numbers that increase, the distinct ones first."""
    span = quantiles[-1] - quantiles[0]
    largest = np.abs(quantiles[[0, -1]]).max()
    apart = np.diff(quantiles) > max(_NEAR * span, _EPS * largest, _LEAST)
    distinct = quantiles[np.append(True, apart)]
    n_distinct, n_missing = len(distinct), len(quantiles) - len(distinct)
    width = (
        (distinct[-1] - distinct[0]) / (n_distinct - 1)
        if n_distinct > 1
        else max(1.0, largest)
    )
    beyond = distinct[-1] + width * np.arange(1, n_missing + 1)
    return np.append(distinct, beyond)


def unseen_edges(n_features: int, n_bins: int) -> FloatArray:
    """Edges that stand for those of rows not seen: of the right number."""
    return np.tile(np.arange(n_bins + 1.0), (n_features, 1))


def piecewise_linear(edges: FloatArray, embedding_size: int) -> nn.Module:
    """Build the embedding of these bins: (n, d) -> (n, d, embedding_size)."""
    rtdl: Any = import_extra(
        "rtdl_num_embeddings", "rtdl_num_embeddings", extra="tabular"
    )
    bins = list(torch.from_numpy(edges.astype(np.float32)))
    network: nn.Module = rtdl.PiecewiseLinearEmbeddings(
        bins, embedding_size, activation=False, version="B"
    )
    return network
