"""Losses as gradients and curvatures, for the trees of LightGBM and XGBoost."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.losses._base import Loss
from simclf.losses._criterion import Criterion
from simclf.losses._read_table import read_table
from simclf.similarity import warn_about_table

# Where a loss bends back, its curvature passes through zero, and a Newton step would
# have no end. No row asks for a step longer than this, in units of the raw scores.
_LONGEST_STEP = 10.0
# Of a row that is learned already both are zero; boosters divide one by the other.
_TINY = 1e-16


class BoostingObjective:
    """A loss under a table, in the shape that boosting libraries call objectives in.

    Build it with :func:`boosting_objective`.

    Parameters
    ----------
    criterion : Criterion
        The loss and its prepared table, in float64.

    Attributes
    ----------
    criterion : Criterion
        The same; ``criterion.progress`` is 1.0, the loss in its final form.
    """

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return gradient and curvature of every raw score.

        Parameters
        ----------
        y_true : array of shape (n,)
            Codes of the true classes.
        y_pred : array of shape (n, n_outputs) or (n,)
            Raw scores. One column is the second score where there are two, the first
            being zero.
        sample_weight : array of shape (n,), default=None
            Weights of the rows.

        Returns
        -------
        gradient, curvature : ndarray of the shape of `y_pred`, float64
            Both multiplied by the weights.

        Notes
        -----
        The libraries' own interface, ``objective(raw_scores, train_data)`` where the
        second has ``get_label`` and ``get_weight``, is understood too.
        """
        if hasattr(y_pred, "get_label"):
            raw, data = y_true, y_pred
            y_true, y_pred = data.get_label(), raw
            sample_weight = data.get_weight()
        raw = np.asarray(y_pred, dtype=np.float64)
        scores = self._scores(raw).requires_grad_()
        gradient, curvature = _derivatives(
            lambda: self.criterion.pointwise(scores, self._codes(y_true)).sum(), scores
        )
        if raw.ndim == 1:
            gradient, curvature = gradient[:, 1], curvature[:, 1]
        if sample_weight is None or not np.size(sample_weight):
            return gradient, curvature
        weight = np.asarray(sample_weight, dtype=np.float64)
        weight = weight.reshape(-1, *[1] * (raw.ndim - 1))
        return gradient * weight, curvature * weight

    def proba(self, raw: Any) -> FloatArray:
        """Return probabilities for raw scores, through the link of the loss.

        Parameters
        ----------
        raw : array of shape (n, n_outputs) or (n,)
            What ``predict(X, raw_score=True)`` of LightGBM and ``predict(X,
            output_margin=True)`` of XGBoost return.

        Returns
        -------
        ndarray of shape (n, K) or (n, D), float64
            Of the classes if the loss estimates the posterior, else of the answers.
        """
        scores = self._scores(np.asarray(raw, dtype=np.float64))
        return np.asarray(self.criterion.proba(scores).numpy(), dtype=np.float64)

    def _scores(self, raw: FloatArray) -> Tensor:
        """Return raw scores as a tensor, the one score of two classes as two."""
        n_outputs = self.criterion.n_outputs
        one_of_two = n_outputs == 2 and not self.criterion.loss.gives_expected_scores
        if raw.ndim == 1 and one_of_two:
            raw = np.stack([np.zeros_like(raw), raw], axis=1)
        if raw.ndim != 2 or raw.shape[1] != n_outputs:
            alone = " or (n,)" if one_of_two else ""
            msg = (
                f"raw scores must have shape (n, {n_outputs}){alone} for loss "
                f"{self.criterion.loss.name!r} under this table, got {raw.shape}. "
                f"Train with num_class={n_outputs}{self._how()}."
            )
            raise ValueError(msg)
        # A copy also of what runs backwards, which torch does not read.
        return torch.tensor(raw.copy(), dtype=torch.float64)

    def _how(self) -> str:
        """Say with what to train where there are more outputs than classes."""
        if self.criterion.n_outputs == len(self.criterion.classes):
            return ""
        return (
            " by lightgbm.train or xgboost.train; LGBMClassifier and XGBClassifier "
            f"set it to the {len(self.criterion.classes)} classes"
        )

    def _codes(self, y_true: Any) -> Tensor:
        """Return labels as codes, refusing what is none."""
        given = np.asarray(y_true)
        n_classes = len(self.criterion.classes)
        with np.errstate(invalid="ignore"):  # nan is no code either
            codes: IntArray = given.astype(np.int64)
        bad = np.flatnonzero((codes != given) | (codes < 0) | (codes >= n_classes))
        if bad.size:
            msg = (
                f"y_true[{bad[0]}]={given[bad[0]].item()!r} is no code of a class; "
                f"codes are 0..{n_classes - 1}, the positions of the labels in "
                "classes."
            )
            raise ValueError(msg)
        return torch.tensor(codes)


