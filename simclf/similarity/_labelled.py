"""The frame that every builder returns: rows are the truth, columns the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from simclf.similarity._labels import (
    is_name,
    label_array,
    plain_labels,
    refuse_alike,
    repeated_labels,
    show_labels,
)

if TYPE_CHECKING:
    import pandas as pd

    from simclf._typing import FloatArray

_NO_LIST = (str, bytes, set, frozenset)


def labelled_frame(
    values: FloatArray,
    rows: Iterable[object],
    columns: Iterable[object] | None = None,
) -> pd.DataFrame:
    """Frame of scores labelled by truth and answer; the answers default to the rows."""
    import pandas as pd

    truths = read_names(rows, "classes")
    answers = truths if columns is None else read_names(columns, "answers")
    return pd.DataFrame(values, _axis(truths, "truth"), _axis(answers, "answer"))


def read_names(labels: object, name: str) -> list[object]:
    """Labels in their order: at least one, hashable, none missing, none twice."""
    if isinstance(labels, _NO_LIST) or not isinstance(labels, Iterable):
        msg = (
            f"{name} is of type {type(labels).__name__}; expected a list of labels, "
            "whose order counts."
        )
        raise TypeError(msg)
    names = plain_labels(labels)
    if not names:
        msg = f"{name} is empty; expected at least one label."
        raise ValueError(msg)
    for position, label in enumerate(names):
        if not is_name(label):
            msg = (
                f"{name}[{position}], of type {type(label).__name__}, is missing or "
                "cannot be hashed; expected a label such as a string or an int."
            )
            raise ValueError(msg)
    repeated = repeated_labels(names)
    if repeated:
        msg = f"{name} repeats {show_labels(repeated)}; name each one once."
        raise ValueError(msg)
    # Letters may be classes, so case tells classes apart.
    refuse_alike(names, name, by_case=False)
    return names


def read_further(given: object, name: str) -> bool | list[object]:
    """All further answers, or those of a list; an empty one stands for none."""
    if isinstance(given, bool | np.bool_):
        return bool(given)
    if isinstance(given, Iterable) and not isinstance(given, _NO_LIST):
        given = list(given)
        if not given:
            return False
    return read_names(given, name)


def _axis(labels: list[object], name: str) -> pd.Index:
    """Index of labels as they are: no levels made of tuples, no timestamps of dates."""
    import pandas as pd

    array = label_array(labels)
    dtype = object if array.dtype == object else None
    return pd.Index(array, name=name, dtype=dtype, tupleize_cols=False)
