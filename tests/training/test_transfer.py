"""Rows stay on a device while there is room; what goes there does not hold it up."""

from contextlib import contextmanager

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from simclf.training._transfer import Upload, fits, free_bytes

CUDA = torch.device("cuda", 1)


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_half_of_what_is_free_may_be_taken(n_bytes, free):
    assert fits(n_bytes, free) == (2 * n_bytes <= free)


def test_a_device_of_unknown_size_is_given_all():
    assert fits(2**60, None)
    assert free_bytes(torch.device("cpu")) is None
    assert free_bytes(torch.device("mps")) is None


def test_what_torch_holds_unused_is_free(monkeypatch):
    asked = []
    for name, value in {
        "mem_get_info": (1000, 5000),
        "memory_reserved": 300,
        "memory_allocated": 120,
    }.items():
        monkeypatch.setattr(
            torch.cuda, name, lambda d, v=value, n=name: (asked.append((n, d)), v)[1]
        )
    assert free_bytes(CUDA) == 1180
    assert {device for _, device in asked} == {CUDA}
    assert len(asked) == 3


def test_an_upload_is_a_copy():
    host = torch.from_numpy(np.arange(6.0).reshape(2, 3))
    moved = Upload(torch.device("cpu"))(host)
    assert torch.equal(moved, host)
    moved.fill_(-1.0)
    assert host[0, 1] == 1.0


class Recorder:
    """Stands for CUDA: what is asked of a tensor or stream, in order."""

    def __init__(self, name, log):
        self.name, self.log = name, log

    def pin_memory(self):
        self.log.append("pin")
        return self

    def to(self, device, *, non_blocking):
        self.log.append(("to", str(device), non_blocking))
        return self

    def record_stream(self, stream):
        self.log.append(("kept for", stream.name))

    def wait_stream(self, stream):
        self.log.append((self.name, "waits for", stream.name))


def test_on_cuda_the_queue_waits_for_the_upload_and_nobody_else(monkeypatch):
    log = []

    @contextmanager
    def on(stream):
        log.append(("on", stream.name))
        yield
        log.append("back")

    monkeypatch.setattr(torch.cuda, "Stream", lambda device: Recorder("side", log))
    monkeypatch.setattr(
        torch.cuda, "current_stream", lambda device: Recorder("queue", log)
    )
    monkeypatch.setattr(torch.cuda, "stream", on)
    batch = Recorder("batch", log)
    assert Upload(CUDA)(batch) is batch
    assert log == [
        ("on", "side"),
        "pin",
        ("to", "cuda:1", True),
        "back",
        ("queue", "waits for", "side"),
        ("kept for", "queue"),
    ]
