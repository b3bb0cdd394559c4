"""The container of a resolved table."""

import dataclasses

import numpy as np
import pytest

from simclf.similarity import ScoreTable, resolve_table


def test_sizes_count_rows_and_columns():
    values = np.array([[1.0, 0.0, 0.5], [0.2, 1.0, 0.5]])
    decisions = np.array(["ant", "bee", "refer"])
    table = ScoreTable(values, decisions[:2], decisions, "similarity")
    assert (table.n_classes, table.n_decisions) == (2, 3)


def test_fields_cannot_be_replaced():
    table = resolve_table(None, ["ant", "bee"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.given_as = "cost"
