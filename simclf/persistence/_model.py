"""A fitted classifier to the bytes of a file, and back."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import simclf
from simclf._typing import AnyArray
from simclf.losses import Loss
from simclf.modules import count_members
from simclf.persistence._claims import (
    check_floats,
    count,
    finite_float,
    labels_of,
    optional_dict,
    temperature_of,
)
from simclf.persistence._components import Own, own_of
from simclf.persistence._container import pack, unpack
from simclf.persistence._network import (
    answer_alike,
    component_of,
    rebuild,
    weights_of,
)
from simclf.persistence._values import Reader, Writer
from simclf.similarity import ScoreTable
from simclf.training import Model, Settings, Standardizer, resolve_settings
from simclf.training._fit import build_net
from simclf.training._isolation import own_settings, resolve_device

_WEIGHTS = "network."
_ORIGINS = ("similarity", "cost", "identity", "sample_scores")


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a fit has come to, apart from the parameters.

    Attributes
    ----------
    table : ScoreTable
        Classes, answers and scores.
    model : Model
        The trained net, and how features reach it.
    decision : {"bayes", "argmax"}
        The rule that ``predict`` follows.
    temperature : float
        What the log probabilities are divided by.
    auto_report : dict or None
        What ``loss="auto"`` chose.
    n_features : int
        Number of features.
    feature_names : ndarray of shape (n_features,) or None
        Their names, where they have any.
    """

    table: ScoreTable
    model: Model
    decision: str
    temperature: float
    auto_report: dict[str, Any] | None
    n_features: int
    feature_names: AnyArray | None


def to_bytes(estimator: Any, fitted: Fitted) -> bytes:
    """Return the bytes of a file, after having read them once.

    Raises
    ------
    TypeError
        For a parameter or label that no file can hold.
    ValueError
        If what was written could not be loaded.
    """
    writer = Writer()
    document = {
        "simclf": simclf.__version__,
        "parameters": _parameter_entries(estimator, writer),
        "fitted": _fitted_entries(estimator, fitted, writer),
    }
    weights = weights_of(fitted.model.net.module_)
    named = {_WEIGHTS + name: weight for name, weight in weights.items()}
    data = pack(document, writer.arrays | named)
    _try_out(data, estimator, fitted)
    return data


def from_bytes(
    data: bytes, kind: Callable[..., Any], own: Own
) -> tuple[Any, Fitted, Settings]:
    """Return an estimator with its parameters, and what its fit had come to.

    Parameters
    ----------
    data : bytes
        A whole file, which need not be trusted.
    kind : callable
        The estimator's class, called with the parameters.
    own : Own
        Classes of the caller's own.

    Returns
    -------
    estimator : instance of ``kind``
    fitted : Fitted
    settings : Settings
        Those of the net.

    Raises
    ------
    ValueError
        Saying what is wrong.
    """
    document, arrays = unpack(data)
    named = [name for name in arrays if name.startswith(_WEIGHTS)]
    weights = {name.removeprefix(_WEIGHTS): arrays.pop(name) for name in named}
    reader = Reader(arrays, own)
    parameters = reader.read_all(document["parameters"])
    parameters.pop("checkpoint", None)
    estimator = kind(**parameters)
    entries = reader.read_all(document["fitted"])
    if arrays:
        msg = f"it holds tensors that nothing refers to, e.g. {min(arrays)!r:.80}"
        raise ValueError(msg)
    table = _table(entries)
    settings = _settings(estimator, entries, table)
    model = _model(entries, table, settings, weights)
    decision = _decision(entries["decision"], settings, table)
    fitted = Fitted(
        table,
        model,
        decision,
        temperature_of(entries["temperature"]),
        optional_dict(entries["auto_report"]),
        entries["n_features"],
        _feature_names(entries),
    )
    return estimator, fitted, replace(settings, decision=decision)


def _parameter_entries(estimator: Any, writer: Writer) -> dict[str, Any]:
    """Return what JSON can say of the parameters."""
    parameters = estimator.get_params(deep=False)
    module = parameters.pop("module")
    # A place on this machine, which a fit after loading must not write to.
    parameters.pop("checkpoint", None)
    entries = {name: writer.write(value, name) for name, value in parameters.items()}
    return {**entries, "module": writer.write_module(module, "module")}


def _fitted_entries(estimator: Any, fitted: Fitted, writer: Writer) -> dict[str, Any]:
    """Return what JSON can say of the fit."""
    table, model = fitted.table, fitted.model
    component = component_of(model.net.module_, estimator.module)
    values = {
        "classes_": table.classes,
        "decisions_": table.decisions,
        "similarity_": table.values,
        "given_as": table.given_as,
        "decision": fitted.decision,
        "temperature": float(fitted.temperature),
        "mean_": model.standardizer.mean,
        "scale_": model.standardizer.scale,
        "heavy_tailed_": model.standardizer.heavy,
        "n_features": int(fitted.n_features),
        "feature_names": fitted.feature_names,
        "loss_": model.net.criterion_.loss,
        "n_members": count_members(model.net.module_),
        "auto_report": fitted.auto_report,
        "history": model.net.epoch_records(),
    }
    entries = {name: writer.write(value, name) for name, value in values.items()}
    return {**entries, "network": writer.write_module(component, "network")}


