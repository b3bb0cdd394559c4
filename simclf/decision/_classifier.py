"""Bayes decisions under a score table for any classifier that gives probabilities."""

import copy
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.utils import Bunch, Tags, get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from simclf._typing import AnyArray, FloatArray
from simclf.decision._accuracy import share_right
from simclf.decision._align import label_codes
from simclf.decision._bayes import argmax_decision, bayes_decision
from simclf.decision._bayes import expected_scores as expected_scores_of
from simclf.decision._calibration import Calibrator, Temperature, fit_calibrator
from simclf.decision._given import check_estimator, fit_copy, resolve_method, route
from simclf.decision._target import read_classes, read_counts, read_labels
from simclf.decision._unseen import Rows, class_proba, unseen_rows
from simclf.similarity import ScoreTable, resolve_table, warn_about_table


def _gives_proba(self: Any) -> bool:
    """Whether the classifier gives probabilities."""
    return hasattr(getattr(self, "estimator_", self.estimator), "predict_proba")


class BayesDecisionClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Any classifier, answering what is worth most under a score table.

    The classifier is fitted as ever. Its probabilities are made honest on rows that
    it has not learned from, and ``predict`` gives the answer of highest expected score
    instead of the most probable class.

    Parameters
    ----------
    estimator : estimator
        Classifier with ``predict_proba``; a copy of it is fitted. To keep one that is
        fitted already, wrap it in :class:`~sklearn.frozen.FrozenEstimator` yourself;
        the rows given to ``fit`` are then only used for calibration, and must not be
        those that it has learned from.
    similarity : array of shape (n_classes, n_classes), DataFrame, callable or None, \
