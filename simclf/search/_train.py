"""Many models trained at once, epoch by epoch; a model that has ended steps out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from simclf.modules import affine_maps
from simclf.search._adamw import MemberAdamW
from simclf.search._best import BestNetworks
from simclf.search._losses import Losses
from simclf.search._networks import Networks
from simclf.search._streams import Stream, Streams
from simclf.search._tasks import Task, between_layers
from simclf.training import Job
from simclf.training._isolation import own_settings

_PROBED_ROWS = 256


@dataclass(eq=False)
class Trained:
    """What training has made of a model: its parameters, its history, its share.

    ``parameters`` are None where training met numbers that are not finite.
    """

    key: str
    parameters: list[Tensor] | None = None
    records: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def put_into(self, job: Job) -> None:
        """Let an untrained model be as if it had been trained alone."""
        assert self.parameters is not None
        net = job.model.net
        maps = affine_maps(net.module_)
        places = [value for pair in maps for value in pair]
        for place, value in zip(places, self.parameters, strict=True):
            place.copy_(value)
        net.module_.eval()
        net.take_records(self.records)


def train_together(tasks: Sequence[Task]) -> list[Trained]:
    """Train models of one group at once."""
    settings = tasks[0].settings
    with own_settings(settings.device, grad=True), torch.no_grad():
        return _Together(tasks).run()


class _Together:
    """Models in training: those that go on, their networks and what they see."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._known: dict[str, Stream] = {}
        for task in tasks:
            if task.stream not in self._known:
                self._known[task.stream] = Stream(task)
        self._n_members = tasks[0].settings.n_networks
        settings = tasks[0].settings
        activation, self._dropout = between_layers(settings.module)
        each = [affine_maps(task.job.model.net.module_) for task in tasks]
        maps = [
            (torch.cat([w for w, _ in layer]), torch.cat([b for _, b in layer]))
            for layer in zip(*each, strict=True)
        ]
        self._networks = Networks(maps, activation)
        self._optimizer = MemberAdamW(
            self._networks.parameters,
            self._of_networks([task.settings.lr for task in tasks]),
            self._of_networks(
                [t.settings.optimizer_settings["weight_decay"] for t in tasks]
            ),
        )
        self._best = (
            BestNetworks(
                self._networks.parameters,
                self._of_networks([task.settings.patience for task in tasks]),
            )
            if tasks[0].stops_early
            else None
        )
        self._ended: list[Trained] = []
        self._going = [Trained(task.key) for task in tasks]
        self._see(list(tasks))

    def run(self) -> list[Trained]:
        """Train until every model has ended."""
        job = self._tasks[0].job
        for epoch in range(job.n_epochs):
            start = time.perf_counter()
            self._run_epoch(epoch, min(1.0, epoch / job.settings.max_epochs))
            seconds = (time.perf_counter() - start) / len(self._going)
            for trained in self._going:
                trained.seconds += seconds
                trained.records[-1]["dur"] = seconds
            self._step_out(epoch == job.n_epochs - 1)
            if not self._going:
                break
        return self._ended

    def _see(self, tasks: list[Task]) -> None:
        """Arrange batches and losses for the models that go on."""
        self._tasks = tasks
        self._streams = Streams(tasks, self._known)
        self._losses = Losses(tasks)

    def _run_epoch(self, epoch: int, progress: float) -> None:
        """Learn from every batch once, and judge where rows are held out."""
        curves = {"train_loss": self._learn(epoch, progress)}
        if self._best is not None:
            loss = self._judge()
            device = loss.device
            patient = ~self._losses.warming_up(progress).to(device)
            self._best.update(loss, self._networks.parameters, patient)
            curves["valid_loss"] = loss
        means = {
            name: losses.view(-1, self._n_members).mean(1).tolist()
            for name, losses in curves.items()
        }
        for position, trained in enumerate(self._going):
            record: dict[str, Any] = {"epoch": epoch + 1}
            for name, values in means.items():
                lowest = min((r[name] for r in trained.records), default=torch.inf)
                record[name] = values[position]
                record[f"{name}_best"] = values[position] < lowest
            trained.records.append(record)

    def _learn(self, epoch: int, progress: float) -> Tensor:
        """One pass over the rows; the mean loss of each network, (M,)."""
        widths = [weight.shape[1] for weight, _ in self._networks.maps[:-1]]
        masks = self._streams.masks(epoch, widths if self._dropout else [])
        total: Tensor | float = 0.0
        for (rows, count), dropped in zip(
            self._streams.batches(epoch), masks, strict=False
        ):
            scores = self._networks.forward(rows.features, dropped)
            means, slope = self._losses.slope(scores, rows, progress)
            self._optimizer.step(self._networks.backward(slope))
            total = total + means * count
        return total / self._streams.n_rows()

    def _judge(self) -> Tensor:
        """Mean loss of each network on rows it does not learn from, (M,)."""
        sums = [
            self._losses.judged(self._networks.forward(rows.features, []), rows)
            for rows in self._streams.held()
        ]
        return torch.stack(sums).sum(0)

    def _step_out(self, last: bool) -> None:  # noqa: FBT001 - a fact, no option
        """Take out the models that have ended; the others go on in their places."""
        broken = [not _is_finite(trained.records[-1]) for trained in self._going]
        done = self._is_done()
        ended = [last or a or b for a, b in zip(broken, done, strict=True)]
        if not any(ended):
            return
        source = self._best or self._networks
        for position, trained in enumerate(self._going):
            if ended[position]:
                own = slice(
                    position * self._n_members, (position + 1) * self._n_members
                )
                parameters = [value[own].clone() for value in source.parameters]
                if not broken[position] and self._is_sound(position, parameters):
                    trained.parameters = [value.cpu() for value in parameters]
                self._ended.append(trained)
        self._keep([i for i, is_over in enumerate(ended) if not is_over])

    def _keep(self, positions: list[int]) -> None:
        """Go on with the models at these positions alone."""
        self._going = [self._going[i] for i in positions]
        if not positions:
            return
        device = self._networks.parameters[0].device
        starts = torch.tensor(positions, device=device)[:, None] * self._n_members
        members = torch.arange(self._n_members, device=device)
        networks = (starts + members).flatten()
        self._optimizer.keep(networks)
        self._networks.use(self._optimizer.parameters)
        if self._best is not None:
            self._best.keep(networks)
        self._see([self._tasks[i] for i in positions])

    def _is_done(self) -> list[bool]:
        """Whether the patience of all networks of a model is spent."""
        if self._best is None:
            return [False] * len(self._going)
        done: list[bool] = self._best.done.view(-1, self._n_members).all(1).tolist()
        return done

    def _is_sound(self, position: int, parameters: list[Tensor]) -> bool:
        """Whether the last step of a diverging fit has not broken the networks."""
        task = self._tasks[position]
        networks = Networks([], between_layers(task.settings.module)[0])
        networks.use(parameters)
        rows = Streams([task], self._known).first_rows(_PROBED_ROWS)
        losses = Losses([task]).means(
            networks.forward(rows.features, []), rows, progress=1.0
        )
        return bool(losses.mean().isfinite())

    def _of_networks(self, values: Sequence[Any]) -> list[Any]:
        """Repeat a value of each model for each of its networks."""
        return [value for value in values for _ in range(self._n_members)]


def _is_finite(record: dict[str, Any]) -> bool:
    """Whether the losses of an epoch are numbers."""
    losses = [record["train_loss"], record.get("valid_loss", 0.0)]
    return all(abs(loss) < torch.inf for loss in losses)
