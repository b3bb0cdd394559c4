"""Batched searches: fit by fit what scikit-learn's searches come to."""

import itertools
import re
import warnings
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.sparse import csr_matrix
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    RandomizedSearchCV,
    StratifiedKFold,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback
from torch import nn

from simclf import make_expected_score_scorer
from simclf.losses import (
    CrossEntropyLoss,
    ExpectedScoreLoss,
    SoftTargetLoss,
    TailoredScoreLoss,
)
from simclf.modules import MLP
from simclf.search import BatchedGridSearchCV, BatchedRandomizedSearchCV, _train
from simclf.training import MemberNet
from tests.search.cases import (
    ANIMALS,
    REFER,
    TABLE,
    assert_same_scores,
    both,
    classifier,
    make_rows,
    seen,
    tasks_of,
)

LOSSES = [
    "cross_entropy",
    "expected_score",
    "tailored_score",
    "score_regression",
    "pairwise",
    SoftTargetLoss(temperature=0.2),
    TailoredScoreLoss(lam=0.5),
    "auto",
]


# Fit by fit -------------------------------------------------------------------


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("n_members", [1, 2])
def test_scores_are_those_of_fits_alone(n_members, early_stopping):
    clf = classifier(
        n_members=n_members,
        early_stopping=early_stopping,
        max_epochs=9,
        n_iter_no_change=2,
    )
    grid = {"loss": LOSSES, "lr": [0.01, 0.1] if early_stopping else [0.05]}
    alone, together = both(clf, grid, cv=2)
    assert_same_scores(alone, together)
    report = together.batched_
    assert report["n_batched"] == report["n_fits"] == 16 * len(grid["lr"])
    assert report["alone"] == {}
    if early_stopping:
        epochs = alone.cv_results_["split0_test_epochs"]
        assert len(set(epochs.tolist())) > 2  # models that end apart


