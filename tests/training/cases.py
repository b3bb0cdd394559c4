"""Rows, a table and settings that the tests of the training path share."""

import numpy as np
import pandas as pd

from simclf import SimilarityAwareClassifier
from simclf._inputs import LabelledRows
from simclf.similarity import resolve_table
from simclf.training import (
    Seeds,
    resolve_settings,
    split_rows,
    start_model,
    train_model,
)

CLASSES = np.array(["ant", "bee", "cat"])
TABLE = resolve_table([[1.0, 0.25, 0.0], [0.5, 2.0, -1.0], [0.1, 0.7, 3.0]], CLASSES)
SEEDS = Seeds(weights=11, order=12, split=13, layers=14)


def make_rows(n=50, d=4, seed=0, weight=None):
    """Three overlapping clouds."""
    rng = np.random.default_rng(seed)
    codes = (np.arange(n) % 3).astype(np.intp)
    X = rng.normal(size=(n, d)) + 0.8 * codes[:, None]
    return LabelledRows(X, codes, CLASSES, weight)


def make_settings(table=TABLE, n_rows=50, **params):
    """Settings of a small network, in float64 unless asked otherwise."""
    given = {
        "loss": "cross_entropy",
        "module": "linear",
        "n_members": 2,
        "dtype": "float64",
        "device": "cpu",
    }
    estimator = SimilarityAwareClassifier(**(given | params))
    return resolve_settings(estimator, table, n_rows)


def make_model(rows=None, table=TABLE, seeds=SEEDS, **params):
    """An untrained model and its settings."""
    rows = make_rows() if rows is None else rows
    settings = make_settings(table, len(rows.codes), **params)
    return start_model(rows, table, settings, seeds), settings


def trained(rows=None, held=None, **params):
    """A model trained for a few epochs, and its settings."""
    rows = make_rows() if rows is None else rows
    params = {"max_epochs": 3, "batch_size": 16, "lr": 0.05} | params
    model, settings = make_model(rows, **params)
    train_model(model, rows, held, TABLE, settings, SEEDS, n_epochs=settings.max_epochs)
    return model, settings


def folds_of(rows, n_members, **params):
    """The rows that each member holds out."""
    return split_rows(rows, make_settings(n_members=n_members, **params), SEEDS)


def wide_table():
    """The table with one answer more, which is no class."""
    frame = pd.DataFrame(TABLE.values, CLASSES, CLASSES)
    return resolve_table(frame.assign(refer=[0.3, 0.2, 0.1]), CLASSES)
