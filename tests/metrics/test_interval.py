"""One mean score with its interval, as data and as a sentence."""

import numpy as np
import pytest
from scipy import stats

from simclf.metrics import mean_score, score_interval
from tests.metrics.cases import FORUM, NAMES, TRIAGE


def test_the_fields_are_about_the_scores_of_the_rows():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.choice(NAMES, size=(2, 300))
    found = score_interval(y_true, y_pred, FORUM, n_resamples=5000, random_state=0)
    earned = [
        FORUM[NAMES.index(t)][NAMES.index(a)]
        for t, a in zip(y_true, y_pred, strict=False)
    ]
    codes = np.searchsorted(NAMES, [y_true, y_pred])
    earned = np.array(FORUM)[codes[0], codes[1]]
    assert found.score == pytest.approx(mean_score(y_true, y_pred, FORUM))
    assert found.standard_error == pytest.approx(stats.sem(earned), rel=0.04)
    assert found.low == pytest.approx(found.score - 1.96 * stats.sem(earned), abs=0.02)
    assert found.high == pytest.approx(found.score + 1.96 * stats.sem(earned), abs=0.02)
    assert (found.confidence, found.n_samples) == (0.95, 300)
    assert (found.n_groups, found.n_resamples) == (None, 5000)
    narrow = score_interval(
        y_true, y_pred, FORUM, confidence=0.5, n_resamples=5000, random_state=0
    )
    assert found.low < narrow.low < narrow.high < found.high


def test_the_sentence():
    y_true, y_pred = ["fine", "ill"] * 30, ["fine", "refer"] * 30
    found = score_interval(y_true, y_pred, TRIAGE, random_state=0)
    assert str(found) == (
        f"Mean score -1, 95% interval {found.low:.4g} to {found.high:.4g} (standard "
        f"error {found.standard_error:.2g}, 60 rows)."
    )
    found = score_interval(
        y_true,
        y_pred,
        TRIAGE,
        groups=np.arange(60) // 2,
        confidence=0.999,
        random_state=0,
    )
    assert str(found) == (
        "Mean score -1, 99.9% interval -1 to -1 (standard error 0, 60 rows in 30 "
        "groups)."
    )
