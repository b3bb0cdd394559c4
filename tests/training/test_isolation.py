"""What the caller has switched on does not reach a fit, and stays switched on."""

from contextlib import contextmanager, nullcontext

import pytest
import torch

from simclf.training._isolation import own_settings, resolve_device

CPU = torch.device("cpu")
CALLERS = {
    "plain": torch.enable_grad,
    "no_grad": torch.no_grad,
    "inference": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
}


def state():
    return (
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
    )


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
def test_gradients_are_there_in_training_whatever_the_caller_does(caller):
    with caller():
        before = state()
        with own_settings(CPU, grad=True):
            assert state() == (True, False, False)
            weight = torch.nn.Parameter(torch.ones(2, 2))
            (torch.ones(1, 2) @ weight).sum().backward()
            assert weight.grad.dtype == torch.float32
        assert state() == before


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
def test_prediction_keeps_no_graph_whatever_the_caller_does(caller):
    with caller():
        before = state()
        with own_settings(CPU, grad=False):
            assert state() == (False, True, False)
            product = torch.ones(1, 2) @ torch.nn.Parameter(torch.ones(2, 2))
            assert not product.requires_grad
            assert product.dtype == torch.float32
        assert state() == before


@pytest.mark.parametrize("grad", [True, False])
def test_settings_are_put_back_after_an_error(grad):
    before = state()
    with pytest.raises(ZeroDivisionError), own_settings(CPU, grad=grad):
        torch.ones(1 // 0)
    assert state() == before


@pytest.mark.parametrize("grad", [True, False])
def test_the_gpu_is_the_current_one_inside_alone(monkeypatch, grad):
    current = [0]

    @contextmanager
    def lent(device):
        current.append(device.index)
        try:
            yield
        finally:
            current.pop()

    monkeypatch.setattr(torch.cuda, "device", lent)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    with own_settings(CPU, grad=grad):
        assert current == [0]
    with own_settings(torch.device("cuda:1"), grad=grad):
        assert current == [0, 1]
    assert current == [0]


def test_auto_is_cuda_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto") == torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto") == CPU


@pytest.mark.parametrize("device", ["cpu", CPU])
def test_the_cpu_is_always_there(device):
    assert resolve_device(device) == CPU


@pytest.mark.parametrize(
    "device", ["gpu", "", "CPU", "cuda:x", None, True, 3.5, ["cpu"], "meta", "xpu"]
)
def test_what_is_no_device_is_refused(device):
    message = (
        r"^device=.* is no device that simclf runs on; use 'auto', 'cpu', 'cuda' or "
        r"'cuda:1'\.$"
    )
    with pytest.raises(ValueError, match=message):
        resolve_device(device)


@pytest.mark.parametrize(
    ("device", "count", "there"),
    [("cuda", 1, True), ("cuda:1", 2, True), ("cuda", 0, False), ("cuda:1", 1, False)],
)
def test_a_cuda_device_must_be_there(monkeypatch, device, count, there):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    if there:
        assert resolve_device(device) == torch.device(device)
        return
    message = (
        rf"^device='{device}' but torch sees {count} CUDA devices; use device='cpu' or "
        r"device='auto'\.$"
    )
    with pytest.raises(ValueError, match=message):
        resolve_device(device)


@pytest.mark.parametrize("device", ["mps", "mps:0", torch.device("mps")])
def test_a_device_without_double_precision_is_refused(device):
    message = (
        r"^device=.*mps.* has no float64 numbers, in which probabilities and decisions "
        r"are computed; use device='cpu'\.$"
    )
    with pytest.raises(ValueError, match=message):
        resolve_device(device)
