"""Scores of classes that have vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simclf.similarity._by_class import entries_of, is_keyed, read_keyed
from simclf.similarity._distance import nearness
from simclf.similarity._entries import Layout, finite_floats, read_array
from simclf.similarity._frame import is_frame, refuse_unlabelled_frame, row_labels
from simclf.similarity._labelled import labelled_frame, read_names
from simclf.similarity._labels import near_miss, show_labels
from simclf.similarity._named_table import bare_names, frame_names
from simclf.similarity._vectors import Metric, class_distances

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike

    from simclf._typing import AnyArray, FloatArray

_VECTORS = Layout("(n_classes, n_dimensions)", "number", "class", "dimension")


def embedding_similarity(
    embeddings: ArrayLike | Mapping[object, ArrayLike] | pd.DataFrame,
    classes: ArrayLike | None = None,
    *,
    metric: Metric = "cosine",
    scale: float | None = None,
) -> pd.DataFrame:
    """Score an answer by how near its vector is to that of the truth.

    Parameters
    ----------
    embeddings : DataFrame, mapping or array-like of shape (n_classes, n_dimensions)
        A vector for each class: measured properties, a learned embedding of the
        class or of its description. A frame has the classes as row labels; a mapping
        is ``{class: vector}``.
    classes : array-like of shape (n_classes,), default=None
        Class labels. Needed for a bare array, in its order. Others are cut to them;
        by default all of their classes are kept.
    metric : str, default="cosine"
        "braycurtis", "chebyshev", "cityblock", "correlation", "cosine", "euclidean"
        or "sqeuclidean", as in ``scipy.spatial.distance.pdist``. "cosine" and
        "correlation" compare directions and ignore lengths.
    scale : float, default=None
        Distance at which a score has fallen to ``1 / e``. By default scores fall in
        proportion to the distance, to 0 at the largest one.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        Scores in [0, 1], symmetric, rows the truth and columns the answer; 1 for the
        right one.

    Raises
    ------
    ValueError
        If a vector is zero ("cosine") or constant ("correlation"), an entry is not
        finite, all vectors are equal, or the labels do not fit.
    TypeError
        If `embeddings` is no table of numbers.

    See Also
    --------
    centroid_similarity : Vectors from the features of a training set.
    distance_similarity : Any other distance.

    Notes
    -----
    ``S[i, j] = 1 - d[i, j] / max(d)``, or ``exp(-d[i, j] / scale)``. For "cosine",
    ``d`` is one minus the cosine, so that the first decides as the cosines themselves
    would. ``metric="sqeuclidean"`` with ``scale=2 * sigma ** 2`` is a Gaussian kernel.

    References
    ----------
    .. [1] Atchley, Zhao, Fernandes, Drueke, "Solving the protein sequence metric
       problem", PNAS 2005, doi:10.1073/pnas.0408677102.

    Examples
    --------
    Amino acids by the five factors of Atchley et al. [1]_ (polarity, secondary
    structure, volume, codon diversity, charge):

    >>> from simclf.similarity import embedding_similarity
    >>> factors = {
    ...     "Asp": [1.050, 0.302, -3.656, -0.259, -3.242],
    ...     "Glu": [1.357, -1.453, 1.477, 0.113, -0.837],
    ...     "Leu": [-1.019, -0.987, -1.505, 1.266, -0.912],
    ...     "Ile": [-1.239, -0.547, 2.131, 0.393, 0.816],
    ... }
    >>> embedding_similarity(factors, metric="euclidean").round(2)
    answer   Asp   Glu   Leu   Ile
    truth
    Asp     1.00  0.21  0.43  0.00
    Glu     0.21  1.00  0.47  0.56
    Leu     0.43  0.47  1.00  0.45
    Ile     0.00  0.56  0.45  1.00
    """
    vectors, labels = _read_embeddings(embeddings, classes)
    distances = class_distances(vectors, labels, metric, "The vector")
    return labelled_frame(nearness(distances, scale), labels)


def _read_embeddings(
    embeddings: Any, classes: object
) -> tuple[FloatArray, list[object]]:
    """Vectors and labels of the classes."""
    if is_keyed(embeddings):
        vectors = read_keyed(embeddings, "embeddings")
        labels = read_names(vectors if classes is None else classes, "classes")
        chosen: object = entries_of(vectors, labels, "embeddings")
    elif is_frame(embeddings):
        labels = frame_names(embeddings, classes, "embeddings")
        chosen = _rows_of(labels, embeddings)
    else:
        refuse_unlabelled_frame(embeddings, "embeddings")
        chosen = _read_bare(embeddings)
        labels = bare_names(classes, "embeddings")
    return _finite_vectors(read_array(chosen, "embeddings", _VECTORS), labels), labels


def _read_bare(embeddings: Any) -> AnyArray:
    """Vectors that carry no labels; a single number is none."""
    array = read_array(embeddings, "embeddings", _VECTORS)
    if array.ndim == 0:
        msg = (
            f"embeddings is of type {type(embeddings).__name__}; expected an array of "
            f"shape {_VECTORS.shape}, a mapping {{class: vector}}, or a DataFrame "
            "labelled by class."
        )
        raise TypeError(msg)
    return array


def _finite_vectors(array: AnyArray, labels: list[object]) -> FloatArray:
    """Finite numbers, a row of at least one for each class."""
    if array.ndim != 2 or len(array) != len(labels) or not array.size:
        msg = (
            f"embeddings has shape {array.shape} but there are {len(labels)} classes "
            f"{show_labels(labels)}; expected a row for each, of at least one number."
        )
        raise ValueError(msg)

    def where(row: int, column: int) -> str:
        return f"embeddings[{row}, {column}] (class {labels[row]!r})"

    return finite_floats(array, where)


def _rows_of(wanted: list[object], embeddings: pd.DataFrame) -> AnyArray:
    """Vectors of the wanted classes, out of a frame."""
    array = read_array(embeddings, "embeddings", _VECTORS)
    rows = row_labels(embeddings, "embeddings")
    position = {label: row for row, label in enumerate(rows)}
    for label in wanted:
        if label not in position:
            mend = near_miss(label, rows) or "add it"
            msg = (
                f"embeddings has no row for class {label!r}. Its row labels are "
                f"{show_labels(rows)}; {mend}."
            )
            raise ValueError(msg)
    return array[[position[label] for label in wanted]]
