"""The Bayes decision against exact arithmetic, and each promise it makes."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from simclf.decision import _bayes as bayes_module
from simclf.decision import argmax_decision, bayes_decision, expected_scores
from simclf.decision._rounding import TIE, rounding_doubt
from simclf.similarity import resolve_table, row_ranges
from tests.copies import copies_made
from tests.strategies import LABELS, posteriors, score_tables

FORUM = np.array([[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2.0]])


@st.composite
def exact_problems(draw):
    """Integer tables, wide ones too, and posteriors that are ratios of small counts."""
    k, extra = draw(st.integers(2, 5)), draw(st.integers(0, 2))
    table = draw(hnp.arrays(np.int64, (k, k + extra), elements=st.integers(-5, 5)))
    rows = st.lists(st.integers(0, 9), min_size=k, max_size=k).filter(any)
    counts = draw(st.lists(rows, min_size=1, max_size=6))
    return table, np.array(counts)


def exact_decision(counts, table):
    """Lowest answer of highest expected score, in rational arithmetic."""
    codes = []
    for row in counts.tolist():
        weights = [Fraction(count, sum(row)) for count in row]
        totals = [
            sum(w * score for w, score in zip(weights, column, strict=True))
            for column in table.T.tolist()
        ]
        codes.append(totals.index(max(totals)))
    return codes


def as_proba(counts):
    return counts / counts.sum(axis=1, keepdims=True)


@given(exact_problems())
def test_decision_is_exact_and_ties_go_to_the_lowest_code(problem):
    table, counts = problem
    assert bayes_decision(as_proba(counts), table).tolist() == exact_decision(
        counts, table
    )


@given(exact_problems(), st.floats(-300, 300))
def test_decision_does_not_depend_on_the_scale(problem, exponent):
    table, counts = problem
    codes = bayes_decision(as_proba(counts), table * 10.0**exponent)
    assert codes.tolist() == exact_decision(counts, table)


@given(exact_problems(), st.data(), st.sampled_from([1e-290, 1.0, 1e-3, 1e290]))
def test_decision_does_not_depend_on_row_offsets(problem, data, scale):
    table, counts = problem
    steps = data.draw(hnp.arrays(float, len(table), elements=st.floats(-1e9, 1e9)))
    # A third is no binary fraction: the table's own entries are rounded too.
    offsets = (steps / 3 * row_ranges(table))[:, np.newaxis]
    codes = bayes_decision(as_proba(counts), (table + offsets) * scale)
    assert codes.tolist() == exact_decision(counts, table)


@given(st.data())
def test_decision_does_not_depend_on_the_batch(data):
    k = data.draw(st.integers(2, 7))
    table = data.draw(score_tables(k, extra=1))
    proba = data.draw(posteriors(k, n=40))
    alone = [bayes_decision(row[np.newaxis], table)[0] for row in proba]
    assert bayes_decision(proba, table).tolist() == alone
    assert bayes_decision(proba[7:9], table).tolist() == alone[7:9]


@given(exact_problems(), st.data())
def test_decision_does_not_depend_on_the_order_of_the_rows(problem, data):
    table, counts = problem
    order = data.draw(st.permutations(range(len(counts))))
    codes = bayes_decision(as_proba(counts), table)
    shuffled = bayes_decision(as_proba(counts)[list(order)], table)
    assert shuffled.tolist() == codes[list(order)].tolist()


@given(exact_problems(), st.data())
def test_names_are_all_that_orders_a_labelled_table(problem, data):
    table, counts = problem
    k, n = table.shape
    frame = pd.DataFrame(table, index=LABELS[:k], columns=LABELS[:n])
    rows = list(data.draw(st.permutations(LABELS[:k].tolist())))
    columns = list(data.draw(st.permutations(LABELS[:n].tolist())))
    order = np.array(data.draw(st.permutations(range(k))))
    classes = LABELS[order]
    codes = bayes_decision(
        as_proba(counts)[:, order], frame.loc[rows, columns], classes=classes
    )
    # Ties go to the first class as the columns of proba stand, then to the first of
    # the answers that are no class as the frame has them.
    extras = [label for label in columns if label not in LABELS[:k]]
    answers = [*classes, *extras]
    expected = exact_decision(counts[:, order], frame.loc[classes, answers].to_numpy())
    assert codes.tolist() == expected


@given(exact_problems(), st.floats(-300, 290), st.integers(-(10**9), 10**9))
def test_a_copy_of_an_answer_is_never_given(problem, exponent, offset):
    table, counts = problem
    # The copy is rounded in another way than the answer.
    third = (np.hstack([table, table]) + offset) / 3
    codes = bayes_decision(as_proba(counts), third * 10.0**exponent)
    assert (codes < table.shape[1]).all()


@pytest.mark.parametrize("k", [4, 20, 200])
def test_batch_does_not_matter_at_the_edge_of_a_tie(k):
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.full(k, 5.0), size=400)
    table = np.zeros((k, 4))
    table[: k // 2, 2] = table[k // 2 :, 3] = 1.0
    table[:, 0] = 0.8 - 0.1 * rng.random(k)
    edge = TIE * rounding_doubt(table)
    table[:, 1] = table[:, 0] + edge
    whole = bayes_decision(proba, table)
    assert {0, 1} <= set(whole.tolist())
    alone = np.concatenate([bayes_decision(row[np.newaxis], table) for row in proba])
    np.testing.assert_array_equal(whole, alone)


@pytest.mark.parametrize("chunk", [1, 7, 50])
def test_chunks_give_what_the_whole_gives(monkeypatch, chunk):
    rng = np.random.default_rng(1)
    proba, table = rng.dirichlet(np.ones(3), size=11), rng.normal(size=(3, 5))
    whole = bayes_decision(proba, table)
    monkeypatch.setattr(bayes_module, "_CHUNK_ENTRIES", chunk)
    np.testing.assert_array_equal(bayes_decision(proba, table), whole)


@given(st.integers(2, 7).flatmap(lambda k: posteriors(k, n=8)))
def test_identity_table_gives_the_argmax(proba):
    top = np.sort(proba, axis=1)
    assume((top[:, -1] - top[:, -2] > 1e-12).all())
    codes = bayes_decision(proba, np.eye(proba.shape[1]))
    np.testing.assert_array_equal(codes, argmax_decision(proba))


@given(st.data())
def test_decision_is_the_answer_of_highest_expected_score(data):
    k = data.draw(st.integers(2, 7))
    table = data.draw(score_tables(k, extra=2))
    proba = data.draw(posteriors(k, n=6))
    expected = expected_scores(proba, table)
    chosen = expected[np.arange(6), bayes_decision(proba, table)]
    np.testing.assert_allclose(chosen, expected.max(axis=1), atol=1e-12)


@given(st.data(), st.sampled_from([1e-300, 1.0, 1e300]))
def test_expected_scores_are_sums_of_products(data, scale):
    k = data.draw(st.integers(2, 7))
    table = data.draw(score_tables(k, extra=1)) * scale
    proba = data.draw(posteriors(k, n=3))
    slow = [
        [sum(p * s for p, s in zip(row, column, strict=True)) for column in table.T]
        for row in proba
    ]
    np.testing.assert_allclose(
        expected_scores(proba, table), slow, rtol=1e-12, atol=1e-13 * scale
    )


@given(exact_problems(), st.data())
def test_a_constant_added_to_a_row_moves_all_expected_scores_alike(problem, data):
    table, counts = problem
    proba = as_proba(counts)
    offsets = data.draw(hnp.arrays(float, len(table), elements=st.floats(-1e9, 1e9)))
    moved = expected_scores(proba, table + offsets[:, np.newaxis])
    expected = expected_scores(proba, table)
    differences = moved - expected
    tolerance = 4e-16 * len(table) * (np.abs(offsets).max() + 10)
    assert np.ptp(differences, axis=1).max() <= 2 * tolerance
    np.testing.assert_allclose(differences[:, 0], proba @ offsets, atol=4 * tolerance)


def test_expected_scores_of_the_largest_floats_do_not_overflow():
    table = np.array([[1.7e308, -1.7e308], [-1.7e308, 1.7e308]])
    found = expected_scores([[0.5, 0.5], [1.0, 0.0]], table)
    np.testing.assert_allclose(found, [[0.0, 0.0], [1.7e308, -1.7e308]])
    assert bayes_decision([[0.4, 0.6], [0.6, 0.4]], table).tolist() == [1, 0]


def test_expected_scores_keep_the_order_of_answers_under_an_offset():
    proba, table = [[0.3, 0.7]], np.array([[1.0, 0.0, 0.25], [0.0, 1.0, 0.75]])
    found = expected_scores(proba, table + np.array([[1e9], [-1e9]]))
    np.testing.assert_allclose(found, -4e8 + np.array([[0.3, 0.7, 0.6]]), rtol=1e-15)


def test_transposed_table_gives_another_decision():
    table = np.array([[0.0, -1.0], [-10.0, 0.0]])
    proba = [[0.8, 0.2]]
    assert bayes_decision(proba, table).tolist() == [1]
    assert bayes_decision(proba, table.T).tolist() == [0]


def test_class_that_no_posterior_favours_is_never_the_answer():
    rng = np.random.default_rng(0)
    codes = bayes_decision(rng.dirichlet(np.ones(4), size=2000), FORUM)
    assert set(codes.tolist()) == {0, 1, 3}


def test_rounded_ties_go_to_the_lowest_code():
    thirds = np.array([[1, 1, 1]]) / 3
    table = np.array([[0.1, 0.3, 0.2], [0.2, 0.1, 0.3], [0.3, 0.2, 0.1]])
    assert bayes_decision(thirds, table).tolist() == [0]
    assert bayes_decision(thirds, table[:, [1, 2, 0]]).tolist() == [0]


def test_ties_survive_the_rounding_of_offsets():
    rng = np.random.default_rng(0)
    table = np.array([[1.0, 0.0], [0.0, 1.0]])
    for offsets in rng.uniform(-1e9, 1e9, size=(200, 2, 1)):
        assert bayes_decision([[0.5, 0.5]], table + offsets).tolist() == [0]


def test_tiny_advantage_is_no_tie():
    table = np.array([[1.0, 1.0 + 1e-12], [0.0, 0.0]])
    assert bayes_decision([[0.5, 0.5]], table).tolist() == [1]


def test_constant_row_has_no_say_whatever_its_size():
    table = np.array([[1e300, 1e300], [0.0, 1.0]])
    assert bayes_decision([[0.9, 0.1]], table).tolist() == [1]


def test_constant_table_gives_the_first_answer():
    assert bayes_decision([[0.1, 0.9]], [[7.0, 7.0], [5.0, 5.0]]).tolist() == [0]


def test_row_without_probability_has_no_say_whatever_its_offset():
    table = np.array([[1e15, 1e15 + 1.0], [1.0, 0.0]])
    assert bayes_decision([[0.0, 1.0]], table).tolist() == [0]


def test_probabilities_too_small_to_sum_exactly_tie():
    table = np.array([[0.0, 0.0, 0.0], [0.0, 0.5, 1.0]])
    assert bayes_decision([[1.0, 1e-320]], table).tolist() == [0]
    assert bayes_decision([[1.0, 1e-300]], table).tolist() == [2]


def test_labelled_table_is_aligned_by_name():
    frame = pd.DataFrame(
        [[0, -10, -2], [-1, 0, -2]],
        index=["ill", "fine"],
        columns=["ill", "fine", "refer"],
    )
    proba = [[0.97, 0.03], [0.8, 0.2]]
    codes = bayes_decision(proba, frame, classes=["fine", "ill"])
    assert codes.tolist() == [0, 1]
    np.testing.assert_allclose(
        expected_scores(proba, frame, classes=["fine", "ill"]),
        [[-0.3, -0.97, -2.0], [-2.0, -0.8, -2.0]],
    )


@pytest.mark.parametrize("decide", [bayes_decision, expected_scores])
def test_named_probabilities_are_aligned_with_the_classes(decide):
    table = pd.DataFrame([[1.0, 0.2], [-9.0, 3.0]], ["ill", "fine"], ["ill", "fine"])
    proba = pd.DataFrame({"ill": [0.9, 0.2], "fine": [0.1, 0.8]})
    classes = ["fine", "ill"]
    expected = decide(proba[classes].to_numpy(), table, classes=classes)
    for known in (table, resolve_table(table, classes)):
        assert np.array_equal(decide(proba, known, classes=classes), expected)
    assert np.array_equal(decide(proba, resolve_table(table, classes)), expected)
    with pytest.raises(ValueError, match=r"^proba has no column for class 'fine'\."):
        decide(proba.rename(columns={"fine": "well"}), table, classes=classes)


def test_score_table_is_read_as_it_stands_or_by_name():
    table = resolve_table([[0, -1], [-10, 0]], ["fine", "ill"])
    assert bayes_decision([[0.8, 0.2]], table).tolist() == [1]
    assert bayes_decision([[0.2, 0.8]], table, classes=["ill", "fine"]).tolist() == [0]


def test_no_rows_give_no_codes():
    empty = np.empty((0, 2))
    assert bayes_decision(empty, np.eye(2)).shape == (0,)
    assert expected_scores(empty, np.eye(2)).shape == (0, 2)
    assert argmax_decision(empty).shape == (0,)


def test_codes_can_index():
    codes = bayes_decision([[0.2, 0.8]], np.eye(2))
    assert codes.dtype == argmax_decision([[0.2, 0.8]]).dtype == np.intp


@given(exact_problems())
def test_argmax_is_the_first_largest_of_each_row(problem):
    _, counts = problem
    expected = [row.index(max(row)) for row in counts.tolist()]
    assert argmax_decision(as_proba(counts)).tolist() == expected


def test_argmax_takes_the_first_of_equal_maxima():
    assert argmax_decision([[0.4, 0.2, 0.4], [0.2, 0.4, 0.4]]).tolist() == [0, 1]


@pytest.mark.parametrize("decide", [bayes_decision, expected_scores])
def test_wrong_number_of_columns_is_refused(decide):
    message = r"proba has 3 columns but there are 4 classes; pass one column for each"
    with pytest.raises(ValueError, match=message):
        decide([[0.5, 0.25, 0.25]], FORUM)


def test_a_large_table_is_copied_once():
    rng = np.random.default_rng(0)
    values, proba = rng.normal(size=(300, 300)), rng.dirichlet(np.ones(300), 3)
    table = resolve_table(values, np.arange(300))
    assert copies_made(lambda: bayes_decision(proba, table), values.nbytes) < 1.4
