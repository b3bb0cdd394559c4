"""Whether a classifier's probabilities are those of the classes, as decisions need."""

import warnings
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from simclf.exceptions import SimilarityWarning

POSTERIOR_REMEDY = "train it with a loss that estimates them, e.g. loss='cross_entropy'"


def require_proba(estimator: Any, need: str, remedy: str = "") -> None:
    """Refuse an estimator that gives no probabilities.

    Parameters
    ----------
    estimator : estimator
        The classifier.
    need : str
        What needs the probabilities.
    remedy : str
        What to do instead, before another way is named.

    Raises
    ------
    TypeError
        If it gives none.
    """
    if not hasattr(estimator, "predict_proba"):
        msg = (
            f"estimator {type(estimator).__name__} has no predict_proba, and {need} "
            f"needs probabilities; {remedy}wrap it in "
            "sklearn.calibration.CalibratedClassifierCV."
        )
        raise TypeError(msg)


def warn_unless_posterior(
    estimator: Any, remedy: str, stacklevel: int, need: str = "a Bayes decision"
) -> None:
    """Warn of a fitted classifier that says of itself that it gives no posterior.

    Parameters
    ----------
    estimator : estimator
        Fitted classifier; a pipeline or a search speaks through the one inside.
    remedy : str
        What to do, as the end of a sentence.
    stacklevel : int
        As for :func:`warnings.warn`, counted from the caller.
    need : str
        What needs the probabilities.
    """
    inner = innermost(estimator)
    if getattr(inner, "proba_is_posterior_", True):
        return
    name = type(inner).__name__
    msg = (
        f"predict_proba of {name} says how good each answer is, not how probable each "
        f"class (its proba_is_posterior_ is False), but {need} needs "
        f"probabilities of the classes; {remedy}."
    )
    warnings.warn(msg, SimilarityWarning, stacklevel=stacklevel + 1)


def innermost(estimator: Any) -> Any:
    """Classifier that is frozen, that a pipeline ends in, or that a search found."""
    while True:
        if isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        elif isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator
