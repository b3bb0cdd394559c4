"""Callbacks that follow what training earns."""

import numpy as np
import pandas as pd
import pytest

from simclf import SimilarityAwareClassifier
from simclf.callbacks import EpochScores
from simclf.metrics import mean_score
from simclf.plotting import TrainingCurveDisplay

ANIMALS = ["bee", "ant", "cat"]
TABLE = pd.DataFrame(
    [[1.0, 0.6, 0.0, 0.5], [0.2, 1.0, 0.1, 0.5], [0.0, 0.7, 1.0, 0.4]],
    ANIMALS,
    [*ANIMALS, "unknown"],
)

FIT = ("sample_weight", "X_val", "y_val")


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    y = np.repeat(["ant", "bee", "cat"], 20)
    return rng.normal(size=(60, 2)) + np.repeat(np.arange(3), 20)[:, None], y


def fitted(X, y, **settings):
    clf = SimilarityAwareClassifier(
        TABLE,
        callbacks=[EpochScores(TABLE)],
        max_epochs=4,
        n_members=1,
        calibration=None,
        lr=0.05,
        random_state=0,
    )
    fit = {name: settings.pop(name) for name in list(settings) if name in FIT}
    return clf.set_params(**settings).fit(X, y, **fit)


@pytest.mark.parametrize(
    "loss", ["cross_entropy", "expected_score", "soft_target", "score_regression"]
)
def test_the_last_epoch_earns_what_the_classifier_does(loss, rows):
    clf = fitted(*rows, loss=loss, early_stopping=False)
    scores = [record["train_score"] for record in clf.history_]
    assert scores[-1] == pytest.approx(mean_score(rows[1], clf.predict(rows[0]), TABLE))
    assert len(set(scores)) > 1
    assert "valid_score" not in clf.history_[0]


def test_weights_count(rows):
    weight = np.where(rows[1] == "cat", 5.0, 1.0)
    clf = fitted(*rows, sample_weight=weight, early_stopping=False)
    expected = mean_score(rows[1], clf.predict(rows[0]), TABLE, sample_weight=weight)
    assert clf.history_[-1]["train_score"] == pytest.approx(expected)


def test_rows_held_out_are_scored_with_the_weights_of_their_epoch(rows):
    X, y = rows
    clf = fitted(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    best = int(np.argmin([record["valid_loss"] for record in clf.history_]))
    expected = mean_score(y[1::2], clf.predict(X[1::2]), TABLE)
    assert clf.history_[best]["valid_score"] == pytest.approx(expected)


def test_members_are_scored_each_by_itself(rows):
    clf = fitted(*rows, n_members=3, early_stopping=True)
    for record in clf.history_:
        assert 0 < record["train_score"] <= 1
        assert 0 < record["valid_score"] <= 1


def test_training_is_not_changed(rows):
    alone = fitted(*rows, callbacks=None).predict_proba(rows[0])
    assert (fitted(*rows).predict_proba(rows[0]) == alone).all()


def test_without_a_table_the_score_is_the_accuracy(rows):
    clf = fitted(
        *rows, similarity=None, callbacks=[EpochScores()], early_stopping=False
    )
    accuracy = clf.score(*rows)
    assert clf.history_[-1]["train_score"] == pytest.approx(accuracy)


LEARNED = TABLE.assign(rest=[0.0, 0.1, 0.2], unknown=[0.99, 0.99, 0.0])


@pytest.mark.parametrize(
    "columns",
    [
        [*ANIMALS, "rest", "unknown"],
        ["rest", "cat", "unknown", "ant", "other", "bee"],
    ],
    ids=["moved", "more"],
)
def test_answers_that_are_no_class_are_found_by_name(columns, rows):
    judge = LEARNED.assign(other=9.0)[columns]
    clf = fitted(
        *rows,
        similarity=LEARNED,
        loss="entropic_score",
        callbacks=[EpochScores(judge)],
        max_epochs=9,
        early_stopping=False,
    )
    answers = clf.predict(rows[0])
    assert {"unknown", "cat"} <= set(answers)
    expected = mean_score(rows[1], answers, LEARNED)
    assert clf.history_[-1]["train_score"] == pytest.approx(expected)


def test_an_answer_that_is_no_class_is_never_accurate(rows):
    clf = fitted(
        *rows,
        similarity=LEARNED,
        loss="entropic_score",
        callbacks=[EpochScores()],
        max_epochs=9,
        early_stopping=False,
    )
    answers = clf.predict(rows[0])
    assert {"unknown", "cat"} <= set(answers)
    accuracy = np.mean(answers == rows[1])
    assert 0 < accuracy == pytest.approx(clf.history_[-1]["train_score"])


def test_a_table_that_lacks_an_answer_is_refused(rows):
    match = (
        r"^EpochScores: similarity has no column for \['rest'\], which the classifier "
        r"may answer; it knows \['ant', 'bee', 'cat', 'unknown'\]\. Give it the table "
        r"of the classifier, or a DataFrame with these columns\.\n"
    )
    with pytest.raises(ValueError, match=match):
        fitted(*rows, similarity=LEARNED, loss="score_regression")


def test_the_bayes_decision_is_among_the_answers_of_its_own_table(rows):
    judge = TABLE[ANIMALS].assign(sure=5.0)
    clf = fitted(*rows, similarity=LEARNED, callbacks=[EpochScores(judge)])
    assert clf.history_[-1]["train_score"] == pytest.approx(5.0)


def test_scores_are_drawn_beside_the_loss(rows):
    pytest.importorskip("matplotlib.pyplot").close("all")
    display = TrainingCurveDisplay.from_estimator(fitted(*rows, early_stopping=True))
    assert list(display.curves) == ["loss", "score"]
    assert list(display.lines_["score"]) == ["train", "validation"]
