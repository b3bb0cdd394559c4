"""The numerical search finds what is known in closed form."""

import numpy as np
import pytest
from hypothesis import given

from simclf.losses import (
    EntropicScoreLoss,
    KernelBrierLoss,
    SoftmaxMarginLoss,
    TailoredScoreLoss,
)
from simclf.losses._search import search_minimiser
from tests.losses.cases import K, score_table
from tests.strategies import one_in, posteriors

VALUES = np.array([[2, 1, 0, -1], [0, 2, -1, 0], [0, -1, 1, 0], [-1, 0, 1, 3.0]])


@pytest.mark.parametrize(
    "loss",
    [
        EntropicScoreLoss(0.5),
        KernelBrierLoss(),
        SoftmaxMarginLoss(),
        TailoredScoreLoss(1.0, 0.1),
    ],
)
@given(posteriors(K, n=1))
@one_in(20)
def test_search_agrees_with_the_closed_form(loss, eta):
    table = score_table(VALUES)
    found = search_minimiser(loss, eta, table)
    np.testing.assert_allclose(found, loss.minimiser(eta, table), atol=2e-4)
