"""Every registered loss with default settings, further settings, and what they promise.

A loss added to the registry is tested with its default settings and the strictest
promises; it needs nothing here but a reference in ``reference.py``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from hypothesis import strategies as st
from torch import Tensor

from simclf._typing import FloatArray, IntArray
from simclf.losses import LOSSES, Loss
from simclf.similarity import ScoreTable
from tests.strategies import LABELS, score_tables, scores_and_codes

K = 4
CLASSES = LABELS[:K]
EXTRA = ["refer", "another test"]


@dataclass(frozen=True)
class Case:
    """A loss and the promises that do not hold for it."""

    loss: Loss
    square_only: bool = False  # explicit targets have one column for each class
    reads_table: bool = True
    line_tables: bool = False  # takes distances along a line only
    symmetrizes: bool = False  # a transposed table is the same table to it
    row_shift_free: bool = True
    score_shift_free: bool = True
    bayes_exact: bool = True  # its minimiser gives the Bayes decision
    first_of_ties: bool = False  # of equally good answers it picks one
    has_link: bool = False  # its minimiser is not the softmax of scores
    fades: bool = False  # what it warms up with leaves by and by
    softened: bool = False  # tau keeps it from the decision it tends to
    interior: bool = True  # finite scores of least risk, and those alone

    def __str__(self) -> str:
        shown = []
        for key, value in sorted(self.loss.get_params().items()):
            plain = isinstance(value, str | bool | float | int | None)
            shown.append(f"{key}={value if plain else type(value).__name__}")
        return f"{self.loss.name}({','.join(shown)})"


NOISE = pd.DataFrame(
    [[0.7, 0.1, 0.2, 0.0], [0.0, 0.9, 0.0, 0.1], [0.3, 0, 0.6, 0.1], [0, 0, 0.2, 0.8]],
    index=CLASSES,
    columns=CLASSES,
)
TARGETS = pd.DataFrame(
    [[0.8, 0.2, 0, 0], [0.3, 0.7, 0, 0], [0, 0, 0.9, 0.1], [0, 0.1, 0.2, 0.7]],
    index=CLASSES,
    columns=CLASSES,
)
IDENTITY = pd.DataFrame(np.eye(K), index=CLASSES, columns=CLASSES)

PROMISES: dict[str, dict[str, Any]] = {
    "cross_entropy": {"reads_table": False},
    "expected_score": {"has_link": True, "fades": True, "interior": False},
    "log_expected_score": {"bayes_exact": False, "interior": False},
    "pairwise": {"symmetrizes": True},
    "score_regression": {"row_shift_free": False, "score_shift_free": False},
    "soft_target": {"bayes_exact": False},
    "softmax_margin": {"symmetrizes": True, "has_link": True},
}


def _case(name: str, settings: dict[str, Any], **promises: Any) -> Case:
    return Case(LOSSES[name](**settings), **(PROMISES.get(name, {}) | promises))


DIRECT: dict[str, Any] = {"has_link": False, "fades": False}

DEFAULTS = [_case(name, {}) for name in LOSSES]
FURTHER = [
    _case("cross_entropy", {"label_smoothing": 0.2}, bayes_exact=False),
    _case(
        "cross_entropy",
        {"noise_matrix": NOISE},
        bayes_exact=False,
        interior=False,
    ),
    _case("entropic_score", {"tau": 2.0}),
    _case("expected_score", {"warm_start": 0.2, "tau": 0.3}, softened=True),
    _case("expected_score", {"warm_start": 0.0, "logit_bias": 0.0}, **DIRECT),
    _case(
        "expected_score",
        {"warm_start": 0.3, "tau": None},
        first_of_ties=True,
        **DIRECT,
    ),
    _case(
        "expected_score",
        {"logit_bias": "auto"},
        bayes_exact=False,
        first_of_ties=True,
        **DIRECT,
    ),
    _case("kernel_brier", {"weight": 0.5}),
    _case("kernel_brier", {"kernel": "energy"}, line_tables=True, symmetrizes=True),
    _case("log_expected_score", {"floor": 0.0}),
    _case("log_expected_score", {"floor": 0.5}),
    _case("pairwise", {"symmetrize": False}, symmetrizes=False, bayes_exact=False),
    _case("score_regression", {"kind": "one_vs_all"}),
    _case("soft_target", {"targets": "affine"}, bayes_exact=True),
    _case("soft_target", {"targets": "score_weighted"}, bayes_exact=True),
    _case("soft_target", {"targets": TARGETS}, square_only=True, reads_table=False),
    _case(
        "soft_target",
        {"targets": IDENTITY},
        reads_table=False,
        bayes_exact=True,
    ),
    _case("softmax_margin", {"margin": 1.0}),
    _case("tailored_score", {"lam": 20.0, "tau": 0.3, "warmup": 0.5}),
]
CASES = DEFAULTS + FURTHER


def score_table(values: FloatArray, order: IntArray | None = None) -> ScoreTable:
    """A table with the labels of the cases, its classes in a given order."""
    order = np.arange(K, dtype=np.intp) if order is None else order
    extra = values.shape[1] - K
    columns = np.concatenate([order, np.arange(K, K + extra)])
    decisions = np.array([*CLASSES, *EXTRA[:extra]], dtype=object)[columns]
    cut = np.ascontiguousarray(values[np.ix_(order, columns)])
    return ScoreTable(cut, CLASSES[order], decisions, "similarity")


def columns(order: IntArray, n_columns: int) -> IntArray:
    """Where the columns of classes and further answers are in another order."""
    return np.concatenate([order, np.arange(len(order), n_columns, dtype=np.intp)])


def forward(
    loss: Loss, table: ScoreTable, scores: Any, codes: Any, progress: float = 1.0
) -> Tensor:
    """The loss in float64, everything given in numpy."""
    prepared = loss.prepare(table, torch.float64)
    scores = torch.as_tensor(scores, dtype=torch.float64)
    return loss.pointwise(scores, torch.as_tensor(codes), prepared, progress)


@st.composite
def problems(
    draw: st.DrawFn, case: Case, *, n: int = 5, varied: bool = False
) -> tuple[ScoreTable, FloatArray, IntArray]:
    """A table that suits the case, scores of shape (n, n_outputs) and codes (n,)."""
    table = score_table(draw(tables_for(case, varied=varied)))
    n_outputs = case.loss.n_outputs(table.n_classes, table.n_decisions)
    scores, codes = draw(scores_and_codes(K, n=n, n_outputs=n_outputs))
    return table, scores, codes


@st.composite
def tables_for(draw: st.DrawFn, case: Case, *, varied: bool = False) -> FloatArray:
    """Square or wider tables; `varied` ones have no constant row."""
    if case.line_tables:
        return draw(line_tables())
    extra = 0 if case.square_only else draw(st.integers(0, 2))
    values = draw(score_tables(K, extra=extra))
    if varied:
        values = values + 2.0 * np.eye(K, K + extra) + 0.25 * np.arange(K + extra)
    return values


@st.composite
def line_tables(draw: st.DrawFn) -> FloatArray:
    """Minus the distances of points on a line, with something added to each row."""
    steps = st.lists(st.integers(0, 9), min_size=K, max_size=K)
    points = np.cumsum(draw(steps)).astype(np.float64)
    shifts = np.array(draw(steps), dtype=np.float64)
    return shifts[:, None] - np.abs(points[:, None] - points)
