"""Fitted classifiers out of files that anybody may have written."""

from typing import Any

from simclf.classifier import SimilarityAwareClassifier


def load(
    path: Any, *, module: Any = None, loss: Any = None
) -> SimilarityAwareClassifier:
    """Read a classifier that ``SimilarityAwareClassifier.save`` has written.

    The file need not come from somebody you trust: nothing in it is run, and one that
    is damaged or malicious is refused, at a cost in memory of a few times its size.

    Parameters
    ----------
    path : str or path-like
        The file.
    module : nn.Module class, component class or callable, default=None
        Your own, where the classifier was fitted with a ``module`` that is not one of
        :data:`simclf.modules.MODULES`. It is called with numbers out of the file.
    loss : Loss class, default=None
        Your own, where the classifier was fitted with a ``loss`` that is not one of
        :data:`simclf.losses.LOSSES`. It is called with parameters out of the file.

    Returns
    -------
    SimilarityAwareClassifier
        Fitted. It is on the device of its parameters, or on the CPU where there is no
        such device.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is anything but a whole model file of this release or an earlier one:
        damaged, of another format, a pickle; or if a class of your own is needed, or
        given and not needed.

    Examples
    --------
    A network of one's own is no data, and has to be at hand:

    >>> import tempfile
    >>> import numpy as np
    >>> import simclf
    >>> from torch import nn
    >>> class Wide(nn.Sequential):
    ...     def __init__(self, n_features, n_outputs):
    ...         layers = nn.Linear(n_features, 50), nn.ReLU(), nn.Linear(50, n_outputs)
    ...         super().__init__(*layers)
    >>> X, y = np.eye(6), ["ant", "bee", "cat"] * 2
    >>> clf = simclf.SimilarityAwareClassifier(
    ...     module=Wide, max_epochs=2, random_state=0
    ... )
    >>> clf = clf.fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clf.save(f"{folder}/animals.safetensors")
    ...     again = simclf.load(f"{folder}/animals.safetensors", module=Wide)
    >>> bool((again.predict(X) == clf.predict(X)).all())
    True
    """
    return SimilarityAwareClassifier.load(path, module=module, loss=loss)
