"""Fits that stop where training begins."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf.search import _collect
from simclf.search._collect import Measured, last_step
from simclf.training import fit_standardizer
from tests.search.cases import TABLE, classifier, make_rows, plan_of, tasks_of

SPLITS = [(np.arange(60), np.arange(60, 91)), (np.arange(31, 91), np.arange(31))]


def test_fits_come_by_candidate_and_then_by_split():
    plan = plan_of(classifier(), [{"lr": 0.1}, {"lr": 0.2}], SPLITS)
    assert len(plan.keys) == len(set(plan.keys)) == 4
    rates = [plan.tasks[key].settings.lr for key in plan.keys]
    assert rates == [0.1, 0.1, 0.2, 0.2]
    streams = [plan.tasks[key].stream for key in plan.keys]
    assert streams[0] == streams[2] != streams[1] == streams[3]
    assert plan.alone == {}


def test_equal_candidates_are_one_task():
    plan = plan_of(classifier(), [{"lr": 0.1}, {"lr": 0.1}], SPLITS)
    assert len(plan.tasks) == 2
    assert plan.keys[:2] == plan.keys[2:]


def test_fits_on_the_same_rows_hold_them_once():
    pipeline = make_pipeline(StandardScaler(), classifier())
    candidates = [{"similarityawareclassifier__lr": lr} for lr in (0.1, 0.2, 0.3)]
    plan = plan_of(pipeline, candidates, SPLITS)
    assert len(plan.tasks) == 6
    assert len({id(task.job.rows) for task in plan.tasks.values()}) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"lr": 0.5},
        {"weight_decay": 0.5},
        {"loss": "pairwise"},
        {"similarity": TABLE.T},
        {"random_state": 5},
        {"n_iter_no_change": 3},
        {"class_weight": "balanced"},
        {"standardize": False},
        {"module": "linear"},
    ],
    ids="-".join,
)
def test_what_changes_the_model_changes_its_key(other):
    same, again, changed = tasks_of(
        classifier(early_stopping=True), [{}, {}, other], n_rows=(61,)
    )
    assert same.key == again.key != changed.key


def test_what_fails_has_no_task_and_no_reason():
    plan = plan_of(classifier(), [{"lr": -1}, {"lr": 0.1}], SPLITS)
    assert plan.keys[:2] == [None, None]
    assert len(plan.tasks) == 2
    assert plan.alone == {}


def test_nothing_is_told_and_nothing_is_drawn():
    odd = TABLE.copy()
    odd.loc["ant", "bee"] = 9.0
    np.random.seed(4)  # noqa: NPY002 - the global state is what is tested
    expected = np.random.random()  # noqa: NPY002 - the same
    np.random.seed(4)  # noqa: NPY002 - the same
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan_of(classifier(odd, random_state=None), [{}], SPLITS)
    assert np.random.random() == expected  # noqa: NPY002 - the same


def test_features_are_measured_once(monkeypatch):
    calls = []

    def counted(X, sample_weight):
        calls.append(len(X))
        return fit_standardizer(X, sample_weight)

    monkeypatch.setattr(_collect, "fit_standardizer", counted)
    plan_of(classifier(), [{"lr": lr} for lr in (0.1, 0.2, 0.3)], SPLITS)
    assert calls == [60, 60]
    X, _ = make_rows()
    measure, weight = Measured(), np.arange(91.0)
    assert measure(X, None) is measure(X.copy(), None)
    assert measure(X, weight).mean[0] != measure(X, None).mean[0]
    np.testing.assert_array_equal(
        measure(X, weight).mean, fit_standardizer(X, weight).mean
    )


def test_last_step():
    clf = classifier()
    assert last_step(make_pipeline(StandardScaler(), make_pipeline(clf))) is clf
    other = LogisticRegression()
    assert last_step(other) is other
