"""Classifiers that know what each mistake costs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from simclf import (
        callbacks,
        datasets,
        decision,
        distributed,
        losses,
        metrics,
        modules,
        onnx,
        plotting,
        scverse,
        search,
        similarity,
    )
    from simclf._load import load
    from simclf.classifier import SimilarityAwareClassifier
    from simclf.decision._classifier import BayesDecisionClassifier
    from simclf.exceptions import SimilarityWarning
    from simclf.scorers import make_expected_score_scorer

__all__ = [
    "BayesDecisionClassifier",
    "SimilarityAwareClassifier",
    "SimilarityWarning",
    "callbacks",
    "datasets",
    "decision",
    "distributed",
    "load",
    "losses",
    "make_expected_score_scorer",
    "metrics",
    "modules",
    "onnx",
    "plotting",
    "scverse",
    "search",
    "similarity",
]

_HOMES = {
    "BayesDecisionClassifier": "simclf.decision._classifier",
    "SimilarityAwareClassifier": "simclf.classifier",
    "SimilarityWarning": "simclf.exceptions",
    "load": "simclf._load",
    "make_expected_score_scorer": "simclf.scorers",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: metrics need no torch."""
    if name not in __all__:
        msg = f"module 'simclf' has no attribute {name!r}"
        raise AttributeError(msg)
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        value = import_module(f"simclf.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those not yet imported."""
    return [*__all__, "__version__"]
