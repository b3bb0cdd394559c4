"""Scores of classes that have an order."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from simclf.similarity import ordinal_similarity, resolve_table, unit_regret
from simclf.similarity._forms import LineForm
from simclf.similarity._structure import find_form
from tests.strategies import posteriors

STAGES = ["I", "II", "III"]
WEIGHTS = st.sampled_from([0.25, 1.0, 3.0])


def test_steps_of_one_size():
    assert ordinal_similarity(STAGES).to_numpy().tolist() == [
        [1.0, 0.5, 0.0],
        [0.5, 1.0, 0.5],
        [0.0, 0.5, 1.0],
    ]


def test_too_low_costs_four_times_as_much_as_too_high():
    table = ordinal_similarity(STAGES, power=2, over=0.5, under=2)
    assert table.loc["I"].tolist() == [1.0, 1 - 0.25 * 0.25, 0.75]
    assert table.loc["III"].tolist() == [0.0, 0.75, 1.0]


@pytest.mark.parametrize(
    "positions",
    [
        {"III": 10, "I": 0, "II": 2, "IV": 99},
        pd.Series([10.0, 0.0, 2.0], index=["III", "I", "II"]),
        [0, 2, 10],
        np.array([100.0, 102.0, 110.0]),
        (-5, -4.5, -2.5),
        {"I": 0, "II": 2, "III": 10}.values(),
    ],
)
def test_steps_of_unequal_size(positions):
    table = ordinal_similarity(STAGES, positions=positions)
    np.testing.assert_allclose(
        table, [[1, 0.8, 0], [0.8, 1, 0.2], [0, 0.2, 1]], atol=1e-15
    )


def test_positions_say_which_class_is_higher():
    table = ordinal_similarity(["high", "low"], positions=[9, 1], under=4)
    assert table.loc["high", "low"] == 0.0
    assert table.loc["low", "high"] == 0.75


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6, unique=True),
    st.sampled_from([0.5, 1.0, 2.0]),
    WEIGHTS,
    WEIGHTS,
)
def test_against_plain_loops(positions, power, over, under):
    positions = np.round(positions, 3).tolist()
    if len(set(positions)) < len(positions):
        return
    table = ordinal_similarity(
        range(len(positions)), positions=positions, power=power, over=over, under=under
    )
    reach = max(positions) - min(positions)
    for i, truth in enumerate(positions):
        for j, answer in enumerate(positions):
            weight = over if answer > truth else under
            way = (abs(truth - answer) / reach) ** power
            expected = 1 - weight / max(over, under) * way
            assert table.loc[i, j] == pytest.approx(expected, abs=1e-12)


@given(posteriors(5, n=3), WEIGHTS, WEIGHTS)
def test_the_bayes_decision_is_a_quantile(proba, over, under):
    table = ordinal_similarity(range(5), over=over, under=under).to_numpy()
    for row in proba:
        below = np.cumsum(row)
        wanted = int(np.argmax(below >= under / (over + under)))
        worth = row @ table
        assert worth[wanted] >= worth.max() - 1e-12


def test_quadratic_weights_are_those_of_kappa():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 4, size=(2, 60))
    cost = 1 - ordinal_similarity(range(4), power=2).to_numpy()
    by_chance = np.outer(np.bincount(first), np.bincount(second)) / 60
    kappa = 1 - cost[first, second].sum() / (cost * by_chance).sum()
    assert kappa == pytest.approx(cohen_kappa_score(first, second, weights="quadratic"))


def test_a_large_table_has_the_cheap_form_of_a_line():
    table = ordinal_similarity(range(600), over=2, positions=np.arange(600.0) ** 1.5)
    scores = resolve_table(table, np.arange(600)).values
    assert isinstance(find_form(unit_regret(scores)), LineForm)


def test_positions_at_the_ends_of_the_floats():
    table = ordinal_similarity(STAGES, positions=[-1.7e308, 0, 1.7e308])
    assert table.loc["I"].tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        (
            {"positions": {"I": 1, "ii": 2, "III": 3}},
            ValueError,
            (
                "positions has no entry for class 'II'. Its labels are ['I', 'ii', "
                "'III']; rename 'ii' (case and spaces must match)."
            ),
        ),
        (
            {"positions": {"I": 1}},
            ValueError,
            ("positions has no entry for class 'II'. Its labels are ['I']; add it."),
        ),
        (
            {"positions": pd.Series([1, 2, 3], index=["I", "II", "I"])},
            ValueError,
            "positions has repeated labels ['I']; name each one once.",
        ),
        (
            {"positions": [1, 2]},
            ValueError,
            (
                "positions has 2 numbers but classes names 3; pass one for each class, "
                "in their order, or a mapping."
            ),
        ),
        (
            {"positions": [1, 2, 3, np.nan]},
            ValueError,
            "positions[3] is nan; every entry must be finite.",
        ),
        (
            {"positions": 7},
            TypeError,
            "positions is of type int; expected a list of numbers.",
        ),
        (
            {"positions": {1, 2, 3}},
            TypeError,
            "positions is of type set; expected a list of numbers.",
        ),
        (
            {"positions": [[1, 2, 3]]},
            ValueError,
            "positions has shape (1, 3); expected a list of numbers.",
        ),
        (
            {"positions": {"I": 1, "II": np.nan, "III": 3}},
            ValueError,
            "positions[1] (class 'II') is nan; every entry must be finite.",
        ),
        (
            {"positions": {"I": 1, "II": "two", "III": 3}},
            TypeError,
            (
                "positions[1] (class 'II') is 'two' of type str; every entry must be a "
                "finite number."
            ),
        ),
        (
            {"positions": [3, 1, 3]},
            ValueError,
            (
                "Classes 'I' and 'III' share the position 3; expected one of its own "
                "for each class."
            ),
        ),
        (
            {"power": 0},
            ValueError,
            "power=0 is not positive; expected a number above 0.",
        ),
        (
            {"over": -1.5},
            ValueError,
            "over=-1.5 is not positive; expected a number above 0.",
        ),
        (
            {"under": np.inf},
            ValueError,
            "under=inf is not finite; expected a finite number.",
        ),
        ({"under": "3"}, TypeError, "under is of type str; expected a number."),
    ],
)
def test_settings_that_do_not_fit(settings, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        ordinal_similarity(STAGES, **settings)


def test_a_repeated_class_is_named():
    message = "classes repeats ['II']; name each one once."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        ordinal_similarity(["I", "II", "II"])


def grades(ordered):
    """A column of grades whose first row is no lowest one."""
    order = ["low", "mid", "high", "never"]
    return pd.Series(
        pd.Categorical(["mid", "high", "low", "mid"], order, ordered=ordered)
    )


@pytest.mark.parametrize("form", [list, pd.Index, pd.Series, pd.Categorical])
def test_an_ordered_categorical_has_an_order_of_its_own(form):
    unique = grades(ordered=True).unique()
    table = ordinal_similarity(form(unique), under=3)
    if form is list:
        assert table.index.tolist() == ["mid", "high", "low"]
    else:
        expected = ordinal_similarity(["low", "mid", "high"], under=3)
        pd.testing.assert_frame_equal(table, expected)


def test_other_categoricals_are_read_in_the_order_given():
    table = ordinal_similarity(grades(ordered=False).unique())
    assert table.index.tolist() == ["mid", "high", "low"]
    table = ordinal_similarity(grades(ordered=True).unique(), positions=[2, 3, 1])
    assert table.index.tolist() == ["mid", "high", "low"]
    assert table.loc["mid"].tolist() == [1.0, 0.5, 0.5]
    numbers = pd.Categorical([10, 9], [9, 10], ordered=True)
    assert ordinal_similarity(numbers).index.tolist() == [9, 10]


@pytest.mark.parametrize("form", [pd.Index, pd.Series, pd.Categorical])
def test_a_column_of_ordered_labels_stands_for_its_categories(form):
    expected = ordinal_similarity(["low", "mid", "high", "never"], under=3)
    table = ordinal_similarity(form(grades(ordered=True)), under=3)
    pd.testing.assert_frame_equal(table, expected)
    with pytest.raises(ValueError, match=r"^classes repeats \['mid'\]; name each"):
        ordinal_similarity(form(grades(ordered=False)))


def test_positions_may_be_made_one_by_one():
    made = ordinal_similarity(STAGES, positions=(n**2 for n in range(3)))
    pd.testing.assert_frame_equal(made, ordinal_similarity(STAGES, positions=[0, 1, 4]))


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (
            {"low": 1, "high": 9},
            "If it gives their places, pass list(classes) and positions=classes.",
        ),
        (
            pd.DataFrame({"mg": [1, 9]}, ["low", "high"]),
            (
                "Pass list(classes.index), or one column; places of the classes are "
                "given as positions=..."
            ),
        ),
    ],
)
def test_places_given_as_classes_are_refused(given, remedy):
    sentence = (
        f"classes is of type {type(given).__name__}; expected a list of labels from "
        f"the lowest to the highest. {remedy}"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        ordinal_similarity(given)
