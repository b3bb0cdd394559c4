"""Standardized features: scikit-learn's numbers, chunk by chunk."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.preprocessing import StandardScaler

from simclf.training import _standardize as room
from simclf.training._standardize import Standardizer, fit_standardizer

FLOAT64, FLOAT32 = np.dtype(np.float64), np.dtype(np.float32)


def rows(n=40, d=4, seed=0):
    """Columns of different units, some values zero, tails light."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, size=(n, d)) * [1.0, 1e-3, 1e4, 7.0] + [0, 1e-3, -5e3, 0.25]
    X[rng.random((n, d)) < 0.2] = 0.0
    return X


def weights(n=40, seed=1):
    weight = np.random.default_rng(seed).exponential(size=n)
    return weight / weight.mean()


each_weight = pytest.mark.parametrize("weight", [None, weights()])


def reference(X, weight, dtype):
    return StandardScaler().fit(X, sample_weight=weight).transform(X).astype(dtype)


@each_weight
@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32])
def test_equals_the_scaler_of_scikit_learn(weight, dtype):
    X = rows()
    turned = fit_standardizer(X, weight)(X, dtype)
    assert turned.dtype == dtype
    np.testing.assert_allclose(
        turned, reference(X, weight, dtype), rtol=1e-6, atol=1e-9
    )


@given(st.integers(0, 1000), st.integers(2, 30))
def test_the_weighted_mean_is_zero_and_the_weighted_variance_one(seed, n):
    X, weight = np.random.default_rng(seed).normal(size=(n, 2)), weights(n, seed)
    fitted = fit_standardizer(X, weight)
    assume(fitted.heavy is None)
    turned = fitted(X, FLOAT64)
    np.testing.assert_allclose(
        np.average(turned, axis=0, weights=weight), 0, atol=1e-10
    )
    variance = np.average(turned**2, axis=0, weights=weight)
    np.testing.assert_allclose(variance, 1, rtol=1e-9)


@given(st.integers(0, 1000))
def test_a_weight_is_a_number_of_repetitions(seed):
    rng = np.random.default_rng(seed)
    X, times = rng.normal(size=(12, 2)), rng.integers(1, 5, size=12)
    weighted = fit_standardizer(X, times / times.mean())
    repeated = fit_standardizer(np.repeat(X, times, axis=0), None)
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(weighted.scale, repeated.scale, rtol=1e-10)
    assert str(weighted.heavy) == str(repeated.heavy)


@each_weight
@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csr_matrix])
def test_sparse_rows_have_the_statistics_of_dense_ones(weight, form):
    dense = fit_standardizer(rows(), weight)
    from_sparse = fit_standardizer(form(rows()), weight)
    np.testing.assert_allclose(from_sparse.mean, dense.mean, rtol=1e-12)
    np.testing.assert_allclose(from_sparse.scale, dense.scale, rtol=1e-12)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_statistics_are_float64_for_float32_rows(form):
    X = rows().astype(np.float32)
    fitted = fit_standardizer(form(X), None)
    expected = fit_standardizer(X.astype(np.float64), None)
    assert fitted.mean.dtype == fitted.scale.dtype == FLOAT64
    np.testing.assert_allclose(fitted.mean, expected.mean, rtol=1e-6)
    np.testing.assert_allclose(fitted.scale, expected.scale, rtol=1e-5)


def test_float32_rows_are_turned_in_float64():
    X = (1e6 + np.arange(20.0)[:, None]).astype(np.float32)
    turned = fit_standardizer(X, None)(X, FLOAT32)
    expected = (np.arange(20.0) - 9.5) / np.arange(20.0).std()
    np.testing.assert_allclose(turned[:, 0], expected, rtol=1e-6)


@each_weight
@pytest.mark.parametrize("constant", [0.0, 3.5, -1e9])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_a_constant_column_becomes_zero(weight, constant, form):
    X = rows()
    X[:, 2] = constant
    fitted = fit_standardizer(form(X), weight)
    assert fitted.scale[2] == 1.0
    np.testing.assert_allclose(fitted(X, FLOAT64)[:, 2], 0.0, atol=1e-5)


@pytest.mark.parametrize("exponent", [-1000, -700, -401, 401, 700, 990])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_the_unit_of_a_column_does_not_matter(exponent, form):
    X = rows()
    X[:, 1] = 0
    scaled = X.copy()
    scaled[:, 2] = np.ldexp(X[:, 2], exponent)
    plain = fit_standardizer(form(X), None)
    found = fit_standardizer(form(scaled), None)
    np.testing.assert_allclose(np.ldexp(found.scale[2], -exponent), plain.scale[2])
    np.testing.assert_allclose(
        found(scaled, np.dtype(float)), plain(X, np.dtype(float)), rtol=1e-9, atol=1e-9
    )


