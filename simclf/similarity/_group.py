"""Scores of classes that fall into groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from simclf.similarity._by_class import is_keyed, read_keyed
from simclf.similarity._labelled import labelled_frame, read_names
from simclf.similarity._labels import is_name, refuse_alike
from simclf.similarity._numbers import finite_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def group_similarity(
    groups: Mapping[object, object], *, within: float = 0.5, between: float = 0.0
) -> pd.DataFrame:
    """Score a wrong answer by whether it is in the group of the truth.

    Parameters
    ----------
    groups : mapping or Series
        The group of each class, ``{class: group}``.
    within : float, default=0.5
        Score of another class of the same group.
    between : float, default=0.0
        Score of a class of another group.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        Scores, rows the truth and columns the answer; 1 for the right one. Classes in
        the order of `groups`.

    Raises
    ------
    ValueError
        If a class has no group or is repeated, two groups differ by case or outer
        spaces alone, or not ``between <= within <= 1``.
    TypeError
        If `groups` is no mapping, lists the classes of each group instead, or a
        setting is no number.

    See Also
    --------
    path_similarity : Groups within groups.

    Notes
    -----
    ``S[i, i] = 1``; else ``S[i, j]`` is `within` where ``groups[i] == groups[j]`` and
    `between` where not.

    Examples
    --------
    A lymphocyte taken for another one is half right:

    >>> from simclf.similarity import group_similarity
    >>> lineage = {
    ...     "B cell": "lymphoid",
    ...     "NK cell": "lymphoid",
    ...     "T cell": "lymphoid",
    ...     "monocyte": "myeloid",
    ... }
    >>> group_similarity(lineage)
    answer    B cell  NK cell  T cell  monocyte
    truth
    B cell       1.0      0.5     0.5       0.0
    NK cell      0.5      1.0     0.5       0.0
    T cell       0.5      0.5     1.0       0.0
    monocyte     0.0      0.0     0.0       1.0
    """
    group_of = _read_groups(groups)
    inside, outside = finite_number(within, "within"), finite_number(between, "between")
    if not outside <= inside <= 1.0:
        msg = (
            f"within={inside:g} and between={outside:g}; expected between <= within <= "
            "1, the score of the right answer."
        )
        raise ValueError(msg)
    codes = {group: code for code, group in enumerate(dict.fromkeys(group_of.values()))}
    own = np.array([codes[group] for group in group_of.values()])
    values = np.where(own[:, np.newaxis] == own, inside, outside)
    np.fill_diagonal(values, 1.0)
    return labelled_frame(values, group_of)


def _read_groups(groups: object) -> dict[object, object]:
    """Group of every class."""
    if not is_keyed(groups):
        msg = (
            f"groups is of type {type(groups).__name__}; expected a mapping or Series "
            "{class: group}."
        )
        raise TypeError(msg)
    group_of = read_keyed(groups, "groups")
    read_names(group_of, "groups")
    for label, group in group_of.items():
        if isinstance(group, Iterable) and not isinstance(group, str | bytes):
            msg = (
                f"groups[{label!r}] is a {type(group).__name__}; expected the group of "
                "each class. If it lists the classes of a group, turn it round: "
                "{c: group for group, members in groups.items() for c in members}."
            )
            raise TypeError(msg)
        if not is_name(group):
            msg = f"groups[{label!r}] is {group!r}; every class needs a group."
            raise ValueError(msg)
    refuse_alike(group_of.values(), "groups")
    return group_of
