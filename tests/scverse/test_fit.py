"""Fits to AnnData: the same as fits to its matrix, whatever it is held in."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from simclf import BayesDecisionClassifier
from simclf.scverse import _features, fit_adata
from tests.scverse.cases import GENES, KINDS, S, cells, on_disk, small

FORMS = [np.asarray, sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("backed", [False, True])
def test_a_fit_is_that_to_the_matrix(form, backed, tmp_path, monkeypatch):
    adata = cells(form=form)
    expected = small().fit(
        adata.X.tocsr() if sparse.issparse(adata.X) else adata.X, adata.obs["cell_type"]
    )
    monkeypatch.setattr(_features, "_CHUNK_ROWS", 7)
    clf = fit_adata(small(), on_disk(adata, tmp_path) if backed else adata, "cell_type")
    dense = cells(form=np.asarray)
    frame = pd.DataFrame(dense.X, columns=GENES)
    np.testing.assert_array_equal(
        clf.predict_proba(frame), expected.predict_proba(dense.X)
    )
    assert clf.feature_names_in_.tolist() == GENES
    assert clf.feature_names_in_.dtype == object
    assert clf.classes_.tolist() == KINDS


def test_a_sparse_matrix_is_never_made_dense_as_a_whole(monkeypatch):
    seen = []
    clf = small()
    real = type(clf).fit

    def fit(self, X, y):
        seen.append(X)
        return real(self, X, y)

    monkeypatch.setattr(type(clf), "fit", fit)
    adata = cells()
    fit_adata(clf, adata, "cell_type")
    assert seen[0].format == "csr"
    # Not even a copy where all cells are labelled.
    assert np.shares_memory(seen[0].data, adata.X.data)


@pytest.mark.parametrize("backed", [False, True])
@pytest.mark.parametrize("unlabeled", ["Unknown", np.nan])
def test_only_labelled_cells_are_learned_from(unlabeled, backed, tmp_path, monkeypatch):
    monkeypatch.setattr(_features, "_CHUNK_ROWS", 7)
    adata = cells()
    labels = adata.obs["cell_type"].astype(object)
    labels.iloc[[0, 8, 59]] = np.nan
    if unlabeled == "Unknown":
        labels.iloc[[3, 30]] = "Unknown"
    known = ~labels.isin([np.nan, "Unknown"]).to_numpy()
    expected = small().fit(adata.X[known], labels[known])
    adata.obs["cell_type"] = labels.astype("category")
    given = on_disk(adata, tmp_path) if backed else adata
    clf = fit_adata(small(), given, "cell_type", unlabeled=unlabeled)
    assert clf.classes_.tolist() == KINDS
    rows = pd.DataFrame(cells(form=np.asarray).X, columns=GENES)
    np.testing.assert_array_equal(
        clf.predict_proba(rows), expected.predict_proba(rows.to_numpy())
    )


def test_a_layer_or_a_representation_takes_the_place_of_the_matrix():
    adata = cells()
    dense = adata.X.toarray()
    adata.layers["log"] = sparse.csr_matrix(np.log1p(dense))
    adata.obsm["X_pca"] = dense[:, :3] - dense[:, 1:4]
    adata.X = None
    layer = fit_adata(small(), adata, "cell_type", layer="log")
    expected = small().fit(np.log1p(dense), adata.obs["cell_type"])
    rows = pd.DataFrame(np.log1p(dense), columns=GENES)
    np.testing.assert_allclose(
        layer.predict_proba(rows), expected.predict_proba(rows.to_numpy()), atol=1e-3
    )
    reduced = fit_adata(small(), adata, "cell_type", use_rep="X_pca")
    assert not hasattr(reduced, "feature_names_in_")
    assert reduced.n_features_in_ == 3


def test_names_reach_whoever_sees_the_genes_first():
    adata = cells()
    chain = make_pipeline("passthrough", MaxAbsScaler(), small())
    assert fit_adata(chain, adata, "cell_type")[1].feature_names_in_.tolist() == GENES
    forest = LogisticRegression()
    wrapped = BayesDecisionClassifier(make_pipeline(MaxAbsScaler(), forest), S, cv=2)
    wrapped = fit_adata(wrapped, adata, "cell_type")
    assert wrapped.feature_names_in_.tolist() == GENES
    dense = fit_adata(
        make_pipeline(StandardScaler(), small()), cells(form=np.asarray), "cell_type"
    )
    assert dense.feature_names_in_.tolist() == GENES


def test_missing_labels_are_refused_unless_said():
    adata = cells()
    labels = adata.obs["cell_type"].astype(object)
    labels.iloc[[4, 9]] = None
    adata.obs["cell_type"] = labels
    match = (
        r"^2 of 60 cells have no label in adata\.obs\['cell_type'\], the first is "
        r"number 4\. Pass unlabeled=float\('nan'\) to learn from the others\.$"
    )
    with pytest.raises(ValueError, match=match):
        fit_adata(small(), adata, "cell_type")
    adata.obs["cell_type"] = np.nan
    match = r"^no cell has a label in adata\.obs\['cell_type'\]; name another column\.$"
    with pytest.raises(ValueError, match=match):
        fit_adata(small(), adata, "cell_type", unlabeled=np.nan)


def test_a_label_that_no_cell_has_is_warned_of():
    adata = cells()
    match = (
        r"^unlabeled='unknwon' is the label of no cell in adata\.obs\['cell_type'\], "
        r"which has \['B', 'CD4\+/CD25 T', 'CD8\+ T'\]; all labelled cells are learned "
        r"from\.$"
    )
    with pytest.warns(UserWarning, match=match) as caught:
        fit_adata(small(), adata, "cell_type", unlabeled="unknwon")
    assert caught[0].filename == __file__


def test_a_label_that_the_table_does_not_know_may_be_unlabeled():
    adata = cells()
    labels = adata.obs["cell_type"].astype(object)
    labels.iloc[3] = "Unknown"
    adata.obs["cell_type"] = labels
    match = (
        r"^similarity has no row for class 'Unknown'\. .*; add the row\. Or, if it "
        r"means that the type is unknown, pass it as unlabeled\.$"
    )
    with pytest.raises(ValueError, match=match):
        fit_adata(small(), adata, "cell_type")


@pytest.mark.parametrize(
    ("key", "given", "match"),
    [
        (
            "Cell_type",
            {},
            (
                r"^labels_key='Cell_type' is not in adata\.obs, which has "
                r"\['cell_type'\]; rename 'cell_type' \(case and spaces must match\)\.$"
            ),
        ),
        (
            "cell_type",
            {"layer": "log"},
            r"^layer='log' is not in adata\.layers, which has \[\]\.$",
        ),
        ("cell_type", {"use_rep": "X_pca"}, r"^use_rep='X_pca' is not in adata\.obsm"),
        (
            "cell_type",
            {"use_rep": "X_pca", "layer": "log"},
            (
                r"^layer='log' and use_rep='X_pca' are both given; a layer is of "
                r"genes, a representation is instead of them\. Give one of the two\.$"
            ),
        ),
    ],
)
def test_keys_that_are_not_there_are_refused(key, given, match):
    with pytest.raises(ValueError, match=match):
        fit_adata(small(), cells(), key, **given)


def test_an_empty_matrix_is_refused():
    adata = cells()
    adata.X = None
    match = r"^adata\.X is None; name a layer, or a representation with use_rep\.$"
    with pytest.raises(ValueError, match=match):
        fit_adata(small(), adata, "cell_type")


def test_genes_that_share_a_name_are_refused():
    adata = cells()
    adata.var_names = ["CD4", "ACTB", "CD4", "IL7R", "IL7R"]
    match = (
        r"^adata\.var_names has genes that share a name, \['CD4', 'IL7R'\]; call "
        r"adata\.var_names_make_unique\(\) first\.$"
    )
    with pytest.raises(ValueError, match=match):
        fit_adata(small(), adata, "cell_type")


def test_anndata_in_the_place_of_features_is_refused_at_once():
    adata = cells()
    message = r"^X is an AnnData object; .* simclf\.scverse\.fit_adata\(clf, adata, "
    with pytest.raises(TypeError, match=message):
        small().fit(adata, adata.obs["cell_type"])
    clf = fit_adata(small(), adata, "cell_type")
    with pytest.raises(TypeError, match=message):
        clf.predict(adata)
