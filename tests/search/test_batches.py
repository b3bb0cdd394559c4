"""What is trained together: one group, few enough, streams side by side."""

from itertools import pairwise

import pytest

from simclf.modules import MLP
from simclf.search import _batches
from simclf.search._batches import divide, networks_at_once
from tests.search.cases import classifier, tasks_of

LOSSES = [{"loss": loss} for loss in ("pairwise", "cross_entropy", "tailored_score")]


def sizes(batches):
    return sorted(len(batch) for batch in batches)


@pytest.mark.parametrize(
    ("max_networks", "expected"),
    [(100, [6]), (3, [3, 3]), (2, [1, 1, 2, 2]), (1, 6 * [1])],
)
def test_batches_hold_so_many_networks_at_most(max_networks, expected):
    tasks = tasks_of(classifier(), LOSSES, n_rows=(60, 57))
    batches = divide(tasks, max_networks)
    assert sizes(batches) == expected
    assert {id(t) for batch in batches for t in batch} == {id(t) for t in tasks}


def test_a_model_is_never_divided():
    tasks = tasks_of(classifier(n_members=3), LOSSES)
    assert sizes(divide(tasks, 2)) == [1, 1, 1]
    assert sizes(divide(tasks, 7)) == [1, 2]


def test_batches_of_one_stream_come_first():
    tasks = tasks_of(classifier(), LOSSES, n_rows=(60, 57))
    for batch in divide(tasks, 5):
        assert len({task.stream for task in batch}) == 1


def test_equal_losses_stand_side_by_side():
    candidates = [{**loss, "lr": lr} for lr in (0.1, 0.2) for loss in LOSSES]
    (batch,) = divide(tasks_of(classifier(), candidates, n_rows=(60, 57)), 100)
    names = [task.settings.loss.name for task in batch]
    changes = sum(a != b for a, b in pairwise(names))
    assert changes == 2


@pytest.mark.parametrize(
    "other",
    [
        {"module": MLP((6, 4))},
        {"module": MLP((6, 5), activation="relu")},
        {"module": MLP((6, 5), dropout=0.1)},
        {"n_members": 2},
        {"batch_size": 30},
        {"max_epochs": 7},
        {"early_stopping": False},
        {"dtype": "float32"},
    ],
    ids="-".join,
)
def test_shapes_and_lengths_make_groups(other):
    tasks = tasks_of(classifier(), [{}, other, {"lr": 0.5}])
    assert sizes(divide(tasks, 100)) == [1, 2]


def test_memory_bounds_a_batch(monkeypatch):
    small, large = (
        tasks_of(classifier(module=MLP(hidden)))[0] for hidden in ((6,), (600,))
    )
    assert networks_at_once(small) == _batches._CPU_NETWORKS
    monkeypatch.setattr(_batches, "_CPU_BYTES", 2**20)
    assert 1 <= networks_at_once(large) < networks_at_once(small)
    monkeypatch.setattr(_batches, "_CPU_BYTES", 1)
    assert networks_at_once(large) == 1
