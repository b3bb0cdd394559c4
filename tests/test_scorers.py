"""The scorer inside scikit-learn's own searches, folds and routing."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_blobs
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from simclf import SimilarityWarning
from simclf.decision import bayes_decision
from simclf.metrics import expected_score, mean_score
from simclf.scorers import ExpectedScoreScorer, make_expected_score_scorer
from simclf.similarity import resolve_table

NAMES = ["ant", "bee", "cat", "dog"]
VALUES = np.array(
    [
        [2.0, 1.0, 0.0, -1.0],
        [0.5, 2.0, -1.0, 0.0],
        [-3.0, -1.0, 2.0, 1.5],
        [-4.0, 0.0, 1.0, 2.0],
    ]
)
TABLE = pd.DataFrame(VALUES, index=NAMES, columns=NAMES)
SHUFFLED = TABLE.loc[NAMES[::-1], ["bee", "dog", "ant", "cat"]]
REFER = TABLE.assign(refer=0.9)
RESPONSES = ["predict", "predict_proba", "bayes"]


@pytest.fixture(scope="module")
def data():
    X, codes = make_blobs(
        n_samples=120, centers=4, cluster_std=4.0, center_box=(-4, 4), random_state=0
    )
    return X, np.array(NAMES)[codes]


@pytest.fixture(scope="module")
def model(data):
    return LogisticRegression().fit(*data)


@pytest.fixture(scope="module")
def weights(data):
    return np.random.default_rng(0).integers(0, 4, size=len(data[1])).astype(float)


def by_hand(response, model, X, y, sample_weight=None, **settings):
    """What a scorer is to return for a model that knows all classes."""
    settings |= {"sample_weight": sample_weight}
    if response == "predict":
        return mean_score(y, model.predict(X), TABLE, **settings)
    proba = model.predict_proba(X)
    if response == "predict_proba":
        return expected_score(y, proba, TABLE, classes=model.classes_, **settings)
    return mean_score(
        y, model.classes_[bayes_decision(proba, VALUES)], TABLE, **settings
    )


def refusal(sentence):
    return pytest.raises(ValueError, match="^" + re.escape(sentence) + "$")


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("response", RESPONSES)
def test_score_is_what_the_metric_gives(data, model, weights, response, normalize):
    scorer = make_expected_score_scorer(TABLE, response=response, normalize=normalize)
    settings = {"normalize": normalize}
    expected = by_hand(response, model, *data, **settings)
    assert scorer(model, *data) == expected
    weighted = scorer(model, *data, sample_weight=weights)
    assert weighted == by_hand(response, model, *data, weights, **settings)
    assert weighted != pytest.approx(expected)


def test_responses_differ(data, model):
    found = {
        make_expected_score_scorer(TABLE, response=r)(model, *data) for r in RESPONSES
    }
    assert len(found) == 3


@pytest.mark.parametrize("response", RESPONSES)
def test_only_a_transposed_table_gives_another_score(data, model, response):
    def score(table, **settings):
        scorer = make_expected_score_scorer(table, response=response, **settings)
        return scorer(model, *data)

    expected = score(TABLE)
    for table in (SHUFFLED, VALUES, VALUES.tolist(), resolve_table(TABLE, NAMES[::-1])):
        assert score(table) == pytest.approx(expected)
    assert score(lambda classes: SHUFFLED) == pytest.approx(expected)
    assert score(VALUES, classes=NAMES) == pytest.approx(expected)
    assert score(TABLE.T) != pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ["similarity", "cost"])
def test_bare_array_with_classes_that_are_not_sorted_is_refused_at_once(name):
    with pytest.raises(ValueError, match=rf"^{name} is an array .* 'cat' behind 'dog'"):
        make_expected_score_scorer(**{name: VALUES}, classes=NAMES[::-1])
    for table in (TABLE, lambda classes: VALUES):
        make_expected_score_scorer(**{name: table}, classes=NAMES[::-1])


@pytest.mark.parametrize("response", RESPONSES)
def test_a_column_of_labels_is_the_labels_it_holds(data, model, response):
    scorer = make_expected_score_scorer(TABLE, response=response)
    X, y = data
    assert scorer(model, X, pd.DataFrame({"kind": y})) == scorer(model, X, y)


def test_identity_is_accuracy(data, model):
    expected = accuracy_score(data[1], model.predict(data[0]))
    for response in ("predict", "bayes"):
        scorer = make_expected_score_scorer(None, response=response)
        assert scorer(model, *data) == pytest.approx(expected)


@pytest.mark.parametrize("response", RESPONSES)
def test_fold_without_a_class(data, response):
    X, y = data
    part = LogisticRegression().fit(X[y != "bee"], y[y != "bee"])
    known = [0, 2, 3]
    proba = part.predict_proba(X)
    if response == "predict":
        expected = mean_score(y, part.predict(X), TABLE)
    elif response == "predict_proba":
        expected = expected_score(y, proba, TABLE, classes=part.classes_)
    else:
        codes = bayes_decision(proba, VALUES[np.ix_(known, known)])
        expected = mean_score(y, part.classes_[codes], TABLE)
    for table, classes in ((TABLE, None), (SHUFFLED, None), (VALUES, NAMES)):
        scorer = make_expected_score_scorer(table, response=response, classes=classes)
        assert scorer(part, X, y) == pytest.approx(expected)
    identity = make_expected_score_scorer(None, response=response)(part, X, y)
    assert 0 < identity <= np.mean(y != "bee")


@pytest.mark.parametrize("response", RESPONSES)
def test_binary_fold_of_more_classes(data, response):
    X, y = data
    two = np.isin(y, ["ant", "dog"])
    part = LogisticRegression().fit(X[two], y[two])
    scorer = make_expected_score_scorer(TABLE, response=response)
    cut = TABLE.loc[["ant", "dog"], ["ant", "dog"]]
    alone = make_expected_score_scorer(cut, response=response)
    assert scorer(part, X[two], y[two]) == pytest.approx(alone(part, X[two], y[two]))
    assert np.isfinite(scorer(part, X, y))


@pytest.mark.parametrize("response", RESPONSES)
def test_bare_array_of_another_size_is_refused(data, response):
    X, y = data
    part = LogisticRegression().fit(X[y != "bee"], y[y != "bee"])
    scorer = make_expected_score_scorer(VALUES, response=response)
    with refusal(
        "similarity has shape (4, 4) but the fitted estimator knows 3 classes ['ant', "
        "'cat', 'dog'], perhaps because its training rows lacked one. Pass "
        "classes=... to make_expected_score_scorer, the labels of the table's rows, "
        "or a DataFrame labelled by class."
    ):
        scorer(part, X, y)


@pytest.mark.parametrize("response", RESPONSES)
def test_folds_in_order_of_the_classes(data, response):
    X, y = data
    order = np.argsort(y)
    scorer = make_expected_score_scorer(TABLE, response=response)
    scores = cross_val_score(
        LogisticRegression(),
        X[order],
        y[order],
        cv=KFold(4),
        scoring=scorer,
        error_score="raise",
    )
    assert np.isfinite(scores).all()


class Backwards:
    """A fitted classifier that keeps its classes in falling order."""

    def __init__(self, model):
        self.model = model
        self.classes_ = model.classes_[::-1]

    def predict(self, X):
        return self.model.predict(X)

    def predict_proba(self, X):
        return self.model.predict_proba(X)[:, ::-1]


@pytest.mark.parametrize("table", [TABLE, VALUES, None])
@pytest.mark.parametrize("response", RESPONSES)
def test_order_of_the_estimators_classes_does_not_matter(data, model, response, table):
    scorer = make_expected_score_scorer(table, response=response)
    assert scorer(Backwards(model), *data) == pytest.approx(scorer(model, *data))


class Referrer(ClassifierMixin, BaseEstimator):
    """Classifier that refers every second row to somebody else."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        answers = np.where(np.arange(len(X)) % 2, "refer", self.classes_[0])
        return answers.astype(object)


