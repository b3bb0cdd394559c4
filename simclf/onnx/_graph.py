"""All that lies between features and answers, as one torch module."""

import copy
import math

import numpy as np
import torch
from torch import Tensor, nn

from simclf.classifier import SimilarityAwareClassifier
from simclf.decision._rounding import TIE, rounding_doubt
from simclf.decision._temperature import LEAST_PROBA
from simclf.modules import OneByOne, StackedModule
from simclf.onnx._steps import keep_numbers
from simclf.similarity import unit_regret

_TINY = float(np.finfo(np.float64).tiny)
# From here on z * z + 1 is z * z to the last bit, and sooner or later overflows.
_FAR = 1e8


class Graph(nn.Module):
    """All that lies between features and answers, on the CPU."""

    regret: Tensor
    doubt: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, maps: list[nn.Module], clf: SimilarityAwareClassifier) -> None:
        super().__init__()
        self.maps = nn.ModuleList(maps)
        network = clf.net_.module_
        if isinstance(network, StackedModule):
            # torch would take the number of rows it is shown for that of all.
            network = OneByOne(network.members())
        # In float32, whatever the classifier: onnxruntime has no GELU in float64.
        self.network = copy.deepcopy(network).cpu().float()
        self.criterion = copy.deepcopy(clf.net_.criterion_).cpu().float()
        self.n_classes = len(clf.classes_)
        self.temperature = clf.temperature_
        self.is_bayes = clf.decision_ == "bayes"
        self.is_posterior = clf.proba_is_posterior_
        extremes = np.stack([clf.similarity_.min(1), clf.similarity_.max(1)], axis=1)
        keep_numbers(self, "regret", unit_regret(clf.similarity_))
        keep_numbers(self, "doubt", rounding_doubt(extremes))
        self.standardize = clf.mean_ is not None
        if self.standardize:
            keep_numbers(self, "mean", clf.mean_)
            keep_numbers(self, "scale", clf.scale_)
            heavy = clf.heavy_tailed_
            self.heavy: list[bool] | None = None if heavy is None else heavy.tolist()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Codes of the answers (n,) and probabilities of the classes (n, K)."""
        x = x.double()
        for step in self.maps:
            x = step(x)
        rows = self._standardized(x).float()
        pooled = _normalised(self.criterion.pooled_proba(self.network(rows)))
        proba = _normalised(pooled[:, : self.n_classes].clamp(min=_TINY))
        if self.temperature != 1.0:
            logs = proba.clamp(min=LEAST_PROBA).log() / self.temperature
            proba = logs.softmax(dim=-1)
        if self.is_bayes:
            return self._bayes(proba), proba
        return (proba if self.is_posterior else pooled).argmax(dim=-1), proba

    def _standardized(self, x: Tensor) -> Tensor:
        if not self.standardize:
            return x
        z = (x - self.mean) / self.scale
        if self.heavy is None:
            return z
        return torch.where(torch.tensor(self.heavy), _arcsinh(z), z)

    def _bayes(self, proba: Tensor) -> Tensor:
        """Return the first answer of least regret, up to rounding."""
        expected = proba @ self.regret
        excess = expected - expected.amin(dim=-1, keepdim=True)
        doubt = (proba * self.doubt).sum(dim=-1, keepdim=True) + _TINY
        return (excess <= TIE * doubt).to(torch.int64).argmax(dim=-1)


def _arcsinh(z: Tensor) -> Tensor:
    """Return arcsinh in operations that ONNX has in float64."""
    size = z.abs()
    near = size.clamp(max=_FAR)
    far = size.log() + math.log(2)
    return z.sign() * torch.where(
        size > _FAR, far, (near + (near * near + 1).sqrt()).log()
    )


def _normalised(proba: Tensor) -> Tensor:
    """Rows that sum to one."""
    return proba / proba.sum(dim=-1, keepdim=True)
