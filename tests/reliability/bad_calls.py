"""Calls that come too early, and what judges or builds from things it cannot use.

As in :mod:`tests.reliability.bad_rows`.
"""

import io
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

import simclf
from simclf import (
    BayesDecisionClassifier,
    SimilarityAwareClassifier,
    make_expected_score_scorer,
)
from simclf.decision import (
    answer_sets,
    apply_temperature,
    argmax_decision,
    bayes_decision,
    estimate_noise_matrix,
    expected_scores,
    fit_temperature,
)
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
    ask,
    bayes_model,
    call,
    each,
    frame,
    put,
)

V, T = ValueError, TypeError
NAN, INF = float("nan"), float("inf")
RAGGED = [[1], [1, 2]] * 6
JUNK = Path(__file__)
FOLDER = Path(gettempdir())
ONES = np.ones(12)
ROLLED = np.roll(Y, 1)


def score(*arguments, response="predict", **settings):
    return lambda: make_expected_score_scorer(S, response=response, **settings)(
        *arguments
    )


def judge(**settings):
    return call(score_interval, Y, ROLLED, S, **({"n_resamples": 5} | settings))


EARLY = [
    ("predict", (X,)),
    ("predict_proba", (X,)),
    ("decision_function", (X,)),
    ("expected_scores", (X,)),
    ("score", (X, Y)),
    ("save", ("model.safetensors",)),
]
PATHS = [
    ("None", None, T, "must be a string"),
    ("number", 3, T, "must be a string"),
    ("flag", True, T, "must be a string"),
    ("list", ["model"], T, "must be a string"),
    ("open_file", io.BytesIO(), T, "must be a string"),
    ("folder", FOLDER, V, "name a file"),
]
PROBAS = [
    ("nan", put(PROBA, (0, 0), NAN), "must be finite"),
    ("inf", put(PROBA, (0, 0), INF), "must be finite"),
    ("negative", np.tile([-0.5, 0.5, 1.0], (12, 1)), "softmax"),
    ("sums", 4 * PROBA, "softmax"),
    ("short_sums", PROBA / 2, "Divide each row"),
    ("1d", PROBA[:, 0], "expected (n_samples, n_classes)"),
    ("3d", PROBA[None], "expected (n_samples, n_classes)"),
    ("complex", PROBA.astype(complex), "expected real numbers"),
    ("words", PROBA.astype(str), "expected real numbers"),
    ("dates", PROBA.astype("M8[s]"), "expected real numbers"),
    ("word", "proba", "expected real numbers"),
    ("None", None, "expected"),
    ("dict", {}, "expected floats"),
    ("object", put(PROBA, (0, 0), object()), "expected floats"),
    ("large", [[10**400] * 3] * 12, "expected floats"),
    ("ragged", RAGGED, "Pass"),
    ("masked", np.ma.masked_less(PROBA, 0.3), "fill them"),
]
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
            f"early_{type(clf).__name__}_{method}",
            call(getattr(clf, method), *arguments),
            NotFittedError,
            type(clf).__name__,
            None,
        )
        for clf in (
            SimilarityAwareClassifier(),
            BayesDecisionClassifier(LogisticRegression()),
        )
        for method, arguments in EARLY
        if hasattr(clf, method)
    ),
    *((f"save_{n}", ask("save", path), k, "path", r) for n, path, k, r in PATHS),
    *((f"load_{n}", call(simclf.load, path), k, "path", r) for n, path, k, r in PATHS),
    ("load_no_model", call(simclf.load, JUNK), V, JUNK.name, "no model file"),
    ("load_no_file", call(simclf.load, "no/such"), FileNotFoundError, "no/such", "no"),
    (
        "save_no_folder",
        ask("save", "no/such/folder/model"),
        FileNotFoundError,
        "folder",
        "make it first",
    ),
    # Probabilities.
    *(
        (
            f"{function.__name__}_{name}",
            call(function, proba, *rest),
            V,
            "proba",
            remedy,
        )
        for function, *rest in [
            (bayes_decision, S),
            (expected_scores, S),
            (argmax_decision,),
            (apply_temperature, 2.0),
            (fit_temperature, CODES),
        ]
        for name, proba, remedy in PROBAS
    ),
    *(
        (
            f"expected_score_{name}",
            call(expected_score, Y, proba, S, classes=NAMES),
            V,
            "y_proba",
            remedy,
        )
        for name, proba, remedy in PROBAS
    ),
    (
        "proba_stubborn",
        call(bayes_decision, Stubborn(), S),
        T,
        "proba",
        "Pass an array",
    ),
    (
        "proba_columns",
        call(bayes_decision, PROBA[:, :2] / 0.8, S),
        V,
        "2 columns",
        "pass one column",
    ),
    ("frame_alone", call(bayes_decision, PROBA, frame()), V, "classes", "Pass classes"),
    ("table_nan", call(bayes_decision, PROBA, NAN * S), V, "[0, 0]", "must be finite"),
    ("table_1d", call(bayes_decision, PROBA, S[0]), V, "similarity", "expected (n_cl"),
    ("min_nan", call(answer_sets, PROBA, S, min_score=NAN), V, "min_score", "expected"),
    (
        "min_word",
        call(answer_sets, PROBA, S, min_score="a"),
        T,
        "min_score",
        "expected",
    ),
    (
        "min_flag",
        call(answer_sets, PROBA, S, min_score=True),
        T,
        "min_score",
        "expected",
    ),
    (
        "min_large",
        call(answer_sets, PROBA, S, min_score=10**400),
        V,
        "min_",
        "expected",
    ),
    ("temperature_0", call(apply_temperature, PROBA, 0), V, "temperature", "fit_temp"),
    (
        "temperature_a",
        call(apply_temperature, PROBA, "a"),
        T,
        "temperature",
        "fit_temperature",
    ),
    (
        "codes_float",
        call(fit_temperature, PROBA, ONES),
        V,
        "codes",
        "expected integers",
    ),
    ("codes_words", call(fit_temperature, PROBA, Y), V, "codes", "expected integers"),
    (
        "codes_high",
        call(fit_temperature, PROBA, CODES + 1),
        V,
        "codes[2]",
        "expected 0",
    ),
    ("codes_short", call(fit_temperature, PROBA, [1]), V, "codes", "one code per row"),
    (
        "codes_ragged",
        call(fit_temperature, PROBA, RAGGED),
        V,
        "codes",
        "Pass one whole",
    ),
    (
        "noise_y",
        call(estimate_noise_matrix, put(Y, 1, None), PROBA),
        V,
        "y[1]",
        "needs a class label",
    ),
    (
        "noise_new",
        call(estimate_noise_matrix, each("dog", "eel", "fox"), PROBA, classes=NAMES),
        V,
        "'dog'",
        "Correct the label",
    ),
    (
        "noise_share",
        call(estimate_noise_matrix, Y, PROBA, share=0),
        V,
        "share",
        "expec",
    ),
    # Metrics and scorers.
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
