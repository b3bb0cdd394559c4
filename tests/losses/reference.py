"""Each loss of one example, spelled out in plain Python for comparison."""

from collections.abc import Callable
from math import exp, log
from typing import Any

import numpy as np


def softmax(z: Any) -> list[float]:
    weights = [exp(v - max(z)) for v in z]
    return [w / sum(weights) for w in weights]


def regret(S: Any) -> list[list[float]]:
    """Unit regret: best of the row minus score, over the largest row range."""
    largest = max(max(row) - min(row) for row in S) or 1.0
    return [[(max(row) - score) / largest for score in row] for row in S]


def class_costs(S: Any, *, symmetric: bool = True) -> list[list[float]]:
    k = len(S)
    r = regret([row[:k] for row in S])
    c = [[0.0 if i == j else r[i][j] for j in range(k)] for i in range(k)]
    if not symmetric:
        return c
    return [[(c[i][j] + c[j][i]) / 2 for j in range(k)] for i in range(k)]


def cross_entropy(loss: Any, S: Any, z: Any, y: int) -> float:
    q, k = softmax(z), len(z)
    if loss.noise_matrix is not None:
        noise = np.asarray(loss.noise_matrix)
        return -log(sum(q[j] * noise[j, y] for j in range(k)))
    smooth = loss.label_smoothing
    target = [smooth / k + (1 - smooth) * (j == y) for j in range(k)]
    return -sum(target[j] * log(q[j]) for j in range(k))


def entropic_score(loss: Any, S: Any, z: Any, y: int) -> float:
    q, r = softmax(z), regret(S)
    return sum(q[j] * (loss.tau * log(q[j]) + r[y][j]) for j in range(len(q)))


def expected_score(loss: Any, S: Any, z: Any, y: int) -> float:
    r = regret(S)
    if loss.warm_start and not loss.logit_bias and loss.tau:
        q, D = softmax(z), len(r[0])
        expected = [sum(q[i] * r[i][d] for i in range(len(q))) for d in range(D)]
        a = softmax([-u / loss.tau for u in expected])
        return sum(a[d] * r[y][d] for d in range(D))
    bias = log(len(z)) if loss.logit_bias == "auto" else loss.logit_bias
    best = y if r[y][y] == min(r[y]) else r[y].index(min(r[y]))
    q = softmax([z[j] + bias * (j == best) for j in range(len(z))])
    return sum(q[j] * r[y][j] for j in range(len(q)))


def kernel_brier(loss: Any, S: Any, z: Any, y: int) -> float:
    q, k = softmax(z), len(z)
    if loss.kernel == "energy":
        c = class_costs(S)
        near = sum(q[j] * c[y][j] for j in range(k))
        far = sum(q[i] * q[j] * c[i][j] for i in range(k) for j in range(k))
        return -log(q[y]) + loss.weight * (near - far / 2)
    centred = [[v - sum(row) / len(row) for v in row] for row in regret(S)]
    error = 0.0
    for d in range(len(S[0])):
        error += (centred[y][d] - sum(q[i] * centred[i][d] for i in range(k))) ** 2
    return -log(q[y]) + loss.weight * error / 2


def log_expected_score(loss: Any, S: Any, z: Any, y: int) -> float:
    q, row = softmax(z), S[y]
    spread = max(row) - min(row)
    share = [(v - min(row)) / spread if spread else 1.0 for v in row]
    s = [loss.floor + (1 - loss.floor) * v for v in share]
    return -log(sum(q[j] * s[j] for j in range(len(q))))


def pairwise(loss: Any, S: Any, z: Any, y: int) -> float:
    w = class_costs(S, symmetric=loss.symmetrize)[y]
    return sum(w[j] * log(1 + exp(z[j] - z[y])) for j in range(len(z)) if j != y)


def score_regression(loss: Any, S: Any, z: Any, y: int) -> float:
    largest = max(max(row) - min(row) for row in S)
    low, high = np.min(S), np.max(S)
    if loss.kind == "squared":
        u = [(v - np.mean(S)) / largest for v in S[y]]
        return sum((z[j] - u[j]) ** 2 for j in range(len(z))) / 2
    p = [(v - low) / (high - low) for v in S[y]]
    yes = sum(p[j] * log(1 + exp(-z[j])) for j in range(len(z)))
    return yes + sum((1 - p[j]) * log(1 + exp(z[j])) for j in range(len(z)))


def target_row(loss: Any, S: Any, y: int) -> Any:
    D = len(S[y])
    mean = [sum(row) / D for row in S]
    if loss.targets is None:
        return np.array(softmax([-v / loss.temperature for v in regret(S)[y]]))
    if isinstance(loss.targets, str) and loss.targets == "affine":
        widest = max(mean[i] - min(S[i]) for i in range(len(S))) or 1.0
        return np.array([1 / D + (v - mean[y]) / (D * widest) for v in S[y]])
    if isinstance(loss.targets, str):
        largest = max(max(row) - min(row) for row in S) or 1.0
        return np.array([(v - min(S[y])) / largest for v in S[y]])
    return np.asarray(loss.targets)[y]


def soft_target(loss: Any, S: Any, z: Any, y: int) -> float:
    q, P = softmax(z), target_row(loss, S, y)
    return -sum(P[j] * log(q[j]) for j in range(len(q)))


def softmax_margin(loss: Any, S: Any, z: Any, y: int) -> float:
    c = class_costs(S)
    return log(sum(exp(z[j] + loss.margin * c[y][j]) for j in range(len(z)))) - z[y]


def tailored_score(loss: Any, S: Any, z: Any, y: int) -> float:
    q, r = softmax(z), regret(S)
    D = len(r[0])
    expected = [sum(q[i] * r[i][d] for i in range(len(q))) for d in range(D)]
    a = softmax([-u / loss.tau for u in expected])
    entropy = -sum(p * log(p) for p in a if p > 0)
    second = sum(a[d] * r[y][d] for d in range(D)) - loss.tau * entropy
    return -log(q[y]) + loss.lam * second


REFERENCES: dict[str, Callable[[Any, Any, Any, int], float]] = {
    "cross_entropy": cross_entropy,
    "entropic_score": entropic_score,
    "expected_score": expected_score,
    "kernel_brier": kernel_brier,
    "log_expected_score": log_expected_score,
    "pairwise": pairwise,
    "score_regression": score_regression,
    "soft_target": soft_target,
    "softmax_margin": softmax_margin,
    "tailored_score": tailored_score,
}
