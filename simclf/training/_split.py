"""Rows held out of training: for early stopping and for the temperature."""

import numpy as np

from simclf._typing import IntArray


def hold_out(codes: IntArray, fraction: float, seed: int) -> tuple[IntArray, IntArray]:
    """Split rows into those to train on and those to hold out.

    Every class gives its share as nearly as whole rows allow, and its last row is
    never taken: a rare class is learned rather than measured.

    Parameters
    ----------
    codes : ndarray of shape (n,)
        Labels 0..K-1.
    fraction : float in (0, 1)
        Share of rows to hold out.
    seed : int
        Which rows.

    Returns
    -------
    train, held : ndarray
        Row numbers, increasing; ``held`` may be empty.
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    # Every (1/fraction)-th row of the sequence sorted by class is taken: the sample
    # is stratified, and classes too small for a row of their own share one.
    position = np.arange(len(codes))
    taken = np.floor((position + 1) * fraction) > np.floor(position * fraction)
    first_of_class = np.flatnonzero(np.diff(codes[by_class], prepend=-1))
    taken[first_of_class] = False
    return np.sort(by_class[~taken]), np.sort(by_class[taken])
