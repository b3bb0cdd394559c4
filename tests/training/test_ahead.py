"""Training and measuring that others do inside a block, and nowhere else."""

import numpy as np
import pytest

from simclf.training import fit_standardizer, training_by
from simclf.training._ahead import measured
from tests.training.cases import make_model, make_rows, trained


def test_a_trainer_is_given_the_job_and_may_do_it():
    jobs = []

    def trainer(job):
        jobs.append(job)
        return True

    with training_by(trainer, fit_standardizer):
        model, settings = trained()
    (job,) = jobs
    assert job.model is model
    assert job.settings is settings
    assert job.n_epochs == settings.max_epochs
    assert len(model.net.history) == 0


def test_what_a_trainer_declines_is_trained():
    with training_by(lambda job: job.n_epochs < 0, fit_standardizer):
        model, _ = trained()
    assert len(model.net.history) == 3


def test_features_are_measured_by_others():
    rows = make_rows()
    given = fit_standardizer(rows.X + 1.0, None)
    with training_by(lambda _: True, lambda *_: given):
        model, _ = make_model(rows)
        assert measured(rows.X, None) is given
    assert model.standardizer is given


def test_behind_the_block_all_is_as_before():
    with pytest.raises(KeyError), training_by(lambda _: True, lambda *_: None):
        raise KeyError
    model, _ = trained()
    assert len(model.net.history) == 3
    X = make_rows().X
    np.testing.assert_array_equal(
        measured(X, None).mean, fit_standardizer(X, None).mean
    )
