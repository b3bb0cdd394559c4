"""Axes that displays draw on."""

import re
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from simclf.plotting._base import Display, inches_of


def test_new_axes_have_the_size_asked_for():
    display = Display()
    assert display._take_axes(None, (5.0, 4.0)) is display.ax_
    assert display.figure_.get_size_inches().tolist() == [5.0, 4.0]
    assert display.figure_.get_layout_engine() is not None


def test_axes_given_are_drawn_on():
    figure, axes = plt.subplots(1, 2)
    display = Display()
    assert display._take_axes(axes[1], (5.0, 4.0)) is axes[1]
    assert display.figure_ is figure
    assert len(plt.get_fignums()) == 1


def test_an_array_of_axes_is_refused():
    _, axes = plt.subplots(1, 2)
    told = re.escape(
        "ax is of type ndarray; expected one matplotlib Axes, such as axes[0] of "
        "figure, axes = plt.subplots(1, 2), or None."
    )
    with pytest.raises(TypeError, match=f"^{told}$"):
        Display()._take_axes(axes, (5.0, 4.0))


def test_without_matplotlib_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    told = re.escape(
        "matplotlib is needed here and cannot be imported. Install it with "
        'pip install "simclf[plot]".'
    )
    with pytest.raises(ImportError, match=f"^{told}$"):
        Display()._take_axes(None, (5.0, 4.0))


def test_inches_are_those_of_the_cells():
    figure, ax = plt.subplots(figsize=(10, 4))
    ax.set_position([0, 0, 1, 1])
    assert inches_of(ax) == pytest.approx((10.0, 4.0))
    ax.imshow(np.eye(3))
    assert inches_of(ax) == pytest.approx((4.0, 4.0))
    figure.set_dpi(200)
    assert inches_of(ax) == pytest.approx((4.0, 4.0))
