"""Answers written into AnnData: right, aligned by gene, and storable."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from simclf import BayesDecisionClassifier, load
from simclf.decision import bayes_decision, expected_scores
from simclf.scverse import _features, annotate, fit_adata
from tests.scverse.cases import GENES, KINDS, S, anndata, cells, on_disk, small

SHUFFLED = ["IL7R", "CD8A", "MS4A1", "ACTB", "CD4"]
COLUMNS = ["B", "CD4+|CD25 T", "CD8+ T"]


@pytest.fixture(scope="module")
def clf():
    return fit_adata(small(), cells(), "cell_type")


def wrapped():
    return BayesDecisionClassifier(LogisticRegression(), S, cv=2)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
@pytest.mark.parametrize("backed", [False, True])
def test_what_is_written_is_what_the_classifier_says(
    clf, form, backed, tmp_path, monkeypatch
):
    adata = cells(n=30, seed=1, form=form)
    rows = pd.DataFrame(cells(n=30, seed=1, form=np.asarray).X, columns=GENES)
    given = on_disk(adata, tmp_path) if backed else adata
    monkeypatch.setattr(_features, "_CHUNK_ROWS", 7)
    assert annotate(clf, given) is None
    proba = clf.predict_proba(rows)
    np.testing.assert_allclose(given.obsm["simclf_proba"], proba, atol=1e-6)
    assert given.obsm["simclf_proba"].columns.tolist() == COLUMNS
    assert given.obsm["simclf_proba"].index.equals(given.obs_names)
    answers = given.obs["simclf"]
    assert answers.cat.categories.tolist() == [*KINDS, "T cell"]
    assert answers.tolist() == clf.predict(rows).tolist()
    assert "T cell" in set(answers)
    codes = bayes_decision(proba, S.to_numpy())
    for cell, (code, earned) in enumerate(
        zip(codes, expected_scores(proba, S.to_numpy()), strict=True)
    ):
        others = np.delete(earned, code)
        score = given.obs["simclf_score"].iloc[cell]
        assert score == pytest.approx(earned[code], abs=1e-6)
        margin = given.obs["simclf_margin"].iloc[cell]
        assert margin == pytest.approx(earned[code] - others.max(), abs=1e-6)
    assert given.uns["simclf"]["params"]["n_members"] == "2"
    assert "similarity" not in given.uns["simclf"]["params"]
    assert given.uns["simclf"]["classifier"] == "SimilarityAwareClassifier"


def test_it_survives_a_file(clf, tmp_path):
    adata = cells(n=12, seed=1)
    annotate(clf, adata, key_added="kind")
    adata.write_h5ad(tmp_path / "annotated.h5ad")
    again = anndata.read_h5ad(tmp_path / "annotated.h5ad")
    pd.testing.assert_frame_equal(again.obs, adata.obs)
    pd.testing.assert_frame_equal(again.obsm["kind_proba"], adata.obsm["kind_proba"])
    assert again.uns["kind"]["params"] == adata.uns["kind"]["params"]
    table = again.uns["kind"]["table"]
    assert table.index.tolist() == KINDS
    assert table.columns.tolist() == [*COLUMNS, "T cell"]
    np.testing.assert_array_equal(table, S)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_genes_are_found_by_name(clf, form):
    adata = cells(n=12, seed=1)
    annotate(clf, adata)
    other = cells(
        n=12, seed=1, form=form, genes=["IL7R", "CD8A", "MS4A1", "ACTB", "CD4"]
    )
    more = anndata.AnnData(
        form(np.concatenate([other.to_df(), other.to_df() * 7], axis=1)),
        obs=other.obs,
        var=pd.DataFrame(index=[*other.var_names, *"vwxyz"]),
    )
    for given in (other, more):
        annotate(clf, given)
        np.testing.assert_allclose(
            given.obsm["simclf_proba"], adata.obsm["simclf_proba"], atol=1e-6
        )


def test_missing_genes_are_refused_by_name(clf):
    adata = cells(genes=["CD8A", "MS4A1", "ACTB"])
    match = (
        r"^2 of the 5 genes that the classifier was fitted to are not in "
        r"adata\.var_names: \['CD4', 'IL7R'\]\. Name genes as in the fit, or fit again "
        r"to the genes that both have\.$"
    )
    with pytest.raises(ValueError, match=match):
        annotate(clf, adata)
    assert "simclf" not in adata.obs


def test_a_representation_is_no_place_for_genes(clf):
    adata = cells()
    adata.obsm["X_pca"] = adata.X.toarray()
    match = (
        r"^the classifier was fitted to columns of these names: \['MS4A1', 'CD4', "
        r"'CD8A', 'ACTB', 'IL7R'\]; those of use_rep have none\. Leave use_rep out, or "
        r"fit with it\.$"
    )
    with pytest.raises(ValueError, match=match):
        annotate(clf, adata, use_rep="X_pca")


def test_a_representation_is_annotated_by_itself():
    adata = cells()
    adata.obsm["X_pca"] = adata.X.toarray()[:, :3]
    adata.obsm["scores"] = pd.DataFrame(
        adata.obsm["X_pca"], index=adata.obs_names, columns=["a", "b", "c"]
    )
    plain = fit_adata(small(), adata, "cell_type", use_rep="X_pca")
    annotate(plain, adata, use_rep="X_pca")
    named = fit_adata(small(), adata, "cell_type", use_rep="scores")
    assert named.feature_names_in_.tolist() == ["a", "b", "c"]
    adata.obsm["scores"] = adata.obsm["scores"][["c", "a", "b"]]
    annotate(named, adata, use_rep="scores", key_added="named")
    np.testing.assert_allclose(
        adata.obsm["named_proba"], adata.obsm["simclf_proba"], atol=1e-6
    )


def test_a_classifier_without_names_takes_columns_as_they_stand():
    adata = cells()
    clf = small().fit(adata.X, adata.obs["cell_type"])
    match = r"^the classifier was fitted without names, so genes cannot be compared"
    with pytest.warns(UserWarning, match=match) as caught:
        annotate(clf, adata)
    assert caught[0].filename == __file__
    np.testing.assert_allclose(
        adata.obsm["simclf_proba"], clf.predict_proba(adata.X), atol=1e-6
    )


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(
    "make",
    [
        lambda: make_pipeline(MaxAbsScaler(), small()),
        lambda: make_pipeline(MaxAbsScaler(), wrapped()),
        wrapped,
    ],
)
def test_pipelines_and_any_classifier_annotate_too(make, form):
    adata = cells(form=form)
    clf = fit_adata(make(), adata, "cell_type")
    annotate(clf, adata)
    rows = pd.DataFrame(cells(form=np.asarray).X, columns=GENES)
    assert adata.obs["simclf"].tolist() == clf.predict(rows).tolist()
    np.testing.assert_allclose(
        adata.obsm["simclf_proba"], clf.predict_proba(rows), atol=1e-6
    )


@pytest.mark.parametrize("n_kinds", [2, 3])
def test_a_loss_of_answers_alone_gives_their_probabilities(n_kinds):
    table, adata = S.iloc[:n_kinds, :n_kinds], cells()
    adata = adata[adata.obs["cell_type"].isin(KINDS[:n_kinds])].copy()
    clf = fit_adata(small(table, loss="entropic_score"), adata, "cell_type")
    annotate(clf, adata)
    proba = adata.obsm["simclf_proba"].to_numpy()
    np.testing.assert_allclose(adata.obs["simclf_score"], proba.max(axis=1), atol=1e-6)
    first, second = np.sort(proba, axis=1)[:, :-3:-1].T
    np.testing.assert_allclose(adata.obs["simclf_margin"], first - second, atol=1e-6)


def test_a_classifier_of_numbers_and_a_word_is_stored(tmp_path):
    adata = cells()
    adata.obs["cluster"] = np.arange(60) % 3
    table = S.set_axis([0, 1, 2]).set_axis([0, 1, 2, "T cell"], axis=1)
    clf = fit_adata(small(table), adata, "cluster")
    annotate(clf, adata)
    assert adata.obs["simclf"].cat.categories.tolist() == ["0", "1", "2", "T cell"]
    adata.write_h5ad(tmp_path / "a.h5ad")
    again = anndata.read_h5ad(tmp_path / "a.h5ad")
    pd.testing.assert_frame_equal(again.obs, adata.obs)


def test_columns_keep_their_slashes_where_they_would_else_be_alike():
    adata = cells()
    kinds = ["a/b", "a|b", "c"]
    adata.obs["kind"] = np.array(kinds)[np.arange(60) % 3]
    clf = fit_adata(small(None), adata, "kind")
    annotate(clf, adata)
    assert adata.obsm["simclf_proba"].columns.tolist() == kinds


def test_cells_of_a_view_are_annotated(clf):
    adata = cells()
    annotate(clf, adata)
    some = adata[::4, ::-1].copy()
    annotate(clf, some, key_added="again")
    assert some.obs["again"].tolist() == some.obs["simclf"].tolist()


def test_no_cells_are_refused(clf):
    with pytest.raises(ValueError, match="0 sample"):
        annotate(clf, cells()[:0].copy())


def test_other_classifiers_are_refused_with_the_remedy():
    adata = cells()
    scaler = StandardScaler(with_mean=False)
    clf = fit_adata(make_pipeline(scaler, LogisticRegression()), adata, "cell_type")
    match = (
        r"^clf is a LogisticRegression, which has no expected scores; pass a fitted "
        r"SimilarityAwareClassifier or BayesDecisionClassifier \(which any classifier "
        r"can be wrapped in\), a pipeline that ends in one, or best_estimator_ of a "
        r"search\.$"
    )
    with pytest.raises(TypeError, match=match):
        annotate(clf, adata)


def test_a_saved_classifier_annotates_as_before(clf, tmp_path):
    clf.save(tmp_path / "cells.safetensors")
    first, second = cells(n=12, seed=1), cells(n=12, seed=1, genes=SHUFFLED)
    annotate(clf, first)
    annotate(load(tmp_path / "cells.safetensors"), second)
    pd.testing.assert_frame_equal(first.obs, second.obs, atol=1e-6)
