"""A model is whole: it is replaced at once or not at all, and copied as it is."""

import copy
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import LRScheduler

import simclf
from simclf import SimilarityAwareClassifier
from simclf.losses import LOSSES, SoftTargetLoss
from simclf.modules import MLP
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

PACKAGE = simclf.__path__[0]
OTHER_X, OTHER_Y = make_rows(48, seed=1)


def broken_table(classes: Any) -> Any:
    raise ZeroDivisionError


class BrokenNet(Net):
    """Fails in the midst of its training."""

    def forward(self, rows: Any) -> Any:
        if self.training and len(rows) > 2:
            raise ZeroDivisionError
        return super().forward(rows)


# --- a model is replaced at once or not at all --------------------------------------

ERRORS = (ZeroDivisionError, KeyboardInterrupt, MemoryError, SystemExit)
FAILURES: dict[str, dict[str, Any]] = {
    "a loss that diverges": {"lr": 1e30},
    "a table": {"similarity": broken_table},
    "a table of another size": {"similarity": np.eye(5)},
    "a loss of no name": {"loss": "nonsense"},
    "an optimizer": {"optimizer": object()},
    "a seed": {"random_state": "x"},
} | {
    f"a callback's {error.__name__}": {"callbacks": [Raises(error)]} for error in ERRORS
}
ANY = (*ERRORS, ValueError, TypeError)


def fails(fitted: Any, method: str, *rows: Any, **parameters: Any) -> None:
    """Let a fit fail, and put the parameters back."""
    before = fitted.get_params(deep=False)
    with pytest.raises(ANY):
        getattr(fitted.set_params(**parameters), method)(*rows)
    fitted.set_params(**before)


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("parameters", FAILURES.values(), ids=FAILURES)
def test_a_fit_that_fails_changes_nothing(
    parameters: dict[str, Any], warm_start: bool
) -> None:
    clf = quick(warm_start=warm_start, loss="tailored_score").fit(X, Y)
    before = frozen(clf)
    fails(clf, "fit", OTHER_X, OTHER_Y, **parameters)
    assert frozen(clf) == before


@pytest.mark.parametrize("module", [MLP((4,)), BrokenNet], ids=["mlp", "own"])
@pytest.mark.parametrize(
    "rows",
    {
        "nan": (np.where(X > 2, np.nan, X), Y),
        "one class": (X, np.full(len(Y), "ant")),
        "no rows": (X[:0], Y[:0]),
        "too many labels": (X, np.r_[Y, Y]),
        "far away": (1e300 * X.astype(object), Y),
        "a network": (X[:, :2], Y),
    }.items(),
    ids=lambda case: case[0],
)
def test_rows_that_fail_change_nothing(module: Any, rows: tuple[str, Any]) -> None:
    clf = quick(warm_start=True).fit(pd.DataFrame(X, columns=list("abcd")), Y)
    before = frozen(clf)
    fails(clf, "fit", *rows[1], module=module, lr=1e30, standardize=False)
    assert frozen(clf) == before


@pytest.mark.parametrize("module", [MLP((4,)), Net], ids=["mlp", "own"])
@pytest.mark.parametrize(
    ("rows", "parameters"),
    [
        ((X, Y), {"lr": 1e30}),
        ((X, Y), {"random_state": "x"}),
        ((X[:, :2], Y), {}),
        ((X, np.full(len(Y), "emu")), {}),
    ],
    ids=["diverged", "seed", "width", "class"],
)
def test_a_part_that_fails_changes_nothing(
    module: Any, rows: Any, parameters: dict[str, Any]
) -> None:
    clf = quick(module=module).fit(X, Y).partial_fit(OTHER_X, OTHER_Y)
    before = frozen(clf)
    fails(clf, "partial_fit", *rows, **parameters)
    assert frozen(clf) == before


@pytest.mark.parametrize("error", ERRORS)
def test_a_part_that_a_callback_ends_changes_nothing(error: type) -> None:
    clf = quick(callbacks=[Raises(error, epoch=2)])
    clf.partial_fit(X, Y, classes=CLASSES)
    before = frozen(clf)
    with pytest.raises(error):
        clf.partial_fit(OTHER_X, OTHER_Y)
    assert frozen(clf) == before


