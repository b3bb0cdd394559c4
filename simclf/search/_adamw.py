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
    fused : bool, default=None
        Whether torch's fused step is taken, network by network, instead of a few
        operations on all at once. None does so on a CPU: it passes over memory once,
        and is the step that a network alone takes, to the last bit.
    """

    def __init__(
        self,
        parameters: list[Tensor],
        lr: Sequence[float],
        weight_decay: Sequence[float],
        *,
        fused: bool | None = None,
    ) -> None:
        self.parameters = parameters
        self._rates = list(zip(lr, weight_decay, strict=True))
        self._means = [torch.zeros_like(value) for value in parameters]
        self._squares = [torch.zeros_like(value) for value in parameters]
        self._n_steps = 0
        on_cpu = parameters[0].device.type == "cpu"
        self._fused = on_cpu if fused is None else fused
        self._arrange()

    def step(self, gradients: list[Tensor]) -> None:
        """Take one step down the gradients, each of its parameter's shape."""
        self._n_steps += 1
        if self._fused:
            self._step_by_network(gradients)
        else:
            self._step_at_once(gradients)

    def keep(self, networks: Tensor) -> None:
        """Go on with these networks alone."""
        self._rates = [self._rates[i] for i in networks.tolist()]
        for values in (self.parameters, self._means, self._squares):
            values[:] = [value[networks] for value in values]
        self._arrange()

    def _arrange(self) -> None:
        """Prepare what every step needs."""
        first = self.parameters[0]
        self._views = [
            _by_network(values)
            for values in (self.parameters, self._means, self._squares)
        ]
        # In float64 until a step is put together, as torch has them.
        rates = torch.tensor(self._rates, dtype=torch.float64, device="cpu")
        lr, decay = rates.view(-1, 2, 1, 1).to(first.device).unbind(1)
        self._lr, self._shrink = lr, (1 - lr * decay).to(first.dtype)

    def _step_by_network(self, gradients: list[Tensor]) -> None:
        """Take torch's own fused step for each network.

        ``torch.optim.AdamW(fused=True)`` comes down to the same call, and takes as long
        again to get there.
        """
        count = torch.tensor(float(self._n_steps), device=gradients[0].device)
        counts = [count] * len(gradients)
        each = zip(*self._views, _by_network(gradients), self._rates, strict=True)
        for parameters, means, squares, slopes, (lr, decay) in each:
            torch._fused_adamw_(
                parameters,
                slopes,
                means,
                squares,
                [],
                counts,
                lr=lr,
                beta1=_BETA1,
                beta2=_BETA2,
                weight_decay=decay,
                eps=_EPS,
                amsgrad=False,
                maximize=False,
            )

    def _step_at_once(self, gradients: list[Tensor]) -> None:
        """Take the steps of all networks in a few operations."""
        correction = math.sqrt(1 - _BETA2**self._n_steps)
        rate = -self._lr * correction / (1 - _BETA1**self._n_steps)
        n, dtype = len(gradients), gradients[0].dtype
        torch._foreach_mul_(self.parameters, [self._shrink] * n)
        torch._foreach_lerp_(self._means, gradients, 1 - _BETA1)
        torch._foreach_mul_(self._squares, _BETA2)
        torch._foreach_addcmul_(self._squares, gradients, gradients, 1 - _BETA2)
        roots = [value.sqrt() for value in self._squares]
        torch._foreach_add_(roots, _EPS * correction)
        torch._foreach_div_(roots, [rate.to(dtype)] * n)
        torch._foreach_addcdiv_(self.parameters, self._means, roots)


def _by_network(values: list[Tensor]) -> list[list[Tensor]]:
    """Return the tensors of each network; they are views."""
    return [list(own) for own in zip(*(v.unbind(0) for v in values), strict=True)]
