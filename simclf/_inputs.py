"""What a user hands to fit and predict, checked and encoded."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from simclf._bad_entry import bad_entry, column_of
from simclf._typing import AnyArray, FloatArray, IntArray
from simclf._weights import class_weights, mean_one, read_weights
from simclf.decision._target import read_labels, refuse_mixed
from simclf.similarity._arrays import refuse_masked, unreadable

_DTYPES = [np.float64, np.float32]
_OF_NAMES = ("The feature names", "Feature names", "Expected unique column names")
_FEATURES = "a 2-d array, DataFrame or CSR matrix of real numbers; encode words first"


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


def read_features(estimator: Any, X: Any, *, reset: bool, name: str = "X") -> Any:
    """Check features alone, as for prediction; dense array or CSR matrix."""
    if X is None:
        msg = f"{name} is None; pass {_FEATURES}."
        raise ValueError(msg)
    refuse_anndata(X, name)
    refuse_masked(X, name)
    _refuse_dates(X, name)
    try:
        return validate_data(
            estimator, X, reset=reset, accept_sparse="csr", dtype=_DTYPES
        )
    except Exception as error:  # noqa: BLE001 (a foreign container raises anything)
        raise _refusal(X, name, error) from None


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
    X = read_features(estimator, X, reset=reset, name=names[0])
    y = read_labels(y, names[1])
    if X.shape[0] != len(y):
        msg = (
            "Found input variables with inconsistent numbers of samples: "
            f"{[X.shape[0], len(y)]}; {names[1]} needs one label for each row of "
            f"{names[0]}."
        )
        raise ValueError(msg)
    weight = read_weights(sample_weight, len(y), names[2], names[0])
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
    found, _ = _encode(read_labels(classes, "classes"), "classes")
    if len(found) < 2:
        n_found = "1 class" if len(found) else "no class"
        msg = f"classes={found.tolist()} holds {n_found}; pass at least 2."
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


def refuse_anndata(X: Any, name: str = "X") -> None:
    """Refuse an AnnData object at once: numpy would spend minutes failing on it."""
    if hasattr(X, "obs_names") and hasattr(X, "var_names"):
        msg = (
            f"{name} is an AnnData object; pass its matrix, e.g. adata.X or "
            "adata.obsm['X_pca'], and its labels as y, e.g. adata.obs['cell_type']; "
            "or call simclf.scverse.fit_adata(clf, adata, 'cell_type') and "
            "simclf.scverse.annotate(clf, adata)."
        )
        raise TypeError(msg)


def _refuse_dates(X: Any, name: str) -> None:
    """Refuse dates, which numpy would turn into days or nanoseconds without a word."""
    dtypes = X.dtypes if hasattr(X, "dtypes") else [getattr(X, "dtype", None)]
    are_dates = [_is_date(t) for t in np.atleast_1d(np.asarray(dtypes, dtype=object))]
    if any(are_dates):
        named = hasattr(X, "columns")
        place = column_of(X, name, are_dates.index(True)) if named else name
        msg = (
            f"{place} holds dates or durations; turn them into numbers first, e.g. "
            "into days since the first one."
        )
        raise TypeError(msg)


def _is_date(dtype: Any) -> bool:
    """Whether numpy, pandas or polars hold dates or durations as this."""
    if hasattr(dtype, "is_temporal"):
        return bool(dtype.is_temporal())
    return getattr(dtype, "kind", "") in ("m", "M")


def _refusal(X: Any, name: str, error: Exception) -> Exception:
    """Tell what scikit-learn or numpy have against features, and where it stands."""
    text = str(error)
    entry = None if text.startswith(_OF_NAMES) else bad_entry(X, name)
    if entry is None and not isinstance(error, TypeError | ValueError):
        return unreadable(X, name, _FEATURES, error)
    if entry is None and re.search(rf"\b{name}\b", text):
        return error
    kind = ValueError if isinstance(error, ValueError) else TypeError
    return kind(entry or _told_by_name(text, name))


def _told_by_name(text: str, name: str) -> str:
    """Say of whom scikit-learn or numpy speak, and what to do where they do not."""
    if text.startswith("The feature names"):
        remedy = f"Pass the columns of the fit, e.g. {name}[clf.feature_names_in_]."
    elif "Reshape your data" in text:
        remedy = ""
    else:
        # Without the numbers that scikit-learn shows.
        if text.startswith("Complex data"):
            text = text.partition("\n")[0]
        text = " ".join(text.split()).rstrip(".") + "."
        remedy = f"Pass {_FEATURES}."
    return f"{name}: {text} {remedy}".rstrip()


def _encode(y: AnyArray, name: str) -> tuple[AnyArray, IntArray]:
    """Sorted classes and the position of each label among them."""
    try:
        classes, codes = np.unique(y, return_inverse=True)
    except TypeError:
        refuse_mixed(y.tolist(), name)
    return classes, np.asarray(codes, dtype=np.intp)


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
