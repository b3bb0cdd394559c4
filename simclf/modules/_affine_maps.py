"""The affine maps of the networks of this library, every one with a member axis."""

from torch import Tensor, nn

from simclf.modules._leading_axis import LeadingAxis
from simclf.modules._mlp import MemberMLP


def affine_maps(network: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Return weights and biases of every layer, in order; views, without gradients.

    Parameters
    ----------
    network : torch.nn.Module
        What ``build_members`` of :class:`MLP` or :class:`Linear` has built.

    Returns
    -------
    list of (tensor, tensor)
        Of shapes (n_members, n_outputs, n_inputs) and (n_members, 1, n_outputs).
    """
    if isinstance(network, MemberMLP):
        layers = [network.first, *network.others]
        return [(layer.weight.detach(), layer.bias.detach()) for layer in layers]
    assert isinstance(network, LeadingAxis)
    plain = [
        layer for layer in network.network.children() if isinstance(layer, nn.Linear)
    ]
    return [
        (layer.weight.detach()[None], layer.bias.detach()[None, None])
        for layer in plain
    ]
