"""Scores of classes that fall into groups."""

import re

import numpy as np
import pandas as pd
import pytest

from simclf.similarity import group_similarity, resolve_table, unit_regret
from simclf.similarity._structure import find_form

LINEAGE = {"T cell": "lymphoid", "monocyte": "myeloid", "B cell": "lymphoid"}


@pytest.mark.parametrize("groups", [LINEAGE, pd.Series(LINEAGE)])
def test_a_hand_computed_table(groups):
    table = group_similarity(groups, within=0.75, between=-0.5)
    assert table.index.tolist() == list(LINEAGE)
    assert table.to_numpy().tolist() == [
        [1.0, -0.5, 0.75],
        [-0.5, 1.0, -0.5],
        [0.75, -0.5, 1.0],
    ]


def test_groups_of_any_label():
    table = group_similarity({1: 0, 2: False, 3: 0.5, 4: "0"}, within=1)
    assert table.loc[1].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_a_large_table_has_a_cheap_form():
    table = group_similarity({label: label % 7 for label in range(600)})
    assert find_form(unit_regret(resolve_table(table, np.arange(600)).values))


@pytest.mark.parametrize(
    ("groups", "kind", "message"),
    [
        (
            {"lymphoid": ["T cell", "B cell"]},
            TypeError,
            (
                "groups['lymphoid'] is a list; expected the group of each class. If it "
                "lists the classes of a group, turn it round: {c: group for group, "
                "members in groups.items() for c in members}."
            ),
        ),
        ({"lymphoid": ("T cell",)}, TypeError, "groups['lymphoid'] is a tuple; "),
        (
            {"T cell": "lymphoid", "B cell": None},
            ValueError,
            "groups['B cell'] is None; every class needs a group.",
        ),
        (
            pd.Series(["x", np.nan], index=["T cell", "B cell"]),
            ValueError,
            "groups['B cell'] is nan; every class needs a group.",
        ),
        (
            pd.Series(["x", "y"], index=["T cell", "T cell"]),
            ValueError,
            "groups has repeated labels ['T cell']; name each one once.",
        ),
        (
            [["T cell"], ["B cell"]],
            TypeError,
            "groups is of type list; expected a mapping or Series {class: group}.",
        ),
        ({}, ValueError, "groups is empty; expected at least one label."),
        ({None: "x"}, ValueError, "groups[0], of type NoneType, is missing or cannot"),
    ],
)
def test_groups_that_cannot_be_read(groups, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}"):
        group_similarity(groups)


@pytest.mark.parametrize(("within", "between"), [(0.2, 0.5), (1.5, 0.0)])
def test_a_wrong_answer_is_worth_no_more_than_the_right_one(within, between):
    message = (
        f"within={within:g} and between={between:g}; expected between <= within <= 1, "
        "the score of the right answer."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        group_similarity(LINEAGE, within=within, between=between)


def test_a_setting_that_is_no_number():
    with pytest.raises(TypeError, match=r"^within is of type dict; expected a number"):
        group_similarity(LINEAGE, within={"lymphoid": 0.5})


@pytest.mark.parametrize("other", ["T ", "t", " T"])
def test_groups_that_only_look_alike_are_refused(other):
    with pytest.raises(ValueError, match=r"^groups names") as told:
        group_similarity({"a": "T", "b": other, "c": "B"})
    assert str(told.value) == (
        f"groups names 'T' and {other!r}, which differ by case, outer spaces or the "
        "encoding of an accent alone and would count as two; write them alike."
    )


def test_groups_of_other_types_are_told_apart():
    assert group_similarity({"a": 1, "b": "1"}).loc["a", "b"] == 0.0
