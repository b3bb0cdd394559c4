"""Every network under every loss, searched, saved, pickled, on odd features."""

import doctest
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import simclf
from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from simclf.losses import LOSSES
from simclf.modules import MLP, MODULES, Linear, PiecewiseMLP, ResidualMLP, TabM
from tests.persistence.cases import assert_same

ANIMALS = np.array(["Ape", "bat", "cow"])
S = pd.DataFrame([[1.0, 0.2, 0.5], [0.1, 1.5, 0.0], [0.7, 0.3, 1.0]], ANIMALS, ANIMALS)
RNG = np.random.default_rng(0)
Y = np.repeat(ANIMALS, 25)
X = RNG.normal(size=(75, 4)) + 2 * np.repeat(np.eye(3, 4), 25, axis=0)
SMALL = {
    "linear": Linear(),
    "mlp": MLP((8,)),
    "piecewise": PiecewiseMLP(4, 3, (8,)),
    "residual": ResidualMLP(1, 8),
    "tabm": TabM(1, 16),
    "tabm with bins": TabM(1, 16, n_bins=4, embedding_size=2),
}
each_network = pytest.mark.parametrize("module", SMALL.values(), ids=SMALL)


def fitted(module, rows=X, labels=Y, **parameters):
    settings = {"n_members": 2, "max_epochs": 2, "random_state": 0} | parameters
    return SimilarityAwareClassifier(S, module=module, **settings).fit(rows, labels)


def test_every_network_is_tried_here():
    assert {type(module) for module in SMALL.values()} == set(MODULES.values())


@pytest.mark.parametrize("loss", LOSSES)
@each_network
def test_every_loss_trains_every_network(loss, module):
    before = torch.get_rng_state()
    clf = fitted(module, loss=loss)
    assert torch.equal(torch.get_rng_state(), before)
    assert np.isfinite(clf.loss_curve_).all()
    np.testing.assert_allclose(clf.predict_proba(X).sum(axis=1), 1)
    assert set(clf.predict(X)) <= set(ANIMALS)


