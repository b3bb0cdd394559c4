"""Packages that are imported when they are used."""

import sys

import pytest

from simclf.similarity._extras import import_extra


def test_a_package_that_is_there():
    assert import_extra("json.decoder", "JSON", "bio") is sys.modules["json.decoder"]


def test_a_package_that_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "Bio", None)
    with pytest.raises(
        ImportError,
        match=r"^Biopython is needed here and cannot be imported\. Install it with pip "
        r'install "simclf\[bio\]"\.$',
    ):
        import_extra("Bio", "Biopython", "bio")
