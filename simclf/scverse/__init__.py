"""Cells of an AnnData object: learned from, and annotated with answers."""

from simclf.scverse._annotate import annotate
from simclf.scverse._fit import fit_adata

__all__ = ["annotate", "fit_adata"]
