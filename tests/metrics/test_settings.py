"""Settings of a bootstrap that mean nothing are refused by name."""

import re

import numpy as np
import pytest

from simclf.metrics import compare_scores, score_interval
from simclf.metrics._settings import check_random_state

ROWS = ["ant", "bee", "ant", "bee"]


def refusal(sentence, kind=TypeError):
    return pytest.raises(kind, match="^" + re.escape(sentence) + "$")


def interval(**settings):
    return score_interval(ROWS, ["ant"] * 4, **settings)


def comparison(**settings):
    return compare_scores(ROWS, ["ant"] * 4, ["bee"] * 4, **settings)


@pytest.mark.parametrize("measure", [interval, comparison])
@pytest.mark.parametrize("confidence", ["x", None, [0.9]])
def test_a_confidence_of_another_type_is_refused(measure, confidence):
    with refusal(
        f"confidence is {confidence!r} of type {type(confidence).__name__}; expected a "
        "number between 0 and 1, such as 0.95."
    ):
        measure(confidence=confidence)


@pytest.mark.parametrize("measure", [interval, comparison])
@pytest.mark.parametrize("n", [2.5, "many", None, True])
def test_no_whole_number_of_resamples_is_refused(measure, n):
    with refusal(
        f"n_resamples is {n!r} of type {type(n).__name__}; expected a whole number, "
        "such as 2000."
    ):
        measure(n_resamples=n)


@pytest.mark.parametrize("measure", [interval, comparison])
@pytest.mark.parametrize(
    ("seed", "kind"), [(-1, ValueError), ("x", TypeError), (2.5, TypeError)]
)
def test_what_is_no_seed_is_refused(measure, seed, kind):
    with refusal(
        f"random_state is {seed!r}; expected a whole number from 0 on, a numpy "
        "Generator or RandomState, or None.",
        kind,
    ):
        measure(random_state=seed)


def test_seeds_of_any_kind_are_taken_and_not_used_up():
    for seed in (None, 0, np.int64(3), [1, 2], np.random.SeedSequence(1)):
        check_random_state(seed)
    generator, state = np.random.default_rng(5), np.random.RandomState(5)
    check_random_state(generator)
    check_random_state(state)
    assert generator.random() == np.random.default_rng(5).random()
    assert state.rand() == np.random.RandomState(5).rand()
