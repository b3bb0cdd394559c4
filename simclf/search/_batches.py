"""Which models are trained together: of one group, few enough for the memory."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise

import torch

from simclf.modules import affine_maps
from simclf.search._tasks import Task

# On a CPU more networks at once are no faster: benchmarks/search.py --networks.
_CPU_NETWORKS = 32
_CPU_BYTES = 2**28
_GPU_SHARE = 0.25
_ADAM_COPIES = 8


def divide(tasks: Iterable[Task], max_networks: int | str) -> list[list[Task]]:
    """Divide tasks into batches, those of one stream and one loss side by side.

    Parameters
    ----------
    tasks : iterable of Task
        All of them.
    max_networks : int or "auto"
        Networks of a batch at most; a model is never divided.
    """
    groups: dict[Hashable, dict[str, list[Task]]] = {}
    for task in tasks:
        groups.setdefault(task.group, {}).setdefault(task.stream, []).append(task)
    batches: list[list[Task]] = []
    for streams in groups.values():
        first = next(iter(streams.values()))[0]
        limit = networks_at_once(first) if max_networks == "auto" else max_networks
        size = max(1, int(limit) // first.settings.n_networks)
        parts = [part for own in streams.values() for part in _parts(own, size)]
        batches.extend(_packed(parts, size))
    return batches


def networks_at_once(task: Task) -> int:
    """Return how many networks are trained at once, where nothing else is asked for."""
    settings = task.settings
    maps = affine_maps(task.job.model.net.module_)
    n_parameters = sum(w[0].numel() + b[0].numel() for w, b in maps)
    widths = [maps[0][0].shape[2], *(weight.shape[1] for weight, _ in maps)]
    entries = settings.batch_size * 3 * sum(widths) + _ADAM_COPIES * n_parameters
    size = entries * settings.dtype.itemsize
    if settings.device.type != "cuda":
        return max(1, min(_CPU_NETWORKS, _CPU_BYTES // size))
    free, _ = torch.cuda.mem_get_info(settings.device)
    return max(1, int(_GPU_SHARE * free) // size)


def _parts(tasks: Sequence[Task], size: int) -> list[list[Task]]:
    """Divide tasks into parts of nearly one size, equal losses side by side."""
    ordered = sorted(tasks, key=lambda task: task.loss)
    n_parts = -(-len(ordered) // size)
    bounds = [len(ordered) * i // n_parts for i in range(n_parts + 1)]
    return [ordered[a:b] for a, b in pairwise(bounds)]


def _packed(parts: Iterable[list[Task]], size: int) -> list[list[Task]]:
    """Put small parts together."""
    packed: list[list[Task]] = []
    for part in parts:
        if packed and len(packed[-1]) + len(part) <= size:
            packed[-1].extend(part)
        else:
            packed.append(list(part))
    # Equal losses of several streams are one run.
    return [sorted(tasks, key=lambda task: task.loss) for tasks in packed]
