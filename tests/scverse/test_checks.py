"""What cannot be read as cells, or written into them, is refused by name."""

import re
import warnings

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from simclf import SimilarityAwareClassifier
from simclf.scverse import annotate, fit_adata
from tests.scverse.cases import KINDS, cells, on_disk, small


@pytest.fixture(scope="module")
def clf():
    return fit_adata(small(), cells(), "cell_type")


@pytest.mark.parametrize("key", ["T/NK", "", "/"])
def test_a_key_that_no_file_stores_is_refused(clf, key):
    adata = cells()
    match = (
        rf"^key_added='{key}' must be a name without a slash, as files of AnnData take "
        r"a slash for a folder; use e\.g\. 'T_NK'\.$"
    )
    with pytest.raises(ValueError, match=match):
        annotate(clf, adata, key_added=key)
    assert adata.obs.columns.tolist() == ["cell_type"]


@pytest.mark.parametrize(("key", "kind"), [(3, "int"), (None, "NoneType")])
def test_a_key_that_is_no_string_is_refused(clf, key, kind):
    match = rf"^key_added={key} must be a string, got {kind}; the answers are written "
    with pytest.raises(TypeError, match=match):
        annotate(clf, cells(), key_added=key)


def test_a_view_of_a_file_is_refused_with_the_remedy(clf, tmp_path):
    view = on_disk(cells(), tmp_path)[:20]
    match = (
        r"^adata is a view of cells in a file, into which nothing can be written; call "
        r"adata = adata\.to_memory\(\) first, or annotate all cells of the file\.$"
    )
    with pytest.raises(ValueError, match=match):
        annotate(clf, view)
    some = view.to_memory()
    annotate(clf, some)
    assert len(some.obs["simclf"]) == 20


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (
            lambda clf, given: fit_adata(clf, given, "cell_type"),
            r"fit_adata takes .* For a frame or a matrix call clf\.fit\(X, y\)\.$",
        ),
        (annotate, r"annotate takes .* For a frame or a matrix call clf\.predict\(X"),
    ],
)
def test_frames_and_matrices_are_refused_with_the_remedy(clf, call, match):
    adata = cells()
    for given, kind in ((adata.to_df(), "DataFrame"), (adata.X, "csr_matrix")):
        with pytest.raises(TypeError, match=rf"^adata is a {kind}; {match}"):
            call(clf, given)


@pytest.mark.parametrize(
    "call", [lambda clf, adata: fit_adata(clf, adata, "cell_type"), annotate]
)
def test_a_class_is_refused_with_the_remedy(call):
    match = (
        r"^clf is the class SimilarityAwareClassifier; pass an instance, "
        r"SimilarityAwareClassifier\(\)\.$"
    )
    with pytest.raises(TypeError, match=match):
        call(SimilarityAwareClassifier, cells())


def test_an_unfitted_classifier_is_refused_before_any_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for clf in (small(), make_pipeline("passthrough", small())):
            with pytest.raises(NotFittedError):
                annotate(clf, cells())


def test_only_what_annotate_wrote_is_written_over(clf):
    adata = cells()
    annotate(clf, adata, key_added="kind")
    adata.obs["kind"] = KINDS[0]
    annotate(clf, adata, key_added="kind")
    assert set(adata.obs["kind"]) > {KINDS[0]}
    before = adata.obs["cell_type"].copy()
    match = (
        r"^key_added='cell_type' would write over adata\.obs\['cell_type'\], and no "
        r"record in adata\.uns\['cell_type'\] says that annotate wrote it; choose "
        r"another name, or first del adata\.obs\['cell_type'\]\.$"
    )
    with pytest.raises(ValueError, match=match):
        annotate(clf, adata, key_added="cell_type")
    assert adata.obs["cell_type"].equals(before)


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("obs", "kind"),
        ("obs", "kind_score"),
        ("obs", "kind_margin"),
        ("obsm", "kind_proba"),
        ("uns", "kind"),
    ],
)
def test_no_name_of_the_users_own_is_written_over(clf, where, name):
    adata = cells()
    mine = np.ones((adata.n_obs, 2)) if where == "obsm" else "mine"
    getattr(adata, where)[name] = mine
    columns = adata.obs.columns.tolist()
    match = rf"would write over adata\.{where}\['{name}'\], and .* first del adata\."
    with pytest.raises(ValueError, match=match):
        annotate(clf, adata, key_added="kind")
    assert adata.obs.columns.tolist() == columns
    assert np.all(getattr(adata, where)[name] == mine)
    del getattr(adata, where)[name]
    annotate(clf, adata, key_added="kind")


def test_all_names_that_are_taken_are_told_at_once(clf):
    adata = cells()
    adata.obs["kind_score"] = adata.obs["kind_margin"] = 1.0
    adata.obsm["kind_proba"] = np.ones((adata.n_obs, 1))
    taken = (
        "adata.obs['kind_score'], adata.obs['kind_margin'], adata.obsm['kind_proba']"
    )
    with pytest.raises(ValueError, match=re.escape(f"or first del {taken}.")):
        annotate(clf, adata, key_added="kind")
