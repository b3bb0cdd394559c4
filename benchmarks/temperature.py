"""What the fitted temperature does to an ensemble: behind its mean, or before it.

    python benchmarks/temperature.py [--seeds 3]

The temperature is fitted on rows that each member holds out, under that member. The
classifier divides the log probabilities of the members' mean by it ("mean"); it could
divide those of each member ("members"), or leave them alone ("none"). Log loss and
skill of the Bayes decision on rows held out, by task, means over splits.
"""

import argparse
import warnings

import numpy as np
from sklearn.model_selection import StratifiedShuffleSplit
from tasks import Task, tasks

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.decision import apply_temperature, bayes_decision
from simclf.metrics import skill_score
from simclf.training import Model, Standardizer, class_proba
from simclf.training._predict import _score_chunks

WAYS = ("none", "mean", "members")


def before_the_mean(model: Model, X: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of the members, each made softer or sharper, and their mean."""
    chunks = _score_chunks(model, X)
    tempered = [(s.double() / temperature).softmax(-1).mean(0) for s in chunks]
    return np.concatenate([chunk.numpy() for chunk in tempered])


def tried(task: Task, seed: int) -> np.ndarray:
    """Temperature, and log loss and skill of each way."""
    split = StratifiedShuffleSplit(1, test_size=0.4, random_state=seed)
    train, test = next(split.split(task.X, task.y))
    X, y = np.asarray(task.X), np.asarray(task.y)
    clf = SimilarityAwareClassifier(task.similarity, random_state=seed)
    clf.fit(X[train], y[train])
    known = test[np.isin(y[test], clf.classes_)]
    standardizer = Standardizer(clf.mean_, clf.scale_, clf.heavy_tailed_)
    model = Model(clf.net_, standardizer)
    plain = class_proba(model, X[known], len(clf.classes_))
    ways = (
        plain,
        apply_temperature(plain, clf.temperature_),
        before_the_mean(model, X[known], clf.temperature_),
    )
    codes = np.searchsorted(clf.classes_, y[known])
    found = [clf.temperature_]
    for proba in ways:
        answers = clf.decisions_[bayes_decision(proba, clf._table_)]
        likely = np.maximum(proba[np.arange(len(codes)), codes], 1e-38)
        found += [-np.log(likely).mean(), skill_score(y[known], answers, clf._table_)]
    return np.array(found)


def main() -> None:
    """Print a line for each task, and the means over tasks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    warnings.simplefilter("ignore", SimilarityWarning)
    names = [f"{what}, {way}" for way in WAYS for what in ("log", "skill")]
    print(f"{'':24s}{'T':>6s}{''.join(f'{name:>16s}' for name in names)}")
    rows = []
    for task in tasks():
        rows.append(np.mean([tried(task, seed) for seed in seeds], axis=0))
        numbers = "".join(f"{number:16.4f}" for number in rows[-1][1:])
        print(f"{task.name:24s}{rows[-1][0]:6.2f}{numbers}", flush=True)
    mean = np.mean(rows, axis=0)
    print(f"{'mean':24s}{mean[0]:6.2f}{''.join(f'{n:16.4f}' for n in mean[1:])}")


if __name__ == "__main__":
    main()
