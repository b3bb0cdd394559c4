"""A scikit-learn scorer that judges any classifier under a score table of its own."""

from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.exceptions import NotFittedError
from sklearn.utils.metadata_routing import UNCHANGED, MetadataRequest

from simclf._typing import AnyArray
from simclf.decision import bayes_decision
from simclf.decision._align import aligned_table
from simclf.decision._label_order import sorted_for, sorted_labels
from simclf.decision._posterior import require_proba, warn_unless_posterior
from simclf.decision._sample_scores import column_labels
from simclf.metrics import expected_score, mean_score
from simclf.similarity import ScoreTable, resolve_table
from simclf.similarity._entries import read_array
from simclf.similarity._frame import is_frame, row_labels
from simclf.similarity._labels import label_array, plain_labels, show_labels
from simclf.similarity._numbers import read_flag

__all__ = ["ExpectedScoreScorer", "make_expected_score_scorer"]

_RESPONSES = ("predict", "predict_proba", "bayes")


def make_expected_score_scorer(
    similarity: object = None,
    *,
    cost: object = None,
    response: str = "predict",
    normalize: bool = False,
    classes: ArrayLike | None = None,
) -> "ExpectedScoreScorer":
    """Make a scorer, greater is better, from a score table.

    Parameters
    ----------
    similarity : array-like of shape (n_classes, n_classes), DataFrame, ScoreTable, \
callable or None, default=None
        What answer ``j`` (column) is worth when the truth is ``i`` (row). None is the
        identity: accuracy. A labelled table is the safe choice in cross-validation:
        it fits folds whose training part lacks a class.
    cost : as `similarity`, default=None
        The same table with the opposite sign; give one of the two.
    response : {"predict", "predict_proba", "bayes"}, default="predict"
        What is judged: the mean score of ``predict``; the expected score of answers
        drawn from ``predict_proba``; or the mean score of the Bayes decision taken
        from ``predict_proba`` under `similarity`, whatever ``predict`` does.
    normalize : bool, default=False
        True puts the score on the scale of :func:`simclf.metrics.skill_score`: 0 for
        the best constant answer on the rows at hand, 1 for perfect answers.
    classes : array-like of shape (n_classes,), default=None
        Labels of a bare array, in sorted order, in which it is read. None takes the
        estimator's ``classes_``.

    Returns
    -------
    ExpectedScoreScorer
        Callable as ``scorer(estimator, X, y, sample_weight=None,
        sample_scores=None)``; for the ``scoring`` of any search or cross-validation.

    Raises
    ------
    ValueError
        If `response` is unknown, `similarity` and `cost` are both given, a labelled
        table lacks a column for one of its rows, or a bare array comes with `classes`
        that are not sorted.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> from simclf.scorers import make_expected_score_scorer
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> y = y.map({0: "setosa", 1: "versicolor", 2: "virginica"}).to_numpy()
    >>> names = ["virginica", "versicolor", "setosa"]
    >>> table = pd.DataFrame(
    ...     [[1.0, 0.8, 0.0], [0.2, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ...     index=names,
    ...     columns=names,
    ... )
    >>> scorer = make_expected_score_scorer(table, response="bayes")
    >>> scorer
    make_expected_score_scorer(<3x3 table>, response='bayes')
    >>> model = LogisticRegression(max_iter=1000)
    >>> cross_val_score(model, X, y, cv=3, scoring=scorer).round(3)
    array([0.988, 0.98 , 0.976])
    """
    return ExpectedScoreScorer(
        similarity,
        cost=cost,
        response=response,
        normalize=normalize,
        classes=classes,
    )


