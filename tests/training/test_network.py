"""From the module parameter to one network with a member axis."""

import re

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from simclf.modules import (
    MLP,
    LeadingAxis,
    Linear,
    SharedMembers,
    StackedModule,
    TabM,
)
from simclf.training._network import (
    build_network,
    draws_in_training,
    prepared,
    resolve_module,
    shares_weights,
)
from simclf.training._seeding import Seeds
from simclf.training._standardize import Standardizer

SEEDS = Seeds(weights=11, order=12, split=13, layers=14)
HELP = re.escape(
    "Pass a name ('linear', 'mlp', 'piecewise', 'residual', 'tabm'), a component with "
    ".build(n_features, n_outputs), an nn.Module class or a callable of (n_features, "
    "n_outputs) that returns an nn.Module."
)


class Net(nn.Module):
    """A class of the user's own."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.layer = nn.Linear(n_features, n_outputs)

    def forward(self, x):
        return self.layer(x)


class Component:
    """A component that is no estimator of scikit-learn's."""

    def build(self, n_features, n_outputs):
        return Net(n_features, n_outputs)


def with_dropout(n_features, n_outputs):
    return nn.Sequential(nn.Dropout(0.5), nn.Linear(n_features, n_outputs))


def lazy(n_features, n_outputs):
    del n_features
    return nn.LazyLinear(n_outputs)


def as_double(n_features, n_outputs):
    return nn.Linear(n_features, n_outputs, dtype=torch.float64)


FOREIGN = [Net, Component(), with_dropout, lazy, nn.Linear, as_double]
each_foreign = pytest.mark.parametrize("component", FOREIGN)


def build(component, n_members=2, seeds=SEEDS):
    return build_network(component, 4, 3, n_members, seeds)


def numbers(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


# The parameter ----------------------------------------------------------------


def test_a_name_is_a_component():
    assert isinstance(resolve_module("mlp"), MLP)
    assert isinstance(resolve_module("linear"), Linear)


def test_a_component_is_cloned():
    given = MLP((7,))
    resolved = resolve_module(given)
    assert resolved is not given
    assert resolved.hidden_layer_sizes == (7,)


@each_foreign
def test_what_can_build_is_taken_as_it_is(component):
    assert resolve_module(component) is component


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=rf"^module='resnet' is unknown\. {HELP}$"):
        resolve_module("resnet")


def test_an_instance_is_refused():
    message = (
        r"^module is an instance of Linear: its weights would be shared by every fit "
        rf"and every fold\. {HELP}$"
    )
    with pytest.raises(TypeError, match=message):
        resolve_module(nn.Linear(4, 3))


@pytest.mark.parametrize("component", [MLP, Component])
def test_the_class_of_a_component_is_refused(component):
    name = component.__name__
    message = rf"^module is the component class {name}; pass an instance, {name}\(\)\.$"
    with pytest.raises(TypeError, match=message):
        resolve_module(component)


@pytest.mark.parametrize("module", [None, 3, ["mlp"]])
def test_what_cannot_build_is_refused(module):
    shown = re.escape(f"module={module!r} is a {type(module).__name__}. ")
    with pytest.raises(TypeError, match=rf"^{shown}{HELP}$"):
        resolve_module(module)


# The network ------------------------------------------------------------------


@pytest.mark.parametrize("component", [MLP((5,)), Linear(), *FOREIGN])
@pytest.mark.parametrize("n_members", [1, 3])
def test_every_component_gets_a_member_axis(component, n_members):
    network = build(component, n_members).eval().float()
    assert network(torch.randn(6, 4)).shape == (n_members, 6, 3)


def test_foreign_networks_are_wrapped():
    assert isinstance(build(Net, 1), LeadingAxis)
    assert isinstance(build(Net, 2), StackedModule)


@each_foreign
def test_members_start_from_different_weights(component):
    for parameter in build(component, 2).parameters():
        assert (parameter[0] != parameter[1]).all()


@pytest.mark.parametrize("component", [MLP((5,)), *FOREIGN])
@pytest.mark.parametrize("n_members", [1, 2])
def test_the_seed_alone_decides_the_weights(component, n_members):
    of_torch = torch.get_rng_state()
    of_numpy = np.random.get_state()[1].copy()  # noqa: NPY002 - the caller's generator
    first = numbers(build(component, n_members))
    torch.rand(3)
    other = Seeds(weights=99, order=12, split=13, layers=14)
    assert torch.equal(numbers(build(component, n_members)), first)
    assert not torch.equal(numbers(build(component, n_members, other)), first)
    torch.set_rng_state(of_torch)
    build(component, n_members)
    assert torch.equal(torch.get_rng_state(), of_torch)
    assert (np.random.get_state()[1] == of_numpy).all()  # noqa: NPY002 - as above


