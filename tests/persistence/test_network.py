"""A network is asked how it was built, and answers only where it can be sure."""

import pytest
import torch
from torch import nn

from simclf.modules import MLP, LeadingAxis, Linear
from simclf.persistence._network import answer_alike, mlp_of


@pytest.mark.parametrize("n_members", [1, 3])
@pytest.mark.parametrize("hidden", [(), (5,), (5, 2, 7)])
@pytest.mark.parametrize(
    ("activation", "dropout"), [("gelu", 0.0), ("relu", 0.25), ("tanh", 0.5)]
)
def test_a_network_of_ours_tells_how_it_was_built(
    n_members: int, hidden: tuple[int, ...], activation: str, dropout: float
) -> None:
    component = MLP(hidden, activation, dropout)
    network = component.build_members(4, 3, n_members, None)
    found = mlp_of(network)
    assert found is not None
    assert found.hidden_layer_sizes == hidden
    if hidden:
        assert found.get_params() == component.get_params()
    assert str(found.build_members(4, 3, n_members, None)) == str(network) or not hidden


@pytest.mark.parametrize(
    "network",
    [
        nn.Linear(4, 3),
        nn.Sequential(),
        nn.Sequential(nn.Linear(4, 3), nn.ReLU()),
        nn.Sequential(nn.Linear(4, 3, bias=False)),
        nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 3)),
        nn.Sequential(nn.Linear(4, 5), nn.GELU(approximate="tanh"), nn.Linear(5, 3)),
        nn.Sequential(nn.Linear(4, 5), nn.Sigmoid(), nn.Linear(5, 3)),
        nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3)),
    ],
)
def test_a_network_of_a_users_own_is_not_mistaken_for_ours(network: nn.Module) -> None:
    assert mlp_of(LeadingAxis(network)) is None


def test_a_linear_model_is_a_network_without_hidden_layers() -> None:
    found = mlp_of(Linear().build_members(4, 3, 2, None))
    assert found is not None
    assert found.hidden_layer_sizes == ()


def test_networks_are_told_apart_by_what_they_answer() -> None:
    one = nn.Linear(4, 3)
    other = nn.Linear(4, 3)
    assert not answer_alike(one, other, 4)
    other.load_state_dict(one.state_dict())
    assert answer_alike(one, other, 4)
    assert not answer_alike(one, nn.Sequential(other, nn.ReLU()), 4)
    assert torch.is_grad_enabled()
