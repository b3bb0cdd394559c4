"""Randomized search, whose models are trained many at a time."""

from typing import Any

import numpy as np
from sklearn.model_selection import RandomizedSearchCV

from simclf.search._base import CONSTRAINTS, BatchedSearchCV


class BatchedRandomizedSearchCV(BatchedSearchCV, RandomizedSearchCV):
    """Randomized search that trains all candidates on all splits at once.

    To :class:`~sklearn.model_selection.RandomizedSearchCV` what
    :class:`BatchedGridSearchCV` is to a grid search: see there for how, for what is
    fitted one by one, and for the attributes.

    Parameters
    ----------
    estimator : SimilarityAwareClassifier or Pipeline
        The classifier, or a pipeline that ends in it.
    param_distributions : dict or list of dict
        Distributions or values to draw from by the name of the parameter.
    n_iter : int, default=10
        Candidates drawn.
    scoring : str, callable, list, tuple or dict, default=None
        As in scikit-learn.
    n_jobs : int, default=None
        Processes that train batches of models side by side.
    refit : bool, str or callable, default=True
        As in scikit-learn.
    cv : int, cross-validation generator or iterable, default=None
        As in scikit-learn.
    verbose : int, default=0
        As in scikit-learn.
    pre_dispatch : int or str, default="2*n_jobs"
        Batches that are handed to the processes ahead of time.
    random_state : int, RandomState or None, default=None
        What candidates are drawn with.
    error_score : "raise" or number, default=nan
        As in scikit-learn.
    return_train_score : bool, default=False
        As in scikit-learn.
    max_networks : int or "auto", default="auto"
        Networks that are trained at once, at most.

    Attributes
    ----------
    batched_ : dict
        As in :class:`BatchedGridSearchCV`; all others are scikit-learn's.

    See Also
    --------
    BatchedGridSearchCV : Tries all candidates of a grid.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.stats import loguniform
    >>> from simclf import SimilarityAwareClassifier
    >>> from simclf.search import BatchedRandomizedSearchCV
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["horse", "whale"], 40)
    >>> X = rng.normal(size=(80, 2)) + np.repeat([[0, 0], [3, 3]], 40, axis=0)
    >>> clf = SimilarityAwareClassifier(n_members=1, max_epochs=5, random_state=0)
    >>> search = BatchedRandomizedSearchCV(
    ...     clf, {"lr": loguniform(1e-3, 1e-1)}, n_iter=4, cv=2, random_state=0
    ... ).fit(X, y)
    >>> search.batched_["n_batched"]
    8
    """

    _parameter_constraints = {
        **RandomizedSearchCV._parameter_constraints,  # noqa: SLF001 - where scikit-learn keeps what parameters may be
        **CONSTRAINTS,
    }

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        *,
        n_iter: int = 10,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        random_state: Any = None,
        error_score: float | str = np.nan,
        return_train_score: bool = False,
        max_networks: int | str = "auto",
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.max_networks = max_networks
