"""Decisions from probabilities: the best expected score, sets, and calibration."""

from typing import TYPE_CHECKING, Any

from simclf.decision._answer_sets import AnswerSets, answer_sets
from simclf.decision._bayes import argmax_decision, bayes_decision, expected_scores
from simclf.decision._noise_matrix import estimate_noise_matrix
from simclf.decision._temperature import apply_temperature, fit_temperature

if TYPE_CHECKING:
    from simclf.decision._classifier import BayesDecisionClassifier

__all__ = [
    "AnswerSets",
    "BayesDecisionClassifier",
    "answer_sets",
    "apply_temperature",
    "argmax_decision",
    "bayes_decision",
    "estimate_noise_matrix",
    "expected_scores",
    "fit_temperature",
]


def __getattr__(name: str) -> Any:
    """Import the estimator when it is first used: decisions need no scikit-learn."""
    if name != "BayesDecisionClassifier":
        msg = f"module 'simclf.decision' has no attribute {name!r}"
        raise AttributeError(msg)

    globals()[name] = BayesDecisionClassifier
    return BayesDecisionClassifier


def __dir__() -> list[str]:
    """List the public names, also that not yet imported."""
    return list(__all__)
