"""Tables that cannot be used, given as similarity, cost or in a loss.

As in :mod:`tests.reliability.bad_rows`; ``similarity`` stands for ``cost`` too.
"""

import numpy as np
import pandas as pd
import polars as pl
import torch
from scipy import sparse

from simclf.losses import CrossEntropyLoss, SoftTargetLoss
from simclf.similarity import resolve_table
from tests.reliability.calls import CODES, NAMES, S, Stubborn, X, Y, fit, frame, put

V, T = ValueError, TypeError
SQUARE = "Pass a 3x3 array"
FINITE = "every entry must be"
EXPECTED = "expected an array"
RETURN = "and return an array"
ROWS = S[CODES]
LEVELS = pd.MultiIndex.from_product([["a"], NAMES])

TABLES = [
    ("nan", put(S, (1, 2), np.nan), V, "[1, 2]", FINITE),
    ("inf", put(S, (1, 2), np.inf), V, "[1, 2]", FINITE),
    ("None_inside", put(S, (1, 2), None), T, "[1, 2]", FINITE),
    ("object_inside", put(S, (1, 2), object()), T, "[1, 2]", FINITE),
    ("large", [[10**400] * 3] * 3, V, "[0, 0]", FINITE),
    ("ragged", [[1, 2, 3], [1, 2], [1, 2, 3]], V, "rows differ", "Give every"),
    ("masked", np.ma.masked_greater(S, 2), V, "masked", "gaps filled"),
    ("complex", S.astype(complex), V, "complex", "expected real numbers"),
    ("narrow", S[:, :2], V, "(3, 2)", SQUARE),
    ("wide", np.c_[S, S[:, 0]], V, "(3, 4)", "further columns"),
    ("small", np.eye(2), V, "(2, 2)", SQUARE),
    ("big", np.eye(4), V, "(4, 4)", SQUARE),
    ("1d", S[0], V, "(3,)", SQUARE),
    ("3d", S[None], V, "(1, 3, 3)", SQUARE),
    ("number", 1.0, V, "()", SQUARE),
    ("flag", True, V, "()", SQUARE),
    ("empty", [], V, "(0,)", SQUARE),
    ("word", "identity", T, "str", EXPECTED),
    ("bytes", b"table", T, "bytes", EXPECTED),
    ("words", S.astype(str), T, "dtype", "expected numbers"),
    ("dates", S.astype("datetime64[s]"), T, "dtype", "expected numbers"),
    ("dict", frame().to_dict(), T, "dict", EXPECTED),
    ("set", {1, 2}, T, "set", EXPECTED),
    ("generator", (row for row in S), T, "generator", EXPECTED),
    ("stubborn", Stubborn(), T, "Stubborn", "Pass a numpy array"),
    ("tensor", torch.tensor(S, requires_grad=True), T, "Tensor", "Pass a numpy array"),
    ("score_table", resolve_table(S, NAMES), T, "ScoreTable", EXPECTED),
    ("sparse_nan", sparse.csr_array(put(S, (1, 2), np.nan)), V, "[1, 2]", FINITE),
    ("sparse_small", sparse.csr_array(np.eye(2)), V, "(2, 2)", SQUARE),
    ("series", frame()["ant"], V, "(3,)", SQUARE),
    ("polars", pl.DataFrame(S), T, "without row labels", ".to_pandas()"),
    ("no_labels", pd.DataFrame(S), V, "'ant'", "label the rows by class"),
    ("no_frame", pd.DataFrame(), V, "'ant'", "label the rows by class"),
    ("no_row", frame().iloc[:2], V, "'cat'", "add the row"),
    ("no_column", frame().iloc[:, :2], V, "'cat'", "add the column"),
    ("case", frame(S, ["Ant", *NAMES[1:]]), V, "'ant'", "rename 'Ant'"),
    ("space", frame(S, NAMES, ["ant ", *NAMES[1:]]), V, "'ant'", "rename 'ant '"),
    ("row_twice", frame(S, ["ant", "ant", "cat"]), V, "['ant']", "Rename or drop"),
    ("column_twice", frame(S, NAMES, ["a", "a", "b"]), V, "['a']", "Rename or drop"),
    ("strange_rows", frame(S, list("xyz")), V, "'ant'", "label the rows"),
    ("other_columns", frame(S, NAMES, list("xyz")), V, "'ant'", "label the columns"),
    ("unnamed_row", frame(S, ["ant", None, "cat"]), V, "row", "Name every row"),
    ("levels", frame(S, LEVELS), V, "MultiIndex", "Join or drop"),
    ("frame_nan", frame(put(S, (0, 1), np.nan)), V, ".loc['ant', 'bee']", FINITE),
    ("frame_None", frame(put(S, (0, 1), None)), T, ".loc['ant', 'bee']", FINITE),
    ("frame_NA", frame(put(S, (0, 1), pd.NA)), T, ".loc['ant', 'bee']", FINITE),
    ("frame_word", frame(put(S, (0, 1), "1")), T, ".loc['ant', 'bee']", FINITE),
    ("frame_dates", frame(S.astype("M8[s]")), T, "dtype", "expected numbers"),
    ("returns_None", lambda _: None, T, "returned by the callable", EXPECTED),
    ("returns_word", lambda _: "table", T, "returned by the callable", EXPECTED),
    ("returns_small", lambda _: np.eye(2), V, "returned by the callable", SQUARE),
    ("returns_nan", lambda _: np.nan * S, V, "returned by the callable", FINITE),
    ("returns_ragged", lambda _: [[1], [1, 2]], V, "by the callable", "Give every"),
    ("returns_callable", lambda _: len, T, "returned by the callable", EXPECTED),
    ("sorts_in_place", lambda c: c.sort(), T, "returned by the callable", EXPECTED),
    ("no_argument", lambda: S, T, "the callable", RETURN),
    ("two_arguments", lambda _, __: S, T, "the callable", RETURN),
    ("numpy_eye", np.eye, T, "eye", RETURN),
    ("class", SoftTargetLoss, T, "returned by the callable", EXPECTED),
]

