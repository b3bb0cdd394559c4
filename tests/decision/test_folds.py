"""Folds are pairs of row numbers in range; whole groups need to be known."""

import re
import warnings

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
)

from simclf.decision._folds import check_groups, read_folds

LABELS = np.array(["ant", "bee", "ant", "bee", "cat", "ant"])
CODES = np.array([0, 1, 0, 1, 2, 0])


def folds(cv, **params):
    X = np.arange(len(LABELS))[:, np.newaxis]
    read = read_folds(cv, X, LABELS, CODES, params)
    return [(train.tolist(), test.tolist()) for train, test in read]


def refusal(sentence, kind=ValueError):
    return pytest.raises(kind, match="^" + re.escape(sentence) + "$")


@pytest.mark.parametrize(("cv", "n_folds"), [(2, 2), (None, 3), (5, 3)])
def test_a_number_makes_stratified_folds(cv, n_folds):
    found = folds(cv)
    assert len(found) == n_folds
    assert sorted(row for _, test in found for row in test) == list(range(6))
    assert all("ant" in LABELS[test] for _, test in found)


def test_a_generator_of_folds_is_taken():
    assert folds(([i], [i + 1]) for i in range(2)) == [([0], [1]), ([1], [2])]


@pytest.mark.parametrize("cv", ["five", 2.5])
def test_what_makes_no_folds_is_refused(cv):
    with pytest.raises(ValueError, match="Expected `cv` as an integer, a cross-valid"):
        folds(cv)


def test_a_splitter_and_its_groups_are_used():
    groups = [0, 0, 1, 1, 2, 2]
    assert folds(LeaveOneGroupOut(), groups=groups)[0] == ([2, 3, 4, 5], [0, 1])
    assert folds(KFold(2))[0] == ([3, 4, 5], [0, 1, 2])


def test_given_folds_may_be_masks_or_count_from_the_end():
    mask = np.arange(6) < 4
    assert folds([(mask, ~mask), ([0, 1], [-1])]) == [
        ([0, 1, 2, 3], [4, 5]),
        ([0, 1], [-1]),
    ]


def test_no_folds_are_refused():
    with refusal(
        "cv=[] has no folds, so no row is held out; pass the number of folds, e.g. "
        "cv=5, or calibration=None."
    ):
        folds([])


@pytest.mark.parametrize("row", [6, -7, 99])
def test_rows_out_of_range_are_refused(row):
    with refusal(
        f"cv: fold 1 has row {row} but there are 6 rows, numbered from 0 to 5; make "
        "the folds from the rows given to fit."
    ):
        folds([([0, 1], [2]), ([0, 1], [2, row])])


@pytest.mark.parametrize(
    ("fold", "what"), [(([], [1, 2]), "to learn from"), (([1, 2], []), "held out")]
)
def test_empty_parts_are_refused(fold, what):
    with refusal(f"cv: fold 0 has no rows {what}; give it some or leave it out."):
        folds([fold])


@pytest.mark.parametrize("fold", [3, ([0], [1], [2])])
def test_what_is_no_pair_is_refused(fold):
    with refusal(
        f"cv: fold 0 is {fold!r}; expected a pair of lists of row numbers, those to "
        "learn from and those to hold out.",
        TypeError,
    ):
        folds([fold])


@pytest.mark.parametrize(
    ("part", "shape", "dtype"),
    [
        ([0.0, 1.0], (2,), "float64"),
        (["ant"], (1,), "<U3"),
        ([[0, 1]], (1, 2), "int64"),
        ([True], (1,), "bool"),
    ],
)
def test_what_is_no_list_of_row_numbers_is_refused(part, shape, dtype):
    with refusal(
        f"cv: fold 0 has rows of shape {shape} and dtype {dtype}; expected a flat list "
        "of row numbers from 0 to 5.",
        TypeError,
    ):
        folds([(part, [2])])


@pytest.mark.parametrize("cv", [GroupKFold(2), StratifiedGroupKFold(2)])
def test_a_splitter_of_groups_needs_them(cv):
    with refusal(
        f"cv={cv!r} holds out whole groups but is given none; call fit(X, y, "
        "groups=...) with one label for each row, such as its patient."
    ):
        check_groups(cv, None)


@pytest.mark.parametrize("cv", [None, 3])
def test_groups_that_nobody_looks_at_are_spoken_of(cv):
    text = (
        f"groups are given but cv={cv} parts rows of one group, so the calibration "
        "judges by rows that are hardly new; pass cv=GroupKFold(5) or "
        "cv=StratifiedGroupKFold(5) of sklearn.model_selection."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(text)}$"):
        check_groups(cv, [1, 2])


@pytest.mark.parametrize("cv", [None, 3, KFold(2), [([0], [1])]])
def test_other_folds_need_no_groups(cv):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_groups(cv, None)
        check_groups(GroupKFold(2), [1, 2])