class ExpectedScoreScorer:
    """Scorer of :func:`make_expected_score_scorer`.

    Parameters
    ----------
    similarity, cost, response, normalize, classes
        As in :func:`make_expected_score_scorer`.

    Notes
    -----
    Like scikit-learn's own scorers it can be cloned and pickled, and it takes part in
    metadata routing: ``set_score_request(sample_weight=True)`` makes a search hand
    over the weights. Without routing, ``GridSearchCV.fit(X, y, sample_weight=...)``
    hands them over by itself from scikit-learn 1.9 on.

    Rows of `sample_scores` are only ever handed over by routing, switched on with
    ``sklearn.set_config(enable_metadata_routing=True)``. They judge the answers; where
    `response` is "bayes", the answers are still taken under `similarity`, because
    what a row is worth is known with its truth.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from simclf.scorers import ExpectedScoreScorer
    >>> X, y = [[0], [1], [2]], ["ant", "bee", "bee"]
    >>> model = DummyClassifier(strategy="constant", constant="bee").fit(X, y)
    >>> ExpectedScoreScorer([[1.0, 0.25], [0.0, 1.0]])(model, X, y)
    0.75
    """

    def __init__(
        self,
        similarity: object = None,
        *,
        cost: object = None,
        response: str = "predict",
        normalize: bool = False,
        classes: ArrayLike | None = None,
    ) -> None:
        _check_response(response)
        read_flag(normalize, "normalize")
        _check_tables(similarity, cost, classes)
        self.similarity = similarity
        self.cost = cost
        self.response = response
        self.normalize = normalize
        self.classes = classes
        self._requests: dict[str, bool | str | None] = {
            "sample_weight": None,
            "sample_scores": None,
        }

    def __call__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        sample_scores: Any = None,
    ) -> float:
        """Score a fitted estimator.

        Parameters
        ----------
        estimator : object
            Fitted classifier with ``predict``, or ``predict_proba`` and ``classes_``.
        X : array-like of shape (n_samples, n_features)
            Rows to be scored on.
        y : array-like of shape (n_samples,)
            Their true labels; a labelled table may know more than the estimator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.
        sample_scores : array-like of shape (n_samples, n_decisions) or DataFrame, \
default=None
            What each answer is worth for each of these rows, in place of the table's
            row of its truth; read as in :func:`simclf.metrics.mean_score`. Without
            a table, the columns of a bare array are `classes`, or the estimator's.

        Returns
        -------
        float
            Greater is better.

        Raises
        ------
        ValueError
            If the table or `sample_scores` do not fit the labels.
        TypeError
            If `response` needs probabilities and the estimator gives none.

        Warns
        -----
        SimilarityWarning
            If `response` is "bayes" and what the estimator gives as probabilities are
            not those of the classes (its ``proba_is_posterior_`` is False).
        """
        table = self._table(estimator, sample_scores)
        settings = {
            "sample_weight": sample_weight,
            "sample_scores": sample_scores,
            "normalize": self.normalize,
        }
        if self.response == "predict":
            return mean_score(y, estimator.predict(X), table, **settings)
        need = f"response={self.response!r}"
        require_proba(estimator, need, "use response='predict', or ")
        proba, columns = estimator.predict_proba(X), estimator.classes_
        if self.response == "predict_proba":
            return expected_score(y, proba, table, classes=columns, **settings)
        if self.similarity is not None or self.cost is not None:
            remedy = "judge its own answers with response='predict'"
            warn_unless_posterior(estimator, remedy, stacklevel=2)
        y_pred = _bayes_answers(proba, table, columns)
        return mean_score(y, y_pred, table, **settings)

    def set_score_request(
        self,
        *,
        sample_weight: bool | str | None = UNCHANGED,
        sample_scores: bool | str | None = UNCHANGED,
    ) -> "ExpectedScoreScorer":
        """Say which routed metadata are wanted, as scikit-learn's scorers do.

        Parameters
        ----------
        sample_weight, sample_scores : bool, str or None, default=UNCHANGED
            True to be given them, False not to; a string is the name under which they
            are passed; None makes passing them an error.

        Returns
        -------
        ExpectedScoreScorer
            Itself.

        Raises
        ------
        RuntimeError
            If `sample_scores` are wanted while metadata routing is off: nobody would
            hand them over, and the scores would be those of the table.

        Examples
        --------
        >>> from simclf.scorers import make_expected_score_scorer
        >>> scorer = make_expected_score_scorer().set_score_request(sample_weight=True)
        >>> scorer.get_metadata_routing().score.requests
        {'sample_weight': True, 'sample_scores': None}
        """
        if sample_scores not in (UNCHANGED, None, False):
            _require_routing(sample_scores)
        wanted = {"sample_weight": sample_weight, "sample_scores": sample_scores}
        changed = {name: it for name, it in wanted.items() if it != UNCHANGED}
        before, self._requests = self._requests, self._requests | changed
        try:
            self.get_metadata_routing()
        except ValueError:
            self._requests = before
            raise
        return self

    def get_metadata_routing(self) -> MetadataRequest:
        """Tell a search which metadata are wanted.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRequest
        """
        requests = MetadataRequest(owner=repr(self))
        for name, request in self._requests.items():
            requests.score.add_request(param=name, alias=request)
        return requests

    def __sklearn_clone__(self) -> "ExpectedScoreScorer":
        return deepcopy(self)

    def __repr__(self) -> str:
        """Call that makes this scorer, without the numbers of its table."""
        given = self.similarity if self.cost is None else self.cost
        sign = "" if self.cost is None else "cost="
        parts = [f"{sign}{_describe_table(given)}", f"response={self.response!r}"]
        if self.normalize:
            parts.append("normalize=True")
        if self.classes is not None:
            parts.append(
                f"classes={show_labels(plain_labels(np.asarray(self.classes)))}"
            )
        return f"make_expected_score_scorer({', '.join(parts)})"

    def _accept_sample_weight(self) -> bool:
        """Tell scikit-learn's multimetric searches that weights are understood."""
        return True

    def _table(self, estimator: Any, sample_scores: Any) -> Any:
        """Table with labels: as given, or a bare array with the labels of its rows."""
        if is_frame(self.similarity) or isinstance(self.similarity, ScoreTable):
            return self.similarity
        if is_frame(self.cost):
            return _whole_frame(None, self.cost)
        is_given = self.similarity is not None or self.cost is not None
        if not is_given and not _need_names(sample_scores):
            return None
        if self.classes is not None:
            labels = sorted_labels(self.classes)
            return resolve_table(self.similarity, labels, cost=self.cost)
        return _read_for(estimator, self.similarity, self.cost)


