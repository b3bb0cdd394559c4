"""Answer sets against every subset in exact arithmetic, and each promise they make."""

import re
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from simclf.decision import _set_search as search_module
from simclf.decision import answer_sets, bayes_decision, expected_scores
from simclf.similarity import resolve_table, row_ranges
from tests.strategies import posteriors, score_tables

ANIMALS = ["horse", "shark", "zebra"]
TABLE = pd.DataFrame(
    [[1.0, 0.0, 0.2], [0.0, 1.0, 0.0], [0.7, 0.0, 1.0]], index=ANIMALS, columns=ANIMALS
)


def refusal(sentence, kind=ValueError):
    return pytest.raises(kind, match="^" + re.escape(sentence) + "$")


@st.composite
def exact_problems(draw):
    """Integer tables, wide ones too, ratios of counts, and a bound that some set meets.

    The bound is the score of a set, so that it is met exactly or missed.
    """
    k, extra = draw(st.integers(2, 4)), draw(st.integers(0, 1))
    table = draw(hnp.arrays(np.int64, (k, k + extra), elements=st.integers(-5, 5)))
    rows = st.lists(st.integers(0, 9), min_size=k, max_size=k).filter(any)
    counts = np.array(draw(st.lists(rows, min_size=1, max_size=5)))
    some = draw(st.sets(st.integers(0, k + extra - 1), min_size=1))
    bound = exact_score(counts[0], table, tuple(some))
    return table, counts, bound + draw(st.sampled_from([0, 0, Fraction(1, 7), -1]))


def exact_score(row, table, members):
    """Expected score of the best of some answers, in rational arithmetic."""
    best = [max(int(scores[a]) for a in members) for scores in table]
    total = sum(int(c) * s for c, s in zip(row, best, strict=True))
    return Fraction(total, int(sum(row)))


def smallest_by_trying(row, table, bound, sets):
    """First of the best of the smallest sets that meet the bound, or None."""
    scores = {members: exact_score(row, table, members) for members in sets}
    good = [members for members in sets if scores[members] >= bound]
    if not good:
        return None
    size = min(map(len, good))
    good = [members for members in good if len(members) == size]
    return max(good, key=lambda members: scores[members])


def all_sets(n):
    return [m for size in range(1, n + 1) for m in combinations(range(n), size)]


def as_proba(counts):
    return counts / counts.sum(axis=1, keepdims=True)


def held(sets):
    return [tuple(np.flatnonzero(row).tolist()) for row in sets.mask]


@given(exact_problems())
def test_sets_are_the_smallest_of_all(problem):
    table, counts, bound = problem
    found = answer_sets(as_proba(counts), table, min_score=float(bound))
    every = all_sets(table.shape[1])
    for row, members, met, score in zip(
        counts, held(found), found.met, found.expected_scores, strict=True
    ):
        expected = smallest_by_trying(row, table, bound, every)
        assert met == (expected is not None)
        assert members == (every[-1] if expected is None else expected)
        exact = float(exact_score(row, table, members))
        assert score == pytest.approx(exact, abs=1e-12)
    np.testing.assert_array_equal(found.smallest, found.met)
    np.testing.assert_array_equal(found.sizes, found.mask.sum(axis=1))


@given(exact_problems(), st.data())
def test_named_sets_are_the_smallest_of_those(problem, data):
    table, counts, bound = problem
    n = table.shape[1]
    given_sets = st.lists(st.sampled_from(all_sets(n)), min_size=1, max_size=4)
    families = data.draw(given_sets)
    among = {f"node {i}": members[::-1] for i, members in enumerate(families)}
    found = answer_sets(as_proba(counts), table, min_score=float(bound), among=among)
    sets = [(a,) for a in range(n)] + families
    for row, members, met, name in zip(
        counts, held(found), found.met, found.names, strict=True
    ):
        expected = smallest_by_trying(row, table, bound, sets)
        assert met == (expected is not None)
        if expected is None:
            best = max(exact_score(row, table, m) for m in sets)
            expected = smallest_by_trying(row, table, best, sets)
        assert members == expected
        first = sets.index(expected)
        assert name == (first if first < n else f"node {first - n}")


