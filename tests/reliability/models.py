"""Small models that are quick to fit, what they are made of, and the world around."""

import pickle
import random
import signal
from typing import Any

import numpy as np
import pandas as pd
import sklearn
import torch
from sklearn.linear_model import LogisticRegression
from skorch.callbacks import Callback
from torch import nn

from simclf import BayesDecisionClassifier, SimilarityAwareClassifier
from simclf.modules import MLP
from simclf.search import BatchedGridSearchCV

CLASSES = np.array(["ant", "bee", "cat"])
S = pd.DataFrame(
    [[1.0, 0.2, 0.5], [0.0, 1.0, 0.3], [0.6, 0.1, 1.2]],
    index=CLASSES,
    columns=CLASSES,
)


def make_rows(n: int = 60, d: int = 4, seed: int = 0) -> tuple[Any, Any]:
    """Three clouds that overlap, with labels that are words."""
    codes = np.arange(n) % 3
    noise = np.random.default_rng(seed).normal(size=(n, d))
    return noise + 0.9 * codes[:, None], CLASSES[codes]


X, Y = make_rows()
QUICK: dict[str, Any] = {
    "module": MLP((4,)),
    "max_epochs": 2,
    "lr": 0.01,
    "n_members": 2,
    "random_state": 3,
}


class Net(nn.Sequential):
    """A network of the user's own, which draws in training and holds buffers."""

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__(
            nn.Linear(n_features, 4),
            nn.BatchNorm1d(4),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(4, n_outputs),
        )


class Raises(Callback):
    """Raises an error at the end of an epoch."""

    def __init__(self, error: Any, epoch: int = 1) -> None:
        self.error = error
        self.epoch = epoch

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        if len(net.history) >= self.epoch:
            raise self.error


def quick(similarity: Any = S, **parameters: Any) -> SimilarityAwareClassifier:
    """Return a classifier that is quick to fit and always the same."""
    return SimilarityAwareClassifier(similarity, **(QUICK | parameters))


def bayes(**parameters: Any) -> BayesDecisionClassifier:
    """Return a decision on top of a model of scikit-learn."""
    given = {"estimator": LogisticRegression(), "similarity": S, "cv": 2} | parameters
    return BayesDecisionClassifier(**given)


def search(**parameters: Any) -> BatchedGridSearchCV:
    """Return a search of two candidates."""
    given = {"estimator": quick(), "param_grid": {"lr": [0.01, 0.05]}, "cv": 2}
    return BatchedGridSearchCV(**(given | parameters))


def frozen(estimator: Any) -> bytes:
    """Return all that an estimator is made of."""
    return pickle.dumps(estimator)


def world() -> dict[str, Any]:
    """Return the global state that a fit must leave as it was."""
    of_numpy = np.random.get_state()  # noqa: NPY002 - the caller's generator
    return {
        "numpy": (of_numpy[1].tobytes(), of_numpy[2:]),
        "python": random.getstate(),
        "torch": torch.get_rng_state().numpy().tobytes(),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        "threads": (torch.get_num_threads(), torch.get_num_interop_threads()),
        "matmul": torch.get_float32_matmul_precision(),
        "errors": np.geterr(),
        "config": sklearn.get_config(),
        "interrupts": signal.getsignal(signal.SIGINT),
    }
