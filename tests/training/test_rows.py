"""Rows on the device: dense and CSR alike, and never the user's own memory."""

import numpy as np
import pytest
import torch
from scipy import sparse
from torch.utils.data import DataLoader, Dataset

from simclf.losses import DenseTable
from simclf.training import _rows as room
from simclf.training._rows import HeldRows, Rows, features_on, numpy_dtype
from simclf.training._standardize import Standardizer, fit_standardizer

CPU = torch.device("cpu")
OFF = Standardizer(None, None)
N = 11


def features():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 3)) * [1.0, 10.0, 0.1]
    X[rng.random((N, 3)) < 0.5] = 0.0
    return X


CODES = np.arange(N, dtype=np.intp) % 4
WEIGHT = np.linspace(0.5, 1.5, N)
FITTED = fit_standardizer(features(), WEIGHT)


def make(X=None, *, weight=WEIGHT, standardizer=FITTED, dtype=torch.float64):
    X = features() if X is None else X
    return Rows(X, CODES, weight, standardizer, dtype, CPU)


@pytest.fixture(autouse=True, params=["few", "many", "few, afar", "many, afar"])
def rows_that_are(request, monkeypatch):
    """Few enough for a standardized copy, or so many that batches are turned.

    Those that are afar have no room on the device: batches are uploaded.
    """
    if "afar" in request.param:
        monkeypatch.setattr(room, "fits", lambda n_bytes, free: False)
    if "many" in request.param:
        monkeypatch.setattr(room, "_LARGEST_COPY", 3 * N - 1)


