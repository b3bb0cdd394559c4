"""The choice among candidate losses."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skorch.callbacks import Callback, LRScheduler

from simclf.decision import apply_temperature, bayes_decision
from simclf.losses import CandidateLosses, CrossEntropyLoss, TailoredScoreLoss
from simclf.training import go_on_with, keep_best_candidate, train_model
from simclf.training._calibrate import calibrate, unseen_rows
from simclf.training._choice import _members_of, choose, mean_by_row
from tests.training.cases import (
    SEEDS,
    TABLE,
    folds_of,
    make_model,
    make_rows,
    trained,
)

TWO = (CrossEntropyLoss(), TailoredScoreLoss(warmup=0.0))
THREE = (*TWO, TailoredScoreLoss(lam=1.0))


def regret(losses, seed=0, n=40):
    return np.random.default_rng(seed).random((len(losses), n))


def test_the_first_is_kept_where_none_is_clearly_better():
    regrets = regret(TWO)
    regrets[1] = regrets[0] + np.tile([0.5, -0.5], 20)
    assert choose(TWO, regrets, None, 2.0)[0] == 0
    regrets[1] = regrets[0]
    assert choose(TWO, regrets, None, 2.0)[0] == 0


def test_the_clearly_best_is_taken():
    regrets = regret(THREE)
    regrets[1] = regrets[0] - np.tile([0.1, 0.2], 20)
    regrets[2] = regrets[0] - np.tile([0.3, 0.2], 20)
    chosen, report = choose(THREE, regrets, None, 2.0)
    assert chosen == 2
    assert report["chosen"] == "tailored_score"
    assert report["reason"] == (
        "tailored_score earned 0.5 +- 0.016 a row more than cross_entropy on 40 rows "
        "held out"
    )


def test_a_noisy_gain_does_not_hide_a_clear_one():
    regrets = regret(THREE)
    regrets[1] = regrets[0] - np.tile([30.0, -29.0], 20)
    regrets[2] = regrets[0] - np.tile([0.1, 0.11], 20)
    assert choose(THREE, regrets, None, 1.0)[0] == 2


@given(st.integers(0, 1000), st.booleans(), st.sampled_from([1e-300, 1.0, 1e300]))
def test_the_report_says_what_each_earned(seed, weighted, scale):
    rng = np.random.default_rng(seed)
    regrets = rng.random((3, 30))
    weight = rng.exponential(size=30) if weighted else None
    chosen, report = choose(THREE, regrets, weight, scale)
    w = np.ones(30) if weight is None else weight
    assert report["chosen"] == THREE[chosen].name
    assert [c["loss"] for c in report["candidates"]] == list(THREE)
    for regret_of, found in zip(regrets, report["candidates"], strict=True):
        mean = sum(w * regret_of) / sum(w)
        gains = regrets[0] - regret_of
        gain = sum(w * gains) / sum(w)
        error = sum((w * (gains - gain)) ** 2) ** 0.5 / sum(w)
        assert found["mean_regret"] == pytest.approx(scale * mean)
        assert found["gain"] == pytest.approx(scale * gain, abs=1e-12 * scale)
        assert found["standard_error"] == pytest.approx(scale * error)
    # The most gained by those that are clearly better, if there are any.
    gained = [
        found["gain"] if found["gain"] > 0.5 * found["standard_error"] else 0.0
        for found in report["candidates"]
    ]
    assert chosen == int(np.argmax(gained))


def candidates(rows, folds, **params):
    params = {"loss": CandidateLosses(TWO), "n_members": 2} | params
    return trained(rows, folds, **params)


def test_the_members_of_the_winner_are_kept():
    rows = make_rows(90)
    folds = folds_of(rows, 2)
    model, settings = candidates(rows, folds, max_epochs=10)
    kept, report = keep_best_candidate(model, rows, folds, TABLE, settings)
    position = [loss.name for loss in TWO].index(report["chosen"])
    assert repr(kept.net.criterion_.loss) == repr(TWO[position])
    assert kept.net.history == model.net.history
    x = torch.from_numpy(rows.X)
    with torch.no_grad():
        every, own = model.net.module_(x), kept.net.module_(x)
    torch.testing.assert_close(own, every[2 * position : 2 * position + 2])
    assert not kept.net.module_.training


class Counting(Callback):
    """Hears of epochs."""

    def initialize(self):
        self.heard = 0
        return self

    def on_epoch_end(self, net, **_):
        self.heard += 1


def test_callbacks_are_as_the_training_has_left_them():
    rows = make_rows(90)
    folds = folds_of(rows, 2)
    model, settings = candidates(rows, folds, max_epochs=4, callbacks=[Counting()])
    kept, _ = keep_best_candidate(model, rows, folds, TABLE, settings)
    assert kept.net.callbacks == settings.callbacks
    assert [callback.heard for _, callback in kept.net.own_callbacks()] == [4]


class Averaged(torch.optim.SGD):
    """Remembers a mean over the members, of which none has a share."""

    def step(self, closure=None):
        super().step(closure)
        for weight in self.param_groups[0]["params"]:
            self.state[weight]["mean"] = weight.detach().mean(0)


def gone_on(model, settings):
    """The weights of every member after one epoch more."""
    model = go_on_with(model, settings)
    train_model(model, make_rows(90), None, TABLE, settings, SEEDS, n_epochs=1)
    return list(model.net.module_.parameters())


GOING_ON = {
    "adamw": {"optimizer": "adamw"},
    "sgd": {"optimizer": "sgd"},
    "scheduled": {"callbacks": [LRScheduler("StepLR", step_size=1, gamma=0.5)]},
}


@pytest.mark.parametrize("params", GOING_ON.values(), ids=GOING_ON)
def test_what_was_chosen_is_gone_on_with_as_if_nothing_was_chosen(params):
    rows = make_rows(90)
    same = CandidateLosses((CrossEntropyLoss(), CrossEntropyLoss()))
    model, settings = candidates(rows, folds_of(rows, 2), loss=same, **params)
    own = _members_of(model, 1, TABLE, settings)
    plain = replace(settings, loss=CrossEntropyLoss())
    found, every = gone_on(own, plain), gone_on(model, settings)
    for weight, of_all in zip(found, every, strict=True):
        torch.testing.assert_close(weight, of_all[2:])


def test_a_memory_without_members_is_dropped():
    model, settings = candidates(make_rows(90), None, optimizer=Averaged)
    assert model.net.optimizer_.state
    own = _members_of(model, 1, TABLE, settings)
    assert not own.net.optimizer_.state


def test_the_memory_is_dropped_where_weights_were_added():
    model, settings = candidates(make_rows(90), None)
    added = torch.nn.Parameter(torch.zeros(2))
    model.net.optimizer_.add_param_group({"params": [added]})
    own = _members_of(model, 1, TABLE, settings)
    assert not own.net.optimizer_.state


@pytest.mark.parametrize("fraction", [0.1, 0.6])
def test_candidates_are_judged_by_calibrated_answers_to_rows_not_seen(fraction):
    rows = make_rows(90, weight=np.linspace(0.5, 1.5, 90))
    folds = folds_of(rows, 3, validation_fraction=fraction)
    model, settings = candidates(rows, folds, max_epochs=10, n_members=3)
    _, report = keep_best_candidate(model, rows, folds, TABLE, settings)
    missed = []
    for position in range(2):
        own = _members_of(model, position, TABLE, settings)
        unseen = unseen_rows(own, rows, folds)
        temperature = calibrate(own, rows, folds, settings)
        answers = bayes_decision(apply_temperature(unseen.proba, temperature), TABLE)
        best = TABLE.values.max(axis=1)[unseen.codes]
        missed.append(best - TABLE.values[unseen.codes, answers])
    of_row = [[[] for _ in range(90)] for _ in range(2)]
    pairs = [row for held in folds.held for row in np.flatnonzero(held)]
    for pair, row in enumerate(pairs):
        for losses_rows, regrets in zip(of_row, missed, strict=True):
            losses_rows[row].append(regrets[pair])
    judged = sorted(set(pairs))
    means = np.array([[np.mean(o[row]) for row in judged] for o in of_row])
    weight = rows.sample_weight[judged]
    scale = np.ptp(TABLE.values, axis=1).max()
    _, expected = choose(TWO, means / scale, weight, scale)
    for found, wanted in zip(report["candidates"], expected["candidates"], strict=True):
        for name in ("mean_regret", "gain", "standard_error"):
            assert found[name] == pytest.approx(wanted[name])
    assert f" {len(judged)} rows held out" in report["reason"]


def test_a_row_that_several_members_hold_out_is_one():
    regrets = np.array([[1.0, 2.0, 4.0, 8.0], [0.0, 6.0, 1.0, 3.0]])
    rows, means = mean_by_row(np.array([7, 3, 7, 5]), regrets)
    assert rows.tolist() == [3, 5, 7]
    assert means.tolist() == [[2.0, 8.0, 2.5], [6.0, 3.0, 0.5]]


def test_members_that_are_alike_tell_no_more_than_one():
    regrets = regret(TWO)
    numbers = np.tile(np.arange(40), 9)
    _, means = mean_by_row(numbers, np.tile(regrets, 9))
    once, often = (choose(TWO, r, None, 1.0)[1] for r in (regrets, means))
    assert often["reason"] == once["reason"]
    error, same = (r["candidates"][1]["standard_error"] for r in (once, often))
    assert same == pytest.approx(error)


def test_candidates_begin_with_the_same_weights():
    model, _ = make_model(loss=CandidateLosses(TWO), n_members=2, module="mlp")
    for parameter in model.net.module_.parameters():
        assert len(parameter) == 4
        assert torch.equal(parameter[:2], parameter[2:])
        assert not torch.equal(parameter[0], parameter[1])


def test_candidates_hold_out_the_same_rows():
    rows = make_rows(90)
    folds = folds_of(rows, 2)
    same = CandidateLosses((CrossEntropyLoss(), CrossEntropyLoss()))
    model, _ = candidates(rows, folds, loss=same)
    for parameter in model.net.module_.parameters():
        torch.testing.assert_close(parameter[:2], parameter[2:])


def test_without_rows_to_judge_by_the_first_is_kept():
    rows = make_rows(6)
    model, settings = candidates(rows, None)
    kept, report = keep_best_candidate(model, rows, None, TABLE, settings)
    assert repr(kept.net.criterion_.loss) == "CrossEntropyLoss()"
    assert report["chosen"] == "cross_entropy"
    assert report["reason"] == (
        "too few rows to hold any out: cross_entropy is kept untried"
    )
    assert [list(c) for c in report["candidates"]] == [["loss"], ["loss"]]


def test_rows_given_judge_the_members_together():
    rows, given_rows = make_rows(60), make_rows(40, seed=3)
    model, settings = candidates(rows, given_rows)
    _, report = keep_best_candidate(model, rows, given_rows, TABLE, settings)
    assert "40 rows held out" in report["reason"]


def test_one_loss_is_no_choice():
    model, settings = trained()
    rows = make_rows()
    assert keep_best_candidate(model, rows, None, TABLE, settings) == (model, None)
