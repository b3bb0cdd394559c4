"""What ends a fit from outside is seen by the caller, and the process goes on."""

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback
from torch import nn

import simclf
from simclf.modules import MLP
from simclf.search import BatchedGridSearchCV
from tests.reliability.models import Net, Raises, S, X, Y, bayes, frozen, quick, world

posix = pytest.mark.skipif(os.name != "posix", reason="signals and forks of POSIX")
PREAMBLE = """
import os, signal, sys, threading
import numpy as np
from simclf import SimilarityAwareClassifier
X = np.random.default_rng(0).normal(size=(3_000, 8))
Y = np.array(["ant", "bee", "cat"])[np.arange(3_000) % 3]
S = np.array([[1, 0.2, 0.5], [0, 1, 0.3], [0.6, 0.1, 1.2]])
def quick(**parameters):
    quick = dict(max_epochs=1, n_members=2, random_state=0)
    return SimilarityAwareClassifier(S, **(quick | parameters))
"""


def run(code: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PREAMBLE + code],
        timeout=300,
        check=False,
        capture_output=True,
        text=True,
        **options,
    )


# --- Ctrl-C -------------------------------------------------------------------------


@contextmanager
def ctrl_c(after: float = 0.15) -> Iterator[None]:
    """Send this process the signal of Ctrl-C, from outside of its main thread.

    Garbage that other tests have left waits meanwhile: Python forgets what is raised
    while it calls back those who refer to it weakly.
    """
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    gc.collect()
    gc.disable()
    timer.start()
    try:
        yield
    finally:
        timer.join()
        gc.enable()


ENDLESS: dict[str, Any] = {"max_epochs": 10**5, "early_stopping": False}
FITS: dict[str, Callable[[Any], Any]] = {
    "fit": lambda clf: clf,
    "decision": lambda clf: bayes(estimator=clf),
    "search": lambda clf: GridSearchCV(clf, {"lr": [0.01, 0.02]}, cv=2),
    "batched search": lambda clf: BatchedGridSearchCV(clf, {"lr": [0.1, 0.2]}, cv=2),
}


@posix
@pytest.mark.parametrize("module", [MLP((4,)), Net], ids=["mlp", "own"])
@pytest.mark.parametrize("wrap", FITS.values(), ids=FITS)
@pytest.mark.filterwarnings("ignore:.*fits are done one by one")
def test_ctrl_c_ends_a_fit(wrap: Callable[[Any], Any], module: Any) -> None:
    quick(module=module).fit(X, Y)
    clf, around = wrap(quick(module=module, **ENDLESS)), world()
    before = frozen(clf)
    with pytest.raises(KeyboardInterrupt), ctrl_c():
        clf.fit(X, Y)
    assert world() == around
    # scikit-learn's own search has counted its splits by now.
    assert type(clf) is GridSearchCV or frozen(clf) == before
    assert not hasattr(clf, "classes_")
    np.testing.assert_array_equal(
        quick(module=module).fit(X, Y).predict_proba(X),
        quick(module=module).fit(X, Y).predict_proba(X),
    )


@pytest.mark.parametrize("standardize", [True, False])
def test_ctrl_c_leaves_what_numpy_tells_of(standardize: bool) -> None:
    around = np.geterr()

    def interrupt(frame: Any, event: str, _: Any) -> None:
        caller = frame.f_back.f_code.co_filename if frame.f_back else ""
        if (
            event == "call"
            and frame.f_code is np.errstate.__exit__.__code__
            and Path(simclf.__path__[0]) / "training" in Path(caller).parents
        ):
            raise KeyboardInterrupt

    before = sys.getprofile()
    sys.setprofile(interrupt)
    try:
        quick(standardize=standardize).fit(X, Y).predict(X)
    except KeyboardInterrupt:
        pass
    finally:
        sys.setprofile(before)
    assert np.geterr() == around


# Ctrl-C in the midst of what torch imports at the first step of a process.
COLD = """
MODULE = "sympy.matrices"
class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            CtrlC.sent = True
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

CtrlC.sent = False
sys.meta_path.insert(0, CtrlC())
try:
    quick().fit(X, Y)
except KeyboardInterrupt:
    print("interrupted")
assert CtrlC.sent, "the module is not imported in a first fit"
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
print(quick().fit(X, Y).predict(X[:1]).shape)
"""


@posix
def test_ctrl_c_in_the_first_fit_leaves_a_process_that_can_fit() -> None:
    done = run(COLD)
    assert done.stdout.split("\n")[:2] == ["interrupted", "(1,)"], done.stderr[-2000:]


# A terminal sends Ctrl-C to all processes at once, workers included.
WORKERS = """
from sklearn.model_selection import GridSearchCV
endless = quick(max_epochs=10**7, early_stopping=False)
threading.Timer(2.0, os.killpg, (os.getpgid(0), signal.SIGINT)).start()
try:
    GridSearchCV(endless, {"lr": [0.01, 0.02]}, cv=2, n_jobs=2).fit(X, Y)
except KeyboardInterrupt:
    quick().fit(X, Y)
    os.write(1, b"interrupted")
    os._exit(0)
"""


@posix
def test_ctrl_c_ends_a_search_on_several_processes() -> None:
    done = run(WORKERS, start_new_session=True)
    assert done.stdout == "interrupted", done.stderr[-2000:]


