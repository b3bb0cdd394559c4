"""Forged files with a right checksum: a ValueError, or a model that answers.

Files of several kinds are changed in their JSON, their tensors and the header of
safetensors, up to three times each, and signed anew: what is tried lies behind the
checksum. ``make nightly`` tries seven times as many.
"""

import copy
import hashlib
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import simclf
from simclf.losses import LOSSES
from simclf.modules import MLP, MODULES
from simclf.persistence._container import pack, unpack
from tests.persistence.cases import ANIMALS, CODES, VALUES, WITH_REFER, S, X, fitted

MOST_GROWTH = 200_000_000  # bytes; a file has some ten thousand
ZEROS = "0" * 64

MODELS: dict[str, dict[str, Any]] = {
    "frame": {"similarity": WITH_REFER, "random_state": np.random.RandomState(1)},
    "cost": {"cost": -VALUES, "early_stopping": True, "n_iter_no_change": 1},
    "sparse": {"similarity": scipy.sparse.csr_array(VALUES), "standardize": False},
    "double": {"dtype": "float64", "module": "linear", "n_members": 1},
    "deep": {"similarity": S, "module": MLP((4, 3), "relu", 0.1), "n_members": 1},
    "auto": {"similarity": S, "loss": "auto", "class_weight": {"Ape": 2.0}},
    **{
        f"loss {name}": {"similarity": S, "loss": name, "max_epochs": 1}
        for name in LOSSES
        if name not in ("cross_entropy", "softmax_margin")
    },
}
FILES: dict[str, bytes] = {}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("written") / "model.safetensors"
    for name, parameters in MODELS.items():
        labels = ANIMALS.astype(object) if name == "auto" else ANIMALS
        fitted(labels, **parameters).save(path)
        FILES[name] = path.read_bytes()
    return FILES


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON document where something else could stand."""
    found = []
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], dict | list):
            found += places(value[key])
    return found


NUMBERS = [0, 1, 2, 3, -1, 2**31, 2**53 + 1, 2**64, 10**12, 10**40, 1e308, 5e-324]
NUMBERS += [-1.5, 0.5, True, -0.0, 1e-300]
WORDS = ["", "x", "mlp", "linear", "nan", "bayes", "argmax", "similarity_", "\ud800"]
WORDS += [*LOSSES, *MODULES, "cuda", "cpu", "coo_array", "float64", "y" * 5_000]
KINDS = ["array", "text", "objects", "scalar", "tuple", "dict", "record", "float"]
KINDS += ["sparse", "frame", "loss", "module", "own_loss", "own_module", "random_state"]
ENTRIES: list[Any] = [None, [], {}, [[]], [0] * 3_000, [1] * 3_000, [0, 10**9]]
ENTRIES += [{"kind": "float", "name": name} for name in ("nan", "inf", "-inf")]
ENTRIES += [{"kind": kind, "name": "x", "parts": {}} for kind in KINDS]
ENTRIES += [{"kind": "tuple", "items": [0, 10**9]}]
ENTRIES += [{"kind": "objects", "shape": [2, 10**9], "items": [1, 2]}]


def edit_json(document: Any, _: Any, draw: Callable[..., Any]) -> None:
    """Write something else over one place, take it away, or move another there."""
    where, key = draw(st.sampled_from(places(document)))
    what = draw(st.sampled_from(["number", "word", "entry", "move", "drop", "kind"]))
    if what == "drop":
        del where[key]
    elif what == "kind" and isinstance(where[key], dict) and "kind" in where[key]:
        where[key]["kind"] = draw(st.sampled_from(KINDS))
    elif what == "move":
        other, name = draw(st.sampled_from(places(document)))
        where[key] = copy.deepcopy(other[name])
    else:
        choices = {"number": NUMBERS, "word": WORDS}.get(what, ENTRIES)
        where[key] = copy.deepcopy(draw(st.sampled_from(choices)))


FLOATS = [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e308, 5e-324, 3e38, -3e38, 1e-45, 1e16]
DTYPES = ["?", "u1", "i1", "f2", "f4", "f8", "i4", "i8", "u4", "u8"]
SHAPES: list[Callable[[Any], Any]] = [
    np.ravel,
    np.transpose,
    lambda a: a[np.newaxis],
    lambda a: a[..., np.newaxis],
    lambda a: a[:0],
    lambda a: a[:1],
    lambda a: a[::-1],
    lambda a: np.concatenate([a, a]),
    lambda a: np.broadcast_to(a, (50, *a.shape)),
    lambda a: a.reshape(-1)[:1].reshape(()),
]


def edit_tensor(_: Any, arrays: dict[str, Any], draw: Callable[..., Any]) -> None:
    """Change the values, the type, the shape or the name of a tensor."""
    name = draw(st.sampled_from(sorted(arrays)))
    array = arrays[name].copy()
    what = draw(st.sampled_from(["value", "bytes", "dtype", "shape", "swap", "drop"]))
    if what == "value" and array.size:
        with np.errstate(all="ignore"):
            value = np.array(draw(st.sampled_from(FLOATS)))
            share = draw(st.sampled_from([slice(0, 1), slice(None)]))
            with suppress(ValueError, RuntimeWarning):
                array.reshape(-1)[share] = value.astype(array.dtype)
    elif what == "bytes":
        raw = np.random.default_rng(draw(st.integers(0, 99))).bytes(array.nbytes)
        array = np.frombuffer(raw, array.dtype).reshape(array.shape)
        array = array != 0 if array.dtype == bool else array
    elif what == "dtype":
        with np.errstate(all="ignore"), suppress(RuntimeWarning):
            array = array.astype(draw(st.sampled_from(DTYPES)))
    elif what == "shape":
        array = draw(st.sampled_from(SHAPES))(array) if array.ndim else array
    elif what == "swap":
        other = draw(st.sampled_from(sorted(arrays)))
        array, arrays[other] = arrays[other], array
    arrays[name] = array
    if what == "drop":
        del arrays[name]


def forged(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Change the header of safetensors itself, and sign the file anew."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    document = json.loads(header["__metadata__"]["simclf"])
    document["sha256"] = ZEROS
    header["__metadata__"]["simclf"] = json.dumps(document)
    change(header)
    text = json.dumps(header).encode()
    blank = len(text).to_bytes(8, "little") + text + data[8 + length :]
    digest = hashlib.sha256(blank).hexdigest()
    return blank.replace(ZEROS.encode(), digest.encode(), 1)


def assert_refused_or_answers(data: bytes, tmp_path_factory: Any) -> None:
    """Load a file: nothing else may happen, and little memory be taken."""
    path = tmp_path_factory.getbasetemp() / "forged.safetensors"
    path.write_bytes(data)
    before = most_memory()
    try:
        clf = simclf.load(path)
    except ValueError:
        clf = None
    if clf is not None:
        # The width may be another one, and so may the scale of the features be.
        rows = np.resize(X, (5, clf.n_features_in_))
        with suppress(ValueError):
            assert_answers(clf, rows)
    assert most_memory() - before < MOST_GROWTH


def most_memory() -> int:
    """Bytes that this process has had at most; Windows does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def assert_answers(clf: Any, rows: Any) -> None:
    """Check that probabilities are some, and answers of those that there are."""
    proba = clf.predict_proba(rows)
    assert np.isfinite(proba).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1.0, atol=1e-6)
    assert set(clf.predict(rows).tolist()) <= set(clf.decisions_.tolist())


