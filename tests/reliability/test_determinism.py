"""A seed is a model: whatever else the process, its threads and its settings do."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import cross_val_score
from skorch.callbacks import LRScheduler

from simclf import BayesDecisionClassifier
from simclf.losses import LOSSES
from simclf.modules import MLP
from simclf.search import BatchedRandomizedSearchCV
from tests.reliability.models import (
    CLASSES,
    Net,
    Raises,
    S,
    X,
    Y,
    bayes,
    frozen,
    make_rows,
    quick,
    search,
    world,
)

KINDS: dict[str, dict[str, Any]] = {
    "mlp": {"module": MLP((4,), dropout=0.3)},
    "linear": {"module": "linear"},
    "own network": {"module": Net},
    "one own network": {"module": Net, "n_members": 1},
    "choice": {"loss": "auto"},
    "batches": {"batch_size": 7, "early_stopping": True},
    "momentum": {"optimizer": "sgd"},
    "callbacks": {"callbacks": [LRScheduler("StepLR", step_size=1)]},
    "double precision": {"dtype": "float64"},
} | {f"{name} loss": {"loss": name} for name in LOSSES}


def weights(clf: Any) -> list[Any]:
    """Return all numbers that a fit has come to."""
    state = clf.net_.module_.state_dict().values()
    return [clf.temperature_, clf.loss_curve_, *(value.tolist() for value in state)]


def grown(**parameters: Any) -> Any:
    """Return a model after a fit and a further part."""
    return quick(**parameters).fit(X, Y).partial_fit(X, Y)


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """Every kind of model, as it is where nothing is odd."""
    return {kind: weights(grown(**given)) for kind, given in KINDS.items()}


# --- seeds --------------------------------------------------------------------------


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), around=st.integers(0, 2**31))
def test_global_seeds_do_not_matter_and_are_not_moved(seed: int, around: int) -> None:
    def fitted(module: Any, state: int) -> Any:
        np.random.seed(state)  # noqa: NPY002 - the caller's generator
        torch.manual_seed(state)
        random.seed(state)
        before = world()
        clf = quick(module=module, random_state=seed, max_epochs=1).fit(X, Y)
        clf.predict(X)
        assert world() == before
        return clf

    for module in (MLP((3,)), Net):
        one, two = fitted(module, around), fitted(module, around + 1)
        assert weights(one) == weights(two)


@pytest.mark.parametrize("make", [bayes, search], ids=["decision", "search"])
def test_decisions_and_searches_move_no_generator(make: Callable[[], Any]) -> None:
    before = world()
    make().fit(X, Y).predict(X)
    assert world() == before


def test_no_seed_draws_from_numpy_alone() -> None:
    def fitted(of_numpy: int, of_torch: int) -> Any:
        np.random.seed(of_numpy)  # noqa: NPY002 - as scikit-learn documents
        torch.manual_seed(of_torch)
        return weights(quick(random_state=None, module=Net).fit(X, Y))

    assert fitted(1, 1) == fitted(1, 2)
    assert fitted(1, 1) != fitted(2, 1)


# --- threads and processes ----------------------------------------------------------


def in_threads(work: Callable[[int], Any], n_threads: int, n_times: int) -> list[Any]:
    """Do the work in threads that begin together."""
    start = threading.Barrier(n_threads, timeout=60)

    def thread(number: int) -> list[Any]:
        start.wait()
        return [work(number) for _ in range(n_times)]

    with ThreadPoolExecutor(n_threads) as pool:
        return [done for part in pool.map(thread, range(n_threads)) for done in part]


@pytest.mark.parametrize("kind", ["mlp", "own network", "choice", "batches"])
def test_fits_in_four_threads_are_those_alone(
    kind: str, expected: dict[str, Any]
) -> None:
    around = world()
    for found in in_threads(lambda _: weights(grown(**KINDS[kind])), 4, 2):
        assert found == expected[kind]
    assert world() == around


def test_fits_of_other_seeds_at_the_same_time_do_not_mix() -> None:
    def fitted(number: int) -> Any:
        module = (Net, MLP((4,), dropout=0.3))[number % 2]
        return weights(quick(module=module, random_state=number).fit(X, Y))

    alone = [fitted(number) for number in range(4)]
    assert in_threads(fitted, 4, 1) == alone


@pytest.mark.parametrize("kind", ["mlp", "own network", "expected_score loss"])
def test_eight_threads_predict_with_one_model(kind: str) -> None:
    clf = grown(**KINDS[kind])
    before = frozen(clf)
    answers = clf.predict_proba(X), clf.predict(X)
    for proba, answer in in_threads(
        lambda _: (clf.predict_proba(X), clf.predict(X)), 8, 30
    ):
        np.testing.assert_allclose(proba, answers[0], rtol=0, atol=1e-6)
        np.testing.assert_array_equal(answer, answers[1])
    assert frozen(clf) == before


def test_predictions_while_the_model_is_trained_on_are_those_of_a_whole_model() -> None:
    clf = quick(module=Net).fit(X, Y)
    whole = [clf.predict_proba(X)]
    twin = quick(module=Net).fit(X, Y)
    whole += [twin.partial_fit(X, Y).predict_proba(X) for _ in range(20)]

    def work(number: int) -> Any:
        return clf.partial_fit(X, Y) if number == 0 else clf.predict_proba(X)

    for found in in_threads(work, 3, 20):
        if found is not clf:
            assert min(np.abs(found - proba).max() for proba in whole) < 1e-6
    np.testing.assert_array_equal(clf.predict_proba(X), whole[-1])


def test_processes_and_threads_give_the_scores_of_one() -> None:
    scores = {}
    for name, n_jobs in (("loky", 1), ("threading", 2), ("loky", 2)):
        with joblib.parallel_backend(name, n_jobs=n_jobs):
            scores[name, n_jobs] = [
                cross_val_score(model, X, Y, cv=3, scoring="neg_log_loss")
                for model in (quick(loss="auto"), bayes(estimator=quick(module="mlp")))
            ]
    one = scores.pop(("loky", 1))
    for other in scores.values():
        np.testing.assert_array_equal(other, one)


def test_batched_searches_give_the_same_on_two_processes() -> None:
    one, two = (
        BatchedRandomizedSearchCV(
            quick(), {"lr": [0.01, 0.02, 0.03]}, n_iter=2, cv=2, random_state=0, **jobs
        ).fit(X, Y)
        for jobs in ({}, {"n_jobs": 2, "max_networks": 2})
    )
    np.testing.assert_allclose(
        one.predict_proba(X), two.predict_proba(X), rtol=0, atol=1e-6
    )
    assert one.best_params_ == two.best_params_


def test_one_and_two_threads_of_torch_agree() -> None:
    rows, labels = make_rows(3_000)
    found = []
    try:
        for n_threads in (1, 2):
            torch.set_num_threads(n_threads)
            clf = quick(module=MLP((64,)), batch_size=1_000).fit(rows, labels)
            assert torch.get_num_threads() == n_threads
            found.append(clf.predict_proba(rows))
            assert torch.get_num_threads() == n_threads
    finally:
        torch.set_num_threads(1)
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-3)


# --- odd settings -------------------------------------------------------------------


@contextmanager
def switched(set_to: Callable[[Any], Any], odd: Any, usual: Any) -> Iterator[None]:
    """Have a global setting of torch inside the block."""
    set_to(odd)
    try:
        yield
    finally:
        set_to(usual)


def default_dtype(dtype: torch.dtype) -> Any:
    return switched(torch.set_default_dtype, dtype, torch.float32)


SETTINGS: dict[str, Callable[[], Any]] = {
    "float64": lambda: default_dtype(torch.float64),
    "float16": lambda: default_dtype(torch.float16),
    "bfloat16": lambda: default_dtype(torch.bfloat16),
    "another device": lambda: switched(torch.set_default_device, "meta", None),
    "no gradients": torch.no_grad,
    "inference": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "deterministic": lambda: switched(torch.use_deterministic_algorithms, True, False),
    "warn only": lambda: switched(
        lambda on: torch.use_deterministic_algorithms(on, warn_only=on), True, False
    ),
    "precision": lambda: switched(
        torch.set_float32_matmul_precision, "high", "highest"
    ),
    "numpy raises": lambda: np.errstate(all="raise"),
    "metadata routing": lambda: sklearn.config_context(enable_metadata_routing=True),
    "frames": lambda: sklearn.config_context(transform_output="pandas"),
    "array api": lambda: sklearn.config_context(array_api_dispatch=True),
}


# What reaches further than others is tried on every kind of model.
FAR = ["float16", "another device", "inference", "numpy raises"]
SOME = ["mlp", "own network", "choice", "tailored_score loss"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in SETTINGS for kind in (KINDS if name in FAR else SOME)],
)
def test_odd_settings_change_no_model(
    name: str, kind: str, expected: dict[str, Any]
) -> None:
    odd = SETTINGS[name]
    with odd():
        before = world()
        clf = quick(**KINDS[kind]).fit(X, Y)
        inside = clf.predict_proba(X), clf.predict(X)
        assert world() == before
    np.testing.assert_array_equal(clf.predict_proba(X), inside[0])
    np.testing.assert_array_equal(clf.predict(X), inside[1])
    assert weights(clf.partial_fit(X, Y)) == expected[kind]
    clf = quick(**KINDS[kind]).fit(X, Y)
    with odd():
        before = world()
        clf.partial_fit(X, Y)
        assert world() == before
    assert weights(clf) == expected[kind]


@pytest.mark.parametrize("odd", SETTINGS.values(), ids=SETTINGS)
def test_odd_settings_change_no_second_fit_decision_or_search(
    odd: Callable[[], Any],
) -> None:
    def proba() -> list[Any]:
        warm = quick(warm_start=True).fit(X, Y).fit(X, Y)
        begun = quick(module=Net).partial_fit(X, Y, classes=CLASSES)
        decided = bayes(estimator=quick(module=Net))
        models = warm, begun, decided.fit(X, Y), search().fit(X, Y)
        return [model.predict_proba(X) for model in models]

    usual = proba()
    with odd():
        before = world()
        found = proba()
        assert world() == before
    np.testing.assert_array_equal(found, usual)


@pytest.mark.parametrize("odd", [nullcontext, *SETTINGS.values()])
@pytest.mark.parametrize("module", [MLP((4,)), Net], ids=["mlp", "own"])
def test_a_fit_that_fails_leaves_all_settings(
    odd: Callable[[], Any], module: Any
) -> None:
    clf = quick(module=module).fit(X, Y)
    with odd():
        before = world()
        for error in (KeyboardInterrupt, ZeroDivisionError):
            with pytest.raises(error):
                quick(module=module, callbacks=[Raises(error)]).fit(X, Y)
        with pytest.raises(ValueError, match="diverged"):
            quick(module=module, lr=1e30).fit(X, Y)
        with pytest.raises(ValueError, match="row 0 of X lies so far"):
            clf.predict(1e300 * X[:2])
        with pytest.raises(ValueError, match="NaN"):
            clf.predict(np.nan * X)
        assert world() == before


def test_a_table_decides_alike_under_odd_settings() -> None:
    clf = BayesDecisionClassifier(quick(), S, calibration="isotonic", cv=2).fit(X, Y)
    expected = clf.predict_proba(X)
    with np.errstate(all="raise"), torch.inference_mode():
        np.testing.assert_array_equal(clf.predict_proba(X), expected)
