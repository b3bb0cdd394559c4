"""The answer of highest expected score: exact at any scale, ties to the lowest code."""

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import FloatArray, IntArray
from simclf.decision._align import classes_at_hand, column_classes, decision_values
from simclf.decision._check import check_proba
from simclf.decision._rounding import (
    TIE,
    above_least,
    expected_doubt,
    ordered_product,
    rounding_doubt,
)
from simclf.decision._structured import structured_regret
from simclf.similarity import unit_regret

_CHUNK_ENTRIES = 2**22
_MARGIN = 2.0


def expected_scores(
    proba: ArrayLike, similarity: object, *, classes: ArrayLike | None = None
) -> FloatArray:
    """Score that each answer earns on average under the probabilities.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities; rows sum to one. The columns of a DataFrame are found
        by name where the classes are known, from `classes` or a ScoreTable.
    similarity : array-like of shape (n_classes, n_decisions), DataFrame or ScoreTable
        What answer ``j`` (column) is worth when the truth is ``i`` (row). Without
        `classes`, row ``i`` of an array belongs to column ``i`` of `proba`; beside
        `classes`, which must then be sorted, too. A DataFrame is aligned by name,
        which needs `classes` or named columns.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns of `proba`; those of a DataFrame by default.

    Returns
    -------
    ndarray of shape (n_samples, n_decisions)
        Expected scores on the table's own scale, float64. Columns are the classes,
        then the answers that are no class.

    Raises
    ------
    ValueError
        If `proba` is not a probability distribution per row, the names of its columns
        are not the classes, or the table does not fit it.

    Notes
    -----
    ``proba @ S``, computed as ``proba @ top - proba @ (top - S)`` with
    ``top[i] = max_j S[i, j]``, so that a constant added to a row moves all answers
    alike; the table is first divided by a power of two, so 1e300 does not overflow.

    A ScoreTable of 512 classes or more that has structure (classes on a line or in a
    tree, few entries, low rank) is multiplied through it, in time that grows with the
    classes instead of with their square, and equal up to rounding. The structure is
    looked for once for each ScoreTable.

    Examples
    --------
    >>> from simclf.decision import expected_scores
    >>> expected_scores([[0.5, 0.5], [0.25, 0.75]], [[4.0, 0.0, 2.0], [0.0, 8.0, 2.0]])
    array([[2., 4., 2.],
           [1., 6., 2.]])
    """
    classes = classes_at_hand(proba, similarity, classes)
    values = decision_values(similarity, classes)
    known = column_classes(similarity, classes)
    proba = check_proba(proba, len(values), classes=known)
    structured = structured_regret(similarity, values)
    if structured is not None:
        return structured.expected_scores(proba)
    exponent = np.frexp(np.abs(values).max())[1]
    scaled = np.ldexp(values, -exponent)
    top = scaled.max(axis=1, keepdims=True)
    return np.asarray(np.ldexp(proba @ top - proba @ (top - scaled), exponent))


