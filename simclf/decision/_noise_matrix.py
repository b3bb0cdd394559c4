"""How true labels were recorded, estimated from the rows that a model is sure of."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from simclf.decision._check import check_proba, check_weights
from simclf.decision._label_order import label_axis, sorted_labels
from simclf.decision._temperature import apply_temperature, fit_temperature
from simclf.exceptions import SimilarityWarning
from simclf.similarity._change import read_labels
from simclf.similarity._labels import (
    label_array,
    plain_labels,
    repeated_labels,
    show_labels,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pandas import DataFrame

    from simclf._typing import AnyArray, FloatArray, IntArray

# Rows whose probabilities differ by rounding alone are equally sure.
_TIE = 1e-12


def estimate_noise_matrix(
    y: ArrayLike,
    proba: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    share: float = 0.1,
) -> DataFrame:
    """Estimate how often each true label is recorded as each other one.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels as recorded, some of them wrong.
    proba : array-like of shape (n_samples, n_classes)
        Probabilities of the *recorded* labels, from a model that has not seen the
        row: ``cross_val_predict(clf, X, y, method="predict_proba")``. scikit-learn
        shows `clf` numbers instead of labels there, so leave out its labelled table:
        probabilities do not need one. The columns of a DataFrame are found by name.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns of `proba`, an estimator's ``classes_``; None takes the
        sorted labels of `y`.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights. A weight of 2 is the row twice.
    share : float, default=0.1
        Share of the rows of each most probable class, the surest ones, that are
        taken for certain, in (0, 1].

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        ``T[true, recorded]`` with the classes on both axes; rows sum to one. What
        ``CrossEntropyLoss(noise_matrix=T)`` takes.

    Raises
    ------
    ValueError
        If a label is missing or not among the classes, `proba` has not a row for
        each label and a column for each class, a row of it is no distribution, or
        fewer than two classes are ever the most probable one.

    Warns
    -----
    SimilarityWarning
        If a class is never the most probable one. Its row is then made from the
        others: their mean share of right labels, the rest spread evenly.

    See Also
    --------
    simclf.losses.CrossEntropyLoss : Trains under a noise matrix.

    Notes
    -----
    Where a row's true class :math:`i` is certain, the probabilities of its recorded
    label are row :math:`i` of the matrix: such rows are called anchors. Here they are
    the surest rows of each class, and the estimate is their mean [1]_, after one
    temperature has been fitted to `proba` and `y`, which makes models of any kind
    honest on average. A class that is nowhere certain, be it by overlap or for want
    of rows, looks noisier than it is; nothing in the labels can tell the one from the
    other.

    ``benchmarks/noise.py`` changes labels of three real sets by known matrices
    (digits, pbmc and 16S reads; no noise, 20 % and 40 % of the labels to any class,
    30 % to the next class; three splits each). Beside this estimate stand the single
    surest row of each class [1]_ and the confident joint [2]_. Mean share of labels
    that a row puts wrongly, and mean skill of cross entropy with the matrix on clean
    labels, under an asymmetric table:

    ============================  =====  =====
    matrix                        error  skill
    ============================  =====  =====
    none                          0.225  0.679
    confident joint               0.260  0.696
    single surest row             0.219
    this estimate                 0.164  0.739
    the true matrix               0      0.777
    ============================  =====  =====

    Without noise the estimate costs 0.01 of skill on average, most of it on pbmc, whose
    cell types overlap (0.79 to 0.77): use it where labels are known to be wrong.

    References
    ----------
    .. [1] G. Patrini, A. Rozza, A. Menon, R. Nock, L. Qu, "Making deep neural
       networks robust to label noise: a loss correction approach", CVPR 2017,
       arXiv:1609.03683.
    .. [2] C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating
       uncertainty in dataset labels", JAIR 2021, doi:10.1613/jair.1.12125.

    Examples
    --------
    Three of ten cats were recorded as dogs:

    >>> import numpy as np
    >>> from simclf.decision import estimate_noise_matrix
    >>> y = np.repeat(["cat", "dog", "dog"], [70, 30, 100])
    >>> proba = np.repeat([[0.7, 0.3], [0.0, 1.0]], 100, axis=0)
    >>> estimate_noise_matrix(y, proba).round(2)
         cat  dog
    cat  0.7  0.3
    dog  0.0  1.0
    """
    import pandas as pd

    share = _check_share(share)
    codes, known = _read_recorded(y, classes)
    rows = check_proba(proba, len(known), classes=known)
    weights = _read_weights(sample_weight, codes, rows)
    temperature = fit_temperature(rows, codes, weights)
    means = _means_of_surest(
        apply_temperature(rows, temperature), _most_probable(rows), weights, share
    )
    names = plain_labels(known)
    matrix = _with_every_row(means, names)
    labels = label_array(names)
    return pd.DataFrame(matrix, index=labels, columns=labels)


def _check_share(share: float) -> float:
    """Refuse a share outside (0, 1]."""
    if not 0.0 < share <= 1.0:
        msg = f"share is {share!r}; expected a number > 0 and <= 1."
        raise ValueError(msg)
    return float(share)


def _read_recorded(
    y: ArrayLike, classes: ArrayLike | None
) -> tuple[IntArray, AnyArray]:
    """Codes of the recorded labels, and the labels of the columns of proba."""
    labels = read_labels(y)
    known = sorted_labels(y) if classes is None else label_axis(classes, "classes")
    names = plain_labels(known)
    if len(names) < 2 or repeated_labels(names):
        what = "classes" if classes is not None else "the labels of y"
        msg = f"{what} are {show_labels(names)}; expected two or more, each once."
        raise ValueError(msg)
    position = {name: code for code, name in enumerate(names)}
    codes = [position.get(label, -1) for label in labels]
    if -1 in codes:
        row = codes.index(-1)
        msg = (
            f"y[{row}] is {labels[row]!r}, which is not among the classes "
            f"{show_labels(names)}. Correct the label (case and type must match) or "
            "pass the classes_ of the model that made proba."
        )
        raise ValueError(msg)
    return np.array(codes, dtype=np.intp), known


def _read_weights(
    sample_weight: ArrayLike | None, codes: IntArray, rows: FloatArray
) -> FloatArray:
    """Weights of the rows, ones where none are given."""
    if len(codes) != len(rows):
        msg = (
            f"y has {len(codes)} labels but proba has {len(rows)} rows; "
            "pass both for the same samples."
        )
        raise ValueError(msg)
    weights = check_weights(sample_weight, len(codes))
    return np.ones(len(codes)) if weights is None else weights


def _most_probable(rows: FloatArray) -> IntArray:
    """Code of the one most probable class of each row; -1 where it is not one."""
    likely = rows.argmax(axis=1)
    tied = (rows == rows.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return np.where(tied, -1, likely)


def _means_of_surest(
    rows: FloatArray, likely: IntArray, weights: FloatArray, share: float
) -> FloatArray:
    """Mean of the surest rows of each most probable class; NaN where there are none."""
    means = np.full((rows.shape[1], rows.shape[1]), np.nan)
    for code in range(len(means)):
        own = np.flatnonzero((likely == code) & (weights > 0))
        if own.size:
            counts = _surest(rows[own, code], weights[own], share)
            means[code] = counts @ rows[own] / counts.sum()
    return np.asarray(means / means.sum(axis=1, keepdims=True))


def _surest(sure: FloatArray, weights: FloatArray, share: float) -> FloatArray:
    """Weights of the surest rows, cut where they reach a share of all weight."""
    order = np.argsort(-sure, kind="stable")
    reached = np.cumsum(weights[order])
    wanted = share * reached[-1]
    last = sure[order[np.searchsorted(reached, wanted)]]
    above = np.where(sure > last + _TIE, weights, 0.0)
    level = np.where(np.abs(sure - last) <= _TIE, weights, 0.0)
    # Rows as sure as the last one share what is left, whatever their order.
    return np.asarray(above + level * ((wanted - above.sum()) / level.sum()))


def _with_every_row(means: FloatArray, names: list[object]) -> FloatArray:
    """Fill the rows of classes without a sure row from those of the others."""
    lacking = np.isnan(means[:, 0])
    found = np.flatnonzero(~lacking)
    if len(found) < 2:
        msg = (
            f"only {show_labels([names[code] for code in found])} of the "
            f"{len(names)} classes are ever the most probable in proba, which "
            "tells nothing of how labels were confused. Look at the model that made "
            "it, or pass a noise matrix of your own."
        )
        raise ValueError(msg)
    if lacking.any():
        unknown = [names[code] for code in np.flatnonzero(lacking)]
        msg = (
            f"proba is never highest for {show_labels(unknown)}, so their rows of "
            "the noise matrix are made from those of the other classes. More rows of "
            "them would help; or write their rows by hand."
        )
        warnings.warn(msg, SimilarityWarning, stacklevel=3)
    right = means[found, found].mean()
    even = (1.0 - right) / (len(means) - 1)
    pooled = np.full_like(means, even)
    np.fill_diagonal(pooled, right)
    return np.where(lacking[:, None], pooled, means)
