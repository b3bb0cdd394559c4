"""Tables, labels, answers and weights for the tests of the metrics."""

import re

import pandas as pd
import pytest
from hypothesis import strategies as st

from simclf.metrics import mean_score, mistake_severity, regret, skill_score
from tests.strategies import classes, score_tables

FORUM = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
NAMES = ["c1", "c2", "c3", "c4"]
TRIAGE = pd.DataFrame(
    [[0, -1, -2], [-10, 0, -2]],
    index=["fine", "ill"],
    columns=["fine", "ill", "refer"],
)
ON_LABELS = [mean_score, skill_score, regret, mistake_severity]


@st.composite
def cases(draw, extra=0):
    """Table, its labels, true labels, answers and weights."""
    k = draw(st.integers(2, 6))
    labels, values = draw(classes(k)), draw(score_tables(k, extra=extra))
    n = draw(st.integers(1, 8))
    codes = st.lists(st.integers(0, k - 1), min_size=n, max_size=n)
    answers = st.lists(st.integers(0, k + extra - 1), min_size=n, max_size=n)
    # Below 1e-300 the loops of a test lose the precision of what they multiply.
    weight = st.floats(0, 5).map(lambda w: w if w >= 1e-300 else 0.0)
    weights = draw(st.lists(weight, min_size=n, max_size=n))
    weights[draw(st.integers(0, n - 1))] = draw(st.floats(0.1, 5))
    return values, labels, draw(codes), draw(answers), weights


def mean(values, weights):
    total = sum(w * v for w, v in zip(weights, values, strict=True))
    return total / sum(weights)


def refusal(sentence):
    return pytest.raises(ValueError, match="^" + re.escape(sentence) + "$")
