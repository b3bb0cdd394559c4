"""Searches on engines that exist: workers of dask, and halving over the epochs."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - opens the door
from sklearn.model_selection import HalvingGridSearchCV

from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from tests.grid_on_dask import NAMES, S
from tests.test_examples import environment


def test_a_grid_on_two_dask_workers_has_the_scores_of_one_process():
    script = Path(__file__).with_name("grid_on_dask.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_halving_spends_epochs_on_the_better_half():
    X, codes = load_iris(return_X_y=True)
    search = HalvingGridSearchCV(
        SimilarityAwareClassifier(S, n_members=1, random_state=0),
        {"lr": [1e-4, 1e-3, 0.01, 0.02]},
        resource="max_epochs",
        min_resources=2,
        max_resources=8,
        factor=2,
        cv=2,
        scoring=make_expected_score_scorer(S),
        random_state=0,
    ).fit(X, NAMES[codes])
    assert search.n_resources_ == [2, 4, 8]
    assert search.best_estimator_.n_iter_ == search.best_params_["max_epochs"] == 8
    worst = np.argmin(search.cv_results_["mean_test_score"])
    assert search.cv_results_["param_max_epochs"][worst] == 2
