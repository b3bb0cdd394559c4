"""A grid search here and on two dask workers: run as a script by test_distributed."""

import joblib
import numpy as np
import pandas as pd
from dask.distributed import Client, LocalCluster
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from simclf import SimilarityAwareClassifier, make_expected_score_scorer

NAMES = np.array(["setosa", "versicolor", "virginica"])
S = pd.DataFrame([[1, 0.5, 0], [0.2, 1, 0], [0, 0.3, 1]], NAMES, NAMES)


def search() -> GridSearchCV:
    """Fit the same small grid wherever joblib's backend says."""
    X, codes = load_iris(return_X_y=True)
    clf = SimilarityAwareClassifier(S, max_epochs=4, n_members=2, random_state=0)
    grid = {"lr": [0.01, 0.02], "loss": ["cross_entropy", "tailored_score"]}
    scorer = make_expected_score_scorer(S)
    return GridSearchCV(clf, grid, scoring=scorer, cv=2).fit(X, NAMES[codes])


def main() -> None:
    """Compare every score and every probability."""
    here = search()
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster), joblib.parallel_config(backend="dask"):
        there = search()
    X, _ = load_iris(return_X_y=True)
    for name in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(here.cv_results_[name], there.cv_results_[name])
    np.testing.assert_array_equal(here.predict_proba(X), there.predict_proba(X))


if __name__ == "__main__":
    main()
