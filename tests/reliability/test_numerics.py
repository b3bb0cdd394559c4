"""Numbers at the ends of float64: a fit is finite, or refused with a reason.

Losses at scores of 1e4 are tried in tests/losses/test_contract.py, rows and weights of
1e-300 and 1e300 together in tests/test_classifier.py.
"""

import warnings

import numpy as np
import pytest
from scipy import sparse

from simclf import SimilarityAwareClassifier
from simclf.exceptions import SimilarityWarning
from simclf.losses import LOSSES
from tests.reliability.calls import QUICK, S, X, Y

LARGEST = np.finfo(np.float64).max.item()


def fitted(X=X, y=Y, weight=None, **settings):
    return SimilarityAwareClassifier(**(QUICK | settings)).fit(X, y, weight)


def assert_finite(clf, rows=X):
    proba = clf.predict_proba(rows)
    assert np.isfinite(proba).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1.0, atol=1e-9)
    assert np.isfinite(clf.loss_curve_).all()
    assert np.isin(clf.predict(rows), clf.decisions_).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e300])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_scale_of_a_table_changes_no_answer(loss, scale):
    plain, scaled = (
        fitted(similarity=S, loss=loss),
        fitted(similarity=scale * S, loss=loss),
    )
    assert_finite(scaled)
    np.testing.assert_allclose(
        scaled.predict_proba(X), plain.predict_proba(X), rtol=1e-4, atol=1e-6
    )
    assert (scaled.predict(X) == plain.predict(X)).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_table_without_differences_is_learned_without_nan(loss):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SimilarityWarning)
        for entry in (0.0, -7.0, LARGEST):
            assert_finite(fitted(similarity=np.full((3, 3), entry), loss=loss))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("weight", [5e-324, 1e-300, 1e300, LARGEST])
def test_the_scale_of_the_weights_changes_nothing(loss, weight):
    weighted = fitted(weight=np.full(12, weight), similarity=S, loss=loss)
    same = fitted(weight=np.ones(12), similarity=S, loss=loss)
    assert np.array_equal(weighted.predict_proba(X), same.predict_proba(X))


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
@pytest.mark.parametrize("scale", [1e-310, 1e-160, 1e-40, 1e40, 1e160, 1e300])
def test_rows_of_any_scale_are_learned_without_nan(scale, form):
    rows = X * [scale, 1.0, -scale]
    clf = fitted(form(rows))
    assert_finite(clf, form(rows))


@pytest.mark.parametrize("scale", [1e40, 1e300])
def test_rows_beyond_float32_are_refused_where_nothing_brings_them_in(scale):
    with pytest.raises(ValueError, match=r"lies so far|training diverged in epoch 1 "):
        fitted(scale * X, standardize=False)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("entry", [1e10, 1e38, 1e40, 1e160, 1e300, LARGEST, -LARGEST])
def test_a_row_far_away_gets_a_finite_answer_or_is_named(entry, dtype):
    rows = X.copy()
    rows[7, 1] = entry
    clf = fitted(similarity=S, dtype=dtype)
    for method in (clf.predict_proba, clf.expected_scores, clf.decision_function):
        try:
            found = method(rows)
        except ValueError as error:
            found, message = None, str(error)
        assert (
            message.startswith("row 7 of X lies so far")
            if found is None
            else np.isfinite(found).all()
        )


def test_half_precision_rows_are_read_as_what_they_are():
    rows = X.astype(np.float16)
    half, single = fitted(rows), fitted(rows.astype(np.float32))
    assert half.predict_proba(rows).dtype == np.float64
    np.testing.assert_allclose(
        half.predict_proba(rows), single.predict_proba(rows), rtol=1e-5
    )
    large = np.full((12, 3), np.finfo(np.float16).max)
    large[::2] *= -1
    assert_finite(fitted(large), large)
    large[0] = np.inf
    with pytest.raises(ValueError, match="X contains infinity"):
        fitted(large)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match=r"^y holds 1 class, \['ant'\]; "):
        fitted(y=["ant"] * 12)


@pytest.mark.parametrize("n_classes", [2, 300, 2000])
@pytest.mark.parametrize("loss", ["cross_entropy", "tailored_score", "expected_score"])
def test_few_and_many_classes(n_classes, loss):
    y = np.arange(2 * n_classes) % n_classes
    rows = np.random.default_rng(0).normal(size=(len(y), 2))
    table = np.triu(np.full((n_classes, n_classes), 0.25), 1) + np.eye(n_classes)
    clf = fitted(rows, y, similarity=table, loss=loss, max_epochs=1, module="linear")
    assert clf.predict_proba(rows[:4]).shape == (4, n_classes)
    assert_finite(clf, rows[:50])


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("loss", ["cross_entropy", "tailored_score", "soft_target"])
def test_divergence_names_epoch_and_rate(loss, optimizer):
    message = (
        r"^training diverged in epoch [12] \(loss is (nan|inf)\) with lr=1e\+30; use a "
        r"smaller lr, e\.g\. 1e\+29, or scale X \(standardize=True\)\. If neither "
        r"helps, look at weight_decay, the loss's own parameters and, if the module is "
        r"your own, what it returns\.$"
    )
    with pytest.raises(ValueError, match=message):
        fitted(similarity=S, loss=loss, optimizer=optimizer, lr=1e30)
