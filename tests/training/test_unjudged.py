"""Where no row can be spared, nothing stops a fit and nothing is calibrated."""

import warnings

import numpy as np
import pytest

from simclf import SimilarityAwareClassifier
from tests.training.cases import CLASSES

FEW = np.random.default_rng(0).normal(size=(6, 2)), CLASSES[np.arange(6) % 3]
REASON = (
    r"rows that are not learned from, but 6 rows of 3 classes are too few for every "
    r"member to hold one out \(validation_fraction=0\.1 of them, and never the last "
    r"row of a class\): all are learned from, without "
)
ASKED = {
    r"early_stopping=True needs REASON it\.": {"early_stopping": True},
    r"calibration='temperature' needs REASON it\.": {"calibration": "temperature"},
    r"early_stopping=True and calibration='temperature' need REASON them\.": {
        "early_stopping": 1,
        "calibration": "temperature",
    },
}


def classifier(**params):
    given = {"module": "linear", "n_members": 2, "random_state": 0, "lr": 0.01}
    return SimilarityAwareClassifier(np.eye(3), **(given | params))


@pytest.mark.parametrize(
    ("message", "params"), ASKED.items(), ids=["stop", "calibrate", "both"]
)
def test_what_was_asked_for_by_name_is_told_to_be_left_out(message, params):
    message = rf"^{message.replace('REASON ', REASON)} Pass X_val and y_val\.$"
    with pytest.warns(UserWarning, match=message) as caught:
        clf = classifier(max_epochs=3, **params).fit(*FEW)
    assert [w.filename for w in caught] == [__file__]
    assert caught[0].category is UserWarning
    assert "valid_loss" not in clf.history_[0]
    assert clf.temperature_ == 1.0


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"calibration": "auto", "decision": "bayes"},
        {"early_stopping": False, "calibration": None},
        {"loss": "auto"},
    ],
)
def test_what_was_not_asked_for_is_left_out_in_silence(params):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier(max_epochs=2, **params).fit(*FEW)


def test_rows_given_are_all_that_is_needed():
    asked = classifier(max_epochs=2, early_stopping=True, calibration="temperature")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf = asked.fit(*FEW, X_val=FEW[0], y_val=FEW[1])
    assert "valid_loss" in clf.history_[0]


def test_a_training_that_cannot_stop_early_is_no_longer_for_it():
    with pytest.warns(UserWarning, match="X_val"):
        asked = classifier(early_stopping=True).fit(*FEW)
    X, y = np.tile(FEW[0], (10, 1)), np.tile(FEW[1], 10)
    unasked = classifier(validation_fraction=0.01).fit(X, y)
    assert asked.n_iter_ == unasked.n_iter_ == 60
