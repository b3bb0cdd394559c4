"""A classifier fitted to the labelled cells of an AnnData object."""

import warnings
from typing import Any

import numpy as np
from scipy import sparse

from simclf._typing import AnyArray
from simclf.scverse._checks import check_adata, check_instance
from simclf.scverse._features import read_entry, read_features, with_names
from simclf.similarity._labels import show_labels


def fit_adata(
    clf: Any,
    adata: Any,
    labels_key: str,
    *,
    layer: str | None = None,
    use_rep: str | None = None,
    unlabeled: Any = None,
) -> Any:
    """Fit a classifier to the labelled cells of an AnnData object.

    Parameters
    ----------
    clf : estimator
        Any scikit-learn classifier; for :func:`annotate` one of simclf, or a pipeline
        that ends in one.
    adata : anndata.AnnData
        Cells, in memory or backed by a file.
    labels_key : str
        Column of ``adata.obs`` with the labels.
    layer : str, default=None
        Layer to learn from; None is ``adata.X``.
    use_rep : str, default=None
        Representation in ``adata.obsm`` to learn from instead, e.g. ``"X_pca"``.
    unlabeled : label, default=None
        What cells of unknown type are labelled, e.g. ``"Unknown"``, or nan. They are
        left out, and those without any label. None wants a label for every cell.

    Returns
    -------
    estimator
        `clf`, fitted. Its ``feature_names_in_`` are the genes.

    Raises
    ------
    ValueError
        For a key that is not there, genes that share a name, or cells without a label.
    TypeError
        For what is no AnnData object, or a class instead of its instance.

    Warns
    -----
    UserWarning
        If no cell is labelled as `unlabeled` says.

    See Also
    --------
    annotate : Writes the answers for other cells.

    Notes
    -----
    Sparse matrices stay sparse: rows are densified a batch at a time. A backed matrix
    is read a few thousand cells at a time, and the labelled ones are kept: in memory
    are those, and for a moment a second copy of them.

    Examples
    --------
    >>> import anndata
    >>> import numpy as np
    >>> import pandas as pd
    >>> from simclf import SimilarityAwareClassifier
    >>> from simclf.scverse import annotate, fit_adata
    >>> cells = [f"cell {number}" for number in range(60)]
    >>> kinds = np.repeat(["B", "CD4+ T", "CD8+ T"], 20)
    >>> rng = np.random.default_rng(0)
    >>> adata = anndata.AnnData(
    ...     rng.poisson(5 * (pd.get_dummies(kinds).to_numpy() + 0.1)).astype(
    ...         np.float32
    ...     ),
    ...     obs=pd.DataFrame({"cell_type": kinds}, index=cells),
    ...     var=pd.DataFrame(index=["MS4A1", "CD4", "CD8A"]),
    ... )
    >>> types = ["B", "CD4+ T", "CD8+ T"]
    >>> S = pd.DataFrame([[1, 0, 0], [0, 1, 0.6], [0, 0.5, 1]], types, types)
    >>> clf = SimilarityAwareClassifier(S, random_state=0)
    >>> clf = fit_adata(clf, adata, "cell_type")
    >>> annotate(clf, adata)
    >>> adata.obs.columns.tolist()
    ['cell_type', 'simclf', 'simclf_score', 'simclf_margin']
    >>> adata.obsm["simclf_proba"].columns.tolist()
    ['B', 'CD4+ T', 'CD8+ T']
    """
    check_instance(clf)
    check_adata(adata, "fit_adata", "clf.fit(X, y)")
    features = read_features(adata, layer, use_rep)
    labels = read_entry(adata.obs, labels_key, "labels_key", "adata.obs")
    kept = _labelled(labels, labels_key, unlabeled)
    rows = features.rows(kept)
    try:
        clf.fit(with_names(rows, features.names), np.asarray(labels)[kept])
    except ValueError as error:
        if " has no row for class " not in str(error):
            raise
        msg = f"{error} Or, if it means that the type is unknown, pass it as unlabeled."
        raise ValueError(msg) from error
    if features.names is not None and sparse.issparse(rows):
        # scikit-learn reads names from frames alone, and those are dense.
        _first_estimator(clf).feature_names_in_ = features.names.astype(object)
    return clf


def _labelled(labels: Any, labels_key: str, unlabeled: Any) -> AnyArray:
    """Say which cells have a label."""
    import pandas as pd

    missing = labels.isna().to_numpy()
    if unlabeled is None and missing.any():
        msg = (
            f"{missing.sum()} of {len(missing)} cells have no label in "
            f"adata.obs[{labels_key!r}], the first is number {missing.argmax()}. Pass "
            "unlabeled=float('nan') to learn from the others."
        )
        raise ValueError(msg)
    kept = ~missing
    if not pd.isna(unlabeled):
        kept &= np.asarray(labels, dtype=object) != unlabeled
        if np.array_equal(kept, ~missing):
            _warn_of_no_such_label(labels, labels_key, unlabeled)
    if not kept.any():
        msg = f"no cell has a label in adata.obs[{labels_key!r}]; name another column."
        raise ValueError(msg)
    return np.asarray(kept, dtype=bool)


def _warn_of_no_such_label(labels: Any, labels_key: str, unlabeled: Any) -> None:
    """Warn of a label that no cell has, as it may be misspelt."""
    known = labels.dropna().unique().tolist()
    warnings.warn(
        f"unlabeled={unlabeled!r} is the label of no cell in adata.obs[{labels_key!r}],"
        f" which has {show_labels(known)}; all labelled cells are learned from.",
        UserWarning,
        stacklevel=4,
    )


def _first_estimator(clf: Any) -> Any:
    """Return the estimator that rows reach first, which is who knows their names."""
    if hasattr(clf, "steps"):
        steps = [step for _, step in clf.steps if hasattr(step, "fit")]
        return _first_estimator(steps[0])
    return _first_estimator(clf.estimator_) if hasattr(clf, "estimator_") else clf
