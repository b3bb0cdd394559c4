"""Networks of one shape, forward and backward, in memory that is used again."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Backward = Callable[[Tensor, Tensor, Tensor], Any]
_ops = torch.ops.aten

# Forward: z, out. Backward: the gradient behind the activation, z, out.
_FORWARD: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "gelu": lambda z, out: _ops.gelu.out(z, out=out),
    "relu": lambda z, out: torch.clamp_min(z, 0, out=out),
    "silu": lambda z, out: _ops.silu.out(z, out=out),
    "tanh": lambda z, out: torch.tanh(z, out=out),
}
_BACKWARD: dict[str, Backward] = {
    "gelu": lambda g, z, out: _ops.gelu_backward.grad_input(g, z, grad_input=out),
    "relu": lambda g, z, out: _ops.threshold_backward.grad_input(
        g, z, 0, grad_input=out
    ),
    "silu": lambda g, z, out: _ops.silu_backward.grad_input(g, z, grad_input=out),
    "tanh": lambda g, z, out: _ops.tanh_backward.grad_input(
        g, z.tanh(), grad_input=out
    ),
}


class Networks:
    """Multilayer perceptrons along a leading axis, differentiated by hand.

    Autograd would ask for new memory in every operation, which for many networks
    takes longer than the products themselves.

    Parameters
    ----------
    maps : list of (tensor, tensor)
        Weights (n_networks, n_outputs, n_inputs) and biases (n_networks, 1, n_outputs)
        of each layer; changed by training.
    activation : {"gelu", "relu", "silu", "tanh"}
        What follows each hidden layer.
    """

    def __init__(self, maps: list[tuple[Tensor, Tensor]], activation: str) -> None:
        self.maps = maps
        self._activate = _FORWARD[activation]
        self._differentiate = _BACKWARD[activation]
        self._memory: dict[str, Tensor] = {}
        self._inputs: list[Tensor] = []
        self._masks: list[Tensor] = []

    def __len__(self) -> int:
        return len(self.maps[0][0])

    @property
    def parameters(self) -> list[Tensor]:
        """Weights and biases in one list."""
        return [value for pair in self.maps for value in pair]

    def use(self, parameters: list[Tensor]) -> None:
        """Take other parameters, in the order of ``parameters``."""
        self.maps = list(zip(parameters[::2], parameters[1::2], strict=True))

    def forward(self, x: Tensor, masks: list[Tensor]) -> Tensor:
        """Scores (n_networks, n, n_outputs) of rows (n_networks, n, d).

        ``masks`` has a factor (n_networks, 1, width) for each hidden layer, or is empty
        for none. The scores are overwritten by the next call.
        """
        self._inputs, self._masks = [x], masks
        last = len(self.maps) - 1
        for layer, (weight, bias) in enumerate(self.maps):
            z = self._space(f"z{layer}", x.shape[1], weight.shape[1])
            torch.bmm(x, weight.transpose(1, 2), out=z).add_(bias)
            if layer < last:
                x = self._space(f"h{layer}", *z.shape[1:])
                self._activate(z, x)
                if masks:
                    x.mul_(masks[layer])
                self._inputs.append(x)
        return z

    def backward(self, gradient: Tensor) -> list[Tensor]:
        """Gradients of ``parameters`` for one of the scores of the last forward pass.

        They are overwritten by the next call.
        """
        found: list[Tensor] = []
        for layer in range(len(self.maps) - 1, -1, -1):
            weight, bias = self.maps[layer]
            for_weight, for_bias = (
                self._space(f"{name}{layer}", *value.shape[1:])
                for name, value in (("weight", weight), ("bias", bias))
            )
            torch.bmm(gradient.transpose(1, 2), self._inputs[layer], out=for_weight)
            torch.sum(gradient, 1, keepdim=True, out=for_bias)
            found[:0] = [for_weight, for_bias]
            if layer:
                gradient = self._behind(layer - 1, gradient, weight)
        return found

    def _behind(self, layer: int, gradient: Tensor, weight: Tensor) -> Tensor:
        """Carry a gradient through the weights to what they were given by a layer."""
        z = self._space(f"z{layer}", gradient.shape[1], weight.shape[2])
        gradient = torch.bmm(gradient, weight, out=self._space("behind", *z.shape[1:]))
        if self._masks:
            gradient.mul_(self._masks[layer])
        carried = self._space("before", *z.shape[1:])
        self._differentiate(gradient, z, carried)
        return carried

    def _space(self, name: str, *shape: int) -> Tensor:
        """Return memory for (n_networks, *shape), the same for the same name."""
        wanted = len(self), *shape
        size = torch.Size(wanted).numel()
        memory = self._memory.get(name)
        if memory is None or len(memory) < size:
            memory = self._memory[name] = self.maps[0][0].new_empty(size)
        return memory[:size].view(wanted)
