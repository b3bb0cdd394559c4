"""The training loop: against loops written by hand, members apart, callbacks heard."""

import copy
import pickle
import threading

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skorch.callbacks import (
    Callback,
    EarlyStopping,
    GradientNormClipping,
    LRScheduler,
    PrintLog,
)
from torch import nn

from simclf._inputs import LabelledRows
from simclf.losses import ExpectedScoreLoss, TailoredScoreLoss, _softmax
from simclf.modules import MLP
from simclf.training import _net as room
from simclf.training._fit import _rows_on
from simclf.training._order import Schedule, epoch_batches
from tests.training.cases import CLASSES, SEEDS, TABLE, make_model, make_rows
from tests.training.test_best import reference as best_alone


class Trained:
    """A model, its rows on the device, and a schedule to train it by."""

    def __init__(self, rows=None, valid=None, *, epochs=3, patience=None, **params):
        params = {"batch_size": 16, "max_epochs": epochs, "lr": 0.05} | params
        rows = make_rows() if rows is None else rows
        self.model, self.settings = make_model(rows, **params)
        self.net = self.model.net
        self.train = _rows_on(rows, self.model, TABLE)
        self.valid = valid and _rows_on(valid, self.model, TABLE)
        self.schedule = Schedule(
            n_epochs=epochs,
            max_epochs=self.settings.max_epochs,
            batch_size=self.settings.batch_size,
            patience=patience,
            seeds=SEEDS,
        )

    def run(self):
        self.net.train_epochs(self.train, self.valid, self.schedule)
        return self.net

    def numbers(self):
        return {k: v.clone() for k, v in self.net.module_.state_dict().items()}

    def curve(self, name="train_loss"):
        return [record[name] for record in self.net.history]


def equal(first, second):
    return all(torch.equal(value, second[name]) for name, value in first.items())


# Against a loop written by hand -----------------------------------------------


