"""Cross entropy: its limits, the noise matrix and what is refused."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from simclf.losses import CrossEntropyLoss
from tests.losses.cases import CLASSES, NOISE, K, forward, score_table
from tests.strategies import one_in, posteriors

TABLE = score_table(np.eye(K))


def batch():
    rng = np.random.default_rng(0)
    return torch.tensor(rng.normal(size=(7, K))), torch.tensor(rng.integers(0, K, 7))


def test_plain_and_smoothed_are_torchs():
    scores, codes = batch()
    for smooth in (0.0, 0.3, 1.0):
        loss = CrossEntropyLoss(label_smoothing=smooth)
        wanted = functional.cross_entropy(
            scores, codes, reduction="none", label_smoothing=smooth
        )
        torch.testing.assert_close(forward(loss, TABLE, scores, codes), wanted)


def test_prepares_no_table_without_noise():
    assert CrossEntropyLoss().prepare(TABLE) is None


def test_identity_noise_is_plain_cross_entropy():
    scores, codes = batch()
    loss = CrossEntropyLoss(noise_matrix=np.eye(K))
    plain = forward(CrossEntropyLoss(), TABLE, scores, codes)
    torch.testing.assert_close(forward(loss, TABLE, scores, codes), plain)


@given(posteriors(K))
@one_in(10)
def test_noise_is_taken_out_of_a_posterior_that_it_can_produce(clean):
    recorded = clean @ NOISE.to_numpy()
    found = CrossEntropyLoss(noise_matrix=NOISE).minimiser(recorded, TABLE)
    np.testing.assert_allclose(found, clean, atol=2e-3)


def test_noise_frame_is_aligned_by_label():
    scores, codes = batch()
    mixed = NOISE.loc[CLASSES[::-1], CLASSES[[2, 0, 3, 1]]]
    values = forward(CrossEntropyLoss(noise_matrix=NOISE), TABLE, scores, codes)
    again = forward(CrossEntropyLoss(noise_matrix=mixed), TABLE, scores, codes)
    bare = forward(
        CrossEntropyLoss(noise_matrix=NOISE.to_numpy()), TABLE, scores, codes
    )
    torch.testing.assert_close(again, values)
    torch.testing.assert_close(bare, values)


def test_noise_frame_is_cut_to_the_classes_at_hand():
    wide = pd.DataFrame(
        [[0.6, 0.2, 0.2], [0.5, 0.25, 0.25], [0.0, 0.0, 1.0]],
        index=["ant", "bee", "cat"],
        columns=["ant", "bee", "cat"],
    )
    loss = CrossEntropyLoss(noise_matrix=wide)
    criterion = loss.criterion(classes=["ant", "bee"], dtype=torch.float64)
    kept = np.array([[0.75, 0.25], [2 / 3, 1 / 3]])
    np.testing.assert_allclose(criterion.table.matrix.exp().numpy(), kept.T)


@pytest.mark.parametrize("smooth", [-0.1, 1.1, float("nan")])
def test_refuses_smoothing_out_of_range(smooth):
    match = (
        r"^cross_entropy: label_smoothing must be a number >= 0 and <= 1, got "
        rf"{smooth!r}\.$"
    )
    with pytest.raises(ValueError, match=match):
        CrossEntropyLoss(label_smoothing=smooth).prepare(TABLE)


def test_refuses_smoothing_beside_noise():
    match = (
        r"^cross_entropy: label_smoothing=0\.1 and a noise_matrix exclude each other\. "
        r"Set one of them; uniform smoothing can be written into the noise_matrix\.$"
    )
    with pytest.raises(ValueError, match=match):
        CrossEntropyLoss(label_smoothing=0.1, noise_matrix=NOISE).prepare(TABLE)


def test_refuses_a_label_that_is_never_recorded():
    noise = NOISE.copy()
    noise["cat"] += noise["Bee"]
    noise["Bee"] = 0.0
    match = (
        r"^cross_entropy: by noise_matrix no class is ever recorded as 'Bee', so such "
        r"an example would cost infinity\. Give its column a positive entry\.$"
    )
    with pytest.raises(ValueError, match=match):
        CrossEntropyLoss(noise_matrix=noise).prepare(TABLE)


def test_refuses_columns_that_are_no_class():
    noise = NOISE * 0.5
    noise["refer"] = 0.5
    match = (
        r"^cross_entropy: noise_matrix must have one column for each of the 4 classes, "
        r"got shape \(4, 5\)\.$"
    )
    with pytest.raises(ValueError, match=match):
        CrossEntropyLoss(noise_matrix=noise).prepare(TABLE)


@given(st.integers(0, K - 1))
def test_impossible_records_leave_finite_gradients(code):
    prepared = CrossEntropyLoss(noise_matrix=NOISE).prepare(TABLE)
    scores = torch.full((K, K), -1e4)
    scores.fill_diagonal_(1e4)
    scores.requires_grad_()
    codes = torch.full((K,), code)
    values = CrossEntropyLoss(noise_matrix=NOISE).pointwise(scores, codes, prepared)
    values.sum().backward()
    assert values.isfinite().all()
    assert scores.grad.isfinite().all()
    assert prepared.matrix.isinf().any()
