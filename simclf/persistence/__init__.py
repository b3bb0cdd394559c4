"""Fitted classifiers in files that hold data and no code."""

from simclf.persistence._checkpoint import checkpoint_file
from simclf.persistence._components import Own
from simclf.persistence._files import read_model, write_model
from simclf.persistence._model import Fitted
from simclf.persistence._pickled import from_state, to_state

__all__ = [
    "Fitted",
    "Own",
    "checkpoint_file",
    "from_state",
    "read_model",
    "to_state",
    "write_model",
]
