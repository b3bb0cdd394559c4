"""Extremes of rows, however short."""

import numpy as np
import pytest

from simclf.decision import _extremes
from simclf.decision._extremes import row_extreme


@pytest.mark.parametrize("which", ["least", "largest"])
@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (5, 3), (3, 31), (3, 32), (2, 90)])
def test_each_row_has_its_own(which, shape, monkeypatch):
    values = np.random.default_rng(0).normal(size=shape)
    own = {"least": min, "largest": max}[which]
    expected = [[own(row.tolist())] for row in values]
    found = row_extreme(values, which)
    assert found.shape == (shape[0], 1)
    assert found.tolist() == expected
    monkeypatch.setattr(_extremes, "_SHORT", 100 - _extremes._SHORT)
    assert row_extreme(values, which).tolist() == expected
