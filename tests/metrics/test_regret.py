"""Regret, and the severity of the mistakes alone."""

import pytest

from simclf.metrics import mistake_severity, regret
from tests.metrics.cases import FORUM, NAMES


def test_severity_counts_mistakes_only():
    y_true, y_pred = ["c1", "c3", "c4"], ["c4", "c3", "c4"]
    assert regret(y_true, y_pred, FORUM, classes=NAMES) == pytest.approx(4 / 3)
    assert mistake_severity(y_true, y_pred, FORUM, classes=NAMES) == 3.0
    assert mistake_severity(y_true, y_true, FORUM, classes=NAMES) == 0.0
    weights = [0, 1, 1]
    found = mistake_severity(
        y_true, y_pred, FORUM, classes=NAMES, sample_weight=weights
    )
    assert found == 0.0
