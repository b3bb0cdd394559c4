"""Rows, a table and searches that the tests of batched search share."""

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from simclf import SimilarityAwareClassifier
from simclf.modules import MLP
from simclf.search import BatchedGridSearchCV
from simclf.search._collect import Measured, make_plan

ANIMALS = ["ant", "bee", "cat"]
TABLE = pd.DataFrame(
    [[1.0, 0.25, 0.0], [0.5, 2.0, -1.0], [0.1, 0.7, 3.0]], ANIMALS, ANIMALS
)
REFER = TABLE.assign(refer=[0.3, 0.2, 0.1])


def make_rows(n=91, d=4, seed=0):
    """Three overlapping clouds with names for labels."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % 3
    X = rng.normal(size=(n, d)) + 0.8 * codes[:, None]
    return X, np.array(ANIMALS)[codes]


def classifier(similarity=TABLE, **params):
    """A small classifier in float64, unless asked otherwise."""
    given = {
        "module": MLP((6, 5)),
        "n_members": 1,
        "max_epochs": 6,
        "batch_size": 16,
        "lr": 0.03,
        "dtype": "float64",
        "device": "cpu",
        "random_state": 3,
    }
    return SimilarityAwareClassifier(similarity, **(given | params))


def seen(estimator, X, y, sample_weight=None):
    """What a fitted model is, in numbers: a scorer of several metrics."""
    last = estimator[-1] if hasattr(estimator, "steps") else estimator
    proba = estimator.predict_proba(X)
    waves = np.cos(np.arange(proba.size)).reshape(proba.shape)
    answers = estimator.predict(X)
    return {
        "proba": float((proba * waves).sum()),
        "accuracy": float(np.average(answers == y, weights=sample_weight)),
        "epochs": float(last.n_iter_),
        "loss": float(np.dot(last.loss_curve_, np.cos(np.arange(last.n_iter_)))),
        "valid": float(last.history_[-1].get("valid_loss", 0.0)),
        "temperature": last.temperature_,
    }


def both(estimator, grid, rows=None, fit_params=None, **settings):
    """Fitted grid searches, scikit-learn's and ours."""
    X, y = make_rows() if rows is None else rows
    settings = {"scoring": seen, "refit": False, "cv": 3} | settings
    alone = GridSearchCV(clone(estimator), grid, **settings)
    together = BatchedGridSearchCV(clone(estimator), grid, **settings)
    return alone.fit(X, y, **(fit_params or {})), together.fit(
        X, y, **(fit_params or {})
    )


def assert_same_scores(alone, together, rtol=1e-6, atol=1e-6):
    """Refuse scores of single fits that differ."""
    names = [name for name in alone.cv_results_ if name.startswith("split")]
    assert names
    for name in names:
        np.testing.assert_allclose(
            together.cv_results_[name],
            alone.cv_results_[name],
            rtol=rtol,
            atol=atol,
            err_msg=name,
        )
    assert together.cv_results_["params"] == alone.cv_results_["params"]


def plan_of(estimator, candidates, splits, rows=None, **fit_params):
    """What a search would train."""
    rows = make_rows() if rows is None else rows
    return make_plan(estimator, candidates, splits, rows, fit_params, Measured())


def tasks_of(estimator, candidates=({},), n_rows=(60,)):
    """Tasks, one for each candidate and each number of rows from the front."""
    splits = [(np.arange(n), np.arange(3)) for n in n_rows]
    plan = plan_of(estimator, list(candidates), splits)
    return [plan.tasks[key] for key in plan.keys]
