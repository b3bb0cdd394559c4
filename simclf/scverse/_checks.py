"""What is no AnnData object, or cannot be written into one, refused by name."""

from collections.abc import Mapping
from typing import Any

_RECORD = {"classifier", "params", "table"}


def check_adata(adata: Any, caller: str, instead: str) -> None:
    """Refuse frames and matrices, which classifiers take themselves."""
    if all(hasattr(adata, part) for part in ("obs", "obsm", "uns", "var_names")):
        return
    msg = (
        f"adata is a {type(adata).__name__}; {caller} takes an anndata.AnnData object. "
        f"For a frame or a matrix call {instead}."
    )
    raise TypeError(msg)


def check_instance(clf: Any) -> None:
    """Refuse the class of a classifier, whose methods would miss an argument."""
    if isinstance(clf, type):
        msg = f"clf is the class {clf.__name__}; pass an instance, {clf.__name__}()."
        raise TypeError(msg)


def check_can_write(adata: Any, key_added: Any) -> None:
    """Refuse names that no file stores, and places where nothing can be written."""
    if not isinstance(key_added, str):
        msg = (
            f"key_added={key_added!r} must be a string, got "
            f"{type(key_added).__name__}; the answers are written under it."
        )
        raise TypeError(msg)
    if not key_added or "/" in key_added:
        msg = (
            f"key_added={key_added!r} must be a name without a slash, as files of "
            "AnnData take a slash for a folder; use e.g. 'T_NK'."
        )
        raise ValueError(msg)
    if adata.isbacked and adata.is_view:
        msg = (
            "adata is a view of cells in a file, into which nothing can be written; "
            "call adata = adata.to_memory() first, or annotate all cells of the file."
        )
        raise ValueError(msg)
    _keep_what_others_wrote(adata, key_added)


def _keep_what_others_wrote(adata: Any, key_added: str) -> None:
    """Refuse to write over what is not known to be answers of an earlier call."""
    if _is_record(adata.uns.get(key_added)):
        return
    written = (
        ("obs", key_added),
        ("obs", f"{key_added}_score"),
        ("obs", f"{key_added}_margin"),
        ("obsm", f"{key_added}_proba"),
        ("uns", key_added),
    )
    taken = ", ".join(
        f"adata.{where}[{name!r}]"
        for where, name in written
        if name in getattr(adata, where)
    )
    if taken:
        msg = (
            f"key_added={key_added!r} would write over {taken}, and no record in "
            f"adata.uns[{key_added!r}] says that annotate wrote it; choose another "
            f"name, or first del {taken}."
        )
        raise ValueError(msg)


def _is_record(entry: Any) -> bool:
    """Whether this is what annotate leaves in ``uns``."""
    return isinstance(entry, Mapping) and set(entry) == _RECORD
