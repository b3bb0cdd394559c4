"""From a trained model to scores and probabilities."""

import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.special import softmax
from torch import nn

from simclf._inputs import LabelledRows
from simclf.decision import apply_temperature
from simclf.training import _predict as room
from simclf.training import answer_proba, class_proba, mean_scores
from tests.training.cases import CLASSES, make_model, make_rows, trained, wide_table


def numbers(model):
    return torch.cat([p.detach().flatten() for p in model.net.module_.parameters()])


# Probabilities ----------------------------------------------------------------


@pytest.mark.parametrize("n_members", [1, 3])
def test_members_are_averaged_on_the_simplex(n_members):
    model, _ = trained(n_members=n_members)
    X = make_rows(seed=5).X
    with torch.no_grad():
        scores = model.net.module_(
            torch.from_numpy(model.standardizer(X, np.dtype(np.float64)))
        ).numpy()
    expected = softmax(scores, axis=-1).mean(axis=0)
    np.testing.assert_allclose(answer_proba(model, X), expected, rtol=1e-12)
    np.testing.assert_allclose(class_proba(model, X, 3), expected, rtol=1e-12)
    np.testing.assert_allclose(mean_scores(model, X), scores.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("loss", ["cross_entropy", "softmax_margin", "expected_score"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_probabilities_sum_to_one(loss, dtype):
    model, _ = trained(loss=loss, dtype=dtype)
    for proba in (
        class_proba(model, make_rows().X, 3),
        answer_proba(model, make_rows().X),
    ):
        assert proba.dtype == np.float64
        assert (proba >= 0).all()
        np.testing.assert_allclose(proba.sum(axis=1), 1.0, rtol=1e-15)


@pytest.mark.parametrize("loss", ["expected_score", "entropic_score"])
def test_answers_that_are_no_class_are_left_out_of_the_classes(loss):
    model, _ = make_model(table=wide_table(), loss=loss)
    X = make_rows().X
    answers = answer_proba(model, X)
    assert answers.shape == (50, 4)
    expected = answers[:, :3] / answers[:, :3].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(class_proba(model, X, 3), expected, rtol=1e-12)


def test_classes_that_have_all_underflowed_are_equally_likely():
    model, _ = make_model(table=wide_table(), loss="entropic_score", dtype="float32")
    with torch.no_grad():
        for parameter in model.net.module_.parameters():
            parameter.zero_()
            parameter[..., -1] = 1e4
    proba = class_proba(model, np.zeros((2, 4)), 3)
    np.testing.assert_allclose(proba, np.full((2, 3), 1 / 3), rtol=1e-12)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize(
    ("entries", "rows"), [(1, 2**14), (2**22, 1), (28, 2**14), (2**22, 49), (2**22, 50)]
)
def test_chunks_make_no_difference(monkeypatch, form, entries, rows):
    model, _ = trained()
    X = form(make_rows(seed=5).X)
    expected = class_proba(model, X, 3), mean_scores(model, X)
    monkeypatch.setattr(room, "_CHUNK_ENTRIES", entries)
    monkeypatch.setattr(room, "_CHUNK_ROWS", rows)
    np.testing.assert_allclose(class_proba(model, X, 3), expected[0], rtol=1e-12)
    np.testing.assert_allclose(mean_scores(model, X), expected[1], rtol=1e-12)


@pytest.mark.parametrize(
    ("limits", "n_members", "largest"),
    [
        # Rows have 4 features, a member gives 3 scores.
        ({"_CHUNK_ENTRIES": 28}, 1, 7),
        ({"_CHUNK_ENTRIES": 63}, 3, 7),
        ({"_CACHED_ROWS": 21}, 3, 7),
        ({"_CHUNK_ROWS": 7}, 3, 7),
        ({"_CHUNK_ENTRIES": 1}, 3, 1),
        ({"_CACHED_ROWS": 2}, 3, 1),
    ],
)
def test_no_chunk_is_larger_than_allowed(monkeypatch, limits, n_members, largest):
    model, _ = make_model(n_members=n_members)
    for name, limit in limits.items():
        monkeypatch.setattr(room, name, limit)
    sizes = [scores.shape[1] for scores in room._score_chunks(model, make_rows().X)]
    assert max(sizes) == largest
    assert sum(sizes) == 50


def test_a_chunk_of_rows_of_their_own_counts_all_of_them(monkeypatch):
    model, _ = make_model(n_members=3)
    monkeypatch.setattr(room, "_CHUNK_ENTRIES", 24)
    index = np.arange(30).reshape(3, 10)
    chunks = room.own_score_chunks(model, make_rows().X, index)
    assert [scores.shape for scores in chunks] == [(3, 2, 3)] * 5


def test_the_temperature_is_applied_to_every_chunk(monkeypatch):
    model, _ = trained()
    X = make_rows(seed=5).X
    expected = apply_temperature(class_proba(model, X, 3), 1.7)
    monkeypatch.setattr(room, "_CHUNK_ROWS", 7)
    np.testing.assert_allclose(class_proba(model, X, 3, 1.7), expected, rtol=1e-12)


def test_sparse_rows_are_answered_as_dense_ones():
    rows = make_rows()
    thin = LabelledRows(sparse.csr_array(rows.X), rows.codes, CLASSES, None)
    dense, from_thin = trained(rows)[0], trained(thin)[0]
    np.testing.assert_allclose(numbers(from_thin), numbers(dense), rtol=1e-9)
    np.testing.assert_allclose(
        class_proba(dense, thin.X, 3), class_proba(dense, rows.X, 3), rtol=1e-12
    )


def test_prediction_writes_into_nothing():
    def writing(n_features, n_outputs):
        return nn.Sequential(nn.ReLU(inplace=True), nn.Linear(n_features, n_outputs))

    for n_members in (1, 2):
        rows = make_rows()
        X = rows.X.copy()
        model, _ = trained(
            rows, module=writing, standardize=False, batch_size=100, n_members=n_members
        )
        class_proba(model, rows.X, 3)
        assert np.array_equal(rows.X, X)


@pytest.mark.parametrize("chunk", [3, 2**14])
@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_a_row_far_away_is_refused_by_its_number(monkeypatch, chunk, standardize, form):
    model, _ = trained(dtype="float32", standardize=standardize)
    monkeypatch.setattr(room, "_CHUNK_ROWS", chunk)
    X = make_rows(12, seed=5).X
    X[7, 2] = X[9, 0] = 1e300
    message = (
        r"^row 7 of X lies so far outside the training data that the network's scores "
        r"overflow; check its units, or clip the features\.$"
    )
    with pytest.raises(ValueError, match=message):
        class_proba(model, form(X), 3)


def test_scores_may_be_large_as_long_as_they_are_finite():
    scores = torch.full((2, 3, 4), torch.finfo(torch.float32).max)
    room._refuse_far_away(scores, np.arange(3))


def test_one_member_that_overflows_is_enough():
    model, _ = trained(n_members=3)
    with torch.no_grad():
        next(model.net.module_.parameters())[1] = 1e308
    X = np.zeros((4, 4))
    X[2] = 1e3
    with pytest.raises(ValueError, match=r"^row 2 of X lies so far"):
        class_proba(model, X + model.standardizer.mean * (X == 0), 3)
