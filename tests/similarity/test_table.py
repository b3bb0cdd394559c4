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


def test_a_studied_table_is_itself_with_all_that_is_found_once():
    grades = np.arange(600.0)
    table = resolve_table(-np.abs(grades - grades[:, np.newaxis]), grades)
    assert table.studied() is table
    assert {"regret_form", "row_extremes"} <= vars(table).keys()
    plain = resolve_table(None, ["ant", "bee"])
    assert plain.studied() is plain
    assert plain.regret_form is None
