"""Packages that only some builders need, imported when they are used."""

from importlib import import_module
from types import ModuleType


def import_extra(module: str, package: str, extra: str) -> ModuleType:
    """Import a module of a package that is not installed with simclf itself."""
    try:
        return import_module(module)
    except ImportError:
        msg = (
            f"{package} is needed here and cannot be imported. Install it with "
            f'pip install "simclf[{extra}]".'
        )
        raise ImportError(msg) from None
