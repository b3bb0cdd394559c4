"""Parameters and fitted values as JSON, their arrays beside it: data, never code."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from simclf._typing import AnyArray
from simclf.persistence._components import (
    Own,
    as_component,
    as_own_module,
    component_entry,
    own_module_entry,
)
from simclf.persistence._container import ARRAY_DTYPES
from simclf.persistence._tables import as_frame, as_sparse, frame_parts, sparse_parts

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = (bool, int, str, type(None))
_SCALARS = (*_PLAIN, float, np.generic)
_LARGEST_CODE = 0x10FFFF
# Python refuses to print or read longer integers (4,300 digits).
_LONGEST_INT = 14_000
_TWISTER_WORDS = 624

_REMEDIES = {
    "callbacks": (
        "Call set_params(callbacks=None) before saving, and give them again after "
        "loading; the fitted model stays as it is."
    ),
    "optimizer": (
        "Call set_params(optimizer='adamw') before saving, and give the class again "
        "after loading; the fitted model stays as it is."
    ),
    "random_state": "Call set_params(random_state=0), or another integer, first.",
    "classes_": "Labels of a saved model are strings, numbers or bools.",
    "decisions_": "Answers of a saved model are strings, numbers or bools.",
}
_CALLABLE = (
    "Call set_params({name}=...) with the table that it returns; the fitted model "
    "stays as it is."
)
_DATA = (
    "A file holds data, no code: None, numbers, strings, arrays, DataFrames of numpy "
    "columns, CSR, CSC or COO tables, and components of simclf.losses and "
    "simclf.modules."
)


class Writer:
    """Turns values into what JSON can say, and puts their arrays aside.

    Attributes
    ----------
    arrays : dict of ndarray
        The arrays put aside, by a name that tells where each was found.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, AnyArray] = {}

    def write(self, value: Any, where: str) -> Any:
        """Return what JSON can say of a value, naming ``where`` it was if nothing."""
        if type(value) is int and value.bit_length() > _LONGEST_INT:
            msg = f"{where} is an integer of {value.bit_length()} bits, too long."
            raise ValueError(msg)
        if type(value) in _PLAIN or (type(value) is float and math.isfinite(value)):
            return value
        if type(value) is float:
            return {"kind": "float", "name": str(value)}
        if type(value) is list:
            return self._list(value, where)
        if type(value) is tuple:
            return {"kind": "tuple", "items": self._list(value, where)}
        if type(value) is dict:
            return self._dict(value, where)
        return self._rich(value, where)

    def write_module(self, module: Any, where: str) -> Any:
        """Return what JSON can say of a ``module`` parameter, one's own included."""
        if type(module) is str or component_entry(module) is not None:
            return self.write(module, where)
        return self._entry(own_module_entry(module), where)

    def _list(self, values: Any, where: str) -> list[Any]:
        return [self.write(value, f"{where}[{i}]") for i, value in enumerate(values)]

    def _dict(self, values: dict[Any, Any], where: str) -> dict[str, Any]:
        written = [self.write(v, f"{where}[{key!r}]") for key, v in values.items()]
        if all(type(key) is str for key in values):
            named = dict(zip(values, written, strict=True))
            return {"kind": "record", "values": named}
        keys = [self._scalar(key, f"a key of {where}") for key in values]
        return {"kind": "dict", "keys": keys, "values": written}

    def _scalar(self, value: Any, where: str) -> Any:
        if isinstance(value, _SCALARS):
            return self.write(value, where)
        raise TypeError(_refusal(value, where))

    def _rich(self, value: Any, where: str) -> Any:
        """Write arrays, tables, generators and components."""
        if isinstance(value, np.generic):
            return {"kind": "scalar", "of": self.write(np.array([value]), where)}
        if type(value) in (np.ndarray, np.memmap):
            return self._array(np.asarray(value), where)
        if type(value) is np.random.RandomState:
            return self._random_state(value, where)
        entry = frame_parts(value) or sparse_parts(value) or component_entry(value)
        if entry is None:
            raise TypeError(_refusal(value, where))
        return self._entry(entry, where)

    def _entry(self, entry: dict[str, Any], where: str) -> dict[str, Any]:
        """Write the parts of something that has a kind and a name."""
        written = {key: entry[key] for key in ("kind", "name")}
        parts = entry["parts"]
        written["parts"] = parts and {
            key: self.write(part, f"{where}.{key}") for key, part in parts.items()
        }
        return written

    def _array(self, value: AnyArray, where: str) -> dict[str, Any]:
        if value.dtype == object:
            labels = value.ravel().tolist()
            items = [self._scalar(v, f"{where}[{i}]") for i, v in enumerate(labels)]
            return {"kind": "objects", "shape": list(value.shape), "items": items}
        value = np.asarray(value, value.dtype.newbyteorder("="), order="C")
        if value.dtype.kind == "U" and value.dtype.itemsize:
            width = value.dtype.itemsize // np.dtype(np.uint32).itemsize
            codes = value.ravel().view(np.uint32).reshape(*value.shape, width)
            return {"kind": "text", "tensor": self._keep(codes, where)}
        if value.dtype not in ARRAY_DTYPES:
            msg = f"{where} has dtype {value.dtype}. {_remedy(value, where)}"
            raise TypeError(msg)
        return {"kind": "array", "tensor": self._keep(value, where)}

    def _random_state(self, value: np.random.RandomState, where: str) -> dict[str, Any]:
        state = value.get_state(legacy=False)
        if state["bit_generator"] != "MT19937":
            raise TypeError(_refusal(value, where))
        parts = {
            "key": state["state"]["key"],
            "pos": state["state"]["pos"],
            "has_gauss": state["has_gauss"],
            "gauss": state["gauss"],
        }
        return self._entry(
            {"kind": "random_state", "name": "MT19937", "parts": parts}, where
        )

    def _keep(self, array: AnyArray, where: str) -> str:
        """Put an array aside under a name that is still free."""
        name = where if where not in self.arrays else f"{where} #{len(self.arrays)}"
        self.arrays[name] = array
        return name


