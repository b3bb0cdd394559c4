"""scikit-learn's own checks, over every loss and both decisions.

All of them pass in float64, with no failure expected. In float32 one may fail: weight 2
and a row given twice are the same sum in another order, which agrees to single
precision (about 1e-7) and no better, while the check asks for 1e-7.
"""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from simclf import SimilarityAwareClassifier
from simclf.losses import LOSSES
from simclf.modules import MLP, ResidualMLP
from tests.made_tables import OffsetIdentity

WEIGHT_CHECKS = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)
SINGLE_PRECISION = "float32 sums of the same rows in another order differ by 1e-7"


def small(**parameters: Any) -> SimilarityAwareClassifier:
    """Return a classifier that is quick to fit."""
    settings: dict[str, Any] = {
        "similarity": OffsetIdentity(),
        "module": MLP((32,)),
        "n_members": 1,
        "max_epochs": 40,
        "lr": 0.01,
        "calibration": None,
        "early_stopping": False,
    }
    return SimilarityAwareClassifier(**(settings | parameters))


DOUBLE = [
    small(loss=name, decision=decision, dtype="float64")
    for name in LOSSES
    for decision in ("argmax", "bayes")
]
DOUBLE += [
    SimilarityAwareClassifier(dtype="float64", max_epochs=30),
    small(n_members=3, dtype="float64"),
    small(module="linear", dtype="float64", lr=0.1),
    small(module=ResidualMLP(1, 16), n_members=2, dtype="float64"),
]


@parametrize_with_checks(DOUBLE)
def test_double_precision(estimator: Any, check: Any) -> None:
    check(estimator)


@parametrize_with_checks([small(), SimilarityAwareClassifier(max_epochs=30)])
def test_single_precision(estimator: Any, check: Any) -> None:
    try:
        check(estimator)
    except AssertionError:
        # Whether the last digits agree is up to the processor: no strict failure.
        if check.func.__name__ not in WEIGHT_CHECKS:
            raise
        pytest.xfail(SINGLE_PRECISION)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_checked_under_both_decisions(name: str) -> None:
    decisions = {clf.decision for clf in DOUBLE if clf.loss == name}
    assert decisions >= {"argmax", "bayes"}
