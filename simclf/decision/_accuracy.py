"""Accuracy of answers some of which are no class."""

from typing import Any

import numpy as np

from simclf._typing import AnyArray
from simclf.decision._check import check_weights
from simclf.decision._label_order import label_axis
from simclf.decision._missing import refuse_missing_labels, without_mask
from simclf.similarity._labels import is_name, plain_labels


def share_right(answers: AnyArray, y: Any, sample_weight: Any) -> float:
    """Weighted share of the answers that are the label.

    Answers may be of another type than labels, which scikit-learn refuses to compare.
    """
    labels = read_truth(y, len(answers))
    weights = check_weights(sample_weight, len(answers))
    pairs = zip(answers.tolist(), labels.tolist(), strict=True)
    return float(
        np.average([answer == label for answer, label in pairs], weights=weights)
    )


def read_truth(y: Any, n_rows: int) -> AnyArray:
    """Read true labels: one for each row, none missing."""
    refuse_missing_labels(y, "y")
    labels = label_axis(without_mask(y), "y")
    if len(labels) != n_rows:
        msg = (
            "Found input variables with inconsistent numbers of samples: "
            f"{[n_rows, len(labels)]}; y needs one label for each row of X."
        )
        raise ValueError(msg)
    for row, label in enumerate(plain_labels(labels)):
        if not is_name(label):
            msg = f"y[{row}] is {label!r}, which is no label; use words or numbers."
            raise ValueError(msg)
    return labels
