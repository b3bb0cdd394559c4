"""Labels that are missing are refused by name and row, whatever they look like."""

import numpy as np
import pandas as pd
import pytest

from simclf.decision._missing import refuse_missing_labels, without_mask

NOTHING = [None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT]
PRESENT = ["ant", "", "nan", "None", 0, 0.0, False, b""]


def of_objects(labels):
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


@pytest.mark.parametrize("nothing", NOTHING, ids=repr)
@pytest.mark.parametrize("kind", [list, tuple, of_objects, pd.Series])
def test_what_is_nothing_is_refused_in_every_kind_of_list(nothing, kind):
    with pytest.raises(ValueError, match=r"^labels\[1\] is missing \(2 rows are\)"):
        refuse_missing_labels(kind(["ant", nothing, "bee", nothing]), "labels")


@pytest.mark.parametrize("kind", [list, tuple, of_objects, pd.Series])
def test_what_is_something_is_let_through(kind):
    refuse_missing_labels(kind(PRESENT), "y")
    refuse_missing_labels(None, "y")


def test_floats_and_columns_are_looked_at_row_by_row():
    told = (
        r"^y\[2\] is missing \(1 rows are\): Input y contains NaN\. Drop the "
        r"unlabelled rows first\.$"
    )
    for y in (
        np.array([1.0, 2.0, np.nan]),
        np.array([[1.0], [2.0], [np.nan]]),
        pd.DataFrame({"y": ["a", "b", None]}),
        pd.Series([1, 2, None], dtype="Int64"),
    ):
        with pytest.raises(ValueError, match=told):
            refuse_missing_labels(y, "y")
    refuse_missing_labels(np.array([1.0, np.inf, -np.inf]), "y")
    refuse_missing_labels(np.array(["nan", "NaT"]), "y")


@pytest.mark.parametrize(
    ("dtype", "numpy"), [("Int64", np.int64), ("UInt8", np.uint8), ("boolean", bool)]
)
def test_a_nullable_column_is_what_it_stands_for(dtype, numpy):
    found = without_mask(pd.Series([1, 0, 1], dtype=dtype))
    assert isinstance(found, np.ndarray)
    assert found.dtype == numpy
    assert found.tolist() == [1, 0, 1]


def test_any_other_column_is_left_as_it_is():
    for y in (["ant"], np.arange(3), pd.Series(["ant"]), pd.Series([1.5]), None):
        assert without_mask(y) is y
