"""Fitted steps of a pipeline as torch modules, in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectorMixin
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from torch import Tensor, nn

from simclf._typing import AnyArray


def step_of(step: Any) -> nn.Module:
    """Return a fitted step of a pipeline as a torch module."""
    # A class derived from a scaler may turn rows in another way.
    build = _selected if isinstance(step, SelectorMixin) else _STEPS.get(type(step))
    if build is None:
        known = ", ".join(kind.__name__ for kind in (*_STEPS, SelectorMixin))
        msg = (
            f"the step {type(step).__name__} of the pipeline is not exported; of other "
            f"steps there may be {known}. Export the classifier alone, clf[-1], and "
            "prepare rows before it."
        )
        raise TypeError(msg)
    return build(step)


def keep_numbers(module: nn.Module, name: str, values: Any) -> None:
    """Keep numbers in a module, in float64."""
    module.register_buffer(name, torch.tensor(values, dtype=torch.float64))


class _Affine(nn.Module):
    """A scaler or a projection: ``(x - shift) / scale``, then a product."""

    shift: Tensor
    scale: Tensor
    product: Tensor

    def __init__(
        self, shift: Any = 0.0, scale: Any = 1.0, product: AnyArray | None = None
    ) -> None:
        super().__init__()
        keep_numbers(self, "shift", 0.0 if shift is None else shift)
        keep_numbers(self, "scale", 1.0 if scale is None else scale)
        self.projects = product is not None
        if product is not None:
            keep_numbers(self, "product", product)

    def forward(self, x: Tensor) -> Tensor:
        """Return the rows, turned."""
        z: Tensor = (x - self.shift) / self.scale
        return z @ self.product if self.projects else z


class _Columns(nn.Module):
    """Some of the columns."""

    def __init__(self, index: AnyArray) -> None:
        super().__init__()
        self.register_buffer("index", torch.tensor(index))

    def forward(self, x: Tensor) -> Tensor:
        """Return the rows, cut."""
        return x.index_select(1, self.get_buffer("index"))


def _selected(step: SelectorMixin) -> _Columns:
    """Take the columns that a selector has chosen."""
    return _Columns(step.get_support(indices=True))


def _min_max(step: MinMaxScaler) -> _Affine:
    """``x * scale_ + min_``, unless it is cut off."""
    _refuse_clip(step)
    return _Affine(-step.min_ / step.scale_, 1 / step.scale_)


def _max_abs(step: MaxAbsScaler) -> _Affine:
    """``x / scale_``, unless it is cut off."""
    _refuse_clip(step)
    return _Affine(scale=step.scale_)


def _refuse_clip(step: Any) -> None:
    """Refuse a scaler that cuts rows off; before 1.9 MaxAbsScaler had no clip."""
    if getattr(step, "clip", False):
        name = type(step).__name__
        msg = f"{name}(clip=True) is not exported; fit the pipeline without clip."
        raise TypeError(msg)


def _pca(step: PCA) -> _Affine:
    """Components, of unit variance where the PCA whitens."""
    product = step.components_.T
    if step.whiten:
        variance = step.explained_variance_
        # As scikit-learn does where the columns do not span their space.
        product = product / np.sqrt(variance).clip(np.finfo(variance.dtype).eps)
    return _Affine(step.mean_, product=product)


_STEPS: dict[type, Callable[[Any], nn.Module]] = {
    StandardScaler: lambda step: _Affine(
        step.mean_ if step.with_mean else None, step.scale_
    ),
    RobustScaler: lambda step: _Affine(
        step.center_ if step.with_centering else None,
        step.scale_ if step.with_scaling else None,
    ),
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    PCA: _pca,
}