def test_answers_that_are_no_class(data, model):
    X, y = data
    scorer = make_expected_score_scorer(REFER)
    answers = Referrer().fit(X, y).predict(X)
    expected = mean_score(y, answers, REFER)
    assert cross_val_score(Referrer(), X, y, scoring=scorer, error_score="raise").all()
    assert scorer(Referrer().fit(X, y), X, y) == expected
    bayes = make_expected_score_scorer(REFER, response="bayes")(model, X, y)
    assert bayes > make_expected_score_scorer(TABLE, response="bayes")(model, X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_grid_search(data, n_jobs):
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()),
        {"logisticregression__C": [1e-4, 1.0]},
        scoring=make_expected_score_scorer(TABLE, response="bayes"),
        cv=3,
        n_jobs=n_jobs,
        error_score="raise",
    ).fit(*data)
    assert search.best_params_ == {"logisticregression__C": 1.0}
    assert search.score(*data) == by_hand("bayes", search.best_estimator_, *data)


@pytest.mark.parametrize("routing", [False, True])
def test_many_metrics_at_once(data, routing):
    scoring = {r: make_expected_score_scorer(TABLE, response=r) for r in RESPONSES}
    scoring["accuracy"] = "accuracy"
    with config_context(enable_metadata_routing=routing):
        many = cross_validate(
            LogisticRegression(), *data, scoring=scoring, cv=3, error_score="raise"
        )
        for name in RESPONSES:
            alone = cross_val_score(
                LogisticRegression(), *data, scoring=scoring[name], cv=3
            )
            np.testing.assert_array_equal(many[f"test_{name}"], alone)


