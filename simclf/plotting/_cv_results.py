"""Two scores of every candidate of a search, and a name that tells it from others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from simclf.similarity._labels import show_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simclf._typing import FloatArray

_MEAN = "mean_test_"
_SINGLE = "score"
_LONGEST_NAME = 12


class Metric(NamedTuple):
    """Mean over the splits of each candidate, and the standard error of that."""

    name: str
    means: FloatArray
    errors: FloatArray


def read_results(search: Any) -> Mapping[str, Any]:
    """Results of a search, or what is one already.

    Parameters
    ----------
    search : fitted search or mapping
        As the user gave it.

    Returns
    -------
    mapping

    Raises
    ------
    TypeError
        If it is neither.
    """
    results = getattr(search, "cv_results_", search)
    if not hasattr(results, "keys") or "params" not in results:
        msg = (
            f"search is of type {type(search).__name__}; expected a fitted search, "
            "such as GridSearchCV, or its cv_results_."
        )
        raise TypeError(msg)
    return results  # type: ignore[no-any-return] # whatever the search has


def read_metric(results: Mapping[str, Any], name: str) -> Metric:
    """Read one of the metrics of a search.

    Parameters
    ----------
    results : mapping
        ``cv_results_``.
    name : str
        Key of the metric in ``scoring``.

    Returns
    -------
    Metric

    Raises
    ------
    ValueError
        If the search has no such metric.
    """
    known = metric_names(results)
    if name not in known:
        remedy = "name one of these"
        if known == [_SINGLE]:
            remedy = (
                "search with scoring={'accuracy': 'accuracy', 'mean_score': "
                "make_expected_score_scorer(S)} and refit='mean_score'"
            )
        msg = f"the search has no metric {name!r}, but {show_labels(known)}; {remedy}."
        raise ValueError(msg)
    splits = [
        np.asarray(results[key], dtype=np.float64)
        for key in results
        if key.startswith("split") and key.endswith(f"_test_{name}")
    ]
    means = np.asarray(results[f"{_MEAN}{name}"], dtype=np.float64)
    if len(splits) < 2:
        return Metric(name, means, np.zeros_like(means))
    errors = np.std(splits, axis=0, ddof=1) / np.sqrt(len(splits))
    return Metric(name, means, errors)


def other_metric(results: Mapping[str, Any], taken: str) -> str:
    """Name of the only other metric of a search.

    Parameters
    ----------
    results : mapping
        ``cv_results_``.
    taken : str
        The metric that it is beside.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is none, or more than one.
    """
    read_metric(results, taken)
    others = [name for name in metric_names(results) if name != taken]
    if len(others) != 1:
        msg = (
            f"score is None, but beside {taken!r} the search has the metrics "
            f"{show_labels(others)}; expected one. Name it: score=..."
        )
        raise ValueError(msg)
    return others[0]


def metric_names(results: Mapping[str, Any]) -> list[str]:
    """Names of the metrics that candidates were judged by."""
    return [key.removeprefix(_MEAN) for key in results if key.startswith(_MEAN)]


def candidate_kinds(
    params: Sequence[Mapping[str, Any]],
) -> tuple[list[str], list[str]]:
    """Name the loss of each candidate, and all that tells it from the others.

    Parameters
    ----------
    params : sequence of dict
        ``cv_results_["params"]``.

    Returns
    -------
    kinds, labels : list of str
        Where no candidate names a loss, all are of one kind.
    """
    losses = [
        next((v for k, v in candidate.items() if _last(k) == "loss"), None)
        for candidate in params
    ]
    kinds = [
        str(getattr(loss, "name", loss)) if loss is not None else "candidates"
        for loss in losses
    ]
    named = any(_last(key) == "loss" for key in _varied(params))
    labels = []
    for loss, settings in zip(losses, _settings(params), strict=True):
        # A loss that all have tells none from the others.
        is_shown = loss is not None and (named or not settings)
        labels.append(", ".join(([_shown(loss)] if is_shown else []) + settings))
    return kinds, labels


def best_of_both(accuracy: FloatArray, score: FloatArray) -> list[int]:
    """Candidates than which none is better in one way and no worse in the other.

    Parameters
    ----------
    accuracy, score : ndarray of shape (n_candidates,)
        Greater is better; a candidate that failed (nan) is never among the best.

    Returns
    -------
    list of int
        From the most accurate to the one of highest score.
    """
    fine = np.flatnonzero(np.isfinite(accuracy) & np.isfinite(score))
    best: list[int] = []
    for candidate in sorted(fine, key=lambda c: (-accuracy[c], -score[c])):
        if not best or score[candidate] > score[best[-1]]:
            best.append(int(candidate))
    return best


def _varied(params: Sequence[Mapping[str, Any]]) -> list[str]:
    """Parameters that are not the same for all candidates that have them."""
    keys = dict.fromkeys(key for candidate in params for key in candidate)
    return [
        key
        for key in keys
        if len({_shown(c.get(key)) if key in c else "" for c in params}) > 1
    ]


def _settings(params: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Write what varies of each candidate, its loss left out."""
    keys = [key for key in _varied(params) if _last(key) != "loss"]
    names = dict(zip(keys, _short_names(keys), strict=True))
    return [
        [
            f"{name}={_shown(candidate[key])}"
            for key, name in names.items()
            if key in candidate
        ]
        for candidate in params
    ]


def _short_names(keys: Sequence[str]) -> list[str]:
    """Last step of each name, and of a long one the last word, where none is alike."""
    for shorten in (_last_word, _last):
        names = [shorten(key) for key in keys]
        if len(set(names)) == len(names):
            return names
    return list(keys)


def _last_word(key: str) -> str:
    """Name of a parameter without its steps, of a long name the last word."""
    name = _last(key)
    return name if len(name) <= _LONGEST_NAME else name.rsplit("_", 1)[-1]


def _last(key: str) -> str:
    """Name of a parameter without the steps that lead to it."""
    return key.rsplit("__", 1)[-1]


def _shown(value: Any) -> str:
    """Short text of a parameter: a loss by its name and what is not its default."""
    name = getattr(value, "name", None)
    if isinstance(name, str) and hasattr(value, "get_params"):
        own = type(value)().get_params(deep=False)
        changed = value.get_params(deep=False).items()
        settings = [
            f"{k}={_shown(v)}" for k, v in changed if _shown(own[k]) != _shown(v)
        ]
        return f"{name}({', '.join(settings)})" if settings else name
    shape = np.shape(value) if not isinstance(value, str) else ()
    if len(shape) > 1:
        return f"<{'x'.join(map(str, shape))}>"
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    return str(value)