class Reader:
    """Turns what a `Writer` wrote back into values; refuses everything else.

    Parameters
    ----------
    arrays : dict of ndarray
        Each is taken out when it is used: no array can be asked for twice.
    own : Own
        Classes of the caller's own, for what no file can hold.
    """

    def __init__(self, arrays: dict[str, AnyArray], own: Own) -> None:
        self.arrays = arrays
        self._own = own
        self._kinds: dict[str, Callable[[dict[str, Any]], Any]] = {
            "array": self._array,
            "dict": self._dict,
            "float": lambda entry: _not_finite(entry["name"]),
            "frame": lambda entry: as_frame(self._parts(entry)),
            "loss": self._component,
            "module": self._component,
            "objects": self._objects,
            "own_loss": self._component,
            "own_module": self._own_module,
            "random_state": self._random_state,
            "record": lambda entry: self.read_all(entry["values"]),
            "scalar": lambda entry: self.read(entry["of"])[0],
            "sparse": lambda entry: as_sparse(entry["name"], self._parts(entry)),
            "text": self._text,
            "tuple": lambda entry: tuple(self._list(entry["items"])),
        }

    def read(self, entry: Any) -> Any:
        """Return the value that an entry stands for."""
        if type(entry) is list:
            return self._list(entry)
        if type(entry) is not dict:
            return entry
        kind = entry.get("kind")
        if type(kind) is not str or kind not in self._kinds:
            msg = f"a value has the unknown kind {kind!r:.50}"
            raise ValueError(msg)
        return self._kinds[kind](entry)

    def read_all(self, entries: Any) -> dict[str, Any]:
        """Return the values of named entries."""
        if type(entries) is not dict:
            msg = f"named values were expected, not {entries!r:.50}"
            raise TypeError(msg)
        return {name: self.read(entry) for name, entry in entries.items()}

    def _list(self, entries: list[Any]) -> list[Any]:
        return [self.read(entry) for entry in entries]

    def _parts(self, entry: dict[str, Any]) -> dict[str, Any]:
        return self.read_all(entry["parts"])

    def _dict(self, entry: dict[str, Any]) -> dict[Any, Any]:
        keys, values = (self._list(entry[part]) for part in ("keys", "values"))
        return dict(zip(keys, values, strict=True))

    def _array(self, entry: dict[str, Any]) -> AnyArray:
        return self.arrays.pop(entry["tensor"])

    def _text(self, entry: dict[str, Any]) -> AnyArray:
        codes = self.arrays.pop(entry["tensor"])
        if codes.dtype != np.uint32 or codes.max(initial=0) > _LARGEST_CODE:
            msg = f"tensor {entry['tensor']!r} holds what is no text"
            raise ValueError(msg)
        text: AnyArray = codes.view(f"U{codes.shape[-1]}")[..., 0]
        return text

    def _objects(self, entry: dict[str, Any]) -> AnyArray:
        items = self._list(entry["items"])
        if not all(isinstance(item, _SCALARS) for item in items):
            msg = "labels are strings, numbers or bools, and these are not"
            raise TypeError(msg)
        array = np.fromiter(items, dtype=object, count=len(items))
        return array.reshape(entry["shape"])

    def _component(self, entry: dict[str, Any]) -> Any:
        parts = self._parts(entry)
        return as_component(entry["kind"], entry["name"], parts, self._own)

    def _own_module(self, entry: dict[str, Any]) -> Any:
        parts = entry["parts"] and self._parts(entry)
        return as_own_module(entry["name"], parts, self._own)

    def _random_state(self, entry: dict[str, Any]) -> np.random.RandomState:
        parts = self._parts(entry)
        # numpy would read beyond the words of its state.
        if not 0 <= parts["pos"] <= _TWISTER_WORDS or not np.isfinite(parts["gauss"]):
            msg = "the state of random_state is no state of a Mersenne twister"
            raise ValueError(msg)
        state = {"key": parts["key"], "pos": parts["pos"]}
        random_state = np.random.RandomState()
        random_state.set_state(
            {
                "bit_generator": "MT19937",
                "state": state,
                "has_gauss": int(bool(parts["has_gauss"])),
                "gauss": parts["gauss"],
            }
        )
        return random_state


def _not_finite(name: Any) -> float:
    """Return the number that JSON has no word for."""
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[name]


def _refusal(value: Any, where: str) -> str:
    """Say what was found where, and how to do without."""
    name = getattr(value, "__name__", None)
    what = f"the {type(value).__name__} {name}" if name else f"a {type(value).__name__}"
    return f"{where} is {what}, which no file can hold. {_remedy(value, where)}"


def _remedy(value: Any, where: str) -> str:
    """Say how to do without."""
    name = where.removeprefix("a key of ").partition("[")[0].partition(".")[0]
    if name in ("similarity", "cost") and callable(value):
        return _CALLABLE.format(name=name)
    return _REMEDIES.get(name, _DATA)
