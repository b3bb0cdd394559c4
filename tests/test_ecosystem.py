"""What scikit-learn's users put around a classifier takes ours as any other."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import skrub
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf import (
    BayesDecisionClassifier,
    SimilarityAwareClassifier,
    make_expected_score_scorer,
)
from simclf.metrics import mean_score

ANIMALS = ["cow", "horse", "zebra"]
S = pd.DataFrame([[1, 0.3, 0.1], [0.2, 1, 0.7], [0, 0.9, 1]], ANIMALS, ANIMALS)
RNG = np.random.default_rng(0)
Y = RNG.permutation(np.repeat(ANIMALS, 40))
# One column tells the classes apart, two are noise.
X = np.column_stack([3.0 * np.unique(Y, return_inverse=True)[1], np.zeros((120, 2))])
X += RNG.normal(size=X.shape)
FRAME = pd.DataFrame(X, columns=["signal", "noise_a", "noise_b"])


def small(**settings: Any) -> SimilarityAwareClassifier:
    defaults = {"n_members": 1, "max_epochs": 15, "lr": 0.02, "random_state": 0}
    return SimilarityAwareClassifier(S, **(defaults | settings))


# These hand on labels as 0, 1, 2, so the table is an array in sorted class order.
CODED = small().set_params(similarity=S.to_numpy())
AROUND = {
    "AdaBoost": AdaBoostClassifier(small(), n_estimators=2, random_state=0),
    "Bagging": BaggingClassifier(CODED, n_estimators=2, random_state=0),
    "Voting": VotingClassifier(
        [("net", CODED), ("regression", LogisticRegression())], voting="soft"
    ),
    "Stacking": StackingClassifier(
        [("net", CODED), ("regression", LogisticRegression())], cv=2
    ),
    "StackingOnTop": StackingClassifier(
        [("regression", LogisticRegression())], final_estimator=CODED, cv=2
    ),
    "Calibrated": CalibratedClassifierCV(small(), cv=2),
    "OneVsRest": OneVsRestClassifier(small().set_params(similarity=None)),
}


@pytest.mark.parametrize("name", AROUND)
def test_meta_estimators_take_it_as_any_other(name: str) -> None:
    around = clone(AROUND[name]).fit(X, Y)
    assert set(around.predict(X)) <= set(ANIMALS)
    np.testing.assert_allclose(around.predict_proba(X).sum(axis=1), 1, rtol=1e-6)
    assert around.score(X, Y) > 0.75  # 1/3 by chance


COSTLY = pd.DataFrame([[0, -1, -1], [-30, 0, -1], [-30, -1, 0]], ANIMALS, ANIMALS)
PLAIN = small().set_params(similarity=None)
PAIR = [("net", PLAIN), ("regression", LogisticRegression())]


@pytest.mark.parametrize(
    "around",
    [
        BaggingClassifier(PLAIN, n_estimators=2, random_state=0),
        VotingClassifier(PAIR, voting="soft"),
        StackingClassifier(PAIR, cv=2),
        CalibratedClassifierCV(PLAIN, cv=2),
        OneVsRestClassifier(PLAIN),
    ],
    ids=lambda around: type(around).__name__,
)
def test_a_decision_around_an_ensemble_heeds_the_table(around: Any) -> None:
    rows = X + 2 * RNG.normal(size=X.shape)
    alone = clone(around).fit(rows, Y).predict(rows)
    decided = BayesDecisionClassifier(clone(around), COSTLY, cv=2).fit(rows, Y)
    gained = mean_score(Y, decided.predict(rows), COSTLY)
    assert gained > mean_score(Y, alone, COSTLY) + 0.5


def test_names_that_an_outer_estimator_hides_are_told() -> None:
    bagging = BaggingClassifier(small(), n_estimators=2, random_state=0)
    match = r"put BayesDecisionClassifier\(outer, table\) around it, or pass an array"
    with pytest.raises(ValueError, match=match):
        bagging.fit(X, Y)


def test_permutation_importance_finds_the_column_that_counts() -> None:
    clf = small().fit(FRAME, Y)
    scorer = make_expected_score_scorer(S)
    found = permutation_importance(
        clf, FRAME, Y, scoring=scorer, n_repeats=3, random_state=0
    )
    assert found.importances_mean.argmax() == 0
    assert found.importances_mean[0] > 0.2


def test_features_are_selected_one_after_the_other() -> None:
    selector = SequentialFeatureSelector(
        small(max_epochs=5),
        n_features_to_select=1,
        cv=2,
        scoring=make_expected_score_scorer(S),
    ).fit(FRAME, Y)
    assert selector.get_feature_names_out().tolist() == ["signal"]


def test_validation_rows_go_through_the_steps_before() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        clf = small(early_stopping=True, standardize=False)
        clf.set_fit_request(X_val=True, y_val=True)
        pipe = Pipeline(
            [("scale", StandardScaler()), ("net", clf)], transform_input=["X_val"]
        )
        pipe.fit(1000 * X[:90], Y[:90], X_val=1000 * X[90:], y_val=Y[90:])
    scaled = StandardScaler().fit(1000 * X[:90])
    by_hand = small(early_stopping=True, standardize=False).fit(
        scaled.transform(1000 * X[:90]),
        Y[:90],
        X_val=scaled.transform(1000 * X[90:]),
        y_val=Y[90:],
    )
    np.testing.assert_array_equal(
        pipe.predict_proba(1000 * X),
        by_hand.predict_proba(scaled.transform(1000 * X)),
    )


def test_weights_are_routed_to_fit_and_score() -> None:
    weight = np.where(Y == "zebra", 5.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = make_expected_score_scorer(S).set_score_request(sample_weight=True)
        pipe = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            small().set_fit_request(sample_weight=True),
        )
        search = GridSearchCV(
            pipe, {"similarityawareclassifier__lr": [0.02]}, cv=2, scoring=scorer
        )
        routed = search.fit(X, Y, sample_weight=weight)
        plain = clone(search).fit(X, Y, sample_weight=np.ones(120))
    assert routed.best_score_ != plain.best_score_


def test_a_pipeline_for_mixed_tables_takes_it_untouched() -> None:
    table = FRAME.assign(
        colour=np.where(RNG.random(120) < 0.5, "brown", None), seen=RNG.integers(9, 99)
    )
    table.loc[3, "signal"] = np.nan
    pipe = skrub.tabular_pipeline(small())
    assert pipe.fit(table, Y).score(table, Y) > 0.75


@pytest.mark.parametrize("first", ["pandas", "polars"])
def test_names_of_features_are_kept_and_held_to(first: str) -> None:
    frames = {"pandas": FRAME, "polars": pl.DataFrame(FRAME.to_dict("list"))}
    clf = small(max_epochs=2).fit(frames[first], Y)
    assert clf.feature_names_in_.tolist() == list(FRAME.columns)
    for frame in frames.values():
        np.testing.assert_array_equal(
            clf.predict_proba(frame), clf.predict_proba(frames[first])
        )
    with pytest.raises(ValueError, match="feature names"):
        clf.predict(FRAME[["noise_a", "signal", "noise_b"]])


def test_the_page_of_a_notebook_tells_parameters_and_state() -> None:
    clf = small()
    before, after = clf._repr_html_(), clf.fit(FRAME, Y)._repr_html_()
    assert "Not fitted" in before
    assert "Fitted" in after
    for page in (before, after):
        assert "n_members" in page
        assert len(page) < 200_000


def test_scores_of_several_kinds_are_taken_at_once() -> None:
    scoring = {"worth": make_expected_score_scorer(S), "accuracy": "accuracy"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cross_validate(small(), FRAME, Y, cv=2, scoring=scoring)
    assert (found["test_worth"] >= found["test_accuracy"]).all()