default=None
        What answering ``j`` is worth when the truth is ``i``; higher is better. A
        DataFrame is aligned by class name on both axes, cut to the classes at hand,
        and may have further columns: answers that are no class, such as "refer". An
        array is read in sorted class order. A callable is given ``classes_`` and
        returns either. None is ordinary classification.
    cost : as `similarity`, default=None
        The same table with the opposite sign; give one of the two.
    calibration : {"auto", "temperature", "sigmoid", "isotonic", None}, default="auto"
        "temperature" divides the log probabilities by one number. "sigmoid" and
        "isotonic" fit a curve for each class against the rest, by scikit-learn's
        calibrators; they want many rows of each class. "auto" is "temperature"
        where there is a table, and None where there is none: a temperature changes
        no most probable class.
    cv : int, splitter, iterable or None, default=None
        How rows are held out for calibration: an int is that many stratified folds,
        None is 5. A class with fewer rows than folds is held out in as many folds as
        it has rows; a row whose class the rest of its fold lacks does not count. Where
        rows come in groups, such as patients, hold out whole groups:
        ``cv=GroupKFold(5)`` and ``fit(X, y, groups=patients)``. Not used where
        nothing is calibrated, or the classifier is frozen.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Sorted labels.
    decisions_ : ndarray of shape (n_decisions,)
        What ``predict`` may answer: the classes, then the further columns of the
        table.
    similarity_ : ndarray of shape (n_classes, n_decisions)
        The table in the order of ``classes_`` and ``decisions_``, float64.
    estimator_ : estimator
        The classifier fitted on all rows, or the frozen one.
    calibrator_ : callable or None
        From the probabilities of ``estimator_`` to those of ``predict_proba``.
    temperature_ : float or None
        What the log probabilities are divided by: above one where the classifier was
        too sure of itself. 1 without calibration, None under "sigmoid" and "isotonic".
    n_features_in_ : int
        Number of features, where ``estimator_`` tells.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where ``estimator_`` tells.

    See Also
    --------
    bayes_decision : The same decision on probabilities at hand.
    sklearn.calibration.CalibratedClassifierCV : Calibration alone.
    sklearn.model_selection.FixedThresholdClassifier : The threshold of two classes.

    Notes
    -----
    The answer is ``argmax_k sum_j p_j S[j, k]`` with ``p = predict_proba`` [1]_. It is
    as good as the probabilities are: a forest that is not sure enough of itself can
    lose more by it than it gains, which is what the calibration is for.

    Calibration learns from ``cv`` more fits of the classifier, each on a part of the
    rows; the classifier kept is fitted on all. The temperature is that of
    :func:`~simclf.decision.fit_temperature`, a zero counting as half the least positive
    probability seen: a forest says zero of what none of its trees has met, and a true
    class of probability zero would otherwise outweigh all other rows.

    A ``sample_weight`` is passed on to the classifier if its ``fit`` takes one (or,
    with metadata routing, requests it) and counts in the calibration too, where a
    weight of 2 is the row twice; weights of mean below one are brought to mean one.

    References
    ----------
    .. [1] C. Elkan (2001), "The foundations of cost-sensitive learning", IJCAI,
       973-978.

    Examples
    --------
    Taking virginica for versicolor costs ten times the opposite mistake, and asking a
    botanist costs two:

    >>> import pandas as pd
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from simclf import BayesDecisionClassifier
    >>> iris = load_iris()
    >>> names = iris.target_names.tolist()
    >>> cost = pd.DataFrame(
    ...     [[0, 1, 1, 2], [1, 0, 1, 2], [1, 10, 0, 2]], names, [*names, "ask"]
    ... )
    >>> forest = RandomForestClassifier(random_state=0)
    >>> clf = BayesDecisionClassifier(forest, cost=cost)
    >>> clf = clf.fit(iris.data, iris.target_names[iris.target])
    >>> clf.predict([[5.0, 3.4, 1.5, 0.2], [6.1, 2.7, 4.9, 1.7]])
    array(['setosa', 'virginica'], dtype='<U10')
    >>> clf.expected_scores([[6.1, 2.7, 4.9, 1.7]]).round(1)
    array([[-1. , -6.1, -0.4, -2. ]])
    """

    def __init__(
        self,
        estimator: Any,
        similarity: Any = None,
        *,
        cost: Any = None,
        calibration: str | None = "auto",
        cv: Any = None,
    ) -> None:
        self.estimator = estimator
        self.similarity = similarity
        self.cost = cost
        self.calibration = calibration
        self.cv = cv

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> Self:
        """Fit the classifier on all rows, and its calibration on rows held out.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, of any kind that the classifier takes.
        y : array-like of shape (n_samples,)
            Labels of any type that sorts.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights.
        **params : dict
            ``groups``, one label for each row, go to ``cv``, all else to the ``fit``
            of the classifier; with metadata routing, to whoever requests them.

        Returns
        -------
        BayesDecisionClassifier
            Itself. If anything fails, it is left as it was.

        Raises
        ------
        ValueError, TypeError
            For labels, tables or parameters that cannot be used, by name.
        """
        check_estimator(self.estimator)
        labels = read_labels(y)
        X, labels = indexable(X, labels)
        counts = read_counts(sample_weight, len(labels))
        if isinstance(self.estimator, FrozenEstimator):
            classes = np.unique(self.estimator.classes_)
        else:
            classes = read_classes(labels, counts)
        table = resolve_table(self.similarity, classes, cost=self.cost)
        method = resolve_method(self.calibration, table)
        codes = label_codes(labels, table.classes, "y", "class")
        rows = Rows(X, labels, codes, counts)
        routed = route(self, sample_weight, params)
        warn_about_table(table)
        fitted = fit_copy(self.estimator, X, labels, routed.estimator.fit, table)
        calibrator = self._calibrator(method, rows, table, routed)
        return self._adopt(fitted, table, calibrator)

    @available_if(_gives_proba)  # type: ignore[untyped-decorator] # no types there
    def predict_proba(self, X: Any) -> FloatArray:
        """Return the calibrated probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns are ``classes_``; rows sum to 1.
        """
        check_is_fitted(self)
        proba = class_proba(self.estimator_, X, self.classes_)
        return proba if self.calibrator_ is None else self.calibrator_(proba)

    @available_if(_gives_proba)  # type: ignore[untyped-decorator] # no types there
    def expected_scores(self, X: Any) -> FloatArray:
        """Return the expected score of every answer, on the scale of the table.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_decisions)
            Columns are ``decisions_``.
        """
        return expected_scores_of(self.predict_proba(X), self._table_)

    def predict(self, X: Any) -> AnyArray:
        """Return the answer of highest expected score for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels out of ``decisions_``; ties go to the first. Without a table the
            most probable class.
        """
        check_is_fitted(self)
        proba = self.predict_proba(X)
        codes = (
            argmax_decision(proba)
            if self._table_.given_as == "identity"
            else bayes_decision(proba, self._table_)
        )
        answers: AnyArray = self.decisions_[codes]
        return answers

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy of the answers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        float
            Share of rows whose answer is the label, as in every scikit-learn
            classifier; an answer that is no class counts as wrong. What the answers
            earn under the table is :func:`simclf.metrics.mean_score`. A search judges
            by it with ``scoring=None``; ``"accuracy"`` gives nan where classes are
            numbers and an answer is a word, which scikit-learn does not compare.
        """
        return share_right(self.predict(X), y, sample_weight)

    def get_metadata_routing(self) -> MetadataRouter:
        """Tell scikit-learn who wants which metadata.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRouter
            ``fit`` itself takes ``sample_weight``, and passes on to the ``fit`` of the
            classifier and the ``split`` of ``cv`` what these request.
        """
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(
                estimator=self.estimator,
                method_mapping=MethodMapping().add(caller="fit", callee="fit"),
            )
            .add(
                splitter=self.cv,
                method_mapping=MethodMapping().add(caller="fit", callee="split"),
            )
        )

    @property
    def n_features_in_(self) -> int:
        """Number of features, where the fitted classifier tells."""
        return int(self.estimator_.n_features_in_)

    @property
    def feature_names_in_(self) -> AnyArray:
        """Names of the features, where the fitted classifier tells."""
        return np.asarray(self.estimator_.feature_names_in_)

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn that what the classifier takes is welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def _calibrator(
        self, method: str | None, rows: Rows, table: ScoreTable, routed: Bunch
    ) -> Calibrator | None:
        """Fit a calibrator on rows held out; None where none is wanted."""
        if method is None:
            return None
        unseen = unseen_rows(
            self.estimator,
            rows,
            table.classes,
            self.cv,
            fit_params=routed.estimator.fit,
            split_params=routed.splitter.split,
        )
        return fit_calibrator(method, unseen, table.classes)

    def _adopt(
        self, fitted: Any, table: ScoreTable, calibrator: Calibrator | None
    ) -> Self:
        """Take over what was fitted: the only place where ``fit`` writes on self."""
        draft = copy.copy(self)
        draft.classes_ = table.classes
        draft.decisions_ = table.decisions
        draft.similarity_ = table.values
        # Studied now: predict writes nothing, not even into a table's memory.
        draft._table_ = table.studied()
        draft.estimator_ = fitted
        draft.calibrator_ = calibrator
        draft.temperature_ = 1.0 if calibrator is None else None
        if isinstance(calibrator, Temperature):
            draft.temperature_ = calibrator.temperature
        self.__dict__ = draft.__dict__
        return self
