"""Scores of classes that are named by paths."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.datasets import load_16s_reads
from simclf.similarity import path_similarity, resolve_table, unit_regret
from simclf.similarity._forms import TreeForm
from simclf.similarity._structure import find_form

ENZYMES = {"b": "1.1.1.27", "a": "1.1.1.1", "c": "1.11.1.6", "d": "2.1.1.1"}


def test_enzymes_by_hand():
    table = path_similarity(ENZYMES)
    assert table.index.tolist() == ["b", "a", "c", "d"]
    assert table.to_numpy().tolist() == [
        [1.0, 0.75, 0.25, 0.0],
        [0.75, 1.0, 0.25, 0.0],
        [0.25, 0.25, 1.0, 0.0],
        [0.0, 0.0, 0.0, 1.0],
    ]


def test_levels_are_not_numbers_nor_prefixes_of_text():
    table = path_similarity(["1.1", "1.10", "11.1"])
    assert table.loc["1.1"].tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    "paths",
    [
        pd.Series({"x": "A; B; u", "y": "A;B;v", "z": "A;C;w"}),
        {"x": ["A", "B", "u"], "y": ("A", "B", "v"), "z": "A;C;w"},
        pd.DataFrame(
            [["A", "B", "u"], ["A", "B", "v"], ["A", "C", "w"]], index=["x", "y", "z"]
        ),
    ],
)
def test_every_form_gives_the_same_table(paths):
    table = path_similarity(paths, separator=";")
    assert table.index.tolist() == ["x", "y", "z"]
    np.testing.assert_allclose(table.loc["x"], [1, 2 / 3, 1 / 3], rtol=1e-15)


def test_the_shipped_taxonomic_table_comes_out():
    bacteria = load_16s_reads()
    scores = [0, 0.05, 0.2, 0.35, 0.55, 0.75, 1]
    table = path_similarity(bacteria.lineage, level_scores=scores)
    shipped = bacteria.similarity
    assert (table.loc[shipped.index, shipped.columns] == shipped).all(axis=None)


def test_paths_of_unequal_length_and_unknown_levels():
    paths = {
        "short": "1.1",
        "open": "1.1.-.-",
        "full": "1.1.2.3",
        "gap": "1.1.-.3",
        "other": "1.2.-.-",
    }
    table = path_similarity(paths)
    assert table.loc["full"].tolist() == [0.5, 0.5, 1.0, 0.5, 0.25]
    assert table.loc["open"].tolist() == [0.5, 1.0, 0.5, 0.5, 0.25]
    assert table.loc["other", "gap"] == 0.25


def test_ranks_without_a_name_are_unknown():
    paths = {
        "x": "d__Bacteria; p__Firmicutes; g__; s__",
        "y": "d__Bacteria; p__Firmicutes; g__; s__new",
        "z": "d__Bacteria; p__; g__Clostridium; s__",
        "full": "d__Bacteria; p__Firmicutes; g__Clostridium; s__novyi",
    }
    table = path_similarity(paths, separator=";")
    assert table.loc["full"].tolist() == [0.5, 0.5, 0.25, 1.0]


@pytest.mark.parametrize("unknown", ["NA", ["NA"], {"NA", "-"}])
def test_other_unknown_levels(unknown):
    table = path_similarity(
        {"x": "1.NA.2", "y": "1.NA.3", "z": "1.N.A"}, unknown=unknown
    )
    assert table.loc["x", "y"] == 1 / 3
    missing = path_similarity(pd.DataFrame([["A", None], ["A", "b"]], index=["x", "y"]))
    assert missing.loc["x", "y"] == 0.5


def test_scores_of_levels_and_of_the_right_answer():
    table = path_similarity(ENZYMES, level_scores=[-1, 0.25, 0.25, 0.5, 3])
    assert table.loc["a"].tolist() == [0.5, 3.0, 0.25, -1.0]
    one_more = path_similarity(
        {"a": "1.1", "b": "1.1", "c": "1.2"}, level_scores=(0, 0.25, 0.5, 1)
    )
    assert one_more.loc["a"].tolist() == [1.0, 0.5, 0.25]


@given(st.lists(st.text("xy-", max_size=3), min_size=1, max_size=6))
def test_against_plain_loops(texts):
    paths = [["root", "z", "z", "z", "whole"]]
    paths += [["root", *text, f"class {i}"] for i, text in enumerate(texts)]
    known = [path[: path.index("-")] if "-" in path else path for path in paths]
    table = path_similarity(dict(enumerate(paths))).to_numpy()
    for i, truth in enumerate(known):
        for j, answer in enumerate(known):
            shared = 0
            while truth[shared : shared + 1] == answer[shared : shared + 1] != []:
                shared += 1
            assert table[i, j] == (1.0 if i == j else shared / 5)


def test_a_large_table_has_the_cheap_form_of_a_tree():
    labels = [f"{i % 3}.{i % 5}.{i}" for i in range(600)]
    scores = resolve_table(path_similarity(labels), np.array(labels)).values
    assert isinstance(find_form(unit_regret(scores)), TreeForm)


@pytest.mark.parametrize(
    ("paths", "settings", "kind", "message"),
    [
        (
            ["A|B", "A|C"],
            {},
            ValueError,
            (
                "separator='.' is in none of the paths, e.g. 'A|B'; pass what stands "
                "between two levels."
            ),
        ),
        (
            ["A|B"],
            {"separator": ""},
            ValueError,
            "separator=''; expected text of at least one character.",
        ),
        (
            {"x": "1.1", "y": "-.1"},
            {},
            ValueError,
            (
                "The path of class 'y' has no known level; expected one at least, the "
                "first."
            ),
        ),
        (
            [1.1, 1.2],
            {},
            TypeError,
            (
                "The path of class 1.1 is of type float; expected text such as "
                "'1.1.1.1', or a list of levels."
            ),
        ),
        (
            {"x": ["1", ["a"]], "y": ["1", ["b"]]},
            {},
            TypeError,
            (
                "Level 1 of the path of class 'x' is of type list; expected text or a "
                "number. Give a path as one flat list."
            ),
        ),
        (
            pd.DataFrame({"rank": [("A",), "B"]}, index=["x", "y"]),
            {},
            TypeError,
            "Level 0 of the path of class 'x' is of type tuple; expected text or a num",
        ),
        (
            {"x": "1.1", "y": "1.2", "z": " 1.1"},
            {},
            ValueError,
            (
                "Classes 'x' and 'z' have the same path, so that each would be as good "
                "as right for the other. End the paths with the classes, or pass "
                "level_scores with one more number, for the right answer."
            ),
        ),
        (
            {"x": "1.1", "y": "1.1"},
            {"level_scores": [0, 0.5, 1]},
            ValueError,
            "Classes 'x' and 'y' have the same path, so that each would be as good",
        ),
        (
            ["1.1", "1.2"],
            {"level_scores": [0, 1]},
            ValueError,
            (
                "level_scores has 2 numbers but the longest path has 2 levels; pass at "
                "least 3, for 0 levels in common up to the right answer."
            ),
        ),
        (
            ["1.1", "1.2"],
            {"level_scores": [0, 0.7, 0.5]},
            ValueError,
            (
                "level_scores falls from 0.7 at 1 levels in common to 0.5 at 2; "
                "expected scores that never fall."
            ),
        ),
        (
            ["1.1", "1.2"],
            {"level_scores": [0, np.nan, 1]},
            ValueError,
            "level_scores[1] is nan; every entry must be finite.",
        ),
        (
            ["1.1", "1.2"],
            {"level_scores": 0.5},
            TypeError,
            "level_scores is of type float; expected a list of numbers.",
        ),
        (["1.1", "1.1"], {}, ValueError, "paths repeats ['1.1']; name each one once."),
        ("1.1", {}, TypeError, "paths is of type str; expected a list of labels, "),
        (
            ["1.1", "1.2"],
            {"unknown": None},
            TypeError,
            "unknown is of type NoneType; expected text, or a list of it.",
        ),
        ({}, {}, ValueError, "paths is empty; expected at least one label."),
        (
            pd.DataFrame([["A"], ["B"]], index=["x", "x"]),
            {},
            ValueError,
            "paths has repeated row labels ['x']; every row needs a label of its own.",
        ),
    ],
)
def test_paths_that_cannot_be_read(paths, settings, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}"):
        path_similarity(paths, **settings)


def test_level_scores_may_be_made_one_by_one():
    made = path_similarity(["1.1", "1.2"], level_scores=map(abs, [0, -0.5, 1]))
    assert made.to_numpy().tolist() == [[1.0, 0.5], [0.5, 1.0]]


@pytest.mark.parametrize("prefix", ["EC ", "EC:", "ec ", " EC: ", "EC"])
def test_what_stands_before_an_ec_number_says_nothing(prefix):
    paths = {"a": f"{prefix}1.1.1.1", "b": "1.1.1.2", "c": f"{prefix}2.7.1.1"}
    assert path_similarity(paths).loc["a"].tolist() == [1.0, 0.75, 0.0]


def test_a_level_that_begins_like_an_ec_number_stays():
    assert path_similarity(["ECM.x", "M.x"]).loc["ECM.x", "M.x"] == 0.0


@pytest.mark.parametrize(
    ("level_scores", "shared"), [([0, 0.5, 1, 1], 2), ([0, 1, 1, 1, 1], 1)]
)
def test_levels_that_score_as_the_right_answer_are_refused(level_scores, shared):
    sentence = (
        f"Classes 'x' and 'z' have {shared} levels in common, which score as the right "
        "answer does, so that each would be as good as right for the other. Pass "
        "level_scores that end above all others, for the right answer."
    )
    paths = {"x": "1.1.1", "y": "2.1.1", "z": "1.1.2"}
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        path_similarity(paths, level_scores=level_scores)
    # What no two classes share may score as it likes.
    apart = {"x": "1.1.1", "y": "2.1.1", "z": "1.2.2"}
    if shared == 2:
        table = path_similarity(apart, level_scores=level_scores)
        assert table.loc["x", "z"] == 0.5
