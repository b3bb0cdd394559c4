"""The estimated noise matrix: exact where it can be, and refused where it cannot."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf import SimilarityWarning
from simclf.decision import (
    apply_temperature,
    estimate_noise_matrix,
    fit_temperature,
)
from simclf.losses import CrossEntropyLoss
from tests.strategies import LABELS, classes, posteriors


@st.composite
def samples(draw, n=40):
    """Labels, probabilities with every class somewhere the likeliest, and weights."""
    k = draw(st.integers(2, 5))
    proba = draw(posteriors(k, n=n))
    proba[:k] = 0.5 * np.eye(k) + 0.5 * proba[:k]
    codes = draw(st.lists(st.integers(0, k - 1), min_size=n - k, max_size=n - k))
    codes = np.array([*range(k), *codes])
    weights = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    return codes, proba, np.array(weights)


@st.composite
def noise_matrices(draw, k):
    """Rows that favour their own class, and more than any other row does."""
    noise = draw(posteriors(k, n=k))
    right = draw(st.lists(st.floats(0.51, 0.99), min_size=k, max_size=k))
    np.fill_diagonal(noise, 0.0)
    rows = noise / noise.sum(axis=1, keepdims=True)
    return np.diag(right) + rows * (1.0 - np.array(right))[:, None]


@given(samples())
def test_rows_are_on_the_simplex(sample):
    codes, proba, weights = sample
    labels = LABELS[: proba.shape[1]]
    found = estimate_noise_matrix(LABELS[codes], proba, sample_weight=weights)
    assert found.shape == (len(labels), len(labels))
    assert found.index.tolist() == found.columns.tolist() == sorted(labels)
    assert (found.to_numpy() >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)


@given(samples(), st.sampled_from([0.01, 0.1, 0.5, 1.0]))
def test_a_row_is_the_mean_of_the_surest_rows(sample, share):
    codes, proba, weights = sample
    k = proba.shape[1]
    found = estimate_noise_matrix(
        codes, proba, classes=range(k), sample_weight=weights, share=share
    )
    honest = apply_temperature(proba, fit_temperature(proba, codes, weights))
    for i in range(k):
        own = [n for n in np.argsort(-honest[:, i]) if proba[n].argmax() == i]
        left = share * weights[own].sum()
        total = np.zeros(k)
        for n in own:
            taken = min(left, weights[n])
            total += taken * honest[n]
            left -= taken
        np.testing.assert_allclose(found.loc[i], total / total.sum(), atol=1e-9)


@given(st.data())
def test_exact_posteriors_with_anchors_give_the_exact_matrix(data):
    k = data.draw(st.integers(2, 5))
    noise = data.draw(noise_matrices(k))
    # True posteriors: two anchors of each class, and blends that no row is sure of.
    blends = data.draw(posteriors(k, n=2 * k))
    truth = np.concatenate([np.eye(k), np.eye(k), 0.9 * blends + 0.1 / k])
    recorded = truth @ noise
    # Every label of every row, as often as it would be recorded.
    labels = np.tile(LABELS[:k], len(recorded))
    found = estimate_noise_matrix(
        labels,
        recorded.repeat(k, axis=0),
        classes=LABELS[:k],
        sample_weight=1e3 * recorded.ravel(),
        share=0.05,
    )
    np.testing.assert_allclose(found, noise, atol=1e-5)


@given(samples(), st.data())
def test_renaming_the_classes_renames_the_matrix(sample, data):
    codes, proba, weights = sample
    k = proba.shape[1]
    order = np.array(data.draw(st.permutations(range(k))))
    labels = LABELS[:k]
    found = estimate_noise_matrix(
        labels[codes], proba, classes=labels, sample_weight=weights
    )
    again = estimate_noise_matrix(
        labels[codes], proba[:, order], classes=labels[order], sample_weight=weights
    )
    assert again.index.tolist() == labels[order].tolist()
    np.testing.assert_allclose(again.loc[labels, labels], found, atol=1e-6)


@given(samples(), st.permutations(range(40)))
def test_weights_are_repetitions_in_any_order(sample, order):
    codes, proba, weights = sample
    weights[5] = 0
    weighted = estimate_noise_matrix(codes, proba, sample_weight=weights)
    rows = np.repeat(np.arange(40), weights)
    repeated = estimate_noise_matrix(codes[rows], proba[rows])
    np.testing.assert_allclose(weighted, repeated, atol=1e-6)
    order = np.array(order)
    shuffled = estimate_noise_matrix(
        codes[order], proba[order], sample_weight=weights[order]
    )
    np.testing.assert_allclose(shuffled, weighted, atol=1e-6)


@given(st.data())
def test_labels_of_any_kind_name_both_axes(data):
    labels = data.draw(classes(3))
    codes = np.array([0, 1, 2, 1, 2, 0])
    proba = 0.7 * np.eye(3)[codes] + 0.1
    found = estimate_noise_matrix(labels[codes], proba)
    assert found.index.tolist() == found.columns.tolist() == labels.tolist()
    series = pd.Series(labels[codes]).astype("category")
    pd.testing.assert_frame_equal(
        estimate_noise_matrix(series, proba), found, check_index_type=False
    )


def test_named_probabilities_are_aligned_with_the_classes():
    y = np.repeat(["cat", "dog", "dog"], [70, 30, 100])
    proba = np.repeat([[0.7, 0.3], [0.0, 1.0]], 100, axis=0)
    named = pd.DataFrame(proba[:, ::-1], columns=["dog", "cat"])
    pd.testing.assert_frame_equal(
        estimate_noise_matrix(y, named), estimate_noise_matrix(y, proba)
    )


def test_one_temperature_makes_any_model_honest():
    rng = np.random.default_rng(0)
    noise = np.array([[0.7, 0.3, 0.0], [0.0, 0.8, 0.2], [0.1, 0.0, 0.9]])
    truth = np.eye(3).repeat(400, axis=0)
    honest = truth @ noise
    y = np.array([rng.choice(3, p=row) for row in honest])
    for power in (0.5, 3.0):
        proba = np.maximum(honest, 1e-3) ** power
        proba /= proba.sum(axis=1, keepdims=True)
        assert np.abs(estimate_noise_matrix(y, proba) - noise).max(axis=None) < 0.06


def test_rows_without_one_likeliest_class_count_for_none():
    y = ["ant", "bee", "bee", "ant"]
    proba = [[0.8, 0.2], [0.3, 0.7], [0.5, 0.5], [0.5, 0.5]]
    found = estimate_noise_matrix(y, proba, share=1.0)
    honest = apply_temperature(proba, fit_temperature(proba, [0, 1, 1, 0]))
    np.testing.assert_allclose(found, honest[:2], atol=1e-12)


def test_a_class_that_is_never_likeliest_borrows_from_the_others():
    y = np.array(["ant", "bee", "cat", "ant", "bee"])
    proba = np.array([[0.8, 0.1, 0.1], [0.1, 0.6, 0.3], [0.4, 0.3, 0.3]])[
        [0, 1, 2, 0, 1]
    ]
    sentence = (
        "proba is never highest for ['cat'], so their rows of the noise matrix are "
        "made from those of the other classes. More rows of them would help; or write "
        "their rows by hand."
    )
    with pytest.warns(SimilarityWarning, match=f"^{re.escape(sentence)}$") as caught:
        found = estimate_noise_matrix(y, proba)
    assert caught[0].filename == __file__
    right = (found.loc["ant", "ant"] + found.loc["bee", "bee"]) / 2
    wanted = [(1 - right) / 2, (1 - right) / 2, right]
    np.testing.assert_allclose(found.loc["cat"], wanted)


def test_the_documented_way_works_with_strings_and_pipelines():
    rng = np.random.default_rng(0)
    codes = np.arange(1500) % 3
    X = rng.normal(size=(1500, 2)) + 8.0 * np.eye(3)[codes][:, :2]
    noise = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0], [0.2, 0.0, 0.8]])
    y = LABELS[np.array([rng.choice(3, p=noise[code]) for code in codes])]
    clf = make_pipeline(StandardScaler(), KNeighborsClassifier(100))
    proba = cross_val_predict(clf, X, y, method="predict_proba")
    found = estimate_noise_matrix(y, proba)
    truth = pd.DataFrame(noise, LABELS[:3], LABELS[:3]).loc[found.index, found.columns]
    assert np.abs(found - truth).max(axis=None) < 0.1
    labels = found.index.to_numpy()
    loss = CrossEntropyLoss(noise_matrix=found)
    assert loss.criterion(classes=labels).n_outputs == 3


GOOD = {"y": ["ant", "bee", "bee"], "proba": [[0.7, 0.3], [0.2, 0.8], [0.1, 0.9]]}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"share": 0.0}, "share is 0.0; expected a number > 0 and <= 1."),
        ({"share": float("nan")}, "share is nan; expected a number > 0 and <= 1."),
        (
            {"y": [["ant"]]},
            "y has shape (1, 1); expected one class label for each row.",
        ),
        (
            {"y": np.array(["ant", None, "bee"], dtype=object)},
            "y[1] is None; every row needs a class label.",
        ),
        (
            {"y": ["ant", "bee"]},
            "y has 2 labels but proba has 3 rows; pass both for the same samples.",
        ),
        (
            {"y": ["ant"] * 3},
            "the labels of y are ['ant']; expected two or more, each once.",
        ),
        (
            {"classes": ["ant", "bee", "bee"]},
            "classes are ['ant', 'bee', 'bee']; expected two or more, each once.",
        ),
        (
            {"classes": ["ant", "Bee"]},
            (
                "y[1] is 'bee', which is not among the classes ['ant', 'Bee']. Correct "
                "the "
                "label (case and type must match) or pass the classes_ of the model "
                "that "
                "made proba."
            ),
        ),
        (
            {"classes": ["ant", "bee", "cat"]},
            (
                "proba has 2 columns but there are 3 classes; pass one column for each "
                "class, in their order."
            ),
        ),
        (
            {"proba": [[0.7, 0.3], [0.2, np.nan], [0.1, 0.9]]},
            (
                "proba[1, 1] is nan; every probability must be finite. Look at the "
                "model "
                "that made them."
            ),
        ),
        (
            {"sample_weight": [1.0, -1.0, 1.0]},
            (
                "sample_weight[1] is -1.0; every weight must be finite and not "
                "negative. "
                "Drop the row to leave it out."
            ),
        ),
        (
            {"proba": [[0.3, 0.7], [0.2, 0.8], [0.5, 0.5]]},
            (
                "only ['bee'] of the 2 classes are ever the most probable in proba, "
                "which "
                "tells nothing of how labels were confused. Look at the model that "
                "made "
                "it, or pass a noise matrix of your own."
            ),
        ),
    ],
)
def test_what_tells_nothing_is_refused(changes, sentence):
    arguments = GOOD | changes
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        estimate_noise_matrix(arguments.pop("y"), arguments.pop("proba"), **arguments)


def test_no_warning_where_every_class_is_found():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate_noise_matrix(**GOOD)