def test_scores_agree_in_float32_too():
    grid = {"loss": LOSSES[:4], "lr": [0.01, 0.03]}
    alone, together = both(classifier(dtype="float32", early_stopping=False), grid)
    assert_same_scores(alone, together, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(
    "grid",
    [
        {"similarity": [TABLE, TABLE.T, REFER, None], "loss": ["expected_score"]},
        {"weight_decay": [0.0, 0.5], "class_weight": [None, "balanced"]},
        {"module": [MLP((4,)), MLP((4,), activation="relu", dropout=0.0), "linear"]},
        {"module__activation": ["relu", "silu", "tanh"], "module": [MLP((4, 3))]},
        {"batch_size": [8, 16, 17, 200], "max_epochs": [2, 5]},
        {"random_state": [1, 2, 3], "standardize": [True, False]},
        {"dtype": ["float32", "float64"], "n_members": [1, 3]},
        {"n_iter_no_change": [1, 2, 4], "early_stopping": [True, "auto"]},
        {"validation_fraction": [0.1, 0.3], "calibration": [None, "temperature"]},
        {"loss": [ExpectedScoreLoss(warm_start=0.5)], "loss__warm_start": [0.2, 0.6]},
    ],
    ids="-".join,
)
def test_candidates_may_differ_in_anything(grid):
    alone, together = both(classifier(n_iter_no_change=2), grid)
    loose = {"rtol": 1e-2, "atol": 1e-3} if "dtype" in grid else {}
    assert_same_scores(alone, together, **loose)
    assert together.batched_["n_batched"] == together.batched_["n_fits"]


@pytest.mark.parametrize("random_state", [None, 7, np.random.RandomState(3)])
def test_no_fit_trains_again(monkeypatch, random_state):
    def refused(*_):
        pytest.fail("a fit was trained alone")

    monkeypatch.setattr(MemberNet, "train_epochs", refused)
    targets = pd.DataFrame(
        [[0.8, 0.2, 0.0], [0.1, 0.9, 0.0], [0.0, 0.3, 0.7]], ANIMALS, ANIMALS
    )
    clf = classifier(random_state=random_state, max_epochs=2)
    pipeline = make_pipeline(StandardScaler(), clf)
    name = "similarityawareclassifier"
    grid = {
        f"{name}__loss": [*LOSSES, SoftTargetLoss(targets)],
        f"{name}__class_weight": ["balanced", {"ant": 2.0, "bee": 1.0, "cat": 0.5}],
    }
    search = BatchedGridSearchCV(
        pipeline, grid, refit=False, cv=StratifiedKFold(2, shuffle=True)
    )
    search.set_params(error_score="raise").fit(*make_rows())
    assert search.batched_["n_batched"] == 36


def test_one_batch_takes_folds_of_several_sizes():
    cv = [
        (np.arange(0, 50), np.arange(60, 91)),
        (np.arange(7, 60), np.arange(61, 91)),
        (np.arange(2, 54), np.arange(55, 91)),
    ]
    grid = {"lr": [0.01, 0.1], "loss": ["cross_entropy", "tailored_score"]}
    alone, together = both(classifier(n_members=2), grid, cv=cv)
    assert_same_scores(alone, together)
    assert together.batched_["n_batches"] == 1


def test_a_fold_may_lack_a_class():
    X, y = make_rows()
    order = np.argsort(y, kind="stable")
    rows = X[order], y[order]
    alone, together = both(classifier(), {"lr": [0.01, 0.1]}, rows, cv=KFold(3))
    assert_same_scores(alone, together)
    assert together.batched_["n_batched"] == 6
    assert together.batched_["n_batches"] == 1


NOISE = pd.DataFrame(
    [
        [0.6, 0.4, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.7, 0.3],
        [0.2, 0.0, 0.0, 0.8],
    ],
    [*ANIMALS, "dog"],
    [*ANIMALS, "dog"],
)


@pytest.mark.parametrize(
    "loss",
    [CrossEntropyLoss(noise_matrix=NOISE), SoftTargetLoss(NOISE)],
    ids=["noise", "targets"],
)
def test_folds_that_lack_different_classes_have_losses_of_their_own(loss):
    X, _ = make_rows(80)
    y = np.resize([*ANIMALS, "dog"], 80)
    # As many classes, and thus one identity for a table, yet not the same ones.
    cv = [(np.flatnonzero(y != lacking),) * 2 for lacking in ("ant", "dog")]
    clf = classifier(None, loss=loss, early_stopping=False)
    alone, together = both(clf, {"lr": [0.01, 0.1]}, (X, y), cv=cv)
    assert_same_scores(alone, together)
    assert together.batched_["n_batches"] == 1


def test_labels_of_classes_and_answers_make_a_loss():
    """The same numbers under other names are another table to a loss with a frame."""
    refer = REFER.rename(columns={"refer": "ask"})
    tables = [{"similarity": table} for table in (REFER, refer)]
    first, second = tasks_of(classifier(loss="expected_score"), tables)
    assert first.loss != second.loss
    assert first.key != second.key


def test_sparse_rows_and_weights():
    X, y = make_rows()
    X[np.abs(X) < 0.7] = 0
    weight = np.random.default_rng(1).exponential(size=len(y))
    weight[::7] = 0
    alone, together = both(
        classifier(),
        {"lr": [0.01, 0.1]},
        (csr_matrix(X), y),
        {"sample_weight": weight},
    )
    assert_same_scores(alone, together)
    assert together.batched_["n_batched"] == 6


def test_groups_are_for_the_splits():
    groups = np.arange(91) % 5
    alone, together = both(
        classifier(), {"lr": [0.01]}, None, {"groups": groups}, cv=GroupKFold(3)
    )
    assert_same_scores(alone, together)


def test_routed_weights_reach_the_fits():
    weight = np.random.default_rng(1).exponential(size=91)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = classifier().set_fit_request(sample_weight=True)
        scorer = make_expected_score_scorer(TABLE).set_score_request(sample_weight=True)
        alone, together = both(
            clf, {"lr": [0.01, 0.1]}, None, {"sample_weight": weight}, scoring=scorer
        )
    assert_same_scores(alone, together)
    assert together.batched_["n_batched"] == 6


def test_global_random_state_is_drawn_from_as_by_grid_search():
    grid, cv = {"lr": [0.01, 0.1]}, StratifiedKFold(3, shuffle=True)
    clf = classifier(random_state=None)
    X, y = make_rows()
    found = []
    for kind in (GridSearchCV, BatchedGridSearchCV):
        np.random.seed(5)  # noqa: NPY002 - the global state is what is tested
        search = kind(clf, grid, scoring=seen, refit=False, cv=cv).fit(X, y)
        found.append((search, np.random.random()))  # noqa: NPY002 - the same
    (alone, next_alone), (together, next_together) = found
    assert_same_scores(alone, together)
    assert next_together == next_alone


@pytest.mark.parametrize("max_networks", [1, 5, 100])
def test_the_number_of_networks_changes_nothing(max_networks):
    X, y = make_rows()
    grid = {"lr": [0.01, 0.1], "loss": ["cross_entropy", "auto"]}
    settings = {"scoring": seen, "refit": False, "cv": 2}
    clf = classifier(n_members=2)
    alone = GridSearchCV(clf, grid, **settings).fit(X, y)
    together = BatchedGridSearchCV(clf, grid, max_networks=max_networks, **settings)
    assert_same_scores(alone, together.fit(X, y))
    assert together.batched_["n_batches"] == {1: 8, 5: 6, 100: 2}[max_networks]


# As scikit-learn's ------------------------------------------------------------


def test_the_best_is_refitted_as_alone():
    settings = {
        "scoring": {"earned": make_expected_score_scorer(TABLE), "hits": "accuracy"},
        "refit": "earned",
        "return_train_score": True,
    }
    alone, together = both(classifier(), {"lr": [1e-4, 0.05]}, **settings)
    assert_same_scores(alone, together)
    assert together.best_params_ == alone.best_params_ == {"lr": 0.05}
    assert together.best_index_ == alone.best_index_
    assert together.best_score_ == pytest.approx(alone.best_score_)
    assert set(together.cv_results_) == set(alone.cv_results_)
    X, _ = make_rows()
    expected = alone.predict_proba(X)
    np.testing.assert_array_equal(together.predict_proba(X), expected)


def test_randomized_search():
    X, y = make_rows()
    found = []
    for kind in (RandomizedSearchCV, BatchedRandomizedSearchCV):
        search = kind(
            classifier(),
            {"lr": loguniform(1e-3, 1e-1)},
            n_iter=4,
            scoring=seen,
            refit=False,
            cv=2,
            random_state=1,
        )
        found.append(search.fit(X, y))
    assert_same_scores(*found)
    assert found[1].batched_["n_batched"] == 8


def test_a_pipeline_that_ends_in_the_classifier():
    pipeline = make_pipeline(StandardScaler(), classifier(standardize=False))
    grid = {
        "similarityawareclassifier__lr": [0.01, 0.1],
        "standardscaler__with_mean": [True, False],
    }
    alone, together = both(pipeline, grid)
    assert_same_scores(alone, together)
    assert together.batched_["n_batched"] == 12


def test_times_are_shares_of_the_batch(monkeypatch):
    # A clock that goes on by an hour whenever it is looked at.
    hours = itertools.count(0.0, 3600.0)
    clock = SimpleNamespace(perf_counter=lambda: next(hours))
    monkeypatch.setattr(_train, "time", clock)
    _, together = both(classifier(max_epochs=12), {"lr": [0.01, 0.1]})
    share = 12 * 3600 / 6  # epochs of an hour, shared by two candidates on three splits
    np.testing.assert_allclose(
        together.cv_results_["mean_fit_time"], share, atol=share / 10
    )


def test_several_workers():
    X, y = make_rows()
    search = BatchedGridSearchCV(
        classifier(), {"lr": [0.01, 0.1]}, scoring=seen, n_jobs=2, max_networks=2
    )
    search.set_params(refit=False, cv=3)
    with joblib.parallel_config(backend="threading"):
        search.fit(*make_rows())
    alone, _ = both(classifier(), {"lr": [0.01, 0.1]}, (X, y))
    assert_same_scores(alone, search)
    assert search.n_jobs == 2


def test_workers_that_joblib_is_set_to_do_not_train_again(monkeypatch):
    def refused(*_):
        pytest.fail("a fit was trained alone")

    monkeypatch.setattr(MemberNet, "train_epochs", refused)
    search = BatchedGridSearchCV(classifier(), {"lr": [0.01, 0.1]}, cv=2, refit=False)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        search.fit(*make_rows())
    assert search.batched_["n_batched"] == 4


def test_the_search_is_cloned_and_leaves_nothing_behind():
    search = BatchedGridSearchCV(classifier(), {"lr": [0.1]}, cv=2, max_networks=7)
    assert clone(search).get_params()["max_networks"] == 7
    search.fit(*make_rows())
    transient = {"_ahead", "_given", "_parallel"}
    assert not transient & set(vars(search))
    assert (search.cv, search.n_jobs) == (2, None)


def test_splits_may_come_one_after_the_other():
    X, y = make_rows()
    search = BatchedGridSearchCV(
        classifier(), {"lr": [0.01, 0.1]}, scoring=seen, refit=False
    )
    search.set_params(cv=KFold(3).split(X)).fit(X, y)
    alone, _ = both(classifier(), {"lr": [0.01, 0.1]}, cv=KFold(3))
    assert_same_scores(alone, search)


# One by one -------------------------------------------------------------------


class Silent(Callback):
    """Does nothing."""


def alone_message(n_alone, n_fits, reason):
    return re.escape(
        f"{n_alone} of {n_fits} fits are done one by one, not together: {reason} "
        f"({n_alone}). Scores are the same; batched_['alone'] names the candidates."
    )


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"callbacks": [Silent()]}, "callbacks are given"),
        ({"module": nn.Linear}, "the module is neither MLP nor Linear"),
        ({"optimizer": "sgd"}, "the optimizer is not 'adamw'"),
        ({"compile": "graph"}, "precision or compile is given"),
    ],
)
def test_what_cannot_be_batched_is_fitted_alone(params, reason):
    grid = [{"lr": [0.01]}, {name: [value] for name, value in params.items()}]
    with pytest.warns(UserWarning, match=alone_message(3, 6, reason)):
        alone, together = both(classifier(), grid)
    assert_same_scores(alone, together)
    report = together.batched_
    assert report["alone"] == {reason: {"n_fits": 3, "candidates": [1]}}
    assert (report["n_fits"], report["n_batched"], report["n_batches"]) == (6, 3, 1)


