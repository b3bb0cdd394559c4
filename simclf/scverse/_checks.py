"""What is no AnnData object, or cannot be written into one, refused by name."""

from typing import Any


def check_adata(adata: Any, caller: str, instead: str) -> None:
    """Refuse frames and matrices, which classifiers take themselves."""
    if all(hasattr(adata, part) for part in ("obs", "obsm", "uns", "var_names")):
        return
    msg = (
        f"adata is a {type(adata).__name__}; {caller} takes an anndata.AnnData object. "
        f"For a frame or a matrix call {instead}."
    )
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
    """Refuse to write over labels that are not answers of an earlier call."""
    earlier = [f"{key_added}_score", f"{key_added}_margin"]
    if all(name in adata.obs for name in earlier):
        return
    for where, entries in (("obs", adata.obs), ("uns", adata.uns)):
        if key_added in entries:
            msg = (
                f"key_added={key_added!r} is already in adata.{where}, and annotate "
                "did not write it; choose another name, or first "
                f"del adata.{where}[{key_added!r}]."
            )
            raise ValueError(msg)
