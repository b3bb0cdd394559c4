"""A fitted classifier as one ONNX graph, from raw features to answers."""

import copy
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
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
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from simclf._typing import AnyArray
from simclf.classifier import SimilarityAwareClassifier
from simclf.decision._rounding import TIE, rounding_doubt
from simclf.decision._temperature import LEAST_PROBA
from simclf.modules import OneByOne, StackedModule
from simclf.similarity import unit_regret
from simclf.similarity._extras import import_extra

__all__ = ["to_onnx"]

_TINY = float(np.finfo(np.float64).tiny)
_ANY_NUMBER = ({0: torch.export.Dim("n")},)


def to_onnx(clf: Any, X: Any) -> Any:
    """Turn a fitted classifier into an ONNX model.

    Needs onnx and onnxscript, which come with ``pip install "simclf[onnx]"``.

    Parameters
    ----------
    clf : SimilarityAwareClassifier or Pipeline
        Fitted. A pipeline ends in one, and its other steps are StandardScaler,
        RobustScaler, MinMaxScaler (without ``clip``), MaxAbsScaler, PCA, selectors such
        as SelectKBest, or "passthrough".
    X : array-like of shape (n_samples, n_features)
        Rows as those to come. Of them only the dtype is read, float32 or else float64,
        and the number of columns.

    Returns
    -------
    onnx.ModelProto
        One input, "X" of shape (n, n_features), and two outputs: "label" of shape (n,)
        with what ``predict`` answers, and "probabilities" of shape (n, n_classes),
        float64, with what ``predict_proba`` returns. Any number n of rows will do.
        Labels are of one kind in ONNX: where ``predict`` answers 0 or "refer", the
        graph answers "0" or "refer".

    Raises
    ------
    ImportError
        If onnx or onnxscript is not installed.
    NotFittedError
        Before ``fit``.
    TypeError
        For another classifier or another step.
    ValueError
        For a wrong number of columns, or a network that torch cannot export for any
        number of rows.

    Notes
    -----
    Everything is in the graph: the standardizer in float64, the members and the link of
    the loss in float32, and in float64 their mean, the temperature, and the decision
    with its rule for ties. Rows that lie so far outside the training data that scores
    overflow give nan, where ``predict`` refuses them. Names of columns are not in the
    graph. What a :class:`~simclf.BayesDecisionClassifier` wraps is another library's:
    export its ``estimator_`` with skl2onnx.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from simclf import SimilarityAwareClassifier
    >>> from simclf.onnx import to_onnx
    >>> X, y = np.eye(6, dtype=np.float32), ["ant", "bee", "cat"] * 2
    >>> clf = SimilarityAwareClassifier(max_epochs=2, random_state=0)
    >>> clf = make_pipeline(StandardScaler(), clf).fit(X, y)
    >>> model = to_onnx(clf, X)
    >>> [output.name for output in model.graph.output]
    ['label', 'probabilities']

    Written with ``onnx.save(model, "animals.onnx")``, it runs in onnxruntime:

    >>> import onnxruntime
    >>> session = onnxruntime.InferenceSession(model.SerializeToString())
    >>> label, proba = session.run(None, {"X": X})
    >>> bool((label == clf.predict(X)).all())
    True
    """
    onnx = import_extra("onnx", "onnx", "onnx")
    import_extra("onnxscript", "onnxscript", "onnx")
    steps = [step for _, step in clf.steps] if hasattr(clf, "steps") else [clf]
    last = steps.pop()
    _check_classifier(last)
    check_is_fitted(last)
    maps = [_step_of(step) for step in steps if step not in (None, "passthrough")]
    graph = _Graph(maps, last).eval()
    rows = _example_rows(X, clf.n_features_in_)
    return _with_labels(onnx, _exported(graph, rows), last.decisions_)


class _Graph(nn.Module):
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
        _keep(self, "regret", unit_regret(clf.similarity_))
        _keep(self, "doubt", rounding_doubt(extremes))
        self.standardize = clf.mean_ is not None
        if self.standardize:
            _keep(self, "mean", clf.mean_)
            _keep(self, "scale", clf.scale_)
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
        # arcsinh in operations that ONNX has in float64.
        tails = z.sign() * (z.abs() + (z * z + 1).sqrt()).log()
        return torch.where(torch.tensor(self.heavy), tails, z)

    def _bayes(self, proba: Tensor) -> Tensor:
        """Return the first answer of least regret, up to rounding."""
        expected = proba @ self.regret
        excess = expected - expected.amin(dim=-1, keepdim=True)
        doubt = (proba * self.doubt).sum(dim=-1, keepdim=True) + _TINY
        return (excess <= TIE * doubt).to(torch.int64).argmax(dim=-1)