@pytest.mark.parametrize("component", [MLP((5,)), *FOREIGN])
def test_the_callers_default_device_does_not_matter(component):
    expected = numbers(build(component))
    with torch.device("meta"):
        network = build(component)
    assert torch.equal(numbers(network), expected)


def test_the_first_member_is_the_only_one_of_a_single_network():
    single, several = build(Net, 1), build(Net, 3)
    assert torch.equal(single.network.layer.weight, several.stacked_layer__weight[0])


def test_a_network_is_left_in_the_mode_it_was_built_in():
    assert build(Net, 1).network.training
    assert not build(lambda d, k: Net(d, k).eval(), 1).network.training


def test_batch_norm_has_seen_nothing_yet():
    def normed(n_features, n_outputs):
        return nn.Sequential(
            nn.BatchNorm1d(n_features), nn.Linear(n_features, n_outputs)
        )

    for n_members in (1, 2):
        counts = [b for k, b in build(normed, n_members).named_buffers() if "num" in k]
        assert torch.stack(counts).sum().item() == 0


@pytest.mark.parametrize("n_members", [1, 2])
def test_what_is_no_network_is_refused(n_members):
    message = (
        r"^module\(n_features=4, n_outputs=3\) returned a dict, not an nn\.Module\.$"
    )
    with pytest.raises(TypeError, match=message):
        build(lambda n_features, n_outputs: {n_features: n_outputs}, n_members)


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize(
    ("network", "got"),
    [
        (nn.Linear(4, 1), r"shape \(2, 1\)"),
        (nn.Sequential(nn.Linear(4, 3), nn.Flatten(0)), r"shape \(6,\)"),
        (nn.Sequential(nn.Linear(4, 3), nn.Unflatten(1, (3, 1))), r"shape \(2, 3, 1\)"),
        (nn.MultiheadAttention(4, 2), "failed"),
        (nn.GRU(4, 3), "tuple"),
    ],
)
def test_scores_of_another_shape_are_refused(network, got, n_members):
    message = (
        rf"^module returned {got} for two rows; it must return scores of shape "
        r"\(n, n_outputs\), here \(2, 3\)\.$"
    )
    if got == "failed":
        message = r"^module failed on two rows of 4 features: .*\. It must map "
    with pytest.raises(ValueError, match=message):
        build(lambda _, __: network, n_members)


@pytest.mark.parametrize("n_members", [1, 2])
def test_a_network_for_another_width_is_refused(n_members):
    message = (
        r"^module failed on two rows of 4 features: mat1 and mat2 shapes cannot be "
        r"multiplied .*\. It must map \(n, n_features\) to \(n, n_outputs\)\.$"
    )
    with pytest.raises(ValueError, match=message) as refused:
        build(lambda _, n_outputs: nn.Linear(5, n_outputs), n_members)
    assert isinstance(refused.value.__cause__, RuntimeError)


class Detached(Net):
    """Gives scores that nothing can be learned from, always or when it is judged."""

    only_judged = False

    def forward(self, x):
        scores = super().forward(x)
        return scores if self.training and self.only_judged else scores.detach()


class Judged(Detached):
    only_judged = True


class Rounded(Net):
    def forward(self, x):
        return super().forward(x).long()


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Detached, r"^module returned scores that do not depend on .*out detach\(\), "),
        (Rounded, r"^module returned scores of torch\.int64; they must be floating-"),
    ],
)
def test_scores_that_cannot_be_learned_are_refused(kind, message, n_members):
    with pytest.raises(ValueError, match=message), torch.no_grad():
        build(kind, n_members)


def test_a_network_may_detach_where_it_is_judged_and_draws_as_others_do():
    with torch.no_grad():
        assert torch.equal(numbers(build(Judged)), numbers(build(Net)))


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize("component", [MLP((10**15,)), MLP((10**18,)), TabM(1, 10**15)])
def test_a_network_too_large_to_be_built_is_told_by_name(component, n_members):
    shown = re.escape(f"module={component!r} cannot be built for n_features=4, ")
    message = rf"^{shown}n_members={n_members} \(.*\); make its layers smaller, or"
    with pytest.raises(ValueError, match=message) as refused:
        build(component, n_members)
    assert isinstance(refused.value.__cause__, RuntimeError)


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize("frozen", [True, False])
def test_a_network_with_nothing_to_learn_is_refused(n_members, frozen):
    def nothing(n_features, n_outputs):
        if frozen:
            return nn.Linear(n_features, n_outputs).requires_grad_(requires_grad=False)
        return nn.AdaptiveAvgPool1d(n_outputs)

    name = "Linear" if frozen else "AdaptiveAvgPool1d"
    message = (
        rf"^module returned a {name} without trainable parameters: there is nothing to "
        r"learn\.$"
    )
    with pytest.raises(ValueError, match=message):
        build(nothing, n_members)


