"""Resampled means, against scipy's bootstrap and against formulas."""

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simclf.metrics import _bootstrap as bootstrap_module
from simclf.metrics._bootstrap import Resampling, bootstrap_mean
from simclf.metrics._rows import read_rows
from simclf.metrics._scaled import Scaled


def resample(values, weights=None, groups=None, **settings):
    settings = {"confidence": 0.95, "n_resamples": 4000, "random_state": 0} | settings
    rows = read_rows(["ant"] * len(values), {}, sample_weight=weights, similarity=None)
    scores = Scaled.of(np.asarray(values))
    return bootstrap_mean(scores, rows, Resampling(groups, **settings))


def refusal(sentence):
    return pytest.raises(ValueError, match="^" + re.escape(sentence) + "$")


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).exponential(size=60),
        np.random.default_rng(0).integers(3, size=60) ** 3.0,
        # Four resamples in ten have the very mean of these rows.
        np.repeat([0.0, 0.1], [59, 1]),
    ],
)
def test_interval_is_that_of_scipy(values):
    rng = np.random.default_rng(0)
    found = resample(values, n_resamples=50_000)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=50_000, vectorized=True, rng=rng
    )
    error = expected.standard_error
    assert found.standard_error == pytest.approx(error, rel=0.02)
    interval = expected.confidence_interval
    assert [found.low, found.high] == pytest.approx(list(interval), abs=0.08 * error)
    assert found.mean == pytest.approx(values.mean())
    assert found.n_groups is None


def test_interval_of_weighted_rows_is_that_of_scipy():
    rng = np.random.default_rng(1)
    values, weights = rng.normal(size=50), rng.exponential(size=50)

    def weighted_mean(values, weights, axis=-1):
        return (values * weights).sum(axis) / weights.sum(axis)

    found = resample(values, weights * 1e200, n_resamples=50_000)
    expected = stats.bootstrap(
        (values, weights),
        weighted_mean,
        n_resamples=50_000,
        paired=True,
        vectorized=True,
        rng=rng,
    )
    error = expected.standard_error
    assert found.standard_error == pytest.approx(error, rel=0.02)
    interval = expected.confidence_interval
    assert [found.low, found.high] == pytest.approx(list(interval), abs=0.08 * error)


def test_standard_error_is_that_of_the_mean_within_three_percent():
    values = np.random.default_rng(2).integers(-3, 4, size=500) / 2
    found = resample(values, n_resamples=10_000)
    assert found.standard_error == pytest.approx(stats.sem(values), rel=0.03)


def test_standard_error_is_that_of_the_resamples():
    found = resample(np.arange(9.0) * 1e300, n_resamples=5)
    expected = np.std(found.resamples / 1e300, ddof=1) * 1e300
    assert found.standard_error == pytest.approx(expected)


def test_groups_are_drawn_as_wholes():
    rng = np.random.default_rng(3)
    means, sizes = rng.normal(size=40), rng.integers(1, 9, size=40)
    groups = np.repeat([f"patient {g}" for g in range(40)], sizes)
    values = np.repeat(means, sizes)
    order = rng.permutation(len(values))
    found = resample(values[order], groups=groups[order], n_resamples=10_000)
    assert found.n_groups == 40
    # The ratio of two means, by the formula of its first-order variance.
    residuals = sizes * (means - values.mean())
    expected = residuals.std(ddof=1) / 40**0.5 / sizes.mean()
    assert found.standard_error == pytest.approx(expected, rel=0.05)
    assert found.standard_error > 1.5 * resample(values).standard_error


def test_groups_of_one_row_are_rows():
    values = np.random.default_rng(4).normal(size=30)
    grouped = resample(values, groups=np.arange(30))
    alone = resample(values)
    assert (grouped.low, grouped.high) == (alone.low, alone.high)
    assert grouped.n_groups == 30


def test_copies_of_rows_in_groups_change_nothing():
    values = np.random.default_rng(5).normal(size=25)
    doubled = resample(np.repeat(values, 2), groups=np.repeat(np.arange(25), 2))
    alone = resample(values)
    assert doubled.low == pytest.approx(alone.low)
    assert doubled.standard_error == pytest.approx(alone.standard_error)


def test_rows_of_weight_zero_are_left_out():
    values = np.random.default_rng(6).normal(size=20)
    weights = np.where(np.arange(20) % 2, 1.0, 0.0)
    found = resample(values, weights)
    alone = resample(values[1::2])
    assert (found.low, found.high) == (alone.low, alone.high)
    groups = np.arange(20) // 2 + 10 * (weights == 0)
    assert resample(values, weights, groups=groups).n_groups == 10