@given(exact_problems(), st.floats(-300, 300))
def test_sets_do_not_depend_on_the_scale(problem, exponent):
    table, counts, bound = problem
    expected = answer_sets(as_proba(counts), table, min_score=float(bound))
    scale = 10.0**exponent
    found = answer_sets(as_proba(counts), table * scale, min_score=float(bound) * scale)
    np.testing.assert_array_equal(found.mask, expected.mask)
    np.testing.assert_array_equal(found.met, expected.met)
    np.testing.assert_allclose(
        found.expected_scores / scale, expected.expected_scores, atol=1e-12
    )


@given(exact_problems(), st.floats(-1e9, 1e9))
def test_sets_do_not_depend_on_an_offset(problem, offset):
    table, counts, bound = problem
    # Off the edge of the bound, which the rounding of the table itself moves.
    bound = float(bound) - 1e-3
    offset *= row_ranges(table).max()
    expected = answer_sets(as_proba(counts), table, min_score=bound)
    found = answer_sets(as_proba(counts), table + offset, min_score=bound + offset)
    np.testing.assert_array_equal(found.mask, expected.mask)


@pytest.mark.parametrize("most", [5, 5000])
@given(data=st.data())
def test_sets_do_not_depend_on_the_batch(most, data):
    k = data.draw(st.integers(2, 6))
    table = data.draw(score_tables(k, extra=1))
    proba = data.draw(posteriors(k, n=20))
    bound = np.quantile(expected_scores(proba, table).max(axis=1), 0.7)
    among = {"some": [0, k], "all": range(k + 1)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "_MOST_SETS", most)
        for given_sets in (None, among):
            settings = {"min_score": bound, "among": given_sets}
            whole = answer_sets(proba, table, **settings)
            alone = [
                answer_sets(row[np.newaxis], table, **settings).mask[0] for row in proba
            ]
            np.testing.assert_array_equal(whole.mask, alone)
            part = answer_sets(proba[7:9], table, **settings)
            np.testing.assert_array_equal(whole.mask[7:9], part.mask)


@given(st.data(), st.sampled_from([1, 7]))
def test_chunks_change_nothing(data, chunk):
    table, proba = data.draw(score_tables(4)), data.draw(posteriors(4, n=9))
    bound = np.quantile(expected_scores(proba, table).max(axis=1), 0.7)
    for most in (3, 5000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search_module, "_MOST_SETS", most)
            whole = answer_sets(proba, table, min_score=bound)
            patch.setattr(search_module, "_CHUNK_ENTRIES", chunk)
            found = answer_sets(proba, table, min_score=bound)
        np.testing.assert_array_equal(found.mask, whole.mask)
        np.testing.assert_array_equal(found.expected_scores, whole.expected_scores)


@given(st.data(), st.integers(3, 12))
def test_grown_sets_meet_the_bound_and_say_whether_they_are_smallest(data, most):
    k = data.draw(st.integers(4, 6))
    table, proba = data.draw(score_tables(k)), data.draw(posteriors(k, n=6))
    bound = expected_scores(proba, table).max() + data.draw(st.floats(-1, 1))
    exact = answer_sets(proba, table, min_score=bound)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "_MOST_SETS", most)
        grown = answer_sets(proba, table, min_score=bound)
    np.testing.assert_array_equal(grown.met, exact.met)
    assert (grown.sizes >= exact.sizes).all()
    sure = grown.smallest
    np.testing.assert_array_equal(grown.sizes[sure], exact.sizes[sure])
    assert grown.smallest[grown.met & (grown.sizes <= 2)].all()
    scores = [
        table[:, row].max(axis=1) @ p for p, row in zip(proba, grown.mask, strict=True)
    ]
    np.testing.assert_allclose(grown.expected_scores, scores, atol=1e-12)
    assert (grown.expected_scores[grown.met] >= bound - 1e-9).all()


