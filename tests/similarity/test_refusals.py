"""Tables that cannot be read: type, culprit and remedy of every refusal."""

import datetime as dt
import re
from fractions import Fraction
from io import StringIO

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from simclf.metrics import mean_score
from simclf.plotting import SimilarityDisplay
from simclf.similarity import (
    describe_similarity,
    distance_similarity,
    from_cost,
    resolve_table,
)

NAMES = ["ant", "bee", "cat"]
S = np.array([[1.0, 0.25, 0.0], [0.5, 2.0, -1.0], [0.125, 0.75, 3.0]])
SQUARE = (
    "Pass a 3x3 array in sorted class order, or a DataFrame labelled by class, which "
    "is cut to the classes at hand."
)


def frame(rows=NAMES, columns=NAMES, values=S):
    return pd.DataFrame(values, index=rows, columns=columns)


def put(entry, row=1, column=2):
    table = S.astype(object)
    table[row, column] = entry
    return table


def refusal(similarity, classes=NAMES, *, error=ValueError, **kwargs):
    with pytest.raises(error) as caught:
        resolve_table(similarity, classes, **kwargs)
    assert type(caught.value) is error
    return str(caught.value)


def test_both_tables_are_one_too_many():
    assert refusal(S, cost=-S) == (
        "similarity and cost are both given; pass one of them, the other as None."
    )


# Shape ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table", [np.eye(4), np.eye(2), 1.0, [1, 2, 3], [], np.ones((3, 3, 3)), np.ones(3)]
)
def test_a_wrong_shape_is_given_with_the_classes(table):
    shape = np.shape(table)
    if len(shape) != 3:
        assert refusal(table) == (
            f"similarity has shape {shape} but y has 3 classes ['ant', 'bee', 'cat']. "
            + SQUARE
        )
    else:
        assert refusal(table).startswith("similarity has shape (3, 3, 3) but y has 3")


def test_a_bare_array_with_further_columns_is_told_about_frames():
    assert refusal(None, cost=np.ones((3, 4))) == (
        "cost has shape (3, 4) but y has 3 classes ['ant', 'bee', 'cat']. Pass a 3x3 "
        "array in sorted class order; answers that are no class need a DataFrame "
        "labelled on both axes, whose further columns name them."
    )


def test_many_classes_are_not_all_shown():
    assert (
        "y has 30 classes [0, 1, 2, 3, 4, 5, 6, 7, ...] (30 in all). Pass a 30x30"
        in refusal(np.eye(3), np.arange(30))
    )


@pytest.mark.parametrize("table", [[[1, 2], [3]], [[1, [2]], [3, 4]], [np.eye(2), 3]])
def test_ragged_lists(table):
    assert refusal(table) == (
        "similarity cannot be read as a table: its rows differ in length or depth. "
        "Give every truth (row) one number for every answer (column)."
    )


# Entries ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")]
)
def test_an_entry_that_is_not_finite_is_named(entry, shown):
    expected = f" is {shown}; every entry must be finite."
    where = "[1, 2] (truth 'bee', answer 'cat')"
    for table in (put(entry), put(entry).astype(float), put(entry).tolist()):
        assert refusal(table) == "similarity" + where + expected
        assert refusal(None, cost=table) == "cost" + where + expected
    labelled = frame(values=put(entry).astype(float)).iloc[::-1]
    assert refusal(labelled) == "similarity.loc['bee', 'cat']" + expected


def test_an_entry_of_a_further_answer_is_named():
    columns = ["refer", *NAMES]
    values = np.column_stack([[0, np.nan, 0], S])
    assert refusal(frame(columns=columns, values=values)) == (
        "similarity.loc['bee', 'refer'] is nan; every entry must be finite."
    )


def test_an_entry_that_is_cut_away_is_not_looked_at():
    assert resolve_table(frame(values=put("?", 2, 1)), NAMES[:2]).n_classes == 2


def test_numbers_beyond_float64():
    assert refusal(put(10**400)).startswith("similarity[1, 2] (truth 'bee', answer '")
    assert "every entry must be finite." in refusal(put(10**400))
    if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
        wide = S.astype(np.longdouble) * np.longdouble("1e4000")
        assert refusal(wide).endswith(" is 1e+4000; every entry must be finite.")


