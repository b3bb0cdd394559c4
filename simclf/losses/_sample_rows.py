"""Scores of single examples in the place of a table's rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from simclf._typing import FloatArray, IntArray
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, row_ranges, unit_regret


@dataclass(frozen=True, eq=False)
class SampleRows:
    """A prepared table, some rows of which are replaced by those of the examples.

    Parameters
    ----------
    table : DenseTable
        The table of the classes, for products.
    own : DenseTable
        One row for each example there is.
    index : int tensor
        Which of them the codes belong to, in the shape of the codes.
    """

    table: DenseTable
    own: DenseTable
    index: Tensor

    def rows(self, codes: Tensor) -> Tensor:
        """Return the rows of the examples, whatever their classes."""
        del codes
        return self.own.rows(self.index)

    def best_answers(self, codes: Tensor) -> Tensor:
        """Return the column that each example calls best."""
        del codes
        return self.own.best_answers(self.index)

    @property
    def matmul(self) -> Callable[[Tensor], Tensor]:
        """The product with the table of the classes."""
        return self.table.matmul


def sample_regret(sample_scores: FloatArray, table: ScoreTable) -> FloatArray:
    """Regret of every answer for every example, in units of the table: (n, D).

    That of the table's rows where examples score as their classes do. Where costs
    differ widely an example may have more than one unit to lose.
    """
    own, unit = row_ranges(sample_scores).max(), row_ranges(table.values).max()
    # A table of constant rows has no unit of its own.
    scale = own / unit if unit > 0 else 1.0
    return unit_regret(sample_scores) * scale


def best_answers(regret: FloatArray, codes: IntArray) -> IntArray:
    """Return the class itself where no answer beats it, else the first best answer."""
    rows = np.arange(len(regret))
    best = np.where(regret[rows, codes] == 0.0, codes, regret.argmin(axis=1))
    return np.asarray(best, dtype=np.intp)
