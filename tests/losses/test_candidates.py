"""Several losses at once: each group of members learns by its own."""

import copy

import numpy as np
import pytest
import torch

from simclf.losses import (
    CandidateLosses,
    Criterion,
    CrossEntropyLoss,
    KernelBrierLoss,
    TailoredScoreLoss,
)
from simclf.similarity import resolve_table

LOSSES = (CrossEntropyLoss(), TailoredScoreLoss(lam=3.0, warmup=0.4), KernelBrierLoss())
CLASSES = np.array(["ant", "bee", "cat", "dog"])
TABLE = resolve_table(
    [[2.0, 1.0, 0.0, -1.0], [1.0, 3.0, -1.0, 0.0], [0.5, 0.0, 1.0, 0.0], [0, 1, 2, 3]],
    CLASSES,
)


def criterion():
    return Criterion(CandidateLosses(LOSSES), TABLE, torch.float64)


def scores(n_members):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(
        n_members * len(LOSSES), 5, 4, dtype=torch.float64, generator=generator
    )


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("own_codes", [False, True])
def test_every_group_is_judged_by_its_own_loss(n_members, progress, own_codes):
    z, several = scores(n_members), criterion()
    codes = torch.tensor([3, 0, 1, 1, 2])
    if own_codes:
        codes = torch.stack([codes.roll(m) for m in range(len(z))])
    several.progress = progress
    found = several.pointwise(z, codes)
    for position, loss in enumerate(LOSSES):
        group = slice(position * n_members, (position + 1) * n_members)
        alone = loss.criterion(TABLE, dtype=torch.float64)
        alone.progress = progress
        labels = codes[group] if own_codes else codes
        torch.testing.assert_close(found[group], alone.pointwise(z[group], labels))
        torch.testing.assert_close(
            several.proba(z)[group], alone.proba(z[group]), rtol=1e-12, atol=0
        )


def test_there_is_one_output_for_each_class():
    assert criterion().n_outputs == 4
    assert CandidateLosses(LOSSES).estimates == "posterior"


def test_the_warm_up_lasts_until_all_have_their_final_form():
    assert CandidateLosses(LOSSES).warmup_fraction == 0.4
    assert CandidateLosses(LOSSES[:1]).warmup_fraction == 0.0


def test_prepared_tables_follow_the_criterion():
    half = copy.deepcopy(criterion()).to(torch.float32)
    assert {buffer.dtype for buffer in half.buffers()} == {torch.float32}
    # Cross entropy makes no use of the table.
    assert len(list(half.buffers())) == 2


def test_a_hyperparameter_out_of_range_is_refused():
    losses = CandidateLosses((CrossEntropyLoss(), TailoredScoreLoss(tau=-1.0)))
    with pytest.raises(ValueError, match="tailored_score: tau must be"):
        Criterion(losses, TABLE, torch.float64)


def test_the_posterior_is_what_is_learned():
    posterior = np.array([[0.1, 0.2, 0.3, 0.4]])
    assert np.array_equal(
        CandidateLosses(LOSSES).minimiser(posterior, TABLE), posterior
    )
