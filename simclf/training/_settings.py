"""The estimator's parameters, checked and resolved into what a fit needs."""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from sklearn.base import clone
from torch.optim import Optimizer

from simclf.losses import LOSSES, CandidateLosses, Loss
from simclf.similarity import ScoreTable
from simclf.similarity._suggest import suggest
from simclf.training._arithmetic import (
    Arithmetic,
    resolve_arithmetic,
    resolve_dtype,
)
from simclf.training._callbacks import fresh_callbacks
from simclf.training._checkpoint_path import resolve_checkpoint
from simclf.training._isolation import resolve_device
from simclf.training._network import resolve_module, shares_weights
from simclf.training._optimizer import resolve_optimizer

# Fewer rows than this are too few to tell by a tenth of them when to stop.
_ENOUGH_TO_JUDGE = 50
# Epochs at least, steps at least, and the share of the epochs that is waited for.
_EPOCHS, _STEPS, _PATIENCE = 60, 1000, 1 / 6
_LARGEST_COUNT = 2**31 - 1
# More would be drawn for minutes before memory runs out.
_MOST_MEMBERS = 100_000
# What loss="auto" chooses from; the first is kept unless another is clearly better.
CANDIDATES = ("cross_entropy", "tailored_score")

_DECISIONS = ("auto", "bayes", "argmax")


@dataclass(frozen=True, eq=False)
class Settings:
    """Everything that a fit reads from the parameters."""

    loss: Loss
    module: Any
    optimizer: type[Optimizer]
    optimizer_settings: dict[str, Any]
    lr: float
    max_epochs: int
    batch_size: int
    patience: int | None
    validation_fraction: float
    decision: Literal["bayes", "argmax"]
    calibrate: bool
    standardize: bool
    n_members: int
    device: torch.device
    dtype: torch.dtype
    arithmetic: Arithmetic
    warm_start: bool
    callbacks: list[Any]
    checkpoint: Path | None
    verbose: int

    @property
    def n_networks(self) -> int:
        """Number of networks trained at once: the members of every candidate loss."""
        if isinstance(self.loss, CandidateLosses):
            return self.n_members * len(self.loss.losses)
        return self.n_members

    @property
    def needs_held_out_rows(self) -> bool:
        """Whether some rows are kept from the network."""
        chooses = isinstance(self.loss, CandidateLosses)
        return chooses or self.calibrate or self.patience is not None


