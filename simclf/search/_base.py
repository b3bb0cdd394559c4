"""scikit-learn's searches, whose models are trained many at a time."""

import copy
from collections.abc import Callable
from numbers import Integral
from typing import Any, Self

from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import indexable
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_method_params

from simclf.classifier import SimilarityAwareClassifier
from simclf.search._ahead import Ahead
from simclf.search._collect import last_step, make_plan
from simclf.training import training_by

CONSTRAINTS = {
    "max_networks": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")]
}


class BatchedSearchCV(BaseSearchCV):
    """The part of a search that is not scikit-learn's: training ahead of the fits."""

    _parameter_constraints: dict[str, Any]
    cv: Any
    n_jobs: int | None
    max_networks: int | str
    batched_: dict[str, Any]

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
            Itself. If anything fails, it is left as it was.

        Raises
        ------
        TypeError
            If the estimator is no ``SimilarityAwareClassifier``, nor a pipeline that
            ends in one.
        """
        _refuse_other_estimators(self.estimator)
        _refuse_flag(self.max_networks)
        draft: Self = copy.copy(self)
        draft._ahead = Ahead()
        draft._given = (*indexable(X, y), params)
        draft._parallel = {"n_jobs": self.n_jobs, "pre_dispatch": self.pre_dispatch}
        # Splits that come one after the other are read once, by us and scikit-learn.
        draft.cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        # Other processes train; scores are taken here, where the trained models are.
        # None would leave it to joblib.parallel_config, whose processes lack them.
        draft.n_jobs = 1
        super(BatchedSearchCV, draft).fit(X, y, **params)
        del draft._ahead, draft._given, draft._parallel
        draft.cv, draft.n_jobs = self.cv, self.n_jobs
        self.__dict__ = draft.__dict__
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
            self.batched_ = self._ahead.corrected(self.batched_, len(splits))
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


def _refuse_flag(max_networks: Any) -> None:
    """Refuse a bool, which scikit-learn takes for an integer."""
    if isinstance(max_networks, bool):
        msg = (
            "The 'max_networks' parameter must be 'auto' or an integer from 1 on. Got "
            f"{max_networks!r} instead."
        )
        raise ValueError(msg)


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
