"""Settings of a test run: one thread, no pictures on screen, Hypothesis profiles."""

import os
import signal

import hypothesis
import pytest
import torch

from tests.property_count import PropertyCount

os.environ.setdefault("MPLBACKEND", "Agg")
# A run in the background is born deaf to Ctrl-C, and tests of it would wait for long.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, and a line to paste where one fails.
hypothesis.settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
)
# Other examples every night; those that failed are kept, and tried first.
hypothesis.settings.register_profile(
    "nightly", max_examples=700, deadline=None, print_blob=True
)
# Mutants are many: benchmarks/mutants.py takes few examples for each, as they come.
hypothesis.settings.register_profile(
    "mutants",
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Count properties and their examples."""
    config.pluginmanager.register(PropertyCount())


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Small networks are slower on several threads, and two cores are all CI has."""
    torch.set_num_threads(1)
