"""The fused step of Adam, without what torch does around it in every step."""

import torch
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer


class QuickSteps:
    """Steps of an optimizer; those of fused Adam and AdamW on a CPU take a short way.

    They make the calls that :class:`torch.optim.AdamW` comes down to, on the state
    that it keeps; for a small network torch takes longer to get there. Any other
    optimizer, and one with hooks, takes its own steps.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        What takes the first step in any case, and makes its state in it.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer
        self._parameters: list[Tensor] = []
        self._states: tuple[list[Tensor], ...] = ()
        decoupled = isinstance(optimizer, AdamW)
        # Not torch's public names: where one is gone, torch's own way is taken.
        name = "_fused_adamw_" if decoupled else "_fused_adam_"
        self._fused = getattr(torch, name, None)

    def step(self) -> None:
        """Take one step down the gradients."""
        found = [parameter.grad for parameter in self._parameters]
        gradients = [gradient for gradient in found if gradient is not None]
        fused = self._fused
        if fused is None or len(gradients) < len(found) or not self._may_go_on():
            self._optimizer.step()
            self._learn_way()
            return
        (group,) = self._optimizer.param_groups
        counts, means, squares = self._states
        beta1, beta2 = group["betas"]
        with torch.no_grad():
            torch._foreach_add_(counts, 1)
            fused(
                self._parameters,
                gradients,
                means,
                squares,
                [],
                counts,
                lr=group["lr"],
                beta1=beta1,
                beta2=beta2,
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
            )

    def _may_go_on(self) -> bool:
        """Whether the state is still the optimizer's, and nobody is told of steps."""
        if not self._parameters:
            return False
        own = vars(self._optimizer)
        state = own["state"].get(self._parameters[0])
        # Learning rate schedulers put a method in place of step, others leave hooks,
        # and a callback may add weights.
        return not (
            state is None
            or len(own["param_groups"]) > 1
            or state["step"] is not self._states[0][0]
            or own["_optimizer_step_pre_hooks"]
            or own["_optimizer_step_post_hooks"]
            or "step" in own
        )

    def _learn_way(self) -> None:
        """Find the state of an optimizer that has taken a step."""
        self._parameters = []
        if not _has_short_way(self._optimizer):
            return
        self._parameters = list(self._optimizer.param_groups[0]["params"])
        states = [self._optimizer.state[p] for p in self._parameters]
        names = "step", "exp_avg", "exp_avg_sq"
        self._states = tuple([state[name] for state in states] for name in names)


def _has_short_way(optimizer: Optimizer) -> bool:
    """Whether this is a plain fused Adam that has learned all parameters on a CPU."""
    if type(optimizer) not in (Adam, AdamW) or len(optimizer.param_groups) > 1:
        return False
    (group,) = optimizer.param_groups
    if not group["fused"] or group["amsgrad"] or group["maximize"]:
        return False
    kinds = {(p.device.type, p.dtype, p.grad is None) for p in group["params"]}
    return len(kinds) == 1 and next(iter(kinds))[::2] == ("cpu", False)