def split_scores(data, weights, response, *, weighted_fit):
    """Scores of three folds by hand, weighted in the score and perhaps in the fit."""
    X, y = data
    scores = []
    for train, test in KFold(3).split(X):
        fit_weights = weights[train] if weighted_fit else None
        model = LogisticRegression().fit(X[train], y[train], fit_weights)
        scores.append(by_hand(response, model, X[test], y[test], weights[test]))
    return scores


@pytest.mark.parametrize("response", RESPONSES)
def test_weights_are_routed(data, weights, response):
    with config_context(enable_metadata_routing=True):
        scorer = make_expected_score_scorer(TABLE, response=response)
        scorer.set_score_request(sample_weight=True)
        found = cross_validate(
            LogisticRegression().set_fit_request(sample_weight=False),
            *data,
            scoring={"first": scorer, "second": clone(scorer)},
            cv=KFold(3),
            params={"sample_weight": weights},
            error_score="raise",
        )
    expected = split_scores(data, weights, response, weighted_fit=False)
    np.testing.assert_allclose(found["test_first"], expected)
    np.testing.assert_allclose(found["test_second"], expected)


def test_weights_are_routed_under_another_name_and_in_a_search(data, weights):
    with config_context(enable_metadata_routing=True):
        scorer = make_expected_score_scorer(TABLE)
        scorer.set_score_request(sample_weight="importance")
        search = GridSearchCV(
            LogisticRegression(), {"C": [1.0]}, scoring=scorer, cv=KFold(3)
        ).fit(*data, importance=weights)
        scored = search.score(*data, importance=weights)
    results = [search.cv_results_[f"split{i}_test_score"][0] for i in range(3)]
    np.testing.assert_allclose(
        results, split_scores(data, weights, "predict", weighted_fit=False)
    )
    assert scored == by_hand("predict", search.best_estimator_, *data, weights)


def test_weights_that_nobody_requested_are_refused(data, weights):
    with (
        config_context(enable_metadata_routing=True),
        pytest.raises(
            ValueError,
            match=r"are passed but .* for make_expected_score_scorer\(<4x4",
        ),
    ):
        cross_validate(
            LogisticRegression().set_fit_request(sample_weight=False),
            *data,
            scoring=make_expected_score_scorer(TABLE),
            params={"sample_weight": weights},
        )


@pytest.mark.parametrize("many", [False, True])
def test_search_without_routing(data, weights, many):
    scorer = make_expected_score_scorer(TABLE)
    search = GridSearchCV(
        LogisticRegression(),
        {"C": [1.0]},
        scoring={"one": scorer, "two": scorer} if many else scorer,
        refit=False,
        cv=KFold(3),
    ).fit(*data, sample_weight=weights)
    name = "one" if many else "score"
    results = [search.cv_results_[f"split{i}_test_{name}"][0] for i in range(3)]
    expected = split_scores(data, weights, "predict", weighted_fit=True)
    np.testing.assert_allclose(results, expected)


