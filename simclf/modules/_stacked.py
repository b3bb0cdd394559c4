"""Members of any network: its parameters stacked, its forward pass vectorised."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class StackedModule(nn.Module):
    """Networks of one kind, evaluated together through :func:`torch.func.vmap`.

    Parameters
    ----------
    members : sequence of torch.nn.Module
        Networks of the same architecture, each (n, d) -> (n, n_outputs).
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        parameters, buffers = torch.func.stack_module_state(list(members))
        self._parameter_names = tuple(parameters)
        self._buffer_names = tuple(buffers)
        for name, value in parameters.items():
            # A layer that its author froze stays frozen.
            stacked = nn.Parameter(value, requires_grad=value.requires_grad)
            self.register_parameter(_as_key(name), stacked)
        for name, value in buffers.items():
            self.register_buffer(_as_key(name), value)
        # Kept in a tuple so that torch does not take its parameters for ours.
        self._skeleton = (_without_numbers(members[0]),)

    def train(self, mode: bool = True) -> "StackedModule":  # noqa: FBT001, FBT002 - torch's signature
        """Set the mode of the skeleton too, which torch cannot see."""
        self._skeleton[0].train(mode)
        super().train(mode)
        return self

    def extra_repr(self) -> str:
        """Show the layers of one member."""
        return str(self._skeleton[0])

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every member: (n, d) -> (n_members, n, n_outputs).

        Rows of shape (n_members, n, d) are each member's own.
        """
        parameters = {
            name: getattr(self, _as_key(name)) for name in self._parameter_names
        }
        buffers = {name: getattr(self, _as_key(name)) for name in self._buffer_names}

        # functional_call writes into the skeleton while it runs; threads that predict
        # with one model each need their own.
        skeleton = self._skeleton[0] if self.training else _copied(self._skeleton[0])

        def one(
            parameters: dict[str, Any], buffers: dict[str, Any], rows: Tensor
        ) -> Tensor:
            state = (parameters, buffers)
            scores: Tensor = torch.func.functional_call(skeleton, state, (rows,))
            return scores

        axes = (0, 0, None if x.ndim == 2 else 0)
        scores: Tensor = torch.func.vmap(one, axes, randomness="different")(
            parameters, buffers, x
        )
        return scores

    def members(self) -> list[nn.Module]:
        """Return the networks one by one, with copies of their numbers."""
        stacks = {
            name: getattr(self, _as_key(name))
            for name in (*self._parameter_names, *self._buffer_names)
        }
        n_members = len(next(iter(stacks.values())))
        return [
            _with_numbers(
                self._skeleton[0],
                {name: stack[position] for name, stack in stacks.items()},
            )
            for position in range(n_members)
        ]


class OneByOne(nn.Module):
    """Networks evaluated one after the other, for tools that do not know vmap.

    Parameters
    ----------
    members : sequence of torch.nn.Module
        Networks, each (n, d) -> (n, n_outputs).
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every member: (n, d) -> (n_members, n, n_outputs)."""
        return torch.stack([member(x) for member in self.members])


def _with_numbers(skeleton: nn.Module, numbers: dict[str, Tensor]) -> nn.Module:
    """Copy a skeleton that has no numbers and give it some; it is for evaluation."""
    given: dict[int, Any] = {
        id(value): numbers[name].detach().clone()
        for name, value in skeleton.named_buffers()
    }
    for name, value in skeleton.named_parameters():
        given[id(value)] = nn.Parameter(numbers[name].detach().clone())
    return copy.deepcopy(skeleton, given).eval()


def _without_numbers(network: nn.Module) -> nn.Module:
    """Copy a network, its tensors without memory; layers that share one still do."""
    empty: dict[int, Any] = {
        id(value): torch.empty_like(value, device="meta") for value in network.buffers()
    }
    for value in network.parameters():
        meta = torch.empty_like(value, device="meta")
        empty[id(value)] = nn.Parameter(meta, requires_grad=value.requires_grad)
    return copy.deepcopy(network, empty)


def _copied(skeleton: nn.Module) -> nn.Module:
    """Copy a skeleton's layers; they share its tensors, which hold no numbers."""
    shared = [*skeleton.parameters(), *skeleton.buffers()]
    return copy.deepcopy(skeleton, {id(tensor): tensor for tensor in shared})


def _as_key(name: str) -> str:
    """Return the attribute that holds the stack of a parameter or buffer."""
    return "stacked_" + name.replace(".", "__")