@pytest.mark.parametrize("name", ["loss", "similarity"])
def test_what_cannot_be_pickled_is_fitted_alone(name):
    class Own(CrossEntropyLoss):
        name = "own"

    class Answer:
        """No name by which it could be pickled."""

    odd = TABLE.assign(refer=0.1).rename(columns={"refer": Answer()})
    grid = {name: ["cross_entropy", Own()] if name == "loss" else [TABLE, odd]}
    reason = "the loss or a label cannot be pickled"
    with pytest.warns(UserWarning, match=alone_message(3, 6, reason)):
        alone, together = both(classifier(), grid)
    assert_same_scores(alone, together)
    assert together.batched_["alone"] == {reason: {"n_fits": 3, "candidates": [1]}}


def test_other_classifiers_in_a_pipeline_are_fitted_alone():
    pipeline = make_pipeline(StandardScaler(), classifier())
    name = "similarityawareclassifier"
    grid = {name: [classifier(), LogisticRegression()]}
    reason = "the candidate is no SimilarityAwareClassifier"
    with pytest.warns(UserWarning, match=alone_message(3, 6, reason)):
        alone, together = both(pipeline, grid, scoring="accuracy")
    assert_same_scores(alone, together)


def test_fits_that_draw_other_numbers_are_counted_and_told_of(monkeypatch):
    trained, train_epochs = [], MemberNet.train_epochs

    def counted(net, *args, **kwargs):
        trained.append(net)
        return train_epochs(net, *args, **kwargs)

    def drawing(estimator, X, y):
        if len(estimator.loss_curve_) == 2:
            np.random.random()  # noqa: NPY002 - the global state is what is tested
        return estimator.score(X, y)

    monkeypatch.setattr(MemberNet, "train_epochs", counted)
    X, y = make_rows()
    search = BatchedGridSearchCV(
        classifier(random_state=None, early_stopping=False),
        {"lr": [0.01, 0.1], "max_epochs": [3, 2]},
        scoring=drawing,
        refit=False,
        cv=2,
    )
    reason = "the rows or random numbers were others than when they were trained"
    with pytest.warns(UserWarning, match=alone_message(5, 8, reason)):
        search.fit(X, y)
    # All up to the first score of the second candidate.
    assert len(trained) == 5
    report = search.batched_
    assert report["alone"] == {reason: {"n_fits": 5, "candidates": [1, 2, 3]}}
    assert (report["n_fits"], report["n_batched"], report["n_failed"]) == (8, 3, 0)


