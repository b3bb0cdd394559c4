"""Nested parameters of a loss or module that is given by name."""

import re

import pytest
from sklearn.base import BaseEstimator

from simclf._components import with_components
from simclf.losses import LOSSES, SoftTargetLoss, TailoredScoreLoss
from simclf.modules import MLP, MODULES


class Estimator(BaseEstimator):
    def __init__(self, loss="auto", module="mlp", lr=0.1):
        self.loss = loss
        self.module = module
        self.lr = lr


def test_other_parameters_pass_as_they_are():
    params = {"lr": 0.5, "loss": "soft_target", "module": "linear"}
    assert with_components(Estimator(), params) == params


def test_a_name_beside_a_nested_parameter_becomes_a_component():
    params = {"loss": "soft_target", "loss__temperature": 0.5}
    found = with_components(Estimator(), params)
    assert list(found) == ["loss", "loss__temperature"]
    assert type(found["loss"]) is SoftTargetLoss
    assert found["loss"].get_params() == SoftTargetLoss().get_params()
    assert found["loss__temperature"] == 0.5


def test_the_present_name_is_used_where_none_is_given():
    found = with_components(Estimator(), {"module__hidden_layer_sizes": (5,)})
    assert type(found["module"]) is MLP
    found = with_components(Estimator("tailored_score"), {"loss__lam": 2.0})
    assert type(found["loss"]) is TailoredScoreLoss


def test_both_may_be_set_at_once():
    params = {"loss__lam": 2.0, "module__dropout": 0.5, "lr": 0.3}
    found = with_components(Estimator("tailored_score"), params)
    assert type(found["loss"]) is TailoredScoreLoss
    assert type(found["module"]) is MLP
    assert found["lr"] == 0.3


def test_a_component_stays_the_users_own():
    loss = TailoredScoreLoss(lam=3.0)
    assert with_components(Estimator(loss), {"loss__tau": 0.5}) == {"loss__tau": 0.5}
    params = {"loss": loss, "loss__tau": 0.5}
    assert with_components(Estimator(), params)["loss"] is loss


def test_neither_the_estimator_nor_the_parameters_are_changed():
    estimator, params = Estimator("tailored_score"), {"loss__lam": 2.0}
    with_components(estimator, params)
    assert params == {"loss__lam": 2.0}
    assert estimator.loss == "tailored_score"


def test_set_params_understands_the_result():
    estimator = Estimator("tailored_score")
    estimator.set_params(**with_components(estimator, {"loss__lam": 2.0}))
    assert estimator.loss.lam == 2.0


@pytest.mark.parametrize(
    ("head", "name", "nested", "registry"),
    [
        ("loss", "auto", "loss__lam", LOSSES),
        ("loss", "mse", "loss__temperature", LOSSES),
        ("module", "resnet", "module__depth", MODULES),
    ],
)
def test_a_parameter_of_a_name_that_has_none_is_refused(head, name, nested, registry):
    message = (
        f"{nested} was set, but {head}={name!r} has no parameters; name the {head}, "
        f"one of {list(registry)}, or pass a component."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        with_components(Estimator(), {head: name, nested: 1})
