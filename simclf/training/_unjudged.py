"""A fit that can spare no row to judge by: nothing stops it, nothing is calibrated."""

from dataclasses import replace
from typing import Any

from simclf._inputs import LabelledRows
from simclf.similarity._warnings import warn_user
from simclf.training._settings import Settings, resolve_max_epochs


def unjudged(settings: Settings, estimator: Any, rows: LabelledRows) -> Settings:
    """Return the settings of a fit that holds no rows out.

    Parameters
    ----------
    settings : Settings
        What was asked for.
    estimator : SimilarityAwareClassifier
        Read, never written.
    rows : LabelledRows
        All of them are learned from.

    Returns
    -------
    Settings
        Without early stopping and temperature, and as many epochs as without them.

    Warns
    -----
    UserWarning
        If one of them was asked for by name.
    """
    asked = []
    if settings.patience is not None and not isinstance(estimator.early_stopping, str):
        asked.append("early_stopping=True")
    if settings.calibrate and estimator.calibration == "temperature":
        asked.append("calibration='temperature'")
    if asked:
        _warn(asked, settings, rows)
    max_epochs = resolve_max_epochs(estimator.max_epochs)
    return replace(settings, patience=None, calibrate=False, max_epochs=max_epochs)


def _warn(asked: list[str], settings: Settings, rows: LabelledRows) -> None:
    """Say what is left out, why, and what to do."""
    needs, them = ("needs", "it") if len(asked) == 1 else ("need", "them")
    msg = (
        f"{' and '.join(asked)} {needs} rows that are not learned from, but "
        f"{len(rows.codes)} rows of {len(rows.classes)} classes are too few for every "
        f"member to hold one out (validation_fraction={settings.validation_fraction:g} "
        "of them, and never the last row of a class): all are learned from, without "
        f"{them}. Pass X_val and y_val."
    )
    warn_user(msg, UserWarning)
