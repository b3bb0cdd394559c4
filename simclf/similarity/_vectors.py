"""Distances between vectors, one for each class."""

from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy.spatial.distance import pdist, squareform

from simclf._typing import FloatArray

Metric: TypeAlias = Literal[
    "braycurtis",
    "chebyshev",
    "cityblock",
    "correlation",
    "cosine",
    "euclidean",
    "sqeuclidean",
]
_ROUNDING = 64 * np.finfo(np.float64).eps.item()


def class_distances(
    vectors: FloatArray, labels: list[object], metric: str, name: str
) -> FloatArray:
    """Distance of each two classes; one that has no distance is named."""
    if metric not in get_args(Metric):
        msg = (
            f"metric={metric!r}; expected one of {list(get_args(Metric))}. For another "
            "one, pass its distances to distance_similarity."
        )
        raise ValueError(msg)
    _refuse_undirected(vectors, labels, metric, name)
    with np.errstate(all="ignore"):
        distances = np.asarray(squareform(pdist(vectors, metric)), dtype=np.float64)
    # Equal directions come out a rounding apart.
    if metric in {"correlation", "cosine"}:
        distances[np.abs(distances) <= _ROUNDING] = 0.0
    wrong = np.argwhere(~(distances >= 0) | np.isinf(distances))
    if len(wrong):
        row, column = wrong[0].tolist()
        msg = (
            f"The {metric} distance of classes {labels[row]!r} and {labels[column]!r} "
            f"is {distances[row, column]:g}; expected a finite one, not below 0. "
            "Choose another metric, or rescale."
        )
        raise ValueError(msg)
    return distances


def _refuse_undirected(
    vectors: FloatArray, labels: list[object], metric: str, name: str
) -> None:
    """Refuse vectors that have no direction, where the metric is an angle."""
    if metric == "cosine":
        lost, what = ~vectors.any(axis=1), "zero"
    elif metric == "correlation":
        lost, what = np.ptp(vectors, axis=1) == 0, "constant"
    else:
        return
    if lost.any():
        label = labels[int(lost.argmax())]
        msg = (
            f"{name} of class {label!r} is {what}, so that its {metric} distance is "
            "not defined. Drop the class, or choose another metric."
        )
        raise ValueError(msg)