@pytest.mark.parametrize(
    ("entry", "shown", "kind"),
    [
        (None, "None", "NoneType"),
        ("1.0", "'1.0'", "str"),
        (pd.NA, "<NA>", "NAType"),
        (dt.date(2020, 1, 2), "datetime.date(2020, 1, 2)", "date"),
        ([1], "[1]", "list"),
        (1 + 2j, "(1+2j)", "complex"),
        ("long " * 20, "'" + ("long " * 8)[:39] + "...", "str"),
    ],
)
def test_an_object_that_is_no_number_is_named(entry, shown, kind):
    table = S.astype(object)
    table[1, 2] = entry
    for given_table, where in [
        (table, "similarity[1, 2] (truth 'bee', answer 'cat')"),
        (frame(values=table), "similarity.loc['bee', 'cat']"),
    ]:
        assert refusal(given_table, error=TypeError) == (
            f"{where} is {shown} of type {kind}; every entry must be a finite number."
        )


def test_exact_numbers_are_numbers():
    assert resolve_table(put(Fraction(1, 4)), NAMES).values[1, 2] == 0.25
    assert resolve_table(put(np.True_), NAMES).values[1, 2] == 1.0


def test_complex_tables():
    assert refusal(S.astype(complex)) == (
        "similarity is complex (complex128); expected real numbers."
    )


@pytest.mark.parametrize(
    "table", [np.ma.masked_equal(S, 2.0), [np.ma.masked_equal(row, 2.0) for row in S]]
)
def test_masked_tables(table):
    assert refusal(None, cost=table) == (
        "cost is a masked array; every entry must be given. Pass a plain array with "
        "the gaps filled, e.g. cost.filled(0.0)."
    )


@pytest.mark.parametrize(
    "table",
    [
        S.astype(str),
        S.astype("S8"),
        np.zeros((3, 3), "datetime64[s]"),
        np.zeros((3, 3), "timedelta64[s]"),
        np.zeros((3, 3), dtype=[("columns", float), ("index", float)]),
        np.zeros((3, 3), dtype=[("columns", float), ("index", float)]).view(
            np.recarray
        ),
        frame().astype(str).to_numpy(str),
    ],
)
def test_arrays_of_other_things_than_numbers(table):
    assert refusal(table, error=TypeError) == (
        f"similarity holds values of dtype {table.dtype}; expected numbers, one score "
        "for each truth (row) and answer (column)."
    )


# Types ------------------------------------------------------------------------


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.coo_matrix])
def test_sparse_tables_are_refused_as_dense_ones_are(make):
    assert refusal(make(S[:2])) == refusal(S[:2])
    holed = S.copy()
    holed[1, 2] = np.nan
    assert refusal(make(holed)) == refusal(holed)
    assert refusal(make(S * 1j)) == refusal(S * 1j)


@pytest.mark.parametrize(
    "table", ["S.csv", b"S", {"ant": {"ant": 1}}, {1, 2}, iter(S), object()]
)
def test_other_types(table):
    assert refusal(table, error=TypeError) == (
        f"similarity is of type {type(table).__name__}; expected an array of shape "
        "(n_classes, n_classes), or a DataFrame labelled by class."
    )


def test_a_frame_without_row_labels():
    table = pl.DataFrame({name: S[:, j] for j, name in enumerate(NAMES)})
    assert refusal(None, cost=table, error=TypeError) == (
        "cost is a DataFrame without row labels; expected a pandas DataFrame labelled "
        "by class on both axes. Convert it with .to_pandas() and set_index, or pass a "
        "bare array in sorted class order."
    )


def test_an_object_that_numpy_cannot_read():
    class Stubborn:
        def __array__(self, dtype=None, copy=None):
            msg = "no"
            raise RuntimeError(msg)

    assert refusal(Stubborn(), error=TypeError) == (
        "similarity of type Stubborn cannot be turned into an array (RuntimeError: "
        "no). Pass a numpy array or a DataFrame labelled by class."
    )


# Labels -----------------------------------------------------------------------


