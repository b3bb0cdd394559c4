"""Steps in low precision, compiled or replayed come to the model of plain steps."""

import pickle
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from skorch.callbacks import Callback, GradientNormClipping

from simclf.losses import ExpectedScoreLoss
from simclf.modules import MLP
from simclf.training import _graph, _way
from simclf.training._graph import Graph
from simclf.training._processes import ManyProcesses, fits_on
from tests.training.cases import make_rows, trained
from tests.training.test_processes import Fake

NET = MLP((6,), dropout=0.3)


def numbers(model):
    return {k: v.clone() for k, v in model.net.module_.state_dict().items()}


def curve(model):
    return [record["train_loss"] for record in model.net.history]


def assert_same(first, second, **tolerances):
    tolerances = {"rtol": 0, "atol": 0} | tolerances
    for name, value in numbers(first).items():
        torch.testing.assert_close(numbers(second)[name], value, **tolerances)
    np.testing.assert_allclose(curve(second), curve(first), **tolerances)


# Replayed ---------------------------------------------------------------------


@pytest.fixture
def recorded(monkeypatch):
    """Let this device have graphs, which here are the steps themselves."""
    steps = []

    def record(step, generator):
        assert isinstance(generator, torch.Generator)
        steps.append(step)
        return step

    monkeypatch.setattr(_way, "_has_graphs", lambda device: True)
    monkeypatch.setattr(_way, "Graph", record)
    return steps


@pytest.mark.parametrize(
    "params",
    [
        {"n_members": 1},
        {"n_members": 3},
        {"optimizer": "sgd"},
        {"batch_size": 50},
        {"loss": ExpectedScoreLoss(), "max_epochs": 5},
        {"module": torch.nn.Linear},
    ],
    ids=str,
)
def test_steps_over_tensors_in_place_are_the_plain_ones(params, recorded):
    params = {"module": NET, "batch_size": 16} | params
    plain, _ = trained(**params)
    assert recorded == []
    replayed, _ = trained(compile="graph", **params)
    assert recorded
    assert_same(plain, replayed)


def test_a_step_is_recorded_once_for_each_size(recorded):
    # Batches of 50 rows in four: two of 13 and two of 12.
    trained(compile="graph", module=NET, max_epochs=4)
    assert len(recorded) == 2


def test_a_warm_up_is_recorded_anew_in_every_epoch(recorded):
    trained(compile="graph", loss=ExpectedScoreLoss(), max_epochs=4)
    assert len(recorded) == 2 * 4


class Slower(Callback):
    """Changes the learning rate behind the second epoch."""

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 2:
            net.set_lr(0.001)


def test_another_learning_rate_is_recorded_anew(recorded):
    params = {"module": NET, "max_epochs": 4, "callbacks": [Slower()]}
    plain, _ = trained(**params)
    replayed, _ = trained(compile="graph", **params)
    assert len(recorded) == 4
    assert_same(plain, replayed)


def test_where_there_are_no_graphs_steps_are_plain():
    plain, _ = trained(module=NET)
    graph, _ = trained(module=NET, compile="graph")
    assert_same(plain, graph)


def test_steps_that_processes_share_are_plain(monkeypatch):
    cuda = torch.device("cuda")
    assert _way._has_graphs(cuda)
    assert not _way._has_graphs(torch.device("cpu"))
    with fits_on(ManyProcesses(Fake(0, 2))):
        assert not _way._has_graphs(cuda)


def test_callbacks_that_hear_of_batches_are_refused():
    msg = (
        r"^compile='graph' replays whole steps, of whose batches no callback can be "
        r"told, but one of callbacks has a method for them; leave it out, or use "
        r"compile=False\.$"
    )
    with pytest.raises(ValueError, match=msg):
        trained(compile="graph", callbacks=[GradientNormClipping(1.0)])


class Cuda:
    """Stands for torch.cuda: what a graph asks of it, in order."""

    def __init__(self, monkeypatch):
        self.log, cuda = [], self
        monkeypatch.setattr(torch.cuda, "Stream", lambda: Stream("side", cuda))
        queue = Stream("queue", cuda)
        monkeypatch.setattr(torch.cuda, "current_stream", lambda: queue)
        monkeypatch.setattr(torch.cuda, "stream", self.on)
        monkeypatch.setattr(torch.cuda, "graph", self.on)
        monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: Recorded(cuda))

    @contextmanager
    def on(self, where):
        self.log.append(("on", where.name))
        yield
        self.log.append(("off", where.name))


class Stream:
    def __init__(self, name, cuda):
        self.name, self.cuda = name, cuda

    def wait_stream(self, other):
        self.cuda.log.append((self.name, "waits for", other.name))


class Recorded:
    name = "graph"

    def __init__(self, cuda):
        self.cuda = cuda

    def register_generator_state(self, generator):
        self.cuda.log.append(("draws from", generator))

    def replay(self):
        self.cuda.log.append("replay")


class Losses:
    def __init__(self, cuda):
        self.cuda = cuda

    def record_stream(self, stream):
        self.cuda.log.append(("kept for", stream.name))