OWN_SCORES = [
    ("nan", put(ROWS, (0, 0), np.nan), V, "sample_scores[0]", FINITE),
    ("shape", S, V, "sample_scores", "expected (12, 3)"),
    ("columns", ROWS[:, :2], V, "sample_scores", "expected (12, 3)"),
    ("1d", ROWS[:, 0], V, "sample_scores", "expected (12, 3)"),
    ("word", "rows.csv", T, "sample_scores", "read_csv"),
    ("function", len, T, "sample_scores", "Call it"),
    ("dict", {"ant": 1}, T, "sample_scores", "pandas.DataFrame"),
    ("complex", ROWS.astype(complex), V, "sample_scores", "expected real numbers"),
    ("ragged", [[1], [1, 2]] * 6, V, "sample_scores", "Give every"),
    ("masked", np.ma.masked_less(ROWS, 0), V, "sample_scores", "gaps filled"),
    ("typo", pd.DataFrame(ROWS, columns=["Ant", "bee", "cat"]), V, "'ant'", "rename"),
    ("None_inside", [[None] * 3] * 12, T, "sample_scores[0]", FINITE),
    ("stubborn", Stubborn(), T, "sample_scores", "Pass a numpy array"),
]

NOISE = [
    ("small", np.eye(2), V, "noise_matrix", SQUARE),
    ("nan", put(np.eye(3), (0, 0), np.nan), V, "noise_matrix[0, 0]", FINITE),
    ("word", "a", T, "noise_matrix", EXPECTED),
    ("no_row", frame(np.eye(3)).iloc[:2], V, "noise_matrix", "add the row"),
    ("sums", np.ones((3, 3)), V, "noise_matrix", "Divide each row"),
]

CASES = [
    *(
        (f"{parameter}_{name}", fit(**{parameter: table}), *told)
        for parameter in ("similarity", "cost")
        for name, table, *told in TABLES
    ),
    ("both", fit(similarity=S, cost=S), V, "similarity and cost", "pass one of them"),
    (
        "sample_scores_unused",
        fit(sample_scores=ROWS, similarity=S, loss="pairwise"),
        V,
        "sample_scores",
        "or use a loss that learns answers",
    ),
    *(
        (
            f"sample_scores_{name}",
            fit(sample_scores=given, loss="entropic_score"),
            *told,
        )
        for name, given, *told in OWN_SCORES
    ),
    (
        "sample_scores_val_alone",
        fit(sample_scores_val=ROWS, loss="entropic_score"),
        V,
        "sample_scores_val",
        "pass both",
    ),
    (
        "sample_scores_val_missing",
        fit(
            X_val=X,
            y_val=Y,
            sample_scores=ROWS,
            loss="entropic_score",
            early_stopping=True,
        ),
        V,
        "sample_scores_val",
        "need scores of their own",
    ),
    *(
        (f"noise_{name}", fit(loss=CrossEntropyLoss(noise_matrix=matrix)), *told)
        for name, matrix, *told in NOISE
    ),
]
