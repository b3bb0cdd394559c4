"""Time and memory of large data: many rows, sparse rows, files, many classes.

    python benchmarks/scale.py [--rows 1000000] [--cases fit "by hand" csr ...]

Every case runs in a process of its own, on one CPU thread. Memory is the peak of what
the process allocates (pages of files do not count) beyond what it held before, after a
small fit that has imported everything; it is sampled every few milliseconds, and given
beside the size of the data: the features, or one float64 table of the classes.

The loop by hand standardizes into a copy, and trains the same network with fused AdamW.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from scipy import sparse

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.modules import MLP

FEATURES, CLASSES, EPOCHS, BATCH = 100, 10, 2, 1024
CELLS, GENES, EXPRESSED = 50_000, 20_000, 0.03
MANY_CLASSES = 10_000
Case = Callable[[int], None]


@contextmanager
def measured(n_bytes: float, what: str) -> Iterator[None]:
    """Print seconds, and the peak of memory in MB and as a share of the data."""
    before, peak, done = _held(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            peak[0] = max(peak[0], _held())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.process_time()
    yield
    seconds = time.process_time() - start
    done.set()
    watcher.join()
    extra, size = peak[0] - before, n_bytes / 2**20
    print(
        f"{seconds:7.1f} s {extra:7.0f} MB, {extra / size:.2f} x {what} of {size:.0f}"
    )


def _held() -> float:
    """Return the memory of this process that is no file's, in MB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if "RssAnon" in line)


def classifier(table: object = None, **settings: object) -> SimilarityAwareClassifier:
    """Return a classifier that trains for as long as the loop by hand."""
    given = {
        "n_members": 1,
        "max_epochs": EPOCHS,
        "batch_size": BATCH,
        "early_stopping": False,
        "device": "cpu",
        "random_state": 0,
    }
    return SimilarityAwareClassifier(table, **(given | settings))


