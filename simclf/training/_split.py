"""Rows held out of training: every member spares others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simclf._typing import FloatArray, IntArray
from simclf._weights import mean_one


@dataclass(frozen=True, eq=False)
class Folds:
    """Which rows each member does not learn from: (n_members, n_rows), bool.

    Every row serves the members that learn from it, and judges those that do not:
    nothing is measured on rows seen, and no row is lost to the model as a whole.
    """

    held: NDArray[np.bool_]

    def repeated(self, times: int) -> "Folds":
        """Return the same for as many groups of members, one behind the other."""
        return Folds(np.tile(self.held, (times, 1)))

    def learning_weight(self, sample_weight: FloatArray | None) -> FloatArray:
        """Weights (n_members, n_rows) of mean 1, nothing for the rows held out."""
        return _mean_one_where(~self.held, sample_weight)

    def held_rows(
        self, sample_weight: FloatArray | None
    ) -> tuple[IntArray, FloatArray]:
        """Row numbers held out by each member, and their weights of mean 1.

        Both are (n_members, largest number held): members that hold fewer repeat a
        row, with weight zero.
        """
        counts = self.held.sum(axis=1)
        column = np.arange(counts.max())
        index = np.stack(
            [
                np.flatnonzero(held)[np.minimum(column, count - 1)]
                for held, count in zip(self.held, counts, strict=True)
            ]
        )
        weight = None if sample_weight is None else sample_weight[index]
        return index, _mean_one_where(column < counts[:, None], weight)


def _mean_one_where(
    chosen: NDArray[np.bool_], sample_weight: FloatArray | None
) -> FloatArray:
    """Weights of each row of ``chosen``, zero where it is False, of mean 1."""
    scaled = np.zeros(chosen.shape)
    everywhere = np.broadcast_to(
        1.0 if sample_weight is None else sample_weight, chosen.shape
    )
    for row, kept in enumerate(chosen):
        share = np.count_nonzero(kept) / kept.size
        scaled[row, kept] = mean_one(everywhere[row, kept]) / share
    return scaled


def hold_out(
    codes: IntArray, fraction: float, seed: int, n_members: int = 1
) -> Folds | None:
    """Choose the rows that each member holds out.

    Every class gives its share as nearly as whole rows allow, and its last row is
    never taken: a rare class is learned rather than measured. Members hold out
    different rows for as long as there are any.

    Parameters
    ----------
    codes : ndarray of shape (n,)
        Labels 0..K-1.
    fraction : float in (0, 1)
        Share of rows that a member holds out.
    seed : int
        Which rows.
    n_members : int, default=1
        Number of members.

    Returns
    -------
    Folds or None
        None where there are too few rows for every member to spare one.
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    # Every (1/fraction)-th row of the sequence sorted by class is taken: the sample
    # is stratified, and classes too small for a row of their own share one.
    first_of_class = np.flatnonzero(np.diff(codes[by_class], prepend=-1))
    held = np.empty((n_members, len(codes)), dtype=np.bool_)
    for member, row in enumerate(held):
        shares = np.floor(np.arange(member, member + len(codes) + 1) * fraction)
        taken = np.diff(shares) > 0
        taken[first_of_class] = False
        row[by_class] = taken
    return Folds(held) if held.any(axis=1).all() else None
