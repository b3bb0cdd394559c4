"""Every row is judged by a classifier that has not learned from it, by class name."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    ShuffleSplit,
    StratifiedKFold,
)
from sklearn.tree import DecisionTreeClassifier

from simclf import SimilarityWarning
from simclf.decision._unseen import Rows, class_proba, unseen_rows


class Recall(ClassifierMixin, BaseEstimator):
    """Says for each class the share of its training rows, and 1 for rows it knows."""

    def fit(self, X, y, sample_weight=None):
        self.known_ = set(np.ravel(X).tolist())
        self.weights_ = sample_weight
        # Not sorted: columns must be found by name.
        self.classes_ = np.unique(y)[::-1]
        self.share_ = np.array([np.mean(y == label) for label in self.classes_])
        return self

    def predict_proba(self, X):
        assert not self.known_ & set(np.ravel(X).tolist()), "a row was learned from"
        return np.tile(self.share_, (len(X), 1))


def rows_of(labels, counts=None):
    """Rows numbered from 0, with their labels."""
    labels = np.array(labels)
    codes = np.unique(labels, return_inverse=True)[1]
    counts = np.ones(len(labels)) if counts is None else np.array(counts)
    return Rows(np.arange(len(labels))[:, np.newaxis], labels, codes, counts)


def unseen(labels, cv, counts=None, **params):
    settings = {"fit_params": {}, "split_params": {}} | params
    return unseen_rows(
        Recall(), rows_of(labels, counts), np.unique(labels), cv, **settings
    )


LABELS = ["ant"] * 6 + ["bee"] * 4 + ["cat"] * 2


@pytest.mark.parametrize("cv", [2, StratifiedKFold(2), None])
def test_columns_are_found_by_name(cv):
    found = unseen(LABELS, cv)
    assert found.proba.shape == (12, 3)
    assert found.proba.sum(axis=1) == pytest.approx(1)
    assert (found.proba[:, 0] > found.proba[:, 2]).all()
    assert np.bincount(found.codes).tolist() == [6, 4, 2]


def test_a_row_of_a_class_not_met_does_not_count():
    labels = ["ant"] * 6 + ["bee"] * 6 + ["cat"]
    found = unseen(labels, 3)
    assert np.bincount(found.codes, minlength=3).tolist() == [6, 6, 0]
    lacking = found.proba[:, 2] == 0
    assert 0 < lacking.sum() < 12


def test_a_fold_of_one_class_is_passed_over():
    found = unseen(["ant"] * 5 + ["bee"], 5)
    assert found.codes.tolist() == [0, 0, 0, 0]
    weightless = unseen(["ant"] * 5 + ["bee"] * 2, 5, counts=[1.0] * 6 + [0.0])
    assert weightless.codes.tolist().count(0) == 4


def test_a_fold_that_holds_out_nothing_it_could_judge_is_passed_over():
    labels = np.array(["ant", "ant", "bee", "bee", "cat"])
    rows, params = rows_of(labels), {"fit_params": {}, "split_params": {}}
    tree = DecisionTreeClassifier()
    found = unseen_rows(tree, rows, np.unique(labels), LeaveOneOut(), **params)
    assert found.codes.tolist() == [0, 0, 1, 1]


def test_classes_of_one_row_each_leave_nothing():
    assert unseen(["ant", "bee"], None).proba.shape == (0, 2)


def test_there_are_no_more_folds_than_rows_of_the_largest_class():
    assert len(unseen(["ant"] * 3 + ["bee"] * 3, 5).codes) == 6


@pytest.mark.parametrize("cv", [1, 0, True])
def test_less_than_two_folds_are_refused(cv):
    text = (
        f"cv={int(cv)} must be at least 2, so that some rows are held out; or pass "
        "calibration=None."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        unseen(LABELS, cv)


@pytest.mark.parametrize(("cv", "n_counted"), [(KFold(2), 4), (LeaveOneGroupOut(), 0)])
def test_a_calibration_of_few_rows_is_spoken_of(cv, n_counted):
    labels = ["ant"] * 5 + ["bee"] * 4 + ["cat"] * 3
    params = {"groups": labels} if n_counted == 0 else {}
    text = (
        f"the calibration learns from {n_counted} of the 12 rows held out: the class "
        "of the others is not among the rows that their fold learns from. Pass folds "
        "that hold rows of every class on both sides, such as cv=5, or "
        "calibration=None."
    )
    with pytest.warns(SimilarityWarning, match=f"^{re.escape(text)}$"):
        found = unseen(labels, cv, split_params=params)
    assert len(found.codes) == n_counted


def test_rows_without_weight_are_not_missed():
    counts = [1.0] * 5 + [0.0] * 4 + [1.0]
    found = unseen(["ant"] * 4 + ["bee"] + ["cat"] * 5, 2, counts)
    assert np.count_nonzero(found.counts) >= 3


def test_a_splitter_may_hold_out_a_row_twice_or_never():
    found = unseen(["ant", "bee"] * 6, ShuffleSplit(7, test_size=4, random_state=0))
    assert len(found.codes) == 28


def test_given_folds_are_taken():
    train, test = [0, 1, 6, 7, 10], [2, 8, 11]
    found = unseen(LABELS, [(train, test)])
    assert found.codes.tolist() == [0, 1, 2]
    assert found.proba == pytest.approx(np.tile([0.4, 0.4, 0.2], (3, 1)))


def test_the_splitter_is_given_its_groups():
    groups = np.arange(12) % 3
    found = unseen(LABELS, GroupKFold(3), split_params={"groups": groups})
    assert len(found.codes) == 12


def test_rows_keep_their_weights_and_the_parameters_of_fit_are_cut():
    weights = np.arange(1.0, 13.0)
    found = unseen(
        LABELS,
        [(np.arange(1, 12), [0])],
        weights,
        fit_params={"sample_weight": weights},
    )
    assert found.counts.tolist() == [1.0]


class Weighted(Recall):
    """Gives the class of its heaviest row all that there is."""

    def predict_proba(self, X):
        return np.tile(np.eye(2)[int(self.weights_.argmax() > 0)], (len(X), 1))


def test_weights_are_cut_with_the_rows_learned_from():
    rows = rows_of(["ant", "bee", "ant", "bee"])
    found = unseen_rows(
        Weighted(),
        rows,
        np.array(["ant", "bee"]),
        [([2, 3], [0, 1])],
        fit_params={"sample_weight": np.array([9.0, 9.0, 1.0, 5.0])},
        split_params={},
    )
    # The heaviest row learned from is the second; classes_ are in reverse.
    assert found.proba.tolist() == [[1, 0], [1, 0]]


def test_frames_are_cut_by_row():
    frame = pd.DataFrame({"number": range(12)}, index=range(50, 62))
    plain = rows_of(LABELS)
    rows = Rows(frame, plain.labels, plain.codes, plain.counts)
    none = {"fit_params": {}, "split_params": {}}
    found = unseen_rows(Recall(), rows, np.unique(LABELS), 2, **none)
    assert found.proba == pytest.approx(unseen(LABELS, 2).proba)


def test_a_frozen_classifier_is_asked_about_all_rows():
    model = Recall().fit([[-1], [-2], [-3]], np.array(["ant", "bee", "cat"]))
    found = unseen_rows(
        FrozenEstimator(model),
        rows_of(LABELS),
        np.array(["ant", "bee", "cat"]),
        "not looked at",
        fit_params={},
        split_params={},
    )
    assert found.proba == pytest.approx(np.full((12, 3), 1 / 3))


def test_a_classifier_that_gives_no_distribution_is_named():
    class Broken(Recall):
        def predict_proba(self, X):
            return np.full((len(X), 2), 0.7)

    model = Broken().fit([[0], [1]], np.array(["ant", "bee"]))
    with pytest.raises(
        ValueError, match=r"^Broken.predict_proba\(X\)\[0\] sums to 1.4"
    ):
        class_proba(model, [[5]], np.array(["ant", "bee"]))
