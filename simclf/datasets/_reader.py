"""The one place that knows how the shipped files are laid out."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import Bunch

from simclf.similarity._extras import import_extra

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd
    from networkx import MultiDiGraph

    from simclf._typing import AnyArray


def read_bunch(stem: str, target: str) -> Bunch:
    """Features, labels, score table and description of one data set."""
    frame = read_frame(f"{stem}.csv")
    labels = frame.pop(target)
    similarity = read_frame(f"{stem}_similarity.csv", index=target)
    return Bunch(
        data=frame,
        frame=frame,
        target=labels,
        similarity=similarity.rename_axis(index=None),
        feature_names=list(frame.columns),
        target_names=list(similarity.index),
        DESCR=_shipped(f"{stem}.rst").read_text(encoding="utf-8"),
    )


def read_frame(name: str, *, index: str | None = None) -> pd.DataFrame:
    """One shipped CSV file, with the column `index` as row labels."""
    import pandas as pd

    with _shipped(name).open(encoding="utf-8") as file:
        return pd.read_csv(file, index_col=index)


def read_arrays(name: str) -> dict[str, AnyArray]:
    """One shipped file of named arrays."""
    with _shipped(name).open("rb") as file, np.load(file) as arrays:
        return dict(arrays)


def read_obo(name: str) -> MultiDiGraph:
    """One shipped OBO file as a graph, its obsolete terms included."""
    obonet = import_extra("obonet", "obonet", "bio")
    with _shipped(name).open(encoding="utf-8") as file:
        return obonet.read_obo(file, ignore_obsolete=False)


def _shipped(name: str) -> Traversable:
    """Locate a file of the data folder, also in a zipped package."""
    return files("simclf.datasets") / "data" / name
