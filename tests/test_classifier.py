"""The estimator: tables by name, decisions, members, life cycle, scikit-learn."""

import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import AdaBoostClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Checkpoint, EarlyStopping
from torch import nn

from simclf import (
    SimilarityAwareClassifier,
    SimilarityWarning,
    make_expected_score_scorer,
)
from simclf.datasets import load_16s_reads, load_pbmc
from simclf.decision import bayes_decision, estimate_noise_matrix
from simclf.losses import (
    LOSSES,
    CrossEntropyLoss,
    ExpectedScoreLoss,
    Loss,
    ScoreRegressionLoss,
    SoftTargetLoss,
)
from simclf.metrics import mean_score
from simclf.modules import MLP
from tests.strategies import one_in

NAMES = np.array(["cow", "Ape", "dog", "bat"])
CLASSES = np.sort(NAMES)
S = pd.DataFrame(
    [
        [1.0, 0.1, 0.6, 0.0],
        [0.3, 1.0, 0.0, 0.5],
        [0.9, 0.2, 1.2, 0.1],
        [0.0, 0.7, 0.4, 1.0],
    ],
    index=CLASSES,
    columns=CLASSES,
)


def rows(n: int = 120, *, seed: int = 0) -> tuple[Any, Any]:
    """Four classes of string labels that overlap."""
    X, codes = make_classification(
        n,
        n_features=6,
        n_informative=5,
        n_redundant=0,
        n_classes=4,
        n_clusters_per_class=1,
        class_sep=0.7,
        random_state=seed,
    )
    return X, CLASSES[codes]


X, Y = rows()


def small(similarity: Any = None, **parameters: Any) -> SimilarityAwareClassifier:
    """Return a classifier that is quick to fit and always the same."""
    quick: dict[str, Any] = {
        "module": MLP((8,)),
        "max_epochs": 6,
        "lr": 0.01,
        "n_members": 2,
        "random_state": 3,
    }
    return SimilarityAwareClassifier(similarity, **(quick | parameters))


# --- one table, whatever form it comes in -----------------------------------------


@pytest.mark.parametrize("loss", LOSSES)
def test_the_form_of_the_table_does_not_matter(loss: str) -> None:
    order = [2, 0, 3, 1]
    forms = [
        small(S, loss=loss),
        small(S.iloc[order, order[::-1]], loss=loss),
        small(S.to_numpy(), loss=loss),
        small(cost=-S, loss=loss),
        small(lambda classes: S.loc[classes, classes], loss=loss),
    ]
    fitted = [clf.fit(X, Y) for clf in forms]
    for clf in fitted[1:]:
        np.testing.assert_array_equal(clf.predict_proba(X), fitted[0].predict_proba(X))
        np.testing.assert_array_equal(clf.predict(X), fitted[0].predict(X))
        np.testing.assert_array_equal(clf.similarity_, S.to_numpy())


def test_a_transposed_table_gives_other_answers() -> None:
    table = pd.DataFrame(
        [[1, 0, 0, 0], [0.9, 1, 0, 0], [0.9, 0, 1, 0], [0.9, 0, 0, 1.0]],
        CLASSES,
        CLASSES,
    )
    right = small(table).fit(X, Y)
    wrong = small(table.T).fit(X, Y)
    assert np.mean(right.predict(X) == "Ape") > np.mean(wrong.predict(X) == "Ape")
    expected = right.predict_proba(X) @ table.to_numpy()
    np.testing.assert_allclose(right.expected_scores(X), expected)


def test_the_transposed_table_trains_another_network() -> None:
    direct = {"loss": ExpectedScoreLoss(warm_start=0)}
    one = small(S, **direct).fit(X, Y).predict_proba(X)
    other = small(S.T, **direct).fit(X, Y).predict_proba(X)
    assert np.abs(one - other).max() > 1e-3


def test_renaming_classes_in_order_renames_the_answers() -> None:
    new = dict(zip(CLASSES, ["c1", "c2", "c3", "c4"], strict=True))
    renamed = small(S.rename(index=new, columns=new)).fit(X, [new[y] for y in Y])
    expected = [new[y] for y in small(S).fit(X, Y).predict(X)]
    np.testing.assert_array_equal(renamed.predict(X), expected)


def test_both_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="similarity and cost"):
        small(S, cost=-S).fit(X, Y)


def test_a_wrong_answer_above_the_right_one_is_told() -> None:
    names = ["c1", "c2", "c3", "c4"]
    forum = pd.DataFrame(
        [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]], names, names
    )
    with pytest.warns(SimilarityWarning, match="'c3' scores 0.0 .* 1.0 for 'c4'"):
        small(forum).fit(X, np.repeat(names, 30))


# --- the decision -----------------------------------------------------------------


def test_without_a_table_the_most_probable_class_is_predicted() -> None:
    clf = small().fit(X, Y)
    most_probable = clf.classes_[clf.predict_proba(X).argmax(axis=1)]
    np.testing.assert_array_equal(clf.predict(X), most_probable)
    assert clf.decision_ == "argmax"
    assert clf.temperature_ == 1.0


def test_with_a_table_the_bayes_answer_is_predicted() -> None:
    clf = small(S).fit(X, Y)
    assert clf.decision_ == "bayes"
    codes = bayes_decision(clf.predict_proba(X), S, classes=clf.classes_)
    np.testing.assert_array_equal(clf.predict(X), clf.classes_[codes])
    np.testing.assert_array_equal(clf.decision_function(X).argmax(axis=1), codes)


def test_argmax_may_be_asked_for() -> None:
    clf = small(S, decision="argmax").fit(X, Y)
    most_probable = clf.classes_[clf.predict_proba(X).argmax(axis=1)]
    np.testing.assert_array_equal(clf.predict(X), most_probable)
    assert clf.temperature_ == 1.0


