"""What makes a training itself: two of equal fingerprints come to the same weights."""

import hashlib
from pickle import PicklingError
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator

import simclf
from simclf._inputs import LabelledRows
from simclf._typing import AnyArray
from simclf.losses import Loss
from simclf.training._ahead import Job
from simclf.training._arrays import to_array
from simclf.training._settings import Settings
from simclf.training._split import Folds

_CHUNK_BYTES = 2**24
HASHED = "sha256:"


def fingerprint(job: Job) -> dict[str, Any]:
    """Return what a training depends on, by the words that its user has for it.

    Numbers and names stand for themselves, data for their hash.
    """
    settings, rows, table = job.settings, job.rows, job.table
    net = job.model.net
    weights = net.module_.state_dict()
    return {
        **_rows_of(rows, ""),
        **_held_of(job.held),
        "similarity": _hashed(table.values, table.classes, table.decisions),
        "the way the table is given": table.given_as,
        "loss": _name(settings.loss),
        "the parameters of loss": _hashed_component("loss", settings.loss),
        "module": _name(settings.module),
        "the parameters of module": _hashed_component("module", settings.module),
        "the layers of module": _hashed(str(net.module_)),
        "the weights at the start": _hashed(*weights, *map(to_array, weights.values())),
        "optimizer": _name(settings.optimizer),
        "weight_decay": settings.optimizer_settings.get("weight_decay"),
        "lr": settings.lr,
        "max_epochs": job.n_epochs,
        "batch_size": settings.batch_size,
        "early_stopping": settings.patience is not None,
        "n_iter_no_change": settings.patience,
        "standardize": settings.standardize,
        "the standardization": _standardizer_of(job),
        "n_members": settings.n_members,
        "dtype": str(settings.dtype).removeprefix("torch."),
        **_arithmetic_of(settings),
        "device": settings.device.type,
        "random_state": _hashed(str(job.seeds)),
        "the release of simclf": simclf.__version__,
    }


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return what differs, in words, with both values where they are short."""
    return [
        _difference(name, one.get(name), other.get(name))
        for name in one | other
        if one.get(name) != other.get(name)
    ]


def _difference(name: str, there: Any, here: Any) -> str:
    """Name what differs."""
    if any(str(value).startswith(HASHED) for value in (there, here)):
        return name
    return f"{name} ({there!r:.50} there, {here!r:.50} here)"


def _rows_of(rows: LabelledRows, suffix: str) -> dict[str, Any]:
    """Return what rows are, after those of weight zero have been left out."""
    named = {
        "X": rows.X,
        # The weights of classes are in those of the rows.
        "sample_weight or class_weight" if not suffix else "sample_weight": (
            rows.sample_weight
        ),
        "sample_scores": rows.sample_scores,
    }
    hashed = {name + suffix: _hashed(value) for name, value in named.items()}
    return {**hashed, f"y{suffix}": _hashed(rows.codes, rows.classes)}


def _held_of(held: LabelledRows | Folds | None) -> dict[str, Any]:
    """Return what the rows held out are."""
    if isinstance(held, LabelledRows):
        return _rows_of(held, "_val")
    return {"the rows held out": _hashed(None if held is None else held.held)}


def _arithmetic_of(settings: Settings) -> dict[str, Any]:
    """Return how steps are computed; without CUDA there are no graphs to replay."""
    named = settings.arithmetic.settings()
    if named["compile"] == "graph" and settings.device.type != "cuda":
        named["compile"] = False
    return named


def _standardizer_of(job: Job) -> str:
    """Return what features are standardized by, where that is not to be seen in X."""
    if not job.settings.warm_start:
        return ""
    standardizer = job.model.standardizer
    return _hashed(standardizer.mean, standardizer.scale, standardizer.heavy)


def _hashed_component(what: str, component: Any) -> str:
    """Return the hash of a component's parameters; of other code there are none."""
    if not isinstance(component, BaseEstimator | Loss):
        return ""
    try:
        return HASHED + str(joblib.hash(component))
    except (PicklingError, AttributeError, TypeError) as error:
        msg = (
            f"checkpoint needs a {what} that can be pickled, to know it again, and "
            f"{_name(component)} cannot: {error}. Define its class in a module, not in "
            "a function, or use checkpoint=None."
        )
        raise ValueError(msg) from error


def _hashed(*parts: Any) -> str:
    """Return the hash of texts, arrays, CSR matrices and None."""
    digest = hashlib.sha256()
    for part in parts:
        if part is None or isinstance(part, str):
            digest.update(f"{part!r};".encode())
        elif isinstance(part, np.ndarray):
            _add_array(digest, part)
        else:
            for array in (part.data, part.indices, part.indptr):
                _add_array(digest, array)
            digest.update(f"{part.shape};".encode())
    return HASHED + digest.hexdigest()


def _add_array(digest: Any, array: AnyArray) -> None:
    """Add an array to a hash, some rows at a time, whatever their order in memory."""
    digest.update(f"{array.dtype.str}{array.shape};".encode())
    if array.dtype == object:
        digest.update(str(joblib.hash(array.tolist())).encode())
        return
    rows = np.atleast_1d(array)
    step = max(1, _CHUNK_BYTES // max(1, rows[:1].nbytes))
    for start in range(0, len(rows), step):
        digest.update(rows[start : start + step].tobytes())


def _name(thing: Any) -> str:
    """Return the full name of a class or function, or of the class of anything else."""
    named = thing if hasattr(thing, "__qualname__") else type(thing)
    return f"{named.__module__}.{named.__qualname__}"