@each_network
@pytest.mark.parametrize("n_members", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_network_learns(module, n_members, dtype):
    clf = fitted(module, n_members=n_members, dtype=dtype, max_epochs=40, lr=0.03)
    assert clf.score(X, Y) > 0.75
    parameter = next(clf.net_.module_.parameters())
    assert parameter.dtype == getattr(torch, dtype)


@pytest.mark.parametrize("module", MODULES)
def test_a_name_is_the_network_with_its_defaults(module):
    by_name = fitted(module).predict_proba(X)
    by_component = fitted(MODULES[module]()).predict_proba(X)
    np.testing.assert_array_equal(by_name, by_component)


@each_network
def test_the_seed_alone_decides_the_model(module):
    first = fitted(module).predict_proba(X)
    state, of_numpy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002 - the caller's generator
    torch.rand(3)
    np.testing.assert_array_equal(fitted(module).predict_proba(X), first)
    assert (fitted(module, random_state=1).predict_proba(X) != first).any()
    assert (np.random.get_state()[1] == of_numpy).all()  # noqa: NPY002 - as above
    torch.set_rng_state(state)


@each_network
def test_networks_are_pickled_copied_and_saved(module, tmp_path):
    clf = fitted(module)
    assert clone(clf).module is not module
    assert_same(clf, pickle.loads(pickle.dumps(clf)), X)
    clf.save(tmp_path / "model.safetensors")
    assert_same(clf, simclf.load(tmp_path / "model.safetensors"), X)


@pytest.mark.parametrize("module", ["piecewise", "residual", "tabm"])
def test_a_network_given_by_name_is_saved(module, tmp_path):
    clf = fitted(module)
    clf.save(tmp_path / "model.safetensors")
    again = simclf.load(tmp_path / "model.safetensors")
    assert again.module == module
    assert_same(clf, again, X)
    again.partial_fit(X, Y)


@each_network
def test_a_fitted_model_is_no_larger_for_more_rows(module):
    many = fitted(module, np.tile(X, (20, 1)), np.tile(Y, 20))
    few = fitted(module)
    more = len(pickle.dumps(many)) - len(pickle.dumps(few))
    assert abs(more) < X.nbytes


def test_the_network_that_was_fitted_is_saved_whatever_is_set_after(tmp_path):
    clf = fitted(ResidualMLP(1, 8)).set_params(module__width=9)
    clf.save(tmp_path / "model.safetensors")
    again = simclf.load(tmp_path / "model.safetensors")
    assert again.module.width == 9
    assert_same(clf, again, X)


@pytest.mark.parametrize(
    ("module", "grid"),
    [
        ("residual", {"module__n_blocks": [1, 2], "module__width": [4]}),
        (PiecewiseMLP(4, 3, (8,)), {"module__n_bins": [2, 4]}),
        ("tabm", {"module__width": [4, 8], "n_members": [2]}),
        (MLP((8,)), {"module": list(SMALL.values())[:4]}),
    ],
)
def test_parameters_of_a_network_are_searched(module, grid):
    clf = SimilarityAwareClassifier(
        S, module=module, n_members=1, max_epochs=2, random_state=0
    )
    search = GridSearchCV(clf, grid, scoring=make_expected_score_scorer(S), cv=2)
    search.fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    for name, value in search.best_params_.items():
        assert str(search.best_estimator_.get_params()[name]) == str(value)


ODD = {
    "one feature": X[:, :1],
    "a constant column": np.column_stack([X, np.full(75, 3.0)]),
    "constant columns alone": np.full((75, 2), -1.0),
    "a binary column": np.column_stack([X, X[:, 0] > 1]),
    "wide": np.tile(X, 60),
    "few rows": X[::15],
}


@each_network
@pytest.mark.parametrize("rows", ODD.values(), ids=ODD)
@pytest.mark.parametrize("standardize", [True, False])
def test_odd_features_do_not_stop_a_network(module, rows, standardize):
    labels = Y if len(rows) == len(Y) else Y[::15]
    clf = fitted(module, rows, labels, standardize=standardize, max_epochs=1)
    assert np.isfinite(clf.predict_proba(rows + 100)).all()


@each_network
def test_sparse_rows_are_taken(module):
    sparse = pytest.importorskip("scipy.sparse")
    dense = fitted(module, np.maximum(X, 0), standardize=False).predict_proba(X)
    rows = sparse.csr_array(np.maximum(X, 0))
    of_sparse = fitted(module, rows, standardize=False).predict_proba(X)
    np.testing.assert_allclose(of_sparse, dense, rtol=1e-5)


def test_categories_and_missing_values_go_through_a_pipeline():
    frame = pd.DataFrame(X, columns=list("abcd")).astype({"a": object})
    frame["a"] = np.where(X[:, 0] > 1, "high", "low")
    frame.loc[3, "a"], frame.loc[[1, 5], "b"] = None, np.nan
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["a"]),
        (SimpleImputer(add_indicator=True), ["b", "c", "d"]),
    )
    clf = SimilarityAwareClassifier(S, max_epochs=20, random_state=0)
    model = make_pipeline(encode, clf).fit(frame, Y)
    assert model.score(frame, Y) > 0.7
    assert model[-1].n_features_in_ == 3 + 4
    unknown = frame.head(1).assign(a="never seen", c=np.nan)
    assert model.predict(unknown)[0] in ANIMALS


# Members that share weights ---------------------------------------------------


def test_members_that_share_weights_hold_out_the_same_rows_and_stop_together():
    clf = fitted(TabM(1, 8), n_members=3, max_epochs=5, early_stopping=True)
    assert clf.net_.module_.n_members == 3
    assert clf.temperature_ != 1
    assert "valid_loss" in clf.history_[0]
    alone = fitted(TabM(1, 8), n_members=3, max_epochs=5, early_stopping=False)
    assert clf.net_.module_(torch.zeros(2, 4)).shape == (3, 2, 3)
    assert "valid_loss" not in alone.history_[0]


def test_a_choice_of_losses_is_refused_for_members_that_share_weights():
    message = (
        r"^loss='auto' trains 2 losses side by side, but members of TabM share "
        r"weights; name one loss, for instance 'cross_entropy'\.$"
    )
    with pytest.raises(ValueError, match=message):
        fitted(TabM(1, 8), loss="auto")
    without_table = SimilarityAwareClassifier(
        loss="auto", module=TabM(1, 8), max_epochs=1, n_members=2
    )
    assert without_table.fit(X, Y).auto_report_ is None


@pytest.mark.parametrize("module", [SMALL["piecewise"], SMALL["residual"]])
def test_a_choice_of_losses_is_trained_with_members_that_do_not(module):
    assert fitted(module, loss="auto").auto_report_["chosen"] in LOSSES


def test_a_package_that_is_missing_is_named(monkeypatch, tmp_path):
    path = tmp_path / "model.safetensors"
    fitted(SMALL["tabm"]).save(path)
    monkeypatch.setitem(sys.modules, "tabm", None)
    message = r'Install it with pip install "simclf\[tabular\]"\.$'
    with pytest.raises(ImportError, match=message):
        fitted("tabm")
    with pytest.raises(ImportError, match=message):
        simclf.load(path)


def test_the_page_on_networks_runs():
    page = Path(simclf.__file__).parents[1] / "docs" / "networks.rst"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 20
    assert found.failed == 0
