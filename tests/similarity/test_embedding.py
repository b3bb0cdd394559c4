"""Scores of classes that have vectors."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.spatial import distance

from simclf.similarity import embedding_similarity

VECTORS = pd.DataFrame(
    [[3.0, 0.0], [0.0, 1.0], [-2.0, 0.0]], index=["east", "north", "west"]
)
NAMES = ["east", "north", "west"]
METRICS = [
    "braycurtis",
    "chebyshev",
    "cityblock",
    "correlation",
    "cosine",
    "euclidean",
    "sqeuclidean",
]


def test_cosines_by_hand():
    table = embedding_similarity(VECTORS)
    assert table.index.tolist() == NAMES
    assert table.to_numpy().tolist() == [[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]]


def test_lengths_by_hand():
    table = embedding_similarity(VECTORS, metric="cityblock")
    np.testing.assert_allclose(
        table, [[1, 0.2, 0], [0.2, 1, 0.4], [0, 0.4, 1]], atol=1e-15
    )


def test_a_gaussian_kernel():
    table = embedding_similarity(VECTORS, metric="sqeuclidean", scale=2 * 3.0**2)
    assert table.loc["east", "west"] == pytest.approx(np.exp(-25 / 18))
    assert table.loc["east", "east"] == 1.0


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_against_plain_loops(metric):
    vectors = np.random.default_rng(0).random((5, 4))
    table = embedding_similarity(vectors, range(5), metric=metric).to_numpy()
    ways = [[getattr(distance, metric)(u, v) for v in vectors] for u in vectors]
    np.testing.assert_allclose(table, 1 - ways / np.max(ways), atol=1e-12)


def test_a_frame_is_cut_and_ordered_by_the_classes():
    table = embedding_similarity(VECTORS, ["west", "north"], metric="euclidean")
    assert table.index.tolist() == ["west", "north"]
    pd.testing.assert_frame_equal(
        table, embedding_similarity([[-2, 0], [0, 1]], ["west", "north"])
    )


def test_a_mapping_by_hand():
    vectors = {"west": [-2, 0], "north": np.array([0, 1]), "east": (3, 0)}
    table = embedding_similarity(vectors)
    assert table.loc["west"].to_dict() == {"west": 1.0, "north": 0.5, "east": 0.0}
    assert embedding_similarity(vectors, ["east", "north"]).index[0] == "east"


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_vectors_of_one_direction_are_equal(metric):
    vectors = np.array([[1.0, 2.0, 4.0], [0.1, 0.2, 0.4], [-1.0, 0.0, 0.0]])
    table = embedding_similarity(vectors, NAMES, metric=metric)
    assert table.loc["east", "north"] == 1.0
    message = "All distances are zero, so that every answer would be right; expected "
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        embedding_similarity(vectors[:2], NAMES[:2], metric=metric)


@pytest.mark.parametrize(
    ("embeddings", "settings", "message"),
    [
        (
            [[1, 2], [0, 0]],
            {},
            (
                "The vector of class 'north' is zero, so that its cosine distance is "
                "not defined. Drop the class, or choose another metric."
            ),
        ),
        (
            [[1, 2], [3, 3]],
            {"metric": "correlation"},
            (
                "The vector of class 'north' is constant, so that its correlation "
                "distance is not defined. Drop the class, or choose another metric."
            ),
        ),
        (
            [[1, 2], [-1, 2]],
            {"metric": "cosin"},
            (
                f"metric='cosin'; expected one of {METRICS}. For another one, pass its "
                "distances to distance_similarity."
            ),
        ),
        (
            [[1, -2], [-1, 2]],
            {"metric": "braycurtis"},
            (
                "The braycurtis distance of classes 'east' and 'north' is inf; "
                "expected a finite one, not below 0. Choose another metric, or rescale."
            ),
        ),
        (
            [[1e300, 1], [-1e300, 1]],
            {"metric": "sqeuclidean"},
            (
                "The sqeuclidean distance of classes 'east' and 'north' is inf; "
                "expected a finite one, not below 0. Choose another metric, or rescale."
            ),
        ),
        (
            [[1, 2], [1, np.nan]],
            {},
            ("embeddings[1, 1] (class 'north') is nan; every entry must be finite."),
        ),
        (
            [[1, 2]],
            {},
            (
                "embeddings has shape (1, 2) but there are 2 classes ['east', "
                "'north']; expected a row for each, of at least one number."
            ),
        ),
        (
            [[], []],
            {},
            (
                "embeddings has shape (2, 0) but there are 2 classes ['east', "
                "'north']; expected a row for each, of at least one number."
            ),
        ),
        (
            VECTORS.rename(index=str.title),
            {},
            (
                "embeddings has no row for class 'east'. Its row labels are ['East', "
                "'North', 'West']; rename 'East' (case and spaces must match)."
            ),
        ),
        (
            VECTORS.iloc[:1],
            {},
            (
                "embeddings has no row for class 'north'. Its row labels are ['east']; "
                "add it."
            ),
        ),
    ],
)
def test_embeddings_that_cannot_be_read(embeddings, settings, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        embedding_similarity(embeddings, ["east", "north"], **settings)


@pytest.mark.parametrize(
    ("embeddings", "kind", "message"),
    [
        (
            {"east": [1, 2], "north": [1]},
            ValueError,
            (
                "embeddings cannot be read as a table: its rows differ in length or "
                "depth. Give every class (row) one number for every dimension "
                "(column)."
            ),
        ),
        (
            [["a"], ["b"]],
            TypeError,
            (
                "embeddings holds values of dtype <U1; expected numbers, one number "
                "for each class (row) and dimension (column)."
            ),
        ),
        (
            None,
            TypeError,
            (
                "embeddings is of type NoneType; expected an array of shape "
                "(n_classes, n_dimensions), or a DataFrame labelled by class."
            ),
        ),
        (
            {"north": [1, 2]},
            ValueError,
            (
                "embeddings has no entry for class 'east'. Its labels are ['north']; "
                "add it."
            ),
        ),
    ],
)
def test_embeddings_of_another_kind(embeddings, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        embedding_similarity(embeddings, ["east", "north"])


def test_an_array_has_no_labels():
    message = "embeddings carries no class labels; pass classes, one label for each"
    with pytest.raises(ValueError, match=f"^{message}"):
        embedding_similarity([[1, 2], [3, 4]])


def test_a_polars_frame_has_no_row_labels():
    with pytest.raises(TypeError, match=r"^embeddings is a DataFrame without row labe"):
        embedding_similarity(pl.DataFrame([[0, 1], [1, 0]]), ["ant", "bee"])


@pytest.mark.parametrize(
    ("embeddings", "expected"),
    [
        (None, "(n_classes, n_dimensions), or a DataFrame labelled by class."),
        ("x", "(n_classes, n_dimensions), or a DataFrame labelled by class."),
        (
            5,
            (
                "(n_classes, n_dimensions), a mapping {class: vector}, or a DataFrame "
                "labelled by class."
            ),
        ),
    ],
)
@pytest.mark.parametrize("classes", [None, ["ant"]])
def test_what_are_no_embeddings(embeddings, expected, classes):
    kind = type(embeddings).__name__
    message = f"embeddings is of type {kind}; expected an array of shape {expected}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        embedding_similarity(embeddings, classes)
