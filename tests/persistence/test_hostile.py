"""Files that are damaged, foreign or malicious are refused, and nothing is run."""

import io
import json
import os
import pickle
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given
from hypothesis import strategies as st

import simclf
from simclf.persistence._components import Own
from simclf.persistence._container import LONGEST_HEADER, unpack
from simclf.persistence._model import from_bytes
from tests.persistence.cases import Deep, S, X, fitted, tampered

CLF = fitted(similarity=S, random_state=np.random.RandomState(1))
RAN: list[str] = []


class Carrier:
    """What a pickle can carry: a call."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return RAN.append, ("run",)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "model.safetensors"
    CLF.save(path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def refused(data: bytes, path: Path) -> str:
    """Return the message that a file is refused with."""
    path.write_bytes(data)
    with pytest.raises(ValueError, match="cannot be loaded: ") as caught:
        simclf.load(path)
    assert type(caught.value) is ValueError
    return str(caught.value)


def test_every_truncation_is_refused(whole: bytes, path: Path) -> None:
    for length in [*range(0, len(whole), 101), len(whole) - 1]:
        refused(whole[:length], path)


def test_every_flip_of_a_bit_is_refused(whole: bytes, path: Path) -> None:
    rng = np.random.default_rng(0)
    header = int.from_bytes(whole[:8], "little")
    head = rng.integers(0, 8 * (header + 8), 300)
    tail = rng.integers(8 * (header + 8), 8 * len(whole), 100)
    for bit in [*range(64), *head.tolist(), *tail.tolist()]:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        refused(bytes(damaged), path)


def test_bytes_added_left_out_or_moved_are_refused(whole: bytes, path: Path) -> None:
    middle = len(whole) // 2
    for data in (
        whole + b"\0",
        b"\0" + whole,
        whole[:middle] + whole[middle + 8 :],
        whole[:-16] + whole[-8:] + whole[-16:-8],
        whole + whole,
    ):
        refused(data, path)


@given(data=st.binary(max_size=400))
def test_random_bytes_are_refused(data: bytes, tmp_path_factory: Any) -> None:
    refused(data, tmp_path_factory.getbasetemp() / "random.safetensors")


@given(text=st.text(max_size=200))
def test_random_headers_are_refused(text: str, tmp_path_factory: Any) -> None:
    header = text.encode("utf-8", "replace")
    data = len(header).to_bytes(8, "little") + header
    refused(data, tmp_path_factory.getbasetemp() / "header.safetensors")


def zipped(name: str) -> bytes:
    """Return an archive that holds a pickle under a name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, pickle.dumps(Carrier()))
    return buffer.getvalue()


def written(write: Callable[[Any, Any], Any]) -> bytes:
    """Return what is written to a file."""
    buffer = io.BytesIO()
    write(Carrier(), buffer)
    return buffer.getvalue()


CARRIERS = {
    "pickle": pickle.dumps(Carrier()),
    "old_pickle": pickle.dumps(Carrier(), protocol=0),
    "joblib": written(joblib.dump),
    "packed_joblib": written(lambda thing, file: joblib.dump(thing, file, compress=3)),
    "torch": written(torch.save),
    "old_torch": written(
        lambda thing, file: torch.save(
            thing, file, _use_new_zipfile_serialization=False
        )
    ),
    "numpy": written(
        lambda thing, file: np.save(file, np.array([thing]), allow_pickle=True)
    ),
    "skops": zipped("schema.json"),
    "operators": b"cbuiltins\neval\n(S'RAN.append(1)'\ntR.",
}


@pytest.mark.parametrize("name", CARRIERS)
def test_a_pickle_is_refused_and_not_run(name: str, path: Path) -> None:
    message = refused(CARRIERS[name], path)
    assert "it looks like a pickle" in message or "it is no model file" in message
    assert not RAN


@pytest.mark.parametrize("name", CARRIERS)
def test_a_pickle_within_a_model_is_refused_and_not_run(
    name: str, whole: bytes, path: Path
) -> None:
    def add(document: dict[str, Any], arrays: dict[str, Any]) -> None:
        arrays["extra"] = np.frombuffer(CARRIERS[name], dtype=np.uint8)
        document["parameters"]["callbacks"] = {"kind": "array", "tensor": "extra"}
        document["parameters"]["lr"] = {"kind": "pickle", "tensor": "extra"}

    assert "unknown kind 'pickle'" in refused(tampered(whole, add), path)
    refused(whole + CARRIERS[name], path)
    assert not RAN


