"""Grid search, whose models are trained many at a time."""

from typing import Any

import numpy as np
from sklearn.model_selection import GridSearchCV

from simclf.search._base import CONSTRAINTS, BatchedSearchCV


class BatchedGridSearchCV(BatchedSearchCV, GridSearchCV):
    """Grid search that trains all candidates on all splits at once.

    The search is scikit-learn's :class:`~sklearn.model_selection.GridSearchCV` over a
    :class:`simclf.SimilarityAwareClassifier`, with the same arguments, scores and
    attributes. The networks of many candidates and splits are trained together,
    along one more axis of the same operations, instead of one after the other. Each
    sees the initial weights, batches, dropout and held out rows that it would see
    alone, and has its own loss, table, learning rate, weight decay and end.

    Parameters
    ----------
    estimator : SimilarityAwareClassifier or Pipeline
        The classifier, or a pipeline that ends in it.
    param_grid : dict or list of dict
        Values to try by the name of the parameter.
    scoring : str, callable, list, tuple or dict, default=None
        As in scikit-learn; :func:`simclf.make_expected_score_scorer` judges by a
        table.
    n_jobs : int, default=None
        Processes that train batches of models side by side.
    refit : bool, str or callable, default=True
        As in scikit-learn. The best is trained alone, on all rows.
    cv : int, cross-validation generator or iterable, default=None
        As in scikit-learn.
    verbose : int, default=0
        As in scikit-learn.
    pre_dispatch : int or str, default="2*n_jobs"
        Batches that are handed to the processes ahead of time.
    error_score : "raise" or number, default=nan
        As in scikit-learn.
    return_train_score : bool, default=False
        As in scikit-learn.
    max_networks : int or "auto", default="auto"
        Networks that are trained at once, at most. "auto" is 32 on a CPU, where more
        are no faster, and on a GPU what a quarter of its free memory holds.

    Attributes
    ----------
    cv_results_ : dict
        As in scikit-learn. The time of a fit is its share of what training took.
    best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, \
refit_time_, multimetric_
        As in scikit-learn.
    batched_ : dict
        ``n_fits``, ``n_batched`` of them in ``n_batches``, ``n_failed`` that ended in
        an error, and under ``alone`` for each reason to fit models one by one how many
        these are and which candidates.

    Warns
    -----
    UserWarning
        If some fits are done one by one: those with callbacks, with a module other
        than :mod:`simclf.modules` has, with another optimizer than "adamw", with a loss
        or a label that cannot be pickled, with ``X_val`` or ``sample_scores``,
        candidates that are other classifiers, and, trained twice, fits that drew other
        numbers than foreseen: with ``random_state=None`` where a scorer draws from
        numpy's global state, too.

    See Also
    --------
    BatchedRandomizedSearchCV : Draws candidates instead of trying all.

    Notes
    -----
    A score differs from that of ``GridSearchCV`` by rounding alone: sums are taken in
    another order, and early stopping may thus end an epoch apart where two epochs are
    equal to the last digit. With ``dtype="float64"`` probabilities agree to 1e-6.
    Fits of one network shape, number of batches and number of epochs are trained
    together; others form batches of their own. The weights of all models are held until
    they are scored. What is printed with ``verbose`` of the
    classifier is printed by fits alone.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from simclf import SimilarityAwareClassifier, make_expected_score_scorer
    >>> from simclf.search import BatchedGridSearchCV
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["horse", "zebra", "whale"], 40)
    >>> X = rng.normal(size=(120, 2)) + np.repeat([[0, 0], [1, 0], [5, 5]], 40, axis=0)
    >>> animals = ["horse", "zebra", "whale"]
    >>> S = pd.DataFrame([[1, 0.7, 0], [0.2, 1, 0], [0, 0, 1]], animals, animals)
    >>> clf = SimilarityAwareClassifier(S, n_members=2, max_epochs=10, random_state=0)
    >>> grid = {"loss": ["cross_entropy", "tailored_score"], "lr": [1e-3, 1e-2]}
    >>> search = BatchedGridSearchCV(
    ...     clf, grid, scoring=make_expected_score_scorer(S), cv=3
    ... ).fit(X, y)
    >>> search.best_estimator_.predict([[6.0, 5.0]])
    array(['whale'], dtype='<U5')
    >>> search.batched_["n_fits"], search.batched_["n_batches"]
    (12, 1)
    """

    _parameter_constraints = {**GridSearchCV._parameter_constraints, **CONSTRAINTS}  # noqa: SLF001 - where scikit-learn keeps what parameters may be

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        *,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: float | str = np.nan,
        return_train_score: bool = False,
        max_networks: int | str = "auto",
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.max_networks = max_networks
