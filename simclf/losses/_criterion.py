"""A loss bound to one table, as an ordinary torch module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from simclf._typing import AnyArray
    from simclf.losses._base import Loss
    from simclf.losses._table import DenseTable
    from simclf.similarity import ScoreTable


class Criterion(nn.Module):
    """A loss and its prepared table, to be used like ``nn.CrossEntropyLoss``.

    Build it with :meth:`Loss.criterion`.

    Parameters
    ----------
    loss : Loss
        The loss.
    table : ScoreTable
        The score table that it acts under.
    dtype : torch.dtype
        Floating dtype of the prepared table.

    Attributes
    ----------
    loss : Loss
        The loss.
    table : DenseTable or None
        What the loss made of the score table; None where it makes no use of it.
    classes : ndarray of shape (K,)
        Labels; code i stands for ``classes[i]``.
    decisions : ndarray of shape (D,)
        Answers; the first K are the classes.
    n_outputs : int
        Number of scores the loss wants for each example.
    progress : float
        Share of the training that is done, for the losses with a warm-up. It is
        1.0 (no warm-up) unless the training loop sets it, as it should in every
        epoch: ``criterion.progress = epoch / n_epochs``.

    Examples
    --------
    >>> import torch
    >>> from simclf.losses import ExpectedScoreLoss
    >>> criterion = ExpectedScoreLoss().criterion([[1.0, 0.5], [0.0, 1.0]])
    >>> scores = torch.zeros(3, 2)
    >>> criterion(scores, torch.tensor([0, 1, 1]))
    tensor(0.1668)
    """

    def __init__(self, loss: Loss, table: ScoreTable, dtype: torch.dtype) -> None:
        super().__init__()
        self.loss = loss
        self.table: DenseTable | None = loss.prepare(table, dtype)
        self.classes: AnyArray = table.classes
        self.decisions: AnyArray = table.decisions
        self.n_outputs: int = loss.n_outputs(table.n_classes, table.n_decisions)
        self.progress = 1.0

    def forward(
        self, scores: Tensor, codes: Tensor, sample_weight: Tensor | None = None
    ) -> Tensor:
        """Return the weighted mean of the loss.

        Parameters
        ----------
        scores : tensor of shape (..., n, n_outputs)
            Raw outputs of the network.
        codes : int tensor of shape (n,) or (..., n)
            Positions of the true labels in ``classes``.
        sample_weight : tensor of shape (n,) or (..., n), optional
            Weights of the examples.

        Returns
        -------
        tensor, scalar
            Weighted mean over the examples, plain mean over leading axes.

        Raises
        ------
        TypeError
            For what is no tensor, or codes that are no integers.
        ValueError
            For shapes that do not belong together, no examples at all, codes of no
            class, or a `progress` that is no share.
        """
        losses = self.pointwise(scores, codes)
        if losses.numel() == 0:
            msg = (
                f"scores of shape {tuple(scores.shape)} has no rows, whose mean loss "
                "would be nan; leave empty batches out."
            )
            raise ValueError(msg)
        if sample_weight is None:
            return losses.mean()
        _check_tensor("sample_weight", sample_weight)
        if sample_weight.shape not in (losses.shape, losses.shape[-1:]):
            msg = (
                "sample_weight must have one weight for each example, shape "
                f"{tuple(losses.shape[-1:])}, got {tuple(sample_weight.shape)}."
            )
            raise ValueError(msg)
        weighted = (losses * sample_weight).sum(-1) / sample_weight.sum(-1)
        return weighted.mean()

    def pointwise(self, scores: Tensor, codes: Tensor) -> Tensor:
        """Return the loss of every example.

        Parameters
        ----------
        scores : tensor of shape (..., n, n_outputs)
            Raw outputs of the network.
        codes : int tensor of shape (n,) or (..., n)
            Positions of the true labels in ``classes``.

        Returns
        -------
        tensor of shape (..., n)
            One loss for each example.
        """
        self._check(scores)
        _check_tensor("codes", codes)
        if codes.is_floating_point() or codes.is_complex():
            msg = (
                f"codes must be integers (positions in classes), got {codes.dtype}. "
                "Soft labels are not supported: see SoftTargetLoss."
            )
            raise TypeError(msg)
        if codes.shape not in (scores.shape[:-1], scores.shape[-2:-1]):
            msg = (
                "codes must have one code for each row of scores, shape "
                f"{tuple(scores.shape[-2:-1])}, got {tuple(codes.shape)}."
            )
            raise ValueError(msg)
        # A tensor may be on a device, which would be waited for.
        if isinstance(self.progress, int | float) and not 0 <= self.progress <= 1:
            msg = (
                f"progress={self.progress} must be the share of the training that is "
                "done, between 0 and 1; set criterion.progress = epoch / n_epochs."
            )
            raise ValueError(msg)
        try:
            return self.loss.pointwise(scores, codes, self.table, self.progress)
        except (IndexError, RuntimeError):
            # Looked for afterwards, which costs nothing where all is well.
            self._check_codes(codes)
            raise

    def proba(self, scores: Tensor) -> Tensor:
        """Return probabilities for raw scores, through the link of the loss.

        Parameters
        ----------
        scores : tensor of shape (..., n, n_outputs)
            Raw outputs of the network.

        Returns
        -------
        tensor of shape (..., n, K) or (..., n, D)
            Rows on the simplex: of the classes if ``loss.estimates`` is
            "posterior", of the answers if it is "decision".
        """
        self._check(scores)
        return self.loss.proba(scores, self.table)

    def pooled_proba(self, scores: Tensor) -> Tensor:
        """Return the probabilities of an ensemble, as :meth:`Loss.pooled_proba` does.

        Parameters
        ----------
        scores : tensor of shape (n_members, ..., n, n_outputs)
            Raw outputs of the members.

        Returns
        -------
        tensor of shape (..., n, K) or (..., n, D), float64
            Rows on the simplex, columns as those of :meth:`proba`.
        """
        self._check(scores)
        return self.loss.pooled_proba(scores, self.table)

    def _check(self, scores: Tensor) -> None:
        """Refuse scores whose last axis is not the outputs."""
        _check_tensor("scores", scores)
        if scores.ndim == 0 or scores.shape[-1] != self.n_outputs:
            msg = (
                f"scores must have shape (..., n, {self.n_outputs}), as "
                f"{self.loss.name!r} reads {self.n_outputs} outputs for "
                f"{len(self.classes)} classes and {len(self.decisions)} answers, got "
                f"{tuple(scores.shape)}. Give the network {self.n_outputs} outputs."
            )
            raise ValueError(msg)

    def extra_repr(self) -> str:
        """Name the loss and the size of its table.

        Returns
        -------
        str
            What ``print`` shows between the brackets.
        """
        return f"{self.loss!r}, n_classes={len(self.classes)}"

    def _check_codes(self, codes: Tensor) -> None:
        """Refuse codes of no class; a GPU that has met one answers nothing more."""
        if codes.device.type != "cpu":
            return
        n_classes = len(self.classes)
        given = codes.flatten()
        bad = ((given < 0) | (given >= n_classes)).nonzero().flatten()
        if len(bad):
            position = int(bad[0])
            msg = (
                f"codes has {int(given[position])} at position {position}, which is no "
                f"class; codes are 0..{n_classes - 1}, the positions of the labels in "
                "classes. Leave out rows without a label: no code means to ignore one."
            )
            raise ValueError(msg)


def _check_tensor(name: str, given: object) -> None:
    """Refuse arrays and lists, which have no gradient and are on no device."""
    if not isinstance(given, Tensor):
        msg = (
            f"{name} is a {type(given).__name__}; it must be a tensor, e.g. "
            f"torch.as_tensor({name})."
        )
        raise TypeError(msg)
