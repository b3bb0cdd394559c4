"""What a net computes with: floating types, and steps that are compiled or replayed."""

from dataclasses import dataclass
from typing import Any, Literal, Self

import torch

_DTYPES = {"float32": torch.float32, "float64": torch.float64}
_PRECISIONS = {None: None, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Arithmetic:
    """How steps are computed.

    ``products`` is the floating type of matrix products in a step, None where it is
    that of the weights; ``compiled`` is the parameter ``compile``.
    """

    products: torch.dtype | None = None
    compiled: Literal["graph"] | bool = False

    def settings(self) -> dict[str, Any]:
        """Return the parameters ``precision`` and ``compile`` that it comes of."""
        names = {products: name for name, products in _PRECISIONS.items()}
        return {"precision": names[self.products], "compile": self.compiled}

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Self:
        """Return what `settings` has described."""
        return cls(_PRECISIONS[settings["precision"]], settings["compile"])


def resolve_dtype(dtype: Any) -> torch.dtype:
    """Turn the ``dtype`` parameter into torch's."""
    name = str(dtype).removeprefix("torch.")
    if name not in _DTYPES:
        msg = f"dtype={dtype!r} is unknown; use one of {list(_DTYPES)}."
        raise ValueError(msg)
    return _DTYPES[name]


def resolve_arithmetic(
    precision: Any, compiled: Any, dtype: torch.dtype, device: torch.device
) -> Arithmetic:
    """Check ``precision`` and ``compile`` against the other parameters."""
    if not isinstance(precision, str | None) or precision not in _PRECISIONS:
        msg = f"precision={precision!r} is unknown; use None or 'bf16'."
        raise ValueError(msg)
    if precision is not None:
        _check_bf16(dtype, device)
    graph = isinstance(compiled, str) and compiled == "graph"
    if not graph and not isinstance(compiled, bool):
        msg = f"compile={compiled!r} is unknown; use False, True or 'graph'."
        raise ValueError(msg)
    return Arithmetic(_PRECISIONS[precision], compiled)


def _check_bf16(dtype: torch.dtype, device: torch.device) -> None:
    """Refuse bfloat16 beside float64, and on a device that has none."""
    if dtype == torch.float64:
        msg = (
            "precision='bf16' rounds products to three digits, dtype='float64' asks "
            "for sixteen; use dtype='float32', or precision=None."
        )
        raise ValueError(msg)
    if device.type == "cuda" and not torch.cuda.is_bf16_supported():
        msg = (
            f"precision='bf16' needs a CPU or a CUDA device with bfloat16, not "
            f"device='{device}'; use precision=None."
        )
        raise ValueError(msg)