def bayes_decision(
    proba: ArrayLike, similarity: object, *, classes: ArrayLike | None = None
) -> IntArray:
    """Answer of highest expected score for each row.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities; rows sum to one. The columns of a DataFrame are found
        by name where the classes are known, from `classes` or a ScoreTable.
    similarity : array-like of shape (n_classes, n_decisions), DataFrame or ScoreTable
        What answer ``j`` (column) is worth when the truth is ``i`` (row); read as in
        :func:`expected_scores`.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns of `proba`; needed with a labelled table, unless `proba`
        is a DataFrame with columns named by class.

    Returns
    -------
    ndarray of shape (n_samples,)
        Codes of the answers: below n_classes a class, from there on the answers that
        are no class. Ties go to the lowest code.

    Raises
    ------
    ValueError
        If `proba` is not a probability distribution per row, the names of its columns
        are not the classes, or the table does not fit it.

    See Also
    --------
    argmax_decision : The same for the identity table.

    Notes
    -----
    ``argmin_j sum_i proba[i] R[i, j]`` with the regret ``R[i, j] = max_k S[i, k] -
    S[i, j]``: a sum of terms that are not negative, so nothing cancels. Answers tie
    when their expected regrets differ by no more than
    ``8 eps sum_i proba[i] (|S|_i + (n_classes + 2) R_i)``, where ``|S|_i`` and
    ``R_i`` are the largest magnitude and regret of row ``i``: what the rounding of
    the sum, and of the table's own entries, can make of an exact tie. (The rounding
    of a table with a row offset of 1e9 is a millionth of a score of one.)

    The decision on a row does not depend on the other rows of `proba`, on a positive
    factor of the table between 1e-300 and 1e300, nor on a constant added to a row,
    up to 1e9 times its range, beyond that rounding.

    A ScoreTable with structure is used as in :func:`expected_scores`; where its
    rounding could matter, the answers in question are summed up in full.

    References
    ----------
    .. [1] C. Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.
    .. [2] J. O. Berger, "Statistical Decision Theory and Bayesian Analysis",
       Springer 1985, https://doi.org/10.1007/978-1-4757-4286-2.

    Examples
    --------
    Missing an illness costs ten times a false alarm, and asking an expert costs two:

    >>> import pandas as pd
    >>> from simclf.decision import bayes_decision
    >>> table = pd.DataFrame(
    ...     [[0, -1, -2], [-10, 0, -2]],
    ...     index=["fine", "ill"],
    ...     columns=["fine", "ill", "refer"],
    ... )
    >>> bayes_decision([[0.95, 0.05], [0.8, 0.2]], table, classes=["fine", "ill"])
    array([0, 1])

    Here the third class is never the answer: its row favours the fourth.

    >>> forum = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> bayes_decision([[0.1, 0.1, 0.7, 0.1], [0.4, 0.3, 0.3, 0.0]], forum)
    array([3, 0])
    """
    classes = classes_at_hand(proba, similarity, classes)
    values = decision_values(similarity, classes)
    known = column_classes(similarity, classes)
    proba = check_proba(proba, len(values), classes=known)
    structured = structured_regret(similarity, values)
    if structured is not None:
        return structured.least_regret(proba)
    # Of the extremes alone, which spares a copy of a large table.
    extremes = np.stack([values.min(axis=1), values.max(axis=1)], axis=1)
    doubt, regret = rounding_doubt(extremes), unit_regret(values)
    # Rows are taken a few at a time, so that memory stays small beside proba.
    step = max(1, _CHUNK_ENTRIES // max(values.shape))
    codes = np.empty(len(proba), dtype=np.intp)
    for start in range(0, len(proba), step):
        rows = slice(start, start + step)
        codes[rows] = _least_regret(proba[rows], regret, doubt)
    return codes


def argmax_decision(proba: ArrayLike) -> IntArray:
    """Most probable class for each row.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities; rows sum to one.

    Returns
    -------
    ndarray of shape (n_samples,)
        Codes of the classes; the first of several equal maxima.

    Raises
    ------
    ValueError
        If `proba` is not a probability distribution per row.

    Examples
    --------
    >>> from simclf.decision import argmax_decision
    >>> argmax_decision([[0.2, 0.5, 0.3], [0.5, 0.0, 0.5]])
    array([1, 0])
    """
    return np.asarray(check_proba(proba).argmax(axis=1), dtype=np.intp)


def _least_regret(proba: FloatArray, regret: FloatArray, doubt: FloatArray) -> IntArray:
    """Lowest answer whose expected regret is the least one up to rounding."""
    # Summed row by row in one order: a matrix product would round differently with
    # the number of rows, and so would the answers at the edge of a tie.
    rounding = expected_doubt(proba, doubt)
    excess = above_least(proba @ regret)
    # Mostly none is near the least, which is found among all entries faster than row
    # by row.
    near = excess <= (TIE + _MARGIN) * rounding
    if np.count_nonzero(near) == len(near):
        return np.asarray(np.flatnonzero(near) % near.shape[1], dtype=np.intp)
    tied = excess <= TIE * rounding
    edge = (np.abs(excess - TIE * rounding) <= _MARGIN * rounding).any(axis=1)
    if edge.any():
        exact = above_least(ordered_product(proba[edge], regret))
        tied[edge] = exact <= TIE * rounding[edge]
    return np.asarray(tied.argmax(axis=1), dtype=np.intp)
