"""A fit's own torch settings: what the caller has set globally does not reach it."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

from simclf.training._late_imports import import_late_parts

if hasattr(os, "register_at_fork"):
    # A forked child inherits torch's threads as a promise that nobody keeps: its first
    # parallel operation would wait for ever (pytorch#17199).
    os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))

_DEVICES = ("cpu", "cuda")


@contextmanager
def own_settings(device: torch.device, *, grad: bool) -> Iterator[None]:
    """Switch gradients as asked and autocast off inside the block, on this device."""
    if grad:
        import_late_parts()
    with (
        torch.inference_mode(mode=not grad),
        torch.set_grad_enabled(grad),
        torch.autocast(device.type, enabled=False),
        _own_default(device),
        _own_gpu(device),
    ):
        yield


def _own_default(device: torch.device) -> AbstractContextManager[object]:
    """Make tensors here where the caller has them made on another device."""
    # A mode costs every operation some time: none is set where there is none.
    return nullcontext() if torch.get_default_device().type == "cpu" else device


def _own_gpu(device: torch.device) -> AbstractContextManager[object]:
    """Make a GPU the current one: torch seeds it, and captures graphs on its stream."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def resolve_device(device: object) -> torch.device:
    """Turn the ``device`` parameter into a device that is there."""
    if isinstance(device, str) and device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    found = _parse_device(device)
    if found is not None and found.type == "mps":
        msg = (
            f"device={device!r} has no float64 numbers, in which probabilities and "
            "decisions are computed; use device='cpu'."
        )
        raise ValueError(msg)
    if found is None or found.type not in _DEVICES:
        msg = (
            f"device={device!r} is no device that simclf runs on; use 'auto', 'cpu', "
            "'cuda' or 'cuda:1'."
        )
        raise ValueError(msg)
    if found.type == "cuda" and not _has_cuda(found):
        msg = (
            f"device={device!r} but torch sees {torch.cuda.device_count()} CUDA "
            "devices; use device='cpu' or device='auto'."
        )
        raise ValueError(msg)
    return found


def _parse_device(device: object) -> torch.device | None:
    """Return what torch makes of a device's name; None where that is nothing."""
    try:
        return torch.device(device)  # type: ignore[call-overload, no-any-return]  # checked here
    except (RuntimeError, TypeError, ValueError):
        return None


def _has_cuda(device: torch.device) -> bool:
    """Whether this CUDA device exists."""
    return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
