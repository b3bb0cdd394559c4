"""What deciding by a table changes, on a user's labels and class probabilities."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.similarity._labels import (
    array_of_labels,
    is_name,
    near_miss,
    plain_labels,
    show_labels,
)
from simclf.similarity._report import DecisionChange
from simclf.similarity._scale import unit_regret, unit_scores
from simclf.similarity._table import ScoreTable

_TIE = 1e-12
_SUM_TOLERANCE = 1e-4  # the rounding of float32


def read_labels(y: ArrayLike) -> list[object]:
    """Labels of a user's y, one for each row."""
    try:
        labels = array_of_labels(y)
    except Exception:  # noqa: BLE001 (a foreign __array__ raises anything)
        msg = "y cannot be read; expected one class label for each row."
        raise ValueError(msg) from None
    if labels.ndim != 1 or labels.size == 0:
        msg = f"y has shape {labels.shape}; expected one class label for each row."
        raise ValueError(msg)
    names = plain_labels(labels)
    for row, name in enumerate(names):
        if not is_name(name):
            msg = f"y[{row}] is {name!r}; every row needs a class label."
            raise ValueError(msg)
    return names


def encode_labels(labels: list[object], classes: AnyArray) -> IntArray:
    """Position of every label among the classes."""
    names = plain_labels(classes)
    position = {name: code for code, name in enumerate(names)}
    unknown = [label for label in labels if label not in position]
    if unknown:
        msg = (
            f"y has label {unknown[0]!r}, which is no class of the table: "
            f"{show_labels(names)}. Rename it, or pass a table that knows it."
        )
        raise ValueError(msg)
    return np.array([position[label] for label in labels], dtype=np.intp)


def read_proba(proba: ArrayLike, n_classes: int) -> FloatArray:
    """Class probabilities as finite, non-negative floats of the right width."""
    try:
        rows = np.asarray(proba, dtype=np.float64)
    except Exception:  # noqa: BLE001 (a foreign __array__ raises anything)
        msg = "proba cannot be read; expected one probability for each row and class."
        raise TypeError(msg) from None
    if rows.shape[1:] != (n_classes,) or rows.shape[0] == 0:
        msg = (
            f"proba has shape {rows.shape}; expected one row for each sample and one "
            f"column for each of the {n_classes} classes."
        )
        raise ValueError(msg)
    wrong = np.argwhere(~(np.isfinite(rows) & (rows >= 0)))
    if len(wrong):
        row, column = wrong[0].tolist()
        msg = (
            f"proba[{row}, {column}] is {rows[row, column].item()}; every entry must "
            "be finite and not negative."
        )
        raise ValueError(msg)
    sums = rows.sum(axis=1)
    row = int(np.abs(sums - 1.0).argmax())
    if abs(sums[row] - 1.0) > _SUM_TOLERANCE:
        msg = (
            f"proba[{row}] sums to {sums[row]:.6g}; every row must sum to 1. Divide "
            "each row by its sum, or pass the columns of all classes."
        )
        raise ValueError(msg)
    return rows


def names_classes(proba: object) -> bool:
    """Whether the columns of probabilities have names, and not just numbers."""
    if isinstance(proba, np.ndarray) or not hasattr(proba, "columns"):
        return False
    columns = list(proba.columns)
    return columns != list(range(len(columns)))


def align_columns(proba: Any, classes: AnyArray) -> Any:
    """Probabilities in the order of the classes, by the names of their columns."""
    wanted = plain_labels(classes)
    if not names_classes(proba):
        return proba
    names = plain_labels(proba.columns)
    if len(names) != len(wanted) or set(names) != set(wanted):
        lacking = [label for label in wanted if label not in names]
        mend = near_miss(lacking[0], names) if lacking else None
        msg = (
            f"proba has columns {show_labels(names)} but the classes are "
            f"{show_labels(wanted)}; "
            f"{mend or 'name one column after each class, or pass a bare array'}."
        )
        raise ValueError(msg)
    return np.asarray(proba)[:, [names.index(label) for label in wanted]]


def compare_decisions(
    table: ScoreTable, proba: FloatArray, codes: IntArray | None
) -> DecisionChange:
    """Compare the answers a table prefers with the most probable classes."""
    likely = proba.argmax(axis=1)
    preferred = _preferred_answers(table.values, proba, likely)
    n_samples, n_changed = len(proba), int(np.count_nonzero(preferred != likely))
    if codes is None:
        return DecisionChange(n_samples, n_changed)
    unit, scale, offset = unit_scores(table.values)
    plain, by_table = unit[codes, likely], unit[codes, preferred]
    return DecisionChange(
        n_samples,
        n_changed,
        argmax_score=float(plain.mean()) * scale + offset,
        table_score=float(by_table.mean()) * scale + offset,
        standard_error=_standard_error(by_table - plain) * scale,
    )


def _preferred_answers(
    values: FloatArray, proba: FloatArray, likely: IntArray
) -> IntArray:
    """Answers of least expected regret; the likely class where it is as good."""
    regret = proba @ unit_regret(values)
    best = regret.argmin(axis=1)
    everyone = np.arange(len(proba))
    as_good = regret[everyone, likely] <= regret[everyone, best] + _TIE
    return np.where(as_good, likely, best)


def _standard_error(differences: FloatArray) -> float:
    """Estimate the standard error of a mean; nan for a single difference."""
    n = len(differences)
    return float(differences.std(ddof=1)) / n**0.5 if n > 1 else float("nan")
