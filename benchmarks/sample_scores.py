"""Losses under scores that differ by row, where the table alone would mislead.

    python benchmarks/sample_scores.py [--seeds 3]

Three made problems in which what an answer is worth depends on the features and not on
the class alone: two classes that should be answered by a feature; five classes whose
stakes grow exponentially with one feature, and whose answers have prices that depend on
another; the digits of scikit-learn, some answers of which grow dearer with the ink.
Half of the rows are trained on with the estimator's defaults, ``sample_scores`` given
and no table, and the other half judges. Skill is the mean score of the answers, 0 for
the best constant answer and 1 for the best answer to each row.
"""

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits, make_classification

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.losses import ExpectedScoreLoss, Loss, SoftTargetLoss
from simclf.metrics import skill_score

LOSSES: dict[str, str | Loss] = {
    "cross entropy, mean table": "cross_entropy",
    "expected score, mean table": ExpectedScoreLoss(),
    "entropic_score": "entropic_score",
    "soft_target": SoftTargetLoss(temperature=0.1),
    "score_regression": "score_regression",
    "log_expected_score": "log_expected_score",
    "ExpectedScoreLoss(tau=None)": ExpectedScoreLoss(tau=None),
    "naive expected score": ExpectedScoreLoss(warm_start=0.0),
}
Problem = tuple[str, np.ndarray, np.ndarray, pd.DataFrame]


def problems(seed: int) -> Iterator[Problem]:
    """Yield name, features, labels and the scores of every row."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1500, 2))
    y, high = np.array(["ape", "cow"])[rng.integers(2, size=1500)], X[:, 0] > 0
    yield "two kinds", X, y, pd.DataFrame({"ape": 2.0 * high, "cow": 1.0 - high})

    X, codes = make_classification(
        3000,
        n_features=10,
        n_informative=6,
        n_classes=5,
        n_clusters_per_class=2,
        class_sep=0.8,
        random_state=seed,
    )
    stakes, price = np.exp(X[:, :1] / X[:, 0].std()), X[:, 1] / X[:, 1].std()
    scores = table(5, rng)[codes] * stakes + 0.5 * np.outer(price, rng.normal(size=5))
    yield labelled("stakes", X, codes, scores)

    X, codes = load_digits(return_X_y=True)
    ink = X.sum(axis=1)
    dearer = np.maximum(ink - ink.mean(), 0) / ink.std()
    scores = table(10, rng)[codes] + 0.5 * np.outer(dearer, rng.normal(size=10))
    yield labelled("ink", X, codes, scores)


def table(n_classes: int, rng: np.random.Generator) -> np.ndarray:
    """Return an asymmetric table whose right answers are the best."""
    scores = rng.random((n_classes, n_classes))
    np.fill_diagonal(scores, 1.5)
    return scores


def labelled(
    name: str, X: np.ndarray, codes: np.ndarray, scores: np.ndarray
) -> Problem:
    """Name the classes."""
    names = np.array([f"class {code}" for code in range(scores.shape[1])])
    return name, X, names[codes], pd.DataFrame(scores, columns=names)


def skill(problem: Problem, loss: str | Loss, seed: int) -> float:
    """Train on every other row and judge by the rest."""
    _, X, y, scores = problem
    clf = SimilarityAwareClassifier(loss=loss, random_state=seed)
    if isinstance(loss, ExpectedScoreLoss) and not loss.takes_sample_scores:
        # It reads a table: that of the mean rows of each class.
        means = scores[::2].groupby(y[::2]).mean()
        clf.set_params(similarity=means[means.index]).fit(X[::2], y[::2])
    else:
        clf.fit(X[::2], y[::2], sample_scores=scores[::2])
    return skill_score(y[1::2], clf.predict(X[1::2]), sample_scores=scores[1::2])


def main() -> None:
    """Print a line for each loss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="two or more")
    n_seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", SimilarityWarning)
    found: dict[str, dict[str, list[float]]] = {name: {} for name in LOSSES}
    for seed in range(n_seeds):
        for problem in problems(seed):
            for name, loss in LOSSES.items():
                skills = found[name].setdefault(problem[0], [])
                skills.append(skill(problem, loss, seed))
    for name, skills in found.items():
        cells = (
            f"{task} {np.mean(x):.3f} +- {np.std(x, ddof=1) / len(x) ** 0.5:.3f}"
            for task, x in skills.items()
        )
        print(f"{name:28s} {'   '.join(cells)}")


if __name__ == "__main__":
    main()