def test_a_lacking_row_or_column_is_named():
    assert refusal(frame(), ["ant", "cow", "dog"]) == (
        "similarity has no row for class 'cow'. Its row labels are "
        "['ant', 'bee', 'cat']; add the row."
    )
    assert refusal(None, ["ant", "cat"], cost=frame(columns=["ant", "x", "y"])) == (
        "cost has no column for class 'cat'. Its column labels are ['ant', 'x', 'y']; "
        "add the column."
    )


def test_a_row_without_a_column_is_named_even_if_it_is_cut_away():
    assert refusal(frame(columns=["ant", "bee", "refer"]), ["ant", "bee"]) == (
        "similarity has no column for its row 'cat'. Its column labels are "
        "['ant', 'bee', 'refer']; add the column."
    )


@pytest.mark.parametrize("label", ["Cat", "cat ", " CAT"])
def test_a_label_of_another_spelling_is_pointed_out(label):
    labels = [label, "ant", "bee"]
    assert refusal(frame(labels, labels)) == (
        f"similarity has no row for class 'cat'. Its row labels are {labels}; rename "
        f"{label!r} (case and spaces must match) or add the row."
    )


def test_a_label_of_another_type_is_pointed_out():
    labels = ["1", "2", "3"]
    assert refusal(frame(labels, labels), [1, 2, 3]) == (
        "similarity has no row for class 1. Its row labels are ['1', '2', '3']; change "
        "'1' to 1 (the class is of type int, the label of type str) or add the row. "
        "For all labels at once: similarity.index = similarity.index.astype(int)."
    )
    assert "change 1 to '1' (the class is of type str, the label of type int)" in (
        refusal(frame([1, 2, 3], [1, 2, 3]), labels)
    )
    assert refusal(frame([1, 2, 3], [1, 2, 3]), labels).endswith(
        "For all labels at once: similarity.index = similarity.index.astype(str)."
    )
    assert refusal(frame(["1", 2, "3"], [1, 2, 3]), [1, 2, 3]).endswith(" the row.")


def test_numbered_classes_of_a_csv_file_need_one_line_more():
    table = frame([1, 2, 3], [1, 2, 3])
    read = pd.read_csv(StringIO(table.to_csv()), index_col=0)
    assert refusal(None, [1, 2, 3], cost=read) == (
        "cost has no column for class 1. Its column labels are ['1', '2', '3']; change "
        "'1' to 1 (the class is of type int, the label of type str) or add the column. "
        "For all labels at once: cost.columns = cost.columns.astype(int)."
    )
    read.columns = read.columns.astype(int)
    assert (resolve_table(read, [1, 2, 3]).values == S).all()


def test_numbered_classes_beside_a_word_are_renamed_one_by_one():
    table = frame([1, 2, 3], [1, 2, 3]).assign(refer=0.5)
    read = pd.read_csv(StringIO(table.to_csv()), index_col=0)
    assert refusal(read, [1, 2, 3]).endswith(
        "or add the column. For all labels at once: similarity = similarity.rename("
        "columns=lambda label: int(label) if label.isdigit() else label)."
    )
    mended = read.rename(columns=lambda label: int(label) if label.isdigit() else label)
    assert resolve_table(mended, [1, 2, 3]).decisions.tolist() == [1, 2, 3, "refer"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["-1", "0", "refer"], [-1, 0]),
        (["1.5", "2.5", "refer"], [1.5, 2.5]),
        (["1", "2", None], [1, 2]),
    ],
)
def test_no_line_is_shown_that_would_not_run(labels, classes):
    table = pd.DataFrame(S[:2], classes, labels)
    assert "For all labels at once" not in refusal(table, classes)


def test_a_frame_without_any_class_label_is_told_about_the_index():
    assert refusal(frame(range(3), NAMES)) == (
        "similarity has no row for class 'ant'. Its row labels are [0, 1, 2]; label "
        "the rows by class (a CSV file is read with index_col=0)."
    )


@pytest.mark.parametrize(
    "read",
    [
        lambda t: resolve_table(t, NAMES),
        lambda t: resolve_table(t, [0, 1, 2]),
        describe_similarity,
        lambda t: mean_score(NAMES, NAMES, t),
        SimilarityDisplay.from_table,
    ],
)
@pytest.mark.parametrize("heading", ["", "truth"])
def test_a_csv_file_read_without_its_index_is_told_so(heading, read):
    text = frame(NAMES).rename_axis(heading or None).to_csv()
    column = heading or "Unnamed: 0"
    with pytest.raises(ValueError, match="row labels") as told:
        read(pd.read_csv(StringIO(text)))
    assert str(told.value) == (
        "similarity has its row labels in a column: the rows are numbered from 0, and "
        f"column '{column}' holds ['ant', 'bee', 'cat']. Read a CSV file with "
        f"index_col=0, or call similarity.set_index('{column}')."
    )


