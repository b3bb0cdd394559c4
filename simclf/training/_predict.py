"""From a trained model and rows to scores and probabilities, chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simclf._typing import FloatArray, IntArray
from simclf.training._isolation import own_settings
from simclf.training._net import MemberNet
from simclf.training._rows import features_on
from simclf.training._standardize import Standardizer

# Entries of X turned at a time in prediction, rows at most.
_CHUNK_ENTRIES = 2**22
_CHUNK_ROWS = 2**14


@dataclass(frozen=True, eq=False)
class Model:
    """A trained net, and how features reach it."""

    net: MemberNet
    standardizer: Standardizer


def class_proba(model: Model, X: Any, n_classes: int) -> FloatArray:
    """Probability of each class, uncalibrated: (n, n_classes), float64.

    The columns of a decision-space loss that are no class are left out.
    """
    # Where every class has underflowed beside another answer, all are equally likely.
    tiny = np.finfo(np.float64).tiny
    proba = np.maximum(answer_proba(model, X)[:, :n_classes], tiny)
    return np.asarray(proba / proba.sum(axis=1, keepdims=True), dtype=np.float64)


def answer_proba(model: Model, X: Any) -> FloatArray:
    """Probabilities of the members together, (n, K) or (n, D), float64.

    Columns are classes for a loss that estimates the posterior, else answers.
    """
    criterion = model.net.criterion_
    chunks = [
        criterion.pooled_proba(scores).cpu().numpy()
        for scores in _score_chunks(model, X)
    ]
    proba = np.concatenate(chunks)
    return np.asarray(proba / proba.sum(axis=1, keepdims=True), dtype=np.float64)


def mean_scores(model: Model, X: Any) -> FloatArray:
    """Mean over the members of the raw scores, (n, n_outputs), float64."""
    chunks = [s.double().mean(0).cpu().numpy() for s in _score_chunks(model, X)]
    return np.concatenate(chunks)


def _score_chunks(model: Model, X: Any) -> Iterator[Tensor]:
    """Yield the members' scores (n_members, n_chunk, n_outputs), chunk by chunk."""
    network = model.net.module_
    parameter = next(network.parameters())
    step = max(1, min(_CHUNK_ROWS, _CHUNK_ENTRIES // X.shape[1]))
    for start in range(0, X.shape[0], step):
        chunk = X[start : start + step]
        with own_settings(parameter.device, grad=False):
            features = features_on(
                chunk, model.standardizer, parameter.dtype, parameter.device
            )
            scores = network(features.slice(0, chunk.shape[0]))
            _refuse_far_away(scores, np.arange(start, start + chunk.shape[0]))
        yield scores


def own_score_chunks(model: Model, X: Any, index: IntArray) -> Iterator[Tensor]:
    """Yield each member's scores of its own rows: (n_members, n_chunk, n_outputs)."""
    n_members = len(index)
    rows = max(1, min(_CHUNK_ROWS, _CHUNK_ENTRIES // X.shape[1]) // n_members)
    network = model.net.module_
    parameter = next(network.parameters())
    for start in range(0, index.shape[1], rows):
        chosen = index[:, start : start + rows]
        with own_settings(parameter.device, grad=False):
            features = features_on(
                X[chosen.ravel()], model.standardizer, parameter.dtype, parameter.device
            ).slice(0, chosen.size)
            scores = network(features.unflatten(0, chosen.shape))
            _refuse_far_away(scores, chosen)
        yield scores


def _refuse_far_away(scores: Tensor, rows: IntArray) -> None:
    """Refuse rows that lie so far outside the training data that scores overflow.

    ``rows`` are their numbers, (n,) or (n_members, n).
    """
    bad = ~torch.isfinite(scores).all(dim=-1)
    if bool(bad.any()):
        row = np.broadcast_to(rows, bad.shape)[bad.cpu().numpy()].min()
        msg = (
            f"row {row} of X lies so far outside the training data that the network's "
            "scores overflow; check its units, or clip the features."
        )
        raise ValueError(msg)