@pytest.mark.parametrize("most", [3, 5000])
@given(st.integers(2, 6).flatmap(lambda k: posteriors(k, n=5)), st.floats(0.05, 0.999))
def test_identity_gives_the_most_probable_classes(most, proba, bound):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "_MOST_SETS", most)
        found = answer_sets(proba, np.eye(proba.shape[1]), min_score=bound)
    for row, members in zip(proba, held(found), strict=True):
        order = np.argsort(-row)
        size = 1 + int((np.cumsum(row[order]) < bound - 1e-12).sum())
        assert sum(row[list(members)]) == pytest.approx(sum(row[order[:size]]))
        assert len(members) == size


@given(st.data())
def test_a_low_bound_gives_the_bayes_decision(data):
    k = data.draw(st.integers(2, 6))
    table, proba = data.draw(score_tables(k, extra=1)), data.draw(posteriors(k, n=6))
    found = answer_sets(proba, table, min_score=-1e9)
    assert held(found) == [(code,) for code in bayes_decision(proba, table).tolist()]


@given(st.data())
def test_a_higher_bound_never_gives_a_smaller_set(data):
    table, proba = data.draw(score_tables(4)), data.draw(posteriors(4, n=6))
    bounds = np.sort(data.draw(hnp.arrays(float, 5, elements=st.floats(-3, 3))))
    sizes = [answer_sets(proba, table, min_score=b).sizes for b in bounds]
    assert (np.diff(sizes, axis=0) >= 0).all()


@pytest.mark.parametrize(("bound", "sizes"), [(0.7, 1), (0.9, 2), (1.0, 3)])
def test_sums_that_meet_the_bound_but_for_the_rounding_do(bound, sizes):
    proba = [[0.1, 0.7, 0.2]]
    assert 0.7 + 0.2 < 0.9
    found = answer_sets(proba, np.eye(3), min_score=bound)
    assert found.sizes.tolist() == [sizes]
    assert found.met.all()


def test_float32_probabilities_hold_everything():
    proba = np.random.default_rng(0).dirichlet(np.ones(5), size=50).astype(np.float32)
    found = answer_sets(proba, np.eye(5), min_score=1.0)
    assert found.met.all()
    assert (found.sizes == 5).all()


def test_tiny_misses_are_misses():
    found = answer_sets([[0.5, 0.5 - 1e-9, 1e-9]], np.eye(3), min_score=1 - 1e-12)
    assert found.sizes.tolist() == [3]


def test_rows_that_cannot_meet_the_bound_are_given_everything():
    found = answer_sets([[0.5, 0.5], [1.0, 0.0]], [[2, 0], [0, 1]], min_score=1.75)
    assert held(found) == [(0, 1), (0,)]
    assert found.met.tolist() == found.smallest.tolist() == [False, True]
    assert found.expected_scores.tolist() == [1.5, 2.0]


@pytest.mark.parametrize("bound", [1e300, -1e300, 1.7e308])
def test_bounds_far_from_the_scores(bound):
    found = answer_sets([[0.25, 0.75]], [[1e-300, 0], [0, 1e-300]], min_score=bound)
    assert found.met.tolist() == [bound < 0]
    assert found.sizes.tolist() == [1 if bound < 0 else 2]
    assert found.expected_scores[0] == pytest.approx(
        0.75e-300 if bound < 0 else 1e-300, rel=1e-9
    )


def test_a_constant_table_is_met_or_not_by_any_answer():
    constant = [[4.0, 4.0], [4.0, 4.0]]
    assert held(answer_sets([[0.5, 0.5]], constant, min_score=4.0)) == [(0,)]
    assert not answer_sets([[0.5, 0.5]], constant, min_score=4.1).met.any()


