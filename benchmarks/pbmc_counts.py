"""Recover the counts of the immune cells that simclf ships from what scanpy ships.

scanpy's wheel carries the logarithms of counts per 10,000, to three decimals. With the
total of each cell they are whole numbers again::

    pip download --no-deps scanpy==1.11.4 && unzip scanpy-1.11.4-py3-none-any.whl
    python benchmarks/pbmc_counts.py scanpy/datasets/10x_pbmc68k_reduced.h5ad \
        simclf/datasets/data/pbmc_counts.npz
"""

import argparse

import anndata
import numpy as np

from simclf.datasets import load_pbmc


def main() -> None:
    """Write the counts, and say how far from whole numbers they were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="10x_pbmc68k_reduced.h5ad")
    parser.add_argument("target", help="pbmc_counts.npz")
    paths = parser.parse_args()
    adata = anndata.read_h5ad(paths.source)
    total = adata.obs["n_counts"].to_numpy().astype(np.int64)
    logarithms = adata.raw.X.toarray().astype(np.float64)
    counts = np.expm1(logarithms) * total[:, np.newaxis] / 1e4
    whole = np.rint(counts).astype(np.uint16)
    assert (adata.obs["bulk_labels"].to_numpy() == load_pbmc().target).all()
    again = np.log1p(whole / total[:, np.newaxis] * 1e4)
    print(f"from whole numbers: at most {np.abs(counts - whole).max():.3f}")
    print(f"from the logarithms: at most {np.abs(again - logarithms).max():.4f}")
    np.savez_compressed(
        paths.target,
        counts=whole,
        total=total.astype(np.uint16),
        cells=adata.obs_names.to_numpy().astype(str),
        genes=adata.raw.var_names.to_numpy().astype(str),
    )


if __name__ == "__main__":
    main()
