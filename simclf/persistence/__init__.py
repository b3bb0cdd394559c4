"""Fitted classifiers in files that hold data and no code."""

from simclf.persistence._checkpoint import checkpoint_file
from simclf.persistence._kept import KeptAsData
from simclf.persistence._model import Fitted

__all__ = [
    "Fitted",
    "KeptAsData",
    "checkpoint_file",
]
