"""Probabilities of rows that a model has not learned from, and their temperature."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from simclf._inputs import LabelledRows
from simclf._typing import FloatArray, IntArray
from simclf.decision import fit_temperature
from simclf.losses import Criterion
from simclf.modules import members_sharing
from simclf.training._isolation import own_settings
from simclf.training._predict import Model, class_proba, own_score_chunks
from simclf.training._settings import Settings
from simclf.training._split import Folds

# Probabilities that a temperature is fitted to, at most: more do not change it.
_ENTRIES = 2**25
_CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False)
class UnseenRows:
    """Probabilities (m, n_classes) of rows not learned from, their labels and weights.

    Where members hold out rows of their own, there is one row for each pair of a
    member and a row that it holds out: the members are judged, not their mean.
    ``numbers`` tell which of the rows given each one is.
    """

    proba: FloatArray
    codes: IntArray
    sample_weight: FloatArray | None
    numbers: IntArray


def unseen_rows(
    model: Model, rows: LabelledRows, held: LabelledRows | Folds
) -> UnseenRows:
    """Probabilities of the rows held out, uncalibrated."""
    if not isinstance(held, Folds):
        proba = class_proba(model, held.X, len(held.classes))
        numbers = np.arange(len(held.codes))
        return UnseenRows(proba, held.codes, held.sample_weight, numbers)
    index, weight = held.held_rows(rows.sample_weight)
    step = -(-index.size * len(rows.classes) // _ENTRIES)
    index, weight = index[:, ::step], weight[:, ::step]
    criterion = model.net.criterion_
    chunks = [
        criterion.proba(scores).double().cpu().numpy()
        for scores in own_score_chunks(model, rows.X, index)
    ]
    proba = np.concatenate(chunks, axis=1)
    real = weight > 0
    # Members that share weights judge the same rows: each row counts once.
    weight = weight / members_sharing(model.net.module_)
    numbers = index[real]
    return UnseenRows(proba[real], rows.codes[numbers], weight[real], numbers)


def calibrate(
    model: Model,
    rows: LabelledRows,
    held: LabelledRows | Folds | None,
    settings: Settings,
) -> float:
    """Temperature of the probabilities on the rows held out; 1 where there are none."""
    if held is None or not settings.calibrate:
        return 1.0
    return temperature_of(model.net.criterion_, unseen_rows(model, rows, held))


def temperature_of(criterion: Criterion, unseen: UnseenRows) -> float:
    """Temperature that makes the probabilities fit the labels best."""
    row_loss = (
        _row_loss(criterion, unseen.codes) if criterion.loss.fits_temperature else None
    )
    return fit_temperature(
        unseen.proba, unseen.codes, unseen.sample_weight, row_loss=row_loss
    )


def _row_loss(
    criterion: Criterion, codes: IntArray
) -> Callable[[FloatArray], FloatArray]:
    """Loss of the rows under given log probabilities, as the net was trained."""
    device = next((buffer.device for buffer in criterion.buffers()), _CPU)
    labels = torch.from_numpy(np.asarray(codes, dtype=np.int64)).to(device)

    def row_loss(log_proba: FloatArray) -> FloatArray:
        with own_settings(device, grad=False):
            scores = torch.from_numpy(log_proba).to(device)
            losses = criterion.pointwise(scores, labels)
        return np.asarray(losses.cpu().numpy(), dtype=np.float64)

    return row_loss
