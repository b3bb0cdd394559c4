"""torch's exporter, asked for a graph that takes any number of rows."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

_ANY_NUMBER = ({0: torch.export.Dim("n")},)


def exported(graph: nn.Module, rows: Tensor) -> Any:
    """Let torch write the graph."""
    try:
        with _quiet():
            program = torch.onnx.export(
                _traced(graph, rows),
                dynamo=True,
                input_names=["X"],
                output_names=["code", "probabilities"],
                dynamic_shapes=_ANY_NUMBER,
                verbose=False,
            )
    except Exception as error:
        msg = (
            f"torch cannot export this network to ONNX: {error} The network must do "
            "the same for any number of rows: loop over no rows, and branch on no "
            "value."
        )
        raise ValueError(msg) from error
    assert program is not None
    return program.model_proto


def _traced(graph: nn.Module, rows: Tensor) -> torch.export.ExportedProgram:
    """Let torch record what the graph does with any number of rows.

    Left to itself, its exporter to ONNX takes the three rows it is shown for all there
    will ever be, where it cannot tell.
    """
    trace = partial(torch.export.export, graph, (rows,), dynamic_shapes=_ANY_NUMBER)
    try:
        return trace(strict=False)
    except Exception:  # noqa: BLE001 - of whatever kind, the other way may do
        # Slower, but it reads len(x), which is a plain number to the first way.
        return trace(strict=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Let torch not tell of what it does itself, nor of packages it would look for."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