def test_equal_candidates_are_each_counted():
    search = BatchedGridSearchCV(classifier(), {"lr": [0.01, 0.01]}, cv=2, refit=False)
    report = search.fit(*make_rows()).batched_
    assert (report["n_fits"], report["n_batched"], report["alone"]) == (4, 4, {})


@pytest.mark.parametrize("given", ["X_val", "sample_scores"])
def test_further_rows_and_scores_of_rows_are_fitted_alone(given):
    X, y = make_rows()
    params = {
        "X_val": {"X_val": X[:20], "y_val": y[:20]},
        "sample_scores": {"sample_scores": TABLE.loc[y].to_numpy()},
    }[given]
    clf, are = classifier(loss="score_regression"), "is" if given == "X_val" else "are"
    with pytest.warns(UserWarning, match=alone_message(6, 6, f"{given} {are} given")):
        alone, together = both(clf, {"lr": [0.01, 0.1]}, (X, y), params)
    assert_same_scores(alone, together)


@pytest.mark.filterwarnings("ignore:One or more of the test scores")
def test_what_fails_fails_as_alone():
    grid = {"lr": [0.01, 1e300], "standardize": [True]}
    with pytest.warns(FitFailedWarning, match="training diverged in epoch"):
        alone, together = both(classifier(), grid, scoring="accuracy")
    assert_same_scores(alone, together)
    assert np.isnan(together.cv_results_["split0_test_score"][1])
    assert together.batched_["n_failed"] == 3
    assert together.batched_["n_batched"] == 3


