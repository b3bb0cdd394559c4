"""scikit-learn's callbacks hear of a fit and its epochs, and may end it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from simclf._told_epochs import has_callbacks
from simclf.search import BatchedGridSearchCV

callback = pytest.importorskip("sklearn.callback")  # scikit-learn 1.9 on

ANIMALS = ["cow", "horse", "zebra"]
S = pd.DataFrame([[1, 0.3, 0.1], [0.2, 1, 0.7], [0, 0.9, 1]], ANIMALS, ANIMALS)
RNG = np.random.default_rng(0)
Y = np.repeat(ANIMALS, 30)
X = RNG.normal(size=(90, 3)) + np.repeat(1.5 * np.eye(3), 30, axis=0)


def small(**settings: Any) -> SimilarityAwareClassifier:
    defaults = {"n_members": 2, "max_epochs": 5, "random_state": 0}
    return SimilarityAwareClassifier(S, **(defaults | settings))


class Heard:
    """Notes what it hears; ends the training with a given epoch."""

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.fitted: list[Any] = []
        self.life: list[str] = []

    def setup(self, estimator: Any, context: Any) -> None:
        self.life.append("setup")

    def teardown(self, estimator: Any, context: Any) -> None:
        self.life.append("teardown")

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self.begun.append(context.task_name)

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any
    ) -> bool:
        self.ended.append(context.task_name)
        self.fitted.append(fitted_estimator)
        return context.task_name == "epoch" and context.task_id + 1 == self.last


class HeardBelow(Heard):
    """Is handed on from a search to the estimators inside."""

    max_propagation_depth = None

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:  # type: ignore[override]
        path = []
        while context is not None:
            path.append(context.task_name)
            context = context.parent
        self.ended.append(" < ".join(path))


def test_a_fit_and_each_epoch_are_told() -> None:
    heard = Heard()
    small().set_callbacks(heard).fit(X, Y)
    assert heard.begun == ["fit", *["epoch"] * 5]
    assert heard.ended == [*["epoch"] * 5, "fit"]
    assert heard.life == ["setup", "teardown"]


def test_the_model_is_the_same_with_and_without() -> None:
    with_them = small(loss="auto").set_callbacks(Heard()).fit(X, Y)
    without = small(loss="auto").fit(X, Y)
    np.testing.assert_array_equal(with_them.predict_proba(X), without.predict_proba(X))
    assert set(vars(with_them)) - set(vars(without)) == {"_skl_callbacks"}


@pytest.mark.parametrize("loss", ["cross_entropy", "auto"])
def test_a_callback_ends_the_training(loss: str) -> None:
    stopped = small(loss=loss, early_stopping=False).set_callbacks(Heard(last=3))
    assert stopped.fit(X, Y).n_iter_ == 3


@pytest.mark.parametrize("early_stopping", [False, True])
def test_each_epoch_shows_what_the_fit_would_be_if_it_ended(
    early_stopping: bool,
) -> None:
    heard = Heard()
    # Steps so large that epochs get worse, and an earlier one is the best.
    settings = {"early_stopping": early_stopping, "lr": 0.3, "n_iter_no_change": 9}
    small(**settings).set_callbacks(heard).fit(X, Y)
    for last in (1, 3, 4):
        stopped = small(**settings).set_callbacks(Heard(last=last)).fit(X, Y)
        seen = heard.fitted[last - 1]
        np.testing.assert_array_equal(seen.predict_proba(X), stopped.predict_proba(X))
        assert seen.n_iter_ == last
        assert seen.temperature_ == stopped.temperature_


def test_a_score_is_followed_from_epoch_to_epoch() -> None:
    monitor = callback.ScoringMonitor(scoring={"score": make_expected_score_scorer(S)})
    clf = small().set_callbacks(monitor).fit(X, Y, sample_weight=np.arange(90.0) + 1)
    log = pd.DataFrame(monitor.get_logs().data)
    epochs = log.loc[log["task_name"] == "epoch", "score"]
    scorer = make_expected_score_scorer(S)
    assert len(epochs) == 5
    weight = np.arange(90.0) + 1
    assert epochs.iloc[-1] == scorer(clf, X, Y, sample_weight=weight)
    assert epochs.iloc[0] < epochs.iloc[-1]


def test_epochs_are_told_below_the_folds_of_a_search() -> None:
    heard = HeardBelow()
    search = GridSearchCV(
        make_pipeline(StandardScaler(), small()),
        {"similarityawareclassifier__lr": [0.001, 0.01]},
        cv=2,
    )
    search.set_callbacks(heard).fit(X, Y)
    assert sum(path.startswith("epoch < fit < fit") for path in heard.ended) == 5 * 5
    assert not has_callbacks(search.best_estimator_[-1])


def test_an_error_in_a_callback_leaves_the_old_model() -> None:
    class Faulty(Heard):
        def on_fit_task_end(
            self, estimator: Any, context: Any, *, fitted_estimator: Any
        ) -> bool:
            msg = "disk full"
            raise RuntimeError(msg)

    clf = small().fit(X, Y)
    before, faulty = clf.predict_proba(X), Faulty()
    clf.set_callbacks(faulty)
    known = set(vars(clf))
    with pytest.raises(RuntimeError, match="disk full"):
        clf.set_params(lr=0.1).fit(X, Y)
    assert faulty.life == ["setup", "teardown"]
    assert set(vars(clf)) == known
    np.testing.assert_array_equal(clf.predict_proba(X), before)


def test_a_batched_search_fits_one_by_one_where_epochs_are_asked_for() -> None:
    heard = Heard()
    search = BatchedGridSearchCV(
        small().set_callbacks(heard), {"lr": [0.001, 0.01]}, cv=2
    )
    with pytest.warns(UserWarning, match="callbacks are given"):
        search.fit(X, Y)
    assert search.batched_["alone"]["callbacks are given"]["n_fits"] == 4
    assert heard.ended.count("epoch") == 5 * 5


def test_a_batched_search_takes_callbacks_of_its_own() -> None:
    heard = HeardBelow()
    search = BatchedGridSearchCV(small(), {"lr": [0.001, 0.01]}, cv=2)
    search.set_callbacks(heard).fit(X, Y)
    assert search.batched_["n_batched"] == 4
    # Models trained together have no epochs of their own; the refit has.
    assert sum(path.startswith("epoch < ") for path in heard.ended) == 5
