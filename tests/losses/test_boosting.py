"""Objectives for boosting: derivatives, both interfaces, and trees that learn."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from simclf import BayesDecisionClassifier
from simclf.losses import (
    LOSSES,
    BoostingObjective,
    Criterion,
    CrossEntropyLoss,
    boosting_objective,
)
from simclf.metrics import mean_score
from tests.losses.cases import CASES, problems

KINDS = ["high", "low", "none"]  # sorted, as the libraries number them
COST = pd.DataFrame(
    [[0.0, 3.0, 9.0], [1.0, 0.0, 2.0], [1.5, 0.5, 0.0]], index=KINDS, columns=KINDS
)
SHUFFLED = COST.loc[["low", "none", "high"], ["none", "high", "low"]]


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=10)
@given(data=st.data())
def test_derivatives_are_those_of_the_loss(case, data):
    table, scores, codes = data.draw(problems(case, n=3, varied=True))
    objective = BoostingObjective(Criterion(case.loss, table, torch.float64))
    gradient, curvature = objective(codes, scores)
    assert gradient.shape == curvature.shape == scores.shape
    assert (curvature >= np.abs(gradient) / 10).all()
    assert (curvature > 0).all()
    for row, (z, y) in enumerate(zip(scores, codes, strict=True)):
        start = torch.tensor(z[None])
        code = torch.tensor([y])

        def loss(raw, code=code):
            return objective.criterion.pointwise(raw, code).sum()

        slope = torch.autograd.functional.jacobian(loss, start).numpy()[0]
        hessian = torch.autograd.functional.hessian(loss, start).numpy()[0, :, 0]
        np.testing.assert_allclose(gradient[row], slope, rtol=1e-9, atol=1e-12)
        # Never below the Hessian, whether the loss is convex there or not.
        slack = np.linalg.eigvalsh(np.diag(curvature[row]) - hessian)
        assert slack.min() >= -1e-9 * max(1.0, np.abs(hessian).max())


def test_curvature_of_cross_entropy_is_that_of_xgboost():
    scores = np.array([[0.3, -1.0, 0.2], [2.0, 1.0, 0.5]])
    q = softmax(scores, axis=1)
    gradient, curvature = boosting_objective("cross_entropy", cost=COST)([2, 0], scores)
    np.testing.assert_allclose(gradient, q - np.eye(3)[[2, 0]], rtol=1e-12)
    np.testing.assert_allclose(curvature, 2 * q * (1 - q), rtol=1e-12)


def test_no_row_asks_for_a_long_step():
    scores = np.array([[-9.0, 9.0, 0.0], [60.0, 0.0, 0.0], [900.0, 0.0, 0.0]])
    objective = boosting_objective("cross_entropy", cost=COST)
    gradient, curvature = objective([0, 1, 0], scores)
    np.testing.assert_allclose(curvature[0, 0], -gradient[0, 0] / 10)
    assert np.isfinite(gradient / curvature).all()
    assert (np.abs(gradient / curvature) <= 10.0 + 1e-9).all()


def test_the_two_interfaces_agree_and_weights_count():
    rng = np.random.default_rng(0)
    scores, codes = rng.normal(size=(6, 3)), rng.integers(3, size=6)
    weight = rng.random(6)
    objective = boosting_objective("tailored_score", cost=COST)
    plain = objective(codes, scores)
    weighted = objective(codes, scores, sample_weight=weight)
    for without, with_weight in zip(plain, weighted, strict=True):
        np.testing.assert_allclose(with_weight, without * weight[:, None])
    for given_weight, expected in [
        (weight, weighted),
        (np.empty(0), plain),  # what XGBoost has where there is none
        (None, plain),  # and LightGBM
    ]:
        data = SimpleNamespace(
            get_label=lambda: codes.astype(np.float32),
            get_weight=lambda given_weight=given_weight: given_weight,
        )
        np.testing.assert_array_equal(objective(scores, data), expected)


def test_labels_are_numbered_in_sorted_order():
    """A shuffled frame is the same table to a library that sorts its labels."""
    scores, codes = np.array([[0.1, 0.2, -0.5]]), np.array([0])
    np.testing.assert_allclose(
        boosting_objective("tailored_score", cost=SHUFFLED)(codes, scores),
        boosting_objective("tailored_score", cost=COST)(codes, scores),
        rtol=1e-12,
    )
    other = boosting_objective("tailored_score", cost=COST, classes=KINDS[::-1])
    np.testing.assert_allclose(
        other(np.array([2]), scores[:, ::-1])[0][:, ::-1],
        boosting_objective("tailored_score", cost=COST)(codes, scores)[0],
        rtol=1e-12,
    )


def test_one_score_of_two_classes_is_the_second():
    cost = COST.iloc[:2, :2]
    objective = boosting_objective("tailored_score", cost=cost)
    raw = np.array([0.7, -2.0])
    both = np.stack([np.zeros(2), raw], axis=1)
    weight = np.array([2.0, 3.0])
    for alone, paired in zip(
        objective([0, 1], raw, weight), objective([0, 1], both, weight), strict=True
    ):
        np.testing.assert_array_equal(alone, paired[:, 1])
    np.testing.assert_array_equal(objective.proba(raw), objective.proba(both))


def test_proba_goes_through_the_link():
    raw = np.array([[0.3, -1.0, 0.2]])
    link = boosting_objective("softmax_margin", cost=COST)
    expected = link.criterion.proba(torch.tensor(raw)).numpy()
    np.testing.assert_array_equal(link.proba(raw), expected)
    assert not np.allclose(link.proba(raw), softmax(raw, axis=1))


@pytest.mark.parametrize(
    ("loss", "raw", "match"),
    [
        (
            "cross_entropy",
            np.zeros((4, 2)),
            (
                r"^raw scores must have shape \(n, 3\) for loss 'cross_entropy' under "
                r"this table, got \(4, 2\)\. Train with num_class=3\.$"
            ),
        ),
        ("entropic_score", np.zeros(4), r"\(n, 3\) for loss .*, got \(4,\)"),
    ],
)
def test_refuses_raw_scores_of_another_shape(loss, raw, match):
    with pytest.raises(ValueError, match=match):
        boosting_objective(loss, cost=COST).proba(raw)


WIDE = COST.assign(ask=0.9)


def test_more_answers_than_classes_are_trained_by_train(sick):
    """The classifiers of both libraries set num_class themselves."""
    lightgbm = pytest.importorskip("lightgbm")
    objective = boosting_objective("entropic_score", cost=WIDE)
    trees = lightgbm.LGBMClassifier(objective=objective, n_estimators=2, verbose=-1)
    match = (
        r"shape \(n, 4\) for loss 'entropic_score' under this table, got \(400, 3\)\. "
        r"Train with num_class=4 by lightgbm\.train or xgboost\.train; LGBMClassifier "
        r"and XGBClassifier set it to the 3 classes\.$"
    )
    with pytest.raises(ValueError, match=match):
        trees.fit(sick[0], sick[2])


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_train_learns_more_answers_than_classes(library, sick):
    package = pytest.importorskip(library)
    X, X_new, y, y_new = sick
    codes = np.searchsorted(KINDS, y)
    objective = boosting_objective("entropic_score", cost=WIDE)
    if library == "lightgbm":
        chosen = {"objective": objective, "num_class": 4, "num_leaves": 4}
        data = package.Dataset(X, codes)
        booster = package.train(chosen | {"num_threads": 1, "verbose": -1}, data, 40)
        raw = booster.predict(X_new, raw_score=True)
    else:
        chosen = {"num_class": 4, "max_depth": 2, "nthread": 1}
        booster = package.train(chosen, package.DMatrix(X, codes), 40, obj=objective)
        raw = booster.predict(package.DMatrix(X_new), output_margin=True)
    answers = WIDE.columns.to_numpy()[objective.proba(raw).argmax(axis=1)]
    assert set(answers) > {"ask"}
    earned = mean_score(y_new, answers, -WIDE)
    assert earned > max(mean_score(y_new, [one] * len(y_new), -WIDE) for one in WIDE)


def test_expected_scores_have_no_column_to_leave_out():
    objective = boosting_objective("score_regression", cost=COST.iloc[:2, :2])
    with pytest.raises(ValueError, match=r"shape \(n, 2\) for loss 'score_reg"):
        objective([0, 1], np.zeros(2))


@pytest.mark.parametrize("bad", [3, -1, 0.5, np.nan])
def test_refuses_labels_that_are_no_codes(bad):
    objective = boosting_objective("cross_entropy", cost=COST)
    match = (
        rf"^y_true\[1\]={bad} is no code of a class; codes are 0\.\.2, the positions "
        r"of the labels in classes\.$"
    )
    with pytest.raises(ValueError, match=match):
        objective(np.array([0, bad]), np.zeros((2, 3)))


def test_refuses_what_is_no_loss():
    names = rf"\['cross_entropy', .* '{max(LOSSES)}'\]"
    match = rf"^loss must be a Loss or one of the names {names}, got 'cross_entropi'\. "
    with pytest.raises(ValueError, match=match + r"Did you mean 'cross_entropy'\?$"):
        boosting_objective("cross_entropi", cost=COST)
    with pytest.raises(TypeError, match=r"loss must be a Loss or one of"):
        boosting_objective(CrossEntropyLoss, cost=COST)


@pytest.fixture(scope="module")
def sick():
    """Three overlapping groups in two dimensions; to overlook the first costs most."""
    rng = np.random.default_rng(3)
    codes = rng.choice(3, size=4000, p=[0.15, 0.35, 0.5])
    X = rng.normal(size=(4000, 4)) + codes[:, None] * [0.9, -0.6, 0.0, 0.0]
    y = np.array(KINDS)[codes]
    return train_test_split(X, y, test_size=0.9, stratify=y, random_state=0)


def lightgbm_under(objective, X, y, sample_weight=None):
    lightgbm = pytest.importorskip("lightgbm")
    chosen = {"n_estimators": 60, "num_leaves": 4, "n_jobs": 1, "verbose": -1}
    return lightgbm.LGBMClassifier(objective=objective, **chosen).fit(
        X, y, sample_weight=sample_weight
    )


@pytest.mark.parametrize("loss", ["cross_entropy", "kernel_brier", "tailored_score"])
def test_lightgbm_learns_with_it_what_it_learns_with_its_own(loss, sick):
    X, X_new, y, y_new = sick
    objective = boosting_objective(loss, cost=SHUFFLED)
    ours = lightgbm_under(objective, X, y).predict(X_new, raw_score=True)
    its = lightgbm_under("multiclass", X, y).predict_proba(X_new)
    earned, by_its = (
        mean_score(y_new, decide(proba), -COST)
        for proba in (objective.proba(ours), its)
    )
    constant = max(mean_score(y_new, [kind] * len(y_new), -COST) for kind in KINDS)
    assert by_its > constant + 0.1
    assert earned >= by_its - 0.02


def test_lightgbm_trains_towards_answers(sick):
    """Its most probable answer is what the Bayes decision would be."""
    X, X_new, y, y_new = sick
    objective = boosting_objective("entropic_score", cost=COST)
    raw = lightgbm_under(objective, X, y).predict(X_new, raw_score=True)
    answers = np.array(KINDS)[objective.proba(raw).argmax(axis=1)]
    its = decide(lightgbm_under("multiclass", X, y).predict_proba(X_new))
    assert mean_score(y_new, answers, -COST) >= mean_score(y_new, its, -COST) - 0.02


def decide(proba):
    costs = proba @ COST.to_numpy()
    return np.array(KINDS)[costs.argmin(axis=1)]


def test_weights_reach_lightgbm(sick):
    X, X_new, y, _ = sick
    weight = np.random.default_rng(0).integers(1, 3, size=len(y))
    objective = boosting_objective("cross_entropy", cost=COST)
    weighted = lightgbm_under(objective, X, y, weight)
    unweighted = lightgbm_under(objective, X, y)
    its_own = lightgbm_under("multiclass", X, y, weight)
    raw = weighted.predict(X_new, raw_score=True)
    assert not np.allclose(raw, unweighted.predict(X_new, raw_score=True))
    near = np.abs(objective.proba(raw) - its_own.predict_proba(X_new)).mean()
    far = np.abs(
        objective.proba(unweighted.predict(X_new, raw_score=True))
        - its_own.predict_proba(X_new)
    ).mean()
    assert near < far


def test_two_classes_of_lightgbm_have_one_score(sick):
    X, X_new, y, _ = sick
    some, new = y != "none", X_new[:50]
    objective = boosting_objective("cross_entropy", cost=COST.iloc[:2, :2])
    fitted = lightgbm_under(objective, X[some], y[some])
    ours = objective.proba(fitted.predict(new, raw_score=True))
    its = lightgbm_under("binary", X[some], y[some]).predict_proba(new)
    assert ours.shape == (50, 2)
    assert np.abs(ours - its).mean() < 0.1


def test_lightgbm_of_its_own_interface(sick):
    lightgbm = pytest.importorskip("lightgbm")
    X, X_new, y, _ = sick
    objective = boosting_objective("cross_entropy", cost=COST)
    chosen = {"objective": objective, "num_class": 3, "num_leaves": 4, "verbose": -1}
    data = lightgbm.Dataset(X, np.searchsorted(KINDS, y))
    booster = lightgbm.train(chosen | {"num_threads": 1}, data, num_boost_round=60)
    same = lightgbm_under(objective, X, y).predict(X_new, raw_score=True)
    np.testing.assert_allclose(booster.predict(X_new, raw_score=True), same)


def test_xgboost_grows_the_trees_of_its_own_softmax(sick):
    xgboost = pytest.importorskip("xgboost")
    X, X_new, y, _ = sick
    codes = np.searchsorted(KINDS, y)
    weight = np.random.default_rng(0).integers(1, 3, size=len(y)).astype(float)
    # XGBoost's own objective begins at the shares of the classes unless told not to.
    chosen = {"n_estimators": 10, "max_depth": 2, "n_jobs": 1, "base_score": 0.0}
    objective = boosting_objective("cross_entropy", cost=COST)
    ours = xgboost.XGBClassifier(objective=objective, **chosen)
    ours.fit(X, codes, sample_weight=weight)
    its = xgboost.XGBClassifier(objective="multi:softprob", **chosen)
    its.fit(X, codes, sample_weight=weight)
    raw = ours.predict(X_new, output_margin=True)
    np.testing.assert_allclose(
        objective.proba(raw), its.predict_proba(X_new), atol=1e-4
    )


def test_xgboost_of_its_own_interface(sick):
    xgboost = pytest.importorskip("xgboost")
    X, X_new, y, y_new = sick
    data = xgboost.DMatrix(X, np.searchsorted(KINDS, y))
    chosen = {"num_class": 3, "max_depth": 2, "nthread": 1}
    objective = boosting_objective("tailored_score", cost=COST)
    ours = xgboost.train(chosen, data, num_boost_round=40, obj=objective)
    its = xgboost.train(chosen | {"objective": "multi:softprob"}, data, 40)
    new = xgboost.DMatrix(X_new)
    proba = objective.proba(ours.predict(new, output_margin=True))
    earned, by_its = (
        mean_score(y_new, decide(given_proba), -COST)
        for given_proba in (proba, its.predict(new))
    )
    assert earned >= by_its - 0.02


def test_the_bayes_decision_around_lightgbm(sick):
    """The recipe of the page on integrations, fitted in folds and copied."""
    lightgbm = pytest.importorskip("lightgbm")
    X, X_new, y, y_new = sick

    class Boosted(lightgbm.LGBMClassifier):
        def predict_proba(self, X):
            return self.objective.proba(self.booster_.predict(X, raw_score=True))

    boosted = Boosted(
        objective=boosting_objective("tailored_score", cost=COST),
        n_estimators=40,
        num_leaves=4,
        n_jobs=1,
        verbose=-1,
    )
    clf = BayesDecisionClassifier(clone(boosted), cost=COST, cv=2).fit(X, y)
    its = BayesDecisionClassifier(
        lightgbm.LGBMClassifier(n_estimators=40, num_leaves=4, n_jobs=1, verbose=-1),
        cost=COST,
        cv=2,
    ).fit(X, y)
    by_ours = mean_score(y_new, clf.predict(X_new), -COST)
    assert by_ours >= mean_score(y_new, its.predict(X_new), -COST) - 0.02