@pytest.mark.filterwarnings("ignore:One or more of the test scores")
def test_a_parameter_that_is_refused_is_told_of():
    with pytest.warns(FitFailedWarning, match="lr=-1 must be a finite number"):
        _, together = both(classifier(), {"lr": [0.01, -1]}, scoring="accuracy")
    assert together.batched_["n_failed"] == 3
    assert together.batched_["alone"] == {}


def test_errors_are_raised_where_asked_for():
    search = BatchedGridSearchCV(classifier(), {"lr": [-1]}, error_score="raise", cv=2)
    with pytest.raises(ValueError, match="lr=-1 must be a finite number > 0"):
        search.fit(*make_rows())


def test_warnings_come_once_for_each_fit():
    odd = TABLE.copy()
    odd.loc["ant", "bee"] = 9.0
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        BatchedGridSearchCV(classifier(odd), {"lr": [0.1]}, refit=False, cv=2).fit(
            *make_rows()
        )
    about_table = [w for w in told if "SimilarityWarning" in w.category.__name__]
    assert len(about_table) == 2


def test_other_estimators_are_refused():
    search = BatchedGridSearchCV(LogisticRegression(), {"C": [1.0]})
    message = (
        "estimator is a LogisticRegression; a batched search trains the networks of a "
        "SimilarityAwareClassifier, or of a Pipeline that ends in one. Use "
        "scikit-learn's own search for other estimators."
    )
    with pytest.raises(TypeError, match=re.escape(message)):
        search.fit(*make_rows())


@pytest.mark.parametrize("max_networks", [0, "many", 1.5, True])
def test_a_wrong_number_of_networks_is_refused(max_networks):
    search = BatchedGridSearchCV(classifier(), {"lr": [0.1]}, max_networks=max_networks)
    with pytest.raises(ValueError, match="The 'max_networks' parameter"):
        search.fit(*make_rows())


def test_labels_are_names():
    search = BatchedGridSearchCV(classifier(), {"lr": [0.05]}, cv=2)
    search.fit(*make_rows())
    assert search.classes_.tolist() == ANIMALS