def boosting_objective(
    loss: str | Loss,
    similarity: Any = None,
    *,
    cost: Any = None,
    classes: AnyArray | None = None,
) -> BoostingObjective:
    """Make a loss under a score table an objective for LightGBM and XGBoost.

    Parameters
    ----------
    loss : str or Loss
        A name in :data:`LOSSES` or a component.
    similarity : array of shape (K, D), labelled DataFrame or callable, default=None
        The score table.
    cost : the same with the opposite sign, default=None
        Give `similarity` or `cost`, not both.
    classes : array of shape (K,), default=None
        Labels in the order of the codes that the library is trained with. By default
        the labels of a labelled table, *sorted*, as ``LGBMClassifier`` and
        ``LabelEncoder`` number them; 0..K-1 for an array.

    Returns
    -------
    BoostingObjective
        For ``LGBMClassifier(objective=...)`` and ``XGBClassifier(objective=...)``,
        for ``lgb.train({"objective": ..., "num_class": K}, ...)`` and ``xgb.train(
        {"num_class": K, ...}, ..., obj=...)``. Its ``proba`` turns raw scores into
        probabilities. A loss that learns answers, under a table with more answers than
        classes, wants a raw score for each answer (``objective.criterion.n_outputs``):
        that is for ``train`` alone, as the classifiers set ``num_class`` to the number
        of classes.

    Raises
    ------
    ValueError, TypeError
        For a loss, a table or a hyperparameter that cannot be used.

    Warns
    -----
    SimilarityWarning
        If the table says something its author may not have meant.

    Notes
    -----
    The gradient is autograd's. Boosters take one curvature for each score, and step
    ``-sum(gradient) / sum(curvature)``. That of score ``k`` is the sum of the absolute
    values of row ``k`` of the Hessian. A diagonal matrix of these is never below the
    Hessian (their difference is diagonally dominant), so it is a sound bound also where
    the loss bends back and the Hessian's own diagonal is negative. For cross entropy it
    is ``2 q (1 - q)``, which XGBoost uses for its softmax. Where it is below a tenth of
    the gradient that tenth is taken, so that no row asks for a step of more than ten.

    It costs a backward pass for each output, so time grows with the square of the
    classes: mean for ten or a hundred classes.

    A loss with a warm-up is used in its final form. To warm up, set
    ``objective.criterion.progress`` to the share of rounds done, in a callback.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from simclf.losses import boosting_objective
    >>> stages = ["healthy", "mild", "severe"]
    >>> cost = pd.DataFrame([[0, 1, 3], [2, 0, 1], [9, 4, 0]], stages, stages)
    >>> objective = boosting_objective("tailored_score", cost=cost)
    >>> gradient, curvature = objective(np.array([0, 2]), np.zeros((2, 3)))
    >>> gradient.shape, curvature.shape, bool((curvature > 0).all())
    ((2, 3), (2, 3), True)
    >>> objective.proba(np.zeros((1, 3))).round(2)
    array([[0.33, 0.33, 0.33]])
    """
    component = _read_loss(loss)
    if classes is None:
        given = cost if similarity is None else similarity
        if hasattr(given, "columns") and hasattr(given, "index"):
            classes = np.unique(np.asarray(given.index))
    table = read_table(similarity, cost=cost, classes=classes)
    warn_about_table(table)
    return BoostingObjective(Criterion(component, table, torch.float64))


def _read_loss(loss: Any) -> Loss:
    """Return a component for a name, or the component itself."""
    # The registry is above this module, as it lists the losses beside it.
    from simclf.losses import LOSSES

    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str) and loss in LOSSES:
        return LOSSES[loss]()
    near = get_close_matches(str(loss), LOSSES, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    msg = (
        f"loss must be a Loss or one of the names {sorted(LOSSES)}, got {loss!r}.{hint}"
    )
    raise (ValueError if isinstance(loss, str) else TypeError)(msg)


def _derivatives(
    total: Callable[[], Tensor], scores: Tensor
) -> tuple[FloatArray, FloatArray]:
    """Gradient of a sum over rows, and a bound of its curvature in every score."""
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(total(), scores, create_graph=True)
        bound = torch.stack(
            [_row_bound(column.sum(), scores) for column in gradient.unbind(-1)], dim=-1
        )
    least = gradient.detach().abs() / _LONGEST_STEP
    curvature = bound.maximum(least).clamp(min=_TINY)
    return gradient.detach().numpy(), curvature.numpy()


def _row_bound(column: Tensor, scores: Tensor) -> Tensor:
    """Sum of the absolute values of one row of each example's Hessian."""
    (row,) = torch.autograd.grad(column, scores, retain_graph=True)
    bound: Tensor = row.abs().sum(dim=-1)
    return bound
