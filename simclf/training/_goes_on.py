"""A warm start goes on with the network that the parameters describe, or not at all."""

from collections.abc import Mapping
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator

from simclf.modules import MLP, Linear, count_members
from simclf.training._net import MemberNet
from simclf.training._settings import Settings


def refuse_other_network(net: MemberNet, settings: Settings) -> None:
    """Refuse parameters that describe another network than that of the net.

    Raises
    ------
    ValueError
        Naming the parameter.
    """
    n_members = count_members(net.module_)
    if n_members != settings.n_networks:
        now = f"n_members={settings.n_members}"
    elif _described(net.component_) != _described(settings.module):
        now = f"module={_shown(settings.module)}"
    else:
        return
    members = f"{n_members} member{'s' if n_members > 1 else ''}"
    msg = (
        f"warm_start=True goes on from {members} of {_shown(net.component_)}, but now "
        f"{now}; use warm_start=False to start anew."
    )
    raise ValueError(msg)


def _described(value: Any) -> Any:
    """Return what tells a component, or a parameter of one, from another.

    Copies are alike, and so is what has been through a file.
    """
    if _is_linear(value):
        return "linear"
    if isinstance(value, BaseEstimator):
        return [_name(type(value)), _described(value.get_params(deep=False))]
    if isinstance(value, list | tuple):
        return [_described(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _described(item) for key, item in value.items()}
    return _known_by(value)


def _known_by(value: Any) -> Any:
    """Return what tells a value that has no parts from another."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if hasattr(value, "__qualname__"):
        return [_name(value), getattr(value, "__code__", None)]
    return value if isinstance(value, str | float | int | None) else _hashed(value)


def _is_linear(value: Any) -> bool:
    """Whether this is a component of no hidden layer, whatever it would have between.

    A file tells no more of it.
    """
    without = isinstance(value, MLP) and np.size(value.hidden_layer_sizes) == 0
    return without or isinstance(value, Linear)


def _hashed(value: Any) -> str:
    """Return the hash of any other object; the name of its class where it has none."""
    try:
        return str(joblib.hash(value))
    except Exception:  # noqa: BLE001 - whatever a class raises when it is pickled
        return _name(type(value))


def _name(kind: Any) -> str:
    """Return the full name of a class or function."""
    return f"{kind.__module__}.{kind.__qualname__}"


def _shown(component: Any) -> str:
    """Return how a message shows a component, class or function."""
    return str(getattr(component, "__name__", component))