class _Affine(nn.Module):
    """A scaler or a projection: ``(x - shift) / scale``, then a product."""

    shift: Tensor
    scale: Tensor
    product: Tensor

    def __init__(
        self, shift: Any = 0.0, scale: Any = 1.0, product: AnyArray | None = None
    ) -> None:
        super().__init__()
        _keep(self, "shift", 0.0 if shift is None else shift)
        _keep(self, "scale", 1.0 if scale is None else scale)
        self.projects = product is not None
        if product is not None:
            _keep(self, "product", product)

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


def _keep(module: nn.Module, name: str, values: Any) -> None:
    """Keep numbers in a module, in float64."""
    module.register_buffer(name, torch.tensor(values, dtype=torch.float64))


def _normalised(proba: Tensor) -> Tensor:
    """Rows that sum to one."""
    return proba / proba.sum(dim=-1, keepdim=True)


def _min_max(step: MinMaxScaler) -> _Affine:
    """``x * scale_ + min_``, unless it is cut off."""
    if step.clip:
        msg = "MinMaxScaler(clip=True) is not exported; fit the pipeline without clip."
        raise TypeError(msg)
    return _Affine(-step.min_ / step.scale_, 1 / step.scale_)


def _pca(step: PCA) -> _Affine:
    """Components, of unit variance where the PCA whitens."""
    product = step.components_.T
    if step.whiten:
        product = product / np.sqrt(step.explained_variance_)
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
    MaxAbsScaler: lambda step: _Affine(scale=step.scale_),
    PCA: _pca,
    SelectorMixin: lambda step: _Columns(step.get_support(indices=True)),
}


def _step_of(step: Any) -> nn.Module:
    """Return a fitted step of a pipeline as a torch module."""
    for kind, build in _STEPS.items():
        if isinstance(step, kind):
            return build(step)
    msg = (
        f"the step {type(step).__name__} of the pipeline is not exported; of other "
        f"steps there may be {', '.join(kind.__name__ for kind in _STEPS)}. Export the "
        "classifier alone, clf[-1], and prepare rows before it."
    )
    raise TypeError(msg)


def _check_classifier(clf: Any) -> None:
    """Refuse classifiers that are not a network of ours."""
    if isinstance(clf, SimilarityAwareClassifier):
        return
    msg = (
        f"clf is a {type(clf).__name__}; to_onnx takes a SimilarityAwareClassifier or "
        "a pipeline that ends in one. Export other libraries' classifiers with "
        "skl2onnx."
    )
    raise TypeError(msg)


def _example_rows(X: Any, n_features: int) -> Tensor:
    """Rows of the width and dtype of those to come."""
    shape = np.shape(X)
    if len(shape) != 2 or shape[1] != n_features:
        msg = (
            f"X must have shape (n, {n_features}), as the classifier was fitted, got "
            f"{shape}."
        )
        raise ValueError(msg)
    # Frames have a dtype for each column, and lists have none.
    dtype = X.dtype if hasattr(X, "dtype") else np.asarray(X[:0]).dtype
    kind = torch.float32 if dtype == np.float32 else torch.float64
    # Of one row torch would conclude that there is always one.
    return torch.zeros(3, n_features, dtype=kind)


def _exported(graph: _Graph, rows: Tensor) -> Any:
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


def _traced(graph: _Graph, rows: Tensor) -> torch.export.ExportedProgram:
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


def _with_labels(onnx: Any, model: Any, decisions: AnyArray) -> Any:
    """Let the graph give labels in the place of their positions."""
    kinds = {type(label) for label in decisions.tolist()}
    labels = (
        decisions if len(kinds) == 1 and str not in kinds else decisions.astype(str)
    )
    held = labels.astype(object) if labels.dtype.kind == "U" else labels
    tensor = onnx.numpy_helper.from_array(held, "labels")
    graph = model.graph
    graph.initializer.append(tensor)
    graph.node.append(onnx.helper.make_node("Gather", ["labels", "code"], ["label"]))
    dimension = graph.output[0].type.tensor_type.shape.dim[0].dim_param
    label = onnx.helper.make_tensor_value_info("label", tensor.data_type, [dimension])
    del graph.output[0]
    graph.output.insert(0, label)
    onnx.checker.check_model(model, full_check=True)
    return model
