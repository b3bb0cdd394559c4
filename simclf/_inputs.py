"""What a user hands to fit and predict, checked and encoded."""

from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from simclf._typing import AnyArray, FloatArray, IntArray

_DTYPES = [np.float64, np.float32]


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Rows to learn from, without those of weight zero.

    ``X`` is a dense array or CSR matrix, ``codes`` are positions in ``classes``, and
    ``sample_weight`` has mean 1 or is None.
    """

    X: Any
    codes: IntArray
    classes: AnyArray
    sample_weight: FloatArray | None

    def take(self, index: IntArray) -> "LabelledRows":
        """Return the rows at ``index``, their weights again of mean 1."""
        weight = self.sample_weight
        return LabelledRows(
            self.X[index],
            self.codes[index],
            self.classes,
            None if weight is None else _mean_one(weight[index]),
        )

    def reweighted(self, sample_weight: FloatArray) -> "LabelledRows":
        """Return the same rows under other weights; those of weight 0 are dropped."""
        kept = np.flatnonzero(sample_weight > 0)
        weight = _mean_one(sample_weight[kept])
        return LabelledRows(self.X[kept], self.codes[kept], self.classes, weight)


def read_features(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Check features alone, as for prediction; dense array or CSR matrix."""
    refuse_anndata(X)
    return validate_data(estimator, X, reset=reset, accept_sparse="csr", dtype=_DTYPES)


def read_labelled_rows(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    reset: bool,
    classes: AnyArray | None = None,
    names: tuple[str, str, str] = ("X", "y", "sample_weight"),
) -> LabelledRows:
    """Check features, labels and weights, and encode the labels.

    Parameters
    ----------
    estimator : estimator
        Takes ``n_features_in_`` and ``feature_names_in_`` where ``reset``.
    X, y, sample_weight : array-likes
        As the user gave them.
    reset : bool
        Whether these rows define the features or must match those known.
    classes : ndarray or None
        Labels known from before; None takes them from ``y``.
    names : tuple of str
        What the user calls the three, for messages.
    """
    refuse_anndata(X)
    _refuse_missing_labels(y, names[1])
    y = _without_mask(y)
    X, y = validate_data(
        estimator, X, y, reset=reset, accept_sparse="csr", dtype=_DTYPES
    )
    y = _plain_labels(y, names[1])
    check_classification_targets(y)
    weight = read_weights(sample_weight, len(y), names[2])
    if weight is not None and not weight.all():
        X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
    found, codes = _encode(y, names[1])
    if classes is not None:
        codes = _codes_in(found, codes, classes, names[1])
    elif len(found) < 2:
        msg = (
            f"{names[1]} holds 1 class, {found.tolist()}; a classifier needs rows of "
            "at least 2 classes."
        )
        raise ValueError(msg)
    mean_one = None if weight is None else _mean_one(weight)
    return LabelledRows(X, codes, found if classes is None else classes, mean_one)


def read_validation_rows(
    estimator: Any,
    rows: LabelledRows,
    given: tuple[Any, Any, Any],
    wanted: bool,  # noqa: FBT001 - what the settings say of it
) -> LabelledRows | None:
    """Check ``X_val``, ``y_val`` and ``sample_weight_val``; None where not given."""
    X_val, y_val, sample_weight_val = given
    if X_val is None and y_val is None:
        return None
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        msg = f"{missing} is missing: X_val and y_val are given together or not at all."
        raise ValueError(msg)
    if not wanted:
        msg = (
            "X_val is given, but neither early stopping nor calibration would use it; "
            "set early_stopping=True or leave it out."
        )
        raise ValueError(msg)
    return read_labelled_rows(
        estimator,
        X_val,
        y_val,
        sample_weight_val,
        reset=False,
        classes=rows.classes,
        names=("X_val", "y_val", "sample_weight_val"),
    )


def read_known_classes(classes: Any, before: AnyArray | None) -> AnyArray:
    """Classes of a partial fit: given in the first call, and the same ever after."""
    if classes is None:
        if before is None:
            msg = "classes must be passed in the first call to partial_fit."
            raise ValueError(msg)
        return before
    found, _ = _encode(column_or_1d(_without_mask(classes)), "classes")
    if len(found) < 2:
        msg = f"classes={found.tolist()} holds 1 class; pass at least 2."
        raise ValueError(msg)
    if before is not None and not np.array_equal(found, before):
        msg = (
            f"classes={found.tolist()[:8]} differ from those of the first call, "
            f"{before.tolist()[:8]}; pass the same, or none."
        )
        raise ValueError(msg)
    return found


def with_class_weight(rows: LabelledRows, class_weight: Any) -> LabelledRows:
    """Multiply the rows' weights by the weights of their classes."""
    if class_weight is None:
        return rows
    by_class = compute_class_weight(
        class_weight,
        classes=rows.classes,
        y=rows.classes[rows.codes],
        sample_weight=rows.sample_weight,
    )
    weight = np.asarray(by_class, dtype=np.float64)[rows.codes]
    if rows.sample_weight is not None:
        weight = weight * rows.sample_weight
    checked = read_weights(weight, len(weight), "class_weight * sample_weight")
    return rows if checked is None else rows.reweighted(checked)