names = st.sampled_from(list(MODELS))
edits = st.lists(st.sampled_from([edit_json, edit_tensor]), min_size=1, max_size=3)


@given(name=names, edits=edits, data=st.data())
def test_forged_json_and_tensors_are_refused_or_a_model(
    name: str, edits: Any, data: Any, written: Any, tmp_path_factory: Any
) -> None:
    document, arrays = unpack(written[name])
    document, arrays = copy.deepcopy(document), dict(arrays)
    del document["sha256"]
    for edit in edits:
        if document and arrays:
            edit(document, arrays, data.draw)
    with suppress(RecursionError):
        packed = pack(document, arrays)
        assert_refused_or_answers(packed, tmp_path_factory)


@given(name=names, data=st.data())
def test_forged_headers_are_refused_or_a_model(
    name: str, data: Any, written: Any, tmp_path_factory: Any
) -> None:
    def change(header: dict[str, Any]) -> None:
        tensors = sorted(set(header) - {"__metadata__"})
        entry = header[data.draw(st.sampled_from(tensors))]
        field = data.draw(st.sampled_from(["shape", "dtype", "data_offsets", "name"]))
        if field == "name":
            header[data.draw(st.sampled_from(["mean_", "x", "network.x", ""]))] = entry
        elif field == "dtype":
            entry["dtype"] = data.draw(
                st.sampled_from(["F64", "F32", "I64", "U8", "BOOL", "BF16", "F8_E4M3"])
            )
        else:
            entry[field][data.draw(st.sampled_from([0, -1]))] = data.draw(
                st.sampled_from([0, 1, -1, 3, 2**31, 2**62, 2**64, 10**30, 1.5])
            )

    assert_refused_or_answers(forged(written[name], change), tmp_path_factory)


def test_what_is_forged_is_otherwise_whole(
    written: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("same") / "same.safetensors"
    for name, data in written.items():
        path.write_bytes(forged(data, lambda _: None))
        assert_answers(simclf.load(path), X[CODES == 1])
        assert unpack(path.read_bytes())[0].keys() == unpack(data)[0].keys(), name
