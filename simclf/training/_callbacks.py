"""The user's skorch callbacks: checked, copied, and told of each epoch."""

from collections.abc import Sequence
from typing import Any

from sklearn.base import clone
from skorch import NeuralNet
from skorch.callbacks import BatchScoring, Callback, EarlyStopping, EpochScoring
from skorch.exceptions import SkorchException

from simclf.similarity._labels import repeated_labels


def fresh_callbacks(callbacks: Any) -> list[Any]:
    """Copy the user's skorch callbacks, so that a fit leaves them as they were."""
    if callbacks is None:
        return []
    if not isinstance(callbacks, list | tuple):
        msg = (
            f"callbacks is a {type(callbacks).__name__}; pass a list of skorch "
            "callbacks, e.g. [skorch.callbacks.LRScheduler()]."
        )
        raise TypeError(msg)
    for position, callback in enumerate(callbacks):
        _check_callback(position, callback)
    _refuse_repeated_names(callbacks)
    copies: list[Any] = clone(list(callbacks), safe=False)
    return copies


def tell_callbacks(net: NeuralNet, event: str, **datasets: Any) -> bool:
    """Tell every callback of a net; True when skorch's EarlyStopping asks to stop.

    EarlyStopping asks by raising KeyboardInterrupt. A real Ctrl-C at any other
    moment is not caught.
    """
    stop = False
    for _, callback in net.callbacks_:
        try:
            getattr(callback, event)(net, **datasets)
        except KeyboardInterrupt:
            if not _has_run_out(callback):
                raise
            stop = True
        except Exception as error:
            if event == "on_epoch_end":
                _refuse_missing_record(callback, net.history[-1], error)
            error.add_note(
                f"Raised by the callback {type(callback).__name__}. Callbacks may "
                "use history (train_loss; valid_loss where early stopping holds "
                "rows out), module_, optimizer_ and the batch events; those that "
                "predict or score through the net need a plain skorch net."
            )
            raise
    return stop


def _has_run_out(callback: Any) -> bool:
    """Whether this is skorch's EarlyStopping and its patience is spent."""
    return isinstance(callback, EarlyStopping) and (
        callback.misses_ >= callback.patience
    )


def _refuse_missing_record(
    callback: Any, record: dict[str, Any], error: Exception
) -> None:
    """Say what to do where a callback failed as it monitors what no epoch records."""
    monitor = getattr(callback, "monitor", None)
    if not isinstance(monitor, str) or monitor in record:
        return
    if not isinstance(error, KeyError | SkorchException | ValueError):
        return
    other = monitor.replace("valid", "train")
    remedy = (
        "there is a validation loss where fit holds rows out for early stopping: use "
        f"early_stopping=True, or X_val and early_stopping='auto', or monitor={other!r}"
        if monitor.startswith("valid_loss")
        else f"monitor one of {sorted(record.keys() - {'batches'})}"
    )
    msg = (
        f"the callback {type(callback).__name__} monitors {monitor!r}, which is not in "
        f"the history; {remedy}."
    )
    raise ValueError(msg) from error


def _refuse_repeated_names(callbacks: Sequence[Any]) -> None:
    """Refuse a given name that is there twice; skorch numbers those without one."""
    given = {callback[0] for callback in callbacks if isinstance(callback, tuple)}
    names = [
        callback[0] if isinstance(callback, tuple) else _class_name(callback)
        for callback in callbacks
    ]
    for name in repeated_labels(names):
        if name in given:
            positions = [at for at, other in enumerate(names) if other == name]
            msg = (
                f"callbacks at positions {positions} share the name {name!r}; give "
                "each a name of its own."
            )
            raise ValueError(msg)


def _class_name(callback: Any) -> str:
    """Return the name that skorch gives to a callback."""
    kind = callback if isinstance(callback, type) else type(callback)
    return kind.__name__


def _check_callback(position: int, callback: Any) -> None:
    """Refuse anything but a skorch callback, its class, or a named pair of these."""
    if isinstance(callback, tuple) and len(callback) == 2:
        callback = callback[1]
    kind = callback if isinstance(callback, type) else type(callback)
    if not issubclass(kind, Callback):
        msg = (
            f"callbacks[{position}] is a {kind.__name__}; it must be a skorch "
            "callback, e.g. skorch.callbacks.LRScheduler()."
        )
        raise TypeError(msg)
    if issubclass(kind, EpochScoring | BatchScoring):
        msg = (
            f"callbacks[{position}] is a {kind.__name__}, which scores what the net "
            "predicts; but the net knows neither labels nor temperature nor decision. "
            "Read valid_loss in history_, or train with partial_fit, one epoch a call, "
            "and score the classifier after each."
        )
        raise TypeError(msg)
