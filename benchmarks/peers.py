"""Methods that are compared: each is given the same raw rows and answers them.

A peer is fitted on all training rows. For the Bayes decision its probabilities are
divided by a temperature: a fit on nine tenths gives it, by the tenth left out. Beyond
10,000 rows that fit is also the one that answers. RealMLP always holds out a fifth,
for its own choice of the epoch, and the same fifth gives the temperature.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from problems import Split
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf import SimilarityAwareClassifier
from simclf.decision import (
    apply_temperature,
    argmax_decision,
    bayes_decision,
    fit_temperature,
)
from simclf.losses import CrossEntropyLoss

MAX_REFIT_ROWS = 10_000


@dataclass(frozen=True)
class Outcome:
    """What a method answered to the test rows, by table, and what it cost."""

    decision: str
    answers: dict[str, np.ndarray]
    proba: np.ndarray
    seconds: float


Method = Callable[[Split], Iterator[Outcome]]


def oracle(split: Split) -> Iterator[Outcome]:
    """Answer by the true posterior, where it is known."""
    if split.posterior is not None:
        yield from _both(split, *[split.posterior(split.X_test)] * 2, (0.0, 0.0))


def simclf_with(**params: Any) -> Method:
    """Build a method from simclf's estimator with some parameters changed."""

    def answer(split: Split) -> Iterator[Outcome]:
        tables = dict(split.tables)
        while tables:
            name = next(iter(tables))
            clf = SimilarityAwareClassifier(
                tables[name], random_state=split.seed, device="cpu", **params
            )
            seconds = _timed(lambda clf=clf: clf.fit(split.X_train, split.y_train))
            proba = clf.predict_proba(split.X_test)
            shared = tables if _ignores_the_table(clf) else {name: tables[name]}
            chosen = {name: clf.predict(split.X_test)}
            for other in shared.keys() - {name}:
                chosen[other] = bayes_decision(proba, shared[other])
            yield Outcome("bayes", chosen, proba, seconds)
            best = argmax_decision(proba)
            yield Outcome("argmax", dict.fromkeys(shared, best), proba, seconds)
            tables = {key: tables[key] for key in tables.keys() - shared.keys()}

    return answer


def peer(make: Callable[[int], Any]) -> Method:
    """Build a method from a scikit-learn classifier, made from a seed."""

    def answer(split: Split) -> Iterator[Outcome]:
        X, y = split.X_train, split.y_train
        kept, held = _hold_out(y, 0.1, split.seed)
        clf = make(split.seed)
        seconds = extra = _timed(lambda: clf.fit(X[kept], y[kept]))
        temperature = fit_temperature(clf.predict_proba(X[held]), y[held])
        if len(y) <= MAX_REFIT_ROWS:
            clf = make(split.seed)
            seconds = _timed(lambda: clf.fit(X, y))
            extra += seconds
        proba = clf.predict_proba(split.X_test)
        tempered = apply_temperature(proba, temperature)
        yield from _both(split, proba, tempered, (seconds, extra))

    return answer


def realmlp(split: Split) -> Iterator[Outcome]:
    """Answer by RealMLP with the defaults that its authors tuned."""
    from pytabkit import RealMLP_TD_Classifier

    for logger in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    X, y = split.X_train, split.y_train
    kept, held = _hold_out(y, 0.2, split.seed)
    clf = RealMLP_TD_Classifier(device="cpu", random_state=split.seed, n_threads=1)
    seconds = _timed(lambda: clf.fit(X[kept], y[kept], X_val=X[held], y_val=y[held]))
    temperature = fit_temperature(_proba(clf, X[held]), y[held])
    proba = _proba(clf, split.X_test)
    tempered = apply_temperature(proba, temperature)
    yield from _both(split, proba, tempered, (seconds, seconds))


def _logistic(seed: int) -> Any:
    """Logistic regression on scaled features."""
    model = LogisticRegression(max_iter=1000, random_state=seed)
    return make_pipeline(StandardScaler(), model)


def _lightgbm(seed: int) -> Any:
    """LightGBM as it comes, on one thread."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1)


def _mlp(seed: int) -> Any:
    """Scikit-learn's network on scaled features, stopping early."""
    model = MLPClassifier(early_stopping=True, random_state=seed)
    return make_pipeline(StandardScaler(), model)


METHODS: dict[str, Method] = {
    "simclf": simclf_with(),
    "logistic": peer(_logistic),
    "lightgbm": peer(_lightgbm),
    "mlp": peer(_mlp),
    "realmlp": realmlp,
    "oracle": oracle,
}
MAX_TRAINING_ROWS = {"realmlp": 5000}


def _both(
    split: Split, proba: np.ndarray, tempered: np.ndarray, seconds: tuple[float, float]
) -> Iterator[Outcome]:
    """Take both decisions: the most probable class, and by expected score."""
    best = argmax_decision(proba)
    yield Outcome("argmax", dict.fromkeys(split.tables, best), proba, seconds[0])
    chosen = {name: bayes_decision(tempered, S) for name, S in split.tables.items()}
    yield Outcome("bayes", chosen, tempered, seconds[1])


def _ignores_the_table(clf: SimilarityAwareClassifier) -> bool:
    """Whether the same net would have been trained under another table."""
    chose_by_table = clf.auto_report_ is not None
    return isinstance(clf.net_.criterion_.loss, CrossEntropyLoss) and not chose_by_table


def _hold_out(y: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split off a share of the rows, by class, at least as many as classes."""
    n_held = max(round(share * len(y)), len(np.unique(y)))
    shuffle = StratifiedShuffleSplit(1, test_size=n_held, random_state=seed)
    return next(shuffle.split(y, y))


def _proba(clf: Any, X: np.ndarray) -> np.ndarray:
    """Probabilities in float64, so that rows sum to one."""
    proba = np.asarray(clf.predict_proba(X), dtype=np.float64)
    return proba / proba.sum(axis=1, keepdims=True)


def _timed(fit: Callable[[], Any]) -> float:
    """Seconds of processor time, which other programs do not lengthen much."""
    start = time.process_time()
    fit()
    return time.process_time() - start