def test_intervals_hold_the_mean_as_often_as_they_say():
    rng = np.random.default_rng(7)
    held, n_trials = 0, 400
    for trial in range(n_trials):
        # One row in ten costs eight: as skewed as the tables of this library.
        values = np.where(rng.random(80) < 0.1, -8.0, rng.integers(2, size=80))
        found = resample(values, confidence=0.9, n_resamples=600, random_state=trial)
        held += found.low <= 0.9 * 0.5 - 0.8 <= found.high
    assert 0.86 <= held / n_trials <= 0.94


def test_intervals_of_groups_hold_the_mean_where_those_of_rows_do_not():
    rng = np.random.default_rng(8)
    groups = np.repeat(np.arange(30), 10)
    held, n_trials = {"rows": 0, "groups": 0}, 200
    for trial in range(n_trials):
        values = rng.normal(size=30)[groups] + rng.normal(size=300)
        for name, given_groups in {"rows": None, "groups": groups}.items():
            found = resample(
                values,
                groups=given_groups,
                confidence=0.9,
                n_resamples=400,
                random_state=trial,
            )
            held[name] += found.low <= 0 <= found.high
    assert held["groups"] / n_trials >= 0.84
    assert held["rows"] / n_trials <= 0.6


@given(st.sampled_from([1e-300, 1e-3, 1e3, 1e300]))
def test_scale_does_not_matter(scale):
    values = np.array([0.5, 1.0, -2.0, 3.0, 0.0, 1.5])
    found, alone = resample(values * scale), resample(values)
    for name in ("mean", "low", "high", "standard_error"):
        expected = getattr(alone, name)
        assert getattr(found, name) / scale == pytest.approx(expected)


def test_equal_values_have_no_spread():
    found = resample([0.1] * 7, np.arange(7) / 3)
    assert found.low == pytest.approx(0.1)
    assert found.high == pytest.approx(0.1)
    assert found.standard_error == pytest.approx(0.0, abs=1e-15)
    assert resample([0.0] * 7).standard_error == 0.0


@pytest.mark.parametrize("chunk", [1, 100, 2**22])
def test_chunks_change_nothing(monkeypatch, chunk):
    values = np.random.default_rng(9).normal(size=30)
    whole = resample(values, n_resamples=50).resamples
    monkeypatch.setattr(bootstrap_module, "_CHUNK_ENTRIES", chunk)
    found = resample(values, n_resamples=50).resamples
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-14)


def test_memory_does_not_grow_with_rows_times_resamples():
    rng = np.random.default_rng(10)
    values = rng.integers(5, size=200_000).astype(float)
    resample(values[:10])
    tracemalloc.start()
    found = resample(values, n_resamples=2000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * values.nbytes
    assert found.standard_error == pytest.approx(stats.sem(values), rel=0.06)


def test_seeds():
    values = np.random.default_rng(11).normal(size=30)
    first = resample(values, random_state=5).low
    assert resample(values, random_state=5).low == first
    assert resample(values, random_state=6).low != first
    by_generator = resample(values, random_state=np.random.default_rng(5)).low
    assert by_generator == first
    old = [np.random.RandomState(3) for _ in range(2)]
    assert len({resample(values, random_state=state).low for state in old}) == 1
    assert resample(values, random_state=old[0]).low != first


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 (the one to guard)
    resample([0.0, 1.0], random_state=None)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002 (as above)


def test_one_row_or_group_says_nothing_about_how_a_mean_varies():
    with refusal(
        "there is 1 row of positive weight; how a mean varies needs at least 2 rows."
    ):
        resample([1.0, 2.0], [0.0, 1.0])
    with refusal(
        "there is 1 group of positive weight; how a mean varies needs at least 2 "
        "groups."
    ):
        resample([1.0, 2.0], groups=["ward", "ward"])


def test_groups_are_checked():
    with refusal("groups has 1 rows but y_true has 2; pass one for each true label."):
        resample([1.0, 2.0], groups=["ward"])
    with refusal(
        "groups has shape (2, 2); expected one label per row. Pass the one column that "
        "holds the labels, shape (n_samples,)."
    ):
        resample([1.0, 2.0], groups=np.ones((2, 2)))
    with refusal("groups[1] is None; every row needs the label of its group."):
        resample([1.0, 2.0], groups=["ward", None])


def test_settings_are_checked():
    for confidence in (0, 1, 95, np.nan):
        with refusal(
            f"confidence is {confidence}; expected a number between 0 and 1, such as "
            "0.95."
        ):
            resample([1.0, 2.0], confidence=confidence)
    with refusal("n_resamples is 1; expected at least 2."):
        resample([1.0, 2.0], n_resamples=1)
