"""The criterion: reduction, refusals and what it shows of itself."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import coo_array, csr_array
from skorch import NeuralNetClassifier
from torch import nn

from simclf.losses import (
    LOSSES,
    CrossEntropyLoss,
    ExpectedScoreLoss,
    ScoreRegressionLoss,
)

S = np.array([[2.0, 1.0, -1.0], [0.0, 3.0, 1.0], [1.5, -0.5, 2.0]])
WIDE = pd.DataFrame(S, list("abc"), list("abc")).assign(refer=1.2)
SCORES = torch.tensor([[0.1, 0.5, -1.0], [2.0, 0.0, 0.3]])
CODES = torch.tensor([2, 0])


def test_mean_over_leading_axes_is_the_mean_of_members():
    criterion = ExpectedScoreLoss().criterion(S)
    members = torch.stack([SCORES, 2 * SCORES, -SCORES])
    weights = torch.tensor([1.0, 3.0])
    for weight in (None, weights):
        each = torch.stack([criterion(z, CODES, weight) for z in members])
        torch.testing.assert_close(criterion(members, CODES, weight), each.mean())


def test_a_table_without_labels_has_classes_of_its_own():
    wanted = ExpectedScoreLoss().criterion(S, classes=[0, 1, 2])(SCORES, CODES)
    for table in (S, S.tolist(), csr_array(S), coo_array(S)):
        assert ExpectedScoreLoss().criterion(table)(SCORES, CODES) == wanted


def test_progress_reaches_the_loss():
    criterion = ExpectedScoreLoss(warm_start=0.5).criterion(S)
    after = criterion(SCORES, CODES)
    likelihood = torch.nn.functional.cross_entropy(SCORES, CODES)
    for progress, wanted in [
        (0.0, likelihood),
        (0.5, likelihood),
        (0.7, (likelihood + after) / 2),
        (0.9, after),
    ]:
        criterion.progress = progress
        torch.testing.assert_close(criterion(SCORES, CODES), wanted)


def test_proba_is_the_link():
    torch.testing.assert_close(
        CrossEntropyLoss().criterion(S).proba(SCORES), SCORES.softmax(-1)
    )


def test_default_dtype_of_torch_is_the_default():
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        assert ExpectedScoreLoss().criterion(S).table.matrix.dtype == torch.float64
    finally:
        torch.set_default_dtype(before)


@pytest.mark.parametrize("call", ["pointwise", "proba"])
@pytest.mark.parametrize(
    ("loss", "n_outputs"),
    [
        (CrossEntropyLoss(), 3),
        (ExpectedScoreLoss(), 3),
        (ExpectedScoreLoss(warm_start=0.0), 4),
    ],
)
def test_refuses_scores_of_another_width(loss, n_outputs, call):
    criterion = loss.criterion(WIDE)
    match = (
        rf"^scores must have shape \(\.\.\., n, {n_outputs}\), as '{loss.name}' reads "
        rf"{n_outputs} outputs for 3 classes and 4 answers, got \(2, 5\)\. Give the "
        rf"network {n_outputs} outputs\.$"
    )
    rest = () if call == "proba" else (CODES,)
    with pytest.raises(ValueError, match=match):
        getattr(criterion, call)(torch.zeros(2, 5), *rest)


@pytest.mark.parametrize(
    ("loss", "n_columns"), [(CrossEntropyLoss(), 3), (ExpectedScoreLoss(), 4)]
)
def test_probabilities_may_have_more_columns_than_the_scores(loss, n_columns):
    proba = loss.criterion(WIDE).proba(SCORES)
    assert proba.shape == (2, n_columns)
    torch.testing.assert_close(proba.sum(-1), torch.ones(2))


def test_refuses_codes_that_are_no_integers():
    match = (
        r"^codes must be integers \(positions in classes\), got torch\.float32\. "
        r"Soft labels are not supported: see SoftTargetLoss\.$"
    )
    with pytest.raises(TypeError, match=match):
        CrossEntropyLoss().criterion(S)(SCORES, CODES.float())


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize("bad", [3, -1, -100])
def test_refuses_codes_of_no_class(loss, bad):
    criterion = loss().criterion(S)
    match = (
        rf"^codes has {bad} at position 1, which is no class; codes are 0\.\.2, the "
        r"positions of the labels in classes\. Leave out rows without a label: no code "
        r"means to ignore one\.$"
    )
    with pytest.raises(ValueError, match=match):
        criterion(torch.zeros(2, criterion.n_outputs), torch.tensor([0, bad]))


def test_other_errors_stay_as_they_are():
    with pytest.raises(RuntimeError, match="dtype"):
        CrossEntropyLoss().criterion(S)(SCORES, CODES.short())


@pytest.mark.parametrize("loss", LOSSES.values())
@pytest.mark.parametrize("shape", [(1,), (3,), (), (2, 1), (1, 2)])
def test_refuses_codes_of_another_shape(loss, shape):
    criterion = loss().criterion(S)
    match = (
        r"^codes must have one code for each row of scores, shape \(2,\), got "
        rf"{re.escape(str(shape))}\.$"
    )
    scores = torch.zeros(2, criterion.n_outputs)
    for call in (criterion, criterion.pointwise):
        with pytest.raises(ValueError, match=match):
            call(scores, torch.zeros(shape, dtype=torch.long))


@pytest.mark.parametrize("shape", [(1,), (3,), (), (2, 1), (1, 2)])
def test_refuses_weights_of_another_shape(shape):
    match = (
        r"^sample_weight must have one weight for each example, shape \(2,\), got "
        rf"{re.escape(str(shape))}\.$"
    )
    with pytest.raises(ValueError, match=match):
        CrossEntropyLoss().criterion(S)(SCORES, CODES, torch.ones(shape))


def test_members_may_have_codes_and_weights_of_their_own():
    criterion = ExpectedScoreLoss().criterion(S)
    members, codes = torch.stack([SCORES, -SCORES]), torch.stack([CODES, 1 - CODES % 2])
    weights = torch.tensor([[1.0, 3.0], [2.0, 1.0]])
    each = [criterion(*one) for one in zip(members, codes, weights, strict=True)]
    torch.testing.assert_close(
        criterion(members, codes, weights), torch.stack(each).mean()
    )


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("scores", (SCORES.numpy(), CODES)),
        ("scores", (SCORES.tolist(), CODES)),
        ("codes", (SCORES, CODES.numpy())),
        ("codes", (SCORES, CODES.tolist())),
        ("sample_weight", (SCORES, CODES, [1.0, 1.0])),
        ("sample_weight", (SCORES, CODES, np.ones(2))),
    ],
)
def test_refuses_what_is_no_tensor(name, rows):
    match = (
        rf"^{name} is a (ndarray|list); it must be a tensor, e\.g\. "
        rf"torch\.as_tensor\({name}\)\.$"
    )
    with pytest.raises(TypeError, match=match):
        CrossEntropyLoss().criterion(S)(*rows)


def test_refuses_an_empty_batch():
    criterion = CrossEntropyLoss().criterion(S)
    match = (
        r"^scores of shape \(0, 3\) has no rows, whose mean loss would be nan; leave "
        r"empty batches out\.$"
    )
    with pytest.raises(ValueError, match=match):
        criterion(SCORES[:0], CODES[:0])
    assert criterion.pointwise(SCORES[:0], CODES[:0]).shape == (0,)


@pytest.mark.parametrize("progress", [-0.1, 1.1, 7, float("nan")])
def test_refuses_progress_that_is_no_share(progress):
    criterion = ExpectedScoreLoss(warm_start=0.5).criterion(S)
    criterion.progress = progress
    match = (
        rf"^progress={progress} must be the share of the training that is done, "
        r"between 0 and 1; set criterion\.progress = epoch / n_epochs\.$"
    )
    with pytest.raises(ValueError, match=match):
        criterion(SCORES, CODES)


def test_a_loss_without_a_table_says_what_to_call():
    match = (
        r"^ExpectedScoreLoss has no score table yet, and is not called with scores and "
        r"codes; call ExpectedScoreLoss\(\)\.criterion\(similarity\), which is a torch "
        r"module, and pass that to your loop or to skorch\.$"
    )
    with pytest.raises(TypeError, match=match):
        ExpectedScoreLoss()(SCORES, CODES)
    net = NeuralNetClassifier(
        nn.Linear(3, 3), criterion=ExpectedScoreLoss, train_split=None, verbose=0
    )
    with pytest.raises(TypeError, match=match):
        net.fit(np.zeros((6, 3), np.float32), np.arange(6) % 3)


def test_shows_its_loss():
    criterion = ScoreRegressionLoss("one_vs_all").criterion(S)
    shown = repr(criterion)
    assert "ScoreRegressionLoss(kind='one_vs_all'), n_classes=3" in shown
