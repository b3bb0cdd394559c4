"""One big fit on several processes or GPUs, through accelerate."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from simclf.training._processes import ManyProcesses, fits_on

__all__ = ["data_parallel"]


@contextmanager
def data_parallel(accelerator: Any = None) -> Iterator[Any]:
    """Let the fits inside the block divide every batch among all processes.

    Every process runs the same script with the same rows, computes its share of each
    batch, and adds its gradients to those of the others. The model is the same on all
    of them, and that of one process up to the order of additions. Worth it where a
    step takes longer than sending the gradients: large networks, large batches.

    Parameters
    ----------
    accelerator : accelerate.Accelerator, default=None
        None makes one with the settings of ``accelerate launch``.

    Yields
    ------
    accelerate.Accelerator
        For ``is_main_process``, ``device`` and the like.

    Raises
    ------
    ImportError
        If accelerate is not installed.

    Notes
    -----
    Seeds are those that the first process draws, so ``random_state=None`` is safe.
    Networks that mix the rows of a batch (batch normalisation) see their share only.
    Early stopping and the temperature are computed on every process, from the same
    rows and weights. Where there is one process only, nothing changes.

    Examples
    --------
    In a script started by ``accelerate launch --num_processes 2 train.py``, each
    process on the GPU that accelerate gives it:

    >>> from sklearn.datasets import load_digits
    >>> from simclf import SimilarityAwareClassifier
    >>> from simclf.distributed import data_parallel
    >>> X, y = load_digits(return_X_y=True)
    >>> with data_parallel() as accelerator:  # doctest: +SKIP
    ...     clf = SimilarityAwareClassifier(device=str(accelerator.device))
    ...     clf.fit(X, y)
    """
    try:
        from accelerate import Accelerator
    except ImportError:
        msg = (
            "data_parallel needs accelerate, which is not installed: "
            'pip install "simclf[distributed]".'
        )
        raise ImportError(msg) from None
    found = Accelerator() if accelerator is None else accelerator
    if found.num_processes == 1:
        yield found
        return
    with fits_on(ManyProcesses(found)):
        yield found