def test_a_graph_is_captured_behind_three_steps(monkeypatch):
    cuda = Cuda(monkeypatch)
    losses = Losses(cuda)
    graph = Graph(lambda: cuda.log.append("step") or losses, "layers")
    beside = [
        ("side", "waits for", "queue"),
        ("on", "side"),
        "step",
        ("off", "side"),
        ("queue", "waits for", "side"),
        ("kept for", "queue"),
    ]
    for _ in range(_graph._WARM_UP):
        cuda.log.clear()
        assert graph() is losses
        assert cuda.log == beside
    cuda.log.clear()
    assert graph() is losses
    captured = [("draws from", "layers"), ("on", "graph"), "step", ("off", "graph")]
    assert cuda.log == [*captured, "replay"]
    assert graph() is losses
    assert cuda.log == [*captured, "replay", "replay"]


def test_a_step_that_cannot_be_captured_is_refused(monkeypatch):
    Cuda(monkeypatch)
    monkeypatch.setattr(_graph, "_WARM_UP", 0)

    def waits():
        msg = "operation not permitted when stream is capturing"
        raise RuntimeError(msg)

    msg = (
        r"^compile='graph': a step of this network, loss and optimizer cannot be "
        r"captured: operation not permitted when stream is capturing. Use "
        r"compile=False\.$"
    )
    with pytest.raises(ValueError, match=msg):
        Graph(waits, "layers")()


# In low precision -------------------------------------------------------------


@pytest.mark.parametrize("n_members", [1, 2])
def test_products_in_bfloat16_come_close(n_members):
    params = {"module": NET, "n_members": n_members, "dtype": "float32"}
    plain, _ = trained(max_epochs=8, **params)
    low, _ = trained(max_epochs=8, precision="bf16", **params)
    assert all(value.dtype == torch.float32 for value in numbers(low).values())
    # bfloat16 has eight binary digits, and Adam divides small gradients by small ones.
    assert_same(plain, low, atol=0.06)
    moved = max(
        float((value - numbers(low)[name]).abs().max())
        for name, value in numbers(plain).items()
    )
    assert moved > 1e-4
    assert low.net.module_(torch.zeros(2, 4)).dtype == torch.float32


def test_the_loss_is_taken_in_full_precision(monkeypatch):
    seen = []
    plain = ExpectedScoreLoss._pointwise
    monkeypatch.setattr(
        ExpectedScoreLoss,
        "_pointwise",
        lambda self, scores, *args: (
            seen.append((scores.dtype, torch.is_autocast_enabled("cpu")))
            or plain(self, scores, *args)
        ),
    )
    trained(loss=ExpectedScoreLoss(), dtype="float32", precision="bf16")
    assert set(seen) == {(torch.float32, False)}


# Compiled ---------------------------------------------------------------------


# torch.compile looks into it, and tells of it.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
@pytest.mark.parametrize("n_members", [1, 2])
def test_a_compiled_network_learns_the_same(n_members, monkeypatch):
    # The first half of torch.compile; the other writes and compiles C++ for a minute.
    monkeypatch.setattr(_way, "_BACKEND", "aot_eager")
    called = []
    compile_ = torch.compile
    monkeypatch.setattr(
        torch, "compile", lambda *a, **k: called.append(k) or compile_(*a, **k)
    )
    params = {"module": NET, "n_members": n_members}
    plain, _ = trained(**params)
    assert called == []
    compiled, _ = trained(compile=True, **params)
    assert called == [{"backend": "aot_eager"}]
    assert_same(plain, compiled, atol=1e-12)
    again = pickle.loads(pickle.dumps(compiled.net)).module_
    rows = torch.ones(2, 4, dtype=torch.float64)
    assert torch.equal(again(rows), compiled.net.module_(rows))


def test_without_a_compiler_it_is_said_what_to_do(monkeypatch):
    def no_compiler(graph, inputs):
        msg = "No working C++ compiler found"
        raise RuntimeError(msg)

    monkeypatch.setattr(_way, "_BACKEND", no_compiler)
    msg = (
        r"^compile=True: torch could not compile the network \(RuntimeError: No "
        r"working C\+\+ compiler found\)\. It needs a C\+\+ compiler on a CPU, and "
        r"triton on CUDA; use compile=False\.$"
    )
    with pytest.raises(ValueError, match=msg):
        trained(make_rows(), module=NET, compile=True)


@pytest.mark.parametrize(
    ("raised", "told", "words"),
    [
        (LookupError, LookupError, r"^out of order$"),
        (RuntimeError, ValueError, r"module failed .* \(RuntimeError: out of order\)"),
    ],
)
def test_errors_of_a_network_are_no_errors_of_a_compiler(raised, told, words):
    class Broken(torch.nn.Linear):
        def forward(self, x):
            if self.training:
                msg = "out of order"
                raise raised(msg)
            return super().forward(x)

    with pytest.raises(told, match=words):
        trained(module=Broken, n_members=1)
