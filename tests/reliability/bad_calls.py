"""Calls that come too early, files, and probabilities that cannot be decided by.

As in :mod:`tests.reliability.bad_rows`.
"""

import io
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

import simclf
from simclf import BayesDecisionClassifier, SimilarityAwareClassifier
from simclf.decision import (
    answer_sets,
    apply_temperature,
    argmax_decision,
    bayes_decision,
    estimate_noise_matrix,
    expected_scores,
    fit_temperature,
)
from simclf.metrics import expected_score
from tests.reliability.calls import (
    CODES,
    NAMES,
    PROBA,
    S,
    Stubborn,
    X,
    Y,
    ask,
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
    ("complex_scalars", put(PROBA, (0, 0), np.complex64(1)), "expected floats"),
    ("ragged", RAGGED, "Pass"),
    ("masked", np.ma.masked_less(PROBA, 0.3), "fill them"),
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
]
