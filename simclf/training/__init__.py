"""The training path: rows on the device, members along an axis, skorch's net."""

from simclf.training._ahead import Job, training_by
from simclf.training._arrays import as_arrays, as_tensors
from simclf.training._calibrate import calibrate
from simclf.training._choice import keep_best_candidate
from simclf.training._fingerprint import differences
from simclf.training._fit import go_on_with, split_rows, start_model, train_model
from simclf.training._listener import EpochListener
from simclf.training._net import MemberNet
from simclf.training._predict import Model, answer_proba, class_proba, mean_scores
from simclf.training._seeding import Seeds, draw_seeds
from simclf.training._settings import Settings, resolve_loss, resolve_settings
from simclf.training._standardize import Standardizer, fit_standardizer

__all__ = [
    "EpochListener",
    "Job",
    "MemberNet",
    "Model",
    "Seeds",
    "Settings",
    "Standardizer",
    "answer_proba",
    "as_arrays",
    "as_tensors",
    "calibrate",
    "class_proba",
    "differences",
    "draw_seeds",
    "fit_standardizer",
    "go_on_with",
    "keep_best_candidate",
    "mean_scores",
    "resolve_loss",
    "resolve_settings",
    "split_rows",
    "start_model",
    "train_model",
    "training_by",
]
