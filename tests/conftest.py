"""Settings of a test run: one thread, no pictures on screen, Hypothesis profiles."""

import os

import hypothesis
import pytest
import torch

os.environ.setdefault("MPLBACKEND", "Agg")

hypothesis.settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, print_blob=True
)
hypothesis.settings.register_profile(
    "nightly", max_examples=2_000, deadline=None, print_blob=True
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Small networks are slower on several threads, and two cores are all CI has."""
    torch.set_num_threads(1)
