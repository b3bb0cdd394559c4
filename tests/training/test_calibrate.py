"""Rows that a model has not learned from, and the temperature fitted to them."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from scipy.special import softmax
from torch import nn

from simclf._inputs import LabelledRows
from simclf.decision import fit_temperature
from simclf.losses import CrossEntropyLoss, TailoredScoreLoss
from simclf.modules import TabM
from simclf.training import _calibrate as room
from simclf.training import _predict, calibrate, class_proba
from simclf.training._calibrate import unseen_rows
from tests.training.cases import (
    CLASSES,
    TABLE,
    folds_of,
    make_rows,
    make_settings,
    trained,
)


def numbers_of(unseen):
    return unseen.proba, unseen.codes, unseen.sample_weight


def test_the_temperature_is_fitted_on_the_rows_given():
    weight = np.linspace(0.5, 1.5, 30)
    held = make_rows(30, seed=6, weight=weight)
    model, settings = trained(max_epochs=20, lr=0.5)
    temperature = calibrate(model, make_rows(), held, settings)
    proba = class_proba(model, held.X, 3)
    assert temperature == fit_temperature(proba, held.codes, weight)
    assert temperature != fit_temperature(proba, held.codes)
    assert temperature != 1.0


def test_the_temperature_of_a_tailored_score_is_its_own():
    weight = np.linspace(0.5, 1.5, 30)
    held = make_rows(30, seed=6, weight=weight)
    loss = TailoredScoreLoss(lam=50.0, tau=0.1)
    model, settings = trained(max_epochs=20, lr=0.5, loss=loss)
    temperature = calibrate(model, make_rows(), held, settings)
    proba = class_proba(model, held.X, 3)
    prepared = loss.prepare(TABLE, torch.float64)

    def total(temperature):
        scores = torch.tensor(np.log(proba) / temperature)
        losses = loss.pointwise(scores, torch.tensor(held.codes), prepared)
        return weight @ losses.numpy() + (np.log(temperature) / 0.5) ** 2 / 2

    near = total(temperature * 1.01), total(temperature / 1.01), total(1.0)
    assert total(temperature) <= min(near)
    log_loss = fit_temperature(proba, held.codes, weight)
    assert temperature != pytest.approx(log_loss, rel=1e-3)


def test_the_temperature_sees_recorded_labels_through_the_noise():
    noise = np.array([[0.5, 0.5, 0.0], [0.0, 0.6, 0.4], [0.3, 0.0, 0.7]])
    frame = pd.DataFrame(noise, CLASSES, CLASSES).loc[CLASSES[::-1]]
    held = make_rows(60, seed=6)
    model, settings = trained(loss=CrossEntropyLoss(noise_matrix=frame))
    temperature = calibrate(model, make_rows(), held, settings)
    proba = class_proba(model, held.X, 3)

    def total(temperature):
        powers = proba ** (1 / temperature)
        recorded = powers / powers.sum(axis=1, keepdims=True) @ noise
        likely = recorded[np.arange(60), held.codes]
        return -np.log(likely).sum() + (np.log(temperature) / 0.5) ** 2 / 2

    assert total(temperature) <= min(total(temperature * c) for c in (0.99, 1.01))
    assert temperature < 0.9 * fit_temperature(proba, held.codes)


def test_there_is_no_temperature_without_rows_or_wish():
    model, settings = trained()
    assert calibrate(model, make_rows(), None, settings) == 1.0
    unwanted = make_settings(calibration=None)
    assert calibrate(model, make_rows(), make_rows(30, seed=6), unwanted) == 1.0


@pytest.mark.parametrize("n_members", [1, 3])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("module", ["linear", nn.Linear])
def test_rows_are_calibrated_by_the_members_that_hold_them_out(n_members, form, module):
    weight = np.linspace(0.5, 1.5, 50)
    rows = make_rows(weight=weight)
    given = LabelledRows(form(rows.X), rows.codes, CLASSES, weight)
    folds = folds_of(rows, n_members)
    model, settings = trained(given, folds, n_members=n_members, module=module)
    unseen = unseen_rows(model, given, folds)
    proba, codes, seen_weight = unseen.proba, unseen.codes, unseen.sample_weight
    with torch.no_grad():
        scores = model.net.module_(
            torch.from_numpy(model.standardizer(rows.X, np.dtype(np.float64)))
        ).numpy()
    pairs = [(m, i) for m in range(n_members) for i in np.flatnonzero(folds.held[m])]
    expected = [softmax(scores[m, i]) for m, i in pairs]
    np.testing.assert_allclose(proba, expected, rtol=1e-9)
    assert codes.tolist() == [rows.codes[i] for _, i in pairs]
    shares = [
        weight[i] / weight[folds.held[m]].mean() / folds.held[m].sum() for m, i in pairs
    ]
    np.testing.assert_allclose(
        seen_weight / seen_weight.sum(), np.array(shares) / n_members, rtol=1e-9
    )
    temperature = calibrate(model, given, folds, settings)
    assert temperature == fit_temperature(proba, codes, seen_weight)


def test_rows_count_once_where_members_share_weights():
    rows = make_rows()
    folds = folds_of(rows, 1)
    shared = folds.repeated(4)
    model, _ = trained(rows, shared, n_members=4, module=TabM(n_blocks=1, width=8))
    unseen = unseen_rows(model, rows, shared)
    assert len(unseen.codes) == 4 * folds.held.sum()
    assert unseen.sample_weight.sum() == pytest.approx(folds.held.sum())


def test_a_temperature_needs_no_more_probabilities_than_fit(monkeypatch):
    rows = make_rows(300)
    folds = folds_of(rows, 2)
    model, _ = trained(rows, folds)
    every = numbers_of(unseen_rows(model, rows, folds))
    monkeypatch.setattr(room, "_ENTRIES", 90)
    some = numbers_of(unseen_rows(model, rows, folds))
    assert some[0].size <= 90
    assert len(some[1]) == len(some[2]) == len(some[0])
    # The last digit of a row may depend on those it is computed with.
    known = {tuple(p) for p in every[0].round(12)}
    assert {tuple(p) for p in some[0].round(12)} <= known


@pytest.mark.parametrize("chunk", [1, 2, 2**14])
def test_chunks_of_rows_held_out_make_no_difference(monkeypatch, chunk):
    rows = make_rows()
    folds = folds_of(rows, 2)
    model, _ = trained(rows, folds)
    expected = numbers_of(unseen_rows(model, rows, folds))
    monkeypatch.setattr(_predict, "_CHUNK_ROWS", chunk)
    for part, whole in zip(
        numbers_of(unseen_rows(model, rows, folds)), expected, strict=True
    ):
        np.testing.assert_allclose(part, whole, rtol=1e-12)


def test_a_held_row_far_away_is_refused_by_its_number():
    rows = make_rows()
    folds = folds_of(rows, 2)
    model, _ = trained(rows, folds, dtype="float32")
    far = np.flatnonzero(folds.held[1])[0]
    rows.X[far] = 1e300
    with pytest.raises(ValueError, match=f"^row {far} of X lies so far"):
        numbers_of(unseen_rows(model, rows, folds))
