"""A device that holds no numbers: whoever waits for one of them fails.

Meta tensors stand for those of an accelerator. ``item``, ``bool``, ``nonzero`` and
``cpu`` raise on them, and :func:`traffic` sees what goes to and fro.
"""

from contextlib import contextmanager, nullcontext

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from simclf.training import Seeds

AWAY = torch.device("meta")


class _Moved(TorchDispatchMode):
    """Records tensors that go from one device to another."""

    def __init__(self, moved):
        super().__init__()
        self.moved = moved

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        name = function._schema.name
        if name in ("aten::_to_copy", "aten::copy_"):
            source = args[-1 if name == "aten::copy_" else 0]
            if source.device != result.device:
                self.moved.append(name.removeprefix("aten::"))
        return result


class _Made(TorchFunctionMode):
    """Records numbers of Python that are made a tensor of the device."""

    def __init__(self, moved):
        super().__init__()
        self.moved = moved

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function in (torch.tensor, torch.as_tensor) and result.device == AWAY:
            self.moved.append(function.__name__)
        return result


@contextmanager
def traffic():
    """Record what is brought to the device or from it inside the block."""
    moved = []
    with _Moved(moved), _Made(moved):
        yield moved


def lend_what_meta_lacks(monkeypatch):
    """Let meta tensors draw and multiply: they know no generators and no autocast."""
    drawn, cpu = Seeds.layer_generator, torch.device("cpu")
    monkeypatch.setattr(Seeds, "layer_generator", lambda s, n, _: drawn(s, n, cpu))
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda _: False)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
