"""Small AnnData objects, with labels that have slashes as cell types do."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from simclf import SimilarityAwareClassifier

anndata = pytest.importorskip("anndata")

KINDS = ["B", "CD4+/CD25 T", "CD8+ T"]
GENES = ["MS4A1", "CD4", "CD8A", "ACTB", "IL7R"]
S = pd.DataFrame(
    [[1.0, 0.1, 0.0, 0.3], [0.0, 1.0, 0.6, 0.95], [0.05, 0.5, 1.0, 0.95]],
    index=KINDS,
    columns=[*KINDS, "T cell"],
)


def cells(n=60, seed=0, form=sparse.csr_matrix, genes=GENES):
    """Return counts of some genes, which tell the kinds, in cells of three kinds."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % 3
    mean = np.full((n, len(GENES)), 0.5)
    mean[np.arange(n), codes] = 2.0
    frame = pd.DataFrame(rng.poisson(mean).astype(np.float32), columns=GENES)
    names = [f"cell {number}" for number in range(n)]
    return anndata.AnnData(
        form(frame[genes].to_numpy()),
        obs=pd.DataFrame(
            {"cell_type": pd.Categorical(np.array(KINDS)[codes])}, index=names
        ),
        var=pd.DataFrame(index=genes),
    )


def small(similarity=S, **params):
    """Return a classifier that is fitted in no time."""
    chosen = {"n_members": 2, "max_epochs": 15, "lr": 0.02, "random_state": 0}
    return SimilarityAwareClassifier(similarity, **(chosen | params))


def on_disk(adata, folder):
    """Return the same cells, their matrix read from a file as it is needed."""
    adata.write_h5ad(folder / "cells.h5ad")
    return anndata.read_h5ad(folder / "cells.h5ad", backed="r")
