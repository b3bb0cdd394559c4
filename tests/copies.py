"""How many copies of a large array something makes."""

import tracemalloc
from collections.abc import Callable


def copies_made(call: Callable[[], object], n_bytes: int) -> float:
    """Peak of what numpy allocates during a call, in units of so many bytes."""
    tracemalloc.start()
    try:
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak / n_bytes
