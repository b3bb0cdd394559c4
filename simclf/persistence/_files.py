"""Model files by their path: written whole, read with nothing taken for granted."""

import os
from pathlib import Path
from typing import Any

from simclf.persistence._atomic import in_home, write_atomically
from simclf.persistence._components import Own
from simclf.persistence._container import header_length
from simclf.persistence._model import Fitted, from_bytes, to_bytes
from simclf.training import Settings

_PREFIX = 8
_OTHERS = (".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth", ".skops")


def write_model(path: Any, estimator: Any, fitted: Fitted) -> None:
    """Write a fitted classifier.

    Parameters
    ----------
    path : str or path-like
        The file, in a folder that exists.
    estimator : estimator
        Its parameters are read.
    fitted : Fitted
        What its fit has come to.

    Raises
    ------
    TypeError
        For a parameter or label that no file can hold, by name.
    ValueError
        For a path that is a folder, device or pipe, or bears the suffix of a pickle.
    FileNotFoundError
        If there is no such folder.
    """
    file = _as_path(path)
    if file.suffix.lower() in _OTHERS:
        msg = (
            f"path {file.name!r} has the suffix of a format that may hold code, which "
            f"save does not write; name it {file.stem + '.safetensors'!r}."
        )
        raise ValueError(msg)
    _refuse_folder(file)
    if file.exists() and not file.is_file():
        msg = (
            f"path {str(file)!r} is no regular file, and save replaces what is there; "
            "name a file, there or not yet."
        )
        raise ValueError(msg)
    if not file.parent.is_dir():
        msg = f"there is no folder {str(file.parent)!r} to save in; make it first."
        raise FileNotFoundError(msg)
    write_atomically(file, to_bytes(estimator, fitted))


def read_model(path: Any, kind: type, own: Own) -> tuple[Any, Fitted, Settings]:
    """Read a fitted classifier; the file need not be trusted.

    Parameters
    ----------
    path : str or path-like
        The file.
    kind : type
        The estimator's class.
    own : Own
        Classes of the caller's own.

    Returns
    -------
    estimator : instance of ``kind``
        With its parameters.
    fitted : Fitted
        What its fit had come to.
    settings : Settings
        Those of its net.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If a package that its network is made of is not installed.
    ValueError
        If it is anything but a whole model file that fits together.
    """
    file = _as_path(path)
    try:
        loaded = from_bytes(_read(file), kind, own)
        own.refuse_unneeded()
    except (ImportError, OSError):
        raise
    except Exception as error:
        # Whatever a hostile file trips over: a key, a type, an index, a recursion.
        told = type(error) in (ValueError, TypeError)
        what = str(error) if told else repr(error)
        msg = f"{str(file)!r} cannot be loaded: {what}"
        raise ValueError(msg if msg.endswith(".") else f"{msg}.") from error
    return loaded


def _read(file: Path) -> bytes:
    """Return the bytes of a file whose first eight announce a possible header."""
    if not file.exists():
        msg = f"there is no file {str(file)!r}."
        raise FileNotFoundError(msg)
    _refuse_folder(file)
    if not file.is_file():
        msg = "it is no regular file."
        raise ValueError(msg)
    with file.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        header_length(opened.read(_PREFIX), size)
        opened.seek(0)
        return opened.read(size)


def _refuse_folder(file: Path) -> None:
    """Refuse a folder, saying what is wanted."""
    if file.is_dir():
        msg = f"path {str(file)!r} is a folder; name a file in it."
        raise ValueError(msg)


def _as_path(path: Any) -> Path:
    """Return a path, or refuse what is none."""
    if not isinstance(path, str | os.PathLike):
        msg = f"path is a {type(path).__name__}; it must be a string or a Path."
        raise TypeError(msg)
    if "\0" in os.fsdecode(path):
        msg = f"path {os.fspath(path)!r:.80} has a null character, which no path has."
        raise ValueError(msg)
    return in_home(path)
