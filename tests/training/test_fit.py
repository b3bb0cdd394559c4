"""From rows to a model and back to probabilities."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from scipy.special import softmax
from torch import nn

from simclf._inputs import LabelledRows
from simclf.decision import fit_temperature
from simclf.similarity import resolve_table
from simclf.training import _fit as room
from simclf.training import (
    answer_proba,
    calibrate,
    class_proba,
    mean_scores,
    split_rows,
    start_model,
    train_model,
)
from simclf.training._fit import unseen_proba
from tests.training.cases import (
    CLASSES,
    SEEDS,
    TABLE,
    make_model,
    make_rows,
    make_settings,
)

WIDE = resolve_table(
    pd.DataFrame(TABLE.values, CLASSES, CLASSES).assign(refer=[0.3, 0.2, 0.1]), CLASSES
)


def trained(rows=None, held=None, **params):
    rows = make_rows() if rows is None else rows
    params = {"max_epochs": 3, "batch_size": 16, "lr": 0.05} | params
    model, settings = make_model(rows, **params)
    train_model(model, rows, held, settings, SEEDS, n_epochs=settings.max_epochs)
    return model, settings


def numbers(model):
    return torch.cat([p.detach().flatten() for p in model.net.module_.parameters()])


# Rows held out ----------------------------------------------------------------


def test_nothing_is_held_out_where_nothing_is_measured():
    settings = make_settings(early_stopping=False, calibration=None)
    assert split_rows(make_rows(), settings, SEEDS) is None


@pytest.mark.parametrize("n_members", [1, 4])
def test_every_member_holds_out_a_share_of_its_own(n_members):
    settings = make_settings(validation_fraction=0.2, n_members=n_members)
    held = split_rows(make_rows(60), settings, SEEDS).held
    assert held.shape == (n_members, 60)
    assert held.sum(axis=0).max() == 1
    assert (np.abs(held.sum(axis=1) - 12) <= 3).all()


def test_too_few_rows_are_all_learned_from():
    assert split_rows(make_rows(4), make_settings(), SEEDS) is None


# The model --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "kind"), [("float32", torch.float32), ("float64", torch.float64)]
)
def test_a_model_is_built_as_asked(dtype, kind):
    model, _ = make_model(dtype=dtype, n_members=3, lr=0.25, optimizer="sgd")
    assert {p.dtype for p in model.net.module_.parameters()} == {kind}
    assert isinstance(model.net.optimizer_, torch.optim.SGD)
    assert model.net.optimizer_.defaults["lr"] == 0.25
    assert model.net.optimizer_.defaults["weight_decay"] == 0.01
    assert model.net.optimizer_.defaults["momentum"] == 0.9
    assert model.net.criterion_.classes.tolist() == CLASSES.tolist()
    assert model.net.module_(torch.zeros(6, 4, dtype=kind)).shape == (3, 6, 3)


def test_features_are_measured_with_their_weights():
    weight = np.linspace(0.5, 1.5, 50)
    rows = make_rows(weight=weight)
    model, _ = make_model(rows)
    mean = np.average(rows.X, axis=0, weights=weight)
    np.testing.assert_allclose(model.standardizer.mean, mean, rtol=1e-12)
    variance = np.average((rows.X - mean) ** 2, axis=0, weights=weight)
    np.testing.assert_allclose(model.standardizer.scale, variance**0.5, rtol=1e-12)


def test_features_may_be_left_as_they_are():
    model, _ = make_model(standardize=False)
    assert model.standardizer.mean is None
    assert model.standardizer.scale is None


@pytest.mark.parametrize(
    ("loss", "n_outputs"), [("cross_entropy", 3), ("expected_score", 4)]
)
def test_a_wide_table_has_an_output_for_each_answer_that_is_learned(loss, n_outputs):
    model, _ = make_model(table=WIDE, loss=loss)
    assert mean_scores(model, make_rows().X).shape == (50, n_outputs)


def test_a_previous_model_is_gone_on_with():
    rows, other = make_rows(), make_rows(seed=7)
    first, settings = trained(rows)
    before = numbers(first).clone()
    model = start_model(other, TABLE, settings, SEEDS, previous=first)
    assert torch.equal(numbers(model), before)
    assert model.standardizer is first.standardizer
    assert len(model.net.history) == 0
    assert model.net.optimizer_.state_dict()["state"] == {}


def test_training_ends_in_eval_mode():
    def normed(n_features, n_outputs):
        return nn.Sequential(
            nn.BatchNorm1d(n_features), nn.Linear(n_features, n_outputs)
        )

    model, _ = trained(module=normed)
    assert not any(module.training for module in model.net.module_.modules())
    X = make_rows(seed=3).X
    np.testing.assert_allclose(
        class_proba(model, X, 3)[:1], class_proba(model, X[:1], 3), rtol=1e-12
    )


CALLERS = {
    "no_grad": torch.no_grad,
    "inference": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "default device": lambda: torch.device("meta"),
}


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
@pytest.mark.parametrize("module", ["mlp", nn.Linear])
def test_what_the_caller_has_switched_on_changes_nothing(caller, module):
    params = {"module": module, "dtype": "float32", "early_stopping": True}
    held, X = make_rows(20, seed=4), make_rows(seed=5).X
    expected, settings = trained(held=held, **params)
    with caller():
        model, _ = trained(held=held, **params)
        proba = class_proba(model, X, 3)
        temperature = calibrate(model, make_rows(), held, settings)
    assert torch.equal(numbers(model), numbers(expected))
    assert np.array_equal(proba, class_proba(expected, X, 3))
    assert temperature == calibrate(expected, make_rows(), held, settings)


@pytest.mark.parametrize("n_members", [1, 2])
def test_layers_that_draw_have_numbers_of_their_own(n_members):
    def with_dropout(n_features, n_outputs):
        return nn.Sequential(nn.Dropout(0.5), nn.Linear(n_features, n_outputs))

    before = torch.get_rng_state()
    first, _ = trained(module=with_dropout, n_members=n_members)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    second, _ = trained(module=with_dropout, n_members=n_members)
    assert torch.equal(numbers(first), numbers(second))


def test_networks_that_do_not_draw_take_no_turns(monkeypatch):
    monkeypatch.setattr(
        room, "seeded_global_generator", lambda *_: pytest.fail("seeded")
    )
    trained(module="mlp")


def test_rows_held_out_are_not_judged_by_without_patience():
    held = make_rows(20, seed=4)
    model, _ = trained(held=held, early_stopping=False)
    assert "valid_loss" not in model.net.history[-1]
    model, _ = trained(held=held, early_stopping=True)
    assert "valid_loss" in model.net.history[-1]


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


def test_answers_that_are_no_class_are_left_out_of_the_classes():
    model, _ = make_model(table=WIDE, loss="expected_score")
    X = make_rows().X
    answers = answer_proba(model, X)
    assert answers.shape == (50, 4)
    expected = answers[:, :3] / answers[:, :3].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(class_proba(model, X, 3), expected, rtol=1e-12)


def test_classes_that_have_all_underflowed_are_equally_likely():
    model, _ = make_model(table=WIDE, loss="expected_score", dtype="float32")
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


def test_no_chunk_is_larger_than_allowed(monkeypatch):
    model, _ = make_model()
    monkeypatch.setattr(room, "_CHUNK_ENTRIES", 28)
    sizes = [scores.shape[1] for scores in room._score_chunks(model, make_rows().X)]
    assert sizes == [7] * 7 + [1]


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


def test_one_member_that_overflows_is_enough():
    model, _ = trained(n_members=3)
    with torch.no_grad():
        next(model.net.module_.parameters())[1] = 1e308
    X = np.zeros((4, 4))
    X[2] = 1e3
    with pytest.raises(ValueError, match=r"^row 2 of X lies so far"):
        class_proba(model, X + model.standardizer.mean * (X == 0), 3)


# The temperature --------------------------------------------------------------


def test_the_temperature_is_fitted_on_the_rows_given():
    weight = np.linspace(0.5, 1.5, 30)
    held = make_rows(30, seed=6, weight=weight)
    model, settings = trained(max_epochs=20, lr=0.5)
    temperature = calibrate(model, make_rows(), held, settings)
    proba = class_proba(model, held.X, 3)
    assert temperature == fit_temperature(proba, held.codes, weight)
    assert temperature != fit_temperature(proba, held.codes)
    assert temperature != 1.0


def test_there_is_no_temperature_without_rows_or_wish():
    model, settings = trained()
    assert calibrate(model, make_rows(), None, settings) == 1.0
    unwanted = make_settings(calibration=None)
    assert calibrate(model, make_rows(), make_rows(30, seed=6), unwanted) == 1.0


def folds_of(rows, n_members, **params):
    return split_rows(rows, make_settings(n_members=n_members, **params), SEEDS)


@pytest.mark.parametrize("n_members", [1, 3])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("module", ["linear", nn.Linear])
def test_rows_are_calibrated_by_the_members_that_hold_them_out(n_members, form, module):
    weight = np.linspace(0.5, 1.5, 50)
    rows = make_rows(weight=weight)
    given = LabelledRows(form(rows.X), rows.codes, CLASSES, weight)
    folds = folds_of(rows, n_members)
    model, settings = trained(given, folds, n_members=n_members, module=module)
    proba, codes, seen_weight = unseen_proba(model, given, folds)
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


def test_a_temperature_needs_no_more_probabilities_than_fit(monkeypatch):
    rows = make_rows(300)
    folds = folds_of(rows, 2)
    model, _ = trained(rows, folds)
    every = unseen_proba(model, rows, folds)
    monkeypatch.setattr(room, "_UNSEEN_ENTRIES", 90)
    some = unseen_proba(model, rows, folds)
    assert some[0].size <= 90
    assert len(some[1]) == len(some[2]) == len(some[0])
    assert {tuple(p) for p in some[0]} <= {tuple(p) for p in every[0]}


@pytest.mark.parametrize("chunk", [1, 2, 2**14])
def test_chunks_of_rows_held_out_make_no_difference(monkeypatch, chunk):
    rows = make_rows()
    folds = folds_of(rows, 2)
    model, _ = trained(rows, folds)
    expected = unseen_proba(model, rows, folds)
    monkeypatch.setattr(room, "_CHUNK_ROWS", chunk)
    for part, whole in zip(unseen_proba(model, rows, folds), expected, strict=True):
        np.testing.assert_allclose(part, whole, rtol=1e-12)


def test_a_held_row_far_away_is_refused_by_its_number():
    rows = make_rows()
    folds = folds_of(rows, 2)
    model, _ = trained(rows, folds, dtype="float32")
    far = np.flatnonzero(folds.held[1])[0]
    rows.X[far] = 1e300
    with pytest.raises(ValueError, match=f"^row {far} of X lies so far"):
        unseen_proba(model, rows, folds)


# Rows of each member's own ----------------------------------------------------


@pytest.mark.parametrize("module", ["linear", "mlp", nn.Linear])
@pytest.mark.parametrize("n_members", [1, 2])
def test_a_row_held_out_teaches_the_member_nothing(module, n_members):
    params = {"module": module, "n_members": n_members, "standardize": False}
    rows = make_rows()
    folds = folds_of(rows, n_members)
    before, _ = trained(rows, folds, early_stopping=False, **params)
    last = n_members - 1
    codes = np.where(folds.held[last], (rows.codes + 1) % 3, rows.codes)
    other = LabelledRows(rows.X, codes, CLASSES, None)
    after, _ = trained(other, folds, early_stopping=False, **params)
    X = make_rows(seed=5).X
    with torch.no_grad():
        first, second = (m.net.module_(torch.from_numpy(X)) for m in (before, after))
    assert torch.equal(first[last], second[last])
    if n_members > 1:
        assert not torch.equal(first[0], second[0])


@pytest.mark.parametrize("module", ["linear", "mlp", nn.Linear])
def test_members_are_judged_by_rows_of_their_own(module):
    weight = np.linspace(0.5, 1.5, 50)
    rows = make_rows(weight=weight)
    folds = folds_of(rows, 3)
    model, _ = make_model(rows, module=module, n_members=3)
    valid = room._judges(room._rows_on(rows, model, folds), rows, folds, model)
    model.net.module_.eval()
    losses = model.net.validation_losses(valid)
    with torch.no_grad():
        features = torch.from_numpy(model.standardizer(rows.X, np.dtype(np.float64)))
        scores = model.net.module_(features)
        pointwise = model.net.criterion_.pointwise(scores, torch.tensor(rows.codes))
    for loss, each, held in zip(losses, pointwise.numpy(), folds.held, strict=True):
        expected = np.average(each[held], weights=weight[held])
        assert loss.item() == pytest.approx(expected, rel=1e-9)
