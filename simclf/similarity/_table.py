"""The score table after it has been read: numbers, class labels and answer labels."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from simclf._typing import AnyArray, FloatArray
from simclf.similarity._forms import Form
from simclf.similarity._scale import unit_regret
from simclf.similarity._structure import find_form

Origin: TypeAlias = Literal["similarity", "cost", "identity", "sample_scores"]


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """A score table aligned to the classes at hand.

    Parameters
    ----------
    values : ndarray of shape (n_classes, n_decisions)
        What answer ``j`` is worth when the truth is ``i``; float64, C-contiguous
        and read-only. Higher is better, also for a table given as a cost.
    classes : ndarray of shape (n_classes,)
        The label of each row.
    decisions : ndarray of shape (n_decisions,)
        The label of each column: the classes in the same order, then the answers
        that are no class.
    given_as : {"similarity", "cost", "identity", "sample_scores"}
        How the user gave the table; messages speak in these words.

    Examples
    --------
    >>> from simclf.similarity import resolve_table
    >>> table = resolve_table([[1.0, 0.5], [0.0, 2.0]], ["ant", "bee"])
    >>> table.n_classes, table.n_decisions, table.given_as
    (2, 2, 'similarity')
    """

    values: FloatArray
    classes: AnyArray
    decisions: AnyArray
    given_as: Origin

    @property
    def n_classes(self) -> int:
        """Number of rows."""
        return int(self.values.shape[0])

    @property
    def n_decisions(self) -> int:
        """Number of columns: the classes and the answers that are no class."""
        return int(self.values.shape[1])

    @cached_property
    def row_extremes(self) -> tuple[FloatArray, FloatArray]:
        """Least and largest score of each row."""
        return self.values.min(axis=1), self.values.max(axis=1)

    @cached_property
    def regret_form(self) -> Form | None:
        """Form of the unit regrets, found once; None for a table without one."""
        return find_form(unit_regret(self.values))

    def studied(self) -> "ScoreTable":
        """Return the table itself, after all that is found once has been found."""
        if self.regret_form is not None and self.row_extremes:
            # The first product finds what the form keeps.
            self.regret_form.matmul(np.zeros((1, self.n_classes)))
        return self
