"""AdamW for many networks at once, each with its own learning rate and decay."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

_BETA1, _BETA2, _EPS = 0.9, 0.999, 1e-8


class MemberAdamW:
    """What :class:`torch.optim.AdamW` does to each network alone, for all of them.

    Parameters
    ----------
    parameters : list of tensor
        Each (n_networks, ., .); changed in place.
    lr, weight_decay : sequence of float
        One for each network.
    """

    def __init__(
        self,
        parameters: list[Tensor],
        lr: Sequence[float],
        weight_decay: Sequence[float],
    ) -> None:
        self.parameters = parameters
        device = parameters[0].device
        # In float64 until a step is put together, as torch has them.
        self._lr, self._decay = (
            torch.tensor(values, dtype=torch.float64, device="cpu")
            .view(-1, 1, 1)
            .to(device)
            for values in (lr, weight_decay)
        )
        self._means = [torch.zeros_like(value) for value in parameters]
        self._squares = [torch.zeros_like(value) for value in parameters]
        self._n_steps = 0

    def step(self, gradients: list[Tensor]) -> None:
        """Take one step down the gradients, each of its parameter's shape."""
        self._n_steps += 1
        correction = math.sqrt(1 - _BETA2**self._n_steps)
        rate = -self._lr * correction / (1 - _BETA1**self._n_steps)
        torch._foreach_mul_(self.parameters, self._repeated(1 - self._lr * self._decay))
        torch._foreach_lerp_(self._means, gradients, 1 - _BETA1)
        torch._foreach_mul_(self._squares, _BETA2)
        torch._foreach_addcmul_(self._squares, gradients, gradients, 1 - _BETA2)
        roots = torch._foreach_sqrt(self._squares)
        torch._foreach_add_(roots, _EPS * correction)
        torch._foreach_div_(roots, self._repeated(rate))
        torch._foreach_addcdiv_(self.parameters, self._means, roots)

    def keep(self, networks: Tensor) -> None:
        """Go on with these networks alone."""
        self._lr, self._decay = self._lr[networks], self._decay[networks]
        for values in (self.parameters, self._means, self._squares):
            values[:] = [value[networks] for value in values]

    def _repeated(self, factor: Tensor) -> list[Tensor]:
        """Return a factor of each network once for every parameter."""
        return [factor.to(self.parameters[0].dtype)] * len(self.parameters)
