"""Decisions through the structure of a table are those of the table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.decision import _structured as module
from simclf.decision import bayes_decision, expected_scores
from simclf.decision._structured import StructuredRegret, structured_regret
from simclf.similarity import ScoreTable, resolve_table, unit_regret
from simclf.similarity._structure import SMALLEST, find_form
from tests.strategies import STRUCTURES, one_in, structured_tables

each_kind = pytest.mark.parametrize("kind", STRUCTURES)
few = one_in(4)


def labelled(values):
    """A table of string labels whose structure has been found, however small."""
    labels = [f"class {i:04d}" for i in range(len(values))]
    table = resolve_table(values, labels)
    table.__dict__["regret_form"] = find_form(unit_regret(table.values), smallest=1)
    return table


def posteriors(k, seed, n=40):
    """Spread and peaked rows, rows of small counts (with ties), and vertices."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(4, np.full(k, 1 / k), size=n) / 4
    spread = [rng.dirichlet(np.full(k, a), size=n) for a in (0.05, 1.0)]
    even = np.full((1, k), 1 / k)
    return np.concatenate([*spread, counts, np.eye(k)[:n], even])


@each_kind
@given(data=st.data(), exponent=st.sampled_from([-300, -3, 0, 300]))
@few
def test_decision_is_that_of_the_dense_table(kind, data, exponent):
    k = data.draw(st.integers(40, 64))
    table = data.draw(structured_tables(kind, k))
    table = labelled(table / np.abs(table).max() * 10.0**exponent)
    assert structured_regret(table, table.values) is not None
    proba = posteriors(k, data.draw(st.integers(0, 99)))
    codes = bayes_decision(proba, table)
    np.testing.assert_array_equal(codes, bayes_decision(proba, table.values))
    alone = [bayes_decision(row[np.newaxis], table)[0] for row in proba]
    np.testing.assert_array_equal(codes, alone)


@each_kind
@given(data=st.data(), exponent=st.sampled_from([-300, -3, 0, 300]))
@few
def test_expected_scores_are_those_of_the_dense_table(kind, data, exponent):
    k = data.draw(st.integers(40, 64))
    scale = 10.0**exponent
    table = data.draw(structured_tables(kind, k))
    table = labelled(table / np.abs(table).max() * scale)
    assert structured_regret(table, table.values) is not None
    proba = posteriors(k, data.draw(st.integers(0, 99)))
    found = expected_scores(proba, table)
    dense = expected_scores(proba, table.values)
    np.testing.assert_allclose(found / scale, dense / scale, rtol=0, atol=1e-13)


def test_groups_of_answers_that_tie_go_to_the_first_of_each():
    group = np.random.default_rng(0).integers(9, size=60)
    table = labelled(1.0 * (group[:, np.newaxis] == group))
    first = [int(np.flatnonzero(group == g)[0]) for g in group]
    assert bayes_decision(np.eye(60), table).tolist() == first


def test_answers_in_doubt_are_summed_in_full(monkeypatch):
    rng = np.random.default_rng(0)
    table = labelled(STRUCTURES["line"](50, rng))
    proba = posteriors(50, 0)
    asked = []
    whole = StructuredRegret._excess

    def spy(self, row, answers):
        asked.append(len(answers))
        return whole(self, row, answers)

    monkeypatch.setattr(StructuredRegret, "_excess", spy)
    monkeypatch.setattr(module, "_MARGIN", 1e12)
    codes = bayes_decision(proba, table)
    np.testing.assert_array_equal(codes, bayes_decision(proba, table.values))
    assert len(asked) == len(proba)
    assert min(asked) > 1


@pytest.mark.parametrize("chunk", [1, 100, 1000])
def test_chunks_give_what_the_whole_gives(monkeypatch, chunk):
    table = labelled(STRUCTURES["tree"](50, np.random.default_rng(0)))
    proba = posteriors(50, 0)
    whole = bayes_decision(proba, table)
    monkeypatch.setattr(module, "_CHUNK_ENTRIES", chunk)
    np.testing.assert_array_equal(bayes_decision(proba, table), whole)


@pytest.mark.parametrize("rest", [1e-13, 1e-9, 1e-6, 2e-6])
def test_a_row_of_small_range_is_not_drowned_by_the_others(rest):
    group = np.arange(50) // 10
    values = 0.5 * (group[:, np.newaxis] == group) + 0.5 * np.eye(50)
    values[0], values[:, 0], values[0, 0] = 0.0, 0.0, 1e-6
    table = labelled(values)
    assert structured_regret(table, table.values) is not None
    proba = np.full((1, 50), rest / 49)
    proba[0, 0] = 1 - rest
    codes = bayes_decision(proba, table)
    np.testing.assert_array_equal(codes, bayes_decision(proba, table.values))


def test_the_structure_is_found_once_and_only_for_score_tables(monkeypatch):
    grades = np.arange(float(SMALLEST))
    values = -np.abs(grades - grades[:, np.newaxis])
    table = resolve_table(values, grades)
    first = structured_regret(table, table.values)
    assert structured_regret(table, table.values).form is first.form
    assert structured_regret(table.values, table.values) is None
    assert structured_regret(table, table.values.copy()) is None
    small = resolve_table(values[:9, :9], grades[:9])
    assert structured_regret(small, small.values) is None
    proba = np.random.default_rng(0).dirichlet(np.full(SMALLEST, 0.1), size=8)
    codes = bayes_decision(proba, table)
    np.testing.assert_array_equal(codes, bayes_decision(proba, values))
    again = bayes_decision(proba[:, ::-1], table, classes=grades[::-1])
    assert (SMALLEST - 1 - again).tolist() == codes.tolist()


def test_a_table_keeps_its_label_arrays_beside_what_was_found():
    table = ScoreTable(np.eye(3), np.array(["a", "b", "c"]), np.arange(3), "similarity")
    assert table.regret_form is None
    lowest, highest = table.row_extremes
    assert lowest.tolist() == [0, 0, 0]
    assert highest.tolist() == [1, 1, 1]


def test_exact_ties_far_from_the_edge_go_to_the_first_answer():
    grades = np.arange(50.0)
    values = -np.abs(grades - grades[:, np.newaxis]) + 2.0**20
    table = labelled(values)
    proba = np.zeros((2, 50))
    proba[0, [10, 13]] = 0.5
    proba[1, [20, 30]] = 0.5
    assert bayes_decision(proba, table).tolist() == [10, 20]
    assert bayes_decision(proba, values).tolist() == [10, 20]