@pytest.mark.parametrize("length", [0, 1, 10**6, 2**31, 2**60, 2**63, 2**64 - 1])
def test_a_header_of_an_impossible_length_costs_no_memory(
    length: int, path: Path
) -> None:
    data = length.to_bytes(8, "little") + b"{}" * 50
    tracemalloc.start()
    message = refused(data, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert f"of its 108 bytes the first eight announce a header of {length}" in message
    assert peak < 200_000


def test_a_header_that_is_too_long_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.write((LONGEST_HEADER + 1).to_bytes(8, "little"))
        file.truncate(LONGEST_HEADER + 100)
    tracemalloc.start()
    with pytest.raises(ValueError, match="announce a header of 100000001"):
        simclf.load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"a":' + b"1" * 10_000 + b"}",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b"[]",
        b"null",
        b'{"\xff":1}',
        b'{"__metadata__":[]}',
        b'{"__metadata__":{"simclf":7}}',
        b'{"__metadata__":{"simclf":"{}"}}',
        b'{"__metadata__":{"simclf":"' + b"[" * 50_000 + b'"}}',
    ],
    ids=lambda header: header[:20],
)
def test_a_header_that_is_not_ours_is_refused(header: bytes, path: Path) -> None:
    refused(len(header).to_bytes(8, "little") + header, path)


