"""One fit on two processes against one: run as a script by test_distributed."""

import os
import sys

import numpy as np
import torch.multiprocessing as mp
from sklearn.datasets import load_iris

from simclf import SimilarityAwareClassifier
from simclf.distributed import data_parallel
from tests.grid_on_dask import NAMES, S

SETTINGS = [
    {"loss": "cross_entropy"},
    {"loss": "tailored_score", "early_stopping": False, "batch_size": 32},
    # Batches of one row leave nothing to the second process.
    {"loss": "entropic_score", "batch_size": 1, "max_epochs": 1},
]


def fit(settings: dict[str, object], seed: int | None) -> SimilarityAwareClassifier:
    """Fit a small model in float64, where the order of additions hardly shows."""
    X, codes = load_iris(return_X_y=True)
    quick = {"max_epochs": 6, "n_members": 2, "dtype": "float64"}
    clf = SimilarityAwareClassifier(S, **(quick | settings), random_state=seed)
    return clf.fit(X, NAMES[codes])


def work(rank: int, folder: str, port: str) -> None:
    """Fit on this process and its sibling, and write what came out."""
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}
    X, _ = load_iris(return_X_y=True)
    from accelerate import Accelerator

    with data_parallel(Accelerator(cpu=True)) as accelerator:
        assert accelerator.num_processes == 2
        models = [fit(settings, seed=3) for settings in SETTINGS]
        models.append(fit({}, seed=None))
    np.savez(
        f"{folder}/{rank}.npz",
        curves=np.array([model.loss_curve_[0] for model in models]),
        proba=np.array([model.predict_proba(X) for model in models]),
    )


def main() -> None:
    """Compare two processes with each other and with one."""
    folder, port = sys.argv[1:]
    mp.spawn(work, (folder, port), nprocs=2)
    first, second = (np.load(f"{folder}/{rank}.npz") for rank in range(2))
    np.testing.assert_array_equal(first["proba"], second["proba"])
    np.testing.assert_array_equal(first["curves"], second["curves"])
    X, _ = load_iris(return_X_y=True)
    for place, settings in enumerate(SETTINGS):
        alone = fit(settings, seed=3)
        np.testing.assert_allclose(
            first["proba"][place], alone.predict_proba(X), rtol=1e-6, atol=1e-9
        )
        np.testing.assert_allclose(first["curves"][place], alone.loss_curve_[0])


if __name__ == "__main__":
    main()
