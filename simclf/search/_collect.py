"""What a search is about to train, found by fitting up to where training begins."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import joblib
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from simclf._told_epochs import has_callbacks
from simclf._typing import FloatArray
from simclf.classifier import SimilarityAwareClassifier
from simclf.search._tasks import CALLBACKS, Task, read_task, why_alone
from simclf.training import Job, Standardizer, fit_standardizer, training_by

_NO_CLASSIFIER = "the candidate is no SimilarityAwareClassifier"


class _Reached(BaseException):
    """A fit has come to its training; no error, so that nothing else catches it."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


class Measured:
    """Features that are measured once, however many fits see them."""

    def __init__(self) -> None:
        self._known: dict[str, Standardizer] = {}

    def __call__(self, X: Any, sample_weight: FloatArray | None) -> Standardizer:
        """Return what ``fit_standardizer`` does."""
        key = joblib.hash((X, sample_weight))
        if key not in self._known:
            self._known[key] = fit_standardizer(X, sample_weight)
        return self._known[key]


@dataclass(eq=False)
class Plan:
    """What can be trained together, and why the rest cannot.

    Attributes
    ----------
    tasks : dict of Task
        By key.
    keys : list of str or None
        Of each fit: by candidate, then by split; None where it is fitted alone.
    alone : dict of list of int
        The candidates behind each reason to be fitted alone, one number a fit.
    """

    tasks: dict[str, Task] = field(default_factory=dict)
    keys: list[str | None] = field(default_factory=list)
    alone: dict[str, list[int]] = field(default_factory=dict)


def last_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, or the estimator itself."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def make_plan(
    estimator: Any,
    candidates: Sequence[Mapping[str, Any]],
    splits: Sequence[tuple[Any, Any]],
    rows: tuple[Any, Any],
    fit_params: Mapping[str, Any],
    measure: Measured,
) -> Plan:
    """Start the fit of every candidate on every split, and stop before training.

    Parameters
    ----------
    estimator : estimator
        A :class:`SimilarityAwareClassifier`, or a pipeline that ends in one.
    candidates : sequence of dict
        Parameters.
    splits : sequence of (ndarray, ndarray)
        Numbers of the training and test rows.
    rows : tuple
        Features and labels.
    fit_params : dict
        What ``fit`` is given beside the rows.
    measure : Measured
        Measures features.
    """
    X, y = rows
    plan, streams = Plan(), dict[str, Task]()
    parts = [_safe_split(estimator, X, y, train) for train, _ in splits]
    own = [_check_method_params(X, params=fit_params, indices=s) for s, _ in splits]
    with _nothing_told(), training_by(_reach, measure):
        for number, parameters in enumerate(candidates):
            for part, params in zip(parts, own, strict=True):
                fresh = clone(estimator).set_params(**clone(parameters, safe=False))
                found = _start(fresh, part, params)
                if isinstance(found, Task):
                    found = found.sharing(streams.setdefault(found.stream, found))
                    plan.tasks.setdefault(found.key, found)
                    plan.keys.append(found.key)
                else:
                    plan.keys.append(None)
                    if found is not None:
                        plan.alone.setdefault(found, []).append(number)
    return plan


def _start(
    estimator: Any, part: tuple[Any, Any], fit_params: Mapping[str, Any]
) -> Task | str | None:
    """Fit up to the training; why it must go on alone, or None where it fails."""
    last = last_step(estimator)
    if not isinstance(last, SimilarityAwareClassifier):
        return _NO_CLASSIFIER
    if has_callbacks(last):
        return CALLBACKS
    try:
        estimator.fit(*part, **fit_params)
    except _Reached as reached:
        return why_alone(reached.job) or read_task(reached.job)
    except Exception:  # noqa: BLE001 - the same fit is done again, and told of, later
        return None
    return _NO_CLASSIFIER


def _reach(job: Job) -> NoReturn:
    """End a fit where its training begins."""
    raise _Reached(job)


@contextmanager
def _nothing_told() -> Iterator[None]:
    """Start fits without warnings, and without drawing from numpy's global state.

    The same fits come again, with the warnings and the numbers that are theirs.
    """
    state = check_random_state(None)
    before = state.get_state()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            state.set_state(before)
