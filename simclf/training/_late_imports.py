"""What torch imports at the first step of a process is imported whole."""

import importlib
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LATE = "torch._dynamo"


def import_late_parts() -> None:
    """Import what an optimizer asks for at its first use, with Ctrl-C held back.

    It takes more than a second, and broken off it leaves sympy half made: no later fit
    of the process would work.
    """
    if _LATE in sys.modules:
        return
    with interrupts_held_back():
        importlib.import_module(_LATE)


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Let a Ctrl-C inside the block count behind it."""
    handler = signal.getsignal(signal.SIGINT)
    # Only the main thread is interrupted, and only it may say by whom.
    if threading.current_thread() is not threading.main_thread() or not callable(
        handler
    ):
        yield
        return
    held = []
    signal.signal(signal.SIGINT, lambda *received: held.append(received))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            handler(*held[-1])
