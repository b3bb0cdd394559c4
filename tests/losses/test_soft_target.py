"""Soft targets: the rows of each kind, their limits and what is refused."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given

from simclf.losses import CrossEntropyLoss, SoftTargetLoss
from tests.losses.cases import (
    CLASSES,
    IDENTITY,
    TARGETS,
    K,
    forward,
    score_table,
)
from tests.strategies import score_tables, scores_and_codes

FORUM = np.array([[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2.0]])


def rows(loss, values):
    return loss.prepare(score_table(values), torch.float64).matrix.numpy()


def test_affine_rows_of_the_forum_table():
    wanted = [[3, 2, 1, 0], [2, 3, 0, 1], [1.5, 0.5, 1.5, 2.5], [0, 1, 2, 3]]
    found = rows(SoftTargetLoss("affine"), FORUM)
    np.testing.assert_allclose(found, np.array(wanted) / 6, atol=1e-15)


@given(score_tables(K, extra=2))
def test_rows_made_from_any_table_are_distributions(values):
    for targets in (None, "affine"):
        found = rows(SoftTargetLoss(targets), values)
        assert (found >= 0).all()
        np.testing.assert_allclose(found.sum(1), 1)


@given(score_tables(K))
def test_score_weighted_rows_are_scores_above_the_worst(values):
    spread = np.ptp(values, axis=1).max() or 1.0
    wanted = (values - values.min(1, keepdims=True)) / spread
    found = rows(SoftTargetLoss("score_weighted"), values)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


@given(scores_and_codes(K))
def test_cold_targets_are_cross_entropy_to_the_best_answer(batch):
    scores, codes = batch
    table = score_table(FORUM)
    best = FORUM.argmax(1)[codes]
    found = forward(SoftTargetLoss(temperature=1e-3), table, scores, codes)
    wanted = forward(CrossEntropyLoss(), table, scores, best)
    torch.testing.assert_close(found, wanted)


@given(scores_and_codes(K))
def test_identity_targets_are_cross_entropy(batch):
    table = score_table(FORUM)
    wanted = forward(CrossEntropyLoss(), table, *batch)
    torch.testing.assert_close(forward(SoftTargetLoss(IDENTITY), table, *batch), wanted)


@pytest.mark.parametrize(
    ("targets", "estimates"),
    [
        (None, "decision"),
        ("affine", "decision"),
        ("score_weighted", "decision"),
        (TARGETS, "decision"),
        (np.eye(3), "posterior"),
        ([[1, 0], [0, 1]], "posterior"),
        (np.eye(3)[::-1], "decision"),
        (np.eye(2, 3), "decision"),
        (IDENTITY, "posterior"),
        (IDENTITY[CLASSES[[3, 1, 0, 2]]], "posterior"),
        (IDENTITY.assign(refer=0.0), "decision"),
    ],
)
def test_only_identity_targets_estimate_the_posterior(targets, estimates):
    loss = SoftTargetLoss(targets)
    assert loss.estimates == estimates
    decision = "bayes" if estimates == "posterior" else "argmax"
    assert loss.consistent_decision == decision


def test_explicit_targets_are_aligned_by_label():
    mixed = TARGETS.loc[CLASSES[[2, 3, 0, 1]], CLASSES[::-1]]
    np.testing.assert_array_equal(rows(SoftTargetLoss(mixed), FORUM), TARGETS)
    bare = TARGETS.to_numpy()
    np.testing.assert_array_equal(rows(SoftTargetLoss(bare), FORUM), TARGETS)


def test_explicit_targets_may_name_further_answers():
    wide = TARGETS * 0.5
    wide.insert(0, "refer", 0.5)
    values = np.column_stack([FORUM, np.ones(K)])
    found = rows(SoftTargetLoss(wide), values)
    np.testing.assert_allclose(found, np.column_stack([TARGETS / 2, np.full(K, 0.5)]))


def test_further_answers_are_aligned_too():
    wide = TARGETS * 0.5
    wide["another test"] = 0.2
    wide["refer"] = 0.3
    found = rows(SoftTargetLoss(wide), np.column_stack([FORUM, np.ones((K, 2))]))
    np.testing.assert_allclose(found[:, K:], np.tile([0.3, 0.2], (K, 1)))


def test_explicit_targets_need_no_table():
    criterion = SoftTargetLoss(TARGETS).criterion(classes=CLASSES, dtype=torch.float64)
    np.testing.assert_array_equal(criterion.table.matrix, TARGETS)


def test_refuses_targets_without_a_column_for_an_answer():
    match = (
        r"^soft_target: targets has no column for answer 'refer'\. Give a DataFrame "
        r"with one column for each answer of the table\.$"
    )
    with pytest.raises(ValueError, match=match):
        rows(SoftTargetLoss(TARGETS), np.column_stack([FORUM, np.ones(K)]))


def test_refuses_targets_with_a_column_that_is_no_answer():
    wide = TARGETS * 0.5
    wide["refer"] = 0.5
    match = (
        r"^soft_target: targets has a column 'refer' that is no answer of the table\. "
        r"Give a DataFrame with one column for each answer of the table\.$"
    )
    with pytest.raises(ValueError, match=match):
        rows(SoftTargetLoss(wide), FORUM)


def test_refuses_an_unknown_kind_of_targets():
    match = (
        r"^soft_target: targets must be 'affine' or 'score_weighted' or None, an array "
        r"or a labelled DataFrame, got 'afine'\. Did you mean 'affine'\?$"
    )
    with pytest.raises(ValueError, match=match):
        rows(SoftTargetLoss("afine"), FORUM)


def test_refuses_a_temperature_of_zero():
    match = r"^soft_target: temperature must be a finite number > 0, got 0\.0\.$"
    with pytest.raises(ValueError, match=match):
        rows(SoftTargetLoss(temperature=0), FORUM)


def test_minimiser_without_any_weight_is_even():
    flat = pd.DataFrame(np.zeros((2, 2)), list("ab"), list("ab"))
    found = SoftTargetLoss("score_weighted").minimiser([[0.3, 0.7]], flat)
    np.testing.assert_array_equal(found, [[0.5, 0.5]])