def test_weights_and_scores_are_metadata():
    scorer = make_expected_score_scorer(TABLE)

    def requests():
        return scorer.get_metadata_routing().score.requests

    assert requests() == {"sample_weight": None, "sample_scores": None}
    assert scorer.set_score_request(sample_weight=False) is scorer
    assert requests() == {"sample_weight": False, "sample_scores": None}
    with config_context(enable_metadata_routing=True):
        scorer.set_score_request(sample_scores="worth")
    assert requests() == {"sample_weight": False, "sample_scores": "worth"}
    scorer.set_score_request(sample_weight=True, sample_scores=None)
    assert requests() == {"sample_weight": True, "sample_scores": None}
    assert scorer.set_score_request(sample_scores=False) is scorer
    assert requests() == {"sample_weight": True, "sample_scores": False}


@pytest.mark.parametrize(
    "tables",
    [
        {"similarity": VALUES},
        {"similarity": TABLE},
        {"similarity": resolve_table(TABLE, NAMES)},
        {"cost": SHUFFLED},
    ],
)
def test_pickle_and_clone(data, model, tables):
    scorer = make_expected_score_scorer(
        **tables, response="bayes", normalize=True, classes=NAMES
    ).set_score_request(sample_weight="importance")
    for copy in (pickle.loads(pickle.dumps(scorer)), clone(scorer)):
        assert isinstance(copy, ExpectedScoreScorer)
        assert copy is not scorer
        assert copy(model, *data) == scorer(model, *data)
        assert repr(copy) == repr(scorer)
        requests = copy.get_metadata_routing().score.requests
        assert requests == {"sample_weight": "importance", "sample_scores": None}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "None, response='predict'"),
        ({"similarity": TABLE, "response": "bayes"}, "<4x4 table>, response='bayes'"),
        ({"similarity": REFER}, "<4x5 table>, response='predict'"),
        (
            {"similarity": resolve_table(REFER, NAMES)},
            "<4x5 table>, response='predict'",
        ),
        (
            {"similarity": np.eye, "normalize": True},
            "eye, response='predict', normalize=True",
        ),
        (
            {"similarity": [[1.0, 0.0], [0.5, 2.0]], "classes": ["ant", "bee"]},
            "<2x2 table>, response='predict', classes=['ant', 'bee']",
        ),
        ({"cost": -REFER}, "cost=<4x5 table>, response='predict'"),
        ({"similarity": np.eye(600)}, "<600x600 table>, response='predict'"),
    ],
)
def test_repr_shows_no_numbers(arguments, text):
    scorer = make_expected_score_scorer(**arguments)
    assert repr(scorer) == f"make_expected_score_scorer({text})"


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("cost", [-VALUES, -SHUFFLED, lambda _: -TABLE])
def test_a_cost_is_the_same_table_with_the_opposite_sign(
    data, model, response, normalize, cost
):
    settings = {"response": response, "normalize": normalize}
    scorer = make_expected_score_scorer(cost=cost, **settings)
    expected = make_expected_score_scorer(TABLE, **settings)(model, *data)
    assert scorer(model, *data) == pytest.approx(expected, abs=1e-12)
    named = make_expected_score_scorer(cost=cost, classes=NAMES, **settings)
    assert named(model, *data) == scorer(model, *data)


def test_a_cost_fits_folds_without_a_class(data):
    X, y = data
    order = np.argsort(y, kind="stable")
    scores = [
        cross_val_score(LogisticRegression(), X[order], y[order], cv=4, scoring=scorer)
        for scorer in (
            make_expected_score_scorer(cost=-TABLE, response="bayes"),
            make_expected_score_scorer(TABLE, response="bayes"),
        )
    ]
    assert np.isfinite(scores[0]).all()
    np.testing.assert_allclose(scores[0], scores[1])


def test_two_tables_are_one_too_many():
    with refusal(
        "similarity and cost are both given; pass one of them, the other as None."
    ):
        make_expected_score_scorer(TABLE, cost=-TABLE)


def test_an_array_of_costs_of_another_size_is_refused_by_name(data, model):
    with pytest.raises(ValueError, match=r"^cost has shape \(3, 3\) but the fitted"):
        make_expected_score_scorer(cost=np.eye(3))(model, *data)


@pytest.mark.parametrize("name", ["similarity", "cost"])
def test_a_row_without_its_column_is_told_before_any_search(name):
    table = TABLE.rename(index={"dog": "dogs"})
    with refusal(
        f"{name} has no column for class 'dogs'. Its column labels are ['ant', "
        "'bee', 'cat', 'dog']; add the column. Did you mean 'dog'?"
    ):
        make_expected_score_scorer(**{name: table})


