"""Scores from costs."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given

from simclf.similarity import from_cost, resolve_table
from tests.strategies import LABELS, score_tables

COST = pd.DataFrame(
    [[5, 0, 0.5], [0, 1, 0.25]], index=["ill", "fine"], columns=["fine", "ill", "refer"]
)


def test_a_frame_by_hand():
    table = from_cost(COST)
    assert table.index.tolist() == ["ill", "fine"]
    assert table.columns.tolist() == ["ill", "fine", "refer"]
    assert table.to_numpy().tolist() == [[0.0, -5.0, -0.5], [-1.0, 0.0, -0.25]]
    assert not np.signbit(table.loc["ill", "ill"])


def test_a_frame_is_cut_and_ordered_by_the_classes():
    table = from_cost(COST, np.array(["fine"]))
    assert table.to_dict() == {"fine": {"fine": 0.0}, "refer": {"fine": -0.25}}
    assert from_cost(COST, ["fine", "ill"]).loc["fine"].tolist() == [0.0, -1.0, -0.25]


@given(score_tables(3))
def test_scores_equal_the_cost_that_is_resolved(cost):
    labels = LABELS[:3]
    wanted = resolve_table(None, labels, cost=cost).values
    assert (resolve_table(from_cost(cost, labels), labels).values == wanted).all()
    frame = pd.DataFrame(cost, labels, labels).iloc[[2, 0, 1], [1, 0, 2]]
    assert (resolve_table(from_cost(frame), labels).values == wanted).all()


def test_unsigned_integers_do_not_wrap():
    table = from_cost(np.array([[0, 1], [2, 0]], dtype=np.uint8), ["ant", "bee"])
    assert table.to_numpy().tolist() == [[0, -1], [-2, 0]]


@pytest.mark.parametrize(
    ("cost", "classes", "kind", "message"),
    [
        (
            [[0, 1], [1, 0]],
            None,
            ValueError,
            (
                "cost carries no class labels; pass classes, one label for each row, "
                "or a DataFrame labelled by class."
            ),
        ),
        (
            [[0, 1, 2], [1, 0, 2]],
            ["ant", "bee"],
            ValueError,
            (
                "cost has shape (2, 3) but classes names 2: ['ant', 'bee']. Pass one "
                "row and one column for each class, in the order of classes."
            ),
        ),
        (
            [[0, np.nan], [1, 0]],
            ["ant", "bee"],
            ValueError,
            "cost[0, 1] (truth 'ant', answer 'bee') is nan; every entry must be finite",
        ),
        (
            COST,
            ["ill", "Fine"],
            ValueError,
            (
                "cost has no row for class 'Fine'. Its row labels are ['ill', 'fine']; "
                "rename 'fine' (case and spaces must match) or add the row."
            ),
        ),
        (
            COST.iloc[:, 1:],
            None,
            ValueError,
            "cost has no column for class 'fine'. Its column labels are ['ill', 'ref",
        ),
        (
            COST.where(COST < 5),
            None,
            ValueError,
            "cost.loc['ill', 'fine'] is nan; every entry must be finite.",
        ),
        (
            COST.iloc[:0],
            None,
            ValueError,
            "cost.index is empty; expected at least one label.",
        ),
        (COST, "ill", TypeError, "classes is of type str; expected a list of labels"),
        (None, ["ill"], TypeError, "cost is of type NoneType; expected an array"),
    ],
)
def test_costs_that_cannot_be_read(cost, classes, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}"):
        from_cost(cost, classes)


def test_a_polars_frame_has_no_row_labels():
    message = "cost is a DataFrame without row labels; expected a pandas DataFrame"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}"):
        from_cost(pl.DataFrame([[0, 1], [1, 0]]), ["ant", "bee"])
