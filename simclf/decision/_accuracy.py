"""Accuracy of answers some of which are no class."""

from typing import Any

import numpy as np

from simclf._typing import AnyArray


def share_right(answers: AnyArray, y: Any, sample_weight: Any) -> float:
    """Weighted share of the answers that are the label.

    Answers may be of another type than labels, which scikit-learn refuses to compare.
    """
    pairs = zip(answers.tolist(), np.asarray(y).tolist(), strict=True)
    hits = [answer == label for answer, label in pairs]
    return float(np.average(hits, weights=sample_weight))