def test_search_prints_the_scorer():
    search = GridSearchCV(
        LogisticRegression(), {"C": [1.0]}, scoring=make_expected_score_scorer(TABLE)
    )
    assert "make_expected_score_scorer(<4x4 table>, response='predict')" in repr(search)
    assert "LogisticRegression" in search._repr_html_()


@pytest.mark.parametrize("arguments", [{"similarity": VALUES}, {}])
def test_an_estimator_without_classes_is_refused(data, worth, arguments):
    with pytest.raises(
        NotFittedError,
        match=r"^LogisticRegression has no classes_: it is not fitted yet, or no clas",
    ):
        make_expected_score_scorer(**arguments)(
            LogisticRegression(), *data, sample_scores=worth.to_numpy()
        )


@pytest.mark.parametrize("response", RESPONSES[1:])
def test_an_estimator_without_probabilities_is_refused(data, response):
    with pytest.raises(
        TypeError,
        match=f"^estimator LinearSVC has no predict_proba, and response='{response}' "
        "needs probabilities; use response='predict', or wrap it in "
        r"sklearn\.calibration\.CalibratedClassifierCV\.$",
    ):
        make_expected_score_scorer(TABLE, response=response)(
            LinearSVC().fit(*data), *data
        )


def test_answers_in_the_place_of_probabilities_are_spoken_of(data):
    class AnswersOnly(LogisticRegression):
        proba_is_posterior_ = False

    model = AnswersOnly().fit(*data)
    text = (
        "predict_proba of AnswersOnly says how good each answer is, not how probable "
        "each class (its proba_is_posterior_ is False), but a Bayes decision needs "
        "probabilities of the classes; judge its own answers with response='predict'."
    )
    with pytest.warns(SimilarityWarning, match=f"^{re.escape(text)}$") as caught:
        make_expected_score_scorer(TABLE, response="bayes")(model, *data)
    assert caught[0].filename == __file__
    for settings in ({}, {"response": "predict", "similarity": TABLE}):
        make_expected_score_scorer(**({"response": "bayes"} | settings))(model, *data)


def test_unknown_response_is_refused():
    with refusal(
        "response is 'proba'; expected 'predict', 'predict_proba' or 'bayes'."
    ):
        make_expected_score_scorer(TABLE, response="proba")


def test_label_that_the_table_lacks_is_named(data, model):
    scorer = make_expected_score_scorer(TABLE.drop(index="bee", columns="bee"))
    with pytest.raises(ValueError, match=r"^y_true has label 'bee', which is no class"):
        scorer(model, *data)


def test_constant_model_has_no_skill(data):
    X, y = data
    best = TABLE.loc[y].mean().idxmax()
    constant = DummyClassifier(strategy="constant", constant=best).fit(X, y)
    for response in RESPONSES[:2]:
        scorer = make_expected_score_scorer(TABLE, response=response, normalize=True)
        assert scorer(constant, X, y) == pytest.approx(0.0, abs=1e-12)


@pytest.fixture(scope="module")
def worth(data):
    """What each answer is worth for each row, columns in an order of their own."""
    rng = np.random.default_rng(1)
    values = TABLE.loc[data[1]].to_numpy() * rng.exponential(size=(len(data[1]), 1))
    return pd.DataFrame(values, columns=NAMES)[NAMES[::-1]]


def judged(response, model, X, y, rows, sample_weight=None, **settings):
    """What a scorer is to return where rows say what answers are worth."""
    settings |= {"sample_weight": sample_weight, "sample_scores": rows}
    proba, known = model.predict_proba(X), model.classes_
    if response == "predict_proba":
        return expected_score(y, proba, classes=known, **settings)
    if response == "predict":
        return mean_score(y, model.predict(X), **settings)
    return mean_score(y, known[bayes_decision(proba, VALUES)], **settings)


@pytest.mark.parametrize("response", RESPONSES)
def test_scores_of_rows_judge_the_answers(data, model, weights, worth, response):
    scorer = make_expected_score_scorer(TABLE, response=response)
    bare = worth[NAMES].to_numpy()
    for given_weights in (None, weights):
        expected = judged(response, model, *data, worth, given_weights)
        for rows in (worth, bare):
            assert scorer(model, *data, given_weights, rows) == expected
    assert scorer(model, *data) != pytest.approx(expected)
    skilled = make_expected_score_scorer(TABLE, response=response, normalize=True)
    expected = judged(response, model, *data, worth, normalize=True)
    assert skilled(model, *data, sample_scores=worth) == expected