def by_hand(case, *, fused):
    """Train a copy of the network with nothing but torch; the loss of each epoch."""
    network, rows = copy.deepcopy(case.net.module_), case.train
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=0.05, weight_decay=0.125, fused=fused
    )
    (X, y, weight, _), n = rows.all(), len(rows)
    curve = []
    for epoch in range(case.schedule.n_epochs):
        generator = torch.Generator().manual_seed(
            int(np.random.SeedSequence([SEEDS.order, epoch]).generate_state(1)[0])
        )
        order = torch.randperm(n, generator=generator)
        total = torch.zeros(len(network(X)), dtype=X.dtype)
        for batch in torch.tensor_split(order, -(-n // 16)):
            losses = [
                nn.functional.cross_entropy(scores, y[batch], reduction="none")
                for scores in network(X[batch])
            ]
            means = [(loss * weight[batch]).mean() for loss in losses]
            optimizer.zero_grad()
            sum(means).backward()
            optimizer.step()
            total += torch.stack(means).detach() * len(batch)
        curve.append((total / n).mean().item())
    return network.state_dict(), curve


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("module", ["linear", MLP((6,), dropout=0.0), nn.Linear])
@pytest.mark.parametrize("n_members", [1, 3])
def test_an_epoch_is_the_loop_written_by_hand(module, n_members, dtype):
    weight = np.random.default_rng(5).exponential(size=50)
    rows = make_rows(weight=weight / weight.mean())
    params = {"module": module, "n_members": n_members, "dtype": dtype}
    case = Trained(rows, weight_decay=0.125, **params)
    exact, exact_curve = by_hand(case, fused=True)
    plain, _ = by_hand(case, fused=False)
    before = case.numbers()
    case.run()
    assert not equal(case.numbers(), before)
    tolerance = 1e-12 if dtype == "float64" else 1e-6
    for name, value in case.numbers().items():
        torch.testing.assert_close(value, exact[name], rtol=0, atol=tolerance)
        # Float32 and Adam's division magnify the last digit of small gradients.
        loose = 1e-10 if dtype == "float64" else 1e-4
        torch.testing.assert_close(value, plain[name], rtol=0, atol=loose)
    np.testing.assert_allclose(case.curve(), exact_curve, rtol=1e-5)


def test_one_network_is_trained_bit_for_bit_as_by_hand(monkeypatch):
    # Of few classes the softmax is taken in another way, equal up to rounding.
    monkeypatch.setattr(_softmax, "_SHORT", 0)
    weight = np.ones(50)
    case = Trained(make_rows(weight=weight), n_members=1, weight_decay=0.125)
    expected, curve = by_hand(case, fused=True)
    case.run()
    assert equal(case.numbers(), expected)
    assert case.curve() == curve


# Members ----------------------------------------------------------------------


def alone(case, member, **params):
    """The same member as a net of its own, from the same initial weights."""
    single = Trained(n_members=1, **params)
    numbers = case.numbers().values()
    state = single.net.module_.state_dict()
    own = [
        value[member].reshape(old.shape)
        for value, old in zip(numbers, state.values(), strict=True)
    ]
    single.net.module_.load_state_dict(dict(zip(state, own, strict=True)))
    return single


@pytest.mark.parametrize("module", ["linear", MLP((6,), dropout=0.0), nn.Linear])
@pytest.mark.parametrize("patience", [None, 1])
def test_members_trained_at_once_are_those_trained_apart(module, patience):
    valid = make_rows(30, seed=8)
    params = {"module": module, "valid": valid, "patience": patience, "epochs": 6}
    case = Trained(n_members=3, **params)
    singles = [alone(case, member, **params) for member in range(3)]
    case.run()
    for member, single in enumerate(singles):
        single.run()
        for together, apart in zip(
            case.numbers().values(), single.numbers().values(), strict=True
        ):
            own = together[member].reshape(apart.shape)
            torch.testing.assert_close(own, apart, rtol=0, atol=1e-10)
    if patience is None:
        means = np.mean([single.curve() for single in singles], axis=0)
        np.testing.assert_allclose(case.curve(), means, rtol=1e-10)


def test_weights_are_repetitions_in_full_batches():
    rows, times = make_rows(20), np.random.default_rng(3).integers(1, 4, size=20)
    weighted = LabelledRows(rows.X, rows.codes, CLASSES, times / times.mean())
    repeated = LabelledRows(
        np.repeat(rows.X, times, axis=0), np.repeat(rows.codes, times), CLASSES, None
    )
    first = Trained(weighted, batch_size=100)
    second = Trained(repeated, batch_size=100)
    first.run(), second.run()
    for name, value in first.numbers().items():
        torch.testing.assert_close(value, second.numbers()[name], rtol=0, atol=1e-10)
    np.testing.assert_allclose(first.curve(), second.curve(), rtol=1e-10)


# Batches ----------------------------------------------------------------------


class SomeRows(list):
    home = torch.device("cpu")


def batches_of(n_rows, batch_size, epoch):
    schedule = Schedule(1, 1, batch_size, None, SEEDS)
    return list(epoch_batches(SomeRows(range(n_rows)), schedule, epoch))


@given(st.integers(1, 300), st.integers(1, 70), st.integers(0, 5))
def test_batches_are_even_and_hold_every_row_once(n_rows, batch_size, epoch):
    batches = batches_of(n_rows, batch_size, epoch)
    if n_rows <= batch_size or (batch_size == 2 and n_rows == 3):
        assert batches == [None]
        return
    sizes = [len(batch) for batch in batches]
    assert max(sizes) - min(sizes) <= 1
    if batch_size == 2 and n_rows % 2:
        # No row is left alone: one batch takes it in.
        assert sorted(sizes) == [2] * (n_rows // 2 - 1) + [3]
    else:
        assert max(sizes) <= batch_size
        assert len(sizes) == -(-n_rows // batch_size)
    assert batch_size == 1 or min(sizes) > 1
    assert sorted(torch.cat(batches).tolist()) == list(range(n_rows))


def test_every_epoch_has_an_order_of_its_own():
    orders = [torch.cat(batches_of(40, 8, epoch)) for epoch in range(3)]
    assert not torch.equal(orders[0], orders[1])
    assert not torch.equal(orders[1], orders[2])


def test_the_order_goes_on_where_an_earlier_call_has_stopped():
    whole, parts = Trained(epochs=4), Trained(epochs=2, max_epochs=4)
    whole.run()
    parts.run(), parts.run()
    assert equal(whole.numbers(), parts.numbers())
    assert whole.curve() == parts.curve()


# Judging ----------------------------------------------------------------------


def test_every_member_keeps_its_best_epoch(monkeypatch):
    case = Trained(
        valid=make_rows(15, seed=9), epochs=40, patience=2, lr=1.0, n_members=3
    )
    judged, judge = [], case.net.validation_losses
    monkeypatch.setattr(
        case.net,
        "validation_losses",
        lambda rows: judged.append(judge(rows)) or judged[-1],
    )
    case.run()
    curves = torch.stack(judged).T.tolist()
    alone = [best_alone(curve, 2) for curve in curves]
    ends = [end for _, end in alone]
    assert None not in ends
    assert len(case.net.history) == 1 + max(ends)
    kept = [curve[best] for curve, (best, _) in zip(curves, alone, strict=True)]
    np.testing.assert_allclose(judge(case.valid).tolist(), kept, rtol=1e-12)
    means = np.mean(curves, axis=0)
    np.testing.assert_allclose(case.curve("valid_loss"), means, rtol=1e-12)


def test_validation_is_the_weighted_mean_whatever_the_chunks(monkeypatch):
    weight = np.linspace(0.5, 1.5, 30)
    case = Trained(valid=make_rows(30, seed=9, weight=weight))
    X, y, w, _ = case.valid.all()
    network = case.net.module_.eval()
    expected = [
        (nn.functional.cross_entropy(s, y, reduction="none") * w).sum().item() / 30
        for s in network(X)
    ]
    for rows in (1, 7, 30, 1000):
        monkeypatch.setattr(room, "_VALIDATION_ROWS", rows)
        losses = case.net.validation_losses(case.valid)
        np.testing.assert_allclose(losses.tolist(), expected, rtol=1e-12)
    assert not losses.requires_grad


def test_dropout_is_off_when_the_network_is_judged():
    def with_dropout(n_features, n_outputs):
        return nn.Sequential(nn.Dropout(0.5), nn.Linear(n_features, n_outputs))

    case = Trained(valid=make_rows(30, seed=9), module=with_dropout, n_members=1)
    case.net.module_.train()
    first = case.net.validation_losses(case.valid)
    assert torch.equal(first, case.net.validation_losses(case.valid))


def test_the_network_learns_in_training_mode_and_is_judged_in_eval():
    case = Trained(valid=make_rows(15, seed=9), epochs=2, patience=9)
    modes = []
    case.net.module_.register_forward_hook(
        lambda network, *_: modes.append((torch.is_grad_enabled(), network.training))
    )
    case.run()
    assert set(modes) == {(True, True), (False, False)}


def test_rows_to_judge_by_are_not_used_without_patience():
    case = Trained(valid=make_rows(15, seed=9))
    case.run()
    assert "valid_loss" not in case.net.history[-1]


def test_the_progress_is_told_in_training_and_full_in_validation(monkeypatch):
    case = Trained(valid=make_rows(15, seed=9), epochs=4, max_epochs=8, patience=99)
    told, loss = [], case.net.criterion_.loss
    pointwise = loss.pointwise

    def spy(scores, codes, table, progress):
        told.append((torch.is_grad_enabled(), progress))
        return pointwise(scores, codes, table, progress)

    monkeypatch.setattr(loss, "pointwise", spy, raising=False)
    case.run()
    in_training = [progress for grad, progress in told if grad]
    assert in_training == [p for epoch in range(4) for p in [epoch / 8] * 4]
    assert {progress for grad, progress in told if not grad} == {1.0}


def test_the_progress_is_never_more_than_all(monkeypatch):
    case = Trained(epochs=3, max_epochs=1)
    told = []
    epoch = case.net._train_epoch
    monkeypatch.setattr(
        case.net, "_train_epoch", lambda *args: told.append(args[2]) or epoch(*args)
    )
    case.run()
    assert told == [0.0, 1.0, 1.0]


def test_patience_starts_when_the_warm_up_has_ended():
    case = Trained(
        valid=make_rows(15, seed=9),
        epochs=10,
        patience=2,
        loss=ExpectedScoreLoss(warm_start=0.6, tau=None),
        lr=1e-30,
        weight_decay=0.0,
    )
    case.run()
    # Six epochs of warm-up, and two without progress.
    assert len(case.net.history) == 8
    assert len(set(case.curve("valid_loss"))) == 1


@pytest.mark.parametrize(
    "loss",
    [
        TailoredScoreLoss(warmup=0.5),
        ExpectedScoreLoss(warm_start=0.5),
        ExpectedScoreLoss(warm_start=0.5, tau=None),
    ],
)
def test_an_epoch_of_the_warm_up_may_be_best_but_more_are_waited_for(loss, monkeypatch):
    case = Trained(valid=make_rows(15, seed=9), epochs=6, patience=2, loss=loss)
    told, states = [5.0, 1.0, 2.0, 3.0, 4.0, 0.0], []

    def judged(_):
        states.append(case.numbers())
        return torch.full((case.settings.n_members,), told[len(states) - 1])

    monkeypatch.setattr(case.net, "validation_losses", judged)
    case.run()
    # Three epochs of warm-up, of which the second is best, and two without progress.
    assert len(case.net.history) == 5
    assert equal(states[1], case.numbers())


def test_a_training_that_is_all_warm_up_runs_to_its_end():
    loss = ExpectedScoreLoss(warm_start=1.0)
    case = Trained(valid=make_rows(15, seed=9), patience=1, loss=loss, lr=1e-30)
    case.run()
    assert len(case.net.history) == 3


# Nothing waits for the device inside an epoch ---------------------------------

SYNCHRONISING = ["item", "tolist", "numpy", "cpu", "__bool__", "__float__", "__int__"]


@pytest.mark.parametrize("listened", [False, True])
def test_numbers_are_asked_of_the_device_once_an_epoch(monkeypatch, listened):
    class Listener(Callback):
        def on_batch_end(self, net, **kwargs):
            pass

    def asked(batch_size):
        callbacks = [Listener()] if listened else None
        case = Trained(batch_size=batch_size, epochs=4, callbacks=callbacks)
        calls = []
        with monkeypatch.context() as patch:
            for name in SYNCHRONISING:
                original = getattr(torch.Tensor, name)

                def counted(*args, _original=original, **kwargs):
                    calls.append(_original)
                    return _original(*args, **kwargs)

                patch.setattr(torch.Tensor, name, counted)
            case.run()
        return len(calls)

    # One loss an epoch, and one look at the end; no more for more batches.
    assert asked(25) == asked(2) == 5


# Callbacks --------------------------------------------------------------------


def test_skorchs_early_stopping_stops():
    stop = EarlyStopping("train_loss", patience=2, threshold=1e9, sink=lambda _: None)
    case = Trained(epochs=30, callbacks=[stop])
    case.run()
    assert len(case.net.history) == 3


def test_every_callback_hears_of_the_epoch_in_which_one_stops():
    heard = []

    class Listener(Callback):
        def on_epoch_end(self, net, dataset_train=None, dataset_valid=None, **kwargs):
            heard.append((len(net.history), dataset_train, dataset_valid))

        def on_train_end(self, net, **kwargs):
            heard.append("end")

    stop = EarlyStopping("train_loss", patience=1, threshold=1e9, sink=lambda _: None)
    case = Trained(epochs=30, callbacks=[stop, Listener()])
    case.run()
    assert heard == [(1, case.train, None), (2, case.train, None), "end"]


def test_the_learning_rate_scheduler_acts():
    steps = LRScheduler("StepLR", step_size=1, gamma=0.5)
    case = Trained(epochs=3, callbacks=[steps])
    case.run()
    assert case.curve("event_lr") == [0.05, 0.025, 0.0125]
    assert not equal(case.numbers(), Trained(epochs=3).run().module_.state_dict())


def test_gradient_clipping_acts():
    params = {"optimizer": torch.optim.SGD, "lr": 1.0, "weight_decay": 0.0, "epochs": 1}
    free = Trained(batch_size=100, **params)
    clipped = Trained(batch_size=100, callbacks=[GradientNormClipping(1e-3)], **params)
    start = free.numbers()

    def way(case):
        case.run()
        return (
            sum((v - start[k]).square().sum() for k, v in case.numbers().items()) ** 0.5
        )

    assert way(free) > 0.1
    assert way(clipped).item() == pytest.approx(1e-3, rel=1e-3)


def test_batches_are_told_to_those_who_listen():
    told = []

    class Listener(Callback):
        def on_batch_begin(self, net, batch=None, training=None, **kwargs):
            told.append(("begin", len(batch[0]), len(batch[1]), training))

        def on_grad_computed(self, net, named_parameters, **kwargs):
            told.append(("grad", all(p.grad is not None for _, p in named_parameters)))

        def on_batch_end(self, net, batch=None, training=None, loss=None, **kwargs):
            told.append(("end", len(batch[0]), loss.requires_grad, training))

    heard, unheard = Trained(callbacks=[Listener()], epochs=1), Trained(epochs=1)
    heard.run(), unheard.run()
    per_batch = [("begin", 12, 12, True), ("grad", True), ("end", 12, False, True)]
    assert told[-3:] == per_batch
    assert len(told) == 3 * 4
    assert len(heard.net.history[0]["batches"]) == 4
    assert equal(heard.numbers(), unheard.numbers())


EVENTS = [
    "on_train_begin", "on_epoch_begin", "on_batch_begin", "on_grad_computed",
    "on_batch_end", "on_epoch_end", "on_train_end",
]  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, LookupError])
def test_what_a_callback_raises_surfaces(event, error):
    def fail(*_, **__):
        msg = "from the callback"
        raise error(msg)

    callback = type("Raising", (Callback,), {event: fail})()
    with pytest.raises(error, match="from the callback"):
        Trained(callbacks=[callback]).run()


def test_a_ctrl_c_inside_early_stopping_surfaces():
    class Interrupted(EarlyStopping):
        def on_epoch_end(self, net, **kwargs):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trained(callbacks=[Interrupted("train_loss")]).run()


def test_a_ctrl_c_inside_a_batch_surfaces(monkeypatch):
    case = Trained()

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(case.net.optimizer_, "step", interrupt)
    with pytest.raises(KeyboardInterrupt):
        case.run()


@pytest.mark.parametrize(("verbose", "printers"), [(0, 0), (1, 1)])
def test_lines_that_nobody_reads_are_not_laid_out(verbose, printers):
    callbacks = [kind for _, kind in Trained(verbose=verbose).net.callbacks_]
    assert sum(isinstance(kind, PrintLog) for kind in callbacks) == printers


def test_skorchs_printer_prints_when_asked(capsys):
    Trained(epochs=2, verbose=1).run()
    printed = capsys.readouterr().out
    assert "train_loss" in printed
    assert len(printed.strip().splitlines()) == 4
    Trained(epochs=2).run()
    assert capsys.readouterr().out == ""


# Divergence -------------------------------------------------------------------


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_a_loss_that_is_not_finite_names_epoch_and_rate(monkeypatch, epoch):
    case = Trained(epochs=5)
    losses = iter(
        [torch.tensor([1.0, 1.0])] * (epoch - 1) + [torch.tensor([1.0, np.nan])]
    )
    monkeypatch.setattr(case.net, "_train_epoch", lambda *_: next(losses))
    message = (
        rf"^training diverged in epoch {epoch} \(loss is nan\) with lr=0\.05; use a "
        r"smaller lr, e\.g\. 0\.005, or scale X \(standardize=True\)\. If neither "
        r"helps, look at weight_decay, the loss's own parameters and, if the module is "
        r"your own, what it returns\.$"
    )
    with pytest.raises(ValueError, match=message):
        case.run()


def test_an_absurd_learning_rate_is_found_by_the_loss():
    case = Trained(epochs=9, optimizer="sgd", lr=1e200)
    with pytest.raises(
        ValueError, match=r"^training diverged in epoch \d .* lr=1e\+200;"
    ):
        case.run()


def test_weights_that_the_last_step_has_broken_are_refused():
    # The loss of the only epoch is that of the weights before its only step.
    case = Trained(epochs=1, batch_size=100, optimizer=torch.optim.SGD, lr=1e308)
    with pytest.raises(
        ValueError, match=r"^training diverged in epoch 1 \(loss is (nan|inf)"
    ):
        case.run()


def test_a_row_to_judge_by_that_overflows_is_refused():
    valid = make_rows(15, seed=9)
    valid.X[4, 1] = 1e308
    case = Trained(valid=valid, patience=2, epochs=2)
    with torch.no_grad():
        for parameter in case.net.module_.parameters():
            parameter.mul_(1e3)
    message = (
        r"^the validation loss is (nan|inf) in epoch 1: a row held out, or of X_val, "
        r"lies so far outside the training data that the network's scores overflow; "
        r"check its units, or clip the features\.$"
    )
    with pytest.raises(ValueError, match=message):
        case.run()


# The net as a whole -----------------------------------------------------------


class Counter(Callback):
    """Counts epochs, and holds what cannot be copied."""

    def on_train_begin(self, net, **_):
        self.epochs = getattr(self, "epochs", 0)
        self.lock = threading.Lock()

    def on_epoch_end(self, net, **_):
        self.epochs += 1


def test_a_twin_is_trained_as_the_net_would_be_which_stays_as_it_is():
    case, other = (Trained(epochs=2, callbacks=[Counter()]) for _ in range(2))
    case.run(), other.run()
    before, net = case.numbers(), case.net
    state = copy.deepcopy(net.optimizer_.state_dict()["state"])
    case.net = net.twin()
    case.net.set_lr(0.5), other.net.set_lr(0.5)
    case.run(), other.run()
    assert equal(case.numbers(), other.numbers())
    assert case.curve() == other.curve()
    assert not equal(case.numbers(), before)
    case.net = net
    assert equal(case.numbers(), before)
    for number, of_parameter in net.optimizer_.state_dict()["state"].items():
        assert equal(of_parameter, state[number])
    assert len(net.history) == 2
    assert net.lr == 0.05
    assert net.optimizer_.param_groups[0]["lr"] == 0.05
    assert dict(net.callbacks_)["Counter"].epochs == 2


def test_a_twin_shares_the_table():
    net = Trained().net
    assert net.twin().criterion_ is net.criterion_


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_copies_are_trained_on_even_if_made_in_inference_mode(again):
    case, other = Trained(loss="tailored_score"), Trained(loss="tailored_score")
    case.run(), other.run()
    with torch.inference_mode():
        case.net = again(case.net)
    assert case.net.optimizer_.param_groups[0]["params"][0] is next(
        case.net.module_.parameters()
    )
    case.run(), other.run()
    assert equal(case.numbers(), other.numbers())


def test_another_learning_rate_is_gone_on_with():
    case = Trained()
    case.net.set_lr(0.25)
    assert case.net.lr == 0.25
    assert [group["lr"] for group in case.net.optimizer_.param_groups] == [0.25]
    # Set to the same, it leaves alone what a scheduler has made of it.
    case.net.optimizer_.param_groups[0]["lr"] = 0.125
    case.net.set_lr(0.25)
    assert case.net.optimizer_.param_groups[0]["lr"] == 0.125


def test_records_of_epochs_hold_no_batches():
    records = Trained(epochs=2).run().epoch_records()
    assert [record["epoch"] for record in records] == [1, 2]
    assert [set(record) for record in records] == [
        {"epoch", "train_loss", "train_loss_best", "dur"}
    ] * 2
    assert records[0]["train_loss_best"]


def test_records_of_epochs_are_taken_on():
    first, second = Trained(epochs=2).run(), Trained(epochs=1).run()
    both = second.epoch_records() + first.epoch_records()
    second.take_records(first.epoch_records())
    assert second.epoch_records() == both
    assert second.history[-1]["batches"] == []


def test_gradients_of_one_batch_do_not_reach_the_next():
    params = {"optimizer": torch.optim.SGD, "weight_decay": 0.0, "epochs": 1}
    case = Trained(batch_size=100, **params)
    for parameter in case.net.module_.parameters():
        parameter.grad = torch.full_like(parameter, 1e6)
    case.run()
    assert equal(
        case.numbers(), Trained(batch_size=100, **params).run().module_.state_dict()
    )