def test_two_classes_have_one_decision_value() -> None:
    two = np.isin(Y, ["Ape", "cow"])
    table = S.loc[["Ape", "cow"], ["Ape", "cow"]]
    clf = small(table).fit(X[two], Y[two])
    values = clf.decision_function(X[two])
    assert values.shape == (two.sum(),)
    np.testing.assert_array_equal(
        clf.predict(X[two]), clf.classes_[(values > 0).astype(int)]
    )


@pytest.mark.parametrize(
    ("parameters", "n_columns"),
    [({}, 3), ({"decision": "argmax"}, 2), ({"loss": "entropic_score"}, 3)],
)
def test_two_columns_are_one_value_also_beside_further_answers(
    parameters: dict[str, Any], n_columns: int
) -> None:
    two = np.isin(Y, ["Ape", "cow"])
    table = S.loc[["Ape", "cow"], ["Ape", "cow"]].assign(refer=0.7)
    clf = small(table, **parameters).fit(X[two], Y[two])
    values = clf.decision_function(X[two])
    assert values.shape == ((two.sum(), 3) if n_columns == 3 else (two.sum(),))
    codes = values.argmax(axis=1) if n_columns == 3 else (values > 0).astype(int)
    np.testing.assert_array_equal(clf.predict(X[two]), clf.decisions_[codes])


@pytest.mark.parametrize("loss", LOSSES)
def test_what_the_probabilities_are_is_said(loss: str) -> None:
    clf = small(S, loss=loss).fit(X, Y)
    posterior = LOSSES[loss]().estimates == "posterior"
    assert clf.proba_is_posterior_ is posterior
    assert clf.decision_ == ("bayes" if posterior else "argmax")
    proba = clf.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-12)
    if not posterior:
        np.testing.assert_array_equal(
            clf.predict(X), clf.classes_[proba.argmax(axis=1)]
        )


REFER = S.assign(refer=0.8)


@pytest.mark.parametrize("loss", LOSSES)
def test_answers_that_are_no_class_may_be_given(loss: str) -> None:
    clf = small(REFER, loss=loss).fit(X, Y)
    assert clf.decisions_.tolist() == [*CLASSES, "refer"]
    assert set(clf.predict(X)) <= set(clf.decisions_)
    assert clf.predict_proba(X).shape == (len(X), 4)
    np.testing.assert_allclose(clf.predict_proba(X).sum(axis=1), 1, rtol=1e-12)
    assert clf.decision_function(X).shape == (len(X), 5)


def test_a_good_way_out_is_taken() -> None:
    clf = small(S.assign(refer=0.95)).fit(X, Y)
    assert np.mean(clf.predict(X) == "refer") > 0.5


def test_expected_scores_of_a_regression_are_on_the_tables_scale() -> None:
    clf = small(10 * S + 100, loss=ScoreRegressionLoss(), max_epochs=60).fit(X, Y)
    scores = clf.expected_scores(X)
    assert 100 < scores.mean() < 112
    np.testing.assert_array_equal(clf.classes_[scores.argmax(axis=1)], clf.predict(X))


def test_expected_scores_of_bare_decisions_are_refused() -> None:
    clf = small(S, loss="expected_score").fit(X, Y)
    with pytest.raises(ValueError, match="'expected_score' are no expected scores"):
        clf.expected_scores(X)


# --- calibration and early stopping -----------------------------------------------


def test_the_temperature_is_fitted_on_rows_held_out() -> None:
    overfitting = small(S, max_epochs=200, early_stopping=False, module=MLP((64,)))
    clf = overfitting.fit(X, np.random.default_rng(0).permutation(Y))
    assert clf.temperature_ > 1.3


