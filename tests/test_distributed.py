"""Engines that exist: workers of dask, halving over epochs, processes of accelerate."""

import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - opens the door
from sklearn.model_selection import HalvingGridSearchCV

from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from simclf.distributed import data_parallel
from tests.grid_on_dask import NAMES, S
from tests.test_examples import environment


def run_script(name: str, *arguments: str) -> None:
    """Run a script beside this file, where a warning is an error."""
    script = Path(__file__).with_name(name)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_grid_on_two_dask_workers_has_the_scores_of_one_process():
    run_script("grid_on_dask.py")


def test_two_processes_fit_the_model_of_one(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run_script("fit_on_processes.py", str(tmp_path), str(port))


def test_one_process_fits_as_ever():
    X, codes = load_iris(return_X_y=True)
    clf = SimilarityAwareClassifier(S, max_epochs=2, random_state=0)
    expected = clf.fit(X, NAMES[codes]).predict_proba(X)
    with data_parallel(SimpleNamespace(num_processes=1)):
        found = clf.fit(X, NAMES[codes]).predict_proba(X)
    np.testing.assert_array_equal(found, expected)


def test_without_accelerate_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "accelerate", None)
    match = (
        r"^data_parallel needs accelerate, which is not installed: "
        r'pip install "simclf\[distributed\]"\.$'
    )
    with pytest.raises(ImportError, match=match), data_parallel():
        pass


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