@pytest.mark.parametrize("response", RESPONSES)
def test_scores_of_rows_need_no_table(data, model, worth, response):
    X, y = data
    bare = worth[NAMES].to_numpy()
    scorer = make_expected_score_scorer(response=response)
    proba = model.predict_proba(X)
    expected = mean_score(y, model.predict(X), sample_scores=worth)
    if response == "predict_proba":
        expected = expected_score(y, proba, classes=model.classes_, sample_scores=worth)
    for rows in (worth, bare):
        assert scorer(model, X, y, sample_scores=rows) == pytest.approx(expected)
    part = LogisticRegression().fit(X[y != "bee"], y[y != "bee"])
    named = make_expected_score_scorer(response=response, classes=NAMES)
    by_name = scorer(part, X, y, sample_scores=worth)
    assert named(part, X, y, sample_scores=bare) == pytest.approx(by_name)
    with pytest.raises(ValueError, match=r"^y_true has label 'bee', which is no class"):
        scorer(part, X, y, sample_scores=bare)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("response", RESPONSES)
def test_scores_of_rows_are_routed(data, weights, worth, response, named):
    X, y = data
    rows = worth if named else worth[NAMES].to_numpy()
    with config_context(enable_metadata_routing=True):
        scorer = make_expected_score_scorer(TABLE, response=response)
        scorer.set_score_request(sample_weight=True, sample_scores=True)
        found = cross_validate(
            LogisticRegression().set_fit_request(sample_weight=False),
            X,
            y,
            scoring={"first": scorer, "second": clone(scorer)},
            cv=KFold(3),
            params={"sample_weight": weights, "sample_scores": rows},
            error_score="raise",
        )
    expected = []
    for train, test in KFold(3).split(X):
        model = LogisticRegression().fit(X[train], y[train])
        own = worth.iloc[test]
        expected.append(judged(response, model, X[test], y[test], own, weights[test]))
    np.testing.assert_allclose(found["test_first"], expected)
    np.testing.assert_allclose(found["test_second"], expected)


def test_scores_of_rows_choose_in_a_search(data, worth):
    X, y = data
    with config_context(enable_metadata_routing=True):
        scorer = make_expected_score_scorer(TABLE, response="bayes")
        scorer.set_score_request(sample_scores="worth")
        search = GridSearchCV(
            LogisticRegression(),
            {"C": [1e-5, 1e-3, 1.0]},
            scoring=scorer,
            cv=KFold(3),
            error_score="raise",
        ).fit(X, y, worth=worth)
        scored = search.score(X, y, worth=worth)
    assert scored == judged("bayes", search.best_estimator_, X, y, worth)
    for split, (train, test) in enumerate(KFold(3).split(X)):
        model = LogisticRegression(C=1e-3).fit(X[train], y[train])
        found = search.cv_results_[f"split{split}_test_score"][1]
        own = worth.iloc[test]
        assert found == judged("bayes", model, X[test], y[test], own)


@pytest.mark.parametrize("request_", [True, "worth"])
def test_scores_of_rows_that_nobody_would_route_are_refused(request_):
    scorer = make_expected_score_scorer(TABLE)
    sentence = (
        f"set_score_request(sample_scores={request_!r}) needs metadata routing, which "
        "is off, so the rows would never reach the scorer. Call "
        "sklearn.set_config(enable_metadata_routing=True) first."
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(sentence)}$"):
        scorer.set_score_request(sample_scores=request_)
    assert scorer.get_metadata_routing().score.requests["sample_scores"] is None


def test_scores_of_rows_that_nobody_requested_are_refused(data, worth):
    with (
        config_context(enable_metadata_routing=True),
        pytest.raises(
            ValueError,
            match=r"\[sample_scores\] are passed but .* for make_expected_score_scorer",
        ),
    ):
        cross_validate(
            LogisticRegression(),
            *data,
            scoring=make_expected_score_scorer(TABLE),
            params={"sample_scores": worth},
        )
