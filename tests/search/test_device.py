"""Searches on a device queue their steps, and wait once an epoch."""

from dataclasses import replace

import pytest
import torch

from simclf.search._best import BestNetworks
from simclf.search._train import _Together
from tests.away import AWAY, lend_what_meta_lacks, traffic
from tests.search.cases import classifier, tasks_of


def on_device(task):
    """The same task, its network and table on the device."""
    job = task.job
    job.model.net.module_.to(AWAY)
    job.model.net.criterion_.to(AWAY)
    settings = replace(job.settings, device=AWAY)
    return replace(task, job=replace(job, settings=settings))


@pytest.mark.parametrize("batch_size", [16, 5])
@pytest.mark.parametrize("loss", ["cross_entropy", "tailored_score"])
def test_no_step_waits_for_the_device(loss, batch_size, monkeypatch):
    lend_what_meta_lacks(monkeypatch)
    clf = classifier(loss=loss, n_members=2, early_stopping=True, batch_size=batch_size)
    tasks = tasks_of(clf, [{"lr": 0.1}, {"lr": 0.2}], n_rows=(60, 58))
    assert len({task.stream for task in tasks}) == 2
    together = _Together([on_device(task) for task in tasks])
    with torch.no_grad(), traffic() as moved:
        learned, judged = together._learn(0, 1.0), together._judge()
    assert learned.device == judged.device == AWAY
    assert learned.shape == judged.shape == (8,)
    # An epoch's order of each stream, each pair of sizes of batches, and of rows.
    assert sorted(moved) == ["_to_copy"] * 2 + ["tensor"] * 3


def test_keeping_the_best_does_not_wait_for_the_device():
    parameters = [torch.ones(2, 3, 4, device=AWAY), torch.ones(2, 1, 4, device=AWAY)]
    best = BestNetworks(parameters, [1, 2])
    with traffic() as moved:
        best.update(
            torch.ones(2, dtype=torch.float64, device=AWAY),
            parameters,
            torch.ones(2, dtype=torch.bool, device=AWAY),
        )
    assert moved == []
    assert [value.shape for value in best.parameters] == [(2, 3, 4), (2, 1, 4)]
