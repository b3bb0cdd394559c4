"""What cannot be used is refused by name, and weights reach who takes them."""

import re

import numpy as np
import pytest
from sklearn import config_context
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError, UnsetMetadataPassedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from simclf import BayesDecisionClassifier
from simclf.decision._given import check_estimator, fit_copy, resolve_method, route
from simclf.similarity import resolve_table

IDENTITY = resolve_table(None, ["ant", "bee"])
TABLE = resolve_table([[1.0, 0.5], [0.0, 2.0]], ["ant", "bee"])


REFUSED = {
    "estimator is the class LogisticRegression; pass an instance, "
    "LogisticRegression().": LogisticRegression,
    "estimator='forest' is a str; pass a classifier, e.g. "
    "RandomForestClassifier().": "forest",
    "estimator=None is a NoneType; pass a classifier, e.g. "
    "RandomForestClassifier().": None,
    "estimator LinearSVC has no predict_proba, and a Bayes decision needs "
    "probabilities; wrap it in sklearn.calibration.CalibratedClassifierCV.": (
        LinearSVC()
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_gives_no_probabilities_is_refused(text):
    with pytest.raises(TypeError, match=f"^{re.escape(text)}$"):
        check_estimator(REFUSED[text])


def test_what_only_fit_settles_is_not_refused_before():
    stack = StackingClassifier([("tree", DecisionTreeClassifier())])
    assert not hasattr(stack, "predict_proba")
    for hidden in (stack, make_pipeline(stack), GridSearchCV(stack, {})):
        check_estimator(hidden)


def test_what_fit_shows_to_give_none_is_refused_then():
    hidden = StackingClassifier([("tree", DecisionTreeClassifier())], LinearSVC(), cv=2)
    text = (
        "estimator StackingClassifier has no predict_proba, and a Bayes decision needs "
        "probabilities; wrap it in sklearn.calibration.CalibratedClassifierCV."
    )
    rows, labels = [[0.0], [0.1], [1.0], [1.1]], ["ant", "ant", "bee", "bee"]
    with pytest.raises(TypeError, match=f"^{re.escape(text)}$"):
        fit_copy(hidden, rows, np.array(labels), {}, TABLE)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(LinearSVC()),
        SGDClassifier(loss="hinge"),
        VotingClassifier([("tree", DecisionTreeClassifier())], voting="hard"),
        StackingClassifier([("tree", DecisionTreeClassifier())], LinearSVC()),
    ],
)
def test_what_will_never_give_probabilities_is_refused_before(estimator):
    with pytest.raises(
        TypeError, match=r"^estimator \w+ has no predict_proba, and a B"
    ):
        check_estimator(estimator)


def test_a_frozen_classifier_must_be_fitted():
    with pytest.raises(NotFittedError):
        check_estimator(FrozenEstimator(LogisticRegression()))


def test_auto_calibrates_where_there_is_a_table():
    assert resolve_method("auto", TABLE) == "temperature"
    assert resolve_method("auto", IDENTITY) is None


@pytest.mark.parametrize("method", [None, "temperature", "sigmoid", "isotonic"])
def test_what_is_asked_for_is_done(method):
    assert resolve_method(method, TABLE) == method
    assert resolve_method(method, IDENTITY) == method


@pytest.mark.parametrize("calibration", ["platt", 1, True, ["auto"]])
def test_an_unknown_calibration_is_refused(calibration):
    text = (
        f"calibration={calibration!r} is unknown; use None, 'auto', 'temperature', "
        "'sigmoid' or 'isotonic'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        resolve_method(calibration, TABLE)


def routed(estimator, **params):
    """Return what fit passes on, to the estimator and to the splitter."""
    found = route(BayesDecisionClassifier(estimator), params.pop("w", None), params)
    return found.estimator.fit, found.splitter.split


def test_weights_go_to_a_fit_that_takes_them():
    assert routed(LogisticRegression(), w=[1, 2]) == ({"sample_weight": [1, 2]}, {})
    assert routed(LogisticRegression()) == ({}, {})


def test_a_fit_that_takes_none_is_spoken_of():
    text = (
        "KNeighborsClassifier.fit takes no sample_weight, so the classifier learns "
        "without it; the weights count in the calibration alone. Pass them by the name "
        "that fit takes, e.g. step__sample_weight of a Pipeline; or request them "
        "through scikit-learn's metadata routing; or leave them out."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(text)}$"):
        assert routed(KNeighborsClassifier(), w=[1, 2]) == ({}, {})


def test_the_warning_points_at_the_line_of_the_user():
    clf = BayesDecisionClassifier(KNeighborsClassifier(1))
    with pytest.warns(UserWarning, match="takes no sample_weight") as caught:
        clf.fit([[0], [1]], ["ant", "bee"], sample_weight=[1, 2])
    assert caught[0].filename == __file__


def test_nobody_learns_in_a_frozen_classifier():
    fitted = KNeighborsClassifier(1).fit([[0], [1]], ["ant", "bee"])
    assert routed(FrozenEstimator(fitted), w=[1, 2]) == ({}, {})


def test_other_parameters_go_to_fit():
    given = {"logisticregression__sample_weight": [1, 2]}
    assert routed(make_pipeline(LogisticRegression()), **given) == (given, {})


def test_groups_go_to_the_splitter():
    assert routed(LogisticRegression(), groups=[1, 2]) == ({}, {"groups": [1, 2]})
    search = GridSearchCV(LogisticRegression(), {})
    given = {"groups": [1, 2]}
    assert routed(search, **given) == (given, given)


def test_groups_go_to_a_fit_that_takes_them_too():
    class Grouped(LogisticRegression):
        def fit(self, X, y, groups=None):
            return super().fit(X, y)

    given = {"groups": [1, 2]}
    assert routed(Grouped(), **given) == (given, given)


def test_with_routing_on_only_what_is_requested_is_passed():
    with config_context(enable_metadata_routing=True):
        asks = LogisticRegression().set_fit_request(sample_weight=True)
        assert routed(asks, w=[1, 2]) == ({"sample_weight": [1, 2]}, {})
        declines = LogisticRegression().set_fit_request(sample_weight=False)
        assert routed(declines, w=[1, 2]) == ({}, {})
        with pytest.raises(UnsetMetadataPassedError, match="LogisticRegression"):
            routed(LogisticRegression(), w=[1, 2])
