"""The file: safetensors, with one JSON text and a checksum over every byte."""

import hashlib
import json
import re
from typing import Any, Never

import numpy as np
import safetensors
import safetensors.numpy

from simclf._typing import AnyArray

MODEL, CHECKPOINT = "simclf model", "simclf checkpoint"
VERSION = 1
START = 400  # bytes at the beginning of a file, which tell what it is
LONGEST_HEADER = 100_000_000  # safetensors' own limit
# Lists and objects in the JSON: each takes much more memory than its two characters.
_MOST_BRACKETS = 2**20
_PREFIX = 8
_KEY = "simclf"
_NO_DIGEST = "0" * 64
_KIND = re.compile(
    rb'\{"__metadata__".{,200}\\"format\\":\\"(simclf \w+)\\"', re.DOTALL
)
_DTYPES = {
    "BOOL": "?",
    "U8": "<u1",
    "U16": "<u2",
    "U32": "<u4",
    "U64": "<u8",
    "I8": "<i1",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
}
ARRAY_DTYPES = frozenset(np.dtype(code).newbyteorder("=") for code in _DTYPES.values())


def pack(
    document: dict[str, Any], arrays: dict[str, AnyArray], kind: str = MODEL
) -> bytes:
    """Return the bytes of a file.

    Parameters
    ----------
    document : dict
        What JSON can say.
    arrays : dict of ndarray
        Numbers and flags, by name.
    kind : str, default="simclf model"
        What the file is.

    Returns
    -------
    bytes
        The checksum is that of the file with 64 zeros in its place.
    """
    head = {"sha256": _NO_DIGEST, "format": kind, "version": VERSION}
    text = json.dumps({**head, **document}, allow_nan=False, separators=(",", ":"))
    # safetensors takes the memory as it lies.
    in_order = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    blank: bytes = safetensors.numpy.save(in_order, {_KEY: text})
    return blank.replace(_NO_DIGEST.encode(), _digest(blank).encode(), 1)


def unpack(
    data: bytes, kind: str = MODEL
) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Return what was packed, or refuse bytes that are not whole.

    Parameters
    ----------
    data : bytes
        A whole file.
    kind : str, default="simclf model"
        What the file shall be.

    Returns
    -------
    document : dict
    arrays : dict of ndarray

    Raises
    ------
    ValueError
        Saying what is wrong with the bytes.
    """
    document = read_document(data, kind)
    digest = document.get("sha256")
    if not isinstance(digest, str) or len(digest) != len(_NO_DIGEST):
        raise ValueError(_damage("its checksum is missing"))
    blank = data.replace(digest.encode(), _NO_DIGEST.encode(), 1)
    if _digest(blank) != digest:
        raise ValueError(_damage("its bytes do not give its checksum"))
    del blank
    try:
        entries = safetensors.deserialize(data)  # type: ignore[no-untyped-call]  # Rust
    except safetensors.SafetensorError as error:
        raise ValueError(_damage(str(error))) from None
    return document, {name: _array(name, entry) for name, entry in entries}


def kind_of(data: bytes) -> str | None:
    """Return what a file says that it is, damaged or not; None where no file of ours.

    Parameters
    ----------
    data : bytes
        Its beginning at least.

    Returns
    -------
    str or None
    """
    found = _KIND.match(data[:START], _PREFIX)
    return found and found[1].decode()


def header_length(start: bytes, size: int) -> int:
    """Return the length of the header, or refuse what cannot be such a file.

    Parameters
    ----------
    start : bytes
        The first eight bytes at least.
    size : int
        Length of the whole file.

    Returns
    -------
    int
        Bytes of the header, after the first eight.
    """
    length = int.from_bytes(start[:_PREFIX], "little")
    if size > _PREFIX and 1 < length <= min(size - _PREFIX, LONGEST_HEADER):
        return length
    if start.startswith((b"\x80", b"PK", b"x\x9c", b"\x1f\x8b", b"(", b"c")):
        msg = (
            "it looks like a pickle or an archive, and a pickle is a program, which "
            "simclf never runs. Write model files with SimilarityAwareClassifier.save."
        )
        raise ValueError(msg)
    msg = (
        f"it is no model file, or cut short: of its {size} bytes the first eight "
        f"announce a header of {length}."
    )
    raise ValueError(msg)


def read_document(data: bytes, kind: str) -> dict[str, Any]:
    """Return the JSON text that the header carries; the rest need not be there."""
    stop = _PREFIX + header_length(data[:_PREFIX], len(data))
    brackets = sum(data.count(kind, _PREFIX, stop) for kind in (b"[", b"{"))
    if brackets > _MOST_BRACKETS:
        msg = f"its header has {brackets} brackets, more than {_MOST_BRACKETS}."
        raise ValueError(msg)
    header = _json(data[_PREFIX:stop])
    metadata = header.get("__metadata__")
    text = metadata.get(_KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        msg = (
            "it is a safetensors file, but no model that "
            "SimilarityAwareClassifier.save has written."
        )
        raise ValueError(msg)
    document = _json(text)
    _check_version(document, kind)
    return document


def _json(text: str | bytes) -> dict[str, Any]:
    """Read an object that ends where the text ends, without NaN or Infinity."""
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(_damage(f"its header is no JSON ({error})")) from None
    if not isinstance(found, dict):
        raise ValueError(_damage("its header is no JSON object"))
    return found


def _refuse_constant(name: str) -> Never:
    """Refuse what JSON does not know."""
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _check_version(document: dict[str, Any], kind: str) -> None:
    """Refuse other formats, and those of releases to come."""
    if kind == MODEL and document.get("format") == CHECKPOINT:
        msg = (
            "it is the checkpoint of a fit, and no model. Run the same fit with "
            "checkpoint= set to this path, which goes on from it, and save that."
        )
        raise ValueError(msg)
    if document.get("format") != kind:
        raise ValueError(_damage(f"its format is not {kind!r}"))
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise ValueError(_damage("its format version is no positive integer"))
    if version > VERSION:
        msg = (
            f"it has format version {version}, but this release of simclf reads "
            f"versions up to {VERSION}. Upgrade simclf, or save the model again with "
            "this release."
        )
        raise ValueError(msg)


def _array(name: str, entry: dict[str, Any]) -> AnyArray:
    """Return the array of an entry that safetensors found sound."""
    code = _DTYPES.get(entry["dtype"])
    if code is None:
        msg = f"tensor {name!r} has dtype {entry['dtype']}, which no model file has."
        raise ValueError(msg)
    if code == "?" and max(entry["data"], default=0) > 1:
        raise ValueError(_damage(f"a flag in tensor {name!r} is neither 0 nor 1"))
    array = np.frombuffer(entry["data"], dtype=code).reshape(entry["shape"])
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _digest(data: bytes) -> str:
    """Return the sha256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _damage(what: str) -> str:
    """Say what is wrong, and what helps."""
    return f"it is damaged or was changed: {what}. Take another copy, or fit again."
