"""Outputs of least risk by numerical search, for losses without a closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import minimize

if TYPE_CHECKING:
    from simclf._typing import FloatArray
    from simclf.losses._base import Loss
    from simclf.similarity import ScoreTable

_CORNER = 8.0


def search_minimiser(
    loss: Loss, posterior: FloatArray, table: ScoreTable
) -> FloatArray:
    """Return the best outputs found by quasi-Newton steps on the scores.

    The starts are equal scores and one near each vertex, so that a risk with
    several valleys is looked at from every answer.
    """
    prepared = loss.prepare(table, torch.float64)
    n_outputs = loss.n_outputs(table.n_classes, table.n_decisions)
    starts = [np.zeros(n_outputs), *(_CORNER * np.eye(n_outputs))]
    codes = torch.arange(table.n_classes)

    def risk(scores: FloatArray, row: FloatArray) -> tuple[float, FloatArray]:
        leaf = torch.tensor(scores, requires_grad=True)
        losses = loss.pointwise(leaf.expand(len(codes), -1), codes, prepared)
        value = losses @ torch.tensor(row)
        (slope,) = torch.autograd.grad(value, leaf)
        return float(value.detach()), slope.numpy()

    best = np.empty((len(posterior), n_outputs))
    options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000}
    for i, row in enumerate(posterior):
        ends = [
            minimize(risk, x, (row,), method="L-BFGS-B", jac=True, options=options)
            for x in starts
        ]
        best[i] = min(ends, key=lambda end: float(end.fun)).x
    proba = loss.proba(torch.from_numpy(best), prepared)
    return np.asarray(proba.numpy(), dtype=np.float64)
