"""Members of a network counted, taken out of it, or repeated."""

import copy

import torch
from torch import nn

from simclf.modules._leading_axis import LeadingAxis
from simclf.modules._shared_members import SharedMembers


def count_members(network: nn.Module) -> int:
    """Return how many members a network has."""
    if isinstance(network, SharedMembers):
        return network.n_members
    # One ordinary network is the only other one whose tensors have no member axis.
    if isinstance(network, LeadingAxis):
        return 1
    return int(next(network.parameters()).shape[0])


def members_sharing(network: nn.Module) -> int:
    """Return how many members share each set of weights."""
    return network.n_members if isinstance(network, SharedMembers) else 1


def take_members(network: nn.Module, members: slice) -> nn.Module:
    """Return a copy of some members of a network.

    Parameters
    ----------
    network : torch.nn.Module
        Every parameter and buffer of it has a leading member axis.
    members : slice
        Which members.

    Returns
    -------
    torch.nn.Module
        A network of these members alone, sharing no memory with the other.
    """
    smaller = copy.deepcopy(network)
    for tensor in (*smaller.parameters(), *smaller.buffers()):
        tensor.data = tensor.data[members].clone()
    return smaller


def repeat_first_members(network: nn.Module, times: int) -> None:
    """Let the members be the first of ``times`` equal groups, over and over.

    Groups that begin with the same weights differ by how they are trained alone.
    """
    if times == 1:
        return
    with torch.no_grad():
        for tensor in network.state_dict().values():
            first, *others = tensor.tensor_split(times)
            for other in others:
                other.copy_(first)
