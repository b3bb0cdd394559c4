"""What a user hands over, checked and encoded, or refused by name."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin

from simclf._inputs import (
    LabelledRows,
    read_features,
    read_known_classes,
    read_labelled_rows,
    read_validation_rows,
    read_weights,
    refuse_anndata,
    with_class_weight,
)

X = np.arange(12.0).reshape(6, 2)
Y = ["cat", "ant", "bee", "ant", "cat", "ant"]
CLASSES = np.array(["ant", "bee", "cat"])
CODES = [2, 0, 1, 0, 2, 0]
FORMS = {
    "array": np.array,
    "list": np.ndarray.tolist,
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "pandas": pd.DataFrame,
    "polars": lambda values: pl.DataFrame(values, schema=["a", "b"]),
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


class Estimator(ClassifierMixin, BaseEstimator):
    """An estimator without parameters that takes CSR matrices."""


def read(features=X, y=Y, sample_weight=None, *, reset=True, estimator=None, **names):
    estimator = Estimator() if estimator is None else estimator
    return read_labelled_rows(
        estimator, features, y, sample_weight, reset=reset, **names
    )


def dense(features):
    return features.toarray() if sparse.issparse(features) else features


def refused(error, message):
    return pytest.raises(error, match=f"^{re.escape(message)}$")


# Features ---------------------------------------------------------------------


@each_form
def test_features_of_every_form_are_read(form):
    rows = read(form(X))
    assert np.array_equal(dense(rows.X), X)
    assert rows.X.dtype == np.float64
    assert not sparse.issparse(rows.X) or rows.X.format == "csr"


@pytest.mark.parametrize(
    ("given_as", "read_as"),
    [
        (np.float16, np.float64),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.int8, np.float64),
        (np.uint64, np.float64),
        (bool, np.float64),
        (object, np.float64),
        (">f8", np.float64),
    ],
)
def test_features_are_float32_or_float64(given_as, read_as):
    features = (X % 2).astype(given_as)
    for found in (read(features).X, read_features(Estimator(), features, reset=True)):
        assert found.dtype == np.dtype(read_as)
        assert np.array_equal(found, X % 2)


def test_names_and_number_of_features_are_taken():
    estimator = Estimator()
    read(pd.DataFrame(X, columns=["length", "width"]), estimator=estimator)
    assert estimator.n_features_in_ == 2
    assert estimator.feature_names_in_.tolist() == ["length", "width"]
    renamed = pd.DataFrame(X, columns=["length", "height"])
    with pytest.raises(ValueError, match="feature names should match"):
        read_features(estimator, renamed, reset=False)
    with pytest.raises(ValueError, match="feature names should match"):
        read(renamed, estimator=estimator, reset=False)


def test_another_width_is_refused():
    estimator = Estimator()
    read(estimator=estimator)
    with pytest.raises(ValueError, match=r"X has 1 features, but .* expecting 2"):
        read_features(estimator, X[:, :1], reset=False)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_features_that_are_not_finite_are_refused(form, value):
    broken = X.copy()
    broken[3, 1] = value
    word = "NaN" if np.isnan(value) else "infinity"
    with pytest.raises(ValueError, match=f"Input X contains {word}"):
        read(form(broken))
    with pytest.raises(ValueError, match=f"Input X contains {word}"):
        read_features(Estimator(), form(broken), reset=True)


class LikeAnnData:
    """Quacks like the container of single-cell data."""

    obs_names = var_names = ()

    def __array__(self, *_, **__):
        pytest.fail("was turned into an array")


def test_anndata_is_refused_at_once():
    message = (
        "X is an AnnData object; pass its matrix, e.g. adata.X or adata.obsm['X_pca'], "
        "and its labels as y, e.g. adata.obs['cell_type']; or call "
        "simclf.scverse.fit_adata(clf, adata, 'cell_type') and "
        "simclf.scverse.annotate(clf, adata)."
    )
    with refused(TypeError, message):
        refuse_anndata(LikeAnnData())
    with refused(TypeError, message):
        read(LikeAnnData())
    with refused(TypeError, message):
        read_features(Estimator(), LikeAnnData(), reset=True)
    refuse_anndata(pd.DataFrame(X))


# Labels -----------------------------------------------------------------------

WORDS = np.array(Y)
NUMBERS = np.array([7, -3, 0, -3, 7, -3])
FLAGS = np.array([True, False, False, True, True, False])
LABELS = {
    "list": (Y, ["ant", "bee", "cat"]),
    "str": (WORDS, ["ant", "bee", "cat"]),
    "object": (WORDS.astype(object), ["ant", "bee", "cat"]),
    "series": (pd.Series(Y), ["ant", "bee", "cat"]),
    "string": (pd.Series(Y, dtype="string"), ["ant", "bee", "cat"]),
    "Categorical": (pd.Categorical(Y), ["ant", "bee", "cat"]),
    "category": (pd.Series(Y, dtype="category"), ["ant", "bee", "cat"]),
    "ordered": (
        pd.Series(pd.Categorical(Y, ["cat", "bee", "ant", "dog"], ordered=True)),
        ["ant", "bee", "cat"],
    ),
    "polars": (pl.Series(Y), ["ant", "bee", "cat"]),
    "polars category": (pl.Series(Y, dtype=pl.Categorical), ["ant", "bee", "cat"]),
    "int": (NUMBERS, [-3, 0, 7]),
    "object of ints": (NUMBERS.astype(object), [-3, 0, 7]),
    "object of flags": (FLAGS.astype(object), [False, True]),
    "int8": (NUMBERS.astype(np.int8), [-3, 0, 7]),
    "whole floats": (NUMBERS.astype(float), [-3.0, 0.0, 7.0]),
    "Int64": (pd.Series(NUMBERS, dtype="Int64"), [-3, 0, 7]),
    "Int64 array": (pd.array(NUMBERS, dtype="Int64"), [-3, 0, 7]),
    "category of ints": (pd.Series(NUMBERS, dtype="category"), [-3, 0, 7]),
    "bool": (FLAGS, [False, True]),
    "boolean": (pd.Series(FLAGS, dtype="boolean"), [False, True]),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_every_kind_are_sorted_classes_and_codes(kind):
    y, classes = LABELS[kind]
    rows = read(y=y)
    assert rows.classes.tolist() == classes
    # False == 0 == 0.0: the types count too.
    assert [type(label) for label in rows.classes.tolist()] == [*map(type, classes)]
    assert rows.codes.dtype == np.intp
    assert rows.classes[rows.codes].tolist() == np.asarray(y).tolist()


# scikit-learn wonders whether labels that are mostly distinct are meant as such.
@pytest.mark.filterwarnings("ignore:The number of unique classes is greater")
@given(hnp.arrays(np.int64, st.integers(2, 40), elements=st.integers(-9, 9)))
def test_labels_survive_the_round_trip(y):
    if len(set(y)) < 2:
        return
    rows = read(np.zeros((len(y), 1)), y)
    assert rows.classes[rows.codes].tolist() == y.tolist()
    assert rows.classes.tolist() == sorted(set(y.tolist()))


def test_a_column_vector_of_labels_is_flattened_with_a_warning():
    with pytest.warns(UserWarning, match="A column-vector y was passed"):
        rows = read(y=np.array(Y)[:, None])
    assert rows.codes.tolist() == CODES


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(["cat", "ant", None, "ant", None, "ant"]),
        pd.Series(["cat", "ant", np.nan, "ant", None, "ant"], dtype="string"),
        pd.Categorical(["cat", "ant", None, "ant", None, "ant"]),
        pd.Series([1, 2, None, 1, None, 1], dtype="Int64"),
        pd.Series([True, False, None, True, None, True], dtype="boolean"),
        pd.Series([1.0, 2.0, np.nan, 1.0, np.nan, 1.0], index=[9, 9, 9, 1, 1, 1]),
        ["cat", "ant", None, "ant", None, "ant"],
        pl.Series(["cat", "ant", None, "ant", None, "ant"]),
    ],
    ids=[
        "object",
        "string",
        "Categorical",
        "Int64",
        "boolean",
        "float",
        "list",
        "polars",
    ],
)
def test_missing_labels_are_refused_by_row(y):
    message = (
        "y[2] is missing (2 rows are): Input y contains NaN. Drop the unlabelled rows "
        "first."
    )
    with refused(ValueError, message):
        read(y=y)


def test_missing_labels_of_numpy_are_refused():
    with pytest.raises(ValueError, match="Input y contains NaN"):
        read(y=np.array([0.0, 1.0, np.nan, 0.0, 1.0, 0.0]))


@pytest.mark.parametrize(
    ("y", "kinds"),
    [
        (["cat", 1, "cat", 1, "cat", 2.5], ["float", "int", "str"]),
        ([1, "cat", "cat", 1, "cat", "cat"], ["int", "str"]),
        ([True, "cat", "cat", True, "cat", b"cat"], ["bool", "bytes", "str"]),
    ],
)
def test_labels_without_a_common_order_are_refused(y, kinds):
    message = (
        f"y mixes labels of types {kinds}, which have no common order; convert them to "
        "one type, e.g. with y.astype(str)."
    )
    with refused(TypeError, message):
        read(y=np.array(y, dtype=object))


@pytest.mark.parametrize("y", [["ant"] * 6, [4] * 6])
def test_one_class_is_refused(y):
    message = (
        f"y holds 1 class, {[y[0]]}; a classifier needs rows of at least 2 classes."
    )
    with refused(ValueError, message):
        read(y=y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0.5, 1.5, 0.5, 2.5, 1.5, 0.1], "Unknown label type: continuous"),
        (np.eye(6), "y should be a 1d array"),
        (Y[:5], r"inconsistent numbers of samples: \[6, 5\]"),
        (None, "requires y to be passed"),
    ],
)
def test_what_are_no_labels_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        read(y=y)


def test_labels_are_coded_by_the_classes_known_before():
    known = np.array(["ant", "bee", "cat", "dog"])
    rows = read(y=["dog", "ant", "dog", "ant", "ant", "cat"], classes=known)
    assert rows.classes is known
    assert rows.codes.tolist() == [3, 0, 3, 0, 0, 2]
    assert read(y=["bee"] * 6, classes=known).codes.tolist() == [1] * 6


@pytest.mark.parametrize("n_classes", [8, 9])
def test_a_label_not_among_the_classes_is_refused(n_classes):
    known = np.array([f"c{i}" for i in range(n_classes)])
    with pytest.raises(
        ValueError, match=r"^y has class 'new' that is not among"
    ) as error:
        read(y=["c0", "new", "c1", "other", "c0", "c0"], classes=known)
    shown = f"the classes {known.tolist()[:8]}{'...' if n_classes > 8 else ''} of"
    assert shown in str(error.value)


def test_messages_speak_of_the_users_own_names():
    names = ("X_val", "y_val", "sample_weight_val")
    with pytest.raises(ValueError, match=r"^y_val holds 1 class"):
        read(y=["ant"] * 6, names=names)
    with pytest.raises(ValueError, match=r"^y_val\[1\] is missing"):
        read(y=pd.Series(["ant", None, "bee", "ant", "bee", "ant"]), names=names)
    with pytest.raises(ValueError, match=r"^sample_weight_val\[0\] is -1\.0;"):
        read(sample_weight=[-1.0] * 6, names=names)
    with pytest.raises(ValueError, match=r"^sample_weight_val .* but X_val has 6 rows"):
        read(sample_weight=[1.0] * 5, names=names)
    with pytest.raises(ValueError, match=r"^sample_weight_val .* each row of X_val: "):
        read(sample_weight="balanced", names=names)
    with pytest.raises(ValueError, match=r"^X_val is None; pass a 2-d array, DataFr"):
        read(None, names=names)
    with pytest.raises(ValueError, match=r"^y_val has class 'cat' that is not among"):
        read(names=names, classes=np.array(["ant", "bee"]))
    with pytest.raises(TypeError, match=r"^y_val mixes labels"):
        read(y=np.array([1, "a", 1, "a", 1, 1], dtype=object), names=names)


# Weights ----------------------------------------------------------------------

weights = hnp.arrays(
    np.float64, 6, elements=st.sampled_from([0.0, 0.5, 1.0, 3.0, 1e-200, 1.5e308])
)


@given(weights)
def test_weights_have_mean_one_and_keep_their_ratios(weight):
    if not weight.any() or len({Y[i] for i in np.flatnonzero(weight)}) < 2:
        return
    rows = read(sample_weight=weight)
    kept = weight[weight > 0]
    assert len(rows.sample_weight) == len(kept) == len(rows.codes)
    assert rows.sample_weight.mean() == pytest.approx(1.0, rel=1e-12)
    ratio = kept / kept.max()
    found = rows.sample_weight / rows.sample_weight.max()
    np.testing.assert_allclose(found, ratio, rtol=1e-12, atol=1e-307)
    assert (rows.sample_weight > 0).all()


def test_without_weights_there_are_none():
    assert read().sample_weight is None
    assert read_weights(None, 6, "sample_weight") is None


@each_form
def test_rows_of_weight_zero_are_as_if_they_were_not_there(form):
    rows = read(form(X), sample_weight=[1, 2, 0, 3, 0, 2])
    assert np.array_equal(dense(rows.X), X[[0, 1, 3, 5]])
    assert rows.classes.tolist() == ["ant", "cat"]
    assert rows.codes.tolist() == [1, 0, 0, 0]
    assert rows.sample_weight.tolist() == [0.5, 1.0, 1.5, 1.0]


def test_a_class_of_weight_zero_alone_does_not_count():
    with pytest.raises(ValueError, match=r"^y holds 1 class, \['ant'\];"):
        read(sample_weight=[0, 2, 0, 3, 0, 2])


@pytest.mark.parametrize(
    "weight",
    [
        [1, 2, 3, 4, 5, 6],
        np.arange(1, 7, dtype=np.float16),
        pd.Series(range(1, 7), index=range(9, 3, -1)),
        pl.Series(range(1, 7)),
        np.arange(1, 7, dtype=object),
    ],
)
def test_weights_of_every_form_are_read(weight):
    found = read_weights(weight, 6, "sample_weight")
    assert found.dtype == np.float64
    assert found.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_one_number_is_the_weight_of_every_row():
    assert read_weights(2, 3, "sample_weight").tolist() == [2.0] * 3


def test_weights_are_never_written_to():
    weight = np.array([1.0, 0.0, 2.0, 3.0, 4.0, 5.0])
    weight.flags.writeable = False
    rows = read(sample_weight=weight)
    rows.sample_weight[:] = 9.0
    assert weight.tolist() == [1.0, 0.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize("shape", [(5,), (7,), (6, 1), (1, 6), (0,)])
def test_weights_of_another_shape_are_refused(shape):
    message = (
        f"sample_weight has shape {shape}, but X has 6 rows; pass one number for each "
        "row, shape (6,)."
    )
    with refused(ValueError, message):
        read(sample_weight=np.ones(shape))


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), -float("inf")])
def test_a_weight_that_is_none_is_refused_by_its_row(value):
    message = (
        f"sample_weight[2] is {value}; weights must be finite and not negative. Use 0 "
        "to leave a row out."
    )
    with refused(ValueError, message):
        read(sample_weight=[1, 1, value, 1, value, 1])


def test_weights_that_are_all_zero_are_refused():
    message = (
        "Sample weights must contain at least one non-zero number: every entry of "
        "sample_weight is 0, so no row is left to learn from."
    )
    with refused(ValueError, message):
        read(sample_weight=np.zeros(6))


@pytest.mark.parametrize(
    "weight", ["balanced", ["a"] * 6, ["1"] * 6, {"ant": 1}, [10**400] * 6]
)
def test_weights_that_are_no_numbers_are_refused(weight):
    with pytest.raises(
        ValueError,
        match=r"^sample_weight must hold one number for each row of X: .*\.$",
    ):
        read(sample_weight=weight)


def test_ragged_and_masked_weights_are_refused():
    message = (
        "sample_weight has entries that differ in length or depth. Pass one number for "
        "each row of X."
    )
    with refused(ValueError, message):
        read(sample_weight=[[1], [1, 2]] * 3)
    with pytest.raises(ValueError, match=r"^sample_weight is a masked array, whose"):
        read(sample_weight=np.ma.masked_less(np.arange(6.0), 2))


# Rows -------------------------------------------------------------------------


def labelled(weight=None, form=np.array):
    weight = None if weight is None else np.array(weight, dtype=np.float64)
    return LabelledRows(form(X), np.array(CODES, dtype=np.intp), CLASSES, weight)


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_some_of_the_rows(form):
    taken = labelled([1, 2, 3, 1, 1, 1], form).take(np.array([4, 1]))
    assert np.array_equal(dense(taken.X), X[[4, 1]])
    assert taken.codes.tolist() == [2, 0]
    assert taken.classes is CLASSES
    np.testing.assert_allclose(taken.sample_weight, [2 / 3, 4 / 3])
    assert labelled().take(np.array([0])).sample_weight is None


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
def test_the_rows_under_other_weights(form):
    rows = labelled([9] * 6, form).reweighted(np.array([1.0, 0.0, 2.0, 0.0, 3.0, 0.0]))
    assert np.array_equal(dense(rows.X), X[[0, 2, 4]])
    assert rows.codes.tolist() == [2, 1, 2]
    assert rows.sample_weight.tolist() == [0.5, 1.0, 1.5]
    assert rows.classes is CLASSES


# Class weights ----------------------------------------------------------------


def test_no_class_weight_changes_nothing():
    rows = labelled()
    assert with_class_weight(rows, None) is rows


def test_class_weights_are_given_by_label():
    rows = with_class_weight(labelled(), {"ant": 1.0, "bee": 4.0, "cat": 2.0})
    expected = np.array([2.0, 1.0, 4.0, 1.0, 2.0, 1.0])
    np.testing.assert_allclose(rows.sample_weight, expected / expected.mean())


def test_class_weights_multiply_the_rows_weights():
    weight = np.array([1.0, 2.0, 3.0, 1.0, 1.0, 1.0])
    rows = with_class_weight(labelled(weight), {"ant": 1.0, "bee": 4.0, "cat": 2.0})
    expected = weight * [2.0, 1.0, 4.0, 1.0, 2.0, 1.0]
    np.testing.assert_allclose(rows.sample_weight, expected / expected.mean())


@pytest.mark.parametrize("weight", [None, [1, 2, 3, 1, 5, 1]])
def test_balanced_classes_have_the_same_weight_together(weight):
    rows = with_class_weight(labelled(weight), "balanced")
    together = np.bincount(rows.codes, weights=rows.sample_weight)
    np.testing.assert_allclose(together, 2.0)


def test_a_class_of_weight_zero_is_not_learned_but_still_known():
    rows = with_class_weight(labelled(), {"ant": 1.0, "bee": 0.0, "cat": 2.0})
    assert rows.codes.tolist() == [2, 0, 0, 2, 0]
    assert rows.classes is CLASSES


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        (
            {"ant": 1.0, "bee": -4.0, "cat": 2.0},
            r"^class_weight of class 'bee' is -4\.0; weights must be finite",
        ),
        (
            {"ant": 1.0, "bee": np.inf, "cat": 2.0},
            r"^class_weight of class 'bee' is inf; weights must be finite",
        ),
        (
            {"ant": 0.0, "bee": 0.0, "cat": 0.0},
            r"every entry of class_weight \* sample_weight is 0, so no row is left",
        ),
        (
            {"ant": 1.0, "dog": 2.0},
            r"^class_weight=\{'ant': 1\.0, 'dog': 2\.0\} cannot .* \['bee', 'cat'\], a",
        ),
        (
            {"ant": 1.0, "bee": "a", "cat": 2.0},
            r"^class_weight=\{'ant': 1\.0, 'bee': 'a', .*\} cannot .*: could not conv",
        ),
        ("balance", "balance"),
    ],
)
def test_class_weights_that_cannot_be_used_are_refused(class_weight, message):
    with pytest.raises(ValueError, match=message):
        with_class_weight(labelled(), class_weight)


# Rows to judge by -------------------------------------------------------------


def validate(X_val=None, y_val=None, weight=None, *, wanted=True):
    estimator = Estimator()
    rows = read(estimator=estimator)
    return read_validation_rows(estimator, rows, (X_val, y_val, weight), wanted=wanted)


def test_no_rows_to_judge_by():
    assert validate() is None
    assert validate(wanted=False) is None


def test_rows_to_judge_by_are_coded_by_the_classes_learned():
    held = validate(X[:3], ["cat", "cat", "bee"], [1, 0, 3])
    assert held.classes.tolist() == CLASSES.tolist()
    assert held.codes.tolist() == [2, 1]
    assert held.sample_weight.tolist() == [0.5, 1.5]
    assert validate(X[:1], ["cat"]).codes.tolist() == [2]


@pytest.mark.parametrize(
    ("given_rows", "missing"), [((X, None), "y_val"), ((None, Y), "X_val")]
)
def test_half_of_the_rows_to_judge_by_is_refused(given_rows, missing):
    message = f"{missing} is missing: X_val and y_val are given together or not at all."
    with refused(ValueError, message):
        validate(*given_rows)


def test_rows_to_judge_by_that_nothing_uses_are_refused():
    message = (
        "X_val is given, but neither early stopping nor calibration would use it; set "
        "early_stopping=True or leave it out."
    )
    with refused(ValueError, message):
        validate(X, Y, wanted=False)


def test_rows_to_judge_by_have_the_same_features():
    with pytest.raises(ValueError, match=r"X has 3 features, but .* expecting 2"):
        validate(np.ones((6, 3)), Y)


def test_rows_to_judge_by_of_another_class_are_refused():
    with pytest.raises(ValueError, match=r"y_val has class 'dog' that is not among"):
        validate(X[:2], ["cat", "dog"])


# Classes of a partial fit -----------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["cat", "ant", "bee", "ant"], ["ant", "bee", "cat"]),
        (np.array([3, -1, 2]), [-1, 2, 3]),
        (pd.Series(["b", "a"], dtype="category"), ["a", "b"]),
        (pd.Series([2, 1], dtype="Int64"), [1, 2]),
        ([True, False], [False, True]),
    ],
)
def test_classes_are_sorted(classes, expected):
    found = read_known_classes(classes, None).tolist()
    assert found == expected
    assert [type(label) for label in found] == [*map(type, expected)]


def test_classes_are_remembered():
    assert read_known_classes(None, CLASSES) is CLASSES
    again = read_known_classes(["cat", "bee", "ant"], CLASSES)
    assert again.tolist() == CLASSES.tolist()


def test_the_first_call_needs_classes():
    with refused(
        ValueError, "classes must be passed in the first call to partial_fit."
    ):
        read_known_classes(None, None)


@pytest.mark.parametrize("classes", [["ant"], ["ant", "ant"]])
def test_one_class_to_come_is_refused(classes):
    with refused(ValueError, "classes=['ant'] holds 1 class; pass at least 2."):
        read_known_classes(classes, None)


def test_other_classes_than_before_are_refused():
    message = (
        "classes=['ant', 'dog'] differ from those of the first call, ['ant', 'bee', "
        "'cat']; pass the same, or none."
    )
    with refused(ValueError, message):
        read_known_classes(["dog", "ant"], CLASSES)


def test_classes_without_a_common_order_are_refused():
    message = (
        "classes mixes labels of types ['int', 'str'], which have no common order; "
        "convert them to one type, e.g. with y.astype(str)."
    )
    with refused(TypeError, message):
        read_known_classes(np.array(["ant", 1], dtype=object), None)
