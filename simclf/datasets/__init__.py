"""Real data sets with a score table each, read from the installed package."""

from simclf.datasets._cell_ontology import load_cell_ontology
from simclf.datasets._pbmc import load_pbmc
from simclf.datasets._pbmc_adata import load_pbmc_adata
from simclf.datasets._penguins import load_penguins
from simclf.datasets._reads_16s import load_16s_reads

__all__ = [
    "load_16s_reads",
    "load_cell_ontology",
    "load_pbmc",
    "load_pbmc_adata",
    "load_penguins",
]