@posix
def test_sigterm_ends_the_process() -> None:
    done = run(
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()\n"
        "quick(max_epochs=10**7, early_stopping=False).fit(X, Y)"
    )
    assert done.returncode == -signal.SIGTERM


# --- errors of others ---------------------------------------------------------------


class ForeignError(Exception):
    """An error that this library knows nothing of."""


ERROR = ForeignError("of the user's own")


class BrokenNet(Net):
    """Fails in the midst of its training."""

    error: BaseException = ERROR

    def forward(self, rows: Any) -> Any:
        if self.training and len(rows) > 2:
            raise self.error
        return super().forward(rows)


def raise_it(*_: Any) -> Any:
    raise ERROR


class BrokenCallback(Callback):
    """Fails at the first batch that it is told of."""

    def on_batch_begin(self, *_: Any, **__: Any) -> None:
        raise ERROR


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize(
    "parameters",
    [
        {"callbacks": [BrokenCallback()]},
        {"module": BrokenNet},
        {"module": raise_it},
        {"similarity": raise_it},
        {"similarity": None, "cost": raise_it},
    ],
    ids=["callback", "network", "builder", "table", "cost"],
)
def test_an_error_of_the_users_own_is_passed_on(
    parameters: dict[str, Any], n_members: int
) -> None:
    clf = quick(n_members=n_members).fit(X, Y)
    expected = clf.predict_proba(X)
    with pytest.raises(ForeignError) as caught:
        clf.set_params(**parameters).fit(X, Y)
    assert caught.value is ERROR
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_error_is_passed_on_by_searches(error: Any) -> None:
    clf = quick(callbacks=[Raises(error)])
    for searched in (
        GridSearchCV(clf, {"lr": [0.01]}, cv=2),
        BatchedGridSearchCV(quick(), {"callbacks": [[Raises(error)]]}, cv=2),
    ):
        with (
            pytest.warns(UserWarning, match="one by one")
            if isinstance(searched, BatchedGridSearchCV)
            else nullcontext(),
            pytest.raises(error),
        ):
            searched.fit(X, Y)
        assert not hasattr(searched, "best_estimator_")


# --- memory -------------------------------------------------------------------------


class Greedy(nn.Linear):
    """Runs out of memory when it is tried, or in training."""

    error: type[Exception] = MemoryError
    in_training = True

    def forward(self, rows: Any) -> Any:
        if self.training is self.in_training:
            raise self.error
        return super().forward(rows)


class GreedyAtOnce(Greedy):
    in_training = False


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize("error", [MemoryError, torch.OutOfMemoryError])
@pytest.mark.parametrize("module", [Greedy, GreedyAtOnce])
def test_running_out_of_memory_is_told_as_it_is(
    module: Any, error: Any, n_members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "error", error)
    clf = quick(n_members=n_members).fit(X, Y)
    before, given = frozen(clf), clf.module
    with pytest.raises(error) as caught:
        clf.set_params(module=module).fit(X, Y)
    assert type(caught.value) is error
    assert frozen(clf.set_params(module=given)) == before
    clf.fit(X, Y)


def test_a_network_too_large_for_any_memory_leaves_the_old_model() -> None:
    clf = quick().fit(X, Y)
    expected = clf.predict_proba(X)
    with pytest.raises((MemoryError, ValueError), match="memory"):
        clf.set_params(module=MLP((10**13,))).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected)
    clf.set_params(module=MLP((4,))).fit(X, Y)
    np.testing.assert_array_equal(clf.predict_proba(X), expected)


# --- forks --------------------------------------------------------------------------

FORKED = """
import multiprocessing, torch
from torch import nn

class Own(nn.Sequential):
    def __init__(self, n_features, n_outputs):
        super().__init__(nn.Linear(n_features, 64), nn.Linear(64, n_outputs))

torch.set_num_threads(2)
models = [quick(module=m, batch_size=3_000).fit(X, Y) for m in ("mlp", Own)]
expected = [model.predict_proba(X) for model in models]

def child(number):
    assert torch.get_num_threads() == 1
    found = models[number].predict_proba(X)
    again = models[number].fit(X, Y).predict_proba(X)
    return max(abs(found - expected[number]).max(), abs(again - found).max())

# Meanwhile another thread has the turn to train a network of the user's own.
endless = quick(module=Own, max_epochs=10**7, early_stopping=False)
threading.Thread(target=endless.fit, args=(X, Y), daemon=True).start()
from simclf.training import _seeding
while _seeding._global_generator.acquire(blocking=False):
    _seeding._global_generator.release()
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(max(pool.map_async(child, [0, 1]).get(timeout=60)) < 1e-3)
print(torch.get_num_threads())
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_forked_children_predict_and_fit() -> None:
    done = run(FORKED.replace("os._exit", "sys.stdout.flush(); os._exit"))
    assert done.stdout.split() == ["True", "2"], done.stderr[-2000:]


def test_the_table_of_a_decision_is_the_users_to_break() -> None:
    clf = bayes().fit(X, Y)
    before = frozen(clf)
    with pytest.raises(ForeignError):
        clf.set_params(similarity=raise_it).fit(X, Y)
    assert frozen(clf.set_params(similarity=S)) == before