def _check_response(response: object) -> None:
    """Refuse a response that no branch of the scorer takes."""
    if response not in _RESPONSES:
        msg = (
            f"response is {response!r}; expected 'predict', 'predict_proba' or 'bayes'."
        )
        raise ValueError(msg)


def _check_tables(similarity: object, cost: object, classes: ArrayLike | None) -> None:
    """Refuse what a search would turn into scores of nan: it catches all errors."""
    if similarity is not None and cost is not None:
        msg = "similarity and cost are both given; pass one of them, the other as None."
        raise ValueError(msg)
    name = "similarity" if cost is None else "cost"
    given = similarity if cost is None else cost
    if is_frame(given):
        _whole_frame(similarity, cost)
    elif classes is not None and not isinstance(given, ScoreTable):
        sorted_for(given, classes, name)


def _whole_frame(similarity: Any, cost: Any) -> ScoreTable:
    """Read a labelled table with all the classes it knows."""
    name = "similarity" if cost is None else "cost"
    labels = row_labels(similarity if cost is None else cost, name)
    return resolve_table(similarity, label_array(labels), cost=cost)


def _require_routing(sample_scores: object) -> None:
    """Refuse a request that nobody would meet."""
    if not get_config()["enable_metadata_routing"]:
        msg = (
            f"set_score_request(sample_scores={sample_scores!r}) needs metadata "
            "routing, which is off, so the rows would never reach the scorer. Call "
            "sklearn.set_config(enable_metadata_routing=True) first."
        )
        raise RuntimeError(msg)


def _need_names(sample_scores: object) -> bool:
    """Whether scores of rows come without the names of their answers."""
    return sample_scores is not None and column_labels(sample_scores) is None


def _read_for(estimator: Any, similarity: object, cost: object) -> ScoreTable:
    """Bare table in the order of an estimator's classes."""
    if not hasattr(estimator, "classes_"):
        msg = (
            f"{type(estimator).__name__} has no classes_: it is not fitted yet, or no "
            "classifier. Call fit first."
        )
        raise NotFittedError(msg)
    labels = sorted_labels(estimator.classes_)
    for name, table in (("similarity", similarity), ("cost", cost)):
        if table is not None and not callable(table):
            _check_size(read_array(table, name).shape, labels, name)
    return resolve_table(similarity, labels, cost=cost)


def _check_size(shape: tuple[int, ...], labels: AnyArray, name: str) -> None:
    """Refuse a bare array that the estimator's classes do not explain."""
    if shape != (len(labels), len(labels)):
        msg = (
            f"{name} has shape {shape} but the fitted estimator knows "
            f"{len(labels)} classes {show_labels(plain_labels(labels))}, perhaps "
            "because its training rows lacked one. Pass classes=... to "
            "make_expected_score_scorer, the labels of the table's rows, or a "
            "DataFrame labelled by class."
        )
        raise ValueError(msg)


def _bayes_answers(proba: Any, table: object, columns: AnyArray) -> AnyArray:
    """Labels of the best answers among those that an estimator can give."""
    known = aligned_table(table, columns)
    return np.asarray(known.decisions[bayes_decision(proba, known)])


def _describe_table(similarity: Any) -> str:
    """Shape of a table, or the name of what makes it."""
    if similarity is None:
        return "None"
    if callable(similarity):
        return str(getattr(similarity, "__name__", type(similarity).__name__))
    values = similarity.values if isinstance(similarity, ScoreTable) else similarity
    return f"<{'x'.join(map(str, np.shape(values)))} table>"
