"""What can fail once training is under way, told by what brought it."""

import torch
from torch import Tensor
from torch.optim import Optimizer

from simclf.training._optimizer import OPTIMIZERS

# What is no fault of the network: it surfaces as it is.
OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)
# What torch raises where shapes or types do not fit; others are the user's own.
TORCH_ERRORS = (RuntimeError, ValueError, TypeError, IndexError)


def module_failed(features: Tensor, error: Exception) -> ValueError:
    """Refusal of a network that fails on a batch, once training is under way."""
    rows, remedy = f"{features.shape[-2]} rows", "It must take any number of rows"
    if features.shape[-2] == 1:
        rows = "a single row"
        remedy = "Where it normalises over the rows, use batch_size=2 or more"
    reason = f"{type(error).__name__}: {str(error).rstrip('.')}"
    return ValueError(f"module failed in training on {rows} ({reason}). {remedy}.")


def optimizer_failed(kind: type[Optimizer], error: Exception) -> ValueError:
    """Refusal of an optimizer that cannot be built for this network, or used on it."""
    return ValueError(
        f"optimizer={kind.__name__} cannot train this network ({error}); use one of "
        f"{sorted(OPTIMIZERS)}."
    )


def diverged(loss: float, epoch: int, lr: float) -> ValueError:
    """Refusal of a training loss that is not finite."""
    return ValueError(
        f"training diverged in epoch {epoch + 1} (loss is {loss}) with lr={lr}; use a "
        f"smaller lr, e.g. {lr / 10:g}, or scale X (standardize=True). If neither "
        "helps, look at weight_decay, the loss's own parameters and, if the module is "
        "your own, what it returns."
    )


def row_far_away(loss: float, epoch: int) -> ValueError:
    """Refusal of rows that a sound network cannot be judged by."""
    return ValueError(
        f"the validation loss is {loss} in epoch {epoch}: a row held out, or of X_val, "
        "lies so far outside the training data that the network's scores overflow; "
        "check its units, or clip the features."
    )
