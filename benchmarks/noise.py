"""What an estimated noise matrix is worth, against no and against the true one.

    python benchmarks/noise.py [--seeds 3]

On three real sets the labels of the training rows (60 %) are changed by a known matrix:
not at all, to any other class with probability 0.2 or 0.4, or to the next class with
probability 0.3. First table: mean over classes of half the absolute differences to the
true matrix, which is the share of labels that a row of the estimate puts wrongly.
Second table: skill of the Bayes decision on clean test rows under an asymmetric table.

- none: the labels are taken as true.
- true: the matrix that changed the labels.
- top row: the most confident row of each class (Patrini et al. 2017), and their 97th
  percentile instead of the maximum.
- confident joint: counts of the labels of rows above their class's mean probability
  (Northcutt et al. 2021). A class without such rows is taken as never wrong.
- estimate: ``simclf.decision.estimate_noise_matrix``.
"""

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_predict, train_test_split
from tasks import Task, asymmetric

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.datasets import load_16s_reads, load_pbmc
from simclf.decision import estimate_noise_matrix
from simclf.losses import CrossEntropyLoss
from simclf.metrics import skill_score

KINDS = ["no noise", "uniform 20 %", "uniform 40 %", "next class 30 %"]


def noisy_tasks() -> Iterator[Task]:
    """Yield three real sets, each with an asymmetric table."""
    X, y = load_digits(return_X_y=True)
    yield Task("digits", X, y, asymmetric(10, seed=1))
    cells, reads = load_pbmc(), load_16s_reads()
    for name, bunch in (("pbmc", cells), ("16s", reads)):
        X, y = bunch.frame.to_numpy(), bunch.target.to_numpy()
        yield Task(name, X, y, asymmetric(len(np.unique(y)), seed=1))


def true_matrix(k: int, kind: str) -> np.ndarray:
    """Probability of each recorded class, by true class."""
    if kind == "next class 30 %":
        return 0.7 * np.eye(k) + 0.3 * np.roll(np.eye(k), 1, axis=1)
    wrong = {"no noise": 0.0, "uniform 20 %": 0.2, "uniform 40 %": 0.4}[kind]
    return (1 - wrong) * np.eye(k) + wrong / (k - 1) * (1 - np.eye(k))


def top_row(proba: np.ndarray, percentile: int = 100) -> np.ndarray:
    """Probabilities of one row of each class, by its place among all rows."""
    place = np.ceil(percentile / 100 * (len(proba) - 1)).astype(int)
    rows = np.argsort(proba, axis=0, kind="stable")[place]
    return proba[rows]


def confident_joint(codes: np.ndarray, proba: np.ndarray) -> np.ndarray:
    """Count true (confident) and recorded labels, as shares of each row."""
    k = proba.shape[1]
    mean = np.array([proba[codes == j, j].mean() for j in range(k)])
    above = np.where(proba >= mean, proba, -1.0)
    confident = above.max(axis=1) >= 0
    joint = np.zeros((k, k))
    pairs = codes[confident], above[confident].argmax(axis=1)
    np.add.at(joint, pairs, 1.0)
    recorded = np.bincount(codes, minlength=k)
    joint *= (recorded / np.maximum(joint.sum(axis=1), 1.0))[:, None]
    rows = joint.T
    sums = rows.sum(axis=1, keepdims=True)
    return np.where(sums > 0, rows / np.where(sums > 0, sums, 1.0), np.eye(k))


def run(task: Task, kind: str, seed: int) -> tuple[dict, dict]:
    """Errors of the estimates, and skills of the models that use them."""
    X, X_test, y, y_test = train_test_split(
        task.X, task.y, test_size=0.4, stratify=task.y, random_state=seed
    )
    classes, codes = np.unique(y, return_inverse=True)
    truth = true_matrix(len(classes), kind)
    rng = np.random.default_rng(seed)
    recorded = np.array([rng.choice(len(classes), p=truth[code]) for code in codes])
    y = classes[recorded]
    clf = SimilarityAwareClassifier(task.similarity, n_members=2, random_state=seed)
    proba = cross_val_predict(clf, X, y, method="predict_proba")
    matrices = {
        "none": np.eye(len(classes)),
        "top row": top_row(proba),
        "top row, 97 %": top_row(proba, 97),
        "confident joint": confident_joint(recorded, proba),
        "estimate": estimate_noise_matrix(y, proba).to_numpy(),
    }
    errors = {
        name: np.abs(matrix - truth).sum(axis=1).mean() / 2
        for name, matrix in matrices.items()
    }
    skills = {}
    for name in ("none", "true", "confident joint", "estimate"):
        matrix = (truth if name == "true" else matrices[name]) + 1e-9
        matrix /= matrix.sum(axis=1, keepdims=True)
        loss = CrossEntropyLoss(noise_matrix=None if name == "none" else matrix)
        answers = clf.set_params(loss=loss).fit(X, y).predict(X_test)
        skills[name] = skill_score(y_test, answers, task.similarity, classes=classes)
    return errors, skills


def main() -> None:
    """Print one line for each estimate, set and kind of noise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    n_seeds = parser.parse_args().seeds
    warnings.simplefilter("ignore", SimilarityWarning)
    tasks = list(noisy_tasks())
    runs = [
        [[run(task, kind, seed) for seed in range(n_seeds)] for kind in KINDS]
        for task in tasks
    ]
    for part, title in enumerate(("error of the matrix", "skill on clean labels")):
        print(f"{title:22s}", *(f"{kind:>16s}" for kind in KINDS), f"{'mean':>8s}")
        names = runs[0][0][0][part]
        means = {
            name: np.array(
                [
                    [[found[part][name] for found in cell] for cell in row]
                    for row in runs
                ]
            ).mean(axis=2)
            for name in names
        }
        for index, task in enumerate(tasks):
            for name in names:
                row = means[name][index]
                cells = (f"{value:16.3f}" for value in row)
                print(f"{task.name:6s} {name:15s}", *cells, f"{row.mean():8.3f}")
        for name in names:
            cells = (f"{value:16.3f}" for value in means[name].mean(axis=0))
            print(f"{'all':6s} {name:15s}", *cells, f"{means[name].mean():8.3f}")


if __name__ == "__main__":
    main()
