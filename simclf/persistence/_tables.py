"""Labelled frames and sparse tables, taken to parts that are arrays."""

from typing import Any

import numpy as np
from scipy import sparse

from simclf._typing import AnyArray
from simclf.similarity._frame import is_frame

_SPARSE = {
    kind.__name__: kind
    for kind in (
        sparse.coo_array,
        sparse.coo_matrix,
        sparse.csc_array,
        sparse.csc_matrix,
        sparse.csr_array,
        sparse.csr_matrix,
    )
}


def frame_parts(frame: Any) -> dict[str, Any] | None:
    """Return the parts of a DataFrame of numpy columns; None for anything else."""
    if not is_frame(frame):
        return None
    import pandas as pd

    if type(frame) is not pd.DataFrame or not _has_plain_axes(frame):
        return None
    parts = {
        "columns": _labels(frame.columns),
        "columns_name": frame.columns.name,
        "index": _labels(frame.index),
        "index_name": frame.index.name,
        "values": _values(frame),
    }
    return {"kind": "frame", "name": "DataFrame", "parts": parts}


def as_frame(parts: dict[str, Any]) -> Any:
    """Return the DataFrame of these parts."""
    import pandas as pd

    values, columns = parts["values"], parts["columns"]
    if isinstance(values, list):
        index = _index(parts["index"], None)
        frame = pd.DataFrame(dict(enumerate(values)), index=index)
        frame.columns = _index(columns, None)
    else:
        frame = pd.DataFrame(values, _index(parts["index"], None), columns)
    frame.index = _index(parts["index"], parts["index_name"])
    frame.columns = _index(columns, parts["columns_name"])
    return frame


def sparse_parts(table: Any) -> dict[str, Any] | None:
    """Return the parts of a CSR, CSC or COO table; None for anything else."""
    name = type(table).__name__
    if _SPARSE.get(name) is not type(table):
        return None
    parts = {"data": table.data, "shape": list(table.shape)}
    if name.startswith("coo"):
        parts |= {"row": table.row, "col": table.col}
    else:
        parts |= {"indices": table.indices, "indptr": table.indptr}
    return {"kind": "sparse", "name": name, "parts": parts}


def as_sparse(name: Any, parts: dict[str, Any]) -> Any:
    """Return the sparse table of these parts, its indices checked."""
    kind, shape = _SPARSE[name], tuple(parts["shape"])
    if name.startswith("coo"):
        return kind((parts["data"], (parts["row"], parts["col"])), shape=shape)
    table = kind((parts["data"], parts["indices"], parts["indptr"]), shape=shape)
    table.check_format(full_check=True)
    return table


def _has_plain_axes(frame: Any) -> bool:
    """Whether all columns are numpy's, and labels lie on one level."""
    levels = frame.index.nlevels, frame.columns.nlevels
    return levels == (1, 1) and all(isinstance(t, np.dtype) for t in frame.dtypes)


def _labels(axis: Any) -> AnyArray:
    """Return the labels of an axis; strings as objects, as pandas holds them."""
    labels: AnyArray = axis.to_numpy()
    return labels


def _values(frame: Any) -> AnyArray | list[AnyArray]:
    """Return one array where all columns are of a kind, else one for each."""
    if len(set(frame.dtypes)) == 1:
        array: AnyArray = frame.to_numpy()
        return array
    return [frame.iloc[:, i].to_numpy() for i in range(frame.shape[1])]


def _index(labels: AnyArray, name: Any) -> Any:
    """Return the labels of an axis, of the type they had."""
    import pandas as pd

    if not isinstance(labels, np.ndarray):
        msg = "the labels of a table are no array"
        raise TypeError(msg)
    return pd.Index(labels, name=name)