def _try_out(data: bytes, estimator: Any, fitted: Fitted) -> None:
    """Refuse to write what could not be read, or would be another network."""
    own = own_of(estimator.module, fitted.model.net.criterion_.loss)

    def on_cpu(**parameters: Any) -> Any:
        return type(estimator)(**{**parameters, "device": "cpu"})

    try:
        _, restored, _ = from_bytes(data, on_cpu, own)
    except Exception as error:
        msg = (
            f"the model cannot be saved so that it could be loaded: {error}. Set the "
            "parameters back to those of the fit, or fit again."
        )
        raise ValueError(msg) from error
    before, after = fitted.model.net.module_, restored.model.net.module_
    if not answer_alike(before, after, fitted.n_features):
        msg = (
            "the model cannot be saved: module builds another network than the one "
            "that was fitted. Set it back to what it was in fit, or fit again."
        )
        raise ValueError(msg)


def _table(entries: dict[str, Any]) -> ScoreTable:
    """Return the table, if its parts fit together."""
    values, classes = entries["similarity_"], entries["classes_"]
    decisions, given_as = entries["decisions_"], entries["given_as"]
    k, d = (len(labels_of(labels)) for labels in (classes, decisions))
    check_floats("the table", values, (k, d))
    if decisions[:k].tolist() != classes.tolist() or given_as not in _ORIGINS:
        msg = "the answers do not begin with the classes, or the table has no origin"
        raise ValueError(msg)
    for array in (values, classes, decisions):
        array.flags.writeable = False
    return ScoreTable(values, classes, decisions, given_as)


def _settings(estimator: Any, entries: dict[str, Any], table: ScoreTable) -> Settings:
    """Return the settings of the net: parameters may have been set after the fit."""
    if not isinstance(entries["loss_"], Loss):
        msg = "its loss is no loss"
        raise TypeError(msg)
    probe = copy.copy(estimator)
    probe.loss, probe.module, probe.callbacks = entries["loss_"], "mlp", None
    probe.decision, probe.calibration, probe.early_stopping = "auto", None, False
    probe.device = device_at_hand(estimator.device)
    settings = resolve_settings(probe, table, 1, in_parts=True)
    return replace(settings, loss=entries["loss_"])


def device_at_hand(device: Any) -> str:
    """Return the device of the parameters, or the CPU where that is not there."""
    try:
        return str(resolve_device(device))
    except ValueError:
        if isinstance(device, str) and device.partition(":")[0] in ("cuda", "mps"):
            return "cpu"
        raise


def _model(
    entries: dict[str, Any],
    table: ScoreTable,
    settings: Settings,
    weights: dict[str, AnyArray],
) -> Model:
    """Return the trained net and the standardizer."""
    n_features = count("n_features", entries["n_features"])
    network = rebuild(
        entries["network"],
        n_features,
        settings.loss.n_outputs(table.n_classes, table.n_decisions),
        count("n_members", entries["n_members"]),
        weights,
    )
    dtype = next(network.parameters()).dtype
    with own_settings(settings.device, grad=True):
        built = replace(settings, dtype=dtype, module=entries["network"])
        net = build_net(network, table, built)
    net.take_records(sound_records(entries["history"]))
    return Model(net, _standardizer(entries, n_features))


def sound_records(records: Any) -> list[dict[str, Any]]:
    """Return what was recorded of each epoch, where all of them have a loss."""
    for record in records:
        for name in ("train_loss", *({"valid_loss"} & record.keys())):
            finite_float(f"{name} of an epoch", record[name])
    return list(records)


def _standardizer(entries: dict[str, Any], n_features: int) -> Standardizer:
    """Return centre and scale of the features."""
    mean, scale, heavy = (entries[k] for k in ("mean_", "scale_", "heavy_tailed_"))
    if mean is None and scale is None and heavy is None:
        return Standardizer(None, None)
    check_floats("mean_", mean, (n_features,))
    check_floats("scale_", scale, (n_features,))
    if not (scale > 0).all():
        msg = "scale_ is not positive throughout"
        raise ValueError(msg)
    if heavy is not None and (heavy.dtype != bool or heavy.shape != mean.shape):
        msg = "heavy_tailed_ has not one flag for each feature"
        raise ValueError(msg)
    return Standardizer(mean, scale, heavy)


def _decision(decision: Any, settings: Settings, table: ScoreTable) -> Any:
    """Return a rule that can be followed."""
    decides = settings.loss.estimates == "decision"
    impossible = decides and table.n_decisions > table.n_classes
    if decision == "argmax" or (decision == "bayes" and not impossible):
        return decision
    msg = f"predict cannot follow the decision {decision!r:.50}"
    raise ValueError(msg)


def _feature_names(entries: dict[str, Any]) -> AnyArray | None:
    """Return one string for each feature, or None."""
    names = entries["feature_names"]
    if names is None:
        return None
    if names.shape != (entries["n_features"],) or not all(
        isinstance(name, str) for name in names
    ):
        msg = "feature_names_in_ has not one string for each feature"
        raise ValueError(msg)
    return np.asarray(names)