def test_a_network_that_cannot_be_vectorised_is_refused_for_several_members():
    class Branching(nn.Linear):
        def forward(self, x):
            return super().forward(x) if self.weight.sum() > 0 else -super().forward(x)

    assert build(Branching, 1)(torch.zeros(6, 4)).shape == (1, 6, 3)
    message = (
        r"^module cannot be evaluated for 2 members at once: .* Use n_members=1\.$"
    )
    with pytest.raises(ValueError, match=message):
        build(Branching, 2)


def test_an_error_of_the_builder_itself_surfaces():
    def broken(n_features, n_outputs):
        msg = f"no network for {n_features} and {n_outputs}"
        raise LookupError(msg)

    before = torch.get_rng_state()
    with pytest.raises(LookupError, match="no network for 4 and 3"):
        build(broken)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_component_may_build_its_members_itself():
    class Own:
        def build_members(self, n_features, n_outputs, n_members, generator):
            self.drawn = torch.rand(1, generator=generator)
            return (n_features, n_outputs, n_members)

    own = Own()
    assert build(own, 5) == (4, 3, 5)
    assert own.drawn == torch.rand(1, generator=torch.Generator().manual_seed(11))


class Sharing(nn.Module):
    """Scores of several members from one set of weights: (n, d) -> (n, k, outputs)."""

    def __init__(self, n_features, n_outputs, n_members):
        super().__init__()
        self.layer = nn.Linear(n_features, n_members * n_outputs)
        self.shape = n_members, n_outputs

    def forward(self, x):
        return self.layer(x).unflatten(1, self.shape)


class BuildsShared:
    """A component of a user's own whose members share weights."""

    def build_shared(self, n_features, n_outputs, n_members):
        return Sharing(n_features, n_outputs, n_members)


def test_a_component_may_build_members_that_share_weights():
    component = BuildsShared()
    assert resolve_module(component) is component
    assert shares_weights(component)
    assert not shares_weights(MLP())
    before = torch.get_rng_state()
    network, again = build(component, 5), build(component, 5)
    assert torch.equal(torch.get_rng_state(), before)
    assert isinstance(network, SharedMembers)
    assert network.n_members == 5
    assert network(torch.randn(6, 4)).shape == (5, 6, 3)
    assert torch.equal(numbers(network), numbers(again))
    assert draws_in_training(component)


def test_members_that_share_weights_must_have_scores_of_their_own():
    class Flat:
        def build_shared(self, n_features, n_outputs, n_members):
            return nn.Linear(n_features, n_members * n_outputs)

    message = (
        r"^module returned shape \(2, 15\) for two rows; it must return scores of "
        r"shape \(n, n_members, n_outputs\), here \(2, 5, 3\)\.$"
    )
    with pytest.raises(ValueError, match=message):
        build(Flat(), 5)


def test_the_class_of_a_component_that_shares_is_refused():
    with pytest.raises(TypeError, match="module is the component class BuildsShared"):
        resolve_module(BuildsShared)


# Components that look at the rows ---------------------------------------------


class Looks:
    """A component that keeps what it is shown."""

    def prepare(self, X):
        seen = Looks()
        seen.shown = X
        return seen

    def build(self, n_features, n_outputs):
        return nn.Linear(n_features, n_outputs)


SCALES = Standardizer(np.array([1.0, -2.0]), np.array([0.5, 4.0]))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_a_component_is_shown_the_standardized_rows(kind):
    X = np.random.default_rng(0).normal(size=(7, 2))
    component = Looks()
    seen = prepared(component, kind(X), SCALES)
    assert not hasattr(component, "shown")
    assert seen.shown.dtype == np.float32
    np.testing.assert_allclose(seen.shown, (X - [1, -2]) / [0.5, 4], rtol=1e-5)


@pytest.mark.parametrize(("limit", "most"), [("_SHOWN_ROWS", 4), ("_SHOWN_ENTRIES", 9)])
def test_a_component_is_shown_many_rows_at_most(limit, most, monkeypatch):
    monkeypatch.setattr(f"simclf.training._network.{limit}", most)
    X = np.arange(18.0).reshape(9, 2)
    shown = prepared(Looks(), X, Standardizer(None, None)).shown
    assert shown[:, 0].tolist() == [0, 6, 12]


def test_a_network_class_with_such_a_method_is_shown_nothing():
    class Odd(Net):
        def prepare(self, X):
            raise AssertionError

    assert prepared(Odd, np.zeros((3, 2)), SCALES) is Odd
    assert prepared(Net, np.zeros((3, 2)), SCALES) is Net


# Random numbers in training ---------------------------------------------------


def test_foreign_networks_may_draw_in_training():
    assert draws_in_training(Net)
    assert draws_in_training(with_dropout)


def test_components_say_whether_they_draw_in_training():
    assert not draws_in_training(MLP(dropout=0.5))
    assert not draws_in_training(MLP())
    assert not draws_in_training(Linear())
