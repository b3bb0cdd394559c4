"""Genes of new cells in the order of those that a classifier was fitted to."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from simclf._typing import AnyArray, IntArray
from simclf.scverse._features import Features, with_names
from simclf.similarity._labels import show_labels


def aligned_rows(features: Features, clf: Any) -> Iterator[Any]:
    """Return rows, some at a time, with the columns that the classifier expects."""
    wanted = getattr(clf, "feature_names_in_", None)
    index = _columns_of(features.names, wanted)
    names = features.names if index is None else wanted
    return (
        with_names(rows if index is None else rows[:, index], names)
        for rows in features.chunks()
    )


def _columns_of(names: AnyArray | None, wanted: AnyArray | None) -> IntArray | None:
    """Positions of the wanted genes; None where all are as they are wanted."""
    if names is None:
        _refuse_named(wanted)
        return None
    if wanted is None:
        warnings.warn(
            "the classifier was fitted without names, so genes cannot be compared: "
            "columns are taken as they stand. Fit it by fit_adata or to a DataFrame.",
            UserWarning,
            stacklevel=4,
        )
        return None
    at = {name: position for position, name in enumerate(names.tolist())}
    missing = [name for name in wanted.tolist() if name not in at]
    if missing:
        msg = (
            f"{len(missing)} of the {len(wanted)} genes that the classifier was fitted "
            f"to are not in adata.var_names: {show_labels(missing)}. Name genes as in "
            "the fit, or fit again to the genes that both have."
        )
        raise ValueError(msg)
    if np.array_equal(names, wanted):
        return None
    return np.array([at[name] for name in wanted.tolist()], dtype=np.intp)


def _refuse_named(wanted: AnyArray | None) -> None:
    """Refuse columns without names where there are names to compare them with."""
    if wanted is not None:
        msg = (
            "the classifier was fitted to columns of these names: "
            f"{show_labels(wanted.tolist())}; those of use_rep have none. Leave "
            "use_rep out, or fit with it."
        )
        raise ValueError(msg)