@pytest.mark.parametrize(
    ("read", "name"), [(from_cost, "cost"), (distance_similarity, "distances")]
)
def test_a_csv_file_of_costs_or_distances_is_told_by_name(read, name):
    table = pd.DataFrame(1.0 - np.eye(3), [4, 5, 6], [4, 5, 6])
    message = rf"^{name} has its row labels in a column: .* holds \[4, 5, 6\]\. Read"
    with pytest.raises(ValueError, match=message):
        read(pd.read_csv(StringIO(table.to_csv())))


def test_numbered_classes_are_no_lost_index():
    table = frame([0, 1, 2], [0, 1, 2]).assign(refer=0.5)
    assert resolve_table(table, [0, 1, 2]).decisions.tolist() == [0, 1, 2, "refer"]


def test_classes_that_an_outer_estimator_has_numbered_are_told_so():
    assert refusal(frame(NAMES), [0, 1, 2]) == (
        "similarity has no row for class 0. Its row labels are ['ant', 'bee', 'cat']; "
        "label the rows by class. If y has other labels, an outer estimator (voting, "
        "stacking, bagging) or cross_val_predict has replaced them by 0, 1, ...: put "
        "BayesDecisionClassifier(outer, table) around it, or pass an array in sorted "
        "class order there."
    )


def test_at_most_eight_labels_of_a_frame_are_shown():
    labels = list(range(40))
    text = refusal(frame(labels, labels, np.eye(40)), [3, 41])
    assert "no row for class 41" in text
    assert "[0, 1, 2, 3, 4, 5, 6, 7, ...] (40 in all)" in text


def test_repeated_labels_are_named_with_their_axis():
    twice = ["ant", "bee", "bee"]
    assert refusal(frame(twice, NAMES)) == (
        "similarity has repeated row labels ['bee']; every row needs a label of its "
        "own. Rename or drop the others."
    )
    assert "repeated column labels ['bee']" in refusal(frame(NAMES, twice))


@pytest.mark.parametrize("gap", [None, np.nan, pd.NaT, pd.NA])
def test_missing_labels(gap):
    labels = pd.Index(["ant", "bee", gap], dtype=object)
    assert refusal(frame(labels)).startswith(
        "similarity has a missing row label; its row labels are ['ant', 'bee', "
    )
    assert refusal(frame(NAMES, labels)).endswith(
        "]. Name every column; where a class is called 'NA' or 'None', read the CSV "
        "file with pd.read_csv(..., keep_default_na=False)."
    )


def test_a_class_called_na_is_read_as_the_message_says():
    table = frame(["NA", "ant", "bee"], ["NA", "ant", "bee"]).to_csv()
    read = pd.read_csv(StringIO(table), index_col=0)
    assert "read_csv(..., keep_default_na=False)" in refusal(read)
    read = pd.read_csv(StringIO(table), index_col=0, keep_default_na=False)
    assert (resolve_table(read, ["NA", "ant", "bee"]).values == S).all()


def test_several_levels_of_labels():
    levels = pd.MultiIndex.from_product([["x"], NAMES])
    assert refusal(frame(NAMES, levels)) == (
        "similarity has a MultiIndex of 2 levels as its column labels; expected one "
        "label for each class. Join or drop the levels."
    )


def test_a_frame_whose_values_do_not_fit_its_labels():
    class Odd:
        index = NAMES
        columns = NAMES

        def __array__(self, dtype=None, copy=None):
            return np.eye(2)

    assert refusal(Odd()) == (
        "similarity has values of shape (2, 2) under labels for (3, 3). Pass a "
        "DataFrame with one number for every pair of labels."
    )


# Callables and classes --------------------------------------------------------


