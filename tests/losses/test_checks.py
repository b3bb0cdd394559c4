"""Hyperparameter checks: what passes, and what each refusal says."""

import numpy as np
import pytest

from simclf.losses._checks import check_choice, check_flag, check_number


@pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.25), np.int64(1)])
def test_numbers_of_any_kind_pass(value):
    check_number("loss", "tau", value, high=1.0)


@pytest.mark.parametrize("value", [True, np.True_, "0.5", None, [0.5], 1j])
def test_refuses_what_is_no_number(value):
    with pytest.raises(
        TypeError, match=r"^loss: tau must be a finite number >= 0, got "
    ):
        check_number("loss", "tau", value)


@pytest.mark.parametrize("value", [np.float64("nan"), np.inf, -1e-9, 1.0])
def test_refuses_numbers_outside(value):
    match = rf"^loss: tau must be a number >= 0 and < 1, got {float(value)!r}\.$"
    with pytest.raises(ValueError, match=match):
        check_number("loss", "tau", value, high=1.0, open_high=True)


def test_flags():
    check_flag("loss", "fast", np.True_)
    with pytest.raises(TypeError, match=r"^loss: fast must be True or False, got 1\.$"):
        check_flag("loss", "fast", 1)


def test_choices():
    check_choice("loss", "kind", "cold", ["cold", "warm"])
    match = r"^loss: kind must be 'cold' or 'warm', got 'zzz'\.$"
    with pytest.raises(ValueError, match=match):
        check_choice("loss", "kind", "zzz", ["cold", "warm"])
    with pytest.raises(ValueError, match=r"got 3\.$"):
        check_choice("loss", "kind", 3, ["cold", "warm"])
