"""scikit-learn's own checks, over classifiers that decide under a table.

All of them pass where the answer of highest expected score is the most probable class:
without a table, and under one whose Bayes decision is the argmax. Under any other table
one check must fail, and is named below: it asks that ``predict`` is the argmax of
``predict_proba``, which is what a score table is there to change.
"""

from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from simclf import BayesDecisionClassifier
from tests.made_tables import FirstIsSafe, OffsetIdentity

ARGMAX = "the answer of highest expected score need not be the most probable class"
OTHER_THAN_ARGMAX = {"check_classifiers_train": ARGMAX}


def wrap(*args: Any, **parameters: Any) -> BayesDecisionClassifier:
    """Return a classifier that is quick to fit."""
    return BayesDecisionClassifier(
        LogisticRegression(), *args, **({"cv": 2} | parameters)
    )


AS_EVER = [
    BayesDecisionClassifier(LogisticRegression()),
    wrap(OffsetIdentity()),
    wrap(calibration="temperature"),
    wrap(OffsetIdentity(), calibration=None),
    BayesDecisionClassifier(
        DecisionTreeClassifier(max_depth=3, random_state=0), OffsetIdentity(), cv=2
    ),
    BayesDecisionClassifier(GaussianNB(), OffsetIdentity(), cv=2),
]
DECIDING = [wrap(FirstIsSafe()), wrap(FirstIsSafe(), calibration=None)]


@parametrize_with_checks(AS_EVER)
def test_most_probable_answers(estimator: Any, check: Any) -> None:
    check(estimator)


@parametrize_with_checks(DECIDING, expected_failed_checks=lambda _: OTHER_THAN_ARGMAX)
def test_best_answers(estimator: Any, check: Any) -> None:
    check(estimator)
