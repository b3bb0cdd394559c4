"""Optimizers by name, with their fused form where torch has one."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
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
