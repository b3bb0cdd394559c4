"""The immune cells with all genes: the same cells as those of the table."""

import sys

import numpy as np
import pytest

from simclf.datasets import load_pbmc, load_pbmc_adata


def test_a_hundred_genes_scaled_are_those_of_the_table():
    adata, pbmc = load_pbmc_adata(), load_pbmc()
    assert adata.obs["cell_type"].tolist() == pbmc.target.tolist()
    counts = adata[:, pbmc.feature_names].layers["counts"].toarray()
    rates = counts / adata.obs["n_counts"].to_numpy()[:, None]
    for gene, rate in zip(pbmc.feature_names, rates.T, strict=True):
        assert np.corrcoef(rate, pbmc.data[gene])[0, 1] > 0.999999


def test_the_matrix_is_made_of_the_counts():
    adata = load_pbmc_adata()
    counts = adata.layers["counts"].toarray()
    np.testing.assert_array_equal(counts, np.rint(counts))
    total = adata.obs["n_counts"].to_numpy()
    assert (counts.sum(axis=1) < total).all()
    expected = np.log1p(counts / total[:, None] * 1e4)
    assert adata.X.format == adata.layers["counts"].format == "csr"
    assert adata.X.dtype == np.float32
    np.testing.assert_allclose(adata.X.toarray(), expected, rtol=1e-5)


def test_names_are_unique():
    adata = load_pbmc_adata()
    assert adata.obs_names.is_unique
    assert adata.var_names.is_unique
    assert adata.var_names[0] == "HES4"


def test_it_can_be_written(tmp_path):
    adata = load_pbmc_adata()
    adata.write_h5ad(tmp_path / "pbmc.h5ad")
    assert (tmp_path / "pbmc.h5ad").stat().st_size > 100_000


def test_without_anndata_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "anndata", None)
    with pytest.raises(ImportError, match=r'pip install "simclf\[bio\]"'):
        load_pbmc_adata()
