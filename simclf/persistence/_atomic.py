"""A file is written whole or not at all: what was there before is lost last."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path


def in_home(path: str | os.PathLike[str]) -> Path:
    """Return a path whose leading ``~`` is the user's folder, as a shell reads it."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 (a folder of no user stays)


def write_atomically(path: Path, data: bytes) -> None:
    """Put a file in the place of another at once.

    The bytes go to a new file of the same folder, reach the disk, and take over the
    name; a full disk, a kill or a power cut before that leaves the old file as it was.

    Parameters
    ----------
    path : Path
        Where the file shall be. A symbolic link is followed. One that is there keeps
        its permissions.
    data : bytes
        All of its content.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(_draft_name(target, secrets.token_hex(8)))
    permissions = _permissions(target)
    try:
        with draft.open("xb") as file:
            # Of a new file the umask alone decides who may read it.
            if permissions is not None:
                draft.chmod(permissions)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    _keep_name(target.parent)


def remove_drafts(path: Path) -> None:
    """Remove what killed writers of a file have left beside it."""
    target = Path(os.path.realpath(path))
    for draft in target.parent.glob(_draft_name(target, "*")):
        with suppress(OSError):
            draft.unlink()


def _draft_name(target: Path, token: str) -> str:
    """Return a name for a draft of a file."""
    mark = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
    return f".simclf-{mark}-{token}.tmp"


def _permissions(target: Path) -> int | None:
    """Return who may do what with a file; None where there is none."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return None


def _keep_name(folder: Path) -> None:
    """Bring the new name itself to the disk, where folders can be opened."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
