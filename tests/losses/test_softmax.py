"""The softmax along the axis that a CPU is quick at is the softmax."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from simclf.losses._softmax import log_softmax, softmax

PAIRS = [(softmax, torch.softmax), (log_softmax, torch.log_softmax)]


@given(
    st.lists(st.integers(1, 4), min_size=0, max_size=3),
    st.integers(1, 20),
    st.sampled_from([torch.float32, torch.float64]),
    st.sampled_from([1e-4, 1.0, 1e4]),
    st.integers(0, 1000),
)
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_values_and_slopes_are_those_of_torch(ours, theirs, lead, k, dtype, size, seed):
    generator = torch.Generator().manual_seed(seed)
    given_scores = size * torch.randn(*lead, k, generator=generator, dtype=dtype)
    slope = torch.randn(*lead, k, generator=generator, dtype=dtype)
    tried = []
    for function in (lambda s: theirs(s, dim=-1), ours):
        scores = given_scores.clone().requires_grad_()
        values = function(scores)
        values.backward(slope)
        tried.append((values.detach(), scores.grad))
    (expected, its_slope), (found, our_slope) = tried
    assert found.shape == given_scores.shape
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(our_slope, its_slope)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_a_class_that_is_ruled_out_stays_so(ours, theirs):
    scores = torch.tensor([[[0.0, -torch.inf, 1.0]], [[2.0, 0.0, -torch.inf]]])
    torch.testing.assert_close(ours(scores), theirs(scores, dim=-1))


@pytest.mark.parametrize("ours", [softmax, log_softmax])
def test_other_devices_have_their_own_way(ours):
    found = ours(torch.empty(2, 5, 3, device="meta"))
    assert found.shape == (2, 5, 3)
    assert found.is_contiguous()