def test_a_header_of_many_small_lists_costs_little(path: Path) -> None:
    header = b'{"__metadata__":{"simclf":"{}"},"a":[' + b"[]," * 2**20 + b"[]]}"
    tracemalloc.start()
    message = refused(len(header).to_bytes(8, "little") + header, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "brackets, more than 1048576" in message
    assert peak < 4 * len(header)


def test_other_safetensors_files_are_refused(path: Path) -> None:
    message = refused(safetensors.numpy.save({"weight": np.ones(3)}), path)
    assert "no model that SimilarityAwareClassifier.save has written." in message


def test_a_file_of_a_later_format_says_so(whole: bytes, path: Path) -> None:
    later = tampered(whole, lambda document, _: document.update(version=2))
    assert "it has format version 2, but this release of simclf reads" in refused(
        later, path
    )
    for version in (0, -1, True, "1", 1.0, None):
        odd = tampered(whole, lambda d, _, v=version: d.update(version=v))
        assert "its format version is no positive integer" in refused(odd, path)
    other = tampered(whole, lambda document, _: document.update(format="model"))
    assert "its format is not 'simclf model'" in refused(other, path)


def test_a_checksum_that_is_missing_is_refused(whole: bytes, path: Path) -> None:
    none = tampered(whole, lambda document, _: document.update(sha256="ab"))
    assert "its checksum is missing" in refused(none, path)


def fitted_entry(**values: Any) -> Callable[[dict[str, Any], Any], None]:
    """Return what writes over entries of the fit."""
    return lambda document, _: document["fitted"].update(values)


def array(name: str, change: Callable[[Any], Any]) -> Callable[[Any, Any], None]:
    """Return what changes an array."""

    def do(_: dict[str, Any], arrays: dict[str, Any]) -> None:
        arrays[name] = change(arrays[name].copy())

    return do


def with_first(value: float) -> Callable[[Any], Any]:
    """Return what writes over the first entry."""

    def do(values: Any) -> Any:
        values.flat[0] = value
        return values

    return do


def parameters(**values: Any) -> Callable[[dict[str, Any], Any], None]:
    """Return what writes over parameters."""
    return lambda document, _: document["parameters"].update(values)


def mlp(hidden: Any, **others: Any) -> dict[str, Any]:
    """Return how a network is described."""
    parts = {"activation": "gelu", "dropout": 0.2, "hidden_layer_sizes": hidden}
    return {"kind": "module", "name": "mlp", "parts": {**parts, **others}}


def component(name: str, **parts: Any) -> dict[str, Any]:
    """Return how a network of another kind is described."""
    return {"kind": "module", "name": name, "parts": parts}


def sparse(shape: Any, **parts: Any) -> dict[str, Any]:
    """Return how a sparse table is described, by its classes' codes and scores."""
    return {"kind": "sparse", "name": "coo_array", "parts": {"shape": shape, **parts}}


FINITE = "is no array of finite float64 numbers of shape"
LIES = {
    "nan_weight": (array("network.first.bias", with_first(np.nan)), "are not finite"),
    "inf_weight": (array("network.first.weight", with_first(np.inf)), "not finite"),
    "nan_table": (array("similarity_", with_first(np.nan)), f"the table {FINITE}"),
    "inf_mean": (array("mean_", with_first(-np.inf)), f"mean_ {FINITE}"),
    "inf_scale": (array("scale_", with_first(np.inf)), f"scale_ {FINITE}"),
    "zero_scale": (array("scale_", with_first(0)), "scale_ is not positive"),
    "float_flags": (
        fitted_entry(heavy_tailed_={"kind": "scalar", "of": [0.5]}),
        "cannot be loaded",
    ),
    "few_flags": (
        lambda d, a: (
            a.update(flags=np.array([True])),
            d["fitted"].update(heavy_tailed_={"kind": "array", "tensor": "flags"}),
        ),
        "heavy_tailed_ has not one flag for each feature",
    ),
    "short_mean": (array("mean_", lambda a: a[:2]), r"mean_ .* of shape \(3,\)"),
    "no_scale": (fitted_entry(scale_=None), "tensors that nothing refers to"),
    "float32_table": (array("similarity_", np.float32), "the table is no array"),
    "flat_table": (array("similarity_", np.ravel), r"of shape \(3, 3\)"),
    "no_classes": (array("classes_", lambda a: a[:0]), "or there is none"),
    "same_classes": (array("classes_", lambda a: a[[0, 0, 1]]), "a label is there tw"),
    "no_text": (array("classes_", with_first(2**32 - 1)), "holds what is no text"),
    "number_text": (array("classes_", np.float64), "holds what is no text"),
    "other_answers": (array("decisions_", lambda a: a[::-1]), "do not begin with the"),
    "wide_classes": (array("classes_", lambda a: a[None]), "no array of one axis"),
    "origin": (fitted_entry(given_as="heaven"), "the table has no origin"),
    "decision": (fitted_entry(decision="guess"), "follow the decision 'guess'"),
    "temperature": (
        fitted_entry(temperature=-1.0),
        "temperature_=-1.0 is not between 1e-06 and 1e[+]06, as calibration gives it",
    ),
    "tiny_temperature": (
        fitted_entry(temperature=1e-320),
        "temperature_=1e-320 is not between 1e-06 and",
    ),
    "large_temperature": (
        fitted_entry(temperature=1e300),
        r"temperature_=1e\+300 is not between 1e-06 and",
    ),
    "int_temperature": (fitted_entry(temperature=1), "temperature_ is no finite"),
    "inf_temperature": (
        fitted_entry(temperature={"kind": "float", "name": "inf"}),
        "temperature_ is no finite number",
    ),
    "no_float": (fitted_entry(temperature={"kind": "float", "name": "x"}), "KeyErr"),
    "no_features": (fitted_entry(n_features=0), "n_features is no positive integer"),
    "yes_features": (fitted_entry(n_features=True), "n_features is no positive"),
    "other_features": (fitted_entry(n_features=4), "has 70 weights, but there are 62"),
    "members": (fitted_entry(n_members=10**12), r"3.1e\+13 weights, but there are"),
    "fewer_members": (fitted_entry(n_members=1), "weights do not fit the network"),
    "names": (
        fitted_entry(feature_names={"kind": "objects", "shape": [1], "items": ["a"]}),
        "not one string for each feature",
    ),
    "no_loss": (fitted_entry(loss_="cross_entropy"), "its loss is no loss"),
    "other_loss": (
        fitted_entry(loss_={"kind": "loss", "name": "os.system", "parts": {}}),
        "there is no loss 'os.system'; those of simclf are",
    ),
    "odd_loss": (
        fitted_entry(
            loss_={"kind": "loss", "name": "soft_target", "parts": {"temperature": -1}}
        ),
        "temperature",
    ),
    "strange_loss": (
        fitted_entry(loss_={"kind": "loss", "name": "pairwise", "parts": {"x": 1}}),
        "unexpected keyword",
    ),
    "report": (fitted_entry(auto_report=[1]), "auto_report_ is no dict"),
    "history": (fitted_entry(history=[{"kind": "record", "values": {}}]), "train_loss"),
    "no_history": (fitted_entry(history=3), "TypeError|not iterable"),
    "wide": (fitted_entry(network=mlp([10**9])), r"1.4e\+10 weights"),
    "many_blocks": (
        fitted_entry(network=component("residual", n_blocks=10**9)),
        "weights, but there are 62",
    ),
    "many_bins": (
        fitted_entry(network=component("tabm", n_bins=10**9)),
        "weights, but there are 62",
    ),
    "huge": (fitted_entry(network=mlp([10**4000])), "cannot be loaded"),
    "deep": (
        fitted_entry(network=mlp([1] * 10_000)),
        "has 10001 layers, but there are weights of 4",
    ),
    "deep_enough": (
        lambda d, a: (
            fitted_entry(network=mlp([1] * 10_000))(d, a),
            a.update({"network.first.weight": np.zeros(50_000, np.float32)}),
        ),
        "has 10001 layers, but there are weights of 4",
    ),
    "negative": (fitted_entry(network=mlp([-4])), "weights, but there are 62"),
    "not_wide": (fitted_entry(network=mlp("44")), "cannot be loaded"),
    "other_width": (fitted_entry(network=mlp([3])), "weights do not fit the network"),
    "activation": (fitted_entry(network=mlp([4], activation="os.system")), "unknown"),
    "dropout": (fitted_entry(network=mlp([4], dropout=1)), r"number in \[0, 1\)"),
    "linear": (
        fitted_entry(network={"kind": "module", "name": "linear", "parts": {}}),
        "is not how the network of a model is described",
    ),
    "by_name": (fitted_entry(network="mlp"), "cannot be loaded"),
    "own_module": (
        fitted_entry(network={"kind": "own_module", "name": "system", "parts": None}),
        "module 'system', which is code of its author",
    ),
    "lost_weights": (
        lambda _, arrays: arrays.pop("network.others.0.bias"),
        "weights, but there are 56",
    ),
    "float16_weights": (
        array("network.first.bias", np.float16),
        "not all float32 or all float64",
    ),
    "other_shape": (
        array("network.first.weight", lambda a: a.swapaxes(1, 2)),
        r"first that differ are \['first.weight'\]",
    ),
    "hidden_tensor": (
        lambda _, arrays: arrays.update(more=np.ones(3)),
        "tensors that nothing refers to, e.g. 'more'",
    ),
    "tensor_twice": (
        fitted_entry(mean_={"kind": "array", "tensor": "scale_"}),
        "KeyError",
    ),
    "unknown_parameter": (parameters(eval="1"), "unexpected keyword argument 'eval'"),
    "odd_parameter": (parameters(lr="fast"), "lr='fast' is a str"),
    "odd_device": (parameters(device="cloud"), "device='cloud' is no device"),
    "unhashable": (
        parameters(class_weight={"kind": "dict", "keys": [[]], "values": [1]}),
        "unhashable",
    ),
    "wide_table": (
        parameters(similarity=sparse([10**12, 10**12])),
        "KeyError|tensors that nothing refers to",
    ),
    "no_kind": (parameters(lr={"kind": ["array"]}), "unknown kind"),
    "no_parameters": (lambda d, _: d.update(parameters=[]), "named values were exp"),
    "no_fit": (lambda d, _: d.pop("fitted"), "KeyError"),
    "objects": (
        parameters(lr={"kind": "objects", "shape": [10**12], "items": [1]}),
        "cannot reshape",
    ),
    "listed_labels": (
        fitted_entry(feature_names={"kind": "objects", "shape": [1], "items": [[]]}),
        "labels are strings, numbers or bools, and these are not",
    ),
    "plain_index": (
        lambda d, _: d["parameters"]["similarity"]["parts"].update(index=["a"]),
        "the labels of a table are no array",
    ),
    "twister": (
        lambda d, _: d["parameters"]["random_state"]["parts"].update(pos=10**6),
        "no state of a Mersenne twister",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_with_a_right_checksum_is_refused(
    name: str, whole: bytes, path: Path
) -> None:
    change, message = LIES[name]
    data = tampered(whole, change)
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(ValueError, match=message):
        simclf.load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data) + 10_000_000


@pytest.mark.parametrize(
    "parts",
    [
        {"row": [0, 10**9], "col": [0, 1]},
        {"row": [0, -1], "col": [0, 1]},
        {"indices": [0, 10**9], "indptr": [0, 1, 2, 2]},
        {"indices": [0, 1], "indptr": [0, 10**9, 2, 2]},
        {"indices": [0, 1], "indptr": [0, -5, 2, 2]},
        {"indices": [0, 1], "indptr": [0, 2]},
    ],
)
def test_indices_that_lie_outside_a_table_are_refused(
    parts: dict[str, list[int]], whole: bytes, path: Path
) -> None:
    def change(document: dict[str, Any], arrays: dict[str, Any]) -> None:
        entries = {"data": {"kind": "array", "tensor": "data"}}
        arrays["data"] = np.ones(2)
        for name, values in parts.items():
            arrays[name] = np.array(values)
            entries[name] = {"kind": "array", "tensor": name}
        table = sparse([3, 3], **entries)
        table["name"] = "coo_array" if "row" in parts else "csr_array"
        document["parameters"]["cost"] = table

    message = refused(tampered(whole, change), path)
    assert "unknown kind" not in message
    assert "KeyError" not in message


def leaves(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON document that something else could be written to."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, entry in list(inner):
        found.append((value, key))
        if isinstance(entry, dict | list):
            found += leaves(entry)
    return found


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["array", "scalar", "text", "mean_", "similarity_", "mlp", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "name", "parts", "tensor", "items", "of", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)


def loaded_or_none(path: Path) -> Any:
    """Load a file, or find that it is refused; nothing else may happen."""
    with suppress(ValueError):
        return simclf.load(path)
    return None


@given(seed=st.integers(0, 2**32), entry=JSON)
def test_whatever_else_is_written_is_refused_or_a_model(
    seed: int, entry: Any, whole: bytes, tmp_path_factory: Any
) -> None:
    def change(document: dict[str, Any], _: Any) -> None:
        places = leaves(document)
        where, key = places[seed % len(places)]
        where[key] = entry

    path = tmp_path_factory.getbasetemp() / "other.safetensors"
    path.write_bytes(tampered(whole, change))
    clf = loaded_or_none(path)
    assert clf is None or np.isfinite(clf.predict_proba(X)).all()


@given(seed=st.integers(0, 2**32))
def test_whatever_stands_in_a_tensor_is_refused_or_answers(
    seed: int, whole: bytes, tmp_path_factory: Any
) -> None:
    def change(_: dict[str, Any], arrays: dict[str, Any]) -> None:
        rng = np.random.default_rng(seed)
        name = sorted(arrays)[seed % len(arrays)]
        raw = rng.bytes(arrays[name].nbytes)
        arrays[name] = np.frombuffer(raw, arrays[name].dtype).reshape(
            arrays[name].shape
        )

    path = tmp_path_factory.getbasetemp() / "tensor.safetensors"
    path.write_bytes(tampered(whole, change))
    clf = loaded_or_none(path)
    assert clf is None or len(clf.classes_) == 3


def test_members_of_ones_own_that_are_not_there_are_not_built(path: Path) -> None:
    fitted(module=Deep).save(path)
    lie = tampered(path.read_bytes(), fitted_entry(n_members=10**9))
    with pytest.raises(ValueError, match="weights, but there are"):
        from_bytes(lie, simclf.SimilarityAwareClassifier, Own(Deep))
    path.write_bytes(lie)
    with pytest.raises(ValueError, match="weights, but there are"):
        simclf.load(path, module=Deep)


def test_a_network_of_ones_own_is_not_built_larger_than_its_weights(
    path: Path,
) -> None:
    fitted(module=Deep, standardize=False).save(path)
    path.write_bytes(tampered(path.read_bytes(), fitted_entry(n_features=10**12)))
    with pytest.raises(ValueError, match=r"describes has 1e\+13 weights"):
        simclf.load(path, module=Deep)


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a folder; name a file in it"):
        simclf.load(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no file '.*nowhere'"):
        simclf.load(tmp_path / "nowhere")
    with pytest.raises(TypeError, match="path is a int; it must be a string or a Path"):
        simclf.load(3)
    with pytest.raises(ValueError, match=r"^path 'a\\x00b' has a null character, wh"):
        simclf.load("a\0b")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ValueError, match="it is no regular file"):
            simclf.load(tmp_path / "pipe")


def test_the_json_of_a_file_can_be_read_by_anybody(whole: bytes) -> None:
    with_any_reader = safetensors.numpy.load(whole)
    document, arrays = unpack(whole)
    assert set(with_any_reader) == set(arrays)
    header = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])
    assert json.loads(header["__metadata__"]["simclf"]) == document
    assert document["simclf"] == simclf.__version__
