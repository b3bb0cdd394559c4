"""The choice among candidate losses: by what rows held out would have earned."""

from dataclasses import replace
from typing import Any

import numpy as np

from simclf._inputs import LabelledRows
from simclf._typing import FloatArray, IntArray
from simclf.decision import apply_temperature, argmax_decision, bayes_decision
from simclf.losses import CandidateLosses, Loss
from simclf.modules import take_members
from simclf.similarity import ScoreTable, row_ranges, unit_regret
from simclf.training._calibrate import UnseenRows, temperature_of, unseen_rows
from simclf.training._fit import build_net
from simclf.training._isolation import own_settings
from simclf.training._optimizer import take_memory
from simclf.training._predict import Model
from simclf.training._settings import Settings
from simclf.training._split import Folds

# Standard errors by which a candidate must be better than the first. A whole one gave
# away gains on the development tasks of benchmarks/misfit.py, none at all took losses.
_MARGIN = 0.5


def keep_best_candidate(
    model: Model,
    rows: LabelledRows,
    held: LabelledRows | Folds | None,
    table: ScoreTable,
    settings: Settings,
) -> tuple[Model, dict[str, Any] | None]:
    """Keep the members of the loss that earns most on the rows held out.

    Returns
    -------
    model : Model
        The members of one loss; the model itself where there was nothing to choose.
    report : dict or None
        What ``auto_report_`` shows; None where there was nothing to choose.
    """
    if not isinstance(settings.loss, CandidateLosses):
        return model, None
    losses = settings.loss.losses
    models = [
        _members_of(model, position, table, settings) for position in range(len(losses))
    ]
    if held is None:
        reason = f"too few rows to hold any out: {losses[0].name} is kept untried"
        return models[0], _report(losses, 0, reason)
    unseen = [unseen_rows(candidate, rows, held) for candidate in models]
    regrets = [
        _regrets(candidate, its_rows, table, settings.decision)
        for candidate, its_rows in zip(models, unseen, strict=True)
    ]
    row, means = mean_by_row(unseen[0].numbers, np.stack(regrets))
    given = rows if isinstance(held, Folds) else held
    weight = None if given.sample_weight is None else given.sample_weight[row]
    scale = row_ranges(table.values).max().item()
    chosen, report = choose(losses, means, weight, scale)
    return models[chosen], report


def mean_by_row(numbers: IntArray, regrets: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return each row's number once, and the mean of what the members miss on it.

    Members that hold out the same row do not make two of it: they err alike, and a
    standard error counts what is independent.

    Parameters
    ----------
    numbers : ndarray of shape (m,)
        Number of the row that each regret belongs to.
    regrets : ndarray of shape (n_losses, m)
        Of one member each.

    Returns
    -------
    rows : ndarray of shape (n_rows,)
        The numbers, sorted, each of them once.
    means : ndarray of shape (n_losses, n_rows)
        Plain means over the members.
    """
    rows, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    sums = [np.bincount(place, weights=regret) for regret in regrets]
    return rows, np.stack(sums) / counts


def choose(
    losses: tuple[Loss, ...],
    regrets: FloatArray,
    sample_weight: FloatArray | None,
    scale: float,
) -> tuple[int, dict[str, Any]]:
    """Choose the loss of least regret, if it is clearly less than the first one's.

    Parameters
    ----------
    losses : tuple of Loss
        The candidates.
    regrets : ndarray of shape (n_losses, m)
        What the answers miss of the best score of each row, in units of ``scale``.
    sample_weight : ndarray of shape (m,) or None
        Weights of the rows.
    scale : float
        The largest row range of the table, for the report.

    Returns
    -------
    chosen : int
        Position of the loss.
    report : dict
        The choice, its reason and what each candidate earned.
    """
    gains = regrets[0] - regrets
    weight = np.ones(regrets.shape[1]) if sample_weight is None else sample_weight
    means = np.average(gains, axis=1, weights=weight)
    spread = (weight * (gains - means[:, None])) ** 2
    errors = np.sqrt(spread.sum(axis=1)) / weight.sum()
    chosen = int(np.where(means > _MARGIN * errors, means, 0.0).argmax())
    n_rows = f"{len(weight):,} rows held out"
    first, winner = losses[0].name, losses[chosen].name
    reason = (
        f"{winner} earned {scale * means[chosen]:.3g} +- "
        f"{scale * errors[chosen]:.2g} a row more than {first} on {n_rows}"
        if chosen
        else f"no other loss earned clearly more than {first} on {n_rows}"
    )
    earned = [
        {
            "mean_regret": scale * np.average(regret, weights=weight).item(),
            "gain": scale * mean.item(),
            "standard_error": scale * error.item(),
        }
        for regret, mean, error in zip(regrets, means, errors, strict=True)
    ]
    return chosen, _report(losses, chosen, reason, earned)


def _report(
    losses: tuple[Loss, ...],
    chosen: int,
    reason: str,
    earned: list[dict[str, float]] | None = None,
) -> dict[str, Any]:
    """Return what was chosen, why, and what each candidate earned where it is known."""
    known = earned or [{} for _ in losses]
    return {
        "chosen": losses[chosen].name,
        "reason": reason,
        "candidates": [
            {"loss": loss, **record} for loss, record in zip(losses, known, strict=True)
        ],
    }


def _members_of(
    model: Model, position: int, table: ScoreTable, settings: Settings
) -> Model:
    """Return the members that were trained with the loss at a position."""
    first = position * settings.n_members
    members = slice(first, first + settings.n_members)
    # Callbacks know the training by now: to initialise them again would empty them.
    own = replace(settings, loss=settings.loss.losses[position], callbacks=[])
    with own_settings(settings.device, grad=True):
        network = take_members(model.net.module_, members)
        net = build_net(network, table, own)
        take_memory(net.optimizer_, model.net.optimizer_, members)
    net.callbacks, net.callbacks_ = model.net.callbacks, model.net.callbacks_
    net.history_ = model.net.history_
    network.eval()
    return Model(net, model.standardizer)


def _regrets(
    model: Model,
    unseen: UnseenRows,
    table: ScoreTable,
    decision: str,
) -> FloatArray:
    """Return what the calibrated answers miss of the best score of each row."""
    temperature = temperature_of(model.net.criterion_, unseen)
    proba = apply_temperature(unseen.proba, temperature)
    answers = (
        bayes_decision(proba, table) if decision == "bayes" else argmax_decision(proba)
    )
    regrets: FloatArray = unit_regret(table.values)[unseen.codes, answers]
    return regrets
