"""Batches of many models: those that each would see alone."""

import numpy as np
import pytest
import torch

from simclf.modules._seeded_dropout import SeededDropout
from simclf.search._streams import Stream, Streams
from simclf.training._fit import _rows_on
from simclf.training._order import epoch_batches
from simclf.training._rows import HeldRows
from tests.search.cases import classifier, tasks_of


def streams_of(tasks):
    known = {task.stream: Stream(task) for task in tasks}
    return Streams(tasks, known), known


def cases(n_members=1, **params):
    """Tasks of two learning rates, on 60 and on 57 rows."""
    clf = classifier(n_members=n_members, **params)
    return tasks_of(clf, [{"lr": 0.1}, {"lr": 0.2}], n_rows=(60, 57))


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize("n_streams", [1, 2])
def test_each_network_sees_its_own_batches(n_streams, n_members):
    tasks = cases(n_members)
    tasks = tasks if n_streams == 2 else tasks[::2]
    streams, known = streams_of(tasks)
    assert len(known) == n_streams
    for epoch in range(2):
        found = list(streams.batches(epoch))
        for position, task in enumerate(tasks):
            job, schedule = task.job, known[task.stream].schedule
            rows = _rows_on(job.rows, job.model, job.table, job.held)
            indices = list(epoch_batches(rows, schedule, epoch))
            assert len(indices) == len(found)
            for index, (batch, count) in zip(indices, found, strict=True):
                own = rows.take(index)
                n = len(index)
                for member in range(n_members):
                    network = position * n_members + member
                    assert count[network] == n
                    assert torch.equal(batch.features[network, :n], own.features)
                    codes = batch.codes.expand(len(count), -1)
                    assert torch.equal(codes[network, :n], own.codes)
                    share = batch.share[network]
                    torch.testing.assert_close(share[:n] * n, own.weight[member])
                    assert not share[n:].any()


def test_each_network_is_judged_by_its_own_rows():
    tasks = cases(2, early_stopping=True)
    streams, _ = streams_of(tasks)
    (found,) = list(streams.held())
    for position, task in enumerate(tasks):
        job = task.job
        rows = _rows_on(job.rows, job.model, job.table, job.held)
        index, weight = job.held.held_rows(job.rows.sample_weight)
        (own,) = list(HeldRows(rows, index, weight).chunks(1000))
        n = index.shape[1]
        networks = slice(2 * position, 2 * position + 2)
        assert torch.equal(found.features[networks, :n], own.features)
        assert torch.equal(found.codes[networks, :n], own.codes)
        torch.testing.assert_close(found.share[networks, :n] * n, own.weight)
        assert not found.share[networks, n:].any()


@pytest.mark.parametrize("n_members", [1, 2])
def test_the_same_units_are_dropped_as_alone(n_members):
    clf = classifier(n_members=n_members)
    candidates = [{"random_state": 1}, {"random_state": 2}, {"random_state": 1}]
    tasks = tasks_of(clf, candidates)
    streams, known = streams_of(tasks)
    steps = streams.masks(4, [6, 5])
    found = [next(steps) for _ in range(3)]
    for position, task in enumerate(tasks):
        layer = SeededDropout(0.2).train()
        seeds = known[task.stream].schedule.seeds
        layer.generator = seeds.layer_generator(4, torch.device("cpu"))
        for masks in found:
            for width, mask in zip((6, 5), masks, strict=True):
                rows = torch.ones(n_members, 8, width, dtype=torch.float64)
                own = layer(rows)[:, :1]
                networks = slice(position * n_members, (position + 1) * n_members)
                assert torch.equal(mask[networks], own)


def test_features_that_all_share_take_no_memory():
    streams, _ = streams_of(cases()[::2])
    batch, _ = next(iter(streams.batches(0)))
    assert batch.features.stride(0) == 0
    assert batch.codes.ndim == 1


def test_rows_to_judge_by_come_a_few_at_a_time(monkeypatch):
    tasks = cases(2, early_stopping=True, validation_fraction=0.5)
    whole = list(streams_of(tasks)[0].held())
    monkeypatch.setattr("simclf.search._streams._VALIDATION_ROWS", 1)
    monkeypatch.setattr("simclf.search._streams._CHUNK_ROWS", 7)
    parts = list(streams_of(tasks)[0].held())
    assert len(parts) == -(-whole[0].share.shape[1] // 7) > 1
    for name in ("features", "codes", "share"):
        together = torch.cat([getattr(part, name) for part in parts], dim=1)
        assert torch.equal(together, getattr(whole[0], name))
    np.testing.assert_allclose(whole[0].share.sum(1), 1.0)