def read_weights(sample_weight: Any, n_rows: int, name: str) -> FloatArray | None:
    """Check weights: one finite, non-negative number for each row, not all zero."""
    if sample_weight is None:
        return None
    try:
        weight = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{name} must hold one number for each row of X: {error}."
        raise ValueError(msg) from None
    if weight.ndim == 0:
        weight = np.full(n_rows, weight)
    if weight.shape != (n_rows,):
        msg = (
            f"{name} has shape {weight.shape}, but X has {n_rows} rows; pass one "
            f"number for each row, shape ({n_rows},)."
        )
        raise ValueError(msg)
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if bad.size:
        position = int(bad[0])
        msg = (
            f"{name}[{position}] is {weight[position].item()}; weights must be finite "
            "and not negative. Use 0 to leave a row out."
        )
        raise ValueError(msg)
    if not weight.any():
        msg = (
            "Sample weights must contain at least one non-zero number: every entry of "
            f"{name} is 0, so no row is left to learn from."
        )
        raise ValueError(msg)
    return weight


def refuse_anndata(X: Any) -> None:
    """Refuse an AnnData object at once: numpy would spend minutes failing on it."""
    if hasattr(X, "obs_names") and hasattr(X, "var_names"):
        msg = (
            "X is an AnnData object; pass its matrix, e.g. adata.X or "
            "adata.obsm['X_pca'], and its labels as y, e.g. adata.obs['cell_type']."
        )
        raise TypeError(msg)


def _refuse_missing_labels(y: Any, name: str) -> None:
    """Refuse labels that pandas calls missing, which numpy cannot compare."""
    if hasattr(y, "isna"):
        _refuse_missing(np.asarray(y.isna()).ravel(), name)


def _refuse_missing(is_missing: AnyArray, name: str) -> None:
    """Refuse labels some of which are marked as missing."""
    missing = np.flatnonzero(is_missing)
    if missing.size:
        msg = (
            f"{name}[{missing[0]}] is missing ({missing.size} rows are): Input "
            f"{name} contains NaN. Drop the unlabelled rows first."
        )
        raise ValueError(msg)


def _without_mask(y: Any) -> Any:
    """Return a nullable column of pandas as the integers or flags that it stands for.

    scikit-learn would read them as floats, and ``predict`` then answer with floats.
    """
    dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    return y if dtype is None else np.asarray(y, dtype=dtype)


def _plain_labels(y: AnyArray, name: str) -> AnyArray:
    """Return labels held as objects as numpy holds them, where they are numbers."""
    if y.dtype != object:
        return y
    labels = y.tolist()
    _refuse_missing(np.array([label is None for label in labels]), name)
    n_words = sum(isinstance(label, str) for label in labels)
    if 0 < n_words < len(labels):
        _refuse_mixed(labels, name)
    plain = np.array(labels) if n_words == 0 else y
    return plain if plain.dtype.kind in "biuf" and plain.ndim == 1 else y


def _encode(y: AnyArray, name: str) -> tuple[AnyArray, IntArray]:
    """Sorted classes and the position of each label among them."""
    try:
        classes, codes = np.unique(y, return_inverse=True)
    except TypeError:
        _refuse_mixed(y.tolist(), name)
    return classes, np.asarray(codes, dtype=np.intp)


def _refuse_mixed(labels: list[Any], name: str) -> NoReturn:
    """Refuse labels of types that have no common order."""
    kinds = sorted({type(label).__name__ for label in labels})
    msg = (
        f"{name} mixes labels of types {kinds}, which have no common order; "
        "convert them to one type, e.g. with y.astype(str)."
    )
    raise TypeError(msg) from None


def _codes_in(
    found: AnyArray, codes: IntArray, classes: AnyArray, name: str
) -> IntArray:
    """Positions in ``classes`` of labels given as positions in ``found``."""
    known = {label: code for code, label in enumerate(classes.tolist())}
    unknown = [label for label in found.tolist() if label not in known]
    if unknown:
        remedy = (
            "pass all classes in the first call"
            if name == "y"
            else "leave those rows out"
        )
        msg = (
            f"{name} has class {unknown[0]!r} that is not among the classes "
            f"{classes.tolist()[:8]}{'...' if len(classes) > 8 else ''} of the first "
            f"rows; {remedy}."
        )
        raise ValueError(msg)
    return np.array([known[label] for label in found.tolist()], dtype=np.intp)[codes]


def _mean_one(weight: FloatArray) -> FloatArray:
    """Scale weights to mean 1 without overflow or underflow on the way."""
    scaled = weight / weight.max()
    return np.asarray(scaled / scaled.mean(), dtype=np.float64)
