"""Losses and modules in a file: by their name in the registry, or by the caller."""

from dataclasses import dataclass, field
from typing import Any

from sklearn.base import BaseEstimator
from torch import nn

from simclf.losses import LOSSES, Loss
from simclf.modules import MODULES


@dataclass(frozen=True)
class Own:
    """Classes of the caller's own, which stand for what no file can hold.

    Attributes
    ----------
    module : nn.Module class, component class or callable, or None
        For a ``module`` that is not one of :data:`simclf.modules.MODULES`.
    loss : Loss class or None
        For a ``loss`` that is not one of :data:`simclf.losses.LOSSES`.
    """

    module: Any = None
    loss: Any = None
    _needed: set[str] = field(default_factory=set, init=False)

    def need(self, what: str) -> Any:
        """Return the caller's ``module`` or ``loss``, for a file that needs it."""
        self._needed.add(what)
        return getattr(self, what)

    def refuse_unneeded(self) -> None:
        """Refuse what the caller gave for a file that did not ask for it."""
        for what, given in (("module", self.module), ("loss", self.loss)):
            if given is not None and what not in self._needed:
                msg = (
                    f"{what}={_name(given)} was given, but the {what} of this model is "
                    f"one of simclf; call load(path) without {what}"
                )
                raise ValueError(msg)


def component_entry(value: Any) -> dict[str, Any] | None:
    """Return kind, name and parameters of a component; None for anything else."""
    for name, kind in MODULES.items():
        if type(value) is kind:
            return _entry("module", name, value)
    if not isinstance(value, Loss):
        return None
    if LOSSES.get(value.name) is type(value):
        return _entry("loss", value.name, value)
    return _entry("own_loss", type(value).__name__, value)


def own_module_entry(module: Any) -> dict[str, Any]:
    """Return name and parameters of a module of the user's own."""
    if isinstance(module, BaseEstimator):
        return _entry("own_module", type(module).__name__, module)
    return {"kind": "own_module", "name": _name(module), "parts": None}


def own_of(module: Any, loss: Any) -> Own:
    """Return what a caller would give to load these parameters."""
    own = type(module) if isinstance(module, BaseEstimator) else module
    return Own(own, type(loss))


def as_component(kind: str, name: Any, parameters: dict[str, Any], own: Own) -> Any:
    """Return a component with these parameters."""
    if kind == "own_loss":
        _check_own("loss", name, own.need("loss"))
        if not (isinstance(own.loss, type) and issubclass(own.loss, Loss)):
            msg = f"loss={own.loss!r} must be the class {name} itself"
            raise TypeError(msg)
        return own.loss(**parameters)
    registry: dict[str, Any] = LOSSES if kind == "loss" else MODULES
    if name not in registry:
        msg = f"there is no {kind} {name!r:.50}; those of simclf are {list(registry)}"
        raise ValueError(msg)
    return registry[name](**parameters)


def as_own_module(name: Any, parameters: dict[str, Any] | None, own: Own) -> Any:
    """Return the caller's module, built where it is a component's class."""
    _check_own("module", name, own.need("module"))
    if parameters is None:
        return own.module
    if not isinstance(own.module, type) or issubclass(own.module, nn.Module):
        msg = f"module={own.module!r} must be the component class {name} itself"
        raise TypeError(msg)
    return own.module(**parameters)


def _entry(kind: str, name: str, component: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name, "parts": component.get_params(deep=False)}


def _check_own(what: str, name: Any, given: Any) -> None:
    """Refuse to go on without the class that the model was fitted with."""
    if given is None:
        msg = (
            f"the model was fitted with the {what} {name!r:.80}, which is code of its "
            f"author and in no file. If it is yours too, call load(path, {what}={name})"
        )
        raise ValueError(msg)
    if _name(given) != name:
        msg = (
            f"the model was fitted with the {what} {name!r:.80}, but {what}="
            f"{_name(given)} was given; call load(path, {what}={name})"
        )
        raise ValueError(msg)


def _name(thing: Any) -> str:
    """Return the name of a class or function, or of the class of anything else."""
    name: str = getattr(thing, "__name__", type(thing).__name__)
    return name
