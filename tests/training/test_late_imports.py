"""A Ctrl-C waits until an import is whole, and then counts."""

import importlib
import signal
import sys
import threading

import pytest

from simclf.training import _late_imports as room
from simclf.training._late_imports import import_late_parts, interrupts_held_back


def test_an_interrupt_counts_behind_the_block():
    done, before = [], signal.getsignal(signal.SIGINT)

    def interrupted():
        with interrupts_held_back():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append("the block")
        done.append("what follows")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["the block"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_counts_behind_a_block_that_fails():
    before = signal.getsignal(signal.SIGINT)

    def interrupted():
        with interrupts_held_back():
            signal.raise_signal(signal.SIGINT)
            raise ImportError

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert signal.getsignal(signal.SIGINT) is before


def test_without_an_interrupt_nothing_happens():
    before = signal.getsignal(signal.SIGINT)
    with interrupts_held_back():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_who_ignores_interrupts_goes_on_ignoring_them():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_held_back():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_leave_the_main_one_alone():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with interrupts_held_back():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_what_is_there_is_not_imported_again(monkeypatch):
    monkeypatch.setattr(room, "_LATE", "colorsys")
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    import_late_parts()
    assert "colorsys" in sys.modules
    monkeypatch.setattr(importlib, "import_module", lambda _: pytest.fail("again"))
    import_late_parts()
