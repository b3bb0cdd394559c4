"""Reading a user's table: every form, one result."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from simclf import similarity as room
from simclf.exceptions import SimilarityWarning
from simclf.similarity import resolve_similarity, resolve_table
from tests.copies import copies_made
from tests.strategies import classes, score_tables

NAMES = ["ant", "bee", "cat"]
S = np.array([[1.0, 0.25, 0.0], [0.5, 2.0, -1.0], [0.125, 0.75, 3.0]])


@st.composite
def labelled_tables(draw, extra=0):
    k = draw(st.integers(1, 6))
    labels = draw(classes(k))
    values = draw(score_tables(k, extra=extra))
    columns = [*labels.tolist(), *[f"refer {j}" for j in range(extra)]]
    return labels, values, pd.DataFrame(values, index=labels.tolist(), columns=columns)


def test_all_names_are_exported_in_order():
    assert room.__all__ == sorted(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)


# Forms ------------------------------------------------------------------------


@given(labelled_tables())
def test_a_bare_array_in_sorted_order_equals_a_labelled_frame(case):
    labels, values, frame = case
    from_array = resolve_table(values, labels)
    from_frame = resolve_table(frame, labels)
    assert (from_array.values == values).all()
    assert (from_frame.values == values).all()
    for table in (from_array, from_frame):
        assert (table.classes == labels).all()
        assert (table.decisions == labels).all()
        assert table.decisions.dtype == labels.dtype


@given(labelled_tables(extra=2), st.randoms(use_true_random=False))
def test_permuting_a_labelled_frame_never_changes_the_scores(case, random):
    labels, values, frame = case
    rows = random.sample(range(len(labels)), len(labels))
    columns = random.sample(list(frame.columns), len(frame.columns))
    table = resolve_table(frame.iloc[rows][columns], labels)
    extras = [name for name in columns if str(name).startswith("refer")]
    assert table.decisions.tolist() == [*labels.tolist(), *extras]
    order = [*range(len(labels)), *[frame.columns.get_loc(name) for name in extras]]
    assert (table.values == values[:, order]).all()


@given(labelled_tables())
def test_a_negative_cost_equals_the_similarity(case):
    labels, values, frame = case
    for cost in (-values, -frame):
        table = resolve_table(None, labels, cost=cost)
        assert (table.values == values).all()
        assert table.given_as == "cost"


@given(labelled_tables(), st.data())
def test_a_frame_is_cut_to_the_classes_at_hand(case, data):
    labels, values, frame = case
    kept = data.draw(st.sets(st.sampled_from(range(len(labels))), min_size=1))
    kept = sorted(kept)
    table = resolve_table(frame, labels[kept])
    assert (table.values == values[np.ix_(kept, kept)]).all()
    assert table.decisions.tolist() == labels[kept].tolist()


def test_transposing_an_asymmetric_frame_changes_the_scores():
    frame = pd.DataFrame(S, index=NAMES, columns=NAMES)
    assert (resolve_table(frame.T, NAMES).values == S.T).all()
    assert not (resolve_table(frame.T, NAMES).values == S).all()


def test_none_is_the_identity():
    table = resolve_table(None, NAMES)
    assert (table.values == np.eye(3)).all()
    assert table.given_as == "identity"


def test_resolve_similarity_returns_the_scores_and_warns():
    with pytest.warns(SimilarityWarning, match="truth 'bee' scores 0.0"):
        values = resolve_similarity([[1, 0], [2, 0]], ["ant", "bee"])
    assert values.tolist() == [[1, 0], [2, 0]]


@pytest.mark.parametrize(
    "make",
    [
        lambda s: s.tolist(),
        lambda s: tuple(map(tuple, s)),
        np.asfortranarray,
        lambda s: s.astype(object),
        lambda s: s.astype(np.float16),
        lambda s: s.astype(np.longdouble),
        lambda s: s.view(np.matrix),
        sparse.csr_array,
        sparse.coo_matrix,
        lambda s: lambda labels: sparse.csc_array(s),
        lambda s: lambda labels: s[: len(labels)],
        lambda s: lambda labels: pd.DataFrame(s, labels, labels).iloc[::-1],
        lambda s: pd.DataFrame(s, index=NAMES, columns=NAMES).astype("Float64"),
        lambda s: pd.DataFrame(s, index=NAMES, columns=NAMES, dtype=object),
        lambda s: pd.DataFrame(s, index=NAMES, columns=pd.CategoricalIndex(NAMES)),
        lambda s: pd.DataFrame(s, index=pd.Index(NAMES, dtype="string"), columns=NAMES),
        lambda s: pd.DataFrame(
            s, index=np.array(NAMES), columns=[*map(np.str_, NAMES)]
        ),
    ],
)
def test_every_form_gives_the_same_scores(make):
    values = resolve_table(make(S), NAMES).values
    assert (values == S).all()
    assert type(values) is np.ndarray
    assert values.dtype == np.float64
    assert values.flags.c_contiguous


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.uint64, int])
def test_integers_do_not_wrap_when_a_cost_is_negated(dtype):
    cost = np.array([[0, 1], [1, 0]], dtype=dtype)
    values = resolve_table(None, ["ant", "bee"], cost=cost).values
    assert values.tolist() == [[0, -1], [-1, 0]]
    assert not np.signbit(values[0, 0])
    assert (resolve_table(cost, ["ant", "bee"]).values == -values).all()


def test_a_callable_gets_a_copy_of_the_classes():
    seen = []

    def make_table(labels):
        seen.append(labels.tolist())
        labels[:] = "gone"
        return S

    table = resolve_table(make_table, np.array(NAMES))
    assert seen == [NAMES]
    assert table.classes.tolist() == NAMES


@pytest.mark.parametrize(
    "labels",
    [
        np.array([-5, 0, 7]),
        np.array([-5, 0, 7], dtype=np.int8),
        np.array([1.0, 2.0, 4.0]),
        np.array(["ant", "bee", "cat"], dtype=object),
        np.array([("a", 1), "b", 2], dtype=object),
    ],
)
def test_labels_of_any_kind_align(labels):
    frame = pd.DataFrame(S, index=labels, columns=labels).iloc[[2, 0, 1], [1, 2, 0]]
    assert (resolve_table(frame, labels).values == S).all()


def test_bool_classes_and_float_labels_of_int_classes_align():
    frame = pd.DataFrame([[3, 1], [0, 2]], index=[True, False], columns=[True, False])
    assert resolve_table(frame, [False, True]).values.tolist() == [[2, 0], [1, 3]]
    frame = pd.DataFrame([[3, 1], [0, 2]], index=[2.0, 1.0], columns=[2.0, 1.0])
    assert resolve_table(frame, [1, 2]).values.tolist() == [[2, 0], [1, 3]]


# Answers that are no class ----------------------------------------------------


def test_further_columns_are_answers_after_the_classes_in_frame_order():
    frame = pd.DataFrame(
        [[0.5, 9, 1, 7], [0.6, 8, 2, 0]],
        index=["bee", "ant"],
        columns=["refer to an expert", "bee", "z", "ant"],
    )
    table = resolve_table(frame, np.array(["ant", "bee"]))
    assert table.decisions.tolist() == ["ant", "bee", "refer to an expert", "z"]
    assert table.decisions.dtype.kind == "U"
    assert table.values.tolist() == [[0, 8, 0.6, 2], [7, 9, 0.5, 1]]
    assert (table.n_classes, table.n_decisions) == (2, 4)


@pytest.mark.parametrize(
    ("labels", "extra", "kind"),
    [
        (np.array([1, 2], dtype=np.int8), 1000, "i"),
        (np.array([1, 2]), "refer", "O"),
        (np.array(["a", "b"], dtype=object), "refer", "O"),
        (np.array([False, True]), "refer", "O"),
    ],
)
def test_decisions_hold_every_label_as_it_is(labels, extra, kind):
    columns = [*labels.tolist(), extra]
    frame = pd.DataFrame([[1, 0, 0.5], [0, 1, 0.5]], labels.tolist(), columns)
    decisions = resolve_table(frame, labels).decisions
    assert decisions.dtype.kind == kind
    assert decisions.tolist() == columns


def test_a_class_cut_from_the_rows_is_cut_from_the_answers_but_extras_stay():
    frame = pd.DataFrame(
        np.column_stack([S, [5.0, 6.0, 7.0]]), index=NAMES, columns=[*NAMES, "refer"]
    )
    table = resolve_table(frame, ["ant", "cat"])
    assert table.decisions.tolist() == ["ant", "cat", "refer"]
    assert table.values.tolist() == [[1, 0, 5], [0.125, 3, 7]]


# Memory -----------------------------------------------------------------------


@pytest.mark.parametrize("make", [np.array, lambda s: pd.DataFrame(s, NAMES, NAMES)])
def test_input_is_neither_written_nor_shared_and_output_is_read_only(make):
    given_table = make(S)
    for table in (
        resolve_table(given_table, NAMES),
        resolve_table(None, NAMES, cost=given_table),
    ):
        assert not np.shares_memory(table.values, np.asarray(given_table))
        for array in (table.values, table.classes, table.decisions):
            assert not array.flags.writeable
    assert (np.asarray(given_table) == S).all()


def test_classes_stay_the_callers_own():
    labels = np.array(NAMES)
    table = resolve_table(S, labels)
    assert labels.flags.writeable
    assert not np.shares_memory(labels, table.classes)


def test_a_read_only_memmap_is_read(tmp_path):
    np.save(tmp_path / "table.npy", S)
    memmap = np.load(tmp_path / "table.npy", mmap_mode="r")
    values = resolve_table(None, NAMES, cost=memmap).values
    assert (values == -S).all()
    assert type(values) is np.ndarray


@pytest.mark.parametrize("name", ["similarity", "cost"])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_a_large_table_is_held_once(name, form):
    values = np.random.default_rng(0).normal(size=(300, 300))
    table, labels = {"similarity": None, name: form(values)}, np.arange(300)
    assert copies_made(lambda: resolve_table(classes=labels, **table), 8 * 300**2) < 1.4
    sign = 1 if name == "similarity" else -1
    found = resolve_table(classes=labels, **table).values
    assert np.array_equal(found, sign * values)
    assert np.array_equal(form(values) if form is np.asarray else values, values)
