"""Every block of the page on other libraries is run, in order."""

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "integrations.rst"


def test_the_recipes_run():
    for needed in (
        "anndata",
        "lightgbm",
        "onnxruntime",
        "onnxscript",
        "skops",
        "xgboost",
    ):
        pytest.importorskip(needed)
    done = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert done.attempted > 60
    assert done.failed == 0
