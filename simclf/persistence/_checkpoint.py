"""The file that a long fit is resumed from: one fit's own, data and no code."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from simclf.persistence._atomic import in_home, remove_drafts, write_atomically
from simclf.persistence._components import Own
from simclf.persistence._container import (
    CHECKPOINT,
    MODEL,
    START,
    header_length,
    kind_of,
    pack,
    read_document,
    unpack,
)
from simclf.persistence._values import Reader, Writer
from simclf.training import differences

_PREFIX = 8


class CheckpointFile:
    """A file of a path, or one of its own for each fit in a folder.

    Parameters
    ----------
    path : Path
        A file, there or not yet, or a folder that is there.

    Raises
    ------
    FileNotFoundError
        If there is no folder for the file.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir() and not path.parent.is_dir():
            msg = (
                f"there is no folder {str(path.parent)!r} for checkpoint="
                f"{str(path)!r}; make it first."
            )
            raise FileNotFoundError(msg)
        self._path = path

    def __str__(self) -> str:
        return f"checkpoint={str(self._path)!r}"

    def read(self, fingerprint: dict[str, Any]) -> dict[str, Any] | None:
        """Return the state that was kept of a fit; None where there is none.

        Raises
        ------
        ValueError
            For the file of another fit or of something else, one that is not whole,
            or is no file.
        """
        file = self._file(fingerprint)
        remove_drafts(file)
        if not file.exists():
            return None
        self._refuse_foreign(file)
        data = file.read_bytes()
        try:
            document, arrays = unpack(data, CHECKPOINT)
            reader = Reader(arrays, Own())
            found = reader.read_all(document["fingerprint"])
            state = reader.read_all(document["state"])
        except Exception as error:
            raise self.damaged(error) from error
        self._refuse_others(found, fingerprint)
        return state

    def write(self, fingerprint: dict[str, Any], state: dict[str, Any]) -> None:
        """Put a state in the place of the one before, at once.

        Raises
        ------
        OSError
            If it cannot be written; the file that was there is as it was.
        ValueError
            If another fit has taken the file meanwhile.
        TypeError
            If a network or optimizer of the user's own has a state that is no numbers.
        """
        file = self._file(fingerprint)
        writer = Writer()
        try:
            document = {
                "fingerprint": {k: writer.write(v, k) for k, v in fingerprint.items()},
                "state": {k: writer.write(v, k) for k, v in state.items()},
            }
        except TypeError as error:
            msg = f"checkpoint cannot hold this fit: {error} Use checkpoint=None."
            raise TypeError(msg) from error
        data = pack(document, writer.arrays, CHECKPOINT)
        if file.exists():
            self._refuse_others(self._peek(file), fingerprint)
        try:
            write_atomically(file, data)
        except FileNotFoundError:
            # A second run of this fit has begun, and taken the draft for a leftover.
            write_atomically(file, data)

    def damaged(self, error: Exception) -> ValueError:
        """Return the error for a checkpoint that is no state of a fit."""
        what = str(error).partition(". ")[0].rstrip(".")
        msg = (
            f"{self} is a checkpoint that cannot be gone on from: {what}. Delete it to "
            "fit from the start, or give another path."
        )
        return ValueError(msg)

    def _file(self, fingerprint: dict[str, Any]) -> Path:
        """Return the file of a fit; a pipe or a device would be waited for."""
        file = self._path
        if file.is_dir():
            text = json.dumps(fingerprint, sort_keys=True)
            name = hashlib.sha256(text.encode()).hexdigest()[:32]
            file = file / f"fit-{name}.safetensors"
        if file.exists() and not file.is_file():
            msg = (
                f"checkpoint={str(file)!r} is no regular file; name a file, there or "
                "not yet, or a folder that exists."
            )
            raise ValueError(msg)
        return file

    def _peek(self, file: Path) -> dict[str, Any]:
        """Return whose file it is, without reading more than its header."""
        self._refuse_foreign(file)
        try:
            with file.open("rb") as opened:
                start = opened.read(_PREFIX)
                size = os.fstat(opened.fileno()).st_size
                header = opened.read(header_length(start, size))
            document = read_document(start + header, CHECKPOINT)
            return Reader({}, Own()).read_all(document["fingerprint"])
        except OSError:
            raise
        except Exception as error:
            raise self.damaged(error) from error

    def _refuse_foreign(self, file: Path) -> None:
        """Refuse a file of something else, which nobody should be told to delete."""
        with file.open("rb") as opened:
            kind = kind_of(opened.read(START))
        if kind == CHECKPOINT:
            return
        what, remedy = "no checkpoint of simclf", ""
        if kind == MODEL:
            what = "a model that save has written, and no checkpoint"
            remedy = "read it with simclf.load, and "
        msg = (
            f"{self} is {what}, and stays as it is; {remedy}give checkpoint another "
            "path, where there is no file yet, or a folder."
        )
        raise ValueError(msg)

    def _refuse_others(self, found: dict[str, Any], wanted: dict[str, Any]) -> None:
        """Refuse the file of another fit."""
        if found == wanted:
            return
        differing = "; ".join(differences(found, wanted))
        msg = (
            f"{self} belongs to another fit, which differs in: {differing}. Use the "
            "data and parameters of that fit to go on with it, or delete the file, or "
            "give another path; in a folder every fit has a file of its own."
        )
        raise ValueError(msg)


def checkpoint_file(path: Path | None) -> CheckpointFile | None:
    """Return the store of a fit that asks for one."""
    return None if path is None else CheckpointFile(in_home(path))
