"""From a trained model and rows to scores and probabilities, chunk by chunk."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simclf._typing import FloatArray, IntArray
from simclf.decision._temperature import tempered
from simclf.modules import count_members
from simclf.training._isolation import own_settings
from simclf.training._net import MemberNet
from simclf.training._rows import turned
from simclf.training._standardize import Standardizer

# Entries of X or of the members' scores turned at a time in prediction, rows at most.
_CHUNK_ENTRIES = 2**22
_CHUNK_ROWS = 2**14
# On a CPU, rows of all members together: what is between two layers stays in the cache.
_CACHED_ROWS = 2**12


@dataclass(frozen=True, eq=False)
class Model:
    """A trained net, and how features reach it."""

    net: MemberNet
    standardizer: Standardizer


def class_proba(
    model: Model, X: Any, n_classes: int, temperature: float = 1.0
) -> FloatArray:
    """Probability of each class: (n, n_classes), float64.

    The columns of a decision-space loss that are no class are left out.
    """
    # Where every class has underflowed beside another answer, all are equally likely.
    tiny = np.finfo(np.float64).tiny
    chunks = (
        _normalised(np.maximum(proba[:, :n_classes], tiny))
        for proba in _proba_chunks(model, X)
    )
    if temperature != 1.0:
        chunks = (tempered(proba, temperature) for proba in chunks)
    return _joined(chunks, X.shape[0])


def answer_proba(model: Model, X: Any) -> FloatArray:
    """Probabilities of the members together, (n, K) or (n, D), float64.

    Columns are classes for a loss that estimates the posterior, else answers.
    """
    return _joined(_proba_chunks(model, X), X.shape[0])


def mean_scores(model: Model, X: Any) -> FloatArray:
    """Mean over the members of the raw scores, (n, n_outputs), float64."""
    chunks = (s.double().mean(0).cpu().numpy() for s in _score_chunks(model, X))
    return _joined(chunks, X.shape[0])


def _proba_chunks(model: Model, X: Any) -> Iterator[FloatArray]:
    """Yield the probabilities of the members together, chunk by chunk."""
    criterion = model.net.criterion_
    for scores in _score_chunks(model, X):
        with own_settings(scores.device, grad=False):
            proba = criterion.pooled_proba(scores).cpu().numpy()
        yield _normalised(proba)


def _normalised(proba: FloatArray) -> FloatArray:
    """Rows that sum to one, in float64."""
    return np.asarray(proba / proba.sum(axis=1, keepdims=True), dtype=np.float64)


def _joined(chunks: Iterable[FloatArray], n_rows: int) -> FloatArray:
    """Rows of all chunks, of which no more than one is held beside them."""
    start, joined = 0, np.empty((0, 0))
    for chunk in chunks:
        if start == 0:
            joined = np.empty((n_rows, chunk.shape[1]))
        joined[start : start + len(chunk)] = chunk
        start += len(chunk)
    return joined


def _score_chunks(model: Model, X: Any) -> Iterator[Tensor]:
    """Yield the members' scores (n_members, n_chunk, n_outputs), chunk by chunk."""
    network = model.net.module_
    parameter = next(network.parameters())
    step = _chunk_rows(model, X.shape[1])
    for start in range(0, X.shape[0], step):
        chunk = X[start : start + step]
        with own_settings(parameter.device, grad=False):
            features = _features(model, chunk, parameter)
            scores = network(features)
            _refuse_far_away(scores, np.arange(start, start + chunk.shape[0]))
        yield scores


def _features(model: Model, rows: Any, parameter: Tensor) -> Tensor:
    """Return a few rows where the network is, never the user's own memory."""
    features = turned(rows, model.standardizer, parameter.dtype)
    # A network may write into its input.
    return features.to(parameter.device, copy=model.standardizer.mean is None)


def _chunk_rows(model: Model, n_entries: int) -> int:
    """Rows that every member is given at a time, of so many entries each."""
    network = model.net.module_
    n_members = count_members(network)
    n_scores: int = n_members * model.net.criterion_.n_outputs
    rows = min(_CHUNK_ROWS, _CHUNK_ENTRIES // max(n_entries, n_scores))
    if next(network.parameters()).device.type == "cpu":
        rows = min(rows, _CACHED_ROWS // n_members)
    return max(1, rows)


def own_score_chunks(model: Model, X: Any, index: IntArray) -> Iterator[Tensor]:
    """Yield each member's scores of its own rows: (n_members, n_chunk, n_outputs)."""
    step = _chunk_rows(model, X.shape[1] * len(index))
    network = model.net.module_
    parameter = next(network.parameters())
    for start in range(0, index.shape[1], step):
        chosen = index[:, start : start + step]
        with own_settings(parameter.device, grad=False):
            features = _features(model, X[chosen.ravel()], parameter)
            scores = network(features.unflatten(0, chosen.shape))
            _refuse_far_away(scores, chosen)
        yield scores


def _refuse_far_away(scores: Tensor, rows: IntArray) -> None:
    """Refuse rows that lie so far outside the training data that scores overflow.

    ``rows`` are their numbers, (n,) or (n_members, n).
    """
    # A sum is finite only where all of it is; one that overflows is looked into.
    if math.isfinite(scores.sum().item()):
        return
    bad = ~torch.isfinite(scores).all(dim=-1)
    if bool(bad.any()):
        row = np.broadcast_to(rows, bad.shape)[bad.cpu().numpy()].min()
        msg = (
            f"row {row} of X lies so far outside the training data that the network's "
            "scores overflow; check its units, or clip the features."
        )
        raise ValueError(msg)
