"""Labels, weights and settings that metrics and scorers cannot judge by.

As in :mod:`tests.reliability.bad_rows`.
"""

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC

from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from simclf.metrics import (
    class_scores,
    compare_scores,
    expected_score,
    mean_score,
    mistake_severity,
    regret,
    score_interval,
    skill_score,
)
from tests.reliability.calls import (
    CODES,
    NAMES,
    PROBA,
    S,
    Stubborn,
    X,
    Y,
    bayes_model,
    call,
    each,
    frame,
    put,
)

V, T = ValueError, TypeError
NAN = float("nan")
RAGGED = [[1], [1, 2]] * 6
ONES = np.ones(12)
ROLLED = np.roll(Y, 1)


def score(*arguments, response="predict", **settings):
    return lambda: make_expected_score_scorer(S, response=response, **settings)(
        *arguments
    )


def judge(**settings):
    return call(score_interval, Y, ROLLED, S, **({"n_resamples": 5} | settings))


ANSWERS = [
    ("short", Y[:5], V, "pass one for each"),
    ("empty", [], V, "pass one for each"),
    ("None", None, V, "expected one label per row"),
    ("2d", np.eye(3)[CODES], V, "expected one label per row"),
    ("ragged", RAGGED, V, "which is no label"),
    ("masked", np.ma.array(Y, mask=CODES == 1), V, "fill them"),
    ("None_inside", put(Y, 4, None), V, "give it one"),
    ("nan_inside", put(Y, 4, NAN), V, "give it one"),
    ("sets", each({1}, {2}), V, "give it one"),
    ("stranger", each("dog"), V, "correct the label"),
    ("case", each("Ant"), V, "correct the label"),
    ("numbers", CODES, V, "correct the label"),
    ("stubborn", Stubborn(), T, "Pass a flat list"),
]
METRICS = [
    mean_score,
    skill_score,
    regret,
    class_scores,
    mistake_severity,
    score_interval,
]

CASES = [
    *(
        (
            f"{metric.__name__}_{truth_or_answer}_{name}",
            call(
                metric,
                *((given, Y) if truth_or_answer == "y_true" else (Y, given)),
                frame(),
            ),
            kind,
            truth_or_answer if name not in {"short", "empty"} else "y_",
            remedy,
        )
        for metric in METRICS
        for truth_or_answer in ("y_true", "y_pred")
        for name, given, kind, remedy in ANSWERS
        if (truth_or_answer, name) != ("y_true", "empty")
    ),
    ("no_rows", call(mean_score, [], []), V, "y_true is empty", "at least one row"),
    ("mixed", call(mean_score, ["a", 1], ["a", 1]), V, "y_true or", "Make them all"),
    ("bare_table", call(mean_score, Y, Y, np.eye(4)), V, "similarity", "Pass classes"),
    ("w_negative", call(mean_score, Y, Y, S, sample_weight=-ONES), V, "[0]", "Drop"),
    (
        "w_zero",
        call(mean_score, Y, Y, S, sample_weight=0 * ONES),
        V,
        "zero",
        "Pass None",
    ),
    (
        "w_short",
        call(class_scores, Y, Y, S, sample_weight=[1]),
        V,
        "weight",
        "pass one",
    ),
    ("w_stub", call(regret, Y, Y, S, sample_weight=Stubborn()), T, "weight", "Pass an"),
    (
        "cl_None",
        call(mean_score, Y, Y, S, classes=[None, *NAMES]),
        V,
        "classes",
        "Name",
    ),
    ("cl_2d", call(mean_score, Y, Y, S, classes=[NAMES]), V, "classes", "one label"),
    (
        "cl_mixed",
        call(mean_score, Y, Y, S, classes=["a", 1]),
        V,
        "classes",
        "Make them",
    ),
    ("confidence_1", judge(confidence=1), V, "confidence", "expected a number"),
    ("confidence_95", judge(confidence=95), V, "confidence", "expected a number"),
    ("confidence_nan", judge(confidence=NAN), V, "confidence", "expected a number"),
    ("confidence_word", judge(confidence="a"), T, "confidence", "expected a number"),
    ("confidence_flag", judge(confidence=True), T, "confidence", "expected a number"),
    ("resamples_1", judge(n_resamples=1), V, "n_resamples", "at least 2"),
    ("resamples_many", judge(n_resamples=10**12), V, "n_resamples", "at most"),
    ("resamples_float", judge(n_resamples=1.5), T, "n_resamples", "a whole number"),
    ("seed_word", judge(random_state="a"), T, "random_state", "expected"),
    ("seed_negative", judge(random_state=-1), V, "random_state", "expected"),
    ("groups_short", judge(groups=[1, 2]), V, "groups", "pass one for each"),
    ("groups_None", judge(groups=[None] * 12), V, "groups[0]", "needs the label"),
    ("groups_2d", judge(groups=np.ones((12, 2))), V, "groups", "one label per row"),
    ("groups_stub", judge(groups=Stubborn()), T, "groups", "Pass a flat list"),
    (
        "second",
        call(compare_scores, Y, Y, Y[:3], S),
        V,
        "y_pred_b",
        "pass one for each",
    ),
    (
        "response",
        call(make_expected_score_scorer, S, response="proba"),
        V,
        "response",
        "expected 'predict'",
    ),
    (
        "normalize",
        call(make_expected_score_scorer, S, normalize="no"),
        T,
        "normalize",
        "expected True or False",
    ),
    (
        "request",
        lambda: make_expected_score_scorer(S).set_score_request(sample_weight=3),
        V,
        "sample_weight",
        None,
    ),
    (
        "scorer_unfitted",
        score(SimilarityAwareClassifier(S), X, Y),
        NotFittedError,
        "SimilarityAwareClassifier",
        "Call fit first",
    ),
    (
        "scorer_svc",
        score(LinearSVC().fit(X, Y), X, Y, response="bayes"),
        T,
        "LinearSVC",
        "wrap it",
    ),
    (
        "scorer_regressor",
        score(Ridge().fit(X, CODES), X, Y),
        NotFittedError,
        "Ridge",
        "Call fit",
    ),
    (
        "scorer_classes",
        score(bayes_model(), X, Y, classes=NAMES[:2]),
        V,
        "similarity",
        "Pass a",
    ),
    (
        "scorer_y",
        score(bayes_model(), X, put(Y, 1, None)),
        V,
        "y_true[1]",
        "give it one",
    ),
    (
        "frame_columns",
        call(
            expected_score,
            Y,
            pd.DataFrame(PROBA, columns=list("xyz")),
            S,
            classes=NAMES,
        ),
        V,
        "y_proba",
        "Name the columns",
    ),
]
