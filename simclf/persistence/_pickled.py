"""A pickled classifier: arrays, plain values, and the code of its user by name."""

import copy
from typing import Any

from simclf.losses import Criterion
from simclf.modules import count_members
from simclf.persistence._components import Own, component_entry
from simclf.persistence._model import device_at_hand, sound_records
from simclf.persistence._network import (
    plan_of,
    rebuild,
    weights_of,
    with_arrays,
)
from simclf.persistence._values import Reader, Writer
from simclf.similarity import ScoreTable
from simclf.training import MemberNet, as_arrays, as_tensors
from simclf.training._arithmetic import Arithmetic
from simclf.training._fit import assemble_net
from simclf.training._isolation import own_settings, resolve_device
from simclf.training._optimizer import OPTIMIZERS

_TABLE = "_table_"
_TABLE_PARTS = ("values", "classes", "decisions", "given_as")
_NET_NUMBERS = ("lr", "max_epochs", "batch_size", "verbose", "device")


def to_state(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return attributes of a classifier so that a pickle of them needs no torch.

    What is of this library becomes arrays and plain values. What is of the user's own,
    a class or a callback, stays what it is: a pickle holds it by its name.
    """
    table = attributes.get(_TABLE)
    parts = {id(getattr(table, part)): part for part in _TABLE_PARTS if table}
    return {
        name: {"part": parts[id(value)]} if id(value) in parts else _kept(value, name)
        for name, value in attributes.items()
    }


def from_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that `to_state` was given, on a device that is there."""
    table = _table_of(state[_TABLE]) if _TABLE in state else None
    attributes = {}
    for name, kept in state.items():
        if name == _TABLE:
            attributes[name] = table
        elif "part" in kept:
            attributes[name] = getattr(table, kept["part"])
        elif "net" in kept and table is not None:
            attributes[name] = _net_of(kept["net"], table)
        else:
            attributes[name] = _given_back(kept)
    return attributes


class _Values(Writer):
    """Writes what is data, and refuses components of a user's own."""

    def _rich(self, value: Any, where: str) -> Any:
        entry = component_entry(value)
        if entry is not None and entry["kind"] == "own_loss":
            msg = f"{where} is code of a user's own"
            raise TypeError(msg)
        return super()._rich(value, where)


def _kept(value: Any, name: str) -> dict[str, Any]:
    """Return a value as data where it is some, else as it is."""
    if isinstance(value, MemberNet):
        return {"net": _net_state(value)}
    if isinstance(value, ScoreTable):
        value = {part: getattr(value, part) for part in _TABLE_PARTS}
    writer = _Values()
    try:
        entry = writer.write(value, name)
    except (TypeError, ValueError):
        return {"object": value}
    return {"entry": entry, "arrays": writer.arrays}


def _given_back(kept: dict[str, Any]) -> Any:
    """Return the value itself."""
    if "object" in kept:
        return kept["object"]
    return Reader(dict(kept["arrays"]), Own()).read(kept["entry"])


def _table_of(kept: dict[str, Any]) -> ScoreTable:
    """Return the table of these parts, read-only as it was.

    What is found from them is found again.
    """
    parts = _given_back(kept)
    for array in (parts["values"], parts["classes"], parts["decisions"]):
        array.flags.writeable = False
    return ScoreTable(**parts).studied()


def _net_state(net: MemberNet) -> dict[str, Any]:
    """Return network, loss, optimizer and history of a net."""
    names = {kind: name for name, (kind, _) in OPTIMIZERS.items()}
    return {
        "network": _network_state(net.module_),
        "component": _kept(net.component_, "component"),
        "loss": _kept(net.criterion_.loss, "loss"),
        "optimizer": _kept(names.get(net.optimizer, net.optimizer), "optimizer"),
        "optimizer_settings": _kept(net.optimizer_settings(), "optimizer_settings"),
        "optimizer_state": _kept(as_arrays(net.optimizer_.state_dict()), "optimizer"),
        "arithmetic": net.arithmetic_.settings(),
        "numbers": {name: getattr(net, name) for name in _NET_NUMBERS},
        "callbacks": [_without_scheduler(*pair) for pair in net.own_callbacks()],
        "history": _kept(net.epoch_records(), "history"),
    }


def _network_state(network: Any) -> dict[str, Any]:
    """Return a network as component and weights where it is one of this library."""
    plan = plan_of(network)
    if plan is not None:
        parts = {
            "component": plan.component,
            "n_features": plan.n_features,
            "n_members": count_members(network),
            "weights": weights_of(network),
        }
        kept = _kept(parts, "network")
        if "entry" in kept:
            return kept
    return {"object": with_arrays(network)}


def _net_of(state: dict[str, Any], table: ScoreTable) -> MemberNet:
    """Return a net that goes on where the other one was."""
    numbers = state["numbers"]
    device = resolve_device(device_at_hand(numbers["device"]))
    loss = _given_back(state["loss"])
    optimizer = _given_back(state["optimizer"])
    if isinstance(optimizer, str):
        optimizer, _ = OPTIMIZERS[optimizer]
    with own_settings(device, grad=True):
        network = _network_of(state["network"], loss, table)
        dtype = next(network.parameters()).dtype
        net = assemble_net(
            network,
            Criterion(loss, table, dtype),
            optimizer,
            _given_back(state["optimizer_settings"]),
            **{**numbers, "device": str(device)},
            callbacks=state["callbacks"],
        )
        net.optimizer_.load_state_dict(
            as_tensors(_given_back(state["optimizer_state"]))
        )
        net.module_.eval()
    net.component_ = _given_back(state["component"])
    net.arithmetic_ = Arithmetic.of(state["arithmetic"])
    net.take_records(sound_records(_given_back(state["history"])))
    return net


def _network_of(kept: dict[str, Any], loss: Any, table: ScoreTable) -> Any:
    """Return the network, on the CPU."""
    if "object" in kept:
        return kept["object"]
    parts = _given_back(kept)
    n_outputs = loss.n_outputs(table.n_classes, table.n_decisions)
    return rebuild(
        parts["component"],
        parts["n_features"],
        n_outputs,
        parts["n_members"],
        # A worker of joblib may be given arrays that cannot be written to.
        {name: weight.copy() for name, weight in parts["weights"].items()},
    )


def _without_scheduler(name: str, callback: Any) -> tuple[str, Any]:
    """Leave out what skorch's LRScheduler makes anew in every training.

    It refers to the optimizer, and so to the weights on their device.
    """
    if not hasattr(callback, "lr_scheduler_"):
        return name, callback
    bare = copy.copy(callback)
    del bare.lr_scheduler_
    return name, bare
