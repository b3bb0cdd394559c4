"""What a user hands to fit and predict, checked and encoded."""

from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf._weights import class_weights, mean_one, read_weights
from simclf.decision._missing import (
    refuse_missing,
    refuse_missing_labels,
    without_mask,
)

_DTYPES = [np.float64, np.float32]


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Rows to learn from, without those of weight zero.

    ``X`` is a dense array or CSR matrix, ``codes`` are positions in ``classes``, and
    ``sample_weight`` has mean 1 or is None. ``kept`` are the numbers of these rows
    among the ``n_given``, None for all of them; ``sample_scores`` is what each answer
    is worth for each row, None where that is the table's to say.
    """

    X: Any
    codes: IntArray
    classes: AnyArray
    sample_weight: FloatArray | None
    n_given: int = 0
    kept: IntArray | None = None
    sample_scores: FloatArray | None = None

    def take(self, index: IntArray) -> "LabelledRows":
        """Return the rows at ``index``, their weights again of mean 1."""
        weight, scores = self.sample_weight, self.sample_scores
        return LabelledRows(
            self.X[index],
            self.codes[index],
            self.classes,
            None if weight is None else mean_one(weight[index]),
            self.n_given,
            index if self.kept is None else self.kept[index],
            None if scores is None else scores[index],
        )

    def reweighted(self, sample_weight: FloatArray) -> "LabelledRows":
        """Return the same rows under other weights; those of weight 0 are dropped."""
        kept = np.flatnonzero(sample_weight > 0)
        return replace(self.take(kept), sample_weight=mean_one(sample_weight[kept]))


def read_features(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Check features alone, as for prediction; dense array or CSR matrix."""
    refuse_anndata(X)
    _refuse_masked(X, "X")
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
    _refuse_masked(X, names[0])
    _refuse_masked(y, names[1])
    refuse_missing_labels(y, names[1])
    y = without_mask(y)
    X, y = validate_data(
        estimator, X, y, reset=reset, accept_sparse="csr", dtype=_DTYPES
    )
    y = _plain_labels(y, names[1])
    check_classification_targets(y)
    weight = read_weights(sample_weight, len(y), names[2])
    n_given, kept = len(y), None
    if weight is not None and not weight.all():
        kept = np.flatnonzero(weight)
        X, y, weight = X[kept], y[kept], weight[kept]
    found, codes = _encode(y, names[1])
    if classes is not None:
        codes = _codes_in(found, codes, classes, names[1])
    elif len(found) < 2:
        msg = (
            f"{names[1]} holds 1 class, {found.tolist()}; a classifier needs rows of "
            "at least 2 classes."
        )
        raise ValueError(msg)
    classes = found if classes is None else classes
    scaled = None if weight is None else mean_one(weight)
    return LabelledRows(X, codes, classes, scaled, n_given, kept)


def read_validation_rows(
    estimator: Any,
    rows: LabelledRows,
    given: tuple[Any, Any, Any],
    *,
    wanted: bool,
) -> LabelledRows | None:
    """Check ``X_val``, ``y_val`` and ``sample_weight_val``; None where not given.

    ``wanted`` says whether early stopping or the temperature would use them.
    """
    X_val, y_val, sample_weight_val = given
    if all(part is None for part in given):
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
    try:
        return read_labelled_rows(
            estimator,
            X_val,
            y_val,
            sample_weight_val,
            reset=False,
            classes=rows.classes,
            names=("X_val", "y_val", "sample_weight_val"),
        )
    except (TypeError, ValueError) as error:
        # scikit-learn calls any features X and any labels y.
        msg = f"X_val, y_val, sample_weight_val: {error}"
        raise type(error)(msg) from None


def read_known_classes(classes: Any, before: AnyArray | None) -> AnyArray:
    """Classes of a partial fit: given in the first call, and the same ever after."""
    if classes is None:
        if before is None:
            msg = "classes must be passed in the first call to partial_fit."
            raise ValueError(msg)
        return before
    found, _ = _encode(column_or_1d(without_mask(classes)), "classes")
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


def with_class_weight(
    rows: LabelledRows, class_weight: Any, *, all_rows: bool = True
) -> LabelledRows:
    """Multiply the rows' weights by the weights of their classes.

    ``all_rows`` says whether these are all the rows there are, as "balanced" needs.
    """
    if class_weight is None:
        return rows
    if not all_rows and isinstance(class_weight, str):
        msg = (
            f"class_weight={class_weight!r} needs all rows at once, but partial_fit "
            "sees them in parts; pass a dict with a weight for every label."
        )
        raise ValueError(msg)
    by_class = class_weights(
        class_weight, rows.classes, rows.classes[rows.codes], rows.sample_weight
    )
    weight = by_class[rows.codes]
    if rows.sample_weight is not None:
        weight = weight * rows.sample_weight
    checked = read_weights(weight, len(weight), "class_weight * sample_weight")
    return rows if checked is None else rows.reweighted(checked)


def refuse_anndata(X: Any) -> None:
    """Refuse an AnnData object at once: numpy would spend minutes failing on it."""
    if hasattr(X, "obs_names") and hasattr(X, "var_names"):
        msg = (
            "X is an AnnData object; pass its matrix, e.g. adata.X or "
            "adata.obsm['X_pca'], and its labels as y, e.g. adata.obs['cell_type']; "
            "or call simclf.scverse.fit_adata(clf, adata, 'cell_type') and "
            "simclf.scverse.annotate(clf, adata)."
        )
        raise TypeError(msg)


def _refuse_masked(array: Any, name: str) -> None:
    """Refuse a masked array: everything behind it would forget the mask."""
    if np.ma.isMaskedArray(array):
        msg = (
            f"{name} is a masked array, whose mask would be ignored; drop the masked "
            f"rows, or fill them with {name}.filled(...)."
        )
        raise ValueError(msg)


def _plain_labels(y: AnyArray, name: str) -> AnyArray:
    """Return labels held as objects as numpy holds them, where they are numbers."""
    if y.dtype != object:
        return y
    labels = y.tolist()
    refuse_missing(np.array([label is None for label in labels]), name)
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
