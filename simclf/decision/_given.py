"""What a BayesDecisionClassifier was given: checked, and sorted by whom it is for."""

import warnings
from typing import Any

from sklearn import get_config
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import Bunch
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from simclf._typing import AnyArray
from simclf.decision._posterior import require_proba, warn_unless_posterior
from simclf.similarity import ScoreTable

_METHODS = ("temperature", "sigmoid", "isotonic")


def check_estimator(estimator: Any) -> None:
    """Refuse what will give no probabilities, before anything is fitted."""
    if isinstance(estimator, type):
        name = estimator.__name__
        msg = f"estimator is the class {name}; pass an instance, {name}()."
        raise TypeError(msg)
    if not hasattr(estimator, "fit"):
        msg = (
            f"estimator={estimator!r} is a {type(estimator).__name__}; pass a "
            "classifier, e.g. RandomForestClassifier()."
        )
        raise TypeError(msg)
    if not _may_hide_proba(estimator):
        require_proba(estimator, "a Bayes decision")
    if isinstance(estimator, FrozenEstimator):
        check_is_fitted(estimator)


def fit_copy(
    estimator: Any, X: Any, labels: AnyArray, params: dict[str, Any], table: ScoreTable
) -> Any:
    """Fit a copy of the classifier, and look at what only fit tells.

    Parameters
    ----------
    estimator : estimator
        The classifier.
    X, labels : array-like of n_samples rows
        What it learns from.
    params : dict
        Further arguments of its ``fit``.
    table : ScoreTable
        What answers are worth; the identity asks for no probabilities of classes.

    Returns
    -------
    estimator
        Fitted.

    Raises
    ------
    TypeError
        If it gives no probabilities.
    """
    fitted = clone(estimator).fit(X, labels, **params)
    require_proba(fitted, "a Bayes decision")
    if table.given_as != "identity":
        remedy = (
            "train it with a loss that estimates them, e.g. loss='cross_entropy', or "
            "take the answers of its own predict"
        )
        warn_unless_posterior(fitted, remedy, stacklevel=3)
    return fitted


def resolve_method(calibration: Any, table: ScoreTable) -> str | None:
    """Choose how probabilities are calibrated."""
    if calibration is None or calibration in _METHODS:
        return None if calibration is None else str(calibration)
    if isinstance(calibration, str) and calibration == "auto":
        return None if table.given_as == "identity" else "temperature"
    msg = (
        f"calibration={calibration!r} is unknown; use None, 'auto', 'temperature', "
        "'sigmoid' or 'isotonic'."
    )
    raise ValueError(msg)


def route(router: Any, sample_weight: Any, params: dict[str, Any]) -> Bunch:
    """Sort what ``fit`` was given by those it is for.

    Without metadata routing, ``groups`` are for the splitter, as everywhere in
    scikit-learn, and for a classifier that holds out groups itself.

    Parameters
    ----------
    router : estimator
        Meta-estimator with the parameter ``estimator``.
    sample_weight : array-like or None
        Weights of the rows.
    params : dict
        All else.

    Returns
    -------
    Bunch
        ``.estimator.fit`` and ``.splitter.split`` are keyword arguments.
    """
    if get_config()["enable_metadata_routing"]:
        return process_routing(router, "fit", sample_weight=sample_weight, **params)
    for_fit, for_split = dict(params), {}
    if "groups" in for_fit:
        for_split["groups"] = for_fit["groups"]
        if not _learns_by_groups(router.estimator):
            del for_fit["groups"]
    if sample_weight is not None:
        if has_fit_parameter(router.estimator, "sample_weight"):
            for_fit["sample_weight"] = sample_weight
        elif not isinstance(router.estimator, FrozenEstimator):
            _warn_of_weights(type(router.estimator).__name__)
    return Bunch(estimator=Bunch(fit=for_fit), splitter=Bunch(split=for_split))


def _learns_by_groups(estimator: Any) -> bool:
    """Whether ``fit`` takes groups: by name, or as a search does, for its own folds."""
    return has_fit_parameter(estimator, "groups") or isinstance(estimator, BaseSearchCV)


def _warn_of_weights(name: str) -> None:
    """Warn that a classifier learns as if there were no weights."""
    msg = (
        f"{name}.fit takes no sample_weight, so the classifier learns without it; the "
        "weights count in the calibration alone. Pass them by the name that fit takes, "
        "e.g. step__sample_weight of a Pipeline; or request them through "
        "scikit-learn's metadata routing; or leave them out."
    )
    warnings.warn(msg, UserWarning, stacklevel=4)


def _may_hide_proba(estimator: Any) -> bool:
    """Whether only ``fit`` settles the part that gives probabilities, or does not.

    A StackingClassifier without a final estimator shows no predict_proba until then.
    """
    try:
        estimator.predict_proba  # noqa: B018 (asked for what it raises)
    except AttributeError as error:
        reason: BaseException = error
        while reason.__cause__ is not None:
            reason = reason.__cause__
        name, asked = getattr(reason, "name", None), getattr(reason, "obj", None)
        return name is not None and (asked is None or name.endswith("_"))
    return False
