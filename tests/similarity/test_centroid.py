"""Scores of classes by the centres of their training rows."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.preprocessing import StandardScaler

from simclf.similarity import centroid_similarity, resolve_table

X = np.array([[0.0, 1.0], [2.0, 1.0], [5.0, 5.0], [1.0, 9.0]])
Y = ["cat", "cat", "ant", "bee"]


def test_centres_by_hand():
    table = centroid_similarity(X, Y, metric="cityblock", standardize=False)
    assert table.index.tolist() == ["ant", "bee", "cat"]
    assert table.to_numpy().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    table = centroid_similarity(X, Y, metric="sqeuclidean", standardize=False, scale=32)
    expected = np.exp(-np.array([[0, 1, 1], [1, 0, 2], [1, 2, 0]]))
    np.testing.assert_allclose(table, expected, rtol=1e-15)


@given(st.integers(0, 10_000))
def test_against_plain_loops(seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(30, 3)) * [1.0, 100.0, 1e-6]
    labels = np.array(["ant", "bee", "cat", "dog"])[rng.permutation(30) % 4]
    table = centroid_similarity(rows, labels)
    scaled = StandardScaler().fit_transform(rows)
    centres = [scaled[labels == name].mean(axis=0) for name in table.index]
    ways = [[np.sqrt(((u - v) ** 2).sum()) for v in centres] for u in centres]
    np.testing.assert_allclose(table, 1 - ways / np.max(ways), atol=1e-10)


@given(st.permutations(["ant", "bee", "cat"]), st.permutations(range(4)))
def test_other_names_and_orders_permute_the_table(names, rows):
    renamed = dict(zip(["ant", "bee", "cat"], names, strict=True))
    table = centroid_similarity(X, Y)
    labels = np.array([renamed[name] for name in Y])[list(rows)]
    moved = centroid_similarity(X[list(rows)], labels)
    np.testing.assert_allclose(moved.loc[names, names], table, atol=1e-14)
    aligned = resolve_table(moved, ["ant", "bee", "cat"])
    assert (aligned.values == moved.to_numpy()).all()


@pytest.mark.parametrize(
    ("features", "labels"),
    [
        (pd.DataFrame(X, columns=["length", "mass"]), pd.Series(Y, dtype="category")),
        (sparse.csr_array(X), np.array(Y, dtype=object)),
        (X.astype(np.float32), tuple(Y)),
        (X.tolist(), pd.Index(Y)),
    ],
)
def test_every_form_gives_the_same_table(features, labels):
    pd.testing.assert_frame_equal(
        centroid_similarity(features, labels), centroid_similarity(X, Y)
    )


def test_a_constant_feature_counts_for_nothing():
    constant = np.column_stack([X, np.full(4, 0.1)])
    pd.testing.assert_frame_equal(
        centroid_similarity(constant, Y), centroid_similarity(X, Y)
    )


@pytest.mark.parametrize("unit", [1e-300, 1e300])
def test_the_unit_of_a_feature_does_not_matter(unit):
    np.testing.assert_allclose(
        centroid_similarity(X * [1.0, unit], Y), centroid_similarity(X, Y), atol=1e-14
    )


def test_integer_classes_are_sorted_as_numbers():
    assert centroid_similarity(X, [10, 10, 9, -1]).index.tolist() == [-1, 9, 10]


@pytest.mark.parametrize(
    ("features", "labels", "settings", "kind", "message"),
    [
        (
            pd.DataFrame([[1.0, 2.0], [np.nan, 3.0]], columns=["length", "mass"]),
            ["ant", "bee"],
            {},
            ValueError,
            "X[1, 'length'] is nan; every entry must be finite.",
        ),
        (
            [[1.0], [np.inf]],
            ["ant", "bee"],
            {},
            ValueError,
            "X[1, 0] is inf; every entry must be finite.",
        ),
        (
            [1.0, 2.0],
            ["ant", "bee"],
            {},
            ValueError,
            "X has shape (2,); expected (n_samples, n_features).",
        ),
        (
            X,
            ["ant", "bee"],
            {},
            ValueError,
            "X has 4 rows but y has 2; pass one label a row.",
        ),
        (
            X,
            np.array(["ant", "bee", None, "ant"], dtype=object),
            {},
            ValueError,
            "y[2] is None; every row needs a class label.",
        ),
        (
            X,
            [np.nan, "ant", "bee", "ant"],
            {},
            ValueError,
            "y[0] is nan; every row needs a class label.",
        ),
        (
            X,
            ["ant", "bee", 3, "ant"],
            {},
            TypeError,
            (
                "y has labels of types ['int', 'str'], which cannot be sorted; use one "
                "of them."
            ),
        ),
        (
            X,
            np.array(["ant", "bee", 3, "ant"], dtype=object),
            {},
            TypeError,
            (
                "y has labels of types ['int', 'str'], which cannot be sorted; use one "
                "of them."
            ),
        ),
        (
            [[1.0, -1.0], [-1.0, 1.0], [1.0, 2.0]],
            ["ant", "ant", "bee"],
            {"metric": "cosine", "standardize": False},
            ValueError,
            (
                "The centre of class 'ant' is zero, so that its cosine distance is not "
                "defined. Drop the class, or choose another metric."
            ),
        ),
        (
            [[1.0], [1.0]],
            ["ant", "bee"],
            {},
            ValueError,
            (
                "All distances are zero, so that every answer would be right; expected "
                "classes that differ."
            ),
        ),
        (
            [[1e300], [-1e300]],
            ["ant", "bee"],
            {"standardize": False},
            ValueError,
            (
                "The euclidean distance of classes 'ant' and 'bee' is inf; expected a "
                "finite one, not below 0. Choose another metric, or rescale."
            ),
        ),
    ],
)
def test_rows_that_cannot_be_read(features, labels, settings, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        centroid_similarity(features, labels, **settings)


@pytest.mark.parametrize("flag", ["no", "yes", None, 1])
def test_standardize_is_true_or_false(flag):
    kind = type(flag).__name__
    message = f"standardize is {flag!r} of type {kind}; expected True or False."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        centroid_similarity(X, Y, standardize=flag)
    by_numpy = centroid_similarity(X, Y, standardize=np.False_)
    by_python = centroid_similarity(X, Y, standardize=False)
    pd.testing.assert_frame_equal(by_numpy, by_python)