def test_labelled_tables_and_further_answers():
    table = TABLE.assign(ask=0.8).loc[ANIMALS[::-1]]
    proba = [[0.9, 0.0, 0.1], [0.3, 0.4, 0.3]]
    found = answer_sets(proba, table, min_score=0.75, classes=ANIMALS)
    assert found.labels() == [("horse",), ("ask",)]
    assert found.decisions.tolist() == [*ANIMALS, "ask"]
    assert found.names is None
    score_table = resolve_table(table, ANIMALS)
    assert answer_sets(proba, score_table, min_score=0.75).labels() == found.labels()
    settings = {"min_score": 0.76, "classes": ANIMALS}
    proba = [[0.45, 0.1, 0.45]]
    assert answer_sets(proba, TABLE, **settings).labels() == [("horse",)]
    assert answer_sets(proba, TABLE.T, **settings).labels() == [("zebra",)]


def test_the_most_specific_node_of_a_hierarchy():
    cells = ["B", "CD4 T", "CD8 T", "NK"]
    nodes = {"cell": cells, "T": ["CD8 T", "CD4 T"], "not B": cells[1:]}
    proba = [[0, 1, 0, 0], [0.1, 0.5, 0.4, 0], [0, 0.4, 0.3, 0.3], [0.4, 0.3, 0.2, 0.1]]
    found = answer_sets(proba, None, min_score=0.9, classes=cells, among=nodes)
    assert found.names.tolist() == ["CD4 T", "T", "not B", "cell"]
    assert found.labels()[1] == ("CD4 T", "CD8 T")
    assert found.met.all()
    few = answer_sets(
        proba, None, min_score=0.9, classes=cells, among={"T": ["CD8 T", "CD4 T"]}
    )
    assert few.names.tolist() == ["CD4 T", "T", "T", "T"]
    assert few.met.tolist() == [True, True, False, False]


def test_an_answer_named_twice_in_a_set_counts_once():
    among = {"first": [0, 1, 0, 1], "second": [1, 2, 3]}
    found = answer_sets([[0.2, 0.5, 0.3, 0.0]], np.eye(4), min_score=0.7, among=among)
    assert found.names.tolist() == ["first"]


def test_many_answers():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.full(300, 0.05), size=20)
    found = answer_sets(proba, np.eye(300), min_score=0.9)
    order = -np.sort(-proba, axis=1)
    sizes = 1 + (np.cumsum(order, axis=1) < 0.9).sum(axis=1)
    np.testing.assert_array_equal(found.sizes, sizes)
    assert found.met.all()
    np.testing.assert_array_equal(found.smallest, sizes <= 2)


def test_no_rows_give_no_sets():
    found = answer_sets(np.empty((0, 20)), np.eye(20), min_score=0.9)
    assert found.mask.shape == (0, 20)
    assert found.labels() == []


@pytest.mark.parametrize("bound", ["x", None, [0.5], np.array([0.5]), 1j])
def test_a_bound_of_another_type_is_refused(bound):
    with refusal(
        f"min_score is {bound!r} of type {type(bound).__name__}; expected a finite "
        "number.",
        TypeError,
    ):
        answer_sets([[1.0, 0.0]], np.eye(2), min_score=bound)


@pytest.mark.parametrize("bound", [1, np.float32(1), np.int8(1), np.array(1.0)])
def test_numbers_of_any_kind_bound(bound):
    found = answer_sets([[0.5, 0.5]], np.eye(2), min_score=bound)
    assert found.labels() == [(0, 1)]


@pytest.mark.parametrize("bound", [np.nan, np.inf, -np.inf])
def test_a_bound_that_is_no_number_is_refused(bound):
    with refusal(f"min_score is {bound}; expected a finite number."):
        answer_sets([[0.5, 0.5]], np.eye(2), min_score=bound)


