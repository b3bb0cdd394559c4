"""scikit-learn's searches, whose models are trained many at a time."""

from collections.abc import Callable
from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import indexable
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_method_params

from simclf.classifier import SimilarityAwareClassifier
from simclf.search._ahead import Ahead
from simclf.search._collect import last_step, make_plan
from simclf.training import training_by

_CONSTRAINTS = {
    "max_networks": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")]
}


class _BatchedSearchCV(BaseSearchCV):
    """The part of a search that is not scikit-learn's: training ahead of the fits."""

    _parameter_constraints: dict[str, Any]
    cv: Any
    n_jobs: int | None
    max_networks: int | str

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Train all candidates on all splits, score them, and refit the best.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Labels.
        **params : dict
            As in scikit-learn: ``groups``, and what ``fit`` of the estimator takes,
            such as ``sample_weight``.

        Returns
        -------
        BatchedGridSearchCV or BatchedRandomizedSearchCV
            Itself.

        Raises
        ------
        TypeError
            If the estimator is no ``SimilarityAwareClassifier``, nor a pipeline that
            ends in one.
        """
        _refuse_other_estimators(self.estimator)
        cv, n_jobs = self.cv, self.n_jobs
        self._ahead = Ahead()
        self._given = (*indexable(X, y), params)
        self._parallel = {"n_jobs": n_jobs, "pre_dispatch": self.pre_dispatch}
        # Splits that come one after the other are read once, by us and scikit-learn.
        self.cv = check_cv(cv, y, classifier=is_classifier(self.estimator))
        # Other processes train; scores are taken here, where the trained models are.
        self.n_jobs = None
        try:
            super().fit(X, y, **params)
        finally:
            self.cv, self.n_jobs = cv, n_jobs
            del self._ahead, self._given, self._parallel
        return self

    def _run_search(
        self, evaluate_candidates: Callable[..., Any], *, callback_ctx: Any = None
    ) -> None:
        """Search as scikit-learn does, each round of candidates trained ahead."""

        def evaluate(
            candidate_params: Any, cv: Any = None, **more: Any
        ) -> dict[str, Any]:
            candidates = list(candidate_params)
            splits = self._train(candidates, cv or self.cv)
            with training_by(self._ahead.give, self._ahead.measure):
                results: dict[str, Any] = evaluate_candidates(
                    candidates, cv=check_cv(splits), **more
                )
            return results

        context = {} if callback_ctx is None else {"callback_ctx": callback_ctx}
        super()._run_search(evaluate, **context)

    def _train(self, candidates: list[dict[str, Any]], cv: Any) -> list[Any]:
        """Train the candidates on all splits; the splits, which may be random."""
        X, y, params = self._given
        routed = self._get_routed_params_for_fit(_check_method_params(X, params=params))
        splits = list(cv.split(X, y, **routed.splitter.split))
        estimator = clone(self.estimator)
        plan = make_plan(
            estimator,
            candidates,
            splits,
            (X, y),
            routed.estimator.fit,
            self._ahead.measure,
        )
        self.batched_ = self._ahead.train(plan, self.max_networks, self._parallel)
        return splits

    def _format_results(
        self, candidate_params: Any, n_splits: int, out: Any, more_results: Any = None
    ) -> Any:
        """Add to the time of each fit what was spent on it beforehand."""
        shares = zip(out, self._ahead.seconds(), strict=True)
        timed = [{**one, "fit_time": one["fit_time"] + share} for one, share in shares]
        return super()._format_results(candidate_params, n_splits, timed, more_results)


class BatchedGridSearchCV(_BatchedSearchCV, GridSearchCV):
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
        than :mod:`simclf.modules` has, with another optimizer than "adamw", with
        ``X_val`` or ``sample_scores``, and candidates that are other classifiers.

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

    _parameter_constraints = {**GridSearchCV._parameter_constraints, **_CONSTRAINTS}  # noqa: SLF001 - where scikit-learn keeps what parameters may be

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


class BatchedRandomizedSearchCV(_BatchedSearchCV, RandomizedSearchCV):
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
        **_CONSTRAINTS,
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


def _refuse_other_estimators(estimator: Any) -> None:
    """Refuse what has no networks of ours to train together."""
    last = last_step(estimator)
    if not isinstance(last, SimilarityAwareClassifier):
        msg = (
            f"estimator is a {type(last).__name__}; a batched search trains the "
            "networks of a SimilarityAwareClassifier, or of a Pipeline that ends in "
            "one. Use scikit-learn's own search for other estimators."
        )
        raise TypeError(msg)