def test_given_validation_rows_are_used() -> None:
    X_val, y_val = rows(60, seed=1)
    own = small(S).fit(X, Y, X_val=X_val, y_val=y_val)
    assert own.temperature_ != small(S).fit(X, Y).temperature_
    weights = np.r_[np.ones(30), np.zeros(30)]
    half = small(S).fit(X, Y, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    fewer = small(S).fit(X, Y, X_val=X_val[:30], y_val=y_val[:30])
    assert half.temperature_ == pytest.approx(fewer.temperature_, rel=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"X_val": X}, "y_val is missing"),
        ({"y_val": Y}, "X_val is missing"),
        ({"X_val": X, "y_val": np.full(len(X), "emu")}, "y_val has class 'emu'"),
        ({"X_val": X[:, :2], "y_val": Y}, "2 features"),
    ],
)
def test_validation_rows_that_do_not_fit_are_refused(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small(S).fit(X, Y, **given)


def test_validation_rows_that_nobody_would_use_are_refused() -> None:
    with pytest.raises(ValueError, match="neither early stopping nor calibration"):
        small(early_stopping=False).fit(X, Y, X_val=X, y_val=Y)
    small().fit(X, Y, X_val=X, y_val=Y)


def test_validation_rows_end_training_of_any_loss() -> None:
    X_val, y_val = rows(60, seed=1)
    clf = small(S, loss="expected_score", max_epochs=300, lr=0.05)
    assert clf.fit(X, Y, X_val=X_val, y_val=y_val).n_iter_ < 300
    assert "valid_loss" in clf.history_[-1]


def test_early_stopping_ends_training() -> None:
    clf = small(S, early_stopping=True, n_iter_no_change=2, max_epochs=500)
    clf.fit(X, np.random.default_rng(0).permutation(Y))
    assert clf.n_iter_ < 100
    assert "valid_loss" in clf.history_[0]
    assert len(clf.loss_curve_) == clf.n_iter_ == len(clf.history_)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_rare_classes_stay_in_training(count: int) -> None:
    kept = (Y != "bat") | (np.cumsum(Y == "bat") <= count)
    clf = small(S, validation_fraction=0.5).fit(X[kept], Y[kept])
    assert clf.classes_.tolist() == CLASSES.tolist()


# --- a loss chosen by what it earns ------------------------------------------------


def chooser(**parameters: Any) -> SimilarityAwareClassifier:
    """Return a linear model on three rings, which it cannot represent."""
    quick = {"loss": "auto", "module": "linear", "max_epochs": 40, "lr": 0.05}
    return small(RINGS, **(quick | parameters))


RINGS = pd.DataFrame(
    [[1.0, 0.2, 1.0], [1.0, 1.0, 0.3], [0.1, 0.9, 1.0]],
    index=["core", "ring", "shell"],
    columns=["core", "ring", "shell"],
)


def rings(n: int = 900, seed: int = 0) -> tuple[Any, Any]:
    """Points around one centre, by distance."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 3))
    third = np.searchsorted([1.27, 1.82], np.linalg.norm(points, axis=1))
    return points, RINGS.index.to_numpy()[third]


def test_a_choice_of_losses_is_reported() -> None:
    clf = chooser().fit(*rings())
    report = clf.auto_report_
    names = [candidate["loss"].name for candidate in report["candidates"]]
    assert names[0] == "cross_entropy"
    assert report["chosen"] in names
    assert clf.net_.criterion_.loss.name == report["chosen"]
    assert report["chosen"] in report["reason"]
    assert report["candidates"][0]["gain"] == 0.0
    assert clf.proba_is_posterior_
    assert clf.n_iter_ == len(clf.loss_curve_)


def test_the_choice_is_as_good_as_its_report() -> None:
    clf = chooser().fit(*rings())
    assert clf.auto_report_["chosen"] == "tailored_score"
    X_new, y_new = rings(5000, seed=1)
    plain = chooser(loss="cross_entropy").fit(*rings())
    earned = [mean_score(y_new, m.predict(X_new), RINGS) for m in (clf, plain)]
    assert earned[0] > earned[1] + 0.01


def test_only_the_members_of_the_winner_are_kept() -> None:
    clf = chooser(n_members=3).fit(*rings())
    assert {len(p) for p in clf.net_.module_.parameters()} == {3}
    again = pickle.loads(pickle.dumps(clf))
    X_new, _ = rings(50, seed=2)
    assert np.array_equal(again.predict_proba(X_new), clf.predict_proba(X_new))


def test_a_choice_is_the_same_every_time() -> None:
    first, second = (chooser().fit(*rings()) for _ in range(2))
    X_new, _ = rings(50, seed=2)
    assert np.array_equal(first.predict_proba(X_new), second.predict_proba(X_new))
    assert str(first.auto_report_) == str(second.auto_report_)


def test_there_is_no_choice_without_a_table_or_for_one_loss() -> None:
    clf = small(loss="auto").fit(X, Y)
    assert clf.auto_report_ is None
    assert clf.net_.criterion_.loss.name == "cross_entropy"
    clf = chooser().fit(*rings())
    assert clf.set_params(loss="pairwise").fit(*rings()).auto_report_ is None


def test_what_was_chosen_is_gone_on_with() -> None:
    clf = chooser(warm_start=True).fit(*rings())
    assert clf.auto_report_["chosen"] == "tailored_score"
    clf.fit(*rings(seed=5))
    assert clf.net_.criterion_.loss.name == "tailored_score"
    assert clf.auto_report_ is None
    clf.partial_fit(*rings(seed=6))
    assert clf.net_.criterion_.loss.name == "tailored_score"


def test_partial_fit_holds_no_rows_to_choose_by() -> None:
    X_new, y_new = rings()
    clf = chooser().partial_fit(X_new, y_new, classes=RINGS.index)
    assert clf.net_.criterion_.loss.name == "cross_entropy"
    assert clf.auto_report_ is None
    assert {len(p) for p in clf.net_.module_.parameters()} == {2}


def test_rows_given_make_the_choice() -> None:
    X_val, y_val = rings(400, seed=7)
    clf = chooser().fit(*rings(), X_val=X_val, y_val=y_val)
    assert "400 rows held out" in clf.auto_report_["reason"]


# --- folds and labels -------------------------------------------------------------


def test_a_fold_without_a_class_cuts_a_labelled_table() -> None:
    kept = Y != "bat"
    clf = small(S).fit(X[kept], Y[kept])
    names = ["Ape", "cow", "dog"]
    assert clf.classes_.tolist() == names
    np.testing.assert_array_equal(clf.similarity_, S.loc[names, names])


def test_a_fold_without_a_class_refuses_an_array() -> None:
    kept = Y != "bat"
    with pytest.raises(ValueError, match=r"shape \(4, 4\).*3 classes.*DataFrame"):
        small(S.to_numpy()).fit(X[kept], Y[kept])


@pytest.mark.parametrize(
    "convert",
    [
        list,
        lambda y: y.astype(object),
        lambda y: pd.Series(y, dtype="category"),
        lambda y: pd.Series(y, dtype="string"),
        lambda y: pd.Series(y, index=np.arange(len(y))[::-1]),
    ],
)
def test_labels_may_come_in_any_container(convert: Callable[[Any], Any]) -> None:
    clf = small(S).fit(X, convert(Y))
    np.testing.assert_array_equal(
        clf.predict(X).astype(str), small(S).fit(X, Y).predict(X)
    )


@pytest.mark.parametrize("labels", [[-5, 0, 7, 100], [2.0, 3.0, 5.0, 9.0]])
def test_labels_may_be_any_numbers(labels: list[float]) -> None:
    y = np.array(labels)[np.searchsorted(CLASSES, Y)]
    clf = small(S.to_numpy()).fit(X, y)
    assert clf.classes_.tolist() == labels
    assert clf.predict(X).dtype == y.dtype


def test_labels_may_be_bool() -> None:
    clf = small().fit(X, Y == "cow")
    assert clf.predict(X).dtype == bool


# --- features ---------------------------------------------------------------------


def test_features_may_come_in_any_container() -> None:
    columns = [f"gene {i}" for i in range(6)]
    frame = pd.DataFrame(X, columns=columns)
    clf = small(S).fit(frame, Y)
    assert clf.feature_names_in_.tolist() == columns
    expected = clf.predict_proba(frame)
    np.testing.assert_array_equal(
        clf.predict_proba(pl.DataFrame(X, schema=columns)), expected
    )
    np.testing.assert_array_equal(small(S).fit(X, Y).predict_proba(X), expected)


def test_sparse_features_give_the_same_model() -> None:
    sparse = scipy.sparse.csr_matrix(np.where(np.abs(X) < 0.5, 0, X))
    dense = sparse.toarray()
    settings = {"dtype": "float64", "batch_size": 32}
    one = small(S, **settings).fit(sparse, Y)
    other = small(S, **settings).fit(dense, Y)
    np.testing.assert_allclose(
        one.predict_proba(sparse), other.predict_proba(dense), atol=1e-9
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, bool])
def test_features_may_be_of_any_number_type(dtype: Any) -> None:
    narrow = (4 * X).astype(dtype)
    clf = small(S).fit(narrow, Y)
    assert np.isfinite(clf.predict_proba(narrow)).all()


def test_raw_unscaled_features_are_no_problem() -> None:
    scales = 10.0 ** np.array([-12, -3, 0, 3, 9, 30])
    shifted = X * scales + 5 * scales
    raw = small(S, dtype="float64").fit(shifted, Y).predict_proba(shifted)
    fine = small(S, dtype="float64").fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(raw, fine, atol=1e-6)


def test_a_row_beyond_all_bounds_is_refused_by_number() -> None:
    clf = small(S).fit(X, Y)
    far = X[:3].copy()
    far[1] = 1e300
    with pytest.raises(ValueError, match="row 1 of X lies so far outside"):
        clf.predict(far)


# --- members, modules, losses -----------------------------------------------------


class Tiny(nn.Module):
    """A network of a user's own."""

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__()
        self.layer = nn.Linear(n_features, n_outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores."""
        scores: torch.Tensor = self.layer(x)
        return scores


def normalised(n_features: int, n_outputs: int) -> nn.Module:
    """Build a network with batch statistics and dropout."""
    return nn.Sequential(
        nn.Linear(n_features, 8),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(8, n_outputs),
    )


@pytest.mark.parametrize(
    "module", ["mlp", "linear", MLP((4, 4), "tanh", 0.1), Tiny, normalised]
)
@pytest.mark.parametrize("n_members", [1, 3])
def test_networks_of_any_kind(module: Any, n_members: int) -> None:
    clf = small(S, module=module, n_members=n_members).fit(X, Y)
    assert clf.predict_proba(X).shape == (120, 4)
    again = small(S, module=module, n_members=n_members).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), again.predict_proba(X))
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(clf)).predict_proba(X), clf.predict_proba(X)
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_members_are_averaged(loss: str) -> None:
    clf = small(S, loss=loss, n_members=3, calibration=None).fit(X, Y)
    features = torch.tensor((X - clf.mean_) / clf.scale_, dtype=torch.float32)
    criterion = clf.net_.criterion_
    with torch.no_grad():
        scores = clf.net_.module_(features)
        assert len(scores) == 3
        pooled = criterion.pooled_proba(scores).numpy()
    np.testing.assert_allclose(clf.predict_proba(X), pooled, atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_learns(loss: str) -> None:
    clf = small(S, loss=loss, max_epochs=80, module=MLP((32,))).fit(X, Y)
    majority = pd.Series(Y).value_counts(normalize=True).max()
    assert clf.score(X, Y) > majority + 0.2


def test_names_of_losses_take_parameters() -> None:
    clf = small(S).set_params(loss="soft_target", loss__temperature=0.5)
    assert clf.loss.temperature == 0.5
    clf.set_params(loss__temperature=0.7)
    assert clf.loss.temperature == 0.7
    clf.set_params(module="mlp", module__hidden_layer_sizes=(3,))
    assert clf.module.hidden_layer_sizes == (3,)
    assert clf.fit(X, Y).net_.criterion_.loss.temperature == 0.7


def test_a_component_of_the_caller_is_never_written() -> None:
    loss, module = SoftTargetLoss(), MLP((4,))
    clf = small(S, loss=loss, module=module).fit(X, Y)
    assert clf.loss is loss
    assert clf.module is module
    assert clf.net_.criterion_.loss is not loss


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"loss": "auto", "loss__lam": 1.0}, "loss='auto' has no parameters"),
        ({"loss": "soft_target", "loss__temp": 1.0}, "Invalid parameter 'temp'"),
        ({"loss": "nonsense", "loss__x": 1}, "loss='nonsense' has no parameters"),
    ],
)
def test_parameters_of_nothing_are_refused(
    parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small(S).set_params(**parameters)


# --- random numbers ---------------------------------------------------------------


def test_a_seed_gives_one_model_and_moves_no_generator() -> None:
    np.random.seed(1)  # noqa: NPY002 - the global state is what is watched
    torch.manual_seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    one = small(S, module=normalised).fit(X, Y).predict_proba(X)
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002
    torch.manual_seed(2)
    np.testing.assert_array_equal(
        one, small(S, module=normalised).fit(X, Y).predict_proba(X)
    )


@pytest.mark.parametrize("module", [MLP((8,)), normalised])
def test_threads_and_processes_give_the_same_scores(module: Any) -> None:
    scorer = make_expected_score_scorer(S)
    scores = [
        cross_val_score(
            small(S, module=module, batch_size=32), X, Y, cv=4, scoring=scorer, **how
        )
        for how in ({"n_jobs": 1}, {"n_jobs": 2})
    ]
    with joblib.parallel_backend("threading", n_jobs=4):
        scores.append(
            cross_val_score(
                small(S, module=module, batch_size=32), X, Y, cv=4, scoring=scorer
            )
        )
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[0], scores[2])


def test_odd_global_settings_change_nothing() -> None:
    expected = small(S).fit(X, Y).predict_proba(X)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad(), torch.inference_mode(), torch.autocast("cpu"):
            found = small(S).fit(X, Y).predict_proba(X)
    finally:
        torch.set_default_dtype(torch.float32)
    np.testing.assert_array_equal(found, expected)


# --- life cycle -------------------------------------------------------------------


def test_a_failed_fit_leaves_the_old_model() -> None:
    clf = small(S).fit(pd.DataFrame(X, columns=list("abcdef")), Y)
    before = dict(vars(clf))
    with pytest.raises(ValueError, match="diverged in epoch"):
        clf.set_params(lr=1e30, standardize=False).fit(1e6 * X[:, :3], Y)
    clf.set_params(lr=0.01, standardize=True)
    assert vars(clf).keys() == before.keys()
    for name, value in before.items():
        assert vars(clf)[name] is value or vars(clf)[name] == value, name


def test_a_failed_partial_fit_leaves_the_old_model() -> None:
    clf = small(S).fit(X, Y)
    expected = clf.predict_proba(X)
    with pytest.raises(ValueError, match="diverged"):
        clf.set_params(lr=1e30).partial_fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


def test_set_params_changes_a_fitted_model_only_with_the_next_fit() -> None:
    clf = small(S).fit(X, Y)
    expected = clf.predict(X)
    clf.set_params(similarity=S.T, decision="argmax", loss="expected_score")
    np.testing.assert_array_equal(clf.predict(X), expected)


def test_a_clone_has_the_parameters_and_nothing_else() -> None:
    clf = small(S, loss=SoftTargetLoss(temperature=0.3)).fit(X, Y)
    copy = clone(clf)
    assert not hasattr(copy, "net_")
    np.testing.assert_array_equal(copy.fit(X, Y).predict_proba(X), clf.predict_proba(X))


def test_the_table_of_the_caller_is_never_written() -> None:
    table = S.to_numpy().copy()
    table.setflags(write=False)
    small(table).fit(X, Y)
    np.testing.assert_array_equal(table, S.to_numpy())


def test_weights_repeat_rows() -> None:
    weights = np.random.default_rng(0).integers(0, 3, len(Y))
    exact = {
        "dtype": "float64",
        "calibration": None,
        "early_stopping": False,
        "batch_size": 1000,
    }
    weighted = small(S, **exact).fit(X, Y, sample_weight=weights)
    repeated = small(S, **exact).fit(np.repeat(X, weights, 0), np.repeat(Y, weights))
    np.testing.assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-9
    )


def test_extreme_weights_are_relative() -> None:
    weights = np.random.default_rng(0).uniform(1, 2, len(Y))
    expected = small(S).fit(X, Y, sample_weight=weights).predict_proba(X)
    for scale in (1e-300, 1e300):
        found = small(S).fit(X, Y, sample_weight=scale * weights).predict_proba(X)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_class_weights_are_sample_weights() -> None:
    by_class = {"Ape": 3.0, "bat": 1.0, "cow": 0.5, "dog": 1.0}
    weights = np.array([by_class[y] for y in Y])
    np.testing.assert_allclose(
        small(S, class_weight=by_class).fit(X, Y).predict_proba(X),
        small(S).fit(X, Y, sample_weight=weights).predict_proba(X),
        atol=1e-6,
    )


def test_partial_fit_learns_epoch_by_epoch() -> None:
    clf = small(S, module=MLP((32,)))
    with pytest.raises(ValueError, match="classes must be passed in the first call"):
        clf.partial_fit(X, Y)
    for _ in range(40):
        clf.partial_fit(X, Y, classes=CLASSES)
    assert clf.n_iter_ == 40
    assert clf.score(X, Y) > 0.6
    with pytest.raises(ValueError, match="y has class 'emu'"):
        clf.partial_fit(X[:2], ["emu", "cow"])
    with pytest.raises(ValueError, match="differ from those of the first call"):
        clf.partial_fit(X, Y, classes=CLASSES[:3])


def test_partial_fit_takes_rows_of_one_class() -> None:
    clf = small(S).partial_fit(X[Y == "cow"], Y[Y == "cow"], classes=CLASSES)
    assert clf.predict_proba(X).shape == (120, 4)


def test_a_warm_start_goes_on() -> None:
    clf = small(S, warm_start=True, early_stopping=False).fit(X, Y)
    first = clf.loss_curve_
    clf.fit(X, Y)
    assert clf.loss_curve_[0] < first[0]
    with pytest.raises(ValueError, match="warm_start=True goes on"):
        clf.fit(X[:, :3], Y)
    assert small(S, early_stopping=False).fit(X, Y).fit(X, Y).loss_curve_ == first


def test_no_training_rows_are_kept() -> None:
    many = np.tile(X, (100, 1))
    few = len(pickle.dumps(small(S).fit(X, Y)))
    assert len(pickle.dumps(small(S).fit(many, np.tile(Y, 100)))) < 1.5 * few


def test_predicting_writes_nothing() -> None:
    clf = small(S).fit(X, Y)
    before = pickle.dumps(clf)
    clf.predict(X)
    clf.predict_proba(X)
    clf.expected_scores(X)
    assert pickle.dumps(clf) == before


def test_prediction_writes_nothing_under_a_table_of_found_form_either() -> None:
    n_classes = 520
    codes = np.arange(2 * n_classes) % n_classes
    line = -np.abs(np.subtract.outer(np.arange(n_classes), np.arange(n_classes)))
    clf = small(line.astype(float), max_epochs=1, n_members=1).fit(
        np.column_stack([codes, codes % 7]), codes
    )
    assert clf._table_.regret_form is not None
    before = pickle.dumps(clf)
    answers = clf.predict(np.array([[3.0, 3.0], [400.0, 1.0]]))
    assert pickle.dumps(clf) == before
    dense = bayes_decision(
        clf.predict_proba([[3.0, 3.0], [400.0, 1.0]]), clf.similarity_
    )
    assert answers.tolist() == clf.classes_[dense].tolist()


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    small(S).fit(X, Y)
    assert capsys.readouterr() == ("", "")
    small(S, verbose=1, max_epochs=2).fit(X, Y)
    assert "train_loss" in capsys.readouterr().out


# --- in scikit-learn's company ----------------------------------------------------


@pytest.mark.parametrize("load", [load_pbmc, load_16s_reads])
def test_a_grid_over_losses_tables_and_networks_on_real_data(
    load: Callable[[], Any],
) -> None:
    data = load()
    step = make_pipeline(StandardScaler(), small(max_epochs=4))
    prefix = "similarityawareclassifier__"
    grid = [
        {prefix + "loss": ["cross_entropy", CrossEntropyLoss(label_smoothing=0.1)]},
        {prefix + "loss": ["soft_target"], prefix + "loss__temperature": [0.1, 0.5]},
        {prefix + "module__hidden_layer_sizes": [(4,), (4, 4)]},
        {prefix + "similarity": [data.similarity, data.similarity**2]},
    ]
    step.set_params(**{prefix + "similarity": data.similarity})
    scorer = make_expected_score_scorer(data.similarity)
    found = []
    for backend, n_jobs in (("loky", 1), ("loky", 2), ("threading", 2)):
        search = GridSearchCV(step, grid, scoring=scorer, cv=2, error_score="raise")
        with joblib.parallel_backend(backend, n_jobs=n_jobs):
            search.fit(data.frame, data.target)
        found.append(search.cv_results_["mean_test_score"])
    assert len(found[0]) == 8
    assert np.isfinite(found[0]).all()
    assert len(set(found[0])) > 4
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_defaults_beat_a_linear_model_on_raw_features() -> None:
    data = load_16s_reads()
    clf = SimilarityAwareClassifier(data.similarity, random_state=0)
    scorer = make_expected_score_scorer(data.similarity)
    ours = cross_val_score(clf, data.frame, data.target, cv=3, scoring=scorer)
    linear = LogisticRegression(max_iter=500)
    theirs = cross_val_score(linear, data.frame, data.target, cv=3, scoring=scorer)
    assert ours.mean() > theirs.mean()


def test_boosting_passes_weights() -> None:
    boosted = AdaBoostClassifier(small(S, max_epochs=2), n_estimators=2)
    assert boosted.fit(X, Y).score(X, Y) > 0.25


def test_anndata_by_mistake_is_refused_at_once() -> None:
    class Fake:
        obs_names = var_names = None

    with pytest.raises(TypeError, match=r"AnnData object; pass its matrix"):
        small(S).fit(Fake(), Y)


@one_in(5)
@given(st.integers(0, 2**31), st.sampled_from(list(LOSSES)))
def test_scale_and_offset_of_the_table_change_no_answer(seed: int, loss: str) -> None:
    rng = np.random.default_rng(seed)
    scale = 2.0 ** rng.integers(-60, 60)
    offset = scale * rng.integers(-8, 8, size=(4, 1))
    table = np.round(S.to_numpy() * 64) / 64
    if loss == "score_regression":
        # Its targets are the scores themselves: rows keep one offset.
        offset = offset[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SimilarityWarning)
        one = small(table, loss=loss, max_epochs=2, n_members=1).fit(X, Y)
        other = small(scale * table + offset, loss=loss, max_epochs=2, n_members=1)
        np.testing.assert_array_equal(one.predict(X), other.fit(X, Y).predict(X))


# --- found by a tester who had not read the code ------------------------------------


def test_partial_fit_keeps_the_loss_it_began_with() -> None:
    clf = small(S, loss="score_regression").fit(X, Y)
    clf.set_params(loss="cross_entropy", decision="bayes", dtype="float64")
    clf.partial_fit(X, Y)
    assert clf.decision_ == "argmax"
    assert not clf.proba_is_posterior_
    assert clf.expected_scores(X).shape == (120, 4)


def test_balanced_classes_need_all_rows() -> None:
    with pytest.raises(ValueError, match="'balanced' needs all rows at once"):
        small(S, class_weight="balanced").partial_fit(X, Y, classes=CLASSES)


def test_an_answer_of_another_type_than_the_labels_counts_as_wrong() -> None:
    table = pd.DataFrame([[1, 0, 0.9], [0, 1, 0.9]], [0, 1], [0, 1, "refer"])
    y = (Y == "cow").astype(int)
    clf = small(table).fit(X, y)
    answers = clf.predict(X)
    assert "refer" in answers
    assert clf.score(X, y) == np.mean([a == b for a, b in zip(answers, y, strict=True)])


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1e153, 2e154, 1e300])
def test_the_unit_of_the_features_does_not_matter(scale: float) -> None:
    expected = small(S).fit(X, Y).predict(X)
    np.testing.assert_array_equal(
        small(S).fit(scale * X, Y).predict(scale * X), expected
    )


def test_weights_of_all_magnitudes_are_taken() -> None:
    weights = np.where(np.arange(len(Y)) % 10 == 0, 1e300, 1e-300)
    assert np.isfinite(small(S).fit(X, Y, weights).predict_proba(X)).all()


def test_threads_share_one_model_of_stacked_networks() -> None:
    clf = small(S, module=normalised, n_members=2).fit(X, Y)
    expected = clf.predict_proba(X)
    work = [joblib.delayed(clf.predict_proba)(X) for _ in range(64)]
    for found in joblib.Parallel(n_jobs=8, backend="threading")(work):
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_predicts() -> None:
    code = """
import os, sys, numpy as np, torch
from simclf import SimilarityAwareClassifier
torch.set_num_threads(2)
X = np.random.default_rng(0).normal(size=(20_000, 50))
clf = SimilarityAwareClassifier(max_epochs=1).fit(X, np.arange(20_000) % 3)
clf.predict(X)
if os.fork() == 0:
    clf.predict(X)
    os._exit(0)
sys.exit(os.wait()[1])
"""
    subprocess.run([sys.executable, "-c", code], timeout=120, check=True)


def test_a_label_that_is_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"y\[1\] is missing"):
        small(S).fit(X[:3], ["cow", float("nan"), "bat"])


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, pd.NaT])
def test_nothing_among_objects_is_refused_by_position(nothing: Any) -> None:
    y = Y.astype(object)
    y[7] = nothing
    with pytest.raises(ValueError, match=r"^y\[7\] is missing"):
        small(S).fit(X, y)


@pytest.mark.parametrize(
    ("weight", "kind"),
    [
        (np.ones(len(Y)) + 1j, "complex"),
        (np.full(len(Y), np.datetime64("2026-11-22")), r"datetime64\[D\]"),
    ],
)
def test_weights_that_are_no_real_numbers_are_refused(weight: Any, kind: str) -> None:
    with pytest.raises(ValueError, match=rf"^sample_weight must .* {kind}"):
        small(S).fit(X, Y, weight)


@pytest.mark.parametrize("state", ["seed", -1, 2.5])
def test_a_seed_that_is_none_is_named(state: Any) -> None:
    with pytest.raises(ValueError, match=rf"^random_state={state!r} must be None"):
        small(S, random_state=state).fit(X, Y)


def test_a_checkpoint_goes_with_a_random_state_of_equal_draws(tmp_path: Path) -> None:
    def fit(seed: int) -> SimilarityAwareClassifier:
        state = np.random.RandomState(seed)
        settings = {"checkpoint": tmp_path / "fit.safetensors", "random_state": state}
        return small(S, **settings).fit(X, Y)

    np.testing.assert_array_equal(fit(7).predict_proba(X), fit(7).predict_proba(X))
    with pytest.raises(ValueError, match="random_state"):
        fit(8)


@pytest.mark.parametrize("masked", ["X", "y"])
def test_a_mask_is_not_ignored(masked: str) -> None:
    data = {"X": X, "y": Y}
    data[masked] = np.ma.masked_array(data[masked])
    with pytest.raises(ValueError, match=f"^{masked} is a masked array"):
        small(S).fit(**data)


def test_validation_weights_alone_are_refused() -> None:
    with pytest.raises(ValueError, match="X_val is missing"):
        small(S).fit(X, Y, sample_weight_val=np.ones(5))


def test_a_message_on_validation_rows_says_so() -> None:
    bad = X.copy()
    bad[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"^X_val\[0, 0\] is missing: Input X_val"):
        small(S).fit(X, Y, X_val=bad, y_val=Y)


def test_a_table_by_name_under_an_estimator_that_encodes_labels() -> None:
    with pytest.raises(ValueError, match=r"outer estimator .* array in sorted class"):
        VotingClassifier([("one", small(S))]).fit(X, Y)
    VotingClassifier([("one", small(S.to_numpy()))]).fit(X, Y)


def test_a_builder_that_returns_one_network_twice_is_refused() -> None:
    network = Tiny(6, 4)
    with pytest.raises(ValueError, match="returned the same network twice"):
        small(S, module=lambda d, k: network, n_members=2).fit(X, Y)
    before = network.layer.weight.clone()
    small(S, module=lambda d, k: network, n_members=1).fit(X, Y)
    assert torch.equal(network.layer.weight, before)


def test_a_warm_start_is_a_flag_and_keeps_its_shape() -> None:
    with pytest.raises(ValueError, match="warm_start='no' must be True or False"):
        small(S, warm_start="no").fit(X, Y)
    clf = small(S, loss="entropic_score", warm_start=True).fit(X, Y)
    with pytest.raises(ValueError, match=r"4 outputs, but .* 5 outputs"):
        clf.set_params(similarity=REFER).fit(X, Y)


@pytest.mark.parametrize("loss", ["cross_entropy", "expected_score"])
def test_a_warm_start_may_learn_of_further_answers(loss: str) -> None:
    clf = small(S, loss=loss, warm_start=True).fit(X, Y)
    clf.set_params(similarity=S.assign(refer=0.95)).fit(X, Y)
    assert np.mean(clf.predict(X) == "refer") > 0.5


def test_early_stopping_of_skorch_reads_the_history() -> None:
    stop = EarlyStopping(monitor="train_loss", patience=2, threshold=10.0)
    clf = small(S, callbacks=[stop], max_epochs=50).fit(X, Y)
    assert clf.n_iter_ < 10
    assert stop.misses_ == 0


@pytest.mark.parametrize(
    ("callback", "told"),
    [
        (EarlyStopping(), "EarlyStopping monitors 'valid_loss', .* 'train_loss'"),
        (Checkpoint(), "Checkpoint monitors 'valid_loss_best', .* 'train_loss_best'"),
    ],
)
def test_a_callback_that_finds_nothing_to_read_is_named(
    callback: Any, told: str
) -> None:
    remedy = (
        "which is not in the history; there is a validation loss where fit holds rows "
        "out for early stopping: use early_stopping=True, or X_val and "
        "early_stopping='auto', or monitor="
    )
    sentence = "^the callback " + told.replace(".* ", remedy) + "[.]$"
    clf = small(callbacks=[callback])
    few = np.r_[0:20, 40:60]
    with pytest.raises(ValueError, match=sentence):
        clf.fit(X[few], Y[few])
    with pytest.raises(ValueError, match=sentence):
        clf.partial_fit(X, Y, classes=CLASSES)
    with pytest.raises(ValueError, match=sentence):
        clf.set_params(early_stopping=False).fit(X, Y)


def test_a_callback_is_told_what_there_is_to_monitor() -> None:
    known = "monitor one of .*'epoch', 'train_loss', 'train_loss_best', 'valid_loss'"
    with pytest.raises(ValueError, match=f"EarlyStopping monitors 'score'.*; {known}"):
        small(callbacks=[EarlyStopping("score")]).fit(X, Y)


def test_another_fault_of_a_callback_is_its_own() -> None:
    class Faulty(EarlyStopping):
        def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
            raise self.error

    faulty = Faulty("train_loss")
    for monitor, error in (("train_loss", KeyError("a")), ("none", OSError("b"))):
        faulty.monitor, Faulty.error = monitor, error
        with pytest.raises(type(error)) as raised:
            small(callbacks=[faulty]).fit(X, Y)
        assert "Raised by the callback Faulty" in raised.value.__notes__[0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("optimizer__momentum", "optimizer='adamw' has no parameters; set optimizer"),
        ("similarity__x", r"similarity=.*DataFrame.* has no parameters"),
    ],
)
def test_parameters_of_what_has_none_are_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small(S).set_params(**{name: 0.9})


def test_noise_is_estimated_and_corrected_in_the_documented_way() -> None:
    rng = np.random.default_rng(0)
    wrong = rng.random(len(Y)) < 0.3
    recorded = np.where(wrong, rng.permutation(Y), Y)
    # cross_val_predict numbers the labels, so no labelled table is shown to it.
    honest = make_pipeline(
        StandardScaler(), small(calibration="temperature", max_epochs=60)
    )
    proba = cross_val_predict(honest, X, recorded, method="predict_proba")
    noise = estimate_noise_matrix(recorded, proba)
    assert noise.index.tolist() == noise.columns.tolist() == CLASSES.tolist()
    corrected = small(S, loss=CrossEntropyLoss(noise_matrix=noise.iloc[::-1]))
    answers = make_pipeline(StandardScaler(), corrected).fit(X, recorded).predict(X)
    again = small(S, loss=CrossEntropyLoss(noise_matrix=noise.to_numpy()))
    expected = make_pipeline(StandardScaler(), again).fit(X, recorded).predict(X)
    assert set(answers) <= set(CLASSES)
    np.testing.assert_array_equal(answers, expected)


# Scores that differ by row ----------------------------------------------------

TAKES_ROWS = [
    ExpectedScoreLoss(tau=None),
    *(kind() for kind in LOSSES.values() if kind().takes_sample_scores),
]


def own_scores(y: Any, table: pd.DataFrame = S) -> pd.DataFrame:
    """What each answer is worth for each row, as its class says; columns shuffled."""
    scores = table.loc[y, table.columns[::-1]]
    return scores.set_index(np.arange(len(y)) + 7)


@pytest.mark.parametrize("loss", TAKES_ROWS, ids=lambda loss: loss.name)
@pytest.mark.parametrize("n_members", [1, 2])
def test_rows_that_score_as_their_class_are_a_table(loss: Loss, n_members: int) -> None:
    def proba(clf: Any, **given: Any) -> Any:
        clf.set_params(n_members=n_members, early_stopping=True, calibration=None)
        return clf.fit(X, Y, **given).predict_proba(X)

    wide = S.assign(refer=[0.3, 0.2, 0.1, 0.4])
    expected = proba(small(wide, loss=loss))
    rows = own_scores(Y, wide)
    np.testing.assert_array_equal(
        proba(small(wide, loss=loss), sample_scores=rows), expected
    )
    np.testing.assert_array_equal(
        proba(small(None, loss=loss), sample_scores=rows), expected
    )


def test_answers_follow_the_rows_and_not_their_classes() -> None:
    """Every class is worth most as itself where a feature is low, else as the ape."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(400, 2))
    y = np.array(["Ape", "cow"])[rng.integers(2, size=400)]
    high = features[:, 0] > 0
    scores = pd.DataFrame({"Ape": 2.0 * high, "cow": 1.0 - high})
    clf = small(None, loss="entropic_score", module=MLP((16,)), max_epochs=60, lr=0.02)
    match = r"^sample_scores: truth 'cow' scores in the mean 0\.5"
    with pytest.warns(SimilarityWarning, match=match):
        clf.fit(features, y, sample_scores=scores)
    right = np.where(high, "Ape", "cow")
    assert np.mean(clf.predict(features) == right) > 0.95


def test_without_a_table_classes_are_learned_and_decided_by_the_mean_rows() -> None:
    clf = small().fit(X, Y, sample_scores=own_scores(Y))
    expected = small(S).fit(X, Y)
    np.testing.assert_array_equal(clf.similarity_, S.to_numpy())
    np.testing.assert_array_equal(clf.predict(X), expected.predict(X))


def test_rows_of_weight_zero_take_their_scores_away() -> None:
    weight = np.arange(120) % 3 > 0
    clf = small(loss="entropic_score")
    some = clf.fit(X, Y, weight.astype(float), sample_scores=own_scores(Y))
    proba = some.predict_proba(X)
    fewer = clf.fit(X[weight], Y[weight], sample_scores=own_scores(Y[weight]))
    np.testing.assert_array_equal(proba, fewer.predict_proba(X))


def test_rows_given_to_judge_by_have_scores_too() -> None:
    clf = small(loss="entropic_score", early_stopping=True)
    given = {"X_val": X[80:], "y_val": Y[80:]}
    first = clf.fit(
        X[:80],
        Y[:80],
        sample_scores=own_scores(Y[:80]),
        sample_scores_val=own_scores(Y[80:]),
        **given,
    ).history_
    expected = small(S, loss="entropic_score", early_stopping=True)
    expected.fit(X[:80], Y[:80], **given)
    same = [r["valid_loss"] for r in expected.history_]
    assert [r["valid_loss"] for r in first] == same


def test_rows_are_sliced_by_a_search_that_routes_them() -> None:
    scorer = make_expected_score_scorer(S)
    clf = small(loss="entropic_score")
    with config_context(enable_metadata_routing=True):
        clf.set_fit_request(sample_scores=True)
        judge = make_expected_score_scorer(S).set_score_request(sample_scores=True)
        search = GridSearchCV(clf, {"lr": [0.01, 0.05]}, scoring=judge, cv=2)
        search.fit(X, Y, sample_scores=own_scores(Y))
    plain = GridSearchCV(
        small(S, loss="entropic_score"), {"lr": [0.01, 0.05]}, scoring=scorer, cv=2
    ).fit(X, Y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )


def test_no_scores_of_rows_are_kept() -> None:
    few = small(loss="entropic_score").fit(X, Y, sample_scores=own_scores(Y))
    many = small(loss="entropic_score").fit(
        np.tile(X, (20, 1)), np.tile(Y, 20), sample_scores=own_scores(np.tile(Y, 20))
    )
    assert len(pickle.dumps(many)) < 1.1 * len(pickle.dumps(few))