@pytest.mark.parametrize(
    ("among", "kind", "sentence"),
    [
        (
            ["horse"],
            TypeError,
            (
                "among is of type list; expected a mapping from the name of each set "
                "to the list of its answers."
            ),
        ),
        (
            {"horse": ["horse", "zebra"]},
            ValueError,
            (
                "among names a set 'horse', which is an answer of the table; every "
                "answer is a set of its own already. Rename it or leave it out."
            ),
        ),
        (
            {"equid": "horse"},
            TypeError,
            (
                "among['equid'] is 'horse'; expected a list of answers such as "
                "['horse', 'shark']."
            ),
        ),
        (
            {"equid": 3},
            TypeError,
            (
                "among['equid'] is 3; expected a list of answers such as ['horse', "
                "'shark']."
            ),
        ),
        (
            {"equid": []},
            ValueError,
            "among['equid'] is empty; give it at least one answer, or leave it out.",
        ),
        (
            {"equid": ["horse", "mule"]},
            ValueError,
            (
                "among['equid'] has label 'mule', which is no answer of the table. It "
                "knows ['horse', 'shark', 'zebra']; correct the label (case and type "
                "must match) or add it to the table."
            ),
        ),
    ],
)
def test_sets_that_cannot_be_read_are_refused(among, kind, sentence):
    with refusal(sentence, kind):
        answer_sets([[1, 0, 0]], TABLE, min_score=0.5, classes=ANIMALS, among=among)


def test_probabilities_are_checked():
    with pytest.raises(
        ValueError, match=r"^proba has 2 columns but there are 3 classes"
    ):
        answer_sets([[0.5, 0.5]], TABLE, min_score=0.5, classes=ANIMALS)


def fabricated(proba, regret, slack, doubt):
    """A bound whose rounding is as large as a test needs it."""
    n = len(proba)
    return search_module.Bound(
        proba=np.array(proba),
        regret=np.array(regret),
        best=np.ones(n),
        slack=np.full(n, slack),
        doubt=np.full((n, 1), doubt),
        scale=1.0,
        exponent=0,
    )


def test_a_set_that_meets_the_bound_is_taken_even_if_it_ties_with_one_that_does_not():
    bound = fabricated([[1.0]], [[0.5, 0.4]], slack=0.45, doubt=0.1)
    groups = [np.array([[0]]), np.array([[0, 1]])]
    found, chosen = search_module.find_among(bound, groups)
    assert chosen.tolist() == [1]
    assert found.met.all()


def test_growing_ends_where_all_answers_tie(monkeypatch):
    monkeypatch.setattr(search_module, "_MOST_SETS", 3)
    bound = fabricated([[0.25] * 4], 1 - np.eye(4), slack=0.0, doubt=1.0)
    found = search_module.find_smallest(bound)
    assert found.mask.all()
    assert found.met.all()


def test_named_probabilities_are_aligned_with_the_classes():
    proba = pd.DataFrame([[0.0, 0.1, 0.9]], columns=["shark", "zebra", "horse"])
    for known in (TABLE, resolve_table(TABLE, ANIMALS)):
        found = answer_sets(proba, known, min_score=0.85, classes=ANIMALS)
        assert found.labels() == [("horse",)]
    found = answer_sets(proba, resolve_table(TABLE, ANIMALS), min_score=0.85)
    assert found.labels() == [("horse",)]


def test_columns_of_the_probabilities_are_the_classes():
    proba = pd.DataFrame([[0.0, 0.1, 0.9]], columns=["shark", "zebra", "horse"])
    found = answer_sets(proba, TABLE, min_score=0.85)
    assert found.labels() == [("horse",)]
    assert found.decisions.tolist() == ["shark", "zebra", "horse"]
    with pytest.raises(ValueError, match=r"^similarity is a labelled DataFrame"):
        answer_sets(proba.to_numpy(), TABLE, min_score=0.85)
