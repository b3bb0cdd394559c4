"""Optimizers by name, with their fused form where torch has one."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from simclf.similarity._suggest import suggest

OPTIMIZERS: dict[str, tuple[type[Optimizer], dict[str, Any]]] = {
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
}
_FUSED_DEVICES = ("cpu", "cuda")


def resolve_optimizer(
    optimizer: Any,
    weight_decay: float,
    device: torch.device,
    *,
    captured: bool = False,
) -> tuple[type[Optimizer], dict[str, Any]]:
    """Turn the ``optimizer`` parameter into a class and its keyword arguments.

    ``captured`` is whether its steps are replayed where the device is able to.
    """
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            msg = (
                f"optimizer={optimizer!r} is unknown; use one of "
                f"{sorted(OPTIMIZERS)} or a torch.optim.Optimizer class."
                f"{suggest(optimizer, OPTIMIZERS)}"
            )
            raise ValueError(msg)
        kind, settings = OPTIMIZERS[optimizer]
    elif isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        kind, settings = optimizer, {}
    else:
        msg = (
            f"optimizer={optimizer!r} must be one of {sorted(OPTIMIZERS)} or a "
            "torch.optim.Optimizer class (not an instance: it is built in fit)."
        )
        raise TypeError(msg)
    closure = inspect.signature(kind.step).parameters.get("closure")
    if closure is not None and closure.default is inspect.Parameter.empty:
        msg = (
            f"optimizer={kind.__name__} evaluates the loss several times a step, which "
            f"is not supported; use one of {sorted(OPTIMIZERS)}."
        )
        raise ValueError(msg)
    known = inspect.signature(kind).parameters
    settings = dict(settings)
    if "weight_decay" in known:
        settings["weight_decay"] = weight_decay
    if "fused" in known and device.type in _FUSED_DEVICES:
        settings["fused"] = True
    if captured and device.type == "cuda":
        settings |= _for_capture(kind, known)
    return kind, settings


def refuse_odd_state(optimizer: Optimizer) -> None:
    """Refuse a memory that does not fit the weights: fused steps do not look at it.

    Optimizers of others may remember what they like.
    """
    if all(type(optimizer) is not kind for kind, _ in OPTIMIZERS.values()):
        return
    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            shape = torch.Size() if name == "step" else parameter.shape
            if value is not None and value.shape != shape:
                msg = f"{name} of the optimizer has shape {tuple(value.shape)}"
                raise ValueError(msg)


def take_memory(optimizer: Optimizer, other: Optimizer, members: slice) -> None:
    """Let an optimizer go on where another is, for some members of its network.

    The settings of the group are taken over too: a schedule may have changed them.
    Where a callback has added weights, or an optimizer of others remembers what has
    neither the shape of the weights nor none at all, nobody knows which of it is the
    members': nothing is taken over, and the optimizer begins anew.
    """
    groups, whole = optimizer.param_groups, other.param_groups
    sizes, whole_sizes = ([len(g["params"]) for g in gs] for gs in (groups, whole))
    known = other.state.items()
    if sizes != whole_sizes or not all(_has_shares(w, state) for w, state in known):
        return
    for group, of_all in zip(groups, whole, strict=True):
        group.update({k: v for k, v in of_all.items() if k != "params"})
        for weight, all_members in zip(group["params"], of_all["params"], strict=True):
            if all_members in other.state:
                optimizer.state[weight] = {
                    name: _share(value, members)
                    for name, value in other.state[all_members].items()
                }


def _has_shares(weight: Any, state: Any) -> bool:
    """Whether all that is remembered of a weight is its shape's, or a number."""
    return isinstance(weight, Tensor) and all(
        value.shape in (weight.shape, torch.Size())
        if isinstance(value, Tensor)
        else value is None or isinstance(value, int | float)
        for value in state.values()
    )


def _share(value: Any, members: slice) -> Any:
    """Return the members' part of a value, or what all members have in common."""
    if not isinstance(value, Tensor):
        return value
    return (value[members] if value.ndim else value).clone()


def _for_capture(kind: type[Optimizer], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an optimizer wants to be told before its steps are captured."""
    if "capturable" in known:
        return {"capturable": True}
    if kind is torch.optim.SGD:
        return {}
    msg = (
        f"optimizer={kind.__name__} has no parameter 'capturable', so its steps cannot "
        f"be replayed by compile='graph'; use one of {sorted(OPTIMIZERS)}, or "
        "compile=False."
    )
    raise ValueError(msg)
