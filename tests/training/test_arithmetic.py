"""What a net computes with is checked before it is built."""

import re

import numpy as np
import pytest
import torch

from simclf.training._arithmetic import Arithmetic, resolve_arithmetic, resolve_dtype

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)


def resolved(precision=None, compiled=False, dtype=torch.float32, device=CPU):
    return resolve_arithmetic(precision, compiled, dtype, device)


def test_steps_are_plain_unless_asked_otherwise():
    assert resolved() == Arithmetic(None, compiled=False)
    assert resolved("bf16").products == torch.bfloat16
    assert [resolved(compiled=c).compiled for c in (True, "graph")] == [True, "graph"]


def test_floating_types_go_by_name():
    assert resolve_dtype("float32") == resolve_dtype(torch.float32) == torch.float32
    assert resolve_dtype(np.dtype("float64")) == torch.float64


@pytest.mark.parametrize("precision", ["bfloat16", "fp16", "", 16, True, ["bf16"]])
def test_an_unknown_precision_is_refused(precision):
    msg = f"precision={precision!r} is unknown; use None or 'bf16'."
    with pytest.raises(ValueError, match=f"^{re.escape(msg)}$"):
        resolved(precision)


@pytest.mark.parametrize("compiled", ["graphs", "", None, 1, 0, ["graph"]])
def test_an_unknown_way_to_compile_is_refused(compiled):
    msg = f"compile={compiled!r} is unknown; use False, True or 'graph'."
    with pytest.raises(ValueError, match=f"^{re.escape(msg)}$"):
        resolved(compiled=compiled)


def test_half_precision_beside_double_is_refused():
    msg = (
        r"^precision='bf16' rounds products to three digits, dtype='float64' asks for "
        r"sixteen; use dtype='float32', or precision=None\.$"
    )
    with pytest.raises(ValueError, match=msg):
        resolved("bf16", dtype=torch.float64)


def test_a_device_without_bfloat16_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    msg = (
        r"^precision='bf16' needs a CPU or a CUDA device with bfloat16, not "
        r"device='cuda:0'; use precision=None\.$"
    )
    with pytest.raises(ValueError, match=msg):
        resolved("bf16", device=torch.device("cuda:0"))


def test_a_cuda_device_with_bfloat16_is_taken(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert resolved("bf16", device=CUDA).products == torch.bfloat16