def test_a_first_fit_that_fails_leaves_nothing() -> None:
    clf = quick(callbacks=[Raises(ZeroDivisionError)])
    before = frozen(clf)
    for fit in (clf.fit, lambda *rows: clf.partial_fit(*rows, classes=CLASSES)):
        with pytest.raises(ZeroDivisionError):
            fit(X, Y)
        assert frozen(clf) == before


class Interrupted:
    """Ctrl-C at a step of this library, counted from the beginning."""

    def __init__(self, step: int | None = None) -> None:
        self.step = step
        self.count = 0

    def __call__(self, frame: Any, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        # An import that is broken off is begun anew; it is no step of a fit.
        if event == "line" and frame.f_code.co_name != "<module>":
            self.count += 1
            if self.count == self.step:
                raise KeyboardInterrupt
        return self

    def __enter__(self) -> "Interrupted":
        self._before = sys.gettrace()
        sys.settrace(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)


FITS: dict[str, tuple[Callable[[], Any], str]] = {
    "fit": (quick, "fit"),
    "fit of a table of another width": (
        lambda: quick(S.assign(refer=0.7), loss="expected_score"),
        "fit",
    ),
    "warm start": (lambda: quick(warm_start=True), "fit"),
    "choice": (lambda: quick(loss="auto"), "fit"),
    "own network": (lambda: quick(module=Net), "fit"),
    "partial_fit": (quick, "partial_fit"),
    "partial_fit of an own network": (lambda: quick(module=Net), "partial_fit"),
    "decision": (bayes, "fit"),
    "search": (lambda: search(param_grid={"lr": [0.02]}), "fit"),
}


@pytest.mark.parametrize(("make", "method"), FITS.values(), ids=FITS)
def test_an_interrupt_at_any_step_changes_nothing(
    make: Callable[[], Any], method: str
) -> None:
    old = make().fit(X, Y)
    new = getattr(copy.deepcopy(old), method)(OTHER_X, OTHER_Y)
    counted = copy.deepcopy(old)
    with Interrupted() as steps:
        getattr(counted, method)(OTHER_X, OTHER_Y)
    before, around, n_old = frozen(old), world(), 0
    last = range(steps.count - 9, steps.count + 1)
    for step in [*range(1, steps.count, max(1, steps.count // 16)), *last]:
        estimator = copy.copy(old)
        with suppress(KeyboardInterrupt), Interrupted(step):
            getattr(estimator, method)(OTHER_X, OTHER_Y)
        assert world() == around, step
        assert frozen(old) == before, step
        if frozen(estimator) == before:
            n_old += 1
            continue
        # The last step but one has made it the new model, which is whole as well.
        assert step >= steps.count - 9
        assert vars(estimator).keys() == vars(new).keys()
        np.testing.assert_array_equal(estimator.predict_proba(X), new.predict_proba(X))
    assert n_old >= 15
    again = getattr(old, method)(OTHER_X, OTHER_Y)
    np.testing.assert_array_equal(again.predict_proba(X), new.predict_proba(X))


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_copy_of_the_attributes_is_not_trained_along(method: str) -> None:
    clf = quick().fit(X, Y)
    before, shallow = frozen(clf), copy.copy(clf)
    getattr(shallow, method)(OTHER_X, OTHER_Y)
    assert frozen(clf) == before


@pytest.mark.parametrize(
    "parameters",
    [{"cost": S}, {"calibration": "x"}, {"cv": 1}, {"similarity": broken_table}],
    ids=["both tables", "calibration", "folds", "broken table"],
)
def test_a_decision_that_fails_changes_nothing(parameters: dict[str, Any]) -> None:
    clf = bayes().fit(X, Y)
    before = frozen(clf)
    fails(clf, "fit", OTHER_X, OTHER_Y, **parameters)
    assert frozen(clf) == before


@pytest.mark.parametrize(
    "parameters",
    [
        {"estimator": quick(similarity=np.eye(7))},
        {"estimator": quick(callbacks=[Raises(KeyboardInterrupt)])},
        {"param_grid": {"lr": [1e30]}, "error_score": "raise"},
        {"param_grid": {"nonsense": [1]}},
        {"scoring": "nonsense"},
        {"cv": 1},
        {"max_networks": 0},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
@pytest.mark.filterwarnings("ignore:.*fits are done one by one")
def test_a_search_that_fails_changes_nothing(parameters: dict[str, Any]) -> None:
    found = search().fit(X, Y)
    before = frozen(found)
    fails(found, "fit", OTHER_X, OTHER_Y, **parameters)
    assert frozen(found) == before


# --- parameters are the user's own --------------------------------------------------

NAMES = sorted(SimilarityAwareClassifier().get_params())
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["auto", "cross_entropy", "soft_target", "mlp", "linear"]),
    st.builds(object),
    st.builds(lambda n: np.zeros((n, n)), st.integers(0, 4)),
    st.builds(lambda t: SoftTargetLoss(temperature=t), st.floats(0.1, 2)),
    st.builds(lambda n: MLP((n,)), st.integers(1, 9)),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.just(S),
)
FITTED = quick().fit(X, Y)
ANSWERS = FITTED.predict_proba(X)


@settings(max_examples=50)
@given(parameters=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_value_is_held_as_it_is_and_changes_no_fitted_model(
    parameters: dict[str, Any],
) -> None:
    clf = copy.copy(FITTED)
    others = clf.get_params(deep=False)
    assert clf.set_params(**parameters) is clf
    held = clf.get_params(deep=False)
    for name in NAMES:
        assert held[name] is (parameters | others)[name] or name in parameters
        assert name not in parameters or held[name] is parameters[name]
    np.testing.assert_array_equal(clf.predict_proba(X), ANSWERS)
    np.testing.assert_array_equal(clf.predict(X), FITTED.predict(X))
    assert len(repr(clf)) < 5_000
    fresh = SimilarityAwareClassifier(**held).get_params(deep=False)
    assert all(fresh[name] is held[name] for name in NAMES)


COMPONENTS = [("loss", name, kind) for name, kind in LOSSES.items()] + [
    ("module", "mlp", MLP)
]
NESTED = [
    (head, name, nested)
    for head, name, kind in COMPONENTS
    for nested in kind().get_params()
]


@given(
    case=st.sampled_from(NESTED),
    value=VALUES,
    by_name=st.booleans(),
    at_once=st.booleans(),
)
def test_any_parameter_of_a_component_is_set_and_read(
    case: tuple[str, str, str], value: Any, by_name: bool, at_once: bool
) -> None:
    head, name, nested = case
    given_as = name if by_name else {**LOSSES, "mlp": MLP}[name]()
    clf = SimilarityAwareClassifier()
    if at_once:
        clf.set_params(**{head: given_as, f"{head}__{nested}": value})
    else:
        clf.set_params(**{head: given_as}).set_params(**{f"{head}__{nested}": value})
    assert clf.get_params()[f"{head}__{nested}"] is value
    assert getattr(getattr(clf, head), nested) is value
    again = clone(clf).get_params()
    assert again.keys() == clf.get_params().keys()


@given(
    head=st.sampled_from(["loss", "module", "optimizer", "similarity", "x", "lr"]),
    nested=st.sampled_from(["x", "lr", "momentum", "", "_", "loss__x"]),
    value=VALUES,
)
def test_parameters_that_are_none_are_refused(
    head: str, nested: str, value: Any
) -> None:
    with pytest.raises(ValueError, match=rf"{head}|Invalid parameter"):
        SimilarityAwareClassifier().set_params(**{f"{head}__{nested}": value})


def own_parameters() -> dict[str, Any]:
    """Everything that a user may hold on to."""
    noise = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    return {
        "similarity": S.copy(),
        "loss": simclf.losses.CrossEntropyLoss(noise_matrix=noise),
        "module": MLP([5, 4]),
        "class_weight": {"ant": 2.0, "bee": 1.0, "cat": 0.5},
        "callbacks": [
            ("rate", LRScheduler("StepLR", step_size=1)),
            Raises(ValueError, epoch=99),
        ],
        "random_state": 3,
    }


@pytest.mark.parametrize("warm_start", [False, True])
def test_no_parameter_is_written(warm_start: bool) -> None:
    parameters = own_parameters()
    before = {name: frozen(value) for name, value in parameters.items()}
    clf = quick(warm_start=warm_start).set_params(**parameters)
    clf.fit(X, Y).fit(X, Y).partial_fit(X, Y).predict(X)
    for name, value in parameters.items():
        assert getattr(clf, name) is value
        assert frozen(value) == before[name], name


def test_no_parameter_of_a_search_or_a_decision_is_written() -> None:
    grid = [{"loss": [SoftTargetLoss(), "cross_entropy"], "similarity": [S, S.T]}]
    base = quick()
    found = search(estimator=base, param_grid=grid, n_jobs=1)
    decided = bayes(estimator=base)
    for estimator in (found, decided):
        held = estimator.get_params(deep=False)
        before = {name: frozen(value) for name, value in held.items()}
        estimator.fit(X, Y).predict(X)
        for name, value in held.items():
            assert getattr(estimator, name) is value
            assert frozen(value) == before[name], name


def test_no_table_is_shared_with_a_fitted_model() -> None:
    table, weight = S.to_numpy().copy(), np.ones(len(Y))
    clf, decided = quick(table).fit(X, Y, weight), bayes(similarity=table).fit(X, Y)
    before = clf.expected_scores(X), decided.expected_scores(X)
    table[:] = 7.0
    np.testing.assert_array_equal(clf.expected_scores(X), before[0])
    np.testing.assert_array_equal(decided.expected_scores(X), before[1])
    np.testing.assert_array_equal(weight, 1.0)


# --- memory that may not be written -------------------------------------------------


def on_disk(array: Any, folder: Any, name: str) -> Any:
    """Return the array as a read-only map of a file."""
    joblib.dump(array, folder / name)
    return joblib.load(folder / name, mmap_mode="r")


def read_only(array: Any, *_: Any) -> Any:
    """Return a copy that may not be written."""
    frozen_copy = array.copy()
    frozen_copy.setflags(write=False)
    return frozen_copy


@pytest.mark.parametrize("lock", [on_disk, read_only])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("module", [MLP((4,)), Net], ids=["mlp", "own"])
def test_memory_that_may_not_be_written(
    lock: Callable[..., Any], dtype: str, standardize: bool, module: Any, tmp_path: Any
) -> None:
    rows, weight = X.astype(dtype), np.linspace(0, 2, len(Y))
    table, codes = S.to_numpy(), np.arange(len(Y)) % 3

    def answers(keep: Callable[..., Any]) -> Any:
        features = keep(rows, tmp_path, "X")
        labels, weights = keep(codes, tmp_path, "y"), keep(weight, tmp_path, "w")
        clf = quick(
            keep(table, tmp_path, "S"), standardize=standardize, module=module
        ).set_params(dtype=dtype)
        clf.fit(features, labels, weights, X_val=features, y_val=labels)
        clf.partial_fit(features, labels, sample_weight=weights)
        return clf.predict_proba(features), clf.expected_scores(features)

    for found, expected in zip(
        answers(lock), answers(lambda array, *_: array), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_tables_that_workers_see_in_a_file() -> None:
    # joblib hands arrays of more than 1 MB to its workers as read-only files.
    n_classes = 370
    codes = np.arange(4 * n_classes) % n_classes
    rows = np.column_stack([codes, codes % 7]).astype(float)
    table = np.random.default_rng(0).random((n_classes, n_classes))
    np.fill_diagonal(table, 2.0)
    assert table.nbytes > 2**20
    frame = pd.DataFrame(table)
    noise = np.full_like(table, 0.1 / (n_classes - 1))
    np.fill_diagonal(noise, 0.9)
    grid = [
        {"similarity": [table, frame], "loss": ["expected_score"]},
        {
            "similarity": [None],
            "loss": [simclf.losses.CrossEntropyLoss(noise_matrix=noise)],
        },
    ]
    one, two = (
        GridSearchCV(
            quick(max_epochs=1), grid, cv=2, n_jobs=n_jobs, error_score="raise"
        ).fit(rows, codes)
        for n_jobs in (1, 2)
    )
    for name in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(one.cv_results_[name], two.cv_results_[name])


# --- what is shown of a model -------------------------------------------------------

BIG = np.random.default_rng(0).normal(size=(600, 600)) + 9 * np.eye(600)
FRAME = pd.DataFrame(BIG).rename(lambda row: f"class {row}")
SHOWN: dict[str, Callable[[Any], Any]] = {
    "alone": SimilarityAwareClassifier,
    "cost": lambda table: SimilarityAwareClassifier(cost=table),
    "loss": lambda table: quick(loss=simclf.losses.CrossEntropyLoss(table)),
    "decision": lambda table: bayes(similarity=table),
    "pipeline": lambda table: make_pipeline(StandardScaler(), quick(table)),
    "search": lambda table: GridSearchCV(quick(table), {"lr": [0.1]}),
    "grid of tables": lambda table: search(param_grid={"similarity": [table] * 3}),
    "pipeline in a search": lambda table: search(
        estimator=make_pipeline(StandardScaler(), quick(table)),
        param_grid={"similarityawareclassifier__similarity": [table, None]},
    ),
}


def shown_in_short(large: Any, small: Any) -> bool:
    """Whether a large table makes neither form of a model long."""
    longer = len(large._repr_html_()) - len(small._repr_html_())
    return len(repr(large)) < 5_000 and longer < 5_000


@pytest.mark.parametrize("wrap", SHOWN.values(), ids=SHOWN)
def test_large_tables_are_shown_in_short(wrap: Callable[..., Any]) -> None:
    assert shown_in_short(wrap(BIG), wrap(np.eye(3)))


@pytest.mark.parametrize("wrap", [SHOWN["alone"], SHOWN["search"]])
def test_large_frames_are_shown_in_short(wrap: Callable[..., Any]) -> None:
    assert shown_in_short(wrap(FRAME), wrap(FRAME.iloc[:3, :3]))


def test_a_fitted_model_of_many_classes_is_shown_in_short() -> None:
    codes = np.arange(1200) % 600
    clf = quick(BIG, max_epochs=1).fit(np.column_stack([codes, codes % 7]), codes)
    assert len(repr(clf.net_.criterion_)) < 5_000
    assert shown_in_short(clf, quick(max_epochs=1).fit(X, Y))


# --- no rows are kept ---------------------------------------------------------------

N = 90
PRIVATE_X, PRIVATE_Y = make_rows(N, d=6, seed=5)
PRIVATE_WEIGHT = np.random.default_rng(6).uniform(0.5, 1.5, N)
KEEPERS: dict[str, Callable[[], Any]] = {
    "fit": quick,
    "early stopping": lambda: quick(early_stopping=True),
    "choice": lambda: quick(loss="auto"),
    "scores": lambda: quick(loss="score_regression"),
    "own network": lambda: quick(module=Net),
    "no scaling": lambda: quick(standardize=False),
    "double precision": lambda: quick(dtype="float64"),
    "callbacks": lambda: quick(callbacks=[LRScheduler("StepLR", step_size=1)]),
    "decision": bayes,
    "isotonic": lambda: bayes(calibration="isotonic"),
}


def traces(rows: Any) -> list[bytes]:
    """Bytes that rows would leave: each row, and the beginning of each column."""
    dense = np.asarray(rows)
    return [
        part.astype(dtype).tobytes()
        for dtype in ("float32", "float64")
        for part in (*dense, *dense.T[:, :4])
    ]


@pytest.mark.parametrize("container", [np.asarray, scipy.sparse.csr_array])
@pytest.mark.parametrize("make", KEEPERS.values(), ids=KEEPERS)
def test_no_rows_are_found_in_a_fitted_model(
    make: Callable[[], Any], container: Callable[[Any], Any]
) -> None:
    clf = make().fit(container(PRIVATE_X), PRIVATE_Y, PRIVATE_WEIGHT)
    if hasattr(clf, "partial_fit"):
        clf.partial_fit(container(PRIVATE_X), PRIVATE_Y, sample_weight=PRIVATE_WEIGHT)
    scaled = (PRIVATE_X - PRIVATE_X.mean(0)) / PRIVATE_X.std(0)
    kept = frozen(clf)
    hidden = [*traces(PRIVATE_X), *traces(scaled), *traces(PRIVATE_WEIGHT[:6, None])]
    codes = np.arange(12) % 3
    hidden += [codes.astype(dtype).tobytes() for dtype in ("int32", "int64")]
    assert not [trace for trace in hidden if trace in kept]


def test_rows_that_are_kept_would_be_found() -> None:
    for keep in (PRIVATE_X, PRIVATE_X.astype("float32"), np.asfortranarray(PRIVATE_X)):
        assert any(trace in frozen(keep) for trace in traces(PRIVATE_X))


# Curves of isotonic calibration have as many corners as there is to tell of.
@pytest.mark.parametrize("kind", sorted(KEEPERS.keys() - {"isotonic"}))
def test_the_size_of_a_model_does_not_depend_on_the_rows(
    kind: str,
) -> None:
    sizes = []
    for n in (120, 1200):
        clf = KEEPERS[kind]()
        if hasattr(clf, "early_stopping") and clf.early_stopping == "auto":
            clf.set_params(early_stopping=False)
        sizes.append(len(frozen(clf.fit(*make_rows(n)))))
    # Some words and the loss of a choice may differ; the rows would be 30 kB more.
    assert abs(sizes[1] - sizes[0]) < 2_000


# --- copies -------------------------------------------------------------------------

STATES: dict[str, Callable[[Any], Any]] = {
    "unfitted": lambda clf: clf,
    "fitted": lambda clf: clf.fit(X, Y),
    "begun in parts": lambda clf: clf.partial_fit(X, Y, classes=CLASSES),
    "gone on with in parts": lambda clf: clf.fit(X, Y).partial_fit(OTHER_X, OTHER_Y),
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda clf: pickle.loads(pickle.dumps(clf)),
    "twice": lambda clf: copy.deepcopy(pickle.loads(pickle.dumps(clf))),
}
KINDS: dict[str, dict[str, Any]] = {
    "mlp": {},
    "one member": {"n_members": 1},
    "own network": {"module": Net},
    "momentum": {"optimizer": "sgd"},
    "scheduled": {"callbacks": [LRScheduler("StepLR", step_size=1)]},
    "table in the loss": {"loss": "tailored_score"},
}


@pytest.mark.parametrize("again", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize("parameters", KINDS.values(), ids=KINDS)
def test_a_copy_goes_on_as_the_original_would(
    parameters: dict[str, Any],
    state: Callable[[Any], Any],
    again: Callable[[Any], Any],
) -> None:
    clf = state(quick(**parameters))
    before, twin = frozen(clf), again(clf)
    if hasattr(clf, "net_"):
        np.testing.assert_array_equal(twin.predict_proba(X), clf.predict_proba(X))
        np.testing.assert_array_equal(twin.predict(X), clf.predict(X))
    for _ in range(2):
        twin.partial_fit(X, Y, classes=CLASSES)
    assert frozen(clf) == before
    for _ in range(2):
        clf.partial_fit(X, Y, classes=CLASSES)
    np.testing.assert_array_equal(twin.predict_proba(X), clf.predict_proba(X))
    assert twin.loss_curve_ == clf.loss_curve_
    np.testing.assert_array_equal(
        twin.fit(X, Y).predict_proba(X), clf.fit(X, Y).predict_proba(X)
    )


@pytest.mark.parametrize("again", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("make", [bayes, search])
def test_copies_of_decisions_and_searches(
    make: Callable[[], Any], again: Callable[[Any], Any]
) -> None:
    estimator = again(make()).fit(X, Y)
    twin = again(estimator)
    np.testing.assert_array_equal(twin.predict_proba(X), estimator.predict_proba(X))
    assert not hasattr(clone(twin), "classes_")
    np.testing.assert_array_equal(
        clone(twin).fit(X, Y).predict_proba(X), estimator.predict_proba(X)
    )


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_clone_is_the_same_model(seed: int) -> None:
    clf = quick(random_state=seed, max_epochs=1)
    np.testing.assert_array_equal(
        clone(clf.fit(X, Y)).fit(X, Y).predict_proba(X), clf.predict_proba(X)
    )