def dense_rows(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 features and labels."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, FEATURES), dtype=np.float32)
    return X, rng.integers(0, CLASSES, n_rows)


def fit(n_rows: int, n_members: int = 1, **settings: object) -> None:
    """Fit on rows in memory."""
    X, y = dense_rows(n_rows)
    with measured(X.nbytes, "features"):
        classifier(n_members=n_members, **settings).fit(X, y)


def fit_float64(n_rows: int) -> None:
    """Fit on rows of double precision."""
    X, y = dense_rows(n_rows)
    X = X.astype(np.float64)
    with measured(X.nbytes, "features"):
        classifier().fit(X, y)


def by_hand(n_rows: int, n_members: int = 1) -> None:
    """Train the same network in a loop."""
    X, y = dense_rows(n_rows)
    with measured(X.nbytes, "features"):
        features = torch.from_numpy((X - X.mean(axis=0)) / X.std(axis=0))
        codes = torch.from_numpy(y)
        network = MLP().build_members(FEATURES, CLASSES, n_members, None)
        optimizer = torch.optim.AdamW(network.parameters(), lr=0.002, fused=True)
        for _ in range(EPOCHS):
            for index in torch.randperm(n_rows).split(BATCH):
                optimizer.zero_grad()
                scores = network(features[index]).flatten(0, 1)
                labels = codes[index].repeat(n_members)
                (F.cross_entropy(scores, labels) * n_members).backward()
                optimizer.step()


def from_a_file(n_rows: int) -> None:
    """Fit on a memory-mapped file that may only be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X.npy"
        X, y = dense_rows(n_rows)
        np.save(path, X)
        del X
        X = np.load(path, mmap_mode="r")
        with measured(X.nbytes, "features"):
            classifier().fit(X, y)


def in_parts(n_rows: int) -> None:
    """Train one epoch in ten calls of partial_fit."""
    X, y = dense_rows(n_rows)
    clf, size = classifier(), -(-n_rows // 10)
    with measured(X.nbytes, "features"):
        for start in range(0, n_rows, size):
            part = slice(start, start + size)
            clf.partial_fit(X[part], y[part], classes=np.arange(CLASSES))


def predict(n_rows: int) -> None:
    """Predict with eight members."""
    X, y = dense_rows(n_rows)
    clf = classifier(n_members=8, max_epochs=1).fit(X[:5000], y[:5000])
    with measured(X.nbytes, "features"):
        clf.predict(X)


def csr(n_rows: int) -> None:
    """Fit on sparse rows, as of single cells; dense they would be 4 GB."""
    del n_rows
    rng = np.random.default_rng(0)
    n_genes = int(GENES * EXPRESSED)
    genes = rng.integers(0, GENES, CELLS * n_genes, dtype=np.int32)
    counts = rng.exponential(size=genes.size).astype(np.float32)
    ends = np.arange(0, genes.size + 1, n_genes, dtype=np.int64)
    X = sparse.csr_array((counts, genes, ends), shape=(CELLS, GENES))
    X.sum_duplicates()
    n_bytes = X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
    y = rng.integers(0, CLASSES, CELLS)
    with measured(n_bytes, "features"):
        classifier(max_epochs=1).fit(X, y)


def many_classes(form: str, loss: str) -> Case:
    """Return a case with a large table of a form, whose own memory is not counted."""

    def case(n_rows: int) -> None:
        del n_rows
        k, rng = MANY_CLASSES, np.random.default_rng(0)
        y = np.concatenate([np.arange(k), rng.integers(0, k, k)])
        X = rng.standard_normal((len(y), 50), dtype=np.float32)
        table = large_table(form, k, rng)
        with measured(8 * k * k, "table"), warnings.catch_warnings():
            warnings.simplefilter("ignore", SimilarityWarning)
            clf = classifier(table, loss=loss, max_epochs=1).fit(X, y)
            clf.predict(X[:1000])

    return case


def large_table(form: str, k: int, rng: np.random.Generator) -> object:
    """Return a table of a form in float64, or sparse."""
    if form == "sparse":
        near = sparse.eye_array(k, format="csr")
        rows, columns = np.repeat(np.arange(k), 4), rng.integers(0, k, 4 * k)
        return near + sparse.csr_array((np.full(4 * k, 0.1), (rows, columns)), (k, k))
    if form == "tree":
        code, table = rng.permutation(k), np.eye(k)
        for size in (10, 100, 1000):
            table += code[:, np.newaxis] // size == code // size
        return table
    if form == "low rank":
        vectors = rng.standard_normal((k, 32))
        return vectors @ vectors.T
    return rng.random((k, k)) + np.eye(k)


CASES: dict[str, Case] = {
    "fit": fit,
    "by hand": by_hand,
    "fit, stopping early": lambda n: fit(n, early_stopping=True),
    "fit, 8 members": lambda n: fit(n, 8),
    "by hand, 8 members": lambda n: by_hand(n, 8),
    "fit, float64 input": fit_float64,
    "fit, memory-mapped": from_a_file,
    "partial_fit": in_parts,
    "predict, 8 members": predict,
    "csr": csr,
} | {
    f"{form}, {loss}": many_classes(form, loss)
    for form in ("dense", "sparse", "low rank", "tree")
    for loss in ("cross_entropy", "tailored_score")
    # Products with a dense table of 10,000 classes take minutes.
    if (form, loss) != ("dense", "tailored_score")
}


def run(case: str, n_rows: int) -> None:
    """Run one case in this process."""
    torch.set_num_threads(1)
    X, y = dense_rows(100)
    classifier(max_epochs=1).fit(X, y).predict(X)
    CASES[case](n_rows)


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--cases", nargs="*", default=list(CASES))
    parser.add_argument("--here", action="store_true", help="in this process")
    settings = parser.parse_args()
    for case in settings.cases:
        if settings.here:
            run(case, settings.rows)
            continue
        print(f"{case:32s}", end="", flush=True)
        command = [sys.executable, __file__, "--here", "--cases", case]
        subprocess.run([*command, "--rows", str(settings.rows)], check=True)


if __name__ == "__main__":
    main()
