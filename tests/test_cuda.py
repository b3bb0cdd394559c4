"""On a GPU: the CPU's models, nothing waited for, files that open without it.

Skipped where there is none; tests/away.py stands for a GPU everywhere else.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import sparse

import simclf
from simclf import SimilarityAwareClassifier
from simclf.modules import MLP
from simclf.search import BatchedGridSearchCV
from simclf.training import _rows, start_model
from simclf.training._fit import _rows_on
from simclf.training._order import Schedule, epoch_batches
from tests.training.cases import SEEDS, TABLE, make_rows, make_settings

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="torch sees no GPU"
)
ROWS = make_rows(200)
LABELS = ROWS.classes[ROWS.codes]


def fitted(X=ROWS.X, **params):
    """A classifier without dropout, whose masks differ between devices."""
    given = {
        "module": MLP((8,), dropout=0.0),
        "n_members": 2,
        "max_epochs": 5,
        "batch_size": 32,
        "dtype": "float64",
        "device": "cuda",
        "random_state": 0,
    }
    return SimilarityAwareClassifier(TABLE.values, **(given | params)).fit(X, LABELS)


def assert_same(first, second, atol):
    proba = first.predict_proba(ROWS.X)
    np.testing.assert_allclose(second.predict_proba(ROWS.X), proba, rtol=0, atol=atol)
    np.testing.assert_allclose(second.loss_curve_, first.loss_curve_, atol=atol)


@pytest.mark.parametrize("loss", ["cross_entropy", "tailored_score", "expected_score"])
@pytest.mark.parametrize(("dtype", "atol"), [("float64", 1e-8), ("float32", 1e-3)])
def test_a_model_is_that_of_the_cpu(loss, dtype, atol):
    params = {"loss": loss, "dtype": dtype}
    assert_same(fitted(device="cpu", **params), fitted(**params), atol)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_rows_without_room_are_streamed_to_the_same_model(form, monkeypatch):
    resident = fitted(form(ROWS.X))
    monkeypatch.setattr(_rows, "fits", lambda n_bytes, free: False)
    assert_same(resident, fitted(form(ROWS.X)), 1e-12)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("loss", ["cross_entropy", "tailored_score"])
def test_replayed_steps_are_the_plain_ones(loss, dropout):
    params = {"loss": loss, "module": MLP((8,), dropout=dropout), "max_epochs": 9}
    assert_same(fitted(**params), fitted(compile="graph", **params), 1e-10)


def test_products_in_bfloat16_come_close():
    plain = fitted(dtype="float32")
    assert_same(plain, fitted(dtype="float32", precision="bf16"), 0.05)


def test_a_compiled_network_learns_the_same():
    assert_same(fitted(dtype="float32"), fitted(dtype="float32", compile=True), 1e-3)


@pytest.mark.parametrize("compiled", [False, "graph"])
def test_no_step_waits_for_the_device(compiled):
    settings = make_settings(
        device="cuda", module=MLP((8,)), batch_size=16, compile=compiled
    )
    model = start_model(ROWS, TABLE, settings, SEEDS)
    rows = _rows_on(ROWS, model, TABLE)
    batches = list(epoch_batches(rows, Schedule(1, 1, 16, None, SEEDS), 0))
    with model.net._prepared():
        # Capturing waits, once for each size of a batch.
        model.net._train_epoch(rows, iter(batches), 1.0)
        torch.cuda.set_sync_debug_mode("error")
        try:
            model.net._train_epoch(rows, iter(batches), 1.0)
        finally:
            torch.cuda.set_sync_debug_mode("default")


def test_a_saved_model_answers_alike_on_the_cpu(tmp_path: Path, monkeypatch):
    clf = fitted()
    clf.save(tmp_path / "model")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    again = simclf.load(tmp_path / "model")
    assert next(again.net_.module_.parameters()).device.type == "cpu"
    assert_same(clf, again, 1e-10)


def test_a_batched_search_scores_like_single_fits():
    grid = {"lr": [0.01, 0.05]}
    scores = []
    for device in ("cuda", "cpu"):
        clf = fitted(device=device, early_stopping=True)
        search = BatchedGridSearchCV(clf, grid, cv=2).fit(ROWS.X, LABELS)
        scores.append(search.cv_results_["mean_test_score"])
    np.testing.assert_allclose(scores[0], scores[1], atol=0.02)
