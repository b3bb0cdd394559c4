"""The ``checkpoint`` parameter, checked against those that it cannot go with."""

import os
from pathlib import Path
from typing import Any


def resolve_checkpoint(estimator: Any) -> Path | None:
    """Return the path of the file or folder that a fit is resumed from."""
    path = estimator.checkpoint
    if path is None:
        return None
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        msg = (
            f"checkpoint={path!r:.80} must be None, or the path of a file or of a "
            "folder that exists."
        )
        raise TypeError(msg)
    if "\0" in os.fsdecode(path):
        msg = f"checkpoint={path!r:.80} has a null character, which no path has."
        raise ValueError(msg)
    if estimator.callbacks:
        msg = (
            "checkpoint and callbacks cannot be used together: what a callback "
            "remembers is in no file. Use callbacks=None, or checkpoint=None."
        )
        raise ValueError(msg)
    if estimator.random_state is None:
        msg = (
            "checkpoint needs random_state, e.g. random_state=0: with None every fit "
            "is another one, and none could be resumed."
        )
        raise ValueError(msg)
    return Path(os.fsdecode(path))
