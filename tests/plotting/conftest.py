"""No figure outlives the test that drew it."""

import pytest


@pytest.fixture(autouse=True)
def closed_figures():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield
    pyplot.close("all")