def test_a_wrong_return_names_the_callable():
    def make_table(labels):
        return np.eye(2)

    assert refusal(make_table) == (
        "similarity has shape (2, 2) but y has 3 classes ['ant', 'bee', 'cat']. "
        f"{SQUARE} The table was returned by the callable similarity=make_table."
    )


@pytest.mark.parametrize("made", [None, lambda labels: S])
def test_a_callable_that_returns_no_table(made):
    class Maker:
        def __call__(self, labels):
            return made

    assert refusal(None, cost=Maker(), error=TypeError) == (
        f"cost is of type {type(made).__name__}; expected an array of shape "
        "(n_classes, n_classes), or a DataFrame labelled by class. The table was "
        "returned by the callable cost=Maker."
    )


def test_an_error_inside_the_callable_is_its_own():
    def broken(labels):
        return labels["mine"]

    with pytest.raises(IndexError, match=r"^only integers"):
        resolve_table(broken, NAMES)


def test_classes_that_cannot_be_read():
    assert refusal(S, ["ant", "bee", "ant"]) == (
        "classes repeats ['ant']; name each class once."
    )
    for labels, shape in [([], (0,)), ("ant", ()), ([["ant"]], (1, 1))]:
        assert refusal(S, labels) == (
            f"classes has shape {shape}; expected one label for each class."
        )
    assert refusal(S, [["ant"], "bee"]) == (
        "classes cannot be read; expected a flat list of class labels."
    )
    assert refusal(S, [None, "ant"]) == (
        "classes has a missing label; its labels are [None, 'ant']."
    )
    assert refusal(S, [np.nan, "ant"]) == (
        "classes has a missing label; its labels are [nan, 'ant']."
    )
    assert refusal(S, [1, "1"]).startswith(
        "similarity has shape (3, 3) but y has 2 classes [1, '1']. "
    )


# Anything ---------------------------------------------------------------------

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.dates(),
    st.decimals(),
    st.fractions(),
    st.just(pd.NA),
    st.just(pd.NaT),
    st.just(np.ma.masked),
)
nested = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.integers(0, 3), inner, max_size=2),
    ),
    max_leaves=12,
)
arrays = hnp.arrays(
    st.one_of(
        hnp.scalar_dtypes(), hnp.array_dtypes(max_size=2), st.just(np.dtype("O"))
    ),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    fill=st.nothing(),
)
labels = st.lists(
    st.one_of(st.sampled_from([*NAMES, "Cat", "refer"]), scalars),
    min_size=0,
    max_size=4,
)


@st.composite
def frames(draw):
    rows = draw(st.one_of(st.just(NAMES), labels))
    columns = draw(st.one_of(st.just(NAMES), labels))
    cells = st.one_of(st.floats(-1, 1), scalars)
    shape = (len(rows), len(columns))
    values = np.empty(shape, dtype=object)
    for position in np.ndindex(shape):
        values[position] = draw(cells)
    return pd.DataFrame(
        values,
        index=pd.Index(rows, dtype=object),
        columns=pd.Index(columns, dtype=object),
    )


garbage = st.one_of(nested, arrays, frames(), frames().map(lambda f: f.iloc[0:1].T))


def attempt(function, *args, **kwargs):
    """Return what a function returns, or the refusal it raises."""
    try:
        return function(*args, **kwargs)
    except (ValueError, TypeError) as error:
        return error


@given(garbage.filter(lambda table: table is not None), st.booleans(), st.booleans())
def test_anything_is_read_or_refused_by_name(table, as_cost, through_callable):
    made = (lambda classes: table) if through_callable else table
    name = "cost" if as_cost else "similarity"
    given_tables = {"similarity": None, "cost": None, name: made}
    result = attempt(resolve_table, classes=NAMES, **given_tables)
    if isinstance(result, Exception):
        assert type(result) in {ValueError, TypeError}
        assert re.match(rf"{name}\b", str(result))
        assert str(result).endswith(".")
    else:
        assert np.isfinite(result.values).all()
        assert result.values.shape == (3, result.n_decisions)


@given(garbage)
def test_anything_is_described_or_refused_by_name(table):
    result = attempt(describe_similarity, table)
    if isinstance(result, Exception):
        assert type(result) in {ValueError, TypeError}
        assert re.match(r"similarity\b", str(result))
    else:
        assert str(result).startswith("Score table of ")
