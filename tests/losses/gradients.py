"""The gradient of each loss for one example, as its docstring writes it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from simclf._typing import FloatArray
from tests.losses.reference import class_costs, regret, target_row


def cross_entropy(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    q, k = softmax(z), len(z)
    if loss.noise_matrix is not None:
        noise = np.asarray(loss.noise_matrix)
        return q - q * noise[:, y] / (q @ noise)[y]
    smooth = loss.label_smoothing
    return q - (1 - smooth) * np.eye(k)[y] - smooth / k


def entropic_score(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    q, row = softmax(z), np.array(regret(S)[y])
    free = loss.tau * np.log(q) + row
    return q * (free - q @ free)


def expected_score(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    regrets = np.array(regret(S))
    row = regrets[y]
    bias = np.log(len(z)) if loss.logit_bias == "auto" else loss.logit_bias
    if loss.tau is None or bias or not loss.warm_start:
        best = y if row[y] == 0 else row.argmin()
        q = softmax(z + bias * np.eye(len(z))[best])
        return q * (row - q @ row)
    q = softmax(z)
    a = softmax(-q @ regrets / loss.tau)
    g = -regrets @ (a * (row - a @ row)) / loss.tau
    return q * (g - q @ g)


def kernel_brier(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    q = softmax(z)
    if loss.kernel == "energy":
        costs = np.array(class_costs(S))
        g = costs[y] - costs @ q
    else:
        unit = -np.array(regret(S))
        B = unit - unit.mean(axis=1, keepdims=True)
        g = (q @ B - B[y]) @ B.T
    return q - np.eye(len(z))[y] + loss.weight * q * (g - q @ g)


def log_expected_score(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    q, row = softmax(z), np.array(S[y])
    share = (row - row.min()) / np.ptp(row) if np.ptp(row) else np.ones_like(row)
    s = loss.floor + (1 - loss.floor) * share
    return q - q * s / (q @ s)


def pairwise(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    w = np.array(class_costs(S, symmetric=loss.symmetrize))
    slope = w[y] * expit(z - z[y])
    slope[y] = -np.delete(slope, y).sum()
    return slope


def score_regression(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    S = np.array(S)
    if loss.kind == "squared":
        return z - (S[y] - S.mean()) / np.ptp(S, axis=1).max()
    return expit(z) - (S[y] - S.min()) / np.ptp(S)


def soft_target(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    P = target_row(loss, S, y)
    return P.sum() * softmax(z) - P


def softmax_margin(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    D = loss.margin * np.array(class_costs(S))
    return softmax(z + D[y]) - np.eye(len(z))[y]


def tailored_score(loss: Any, S: Any, z: FloatArray, y: int) -> FloatArray:
    q, unit = softmax(z), np.array(regret(S))
    a = softmax(-(q @ unit) / loss.tau)
    v = unit[y] - q @ unit
    g = unit @ (-a * (v - a @ v) / loss.tau)
    return q - np.eye(len(z))[y] + loss.lam * q * (g - q @ g)


GRADIENTS: dict[str, Callable[[Any, Any, FloatArray, int], FloatArray]] = {
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
