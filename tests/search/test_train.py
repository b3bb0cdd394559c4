"""Models trained together: the models that training alone would give."""

import pickle

import torch

from simclf.modules import affine_maps
from simclf.search._train import train_together
from simclf.training import train_model
from tests.search.cases import classifier, tasks_of

RATES = [{"lr": lr} for lr in (0.01, 0.05, 0.3)]


def trained_alone(task):
    job = task.job
    train_model(
        job.model,
        job.rows,
        job.held,
        job.table,
        job.settings,
        job.seeds,
        n_epochs=job.n_epochs,
    )
    return job.model.net


def test_parameters_and_history_are_those_of_training_alone():
    clf = classifier(
        n_members=2, early_stopping=True, n_iter_no_change=1, max_epochs=12
    )
    tasks = tasks_of(clf, RATES)
    found = {trained.key: trained for trained in train_together(tasks)}
    lengths = set()
    for task in tasks:
        trained = found[task.key]
        net = trained_alone(task)
        wanted = [value for pair in affine_maps(net.module_) for value in pair]
        for value, expected in zip(trained.parameters, wanted, strict=True):
            torch.testing.assert_close(value, expected, rtol=1e-6, atol=1e-8)
        records = net.epoch_records()
        lengths.add(len(records))
        assert len(trained.records) == len(records)
        for record, expected in zip(trained.records, records, strict=True):
            assert list(record) == list(expected)
            for name in ("train_loss", "valid_loss"):
                assert abs(record[name] - expected[name]) < 1e-8
                assert record[f"{name}_best"] == expected[f"{name}_best"]
        assert trained.seconds > 0
    assert len(lengths) > 1


def test_a_model_takes_over_what_was_trained():
    task, twin = (tasks_of(classifier(), RATES[:1])[0] for _ in range(2))
    (trained,) = train_together([task])
    trained.put_into(twin.job)
    net = trained_alone(task)
    x = torch.ones(4, 4, dtype=torch.float64)
    torch.testing.assert_close(twin.job.model.net.module_(x), net.module_(x))
    assert not twin.job.model.net.module_.training
    assert len(twin.job.model.net.history) == len(net.history)


def test_a_diverging_model_steps_out_and_the_others_go_on():
    tasks = tasks_of(classifier(), [{"lr": 0.01}, {"lr": 1e300}, {"lr": 0.05}])
    found = {trained.key: trained for trained in train_together(tasks)}
    assert found[tasks[1].key].parameters is None
    for task in (tasks[0], tasks[2]):
        (alone,) = train_together([task])
        for value, expected in zip(
            found[task.key].parameters, alone.parameters, strict=True
        ):
            torch.testing.assert_close(value, expected)


def test_a_model_broken_by_its_last_step_is_found():
    tasks = tasks_of(
        classifier(early_stopping=False, batch_size=100),
        [{"lr": 1e300, "max_epochs": 1}],
    )
    (trained,) = train_together(tasks)
    assert len(trained.records) == 1
    assert trained.parameters is None


def test_batches_travel_to_other_processes():
    tasks = tasks_of(classifier(), RATES)
    here = train_together(tasks)
    there = train_together(pickle.loads(pickle.dumps(tasks)))
    for first, second in zip(here, there, strict=True):
        assert first.key == second.key
        assert torch.equal(first.parameters[0], second.parameters[0])
    pickle.dumps(there)
