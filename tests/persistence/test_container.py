"""Containers that safetensors or the checksum would not have are refused."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from simclf.persistence._container import pack, unpack

ZEROS = "0" * 64


def forged(payload: bytes, **entries: Any) -> bytes:
    """Write a container by hand, with a right checksum."""
    document = {"sha256": ZEROS, "format": "simclf model", "version": 1}
    header = {"__metadata__": {"simclf": json.dumps(document)}, **entries}
    text = json.dumps(header).encode()
    blank = len(text).to_bytes(8, "little") + text + payload
    digest = hashlib.sha256(blank).hexdigest()
    return blank.replace(ZEROS.encode(), digest.encode(), 1)


def entry(dtype: str, shape: list[int], start: int, stop: int) -> dict[str, Any]:
    """Return what a header says of a tensor."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_what_is_packed_comes_back() -> None:
    data = pack(
        {"a": ["\u00e9 \ud800", 0.1, None]}, {"x": np.arange(3), "y": np.eye(2)}
    )
    document, arrays = unpack(data)
    assert document["a"] == ["\u00e9 \ud800", 0.1, None]
    assert {name: a.tolist() for name, a in arrays.items()} == {
        "x": [0, 1, 2],
        "y": [[1, 0], [0, 1]],
    }


def test_a_container_can_be_written_by_hand() -> None:
    _, arrays = unpack(forged(bytes(16), a=entry("I64", [2], 0, 16)))
    assert arrays["a"].tolist() == [0, 0]
    _, arrays = unpack(forged(b"\0\1", a=entry("BOOL", [2, 1], 0, 2)))
    assert arrays["a"].tolist() == [[False], [True]]


@pytest.mark.parametrize(
    "entries",
    [
        {"a": entry("I64", [2], 0, 8)},
        {"a": entry("I64", [1], 0, 8)},
        {"a": entry("I64", [2**61], 0, 16)},
        {"a": entry("I64", [2**32, 2**32], 0, 16)},
        {"a": entry("I64", [-2], 0, 16)},
        {"a": entry("I64", [2], 16, 0)},
        {"a": entry("I64", [2], 0, 16), "b": entry("I64", [2], 0, 16)},
        {"a": entry("I64", [1], 0, 8), "b": entry("U8", [4], 12, 16)},
        {"a": entry("I64", [2], 8, 24)},
        {"a": entry("object", [2], 0, 16)},
        {"a": {"dtype": "I64"}},
        {"a": 3},
        {},
    ],
)
def test_offsets_and_shapes_that_lie_are_refused(entries: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="it is damaged or was changed: "):
        unpack(forged(bytes(16), **entries))


def test_a_dtype_that_numpy_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="tensor 'a' has dtype BF16, which no model"):
        unpack(forged(bytes(4), a=entry("BF16", [2], 0, 4)))


def test_a_flag_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="flag in tensor 'a' is neither 0 nor 1"):
        unpack(forged(b"\1\2", a=entry("BOOL", [2], 0, 2)))


def test_every_byte_counts() -> None:
    data = forged(bytes(16), a=entry("I64", [2], 0, 16))
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        with pytest.raises(ValueError, match=r"\.$"):
            unpack(bytes(changed))