FORMS = {
    "dense": np.array,
    "fortran": np.asfortranarray,
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
each_standardizer = pytest.mark.parametrize("standardizer", [FITTED, OFF])


@each_form
@each_standardizer
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_take_is_an_index_operation(form, standardizer, dtype):
    rows = make(form(features()), standardizer=standardizer, dtype=dtype)
    index = [7, 0, 7, 10]
    x, codes, weight, _ = rows.take(torch.tensor(index))
    expected = standardizer(features(), numpy_dtype(dtype))[index]
    assert x.dtype == weight.dtype == dtype
    assert np.array_equal(x.numpy(), expected)
    assert codes.dtype == torch.int64
    assert codes.tolist() == CODES[index].tolist()
    assert np.array_equal(weight.numpy(), WEIGHT[index].astype(expected.dtype))


@each_form
@each_standardizer
def test_all_is_every_row_in_order(form, standardizer):
    rows = make(form(features()), standardizer=standardizer)
    x, codes, weight, _ = rows.all()
    assert np.array_equal(x.numpy(), standardizer(features(), np.dtype(np.float64)))
    assert codes.tolist() == CODES.tolist()
    assert weight.tolist() == WEIGHT.tolist()


@each_form
@pytest.mark.parametrize("size", [1, 4, N - 1, N, N + 5])
def test_chunks_are_all_rows_in_pieces(form, size):
    rows = make(form(features()))
    chunks = list(rows.chunks(size))
    assert [len(chunk.codes) for chunk in chunks[:-1]] == [size] * (len(chunks) - 1)
    assert 1 <= len(chunks[-1].codes) <= size
    for joined, whole in zip(
        map(torch.cat, zip(*(chunk[:3] for chunk in chunks), strict=True)),
        rows.all()[:3],
        strict=True,
    ):
        assert torch.equal(joined, whole)


def test_rows_with_scores_of_their_own_say_where_they_stand():
    assert make().all().numbers is None
    own = DenseTable(np.arange(2.0 * N).reshape(N, 2), torch.float64)
    rows = Rows(features(), CODES, WEIGHT, OFF, torch.float64, CPU, own)
    assert rows.take(torch.tensor([4, 1])).numbers.tolist() == [4, 1]
    assert rows.all().numbers.tolist() == list(range(N))
    chunks = [chunk.numbers for chunk in rows.chunks(4)]
    assert torch.cat(chunks).tolist() == list(range(N))
    index = np.array([[3, 0], [5, 6]])
    held = HeldRows(rows, index, np.ones((2, 2)))
    assert held.own_scores is rows.own_scores
    assert next(iter(held.chunks(9))).numbers.tolist() == index.tolist()


def test_without_weights_there_are_none():
    rows = make(weight=None)
    assert rows.take(torch.tensor([1]))[2] is None
    assert rows.all()[2] is None
    assert next(iter(rows.chunks(4)))[2] is None


@each_form
def test_it_is_a_torch_dataset(form):
    rows = make(form(features()))
    assert isinstance(rows, Dataset)
    assert len(rows) == N
    x, code = rows[3]
    assert torch.equal(x, rows.all()[0][3])
    assert x.shape == (3,)
    assert code.item() == CODES[3]
    batch, codes = next(iter(DataLoader(rows, batch_size=4)))
    assert torch.equal(batch, rows.all()[0][:4])
    assert codes.tolist() == CODES[:4].tolist()


@each_form
@each_standardizer
def test_what_a_network_writes_into_its_input_is_nobody_elses(form, standardizer):
    X = form(features())
    weight, codes = WEIGHT.copy(), CODES.copy()
    rows = Rows(X, codes, weight, standardizer, torch.float64, CPU)
    before = [part.clone() for part in rows.all()[:3]]
    rows.all()[0].fill_(-5.0)
    rows.take(torch.arange(3))[0].fill_(-5.0)
    next(iter(rows.chunks(2)))[0].fill_(-5.0)
    features_on(X, standardizer, torch.float64, CPU).slice(0, 2).fill_(-5.0)
    for part, kept in zip(rows.all()[:3], before, strict=True):
        assert torch.equal(part, kept)
    dense = X.toarray() if sparse.issparse(X) else X
    assert np.array_equal(dense, features())


def test_labels_and_weights_are_copies():
    weight, codes = WEIGHT.copy(), CODES.copy()
    rows = Rows(features(), codes, weight, FITTED, torch.float64, CPU)
    weight[:] = 9.0
    codes[:] = 3
    assert rows.all()[1].tolist() == CODES.tolist()
    assert rows.all()[2].tolist() == WEIGHT.tolist()


def test_read_only_rows_are_taken():
    X = features()
    X.flags.writeable = False
    x = make(X, standardizer=OFF).all()[0]
    assert np.array_equal(x.numpy(), X)


def test_a_file_is_read_when_its_rows_are_asked_for(tmp_path, monkeypatch):
    np.save(tmp_path / "X.npy", features())
    X = np.asarray(np.load(tmp_path / "X.npy", mmap_mode="r"))
    monkeypatch.setattr(room, "_LARGEST_COPY", X.size - 1)
    turned = []

    def seen(self, rows, dtype):
        turned.append(len(rows))
        return rows.astype(dtype)

    monkeypatch.setattr(Standardizer, "__call__", seen)
    rows = make(X)
    assert turned == []
    x = rows.take(torch.tensor([4, 2])).features
    assert turned == [2]
    assert np.array_equal(x.numpy(), features()[[4, 2]])
    monkeypatch.setattr(room, "_LARGEST_COPY", X.size)
    make(X)
    assert turned == [2, N]


# On another device ------------------------------------------------------------

# Meta tensors hold no numbers, so nothing can be read from them.
AWAY = torch.device("meta")


@pytest.fixture
def room_for(monkeypatch):
    """Let a device have so many bytes free."""

    def give(free):
        monkeypatch.setattr(room, "fits", lambda n, known: 2 * n <= known)
        monkeypatch.setattr(room, "free_bytes", lambda device: free)

    return give


def test_rows_live_on_the_device_where_there_is_room(room_for):
    # Features, weights, labels and two scores of a row's own, of 8 bytes each.
    n_bytes = 8 * 3 * N + 8 * N + 8 * N + 8 * 2 * N
    for form in (np.array, sparse.csr_array):
        for free, home in ((2 * n_bytes, "meta"), (2 * n_bytes - 1, "cpu")):
            room_for(free)
            own = DenseTable(np.arange(2.0 * N).reshape(N, 2), torch.float64)
            args = form(features()), CODES, WEIGHT, FITTED, torch.float64, AWAY, own
            rows = Rows(*args)
            assert rows.home.type == home
            assert {rows.codes.device.type, rows.weight.device.type} == {home}
            index = torch.tensor([4, 1]).to(home)
            held = HeldRows(rows, np.array([[3, 0], [5, 6]]), np.ones((2, 2)))
            batches = rows.take(index), rows.all(), next(iter(rows.chunks(4)))
            for batch in (*batches, *held.chunks(9)):
                assert {part.device.type for part in batch} == {"meta"}
            assert rows.own_scores.matrix.device.type == "meta"
            assert len(rows.take(index).features) == 2


@each_form
@each_standardizer
@pytest.mark.parametrize("entries", [1, 12, 1000])
def test_features_go_over_some_rows_at_a_time(form, standardizer, entries, monkeypatch):
    monkeypatch.setattr(room, "_MOVED_ENTRIES", entries)
    sizes = []
    turned = room.turned

    def seen(rows, *args):
        sizes.append(rows.shape[0])
        return turned(rows, *args)

    monkeypatch.setattr(room, "turned", seen)
    moved = room._moved(form(features()), standardizer, torch.float32, CPU)
    expected = standardizer(features(), np.dtype(np.float32))
    assert np.array_equal(moved.numpy(), expected)
    assert sum(sizes) == N
    assert max(sizes) == min(N, max(1, entries // 3))


def test_names_of_floating_types():
    assert numpy_dtype(torch.float64) == np.float64
    assert numpy_dtype(torch.float32) == np.float32