def resolve_settings(
    estimator: Any,
    table: ScoreTable,
    n_rows: int,
    *,
    has_validation_rows: bool = False,
    in_parts: bool = False,
    loss_before: Loss | None = None,
) -> Settings:
    """Check the parameters of a ``SimilarityAwareClassifier`` against each other.

    Parameters
    ----------
    estimator : SimilarityAwareClassifier
        Read, never written.
    table : ScoreTable
        The table for the classes at hand.
    n_rows : int
        Number of rows with a weight.
    has_validation_rows : bool, default=False
        Whether the user gave rows to judge by.
    in_parts : bool, default=False
        Whether these rows are a part of those to come: nothing is held out of them.
    loss_before : Loss or None, default=None
        What ``loss="auto"`` has come to before.

    Returns
    -------
    Settings

    Raises
    ------
    ValueError, TypeError
        Naming the parameter, its value and what is accepted.
    """
    if in_parts and loss_before is None:
        loss_before = LOSSES[CANDIDATES[0]]()
    loss = resolve_loss(estimator.loss, table, loss_before)
    module = resolve_module(estimator.module)
    _refuse_choice_for_shared_weights(loss, module)
    decision = _resolve_decision(estimator.decision, loss, table)
    calibrate = _resolve_calibration(estimator.calibration, loss, decision)
    stop_early = _resolve_early_stopping(
        estimator.early_stopping,
        automatic=has_validation_rows or n_rows >= _ENOUGH_TO_JUDGE,
    )
    batch_size = check_count("batch_size", estimator.batch_size)
    n_batches = -(-n_rows // batch_size) if stop_early and not in_parts else None
    max_epochs = resolve_max_epochs(estimator.max_epochs, n_batches)
    patience = _resolve_patience(estimator.n_iter_no_change, max_epochs)
    device = resolve_device(estimator.device)
    weight_decay = check_number("weight_decay", estimator.weight_decay, low=0.0)
    dtype = resolve_dtype(estimator.dtype)
    arithmetic = resolve_arithmetic(
        estimator.precision, estimator.compile, dtype, device
    )
    optimizer, optimizer_settings = resolve_optimizer(
        estimator.optimizer,
        weight_decay,
        device,
        captured=arithmetic.compiled == "graph",
    )
    return Settings(
        loss=loss,
        module=module,
        optimizer=optimizer,
        optimizer_settings=optimizer_settings,
        lr=check_number("lr", estimator.lr, low=0.0, open_low=True),
        max_epochs=max_epochs,
        batch_size=batch_size,
        patience=patience if stop_early else None,
        validation_fraction=_check_fraction(estimator.validation_fraction),
        decision=decision,
        calibrate=calibrate,
        standardize=check_flag("standardize", estimator.standardize),
        n_members=check_count("n_members", estimator.n_members, most=_MOST_MEMBERS),
        device=device,
        dtype=dtype,
        arithmetic=arithmetic,
        # Without a fitted model there is nothing to go on from.
        warm_start=check_flag("warm_start", estimator.warm_start)
        and hasattr(estimator, "net_"),
        callbacks=fresh_callbacks(estimator.callbacks),
        # Rows in parts are one epoch each, which is soon done again.
        checkpoint=None if in_parts else resolve_checkpoint(estimator),
        verbose=_check_verbose(estimator.verbose),
    )


def resolve_loss(
    loss: Any, table: ScoreTable | None = None, loss_before: Loss | None = None
) -> Loss:
    """Turn the ``loss`` parameter into a fresh component.

    "auto" is a choice of losses, unless it was made before. Without a table all of
    them are cross entropy.
    """
    if isinstance(loss, str):
        if loss == "auto":
            return _auto_loss(table) if loss_before is None else loss_before
        if loss not in LOSSES:
            msg = (
                f"loss={loss!r} is unknown; use 'auto' or one of {list(LOSSES)}."
                f"{suggest(loss, ['auto', *LOSSES])}"
            )
            raise ValueError(msg)
        return LOSSES[loss]()
    if isinstance(loss, Loss):
        fresh: Loss = clone(loss)
        return fresh
    if isinstance(loss, type) and issubclass(loss, Loss):
        msg = f"loss is the class {loss.__name__}; pass an instance, {loss.__name__}()."
        raise TypeError(msg)
    msg = (
        f"loss={loss!r} is a {type(loss).__name__}; pass 'auto', one of {list(LOSSES)} "
        "or a simclf.losses.Loss, e.g. SoftTargetLoss(temperature=0.5)."
    )
    raise TypeError(msg)


def _auto_loss(table: ScoreTable | None) -> Loss:
    """Return the candidates, or the first of them where the table is no reason."""
    candidates = tuple(LOSSES[name]() for name in CANDIDATES)
    if table is None or table.given_as == "identity":
        return candidates[0]
    return CandidateLosses(candidates)


def _refuse_choice_for_shared_weights(loss: Loss, module: Any) -> None:
    """Refuse to train the members of two losses on the same weights."""
    if isinstance(loss, CandidateLosses) and shares_weights(module):
        msg = (
            f"loss='auto' trains {len(loss.losses)} losses side by side, but members "
            f"of {type(module).__name__} share weights; name one loss, for instance "
            f"{CANDIDATES[0]!r}."
        )
        raise ValueError(msg)


def check_number(name: str, value: Any, *, low: float, open_low: bool = False) -> float:
    """Refuse anything but a finite number from ``low`` on."""
    _check_kind(name, value, Real, "a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not low <= number < math.inf or (open_low and number == low):
        bound = f"> {low:g}" if open_low else f">= {low:g}"
        msg = f"{name}={value!r} must be a finite number {bound}."
        raise ValueError(msg)
    return number


def check_count(
    name: str, value: Any, also: str = "", most: int = _LARGEST_COUNT
) -> int:
    """Refuse anything but a positive integer."""
    _check_kind(name, value, Integral, f"{also}a positive integer")
    if value < 1:
        msg = f"{name}={value!r} must be {also}a positive integer."
        raise ValueError(msg)
    if value > most:
        msg = f"{name}={value!r} must be at most {most}."
        raise ValueError(msg)
    return int(value)


def check_flag(name: str, value: Any) -> bool:
    """Refuse anything but True or False."""
    if not _is_flag(value):
        msg = f"{name}={value!r} must be True or False."
        raise ValueError(msg)
    return bool(value)


def _is_flag(value: Any) -> bool:
    """Whether this is True or False, be it numpy's, or 1 or 0."""
    return isinstance(value, bool | np.bool_ | Integral) and value in (0, 1)


def _check_kind(name: str, value: Any, kind: type, wanted: str) -> None:
    """Refuse what is not a number of this kind, bool included."""
    if isinstance(value, bool) or not isinstance(value, kind):
        msg = f"{name}={value!r} is a {type(value).__name__}; it must be {wanted}."
        raise TypeError(msg)


def _check_verbose(value: Any) -> int:
    """Refuse a verbosity that is neither a flag nor a number from 0 on."""
    return int(value) if _is_flag(value) else int(check_number("verbose", value, low=0))


def _check_fraction(value: Any) -> float:
    """Refuse a validation fraction outside (0, 1)."""
    number = check_number("validation_fraction", value, low=0.0, open_low=True)
    if number >= 1:
        msg = (
            f"validation_fraction={value!r} must be below 1: it is the share of rows "
            "held out of training."
        )
        raise ValueError(msg)
    return number


def _resolve_decision(
    decision: Any, loss: Loss, table: ScoreTable
) -> Literal["bayes", "argmax"]:
    """Choose the rule that ``predict`` follows."""
    if not isinstance(decision, str) or decision not in _DECISIONS:
        meant = suggest(decision, _DECISIONS) if isinstance(decision, str) else ""
        msg = (
            f"decision={decision!r} is unknown; use 'auto', 'bayes' or 'argmax'.{meant}"
        )
        raise ValueError(msg)
    if table.given_as == "identity":
        # Without a table both rules are the same; argmax is it exactly.
        return "argmax"
    resolved = loss.consistent_decision if decision == "auto" else decision
    rectangular = table.n_decisions > table.n_classes
    if resolved == "bayes" and loss.estimates == "decision" and rectangular:
        msg = (
            f"decision='bayes' needs class probabilities, but loss {loss.name!r} "
            f"learns all {table.n_decisions} answers of the table directly; use "
            "decision='auto', or a loss that estimates the posterior."
        )
        raise ValueError(msg)
    return "bayes" if resolved == "bayes" else "argmax"


def _resolve_calibration(calibration: Any, loss: Loss, decision: str) -> bool:
    """Whether a temperature is fitted."""
    known = calibration is None or isinstance(calibration, str)
    if not known or calibration not in (None, "auto", "temperature"):
        msg = (
            f"calibration={calibration!r} is unknown; use None, 'auto' or "
            "'temperature'."
        )
        raise ValueError(msg)
    is_posterior = loss.estimates == "posterior"
    if calibration == "temperature" and not is_posterior:
        msg = (
            f"calibration='temperature' needs class probabilities, but loss "
            f"{loss.name!r} estimates decisions; use calibration='auto' or None."
        )
        raise ValueError(msg)
    if calibration == "auto":
        return is_posterior and decision == "bayes"
    return calibration is not None


def _resolve_early_stopping(value: Any, *, automatic: bool) -> bool:
    """Whether training stops on rows held out."""
    if isinstance(value, str) and value == "auto":
        return automatic
    if _is_flag(value):
        return bool(value)
    msg = f"early_stopping={value!r} is unknown; use 'auto', True or False."
    raise ValueError(msg)


def resolve_max_epochs(value: Any, n_batches: int | None = None) -> int:
    """Return the longest training.

    Few rows, of so many batches, are gone through more often where it may end early.
    """
    if isinstance(value, str) and value == "auto":
        return _EPOCHS if n_batches is None else max(_EPOCHS, -(-_STEPS // n_batches))
    return check_count("max_epochs", value, also="'auto' or ")


def _resolve_patience(value: Any, max_epochs: int) -> int:
    """Return how many epochs without progress are waited for."""
    if isinstance(value, str) and value == "auto":
        return max(round(_PATIENCE * _EPOCHS), round(_PATIENCE * max_epochs))
    return check_count("n_iter_no_change", value, also="'auto' or ")
