"""The contract of a loss: what it is given, what it returns, what it promises."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, NoReturn, TypeAlias, final

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.losses._criterion import Criterion
from simclf.losses._read_table import read_table
from simclf.losses._sample_rows import SampleRows, best_answers, sample_regret
from simclf.losses._softmax import softmax
from simclf.losses._table import DenseTable
from simclf.similarity import ScoreTable, warn_about_table

Estimates: TypeAlias = Literal["posterior", "decision"]
Decision: TypeAlias = Literal["bayes", "argmax"]

_HALF = (torch.float16, torch.bfloat16)


class Loss(BaseEstimator, ABC):
    """A training loss under a score table, as a scikit-learn style component.

    The constructor stores hyperparameters and nothing else; they are checked when
    the loss is prepared for a table. A loss of one's own defines ``name``,
    ``estimates``, ``_prepare``, ``_pointwise`` and ``_minimiser``, and where needed
    ``_check``, ``_judge``, ``_proba``, ``_pooled_proba``, ``_expected_scores``,
    ``_sample_rows``, ``n_outputs`` and the properties below; the other public methods
    are final.

    Attributes
    ----------
    name : str
        Key in ``LOSSES``.
    estimates : {"posterior", "decision"}
        What the network learns, and what ``proba`` returns: the probability of each
        class, or a distribution over the answers, whose argmax is the answer.
    gives_expected_scores : bool
        Whether the outputs themselves are expected scores.

    Notes
    -----
    All hyperparameters act on the table divided by its largest row range, so that
    a table may be given in any unit.

    Examples
    --------
    A loss of one's own, half of cross entropy:

    >>> import torch
    >>> from simclf.losses import Loss
    >>> class HalfLoss(Loss):
    ...     name = "half"
    ...     estimates = "posterior"
    ...
    ...     def _prepare(self, table, dtype):
    ...         return None
    ...
    ...     def _pointwise(self, scores, codes, table, progress):
    ...         picked = codes.expand(scores.shape[:-1]).unsqueeze(-1)
    ...         return -scores.log_softmax(-1).gather(-1, picked).squeeze(-1) / 2
    ...
    ...     def _minimiser(self, posterior, table):
    ...         return posterior
    >>> criterion = HalfLoss().criterion([[1.0, 0.5], [0.0, 1.0]])
    >>> criterion(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
    tensor(0.3466)
    """

    name: ClassVar[str]

    @property
    @abstractmethod
    def estimates(self) -> Estimates:
        """What the outputs of least risk are: "posterior" or "decision"."""

    @property
    def consistent_decision(self) -> Decision:
        """The decision that the outputs of least risk call for."""
        return "bayes" if self.estimates == "posterior" else "argmax"

    @property
    def warmup_fraction(self) -> float:
        """Share of the training that another objective has to itself.

        Rows held out judge from there on.
        """
        return 0.0

    @property
    def gives_expected_scores(self) -> bool:
        """Whether the outputs themselves are expected scores."""
        return False

    @property
    def fits_temperature(self) -> bool:
        """Whether the temperature of its probabilities is to be fitted by itself.

        By default it is fitted by the log loss of the labels, as for cross entropy.
        Only for losses whose link is the softmax.
        """
        return False

    @property
    def takes_sample_scores(self) -> bool:
        """Whether scores of single examples can take the place of the table's rows."""
        return False

    def n_outputs(self, n_classes: int, n_decisions: int) -> int:
        """Return the number of scores the loss wants for each example.

        Parameters
        ----------
        n_classes : int
            Rows of the table.
        n_decisions : int
            Columns of the table.

        Returns
        -------
        int
            `n_classes` if the loss estimates the posterior, else `n_decisions`.
        """
        return n_classes if self.estimates == "posterior" else n_decisions

    @final
    def prepare(
        self, table: ScoreTable, dtype: torch.dtype = torch.float32
    ) -> DenseTable | None:
        """Check the hyperparameters and compute what depends on the table alone.

        Parameters
        ----------
        table : ScoreTable
            The table, aligned to the classes.
        dtype : torch.dtype, default=torch.float32
            Dtype of the result; the computation is in float64.

        Returns
        -------
        DenseTable or None
            What `pointwise` and `proba` want as `table`.

        Raises
        ------
        ValueError, TypeError
            If a hyperparameter is out of its range, or does not fit the table.
        """
        self._check()
        return self._prepare(table, dtype)

    @final
    def prepare_samples(
        self,
        sample_scores: FloatArray,
        codes: IntArray,
        table: ScoreTable,
        dtype: torch.dtype = torch.float32,
    ) -> DenseTable:
        """Compute what depends on the scores of single examples alone.

        Parameters
        ----------
        sample_scores : array of shape (n, D)
            What each answer is worth for each example; finite.
        codes : array of shape (n,)
            True classes.
        table : ScoreTable
            The table of the classes, whose largest row range is the unit.
        dtype : torch.dtype, default=torch.float32
            Dtype of the result; the computation is in float64.

        Returns
        -------
        DenseTable
            One row for each example.

        Raises
        ------
        ValueError
            If the loss reads a table alone, see ``takes_sample_scores``.
        """
        if not self.takes_sample_scores:
            msg = (
                f"loss {self!r} reads scores from a table of classes alone; use "
                "'entropic_score', 'score_regression', 'log_expected_score', "
                "'soft_target' or ExpectedScoreLoss(tau=None) for scores that differ "
                "by row."
            )
            raise ValueError(msg)
        self._check()
        best = best_answers(sample_regret(sample_scores, table), codes)
        return DenseTable(self._sample_rows(sample_scores, table), dtype, best=best)

    @final
    def pointwise(
        self,
        scores: Tensor,
        codes: Tensor,
        table: DenseTable | SampleRows | None,
        progress: float = 1.0,
    ) -> Tensor:
        """Return the loss of every example.

        Parameters
        ----------
        scores : tensor of shape (..., n, n_outputs)
            Raw outputs. Half precision is computed in float32.
        codes : int tensor of shape (n,) or (..., n)
            True classes.
        table : DenseTable, SampleRows or None
            What `prepare` returned, alone or with rows of the examples.
        progress : float, default=1.0
            Share of the training that is done, for the losses with a warm-up.

        Returns
        -------
        tensor of shape (..., n)
            One loss for each example.
        """
        return self._pointwise(_full_precision(scores), codes, table, progress)

    @final
    def judge(
        self, scores: Tensor, codes: Tensor, table: DenseTable | SampleRows | None
    ) -> Tensor:
        """Return what rows that are not learned from judge a network by.

        The loss in its final form, unless the loss knows better.

        Parameters
        ----------
        scores : tensor of shape (..., n, n_outputs)
            Raw outputs. Half precision is computed in float32.
        codes : int tensor of shape (n,) or (..., n)
            True classes.
        table : DenseTable, SampleRows or None
            As in `pointwise`.

        Returns
        -------
        tensor of shape (..., n)
            One number for each example, less is better.
        """
        return self._judge(_full_precision(scores), codes, table)

    @final
    def proba(self, scores: Tensor, table: DenseTable | None) -> Tensor:
        """Return probabilities for raw scores: softmax, unless the loss has a link.

        Parameters
        ----------
        scores : tensor of shape (..., n, n_outputs)
            Raw outputs. Half precision is computed in float32.
        table : DenseTable or None
            What `prepare` returned.

        Returns
        -------
        tensor of shape (..., n, K) or (..., n, D)
            Rows on the simplex: a column for each class if the loss estimates the
            posterior, else for each answer. That may be more than the outputs.
        """
        return self._proba(_full_precision(scores), table)

    @final
    def pooled_proba(self, scores: Tensor, table: DenseTable | None) -> Tensor:
        """Return the probabilities of an ensemble, from its members' raw scores.

        The mean of what `proba` returns for the members, unless the loss knows
        better: answers that members take for sure are votes, and what they were
        taken from says more.

        Parameters
        ----------
        scores : tensor of shape (n_members, ..., n, n_outputs)
            Raw outputs. Half precision is computed in float32.
        table : DenseTable or None
            What `prepare` returned.

        Returns
        -------
        tensor of shape (..., n, K) or (..., n, D), float64
            Rows on the simplex, columns as those of `proba`.
        """
        return self._pooled_proba(_full_precision(scores), table)

    @final
    def minimiser(self, posterior: FloatArray, similarity: Any) -> FloatArray:
        """Return what `proba` tends to with enough data: its values of least risk.

        Parameters
        ----------
        posterior : array of shape (m, K)
            Distributions of the label, one a row.
        similarity : ScoreTable, array of shape (K, D) or labelled DataFrame
            The score table.

        Returns
        -------
        array of shape (m, K) or (m, D), float64
            Rows on the simplex, of the columns of `proba`; for a loss whose outputs
            are expected scores, the raw outputs.

        Raises
        ------
        ValueError
            If `posterior` has not one column for each class.
        """
        table = read_table(similarity)
        rows = np.asarray(posterior, dtype=np.float64)
        if rows.shape[1:] != (table.n_classes,):
            msg = (
                f"posterior must have shape (m, {table.n_classes}), one column for "
                f"each class of the table, got {rows.shape}."
            )
            raise ValueError(msg)
        self._check()
        return self._minimiser(rows, table)

    @final
    def expected_scores(self, scores: FloatArray, similarity: Any) -> FloatArray:
        """Return the expected score of every answer, from raw outputs alone.

        Parameters
        ----------
        scores : array of shape (..., n, D)
            Raw outputs.
        similarity : ScoreTable, array of shape (K, D) or labelled DataFrame
            The score table.

        Returns
        -------
        array of shape (..., n, D), float64
            Expected scores in the table's own scale.

        Raises
        ------
        ValueError
            If the outputs of this loss are no expected scores.
        """
        if not self.gives_expected_scores:
            msg = (
                f"the outputs of loss {self.name!r} are no expected scores: it "
                f"estimates the {self.estimates}. "
            )
            msg += (
                "Multiply its probabilities with the table instead."
                if self.estimates == "posterior"
                else "Use a loss that estimates the posterior, or 'score_regression'."
            )
            raise ValueError(msg)
        outputs = np.asarray(scores, dtype=np.float64)
        return self._expected_scores(outputs, read_table(similarity))

    @final
    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to be called without a table, as a torch loss would be."""
        name = type(self).__name__
        msg = (
            f"{name} has no score table yet, and is not called with scores and codes; "
            f"call {name}().criterion(similarity), which is a torch module, and pass "
            "that to your loop or to skorch."
        )
        raise TypeError(msg)

    @final
    def criterion(
        self,
        similarity: Any = None,
        *,
        cost: Any = None,
        classes: AnyArray | None = None,
        dtype: torch.dtype | None = None,
    ) -> Criterion:
        """Bind the loss to a table: an ordinary torch module for one's own loop.

        Parameters
        ----------
        similarity : array of shape (K, D), labelled DataFrame or callable, optional
            The score table.
        cost : the same with the opposite sign, optional
            Give `similarity` or `cost`, not both.
        classes : array of shape (K,), optional
            Labels in the order of the codes. By default the index of a labelled
            table, or 0..K-1.
        dtype : torch.dtype, optional
            Dtype of the prepared table; by default torch's own default.

        Returns
        -------
        Criterion
            ``criterion(scores, codes, sample_weight=None)`` is a weighted mean.

        Warns
        -----
        SimilarityWarning
            If the table says something its author may not have meant.
        """
        table = read_table(similarity, cost=cost, classes=classes)
        warn_about_table(table)
        return Criterion(self, table, dtype or torch.get_default_dtype())

    def _check(self) -> None:  # a loss may have nothing to check
        """Refuse hyperparameters out of range."""

    @abstractmethod
    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable | None:
        """Compute in float64 what depends on the table alone."""

    def _sample_rows(self, sample_scores: FloatArray, table: ScoreTable) -> FloatArray:
        """Return the rows of examples, as `_prepare` does for those of the table."""
        raise NotImplementedError

    @abstractmethod
    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: Any, progress: float
    ) -> Tensor:
        """Return the loss of every example, for scores of full precision."""

    def _judge(self, scores: Tensor, codes: Tensor, table: Any) -> Tensor:
        """Return the loss in its final form."""
        return self._pointwise(scores, codes, table, 1.0)

    def _proba(self, scores: Tensor, table: Any) -> Tensor:
        """Return the link of the scores."""
        del table
        return softmax(scores)

    def _pooled_proba(self, scores: Tensor, table: Any) -> Tensor:
        """Return the mean of the members' links, in float64."""
        return self._proba(scores, table).double().mean(dim=0)

    @abstractmethod
    def _minimiser(self, posterior: FloatArray, table: ScoreTable) -> FloatArray:
        """Return the outputs of least risk."""

    def _expected_scores(self, outputs: FloatArray, table: ScoreTable) -> FloatArray:
        """Return expected scores; only where `gives_expected_scores` is true."""
        raise NotImplementedError


def _full_precision(scores: Tensor) -> Tensor:
    """Return half precision as float32, everything else as it is."""
    return scores.float() if scores.dtype in _HALF else scores
