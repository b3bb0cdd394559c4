"""A classifier that is kept as data: saved, loaded, pickled and copied."""

import copy
from typing import Any, Self

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from simclf.persistence._components import Own
from simclf.persistence._files import read_model, write_model
from simclf.persistence._model import Fitted
from simclf.persistence._pickled import from_state, to_state
from simclf.similarity import ScoreTable
from simclf.training import Model, Settings


class KeptAsData(BaseEstimator):
    """Saving, loading, pickling and copying of the estimator that derives from it."""

    def _fitted(self) -> Fitted:
        """Return what the fit has come to, apart from the parameters."""
        raise NotImplementedError

    @classmethod
    def _fill(
        cls, draft: Any, model: Model, table: ScoreTable, settings: Settings
    ) -> Any:
        """Write on a draft what the model, table and settings tell; the draft."""
        raise NotImplementedError

    def save(self, path: Any) -> None:
        """Write the fitted classifier to one file of numbers and names, without code.

        Parameters
        ----------
        path : str or path-like
            The file, by custom with the suffix ".safetensors". One that is there
            already is replaced at once, when the new one is whole and on the disk, and
            keeps its permissions.

        Returns
        -------
        None
            The classifier stays as it is.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError
            For a parameter that is code and no data: a callable table, callbacks, an
            optimizer class; and for labels that are no strings, numbers or bools.
        ValueError, FileNotFoundError
            For a path that cannot be written to; and where since the fit a ``module``
            of one's own was replaced, or has come to build another network, or a
            parameter was set to what no fit takes. Other parameters set after the fit
            are saved as they are, and the file answers as the fitted model does.

        See Also
        --------
        SimilarityAwareClassifier.load : Reads it.

        Notes
        -----
        The file is in the safetensors format; its metadata are one JSON text, with
        the sha256 of all bytes. It holds all parameters and all that ``predict``,
        ``predict_proba`` and ``expected_scores`` read, so that these answer as before,
        bit for bit on the same kind of machine. The optimizer's memory of former
        steps is not kept: ``partial_fit`` and ``warm_start`` go on from the same
        weights with fresh momentum. Of a ``module`` or ``loss`` of one's own only the
        name and parameters are kept. A
        :class:`simclf.BayesDecisionClassifier` wraps estimators of other libraries,
        which this format cannot hold; use joblib for it, or skops, which takes no
        DataFrame: call ``set_params(similarity=None)`` after its fit.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> import simclf
        >>> X, y = np.eye(6), ["ant", "bee", "cat"] * 2
        >>> clf = simclf.SimilarityAwareClassifier(max_epochs=2, random_state=0)
        >>> clf = clf.fit(X, y)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "animals.safetensors"
        ...     clf.save(path)
        ...     again = simclf.load(path)
        >>> bool((again.predict_proba(X) == clf.predict_proba(X)).all())
        True
        """
        check_is_fitted(self)
        write_model(path, self, self._fitted())

    @classmethod
    def load(cls, path: Any, *, module: Any = None, loss: Any = None) -> Self:
        """Read a classifier that ``save`` has written; see :func:`simclf.load`.

        Parameters
        ----------
        path : str or path-like
            The file.
        module, loss : class or callable, default=None
            The ``module`` or ``loss`` of your own that the classifier was fitted with.

        Returns
        -------
        SimilarityAwareClassifier
            Fitted.
        """
        loaded: Any
        loaded, fitted, settings = read_model(path, cls, Own(module, loss))
        loaded.temperature_ = fitted.temperature
        loaded.auto_report_ = fitted.auto_report
        loaded.n_features_in_ = fitted.n_features
        if fitted.feature_names is not None:
            loaded.feature_names_in_ = fitted.feature_names
        filled: Self = cls._fill(loaded, fitted.model, fitted.table, settings)
        return filled

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: arrays and plain values."""
        return to_state(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(from_state(state))

    def __copy__(self) -> Self:
        same = object.__new__(type(self))
        same.__dict__.update(self.__dict__)
        return same

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        same = object.__new__(type(self))
        memo[id(self)] = same
        same.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return same
