"""Values come back as they were, to the type and the last bit; code does not go in."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from simclf.losses import LOSSES, SoftTargetLoss
from simclf.modules import MODULES
from simclf.persistence._components import Own
from simclf.persistence._container import pack, unpack
from simclf.persistence._values import Reader, Writer
from tests.persistence.cases import assert_equal

DTYPES = ["?", "u1", "i2", "u8", "i8", "f2", "f4", "f8", ">i4", ">f8", "U3", ">U2"]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.text(max_size=5)
    | st.characters(categories=["Cs"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(SCALARS.filter(lambda key: key == key), inner, max_size=3)  # noqa: PLR0124 - nan
    ),
    max_leaves=8,
)


def round_trip(value: Any) -> Any:
    """Write a value to the bytes of a file and read it."""
    writer = Writer()
    entry = writer.write(value, "value")
    document, found = unpack(pack({"value": entry}, writer.arrays))
    reader = Reader(found, Own())
    again = reader.read(document["value"])
    assert not found
    return again


@given(value=VALUES)
def test_plain_values_come_back(value: Any) -> None:
    assert_equal(value, round_trip(value))


@given(
    value=arrays.arrays(
        st.sampled_from(DTYPES), arrays.array_shapes(min_dims=0, min_side=0)
    )
)
def test_arrays_come_back(value: Any) -> None:
    again = round_trip(value)
    assert again.dtype == value.dtype.newbyteorder("=")
    assert again.shape == value.shape
    np.testing.assert_array_equal(again, value)


def test_arrays_come_back_however_they_lie_in_memory(tmp_path: Path) -> None:
    table = np.arange(12.0).reshape(3, 4)
    on_disk = np.memmap(tmp_path / "table", dtype="f8", mode="w+", shape=(3, 4))
    on_disk[:] = table
    for value in (table.T, table[::-1, ::2], np.asfortranarray(table), on_disk):
        np.testing.assert_array_equal(round_trip(value), value)


@pytest.mark.parametrize(
    "value",
    [np.float32(0.1), np.float64(-0.0), np.int8(-3), np.bool_(1), np.str_("caf\u00e9")],
)
def test_numpy_scalars_come_back(value: Any) -> None:
    again = round_trip(value)
    assert_equal(value, again)
    assert repr(again) == repr(value)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame([[1, 2], [3, 4]]),
        pd.DataFrame([[1, 2.5], [3, math.nan]], ["a", "b"], ["a", "b"]),
        pd.DataFrame([[1, True], ["x", None]], [2, 1], ["a", "a"]),
        pd.DataFrame({"a": [1], "b": [2.0], "c": [False]}, index=[0.5]),
        pd.DataFrame([[1.0]], pd.Index([True], name=("two", 3)), pd.Index(["a"])),
        pd.DataFrame(),
    ],
)
def test_frames_come_back(frame: pd.DataFrame) -> None:
    again = round_trip(frame)
    pd.testing.assert_frame_equal(
        again, frame, check_exact=True, check_index_type=False
    )


@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
@pytest.mark.parametrize("what", ["array", "matrix"])
def test_sparse_tables_come_back(kind: str, what: str) -> None:
    table = getattr(sparse, f"{kind}_{what}")(np.diag([0, 1.5, 0, 2]))
    assert_equal(table, round_trip(table))
    empty = getattr(sparse, f"{kind}_{what}")((3, 3))
    assert_equal(empty, round_trip(empty))


@pytest.mark.parametrize("kind", [*LOSSES.values(), *MODULES.values()])
def test_components_come_back(kind: type) -> None:
    assert_equal(kind(), round_trip(kind()))


def test_components_with_tables_in_them_come_back() -> None:
    frame = pd.DataFrame([[1.0, 0.5], [0.0, 1.0]], ["a", "b"], ["a", "b"])
    loss = SoftTargetLoss(targets=frame, temperature=np.float32(0.3))
    assert_equal(loss, round_trip(loss))


def test_a_state_of_random_numbers_comes_back_where_it_was() -> None:
    state = np.random.RandomState(3)
    state.normal()
    again = round_trip(state)
    assert_equal(state, again)
    assert state.normal() == again.normal()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (print, "^value is the builtin_function_or_method print, which no file can h"),
        (object(), "^value is a object, which no file can hold. A file holds data, no"),
        ([1, {2}], r"^value\[1\] is a set, "),
        ({"a": {"b": b"c"}}, r"^value\['a'\]\['b'\] is a bytes, "),
        ({(1, 2): 3}, "^a key of value is a tuple, "),
        (np.array([1, (2, 3)], dtype=object), r"^value\[1\] is a tuple, "),
        (np.array(["2020-01-01"], dtype="M8[D]"), r"^value has dtype datetime64\[D\]"),
        (np.array([1j]), "^value has dtype complex128"),
        (np.ma.masked_array([1.0]), "^value is a MaskedArray, "),
        (np.complex64(1), "^value has dtype complex64"),
        (np.random.default_rng(), "^value is a Generator, "),
        (pd.Series([1]), "^value is a Series, "),
        (
            pd.DataFrame([[1]], pd.MultiIndex.from_tuples([(1, 2)])),
            "^value is a DataFrame, ",
        ),
        (
            pd.DataFrame([[1]], pd.DatetimeIndex(["2020-01-01"])),
            r"^value.index has dtype datetime64\[ns\]",
        ),
    ],
)
def test_what_is_no_data_is_refused_by_its_place(value: Any, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        Writer().write(value, "value")


def test_an_integer_that_no_reader_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="value is an integer of 20001 bits, too long"):
        Writer().write(2**20_000, "value")
    assert round_trip(-(2**13_999)) == -(2**13_999)


def test_two_arrays_of_one_place_have_names_of_their_own() -> None:
    writer = Writer()
    entries = [writer.write(np.array([i]), "same") for i in range(3)]
    assert len({json.dumps(entry) for entry in entries}) == 3
    assert [writer.arrays[entry["tensor"]][0] for entry in entries] == [0, 1, 2]
