"""Where rows live: on the device as long as there is room, else batches go there."""

import torch
from torch import Tensor

# Share of the device's free memory that rows may take; the rest is for the network,
# its gradients and what is between its layers.
_SHARE = 0.5


def fits(n_bytes: int, free: int | None) -> bool:
    """Whether so many bytes of rows stay on a device that has so many free.

    A device of which nobody knows how much is free is given all.
    """
    return free is None or n_bytes <= _SHARE * free


def free_bytes(device: torch.device) -> int | None:
    """Return the free memory of a CUDA device; None where nobody knows."""
    if device.type != "cuda":
        return None
    free, _ = torch.cuda.mem_get_info(device)
    # What torch has taken and does not use is as good as free.
    held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free) + held


class Upload:
    """Brings tensors of a batch to the device while it is busy with the last batch.

    A step only queues its work, so that the next batch is put together while the
    device computes; from page-locked memory and on a stream of its own it also goes
    over beside that work. What is queued behind the upload waits for it, not the CPU.

    Parameters
    ----------
    device : torch.device
        Where to.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def __call__(self, host: Tensor) -> Tensor:
        """Return a copy of a tensor of the CPU."""
        if self._stream is None:
            return host.to(self._device, copy=True)
        queue = torch.cuda.current_stream(self._device)
        with torch.cuda.stream(self._stream):
            moved = host.pin_memory().to(self._device, non_blocking=True)
        queue.wait_stream(self._stream)
        # The memory is not given to another batch before the queue is done with it.
        moved.record_stream(queue)
        return moved
