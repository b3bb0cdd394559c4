"""The estimator: a network trained, and its answers chosen, under a score table."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from simclf._components import with_components
from simclf._inputs import (
    read_features,
    read_known_classes,
    read_labelled_rows,
    read_validation_rows,
    with_class_weight,
)
from simclf._table_input import (
    read_table,
    refuse_unused_scores,
    with_validation_scores,
)
from simclf._told_epochs import (
    CallbackSupportMixin,
    ToldEpochs,
    has_callbacks,
    with_callbacks,
)
from simclf._typing import AnyArray, FloatArray
from simclf.decision import argmax_decision, bayes_decision
from simclf.decision import expected_scores as expected_scores_of
from simclf.decision._accuracy import share_right
from simclf.losses import Loss
from simclf.persistence import Fitted, KeptAsData, checkpoint_file
from simclf.similarity import ScoreTable, resolve_table, warn_about_table
from simclf.training import (
    Job,
    MemberNet,
    Model,
    Settings,
    Standardizer,
    answer_proba,
    calibrate,
    class_proba,
    draw_seeds,
    go_on_with,
    keep_best_candidate,
    mean_scores,
    resolve_settings,
    split_rows,
    start_model,
    train_model,
)
from simclf.training._goes_on import refuse_other_network
from simclf.training._settings import check_flag
from simclf.training._unjudged import unjudged


class SimilarityAwareClassifier(
    KeptAsData, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Neural network classifier that is told what each mistake costs.

    A score table ``S[true, answer]`` (rows are the truth, columns the answer) drives
    the loss that the network is trained with and the decision taken from its
    probabilities. Everything else is an ordinary scikit-learn classifier.

    Parameters
    ----------
    similarity : array of shape (n_classes, n_classes), DataFrame, callable or None, \
default=None
        What answering ``j`` is worth when the truth is ``i``; higher is better. A
        DataFrame is aligned by class name on both axes, cut to the classes seen in
        ``fit``, and may have further columns: answers that are no class, such as
        "refer". An array is read in sorted class order. A callable is given
        ``classes_`` and returns either. None is ordinary classification.
    cost : as `similarity`, default=None
        The same table with the opposite sign; give one of the two.
    loss : str or Loss, default="cross_entropy"
        A name in :data:`simclf.losses.LOSSES` or a component such as
        ``SoftTargetLoss(temperature=0.5)``. The default learns probabilities, which
        the Bayes decision turns into answers. "auto" trains cross entropy and the
        tailored score at once and keeps the one whose answers earn more on rows held
        out; ``auto_report_`` tells which and why.
    decision : {"auto", "bayes", "argmax"}, default="auto"
        How ``predict`` chooses: the answer of highest expected score under
        ``predict_proba``, or the most probable class. "auto" is what the loss calls
        for: "bayes" where it estimates the posterior, "argmax" where it learns the
        answers themselves. Without a table both are the same.
    calibration : {"auto", "temperature", None}, default="auto"
        "temperature" divides the log probabilities by one number, fitted on rows
        that the networks did not train on: ``X_val`` where given, else the rows that
        each member holds out, stratified, never the last row of a class. The number is
        that of least log loss; of least loss where the loss is the tailored score, or
        corrects for label noise. "auto" does so where the decision is "bayes".
    module : str, component, class or callable, default="mlp"
        A name in :data:`simclf.modules.MODULES` ("linear", "mlp", "piecewise",
        "residual", "tabm"), a component such as ``MLP(hidden_layer_sizes=(64,))``, an
        ``nn.Module`` class or a callable of ``(n_features, n_outputs)``.
    optimizer : {"adamw", "adam", "sgd"} or torch.optim.Optimizer class, \
default="adamw"
        What turns gradients into steps.
    lr : float, default=0.002
        Learning rate.
    weight_decay : float, default=0.01
        Passed to the optimizer where it takes one.
    max_epochs : int or "auto", default="auto"
        Passes over the training rows, at most. "auto" is 60, and more where training
        may stop early and 60 passes over few rows would be fewer than 1,000 steps.
    batch_size : int, default=128
        Rows a step, at most; an epoch is cut into batches of equal size.
    early_stopping : {"auto", True, False}, default="auto"
        Whether training ends when the loss on rows held out has not improved for
        ``n_iter_no_change`` epochs; each member then keeps the weights of its best
        epoch. "auto" does so from 50 rows on, and where ``X_val`` is given.
    validation_fraction : float in (0, 1), default=0.1
        Share of the rows that each member holds out, where early stopping or the
        temperature need them and no ``X_val`` is given. Members hold out different
        rows, so that nearly every row is learned from by some and judged by others.
        Where there are too few for it, all are learned from, without early stopping
        and temperature; a warning tells where these were asked for by name.
    n_iter_no_change : int or "auto", default="auto"
        Patience of early stopping, in epochs. "auto" is a sixth of ``max_epochs``,
        and 10 at least.
    standardize : bool, default=True
        Whether features are brought to zero mean and unit variance (weighted, in
        float64) with statistics of the training rows. A feature of dense rows whose
        standard deviation is more than twice what its quartiles say, for instance one
        of lognormal units, is centred at its median and scaled by its quartiles
        instead, and its tails are brought in by ``arcsinh``.
    class_weight : None, "balanced" or dict, default=None
        Weight of each class, as in scikit-learn.
    n_members : int, default=8
        Networks trained at once, from different initial weights; their
        probabilities are averaged. For :class:`simclf.modules.TabM` the number of its
        members, which share weights.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights and statistics of the previous one.
        ``module`` and ``n_members`` must be what they were; weights are converted to
        another ``dtype``.
    callbacks : list of skorch callbacks or None, default=None
        Copied in ``fit``. From scikit-learn 1.9 on, its own callbacks are set with
        ``set_callbacks``: a ``ProgressBar``, or a ``ScoringMonitor`` that judges the
        classifier after every epoch; it takes scorers of this library in a dict,
        ``scoring={"score": make_expected_score_scorer(S)}``.
    checkpoint : str, path-like or None, default=None
        File that a long ``fit`` writes its state to, after the first epoch and then
        every 30 seconds or so, and that an equal ``fit`` goes on from to the same model
        after it was killed; see the user guide. Equal are the rows, all parameters that
        training depends on, and ``random_state``, which must not be None; the file of
        another fit is refused. In a folder that exists every fit has a file of its
        own, as a grid search needs it. ``partial_fit`` makes no use of it.
    dtype : {"float32", "float64"}, default="float32"
        Arithmetic of the network. Tables and decisions are float64 always.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1"; "auto" is CUDA where there is one. Rows live
        on a CUDA device where they take no more than half of its free memory, CSR
        rows as dense ones; else batches go there while it is busy.
    precision : {None, "bf16"}, default=None
        "bf16" takes matrix products of a training step in bfloat16, on a CPU or a CUDA
        device that has it. Weights, loss and predictions stay in float32.
    compile : {False, True, "graph"}, default=False
        True has ``torch.compile`` make the network of a training step, which takes
        seconds to minutes. "graph" replays whole training steps as a CUDA graph; on
        other devices it changes nothing. Both are tried out on CPUs alone so far, and
        what they gain is not measured.
    random_state : int, RandomState or None, default=None
        An int gives the same model whatever thread or process fits it. None draws
        from numpy's global state, as everywhere in scikit-learn.
    verbose : int, default=0
        1 prints a line for each epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Sorted labels.
    decisions_ : ndarray of shape (n_decisions,)
        What ``predict`` may answer: the classes, then the further columns of the
        table.
    similarity_ : ndarray of shape (n_classes, n_decisions)
        The table in the order of ``classes_`` and ``decisions_``, float64.
    decision_ : {"bayes", "argmax"}
        The rule that ``predict`` follows.
    proba_is_posterior_ : bool
        Whether ``predict_proba`` estimates P(class | x). False for losses that
        learn the answers.
    auto_report_ : dict or None
        What was chosen by ``loss="auto"``, the reason, and for each candidate its
        mean regret on rows held out, what it gained on cross entropy, and the
        standard error of that over rows; what members miss on the same row is
        averaged first. None where there was no choice.
    temperature_ : float
        What the log probabilities are divided by; 1 where nothing was fitted.
    net_ : MemberNet
        The trained skorch net.
    mean_, scale_ : ndarray of shape (n_features,) or None
        What is subtracted from each feature, and what it is then divided by.
    heavy_tailed_ : bool ndarray of shape (n_features,) or None
        The features with heavy tails; None where there are none.
    n_iter_ : int
        Epochs run.
    loss_curve_ : list of float
        Mean training loss of each epoch: of what is learned in that epoch, where the
        loss has a warm-up, and over all candidates where it is "auto".
    history_ : list of dict
        One record an epoch: epoch, train_loss, valid_loss, dur.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where ``X`` has names that are strings.

    See Also
    --------
    simclf.make_expected_score_scorer : Judges any classifier by a table.
    simclf.losses.LOSSES : The losses by name.

    Notes
    -----
    The Bayes decision is ``argmax_k sum_j p_j S[j, k]`` with ``p = predict_proba``
    [1]_. With a table given, ``predict`` may therefore differ from the most probable
    class: that is its purpose.

    References
    ----------
    .. [1] C. Elkan (2001), "The foundations of cost-sensitive learning", IJCAI,
       973-978.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from simclf import SimilarityAwareClassifier
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["horse", "zebra", "whale"], 60)
    >>> X = rng.normal(size=(180, 2)) + np.repeat([[0, 0], [1, 0], [5, 5]], 60, axis=0)
    >>> animals = ["horse", "zebra", "whale"]
    >>> S = pd.DataFrame([[1, 0.7, 0], [0.8, 1, 0], [0, 0, 1]], animals, animals)
    >>> clf = SimilarityAwareClassifier(S, random_state=0).fit(X, y)
    >>> clf.predict([[6.0, 5.0]])
    array(['whale'], dtype='<U5')
    >>> clf.expected_scores(X).shape
    (180, 3)
    """

    def __init__(
        self,
        similarity: Any = None,
        *,
        cost: Any = None,
        loss: Any = "cross_entropy",
        decision: str = "auto",
        calibration: str | None = "auto",
        module: Any = "mlp",
        optimizer: Any = "adamw",
        lr: float = 0.002,
        weight_decay: float = 0.01,
        max_epochs: int | str = "auto",
        batch_size: int = 128,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int | str = "auto",
        standardize: bool = True,
        class_weight: Any = None,
        n_members: int = 8,
        warm_start: bool = False,
        callbacks: Sequence[Any] | None = None,
        checkpoint: Any = None,
        dtype: str = "float32",
        device: str = "auto",
        precision: str | None = None,
        compile: bool | str = False,  # noqa: A002 - torch's own name
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.similarity = similarity
        self.cost = cost
        self.loss = loss
        self.decision = decision
        self.calibration = calibration
        self.module = module
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.standardize = standardize
        self.class_weight = class_weight
        self.n_members = n_members
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.dtype = dtype
        self.device = device
        self.precision = precision
        self.compile = compile
        self.random_state = random_state
        self.verbose = verbose

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also those of a loss or module given by name.

        Parameters
        ----------
        **params : dict
            As everywhere in scikit-learn. ``loss__temperature=0.5`` beside
            ``loss="soft_target"`` is ``loss=SoftTargetLoss(temperature=0.5)``.

        Returns
        -------
        SimilarityAwareClassifier
            Itself. A fitted model changes with the next ``fit``.
        """
        super().set_params(**with_components(self, params))
        return self

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        sample_scores: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        sample_scores_val: Any = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Labels of any type that sorts.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; rows of weight 0 are as if they were not there.
        sample_scores : array-like or DataFrame of shape (n_samples, n_decisions), \
default=None
            What each answer is worth for each row, where costs differ by row. Columns
            of a frame are found by name, those of an array are the answers in their
            order. Take ``loss="entropic_score"``, or another loss whose
            ``takes_sample_scores`` is true. Without `similarity` and `cost` the table
            is the mean of each class's rows, and a loss that estimates the posterior
            uses that alone, with a warning where rows of a class differ.
        X_val, y_val, sample_weight_val, sample_scores_val : as those above, \
default=None
            Rows for early stopping and the temperature, instead of a share of ``X``.

        Returns
        -------
        SimilarityAwareClassifier
            Itself. If anything fails, it is left as it was.

        Raises
        ------
        ValueError, TypeError
            For data, tables or parameters that cannot be used, by name.
        FileNotFoundError
            For a ``checkpoint`` in a folder that does not exist.
        """
        draft: Self = copy.copy(self)
        goes_on = check_flag("warm_start", self.warm_start)
        rows = read_labelled_rows(draft, X, y, sample_weight, reset=True)
        table, rows = read_table(rows, self.similarity, self.cost, sample_scores)
        given = X_val, y_val, sample_weight_val
        settings = resolve_settings(
            self,
            table,
            len(rows.codes),
            has_validation_rows=X_val is not None,
            loss_before=self._loss_before() if goes_on else None,
        )
        refuse_unused_scores(rows, table, settings.loss)
        given_rows = read_validation_rows(
            draft, rows, given, wanted=settings.needs_held_out_rows
        )
        given_rows = with_validation_scores(given_rows, rows, table, sample_scores_val)
        warn_about_table(table)
        rows = with_class_weight(rows, self.class_weight)
        seeds = draw_seeds(self.random_state)
        held = given_rows or split_rows(rows, settings, seeds)
        if held is None:
            settings = unjudged(settings, self, rows)
        previous = self._previous_model(draft, table, settings)
        model = start_model(rows, table, settings, seeds, previous)
        n_epochs = settings.max_epochs
        job = Job(model, rows, held, table, settings, seeds, n_epochs)
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        return self._become(
            self._train(draft, job, {"X": X, "y": y, "metadata": metadata})
        )

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train one epoch on these rows, going on from what was learned before.

        Features are standardized with the statistics of the first rows seen; no
        rows are held out, so the temperature stays as it is (1 unless fitted). Loss,
        network, optimizer, table and decision are those of the first call (or of
        ``fit``) until the next ``fit``; ``lr``, ``batch_size`` and ``class_weight``
        count from call to call.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Labels.
        classes : array-like, default=None
            All labels that will ever come; needed in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights.

        Returns
        -------
        SimilarityAwareClassifier
            Itself. If anything fails, it is left as it was.

        Raises
        ------
        ValueError, TypeError
            As in ``fit``; also for a label that is not among the classes.
        """
        draft: Self = copy.copy(self)
        first = not hasattr(self, "net_")
        known = read_known_classes(classes, getattr(self, "classes_", None))
        rows = read_labelled_rows(
            draft, X, y, sample_weight, reset=first, classes=known
        )
        rows = with_class_weight(rows, self.class_weight, all_rows=False)
        seeds = draw_seeds(self.random_state)
        if first:
            table = resolve_table(self.similarity, known, cost=self.cost)
            settings = resolve_settings(self, table, len(rows.codes), in_parts=True)
            warn_about_table(table)
            model = start_model(rows, table, settings, seeds)
            train_model(model, rows, None, table, settings, seeds, n_epochs=1)
            draft.temperature_, draft.auto_report_ = 1.0, None
            return self._become(self._fill(draft, model, table, settings))
        settings = resolve_settings(
            self,
            self._table_,
            len(rows.codes),
            in_parts=True,
            loss_before=self._loss_before(),
        )
        model = go_on_with(self._model(), settings)
        train_model(model, rows, None, self._table_, settings, seeds, n_epochs=1)
        draft._adopt_net(model.net)
        return self._become(draft)

    def predict_proba(self, X: Any) -> FloatArray:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns are ``classes_``; rows sum to 1. An estimate of P(class | x) where
            ``proba_is_posterior_``; otherwise what the loss gives each class as the
            answer, the further answers of the table left out, which is no posterior.
        """
        check_is_fitted(self)
        X = read_features(self, X, reset=False)
        return class_proba(self._model(), X, len(self.classes_), self.temperature_)

    def expected_scores(self, X: Any) -> FloatArray:
        """Return the expected score of every answer, on the scale of the table.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_decisions)
            Columns are ``decisions_``.

        Raises
        ------
        ValueError
            If the loss estimates neither the posterior nor expected scores.
        """
        check_is_fitted(self)
        loss = self.net_.criterion_.loss
        if self.proba_is_posterior_ or self.decision_ == "bayes":
            return expected_scores_of(self.predict_proba(X), self._table_)
        X = read_features(self, X, reset=False)
        outputs: FloatArray = loss.expected_scores(
            mean_scores(self._model(), X), self._table_
        )
        return outputs

    def decision_function(self, X: Any) -> FloatArray:
        """Return the values that ``predict`` takes the highest of.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples, n_columns) or (n_samples,)
            Expected scores where ``decision_`` is "bayes": one column for each of
            ``decisions_``. Where it is "argmax", probabilities: one column for each
            of ``classes_``, or of ``decisions_`` where the loss learns the answers
            (``proba_is_posterior_`` is False). Of two columns the second minus the
            first. ``predict`` gives answers that differ by rounding alone to the
            first of them.
        """
        check_is_fitted(self)
        values = (
            self.expected_scores(X)
            if self.decision_ == "bayes"
            else self._answer_proba(X)
        )
        return values[:, 1] - values[:, 0] if values.shape[1] == 2 else values

    def predict(self, X: Any) -> AnyArray:
        """Return the answer for each row.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels out of ``decisions_``; ties go to the first.
        """
        check_is_fitted(self)
        codes = (
            bayes_decision(self.predict_proba(X), self._table_)
            if self.decision_ == "bayes"
            else argmax_decision(self._answer_proba(X))
        )
        answers: AnyArray = self.decisions_[codes]
        return answers

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy of the answers.

        Parameters
        ----------
        X : array-like or CSR matrix of shape (n_samples, n_features)
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
            earn under the table is :func:`simclf.metrics.mean_score`.
        """
        return share_right(self.predict(X), y, sample_weight)

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn that CSR matrices are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _answer_proba(self, X: Any) -> FloatArray:
        """Probability of each answer: of the classes, or of all that a loss learns."""
        if self.proba_is_posterior_:
            return self.predict_proba(X)
        X = read_features(self, X, reset=False)
        return answer_proba(self._model(), X)

    def _model(self) -> Model:
        """Return the trained net with its standardizer."""
        standardizer = Standardizer(self.mean_, self.scale_, self.heavy_tailed_)
        return Model(self.net_, standardizer)

    def _fitted(self) -> Fitted:
        """Return what the fit has come to, apart from the parameters."""
        return Fitted(
            self._table_,
            self._model(),
            self.decision_,
            self.temperature_,
            self.auto_report_,
            self.n_features_in_,
            getattr(self, "feature_names_in_", None),
        )

    def _loss_before(self) -> Loss | None:
        """Return the loss of the fitted model; None where there is none."""
        return clone(self.net_.criterion_.loss) if hasattr(self, "net_") else None

    def _previous_model(
        self, draft: Self, table: ScoreTable, settings: Settings
    ) -> Model | None:
        """Return the model that a warm start goes on from; None where there is none."""
        if not settings.warm_start:
            return None
        n_outputs = settings.loss.n_outputs(table.n_classes, table.n_decisions)
        before = self.n_features_in_, self.net_.criterion_.n_outputs
        if not np.array_equal(self.classes_, table.classes) or before != (
            draft.n_features_in_,
            n_outputs,
        ):
            msg = (
                f"warm_start=True goes on from a model of {before[0]} features, "
                f"{len(self.classes_)} classes and {before[1]} outputs, but now there "
                f"are {draft.n_features_in_} features, {len(table.classes)} classes "
                f"and {n_outputs} outputs (or other labels); use warm_start=False to "
                "start anew."
            )
            raise ValueError(msg)
        refuse_other_network(self.net_, settings)
        return self._model()

    @with_callbacks  # type: ignore[untyped-decorator] # scikit-learn has no types
    def _train(self, draft: Self, job: Job, data: dict[str, Any]) -> Self:
        """Train the job's net; scikit-learn's callbacks, if any, hear of ``data``."""

        def finished(net: MemberNet) -> Mapping[str, Any]:
            return vars(self._finished(draft, job, net))

        told = (
            ToldEpochs(self, job.n_epochs, data, finished)
            if has_callbacks(self)
            else None
        )
        given = job.rows, job.held, job.table, job.settings, job.seeds
        train_model(
            job.model,
            *given,
            n_epochs=job.n_epochs,
            listener=told,
            store=checkpoint_file(job.settings.checkpoint),
        )
        result = self._finished(draft, job, job.model.net)
        if told is not None:
            told.fit_ends(vars(result))
        return result

    def _finished(self, draft: Self, job: Job, net: MemberNet) -> Self:
        """Return a copy of the draft fitted with a net: one loss chosen, calibrated."""
        result, model = copy.copy(draft), Model(net, job.model.standardizer)
        given = job.rows, job.held, job.table, job.settings
        model, result.auto_report_ = keep_best_candidate(model, *given)
        result.temperature_ = calibrate(model, job.rows, job.held, job.settings)
        return self._fill(result, model, job.table, job.settings)

    @classmethod
    def _fill(
        cls, draft: Self, model: Model, table: ScoreTable, settings: Settings
    ) -> Self:
        """Write on a draft what the model, table and settings tell; the draft."""
        draft.classes_ = table.classes
        draft.decisions_ = table.decisions
        draft.similarity_ = table.values
        # Studied now: predict writes nothing, not even into a table's memory.
        draft._table_ = table.studied()
        draft.decision_ = settings.decision
        draft.proba_is_posterior_ = model.net.criterion_.loss.estimates == "posterior"
        draft.mean_ = model.standardizer.mean
        draft.scale_ = model.standardizer.scale
        draft.heavy_tailed_ = model.standardizer.heavy
        draft._adopt_net(model.net)
        return draft

    def _become(self, finished: Self) -> Self:
        """Take over a finished draft: the only place where ``fit`` writes on self."""
        self.__dict__ = finished.__dict__
        return self

    def _adopt_net(self, net: MemberNet) -> None:
        """Keep the net, and show what it recorded of its epochs."""
        self.net_ = net
        self.history_ = net.epoch_records()
        self.n_iter_ = len(self.history_)
        self.loss_curve_ = [record["train_loss"] for record in self.history_]
