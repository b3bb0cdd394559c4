"""What a file may claim of a network of this library is measured before it is built."""

import pytest
import torch

from simclf.modules import MLP, Linear, PiecewiseMLP, ResidualMLP, SharedMembers, TabM
from simclf.persistence._network_size import size_of_ours
from simclf.training._network import build_network
from simclf.training._seeding import Seeds

COMPONENTS = [
    MLP((20, 30)),
    ResidualMLP(3, 20),
    PiecewiseMLP(6, 5, (20,)),
    TabM(3, 20, embedding_size=None),
    TabM(2, 20, n_bins=6, embedding_size=5),
]


@pytest.mark.parametrize("component", COMPONENTS, ids=str)
@pytest.mark.parametrize("n_members", [1, 7])
def test_the_size_is_most_of_the_weights_and_no_more(component, n_members):
    network = build_network(component, 11, 3, n_members, Seeds(0, 0, 0, 0))
    found = sum(value.numel() for value in network.state_dict().values())
    size = size_of_ours(component, 11, 3, n_members)
    assert found / 4 < size <= found
    if isinstance(component, MLP):
        assert size == found
    assert isinstance(network, torch.nn.Module)
    assert isinstance(network, SharedMembers) == isinstance(component, TabM)


@pytest.mark.parametrize("component", COMPONENTS, ids=str)
@pytest.mark.parametrize(
    "name", ["n_blocks", "width", "n_bins", "embedding_size", "n_features", "n_members"]
)
def test_whatever_is_claimed_to_be_huge_makes_it_huge(component, name):
    sizes = {"n_features": 11, "n_outputs": 3, "n_members": 2}
    claimed = type(component)(**component.get_params())
    if name in sizes:
        sizes[name] = 10**12
    elif component.get_params().get(name) is None:
        return
    else:
        claimed.set_params(**{name: 10**12})
    assert size_of_ours(claimed, **sizes) >= 10**12


def test_a_component_that_no_file_describes_is_refused():
    message = r"^Linear\(\) is not how the network of a model is described$"
    with pytest.raises(TypeError, match=message):
        size_of_ours(Linear(), 11, 3, 2)
