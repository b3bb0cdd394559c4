"""Fitted classifiers in files that hold data and no code."""

from simclf.persistence._components import Own
from simclf.persistence._files import read_model, write_model
from simclf.persistence._model import Fitted

__all__ = ["Fitted", "Own", "read_model", "write_model"]