def test_numbers_near_the_largest_have_a_difference():
    X = np.array([[1.7e308], [-1.7e308], [1.7e308], [1.7e308]])
    turned = fit_standardizer(X, None)(X, np.dtype(float))
    np.testing.assert_allclose(turned.mean(), 0, atol=1e-12)
    np.testing.assert_allclose(turned.std(), 1)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_rows_that_must_not_be_written_to_stay_as_they_are(form, tmp_path):
    path = tmp_path / "X.npy"
    np.save(path, rows())
    X = np.load(path, mmap_mode="r")
    assert isinstance(X, np.memmap)
    given_rows = form(X)
    fitted = fit_standardizer(given_rows, weights())
    turned = fitted(X, FLOAT64)
    turned[:] = 0
    assert np.array_equal(X, rows())
    assert np.array_equal(given_rows.toarray() if form is not np.asarray else X, rows())


@given(
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.02, 0.09, 0.5, 1.0]),
    st.sampled_from([FLOAT32, FLOAT64]),
    st.sampled_from([1.0, 1e-300, 1.7e308]),
    st.booleans(),
)
def test_stored_entries_are_turned_as_dense_rows_are(seed, share, dtype, unit, twice):
    rng = np.random.default_rng(seed)
    n, d = 9, 40
    given_rows = sparse.csr_array(rng.uniform(-1, 1, (n, d)).astype(dtype))
    given_rows.data[rng.random(n * d) >= share] = 0.0
    given_rows.eliminate_zeros()
    dense = given_rows.toarray()
    if twice:  # an entry in two parts, in any order
        data = np.repeat(given_rows.data / 2, 2)
        indices = np.repeat(given_rows.indices, 2)
        given_rows = sparse.csr_array(
            (data, indices, 2 * given_rows.indptr), shape=(n, d)
        )
    before = given_rows.data.copy()
    mean, scale = unit * rng.uniform(-1, 1, d), unit * rng.uniform(0.5, 1, d)
    standardizer = Standardizer(mean, scale, rng.random(d) < 0.3)
    turned = standardizer.densified(given_rows, dtype)
    assert turned.dtype == dtype
    np.testing.assert_array_equal(turned, standardizer(dense, dtype))
    np.testing.assert_array_equal(given_rows.data, before)


@pytest.mark.parametrize("step", [1, 3, 39, 40, 41])
def test_chunks_make_no_difference(monkeypatch, step):
    X = rows()
    fitted = fit_standardizer(X, None)
    expected = fitted(X, FLOAT64)
    monkeypatch.setattr(room, "_CHUNK_ENTRIES", step * X.shape[1])
    assert np.array_equal(fitted(X, FLOAT64), expected)


def test_more_columns_than_a_chunk_has_entries(monkeypatch):
    X = rows()
    fitted = fit_standardizer(X, None)
    expected = fitted(X, FLOAT64)
    monkeypatch.setattr(room, "_CHUNK_ENTRIES", 2)
    assert np.array_equal(fitted(X, FLOAT64), expected)


@pytest.mark.parametrize(
    "X",
    [
        rows(),
        np.asfortranarray(rows()),
        rows()[::-2, ::-1],
        rows()[:1][::-1],  # contiguous in name
        rows().astype(np.float32),
    ],
)
@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32])
def test_switched_off_it_only_changes_the_layout(X, dtype):
    turned = Standardizer(None, None)(X, dtype)
    assert turned.dtype == dtype
    assert turned.flags.c_contiguous
    assert turned.flags.writeable
    assert min(turned.strides) > 0
    assert np.array_equal(turned, X.astype(dtype))


@pytest.mark.parametrize(
    "standardizer", [Standardizer(None, None), Standardizer(np.zeros(2), np.ones(2))]
)
def test_a_row_far_away_overflows_in_silence(standardizer):
    turned = standardizer(np.array([[1e300, 0.0], [-1e300, 1.0]]), FLOAT32)
    assert turned[:, 0].tolist() == [np.inf, -np.inf]
    assert turned[:, 1].tolist() == [0.0, 1.0]


# Heavy tails ------------------------------------------------------------------


