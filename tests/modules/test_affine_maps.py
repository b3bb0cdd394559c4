"""The affine maps of a network: its own memory, with a member axis."""

import pytest
import torch

from simclf.modules import MLP, Linear, affine_maps


@pytest.mark.parametrize("n_members", [1, 3])
@pytest.mark.parametrize(
    ("component", "widths"), [(MLP((5, 4)), [5, 4, 2]), (Linear(), [2])]
)
def test_maps_are_the_layers_themselves(component, widths, n_members):
    network = component.build_members(3, 2, n_members, torch.Generator().manual_seed(0))
    maps = affine_maps(network)
    assert [weight.shape[1] for weight, _ in maps] == widths
    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))
    hidden = x.expand(n_members, 6, 3)
    for position, (weight, bias) in enumerate(maps):
        assert not weight.requires_grad
        hidden = torch.nn.functional.gelu(hidden) if position else hidden
        hidden = hidden @ weight.transpose(1, 2) + bias
    torch.testing.assert_close(network.eval()(x), hidden)
    for weight, bias in maps:
        weight.zero_()
        bias.zero_()
    assert not network(x).any()
