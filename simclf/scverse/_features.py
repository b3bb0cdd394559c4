"""What cells are described by: a matrix in memory or on disk, and its names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from simclf._typing import AnyArray
from simclf.similarity._labels import near_miss, repeated_labels, show_labels

_CHUNK_ENTRIES = 2**24
_CHUNK_ROWS = 2**13


@dataclass(frozen=True, eq=False)
class Features:
    """What cells are described by: a matrix, maybe on disk, and names of its columns.

    ``names`` is None for a representation, whose columns have none.
    """

    matrix: Any
    names: AnyArray | None

    @property
    def in_memory(self) -> bool:
        """Whether the matrix is an array, and no file that is read as it is needed."""
        return isinstance(self.matrix, np.ndarray) or sparse.issparse(self.matrix)

    def chunks(self) -> Iterator[Any]:
        """Yield some rows at a time, dense or CSR."""
        n_rows, n_columns = self.matrix.shape
        step = max(1, min(_CHUNK_ROWS, _CHUNK_ENTRIES // max(1, n_columns)))
        matrix = _by_row(self.matrix) if self.in_memory else self.matrix
        for start in range(0, max(1, n_rows), step):
            yield _by_row(matrix[start : start + step])

    def rows(self, kept: AnyArray) -> Any:
        """Return the rows where ``kept`` is true, in memory."""
        if self.in_memory:
            matrix = _by_row(self.matrix)
            return matrix if kept.all() else matrix[kept]
        parts, start = [], 0
        for chunk in self.chunks():
            stop = start + chunk.shape[0]
            parts.append(chunk[kept[start:stop]])
            start = stop
        joined = sparse.vstack if sparse.issparse(parts[0]) else np.concatenate
        return _by_row(joined(parts))


def read_features(adata: Any, layer: str | None, use_rep: str | None) -> Features:
    """Find the matrix to read, and the names of its columns."""
    if layer is not None and use_rep is not None:
        msg = (
            f"layer={layer!r} and use_rep={use_rep!r} are both given; a layer is of "
            "genes, a representation is instead of them. Give one of the two."
        )
        raise ValueError(msg)
    if use_rep is not None:
        found = read_entry(adata.obsm, use_rep, "use_rep", "adata.obsm")
        names = found.columns.to_numpy() if hasattr(found, "columns") else None
        return Features(_plain(found), names)
    repeated = repeated_labels(adata.var_names.tolist())
    if repeated:
        msg = (
            f"adata.var_names has genes that share a name, {show_labels(repeated)}; "
            "call adata.var_names_make_unique() first."
        )
        raise ValueError(msg)
    found = (
        adata.X
        if layer is None
        else read_entry(adata.layers, layer, "layer", "adata.layers")
    )
    if found is None:
        msg = "adata.X is None; name a layer, or a representation with use_rep."
        raise ValueError(msg)
    return Features(_plain(found), adata.var_names.to_numpy())


def read_entry(mapping: Any, key: str, parameter: str, where: str) -> Any:
    """Read an entry of an AnnData object, or refuse a key that is not there."""
    if key in mapping:
        return mapping[key]
    known = list(mapping.keys())
    near = near_miss(key, known)
    hint = f"; {near}" if near else ""
    msg = (
        f"{parameter}={key!r} is not in {where}, which has {show_labels(known)}{hint}."
    )
    raise ValueError(msg)


def _plain(matrix: Any) -> Any:
    """Return frames and views of arrays as arrays, everything else as it is."""
    is_dense = isinstance(matrix, np.ndarray) or hasattr(matrix, "columns")
    return np.asarray(matrix) if is_dense else matrix


def _by_row(matrix: Any) -> Any:
    """Return sparse matrices as CSR, which is read row by row."""
    return matrix.tocsr() if sparse.issparse(matrix) else np.asarray(matrix)


def with_names(rows: Any, names: AnyArray | None) -> Any:
    """Return dense rows with the names of their columns, where there are any."""
    if names is None or sparse.issparse(rows):
        return rows
    import pandas as pd

    return pd.DataFrame(rows, columns=names, copy=False)
