"""Probabilities of least risk by numerical search, for losses without a closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.optimize import minimize

if TYPE_CHECKING:
    from simclf._typing import FloatArray
    from simclf.losses._base import Loss
    from simclf.similarity import ScoreTable


def search_minimiser(
    loss: Loss, posterior: FloatArray, table: ScoreTable
) -> FloatArray:
    """Return the probabilities where quasi-Newton steps from equal scores end."""
    prepared = loss.prepare(table, torch.float64)
    n_outputs = loss.n_outputs(table.n_classes, table.n_decisions)
    start = np.zeros(n_outputs)
    codes = torch.arange(table.n_classes)

    def risk(scores: FloatArray, row: FloatArray) -> tuple[float, FloatArray]:
        leaf = torch.tensor(scores, requires_grad=True)
        losses = loss.pointwise(leaf.expand(len(codes), -1), codes, prepared)
        value = losses @ torch.tensor(row)
        (slope,) = torch.autograd.grad(value, leaf)
        return float(value.detach()), slope.numpy()

    found = np.empty((len(posterior), n_outputs))
    options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000}
    for i, row in enumerate(posterior):
        end = minimize(
            risk, start, (row,), method="L-BFGS-B", jac=True, options=options
        )
        found[i] = end.x
    proba = loss.proba(torch.from_numpy(found), prepared)
    return np.asarray(proba.numpy(), dtype=np.float64)
