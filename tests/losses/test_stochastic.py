"""Noise matrices and targets: aligned, cut, refused."""

import numpy as np
import pandas as pd
import pytest

from simclf.losses._stochastic import read_stochastic

LABELS = ["ant", "bee", "cat"]
FRAME = pd.DataFrame(
    [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.125, 0.375, 0.5]], LABELS, LABELS
)


def read(matrix, classes=LABELS):
    return read_stochastic(matrix, np.array(classes), "soft_target", "targets")


def test_rounded_rows_are_brought_to_a_sum_of_one():
    rounded = FRAME.to_numpy() * (1 + 5e-7)
    np.testing.assert_allclose(read(rounded).values.sum(axis=1), 1.0, rtol=1e-15)


def test_a_frame_is_aligned_and_cut():
    found = read(FRAME, ["cat", "ant"])
    np.testing.assert_allclose(found.values, [[0.8, 0.2], [1 / 3, 2 / 3]])
    assert found.decisions.tolist() == ["cat", "ant"]


def test_refuses_a_row_that_the_cut_empties():
    match = (
        r"^soft_target: the targets row of class 'bee' is zero on all classes at "
        r"hand\. Give it a positive entry among them, or leave the class out\.$"
    )
    frame = FRAME.assign(dog=0.0)
    frame.loc["dog"] = [0, 0, 0, 1.0]
    frame.loc["bee"] = [0, 0, 0, 1.0]
    with pytest.raises(ValueError, match=match):
        read(frame)


@pytest.mark.parametrize("labelled", [True, False])
def test_refuses_rows_that_are_no_distribution(labelled):
    frame = FRAME.copy()
    frame.loc["bee", "cat"] = 0.1
    match = (
        r"^soft_target: the targets row of class 'bee' sums to 1\.1, expected 1\. "
        r"Divide each row by its sum\.$"
    )
    with pytest.raises(ValueError, match=match):
        read(frame if labelled else frame.to_numpy())


def test_refuses_negative_entries():
    frame = FRAME.copy()
    frame.loc["cat"] = [0.75, 0.5, -0.25]
    match = (
        r"^soft_target: targets has the negative entry -0\.25 in the row of class "
        r"'cat', column 'cat'\. Rows must be distributions\.$"
    )
    with pytest.raises(ValueError, match=match):
        read(frame)


def test_errors_of_reading_speak_of_the_parameter():
    match = r"^soft_target: targets has shape \(2, 2\) but y has 3 classes"
    with pytest.raises(ValueError, match=match):
        read(np.eye(2))
    with pytest.raises(TypeError, match=r"^soft_target: targets holds values of dtype"):
        read(np.full((3, 3), "a"))
    match = r"^soft_target: targets\.loc\['bee', 'bee'\] is nan; every entry must be"
    with pytest.raises(ValueError, match=match):
        read(FRAME.replace(1.0, np.nan))
