"""A classifier's answers written into an AnnData object."""

import warnings
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.scverse._checks import check_adata, check_can_write, check_instance
from simclf.scverse._features import read_features
from simclf.scverse._genes import aligned_rows


def annotate(
    clf: Any,
    adata: Any,
    *,
    layer: str | None = None,
    use_rep: str | None = None,
    key_added: str = "simclf",
) -> None:
    """Write a classifier's answers for all cells into an AnnData object.

    Parameters
    ----------
    clf : estimator
        Fitted :class:`~simclf.SimilarityAwareClassifier` or
        :class:`~simclf.BayesDecisionClassifier`, or a pipeline that ends in one.
    adata : anndata.AnnData
        Cells, in memory or backed by a file; a file is read a few thousand cells at a
        time.
    layer : str, default=None
        Layer to read; None is ``adata.X``.
    use_rep : str, default=None
        Representation in ``adata.obsm`` to read instead, e.g. ``"X_pca"``.
    key_added : str, default="simclf"
        Under which names the answers are written, see below. Answers of an earlier
        call, told by their record in ``uns``, are written over; what something else
        wrote under any of these names, such as the labels that were learned from, is
        not.

    Returns
    -------
    None
        In `adata`, for a key of "simclf", are then

        ``obs["simclf"]``
            The answers, a categorical of all answers there are.
        ``obs["simclf_score"]``, ``obs["simclf_margin"]``
            The expected score of the answer, and by how much it is above that of the
            next best. Where the loss learns the answers alone and there are no
            expected scores, the probability of the answer takes their place.
        ``obsm["simclf_proba"]``
            The probability of each class, a frame.
        ``uns["simclf"]``
            The score table as a frame, the parameters of the classifier as text, and
            its name.

    Raises
    ------
    NotFittedError
        Before ``fit``.
    ValueError
        For a key that is not there, genes that are missing, a `key_added` that has a
        slash or whose names are those of something else, or a view of cells in a file,
        into which nothing can be written.
    TypeError
        For a classifier without expected scores, or what is no AnnData object.

    Warns
    -----
    UserWarning
        If the classifier knows no names, so that genes cannot be compared.

    Notes
    -----
    Genes are found by name: those in another order are put in order, and those that
    the classifier was not fitted to are left out. A gene that is missing is an error:
    to fill it with zeros would be an observation that nobody made.

    Files of AnnData are about to allow no slash in the names of columns. In the frames
    "CD4+/CD25 T Reg" is therefore called "CD4+|CD25 T Reg"; ``obs`` has the labels as
    they are.

    Examples
    --------
    See :func:`fit_adata`; cells of another experiment are annotated likewise:

    >>> from simclf.scverse import annotate
    >>> annotate(clf, new_cells, key_added="cell_type_simclf")  # doctest: +SKIP
    """
    import pandas as pd

    check_instance(clf)
    last = _last_estimator(clf)
    check_adata(adata, "annotate", "clf.predict(X)")
    check_can_write(adata, key_added)
    check_is_fitted(last)
    features = aligned_rows(read_features(adata, layer, use_rep), clf)
    parts = [_judged(clf, rows) for rows in features]
    answers, values, proba = (np.concatenate(part) for part in zip(*parts, strict=True))
    positions = {answer: at for at, answer in enumerate(last.decisions_.tolist())}
    codes = np.array([positions[answer] for answer in answers.tolist()], dtype=np.intp)
    score, margin = _score_and_margin(values, codes)
    adata.obs[key_added] = pd.Categorical.from_codes(codes, _storable(last.decisions_))
    adata.obs[f"{key_added}_score"] = score
    adata.obs[f"{key_added}_margin"] = margin
    adata.obsm[f"{key_added}_proba"] = pd.DataFrame(
        proba, index=adata.obs_names, columns=_column_names(last.classes_)
    )
    adata.uns[key_added] = {
        "classifier": type(last).__name__,
        "params": {name: repr(value) for name, value in _params(last).items()},
        "table": pd.DataFrame(
            last.similarity_,
            index=_storable(last.classes_).astype(str),
            columns=_column_names(last.decisions_),
        ),
    }


def _judged(clf: Any, rows: Any) -> tuple[AnyArray, FloatArray, FloatArray]:
    """Answers, what each answer is worth, and probabilities of some cells."""
    last = _last_estimator(clf)
    with warnings.catch_warnings():
        # They were compared, and a CSR matrix cannot carry them.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        if last is not clf:
            rows = clf[:-1].transform(rows)
        return last.predict(rows), _answer_values(last, rows), last.predict_proba(rows)


def _answer_values(last: Any, rows: Any) -> FloatArray:
    """Return what each answer is worth, or how probable it is: (n, n_decisions)."""
    net = getattr(last, "net_", None)
    if (
        net is None
        or last.proba_is_posterior_
        or last.decision_ == "bayes"
        or net.criterion_.loss.gives_expected_scores
    ):
        return np.asarray(last.expected_scores(rows))
    values = np.asarray(last.decision_function(rows))
    # Of two answers it gives the second minus the first.
    return values if values.ndim == 2 else np.stack([1 - values, 1 + values], 1) / 2


def _score_and_margin(
    values: FloatArray, codes: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return what the answer is worth, and its lead over the best other one."""
    cells = np.arange(len(codes))
    score = values[cells, codes]
    others = values.copy()
    others[cells, codes] = -np.inf
    return score, score - others.max(axis=1)


def _last_estimator(clf: Any) -> Any:
    """Return the classifier at the end of a pipeline, or the one that is alone."""
    last = clf.steps[-1][1] if hasattr(clf, "steps") else clf
    if not hasattr(last, "expected_scores"):
        msg = (
            f"clf is a {type(last).__name__}, which has no expected scores; pass a "
            "fitted SimilarityAwareClassifier or BayesDecisionClassifier (which any "
            "classifier can be wrapped in), a pipeline that ends in one, or "
            "best_estimator_ of a search."
        )
        raise TypeError(msg)
    return last


def _params(last: Any) -> dict[str, Any]:
    """Return the parameters that are not the table."""
    params = last.get_params(deep=False)
    return {key: params[key] for key in params if key not in ("similarity", "cost")}


def _storable(labels: AnyArray) -> AnyArray:
    """Return labels of several kinds as text, as a file stores one kind."""
    mixed = labels.dtype == object and len({type(one) for one in labels.tolist()}) > 1
    return labels.astype(str) if mixed else labels


def _column_names(labels: AnyArray) -> list[str]:
    """Return labels as names of columns that a file can store."""
    names = [str(label) for label in labels.tolist()]
    without = [name.replace("/", "|") for name in names]
    return without if len(set(without)) == len(names) else names
