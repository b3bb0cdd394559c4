"""Costs between classes: unit regrets with nothing on the diagonal."""

import numpy as np

from simclf._typing import FloatArray
from simclf.similarity import ScoreTable, unit_regret


def class_costs(table: ScoreTable) -> FloatArray:
    """Return the unit regret among the classes with a zero diagonal, shape (K, K)."""
    costs = unit_regret(table.values[:, : table.n_classes])
    np.fill_diagonal(costs, 0.0)
    return costs


def symmetric_class_costs(table: ScoreTable) -> FloatArray:
    """Return the mean of the class costs and their transpose, shape (K, K)."""
    costs = class_costs(table)
    return np.asarray((costs + costs.T) / 2.0, dtype=np.float64)
