"""skorch's net, whose epochs run over rows that are already on the device."""

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import torch
from skorch import NeuralNet
from skorch.callbacks import Callback, EpochTimer, PrintLog
from torch import Tensor

from simclf.losses import DenseTable, SampleRows
from simclf.modules import lent_generator, members_sharing
from simclf.training._arithmetic import Arithmetic
from simclf.training._best import BestMembers
from simclf.training._callbacks import tell_callbacks
from simclf.training._failures import (
    OUT_OF_MEMORY,
    TORCH_ERRORS,
    diverged,
    module_failed,
    optimizer_failed,
    row_far_away,
)
from simclf.training._keeper import Keeper
from simclf.training._listener import EpochListener
from simclf.training._order import Schedule, epoch_batches
from simclf.training._processes import processes
from simclf.training._rows import Batch, HeldRows, Rows
from simclf.training._way import Way, way_of

_BATCH_EVENTS = ("on_batch_begin", "on_batch_end", "on_grad_computed")
_VALIDATION_ROWS = 8192
_PROBED_ROWS = 256


class MemberNet(NeuralNet):
    """A skorch net of one or more members: module, criterion, optimizer, history.

    Everything of :class:`skorch.NeuralNet` that does not concern the loop over
    batches is skorch's. Its loop is replaced: one index operation a batch, history
    by epoch, and no synchronisation with the device inside an epoch.
    """

    lr: float
    verbose: int
    history_: Any
    arithmetic_ = Arithmetic()
    component_: Any = None
    _way: Way

    @property
    def _default_callbacks(self) -> list[tuple[str, Callback]]:
        timer = ("epoch_timer", EpochTimer())
        # PrintLog lays out every line, also those that it does not print.
        return [timer, ("print_log", PrintLog())] if self.verbose else [timer]

    def train_epochs(
        self,
        train: Rows,
        valid: Rows | HeldRows | None,
        schedule: Schedule,
        listener: EpochListener | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        """Train until the schedule, early stopping or a callback ends it.

        Parameters
        ----------
        train : Rows
            Rows to learn from.
        valid : Rows, HeldRows or None
            Rows to judge early stopping by: the same for every member, or its own.
        schedule : Schedule
            Length, batch size, patience and seeds.
        listener : EpochListener, default=None
            Hears of every epoch.
        keeper : Keeper or None
            Keeps the state between epochs, and knows where to begin.

        Raises
        ------
        ValueError
            If the loss stops being finite, or steps cannot be compiled or captured.
        """
        best = None if schedule.patience is None else BestMembers(schedule.patience)
        # Steps are prepared for the optimizer's memory that they will meet.
        done_before = 0 if keeper is None else keeper.resume(self, best)
        self.notify("on_train_begin", X=None, y=None)
        with self._prepared():
            n_epochs = schedule.n_epochs - done_before
            is_over = self._run_epochs(
                train, valid, best, schedule, n_epochs, listener, keeper
            )
        if best is not None:
            best.restore(self.module_)
        self._refuse_broken_weights(train)
        self.notify("on_train_end", X=None, y=None)
        if keeper is not None and is_over:
            keeper.finish(self)

    def _run_epochs(
        self,
        train: Rows,
        valid: Rows | HeldRows | None,
        best: BestMembers | None,
        schedule: Schedule,
        n_epochs: int,
        listener: EpochListener | None,
        keeper: Keeper | None,
    ) -> bool:
        """Train until the epochs are over, or early stopping or a callback ends it.

        False where a callback did: without it, training would go on from there.
        """
        datasets = {"dataset_train": train, "dataset_valid": valid}
        for _ in range(n_epochs):
            epoch = len(self.history)
            progress = min(1.0, epoch / schedule.max_epochs)
            if listener is not None:
                listener.epoch_begins()
            self.on_epoch_begin(self, **datasets)
            tell_callbacks(self, "on_epoch_begin", **datasets)
            batches = epoch_batches(train, schedule, epoch)
            layers = schedule.seeds.layer_generator(
                epoch, train.device, self._way.generator
            )
            with lent_generator(self.module_, layers):
                losses = self._train_epoch(train, batches, progress)
            self._record("train_loss", self._finite(losses, epoch))
            done = self._judge(train, valid, best, progress)
            self.on_epoch_end(self, **datasets)
            stop = tell_callbacks(self, "on_epoch_end", **datasets)
            if listener is not None:
                stop |= listener.epoch_ends(self, best)
            if done:
                break
            if stop:
                if keeper is not None:
                    keeper.keep(self, best)
                return False
            if keeper is not None:
                keeper.after_epoch(self, best)
        return True

    def as_if_ended(self, best: BestMembers | None) -> Self:
        """Return a copy that is as if training had ended with this epoch."""
        ended = self.twin()
        if best is not None:
            best.restore(ended.module_)
        ended.module_.eval()
        return ended

    @contextmanager
    def _prepared(self) -> Iterator[None]:
        """Let steps inside the block be taken in the way that is asked for."""
        with way_of(
            self.module_,
            self.optimizer_,
            self.criterion_.loss,
            self.arithmetic_,
            heard=self._someone_listens(),
        ) as self._way:
            try:
                yield
            finally:
                # What is compiled or captured cannot be pickled.
                del self._way

    def epoch_records(self) -> list[dict[str, Any]]:
        """Return what was recorded of each epoch, without the batches."""
        return [
            {name: value for name, value in record.items() if name != "batches"}
            for record in self.history
        ]

    def take_records(self, records: Iterable[dict[str, Any]]) -> None:
        """Add epochs to the history, as `epoch_records` returns them."""
        for record in records:
            self.history.new_epoch()
            for name, value in record.items():
                self.history.record(name, value)

    def own_callbacks(self) -> list[tuple[str, Any]]:
        """Return the callbacks that are not skorch's defaults, with their names."""
        pairs: list[tuple[str, Any]] = self.callbacks_[len(self._default_callbacks) :]
        return pairs

    def optimizer_settings(self) -> dict[str, Any]:
        """Return what the optimizer was built with, beside the learning rate."""
        prefix = "optimizer__"
        given = self.get_params(deep=False)
        return {k.removeprefix(prefix): v for k, v in given.items() if prefix in k}

    def set_lr(self, lr: float) -> None:
        """Go on with another learning rate, if it is another."""
        if lr == self.lr:
            return
        self.lr = lr
        for group in self.optimizer_.param_groups:
            group["lr"] = lr

    def twin(self) -> Self:
        """Return a copy that is trained on while this net stays as it is.

        It shares the criterion, which learns nothing and holds the table, and the
        component, which has built the network; callbacks are copied no deeper than
        they allow: one may hold a file.
        """
        parts = self.criterion_, self.component_
        shared: dict[int, Any] = {id(part): part for part in parts}
        for _, callback in self.callbacks_:
            shared[id(callback)] = copy.copy(callback)
        return copy.deepcopy(self, shared)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy part by part; skorch would write and read a file for it."""
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        # What is made in inference mode can never be trained.
        with torch.inference_mode(mode=False):
            # What is compiled or captured belongs to the training of this net.
            parts = {name: part for name, part in vars(self).items() if name != "_way"}
            twin.__dict__.update(copy.deepcopy(parts, memo))
        return twin

    def __setstate__(self, state: dict[str, Any]) -> None:
        with torch.inference_mode(mode=False):
            super().__setstate__(state)

    def _record(self, name: str, loss: float) -> None:
        """Record an epoch's loss, and whether it is the lowest so far."""
        lowest = min(
            (record[name] for record in self.history[:-1] if name in record),
            default=float("inf"),
        )
        self.history.record(name, loss)
        self.history.record(f"{name}_best", loss < lowest)

    def _train_epoch(
        self, rows: Rows, batches: Iterator[Tensor | None], progress: float
    ) -> Tensor:
        """One pass over the rows; the mean loss of each member, still on the device."""
        self.module_.train()
        heard = self._someone_listens()
        if not heard:
            # skorch's Checkpoint looks at the last batch, whatever it holds.
            self.history.new_batch()
        step = self._listened_step if heard else self._way.steps(self._step)
        total: Tensor | None = None
        for index in batches:
            batch = processes().batch(rows, index)
            size = len(rows) if index is None else len(index)
            losses = step(rows, batch, size, progress) * size
            total = losses if total is None else total + losses
        assert total is not None
        return processes().total(total) / len(rows)

    def _step(self, rows: Rows, batch: Batch, size: int, progress: float) -> Tensor:
        """One optimizer step; the mean loss of each member on the batch."""
        losses = self._backward(rows, batch, size, progress)
        self._optimize()
        return losses

    def _optimize(self) -> None:
        """Let the optimizer make a step; what it raises is told by its name."""
        try:
            self._way.optimizer.step()
        except OUT_OF_MEMORY:
            raise
        except TORCH_ERRORS as error:
            raise optimizer_failed(type(self.optimizer_), error) from error

    def _backward(self, rows: Rows, batch: Batch, size: int, progress: float) -> Tensor:
        """Gradients of the batch's loss; the mean loss of each member.

        ``size`` is that of the whole batch, of which this may be a share.
        """
        self._forget_gradients()
        losses = self._pointwise(self._way.forward, rows, batch, progress)
        # The gradient of the sum of the members' means, so that each learns as it
        # would alone, and of their mean where they share weights. Written down, for
        # autograd's way to it costs a small step's time.
        share = losses.new_full(losses.shape, 1 / (size * self._sharing))
        losses.backward(_weighted(share, batch.weight))
        processes().share_gradients(self.module_.parameters())
        return processes().mean(_weighted(losses.detach(), batch.weight), size)

    def _forget_gradients(self) -> None:
        """Drop gradients; the optimizer's own zero_grad costs a small step's time."""
        for group in self.optimizer_.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def _listened_step(
        self, rows: Rows, batch: Batch, size: int, progress: float
    ) -> Tensor:
        """One step told to callbacks that asked for batches."""
        told = batch.features, batch.codes
        self.notify("on_batch_begin", batch=told, training=True)
        losses = self._backward(rows, batch, size, progress)
        self.notify(
            "on_grad_computed",
            named_parameters=list(self.module_.named_parameters()),
            batch=told,
        )
        self._optimize()
        self.notify("on_batch_end", batch=told, training=True, loss=losses.mean())
        return losses

    def _someone_listens(self) -> bool:
        """Whether a callback overrides one of the batch events."""
        return any(
            getattr(type(callback), event) is not getattr(Callback, event)
            for _, callback in self.callbacks_
            for event in _BATCH_EVENTS
        )

    def _judge(
        self,
        train: Rows,
        valid: Rows | HeldRows | None,
        best: BestMembers | None,
        progress: float,
    ) -> bool:
        """Record the validation loss; True when every member's patience is spent."""
        if valid is None or best is None:
            return False
        losses = self.validation_losses(valid)
        self._record("valid_loss", self._finite_validation(losses, train))
        # What judges at the end judges what another loss has taught so far: small
        # data may be learned best before its turn comes.
        warming_up = progress < self.criterion_.loss.warmup_fraction
        by_weights = losses.view(-1, self._sharing).mean(1)
        return best.update(by_weights, self.module_, patient=not warming_up)

    def validation_losses(self, rows: Rows | HeldRows) -> Tensor:
        """Mean loss of each member on rows it does not learn from, (n_members,)."""
        self.module_.eval()
        with torch.no_grad():
            sums = [
                _weighted(self._judged(rows, batch), batch.weight).sum(-1)
                for batch in rows.chunks(_VALIDATION_ROWS)
            ]
        return torch.stack(sums).sum(0) / len(rows)

    def _pointwise(
        self,
        forward: Callable[[Tensor], Tensor],
        rows: Rows | HeldRows,
        batch: Batch,
        progress: float,
    ) -> Tensor:
        """Loss of every row for every member, at this point of the training."""
        scores = self._scores(forward, batch.features)
        table = self._table(rows, batch)
        losses: Tensor = self.criterion_.loss.pointwise(
            scores, batch.codes, table, progress
        )
        return losses

    def _judged(self, rows: Rows | HeldRows, batch: Batch) -> Tensor:
        """Judge every member by rows that it does not learn from, row by row."""
        scores, table = (
            self._scores(self.module_, batch.features),
            self._table(rows, batch),
        )
        judged: Tensor = self.criterion_.loss.judge(scores, batch.codes, table)
        return judged

    @property
    def _sharing(self) -> int:
        """How many members share each set of weights."""
        return members_sharing(self.module_)

    def _scores(self, forward: Callable[[Tensor], Tensor], features: Tensor) -> Tensor:
        """Scores of the network; what a module of the user's raises is told by name."""
        try:
            return forward(features)
        except OUT_OF_MEMORY:
            raise
        except TORCH_ERRORS as error:
            if self.arithmetic_.compiled is True:
                raise  # may be of the compiler, which is told elsewhere
            raise module_failed(features, error) from error

    def _table(
        self, rows: Rows | HeldRows, batch: Batch
    ) -> DenseTable | SampleRows | None:
        """Return the prepared table, with the rows' own scores where they have any."""
        table: DenseTable | None = self.criterion_.table
        if rows.own_scores is None or batch.numbers is None or table is None:
            return table
        return SampleRows(table, rows.own_scores, batch.numbers)

    def _finite(self, losses: Tensor, epoch: int) -> float:
        """Return the mean loss of the members, refusing one that is not finite."""
        mean = losses.mean().item()
        if not math.isfinite(mean):
            raise diverged(mean, epoch, self.lr)
        return mean

    def _finite_validation(self, losses: Tensor, train: Rows) -> float:
        """Return the members' mean, refusing rows that overflow."""
        mean = losses.mean().item()
        if not math.isfinite(mean):
            # Either the network is broken, or it is sound and the row is to blame.
            self._refuse_broken_weights(train)
            raise row_far_away(mean, len(self.history))
        return mean

    def _refuse_broken_weights(self, rows: Rows) -> None:
        """Refuse a network that the last step of a diverging fit has broken.

        The loss of an epoch is that of the weights before each step; the weights
        after the last one are judged by the scores that they give.
        """
        self.module_.eval()
        with torch.no_grad():
            first = next(iter(rows.chunks(_PROBED_ROWS)))
            losses = self._pointwise(self.module_, rows, first, 1.0)
        self._finite(losses, len(self.history) - 1)


def _weighted(losses: Tensor, weight: Tensor | None) -> Tensor:
    """Losses times weights, where there are any."""
    return losses if weight is None else losses * weight
