"""From a fitted classifier, alone or at the end of a pipeline, to an ONNX model."""

from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from simclf._typing import AnyArray
from simclf.classifier import SimilarityAwareClassifier
from simclf.onnx._export import exported
from simclf.onnx._graph import Graph
from simclf.onnx._steps import step_of
from simclf.similarity._extras import import_extra


def to_onnx(clf: Any, X: Any) -> Any:
    """Turn a fitted classifier into an ONNX model.

    Needs onnx and onnxscript, which come with ``pip install "simclf[onnx]"``.

    Parameters
    ----------
    clf : SimilarityAwareClassifier or Pipeline
        Fitted. A pipeline ends in one, and its other steps are StandardScaler,
        RobustScaler, MinMaxScaler and MaxAbsScaler (without ``clip``), PCA, none of
        them a class derived from these, selectors such as SelectKBest, or
        "passthrough".
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
    steps = [step for step in steps if step not in (None, "passthrough")]
    graph = Graph([step_of(step) for step in steps], last).eval()
    rows = _example_rows(X, (*steps, last)[0].n_features_in_)
    return _with_labels(onnx, exported(graph, rows), last.decisions_)


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
