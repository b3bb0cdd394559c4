"""A Bayes decision around any classifier: the answers, the promises, the trap."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_digits, load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    cross_val_score,
    train_test_split,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from simclf import BayesDecisionClassifier, SimilarityWarning
from simclf.decision import apply_temperature, bayes_decision, expected_scores
from simclf.metrics import skill_score

IRIS = load_iris()
NAMES = IRIS.target_names.tolist()
X = IRIS.data + np.random.default_rng(0).normal(scale=0.5, size=IRIS.data.shape)
Y = IRIS.target_names[IRIS.target]
COST = pd.DataFrame(
    [[0, 1, 4, 0.5], [2, 0, 1, 0.5], [6, 9, 0, 0.5]], NAMES, [*NAMES, "ask"]
)


def tree(**parameters):
    return DecisionTreeClassifier(max_depth=3, random_state=0, **parameters)


def fitted(**parameters):
    settings = {"estimator": tree(), "cost": COST[NAMES]} | parameters
    weights = settings.pop("sample_weight", None)
    return BayesDecisionClassifier(**settings).fit(X, Y, sample_weight=weights)


class TestAnswers:
    @pytest.mark.parametrize("calibration", ["auto", "sigmoid", "isotonic", None])
    def test_answers_are_the_bayes_decision_of_the_probabilities(self, calibration):
        clf = fitted(cost=COST, calibration=calibration)
        proba = clf.predict_proba(X)
        best = bayes_decision(proba, -COST, classes=NAMES)
        assert clf.predict(X).tolist() == [[*NAMES, "ask"][code] for code in best]
        expected = expected_scores(proba, -COST, classes=NAMES)
        assert clf.expected_scores(X) == pytest.approx(expected)

    def test_one_fit_on_all_rows_and_a_temperature(self):
        clf = fitted()
        raw = tree().fit(X, Y).predict_proba(X)
        lifted = np.maximum(raw, clf.calibrator_.floor)
        lifted /= lifted.sum(axis=1, keepdims=True)
        assert clf.estimator_.predict_proba(X) == pytest.approx(raw)
        assert clf.temperature_ != 1
        assert clf.predict_proba(X) == pytest.approx(
            apply_temperature(lifted, clf.temperature_)
        )

    def test_without_calibration_probabilities_are_those_of_the_classifier(self):
        clf = fitted(calibration=None)
        assert clf.calibrator_ is None
        assert clf.temperature_ == 1
        assert np.array_equal(clf.predict_proba(X), tree().fit(X, Y).predict_proba(X))

    def test_without_a_table_answers_are_those_of_the_classifier(self):
        clf = BayesDecisionClassifier(tree()).fit(X, Y)
        assert clf.calibrator_ is None
        assert np.array_equal(clf.predict(X), tree().fit(X, Y).predict(X))
        assert np.array_equal(clf.similarity_, np.eye(3))

    def test_without_a_table_the_most_probable_class_is_exactly_that(self):
        class Nearly(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.classes_ = np.unique(y)
                return self

            def predict_proba(self, X):
                return np.tile([0.5 - 1e-15, 0.5 + 1e-15], (len(X), 1))

        clf = BayesDecisionClassifier(Nearly()).fit(X[:2], ["ant", "bee"])
        assert clf.predict(X[:1]).tolist() == ["bee"]

    def test_curves_have_no_temperature(self):
        assert fitted(calibration="isotonic").temperature_ is None

    def test_the_table_is_aligned_by_name(self):
        shuffled = COST.iloc[[2, 0, 1], [1, 3, 0, 2]]
        clf = fitted(cost=shuffled)
        assert clf.classes_.tolist() == NAMES
        assert clf.decisions_.tolist() == [*NAMES, "ask"]
        assert clf.similarity_.dtype == np.float64
        assert np.array_equal(clf.similarity_, -COST.to_numpy())
        assert np.array_equal(clf.predict(X), fitted(cost=COST).predict(X))

    def test_a_cost_is_a_score_of_the_opposite_sign(self):
        one = fitted(cost=None, similarity=-COST)
        assert np.array_equal(
            one.expected_scores(X), fitted(cost=COST).expected_scores(X)
        )

    def test_a_callable_is_given_the_classes(self):
        clf = fitted(cost=lambda classes: COST.loc[classes, classes])
        assert np.array_equal(clf.similarity_, -COST[NAMES].to_numpy())

    def test_an_answer_may_be_no_class(self):
        clf = fitted(cost=COST)
        answers = clf.predict(X)
        assert 0 < (answers == "ask").sum() < len(answers)
        assert clf.score(X, Y) == pytest.approx(np.mean(answers == Y))
        weights = np.arange(150.0)
        assert clf.score(X, Y, weights) == pytest.approx(
            np.average(answers == Y, weights=weights)
        )

    def test_answers_may_be_of_another_type_than_labels(self):
        table = pd.DataFrame([[0, 1, 0.2], [3, 0, 0.2]], [7, 9], [7, 9, "ask"])
        clf = BayesDecisionClassifier(tree(), cost=table)
        clf.fit(X, np.where(Y == "setosa", 7, 9))
        assert set(clf.predict(X).tolist()) <= {7, 9, "ask"}
        assert clf.score(X[:60], np.where(Y == "setosa", 7, 9)[:60]) > 0.8

    def test_score_is_accuracy(self):
        clf = fitted()
        hits = clf.predict(X) == Y
        assert clf.score(X, Y) == pytest.approx(np.mean(hits))
        weights = np.arange(150.0) ** 3
        wanted = np.average(hits, weights=weights)
        assert wanted != pytest.approx(np.mean(hits))
        assert clf.score(X, Y, weights) == pytest.approx(wanted)


class TestLabels:
    @pytest.mark.parametrize(
        "y",
        [
            Y.tolist(),
            Y.astype(object),
            pd.Series(Y, index=range(9, 159)),
            pd.Series(Y, dtype="category"),
            pd.Series(Y, dtype="string"),
        ],
        ids=["list", "object", "Series", "category", "string"],
    )
    def test_words_of_any_kind(self, y):
        clf = BayesDecisionClassifier(tree(), cost=COST).fit(X, y)
        assert clf.classes_.tolist() == NAMES
        assert clf.predict(X).tolist() == fitted(cost=COST).predict(X).tolist()

    def test_a_class_of_one_row_breaks_nothing(self):
        keep = [0, *range(50, 150)]
        clf = BayesDecisionClassifier(GaussianNB(), cost=COST).fit(X[keep], Y[keep])
        assert clf.classes_.tolist() == NAMES
        assert clf.predict_proba(X).shape == (150, 3)

    def test_a_class_of_one_row_of_two_breaks_nothing(self):
        keep = [0, *range(50, 60)]
        clf = BayesDecisionClassifier(LogisticRegression(), cost=COST)
        assert clf.fit(X[keep], Y[keep]).temperature_ < 1

    def test_one_row_of_each_class_leaves_the_temperature_at_one(self):
        clf = BayesDecisionClassifier(GaussianNB(), cost=COST)
        assert clf.fit(X[[0, 60, 120]], Y[[0, 60, 120]]).temperature_ == 1

    def test_cross_validation_where_a_fold_lacks_a_class(self):
        keep = [0, *range(50, 150)]
        clf = BayesDecisionClassifier(tree(), cost=COST)
        scores = cross_val_score(clf, X[keep], Y[keep], cv=[(range(1, 101), [0, 5])])
        assert scores[0] <= 0.5

    def test_one_class_is_refused(self):
        with pytest.raises(ValueError, match=r"^y holds 1 class, \['setosa'\]"):
            BayesDecisionClassifier(tree()).fit(X[:50], Y[:50])

    def test_classes_that_are_not_sorted_are_brought_into_order(self):
        model = Reversed(max_depth=3, random_state=0)
        proba = fitted().predict_proba(X)
        assert np.array_equal(fitted(estimator=model).predict_proba(X), proba)
        frozen = BayesDecisionClassifier(
            FrozenEstimator(model.fit(X, Y)), COST[NAMES].to_numpy(), calibration=None
        )
        with pytest.warns(SimilarityWarning, match="looks like a cost"):
            frozen.fit(X, Y)
        assert frozen.classes_.tolist() == NAMES
        assert np.array_equal(frozen.similarity_, COST[NAMES])


class Reversed(DecisionTreeClassifier):
    """A tree whose classes are in reverse order."""

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        self.classes_ = self.classes_[::-1]
        return self

    def predict_proba(self, X):
        return super().predict_proba(X)[:, ::-1]


class TestFrozen:
    def test_rows_of_fit_are_for_calibration_alone(self):
        model = tree().fit(X[::2], Y[::2])
        clf = fitted(estimator=FrozenEstimator(model))
        assert clf.estimator_.estimator is model
        lifted = np.maximum(model.predict_proba(X), clf.calibrator_.floor)
        lifted /= lifted.sum(axis=1, keepdims=True)
        assert clf.predict_proba(X) == pytest.approx(
            apply_temperature(lifted, clf.temperature_)
        )

    def test_without_calibration_only_the_table_is_read(self):
        model = tree().fit(X, Y)
        clf = BayesDecisionClassifier(
            FrozenEstimator(model), cost=COST, calibration=None
        )
        clf.fit(X[:1], Y[:1])
        assert np.array_equal(clf.predict_proba(X), model.predict_proba(X))
        assert np.array_equal(clf.similarity_, -COST.to_numpy())

    def test_rows_may_lack_a_class(self):
        clf = BayesDecisionClassifier(FrozenEstimator(tree().fit(X, Y)), cost=COST)
        assert clf.fit(X[:100], Y[:100]).classes_.tolist() == NAMES

    def test_rows_of_an_unknown_class_are_refused(self):
        clf = BayesDecisionClassifier(FrozenEstimator(tree().fit(X, Y)), cost=COST)
        with pytest.raises(ValueError, match=r"^y has label 'rose', which is no class"):
            clf.fit(X[:2], ["setosa", "rose"])


class TestWeights:
    def test_weights_reach_the_classifier_and_the_calibration(self):
        weights = 1.0 + np.arange(150) % 3
        folds = [(range(0, 150, 2), range(1, 150, 2))]
        clf = BayesDecisionClassifier(tree(), cost=COST, cv=folds)
        clf.fit(X, Y, sample_weight=weights)
        alone = tree().fit(X, Y, weights)
        assert np.array_equal(clf.estimator_.predict_proba(X), alone.predict_proba(X))
        half = tree().fit(X[::2], Y[::2], weights[::2])
        by_hand = BayesDecisionClassifier(FrozenEstimator(half), cost=COST)
        by_hand.fit(X[1::2], Y[1::2], sample_weight=weights[1::2])
        assert clf.temperature_ == pytest.approx(by_hand.temperature_)

    def test_weights_are_routed_where_they_are_requested(self):
        weights = np.arange(150.0)
        with config_context(enable_metadata_routing=True):
            model = tree().set_fit_request(sample_weight=True)
            clf = BayesDecisionClassifier(model, cost=COST)
            clf.set_fit_request(sample_weight=True)
            clf.set_score_request(sample_weight=True)
            outer = GridSearchCV(clf, {"estimator__max_depth": [3]}, cv=3)
            outer.fit(X, Y, sample_weight=weights)
            routed = outer.best_estimator_
        plain = BayesDecisionClassifier(tree(), cost=COST).fit(X, Y, weights)
        assert np.array_equal(routed.predict_proba(X), plain.predict_proba(X))

    def test_weights_reach_curves_whatever_the_routing(self):
        weights = 1.0 + np.arange(150) % 3
        plain = fitted(calibration="isotonic", sample_weight=weights)
        with config_context(enable_metadata_routing=True):
            model = tree().set_fit_request(sample_weight=True)
            routed = fitted(
                estimator=model, calibration="isotonic", sample_weight=weights
            )
        assert np.array_equal(routed.predict_proba(X), plain.predict_proba(X))

    def test_groups_reach_the_splitter(self):
        groups = np.arange(150) % 3
        folds = [
            (np.flatnonzero(groups != g), np.flatnonzero(groups == g)) for g in range(3)
        ]
        expected = fitted(cost=COST, cv=folds).temperature_
        for routing in (True, False):
            with config_context(enable_metadata_routing=routing):
                clf = BayesDecisionClassifier(tree(), cost=COST, cv=LeaveOneGroupOut())
                clf.fit(X, Y, groups=groups)
            assert clf.temperature_ == pytest.approx(expected)

    def test_groups_are_cut_in_an_outer_cross_validation(self):
        groups = np.arange(150) % 6
        clf = BayesDecisionClassifier(tree(), cost=COST[NAMES], cv=GroupKFold(2))
        outer = cross_val_score(
            clf, X, Y, cv=3, params={"groups": groups}, error_score="raise"
        )
        assert outer.min() > 0.6

    def test_a_splitter_of_groups_without_them_is_refused(self):
        clf = BayesDecisionClassifier(tree(), cost=COST, cv=GroupKFold(2))
        with pytest.raises(ValueError, match=r"whole groups but is given none; call f"):
            clf.fit(X, Y)

    def test_folds_that_part_groups_are_spoken_of_in_the_line_of_the_user(self):
        clf = BayesDecisionClassifier(tree(), cost=COST)
        with pytest.warns(UserWarning, match=r"^groups are given but cv=None") as seen:
            clf.fit(X, Y, groups=np.arange(150))
        assert seen[0].filename == __file__

    def test_parameters_of_a_pipeline_are_passed_on(self):
        weights = np.arange(1.0, 151.0)
        pipe = make_pipeline(StandardScaler(), GaussianNB())
        clf = BayesDecisionClassifier(pipe, cost=COST)
        clf.fit(X, Y, gaussiannb__sample_weight=weights)
        alone = clone(pipe).fit(X, Y, gaussiannb__sample_weight=weights)
        assert np.array_equal(clf.estimator_.predict_proba(X), alone.predict_proba(X))


class TestScikitLearn:
    def test_names_and_number_of_features_are_those_of_the_classifier(self):
        frame = pd.DataFrame(X, columns=IRIS.feature_names)
        clf = BayesDecisionClassifier(tree(), cost=COST)
        assert not hasattr(clf, "n_features_in_")
        clf.fit(frame, Y)
        assert clf.n_features_in_ == 4
        assert clf.feature_names_in_.tolist() == IRIS.feature_names
        assert not hasattr(fitted(), "feature_names_in_")

    def test_what_the_classifier_takes_is_taken(self):
        words = [["warm", "small"], ["warm", "large"], ["cold", "large"]] * 20

        class Words(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.classes_ = np.unique(y)
                return self

            def predict_proba(self, X):
                return np.array(
                    [[0.2, 0.8] if "cold" in row else [0.9, 0.1] for row in X]
                )

        clf = BayesDecisionClassifier(Words(), [[2.0, 0.0], [0.0, 1.0]])
        clf.fit(words, ["ant", "ant", "bee"] * 20)
        assert clf.predict(words[:3]).tolist() == ["ant", "ant", "bee"]
        assert not hasattr(clf, "n_features_in_")

    def test_methods_are_there_where_the_classifier_gives_probabilities(self):
        for name in ("predict_proba", "expected_scores"):
            assert hasattr(BayesDecisionClassifier(tree()), name)
            assert not hasattr(BayesDecisionClassifier(LinearSVC()), name)

    def test_probabilities_may_appear_in_fit(self):
        stack = StackingClassifier([("tree", tree())], cv=2)
        clf = BayesDecisionClassifier(stack, cost=COST, cv=2)
        assert not hasattr(clf, "predict_proba")
        assert set(clf.fit(X, Y).predict(X)) <= {*NAMES, "ask"}
        assert clf.predict_proba(X).shape == (150, 3)

    def test_probabilities_that_do_not_appear_in_fit_are_missed(self):
        class Shy(LinearSVC):
            @available_if(lambda self: self.inner_ is not None)
            def predict_proba(self, X):
                raise NotImplementedError

            def fit(self, X, y):
                self.inner_ = None
                return self

        with pytest.raises(TypeError, match=r"^estimator Shy has no predict_proba"):
            BayesDecisionClassifier(Shy(), cost=COST).fit(X, Y)

    def test_tags_are_those_of_the_classifier(self):
        assert get_tags(BayesDecisionClassifier(tree())).input_tags.allow_nan
        assert get_tags(BayesDecisionClassifier(LinearSVC())).input_tags.sparse

    def test_nothing_before_fit(self):
        with pytest.raises(NotFittedError):
            BayesDecisionClassifier(tree()).predict(X)
        with pytest.raises(NotFittedError):
            BayesDecisionClassifier(tree()).predict_proba(X)

    def test_parameters_are_never_written(self):
        clf = BayesDecisionClassifier(tree(), cost=COST, cv=3)
        before = dict(vars(clf))
        clf.fit(X, Y)
        assert {name: vars(clf)[name] for name in before} == before
        assert not hasattr(clf.estimator, "classes_")

    def test_set_params_counts_from_the_next_fit(self):
        clf = fitted()
        before = clf.predict_proba(X), clf.predict(X)
        clf.set_params(cost=None, calibration=None, estimator__max_depth=1)
        assert np.array_equal(clf.predict_proba(X), before[0])
        assert np.array_equal(clf.predict(X), before[1])
        assert not np.array_equal(clf.fit(X, Y).predict_proba(X), before[0])

    def test_predict_writes_nothing(self):
        clf = fitted(cost=COST)
        before = pickle.dumps(clf)
        clf.predict(X)
        clf.expected_scores(X)
        assert pickle.dumps(clf) == before

    @pytest.mark.parametrize("calibration", ["temperature", "sigmoid", "isotonic"])
    def test_it_pickles(self, calibration):
        clf = fitted(cost=COST, calibration=calibration)
        copy = pickle.loads(pickle.dumps(clf))
        assert np.array_equal(copy.predict_proba(X), clf.predict_proba(X))
        assert np.array_equal(copy.predict(X), clf.predict(X))

    def test_a_failed_fit_leaves_the_model_as_it_was(self):
        clf = fitted(cost=COST)
        before = clf.predict(X)
        with pytest.raises(ValueError, match="cv=1 must be at least 2"):
            clf.set_params(cv=1).fit(X[:, :2], Y)
        assert np.array_equal(clf.predict(X), before)

    def test_it_is_shown_with_the_classifier_inside(self):
        page = BayesDecisionClassifier(LogisticRegression(C=3), cost=COST)._repr_html_()
        assert "BayesDecisionClassifier" in page
        assert "LogisticRegression" in page

    def test_the_calibration_is_searched_like_any_parameter(self):
        search = GridSearchCV(
            BayesDecisionClassifier(tree(), cost=COST[NAMES], cv=2),
            {"calibration": [None, "auto", "isotonic"], "estimator__max_depth": [2, 3]},
            cv=2,
        )
        assert len(search.fit(X, Y).cv_results_["params"]) == 6


class AnswersOnly(DecisionTreeClassifier):
    """A tree that says how good each answer is."""

    proba_is_posterior_ = False


class TestAnswersForProbabilities:
    @pytest.mark.parametrize("wrap", [clone, make_pipeline])
    def test_they_are_spoken_of_in_the_line_of_the_user(self, wrap):
        text = (
            "predict_proba of AnswersOnly says how good each answer is, not how "
            "probable each class (its proba_is_posterior_ is False), but a Bayes "
            "decision needs probabilities of the classes; train it with a loss that "
            "estimates them, e.g. loss='cross_entropy', or take the answers of its own "
            "predict."
        )
        clf = BayesDecisionClassifier(wrap(AnswersOnly()), cost=COST)
        with pytest.warns(SimilarityWarning, match=f"^{re.escape(text)}$") as caught:
            clf.fit(X, Y)
        assert caught[0].filename == __file__
        assert len(caught) == 1

    def test_they_are_spoken_of_inside_a_search_and_frozen(self):
        search = GridSearchCV(AnswersOnly(), {"max_depth": [2]}, cv=2).fit(X, Y)
        for frozen in (search, search.best_estimator_):
            clf = BayesDecisionClassifier(FrozenEstimator(frozen), cost=COST)
            with pytest.warns(SimilarityWarning, match="^predict_proba of AnswersOnly"):
                clf.fit(X, Y)

    def test_the_most_probable_answer_needs_no_probabilities(self):
        assert BayesDecisionClassifier(AnswersOnly()).fit(X, Y).temperature_ == 1


class TestRefusals:
    def test_a_table_without_a_class_is_refused(self):
        with pytest.raises(ValueError, match="virginica"):
            fitted(cost=COST.iloc[:2, :2])

    def test_folds_that_tell_little_are_spoken_of_in_the_line_of_the_user(self):
        clf = BayesDecisionClassifier(tree(), cost=COST, cv=KFold(3))
        with pytest.warns(SimilarityWarning, match="learns from 0 of the 150") as seen:
            clf.fit(X, Y)
        assert seen[0].filename == __file__
        assert clf.temperature_ == 1

    def test_two_tables_are_refused(self):
        with pytest.raises(ValueError, match="similarity"):
            fitted(similarity=-COST)

    def test_a_doubtful_table_is_spoken_of_in_the_line_of_the_user(self):
        with pytest.warns(SimilarityWarning, match="looks like a cost") as caught:
            BayesDecisionClassifier(tree(), COST[NAMES]).fit(X, Y)
        assert caught[0].filename == __file__

    def test_parameters_are_refused_before_anything_is_fitted(self):
        class Untouched(DecisionTreeClassifier):
            def fit(self, X, y, sample_weight=None):
                pytest.fail("fit was called")

        for wrong in ({"calibration": "platt"}, {"cost": COST.iloc[:1]}):
            with pytest.raises(ValueError, match=r"platt|cost"):
                fitted(estimator=Untouched(), **wrong)

    def test_rows_and_labels_of_different_number_are_refused(self):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            BayesDecisionClassifier(tree()).fit(X, Y[:-1])
        text = "sample_weight has shape (3,) but there are 150 rows"
        with pytest.raises(ValueError, match=f"^{re.escape(text)}"):
            BayesDecisionClassifier(tree()).fit(X, Y, sample_weight=[1, 2, 3])


# Digits read off a meter: a point for each unit too high, two for each too low.
DIGITS, CODES = load_digits(return_X_y=True)
UNITS = np.subtract.outer(np.arange(10), np.arange(10)).T
METER = -np.maximum(UNITS, -2 * UNITS).astype(float)
UNSURE = {
    "boosted trees": AdaBoostClassifier(
        DecisionTreeClassifier(max_depth=4), n_estimators=15, random_state=0
    ),
    "forest of large leaves": RandomForestClassifier(
        30, min_samples_leaf=20, max_features=3, random_state=0
    ),
    "shrunken regression": LogisticRegression(C=1e-5),
}


@pytest.mark.parametrize("name", UNSURE)
def test_calibration_keeps_what_a_bayes_decision_on_unsure_probabilities_loses(name):
    skills = []
    for seed in range(10):
        rows = train_test_split(
            DIGITS, CODES, test_size=0.5, stratify=CODES, random_state=seed
        )
        X_train, X_test, y_train, y_test = rows
        bare = BayesDecisionClassifier(UNSURE[name], METER, calibration=None)
        bare.fit(X_train, y_train)
        answers = (
            bare.estimator_.predict(X_test),
            bare.predict(X_test),
            BayesDecisionClassifier(UNSURE[name], METER)
            .fit(X_train, y_train)
            .predict(X_test),
        )
        skills.append([skill_score(y_test, each, METER) for each in answers])
    argmax, uncalibrated, calibrated = np.mean(skills, axis=0)
    gain = np.subtract(*np.transpose(skills)[[2, 0]])
    assert uncalibrated < 0.7 * argmax
    assert calibrated > argmax - gain.std(ddof=1) / np.sqrt(len(gain))