def tailed(n=400, seed=0):
    """One column of normal values, two of heavy tails in odd units."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 3))
    return np.column_stack([z[:, 0], 1e-6 * np.exp(3 * z[:, 1]), -1e9 * z[:, 2] ** 7])


def quartiles_of(values, weight):
    """Values up to which a quarter, a half and three quarters of the weight are."""
    pairs = sorted(zip(values.tolist(), weight.tolist(), strict=True))
    found, total = [], sum(weight)
    for share in (0.25, 0.5, 0.75):
        below = 0.0
        for value, w in pairs:
            below += w
            if below >= share * total * (1 - 1e-9):
                found.append(value)
                break
    return found


@pytest.mark.parametrize("weight", [None, weights(400)])
def test_heavy_tails_are_measured_by_quartiles_and_brought_in(weight):
    X = tailed()
    fitted = fit_standardizer(X, weight)
    assert fitted.heavy.tolist() == [False, True, True]
    turned = fitted(X, FLOAT64)
    ones = np.ones(400) if weight is None else weight
    np.testing.assert_allclose(turned[:, 0], reference(X, weight, FLOAT64)[:, 0])
    for column in (1, 2):
        lower, median, upper = quartiles_of(X[:, column], ones)
        z = (X[:, column] - median) / ((upper - lower) / 1.3489795003921634)
        np.testing.assert_allclose(turned[:, column], np.arcsinh(z), rtol=1e-9)


def test_light_tails_and_sparse_rows_are_left_alone():
    rng = np.random.default_rng(0)
    light = np.column_stack([rng.normal(size=500), rng.uniform(size=500)])
    assert fit_standardizer(light, None).heavy is None
    assert fit_standardizer(sparse.csr_array(tailed()), None).heavy is None


def test_mostly_one_value_is_no_heavy_tail():
    X = tailed()
    X[:350, 1] = 0.0
    assert fit_standardizer(X, None).heavy.tolist() == [False, False, True]


@pytest.mark.parametrize("exponent", [-900, 0, 900])
def test_the_unit_of_a_heavy_tail_does_not_matter(exponent):
    X = tailed()
    scaled = np.ldexp(X, exponent)
    expected = fit_standardizer(X, None)(X, FLOAT64)
    found = fit_standardizer(scaled, None)(scaled, FLOAT64)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_row_far_out_in_a_heavy_tail_is_finite():
    fitted = fit_standardizer(tailed(), None)
    far = fitted(np.array([[0.0, 1e300, -1e300]]), FLOAT32)
    assert np.isfinite(far).all()
    assert np.abs(far).max() < 1000


@given(st.integers(0, 1000))
def test_a_weight_is_a_number_of_repetitions_in_heavy_tails_too(seed):
    rng = np.random.default_rng(seed)
    X, times = tailed(12, seed), rng.integers(1, 5, size=12)
    weighted = fit_standardizer(X, times / times.mean())
    repeated = fit_standardizer(np.repeat(X, times, axis=0), None)
    np.testing.assert_allclose(
        weighted(X, FLOAT64), repeated(X, FLOAT64), rtol=1e-9, atol=1e-12
    )


def test_quartiles_of_many_rows_are_those_of_some(monkeypatch):
    X = tailed(5000)
    every = fit_standardizer(X, None)
    monkeypatch.setattr(room, "_QUARTILE_ROWS", 1000)
    some = fit_standardizer(X, None)
    assert some.heavy.tolist() == every.heavy.tolist()
    np.testing.assert_allclose(some.scale, every.scale, rtol=0.2)
    assert some.scale[1] != every.scale[1]


def quartiles(column, weight):
    """The first values that have their share of the weight up to them."""
    pairs = sorted(zip(column.tolist(), weight.tolist(), strict=True))
    found, below = [], 0.0
    for value, mass in pairs:
        below += mass / weight.sum()
        while len(found) < 3 and below + 1e-9 >= (len(found) + 1) / 4:
            found.append(value)
    return found


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8, 40])
@pytest.mark.parametrize("entries", [1, 2**20])
@pytest.mark.parametrize("weighted", [False, True])
def test_quartiles_are_the_first_of_their_share(monkeypatch, n, entries, weighted):
    monkeypatch.setattr(room, "_SORTED_ENTRIES", entries)
    X, weight = rows(n).round(), weights(n)
    given_weight = weight if weighted else None
    expected = [quartiles(c, weight if weighted else np.ones(n)) for c in X.T]
    found = room._quartiles(X.astype(np.float32), given_weight)
    assert np.array_equal(np.transpose(found), np.float32(expected))


@each_weight
@pytest.mark.parametrize("entries", [1, 12, 39 * 4])
def test_measuring_in_parts_makes_no_difference(monkeypatch, weight, entries):
    whole = fit_standardizer(rows(), weight)
    monkeypatch.setattr(room, "_MEASURED_ENTRIES", entries)
    parts = fit_standardizer(rows(), weight)
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(parts.scale, whole.scale, rtol=1e-12)
