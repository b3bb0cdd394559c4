"""Temperature scaling: one number that makes held-out probabilities honest."""

from collections.abc import Callable
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._check import check_codes, check_proba, check_weights
from simclf.decision._extremes import row_extreme

_GRID = np.linspace(-10.0, 10.0, 15)
_PRIOR_WIDTH = 0.5
LEAST_PROBA = np.finfo(np.float32).tiny.item()


def fit_temperature(
    proba: ArrayLike,
    codes: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    row_loss: Callable[[FloatArray], FloatArray] | None = None,
) -> float:
    """Temperature that makes probabilities fit held-out labels best.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities of rows the model was not trained on.
    codes : array-like of shape (n_samples,)
        Column of `proba` that belongs to the true class of each row.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights. A weight of 2 is the row twice, so weights that sum to one make all
        rows together count as one row; multiply such weights by n_samples.
    row_loss : callable, default=None
        From log probabilities (n_samples, n_classes) to the loss of each row, to be
        minimised instead of the log loss of `codes`: for labels that are known to be
        noisy, or for another proper score.

    Returns
    -------
    float
        Temperature ``T`` between ``exp(-10)`` and ``exp(10)``: above one for a model
        that is too sure of itself, below one for one that is not sure enough. Boosted
        trees whose probabilities are all nearly equal may need one of 0.01.

    Raises
    ------
    ValueError
        If `proba` is not a probability distribution per row, a code is out of range,
        the weights are negative, not finite or all zero, or `row_loss` gives another
        number of losses, no numbers, nan, or at temperature one infinity.
    TypeError
        If `row_loss` is not callable.

    See Also
    --------
    apply_temperature : Rescale probabilities by the temperature.

    Notes
    -----
    Minimises, over ``log T`` in [-10, 10],

    ``-sum_i w_i log softmax(log(proba_i) / T)[codes_i] + (log T / 0.5)**2 / 2``,

    or with `row_loss` in place of the log probability.

    The second term is the prior ``log T ~ N(0, 0.5**2)``, which makes this a maximum
    a posteriori estimate. Without it, twenty rows that are all answered correctly send
    ``T`` to zero, whatever their probabilities. The prior weighs about as much as
    twenty rows: it keeps ``T`` near one on as few, and fades as one over their number.

    Probabilities below 1.2e-38, the least normal float32, count as that: a true class
    of probability zero then costs a great deal, but not infinitely much.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern
       neural networks", ICML 2017, https://doi.org/10.48550/arXiv.1706.04599.

    Examples
    --------
    A model that claims 99 % and is right in three of four cases:

    >>> from simclf.decision import apply_temperature, fit_temperature
    >>> proba = [[0.99, 0.01]] * 200
    >>> temperature = fit_temperature(proba, [0, 0, 0, 1] * 50)
    >>> round(temperature, 2)
    3.77
    >>> apply_temperature(proba[:1], temperature).round(2)
    array([[0.77, 0.23]])
    """
    log_proba = _log_proba(check_proba(proba))
    truth = check_codes(codes, *log_proba.shape)
    weights = check_weights(sample_weight, len(truth))
    if row_loss is None:
        return _most_probable(log_proba, weights, _log_loss(truth))
    if not callable(row_loss):
        msg = (
            f"row_loss is of type {type(row_loss).__name__}; expected a function from "
            "log probabilities (n_samples, n_classes) to the loss of each row, or None."
        )
        raise TypeError(msg)
    _require_finite(_read_losses(row_loss, log_proba))
    return _most_probable(
        log_proba, weights, lambda scaled: _read_losses(row_loss, scaled)
    )


def apply_temperature(proba: ArrayLike, temperature: float) -> FloatArray:
    """Probabilities made softer (temperature above one) or sharper (below one).

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Class probabilities; rows sum to one.
    temperature : float
        Positive and finite.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        ``softmax(log(proba) / temperature)``, float64. A copy of `proba` for a
        temperature of one.

    Raises
    ------
    ValueError
        If `proba` is not a probability distribution per row, or the temperature is
        not positive and finite.

    See Also
    --------
    fit_temperature : The temperature that fits held-out rows.

    Notes
    -----
    The order of the classes within a row stays. Probabilities below 1.2e-38 count as
    that, as in :func:`fit_temperature`.

    Examples
    --------
    >>> from simclf.decision import apply_temperature
    >>> apply_temperature([[0.9, 0.1]], 2.0)
    array([[0.75, 0.25]])
    """
    if not isinstance(temperature, Real) or isinstance(temperature, bool):
        kind = type(temperature).__name__
        msg = (
            f"temperature is of type {kind}; it must be a number. Take it from "
            "fit_temperature."
        )
        raise TypeError(msg)
    if not 0 < temperature < float("inf"):
        msg = (
            f"temperature is {temperature}; it must be positive and finite. "
            "Take it from fit_temperature."
        )
        raise ValueError(msg)
    checked = check_proba(proba)
    if temperature == 1:
        return checked.copy()
    return tempered(checked, temperature)


# Here and below: next to nothing is nothing, also where numpy was told to raise.
@np.errstate(under="ignore")
def tempered(proba: FloatArray, temperature: float) -> FloatArray:
    """Return what ``apply_temperature`` does, for rows known to be distributions."""
    # scipy's softmax, step by step in the same memory.
    scaled = _log_proba(proba)
    scaled /= temperature
    scaled -= row_extreme(scaled, "largest")
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def _log_proba(proba: FloatArray) -> FloatArray:
    """Logarithms, finite where a probability is zero."""
    floored = np.maximum(proba, LEAST_PROBA)
    return np.asarray(np.log(floored, out=floored))


def _log_loss(truth: IntArray) -> Callable[[FloatArray], FloatArray]:
    """Minus the log probability of the true class of each row."""
    rows = np.arange(len(truth))
    return lambda log_proba: -log_proba[rows, truth]


def _read_losses(
    row_loss: Callable[[FloatArray], FloatArray], log_proba: FloatArray
) -> FloatArray:
    """Losses that a user's function gives: one number for each row, none nan."""
    losses = np.asarray(row_loss(log_proba))
    if losses.shape != (len(log_proba),) or losses.dtype.kind not in "biuf":
        msg = (
            f"row_loss gave an array of shape {losses.shape} and dtype {losses.dtype}; "
            f"expected one number for each row, shape ({len(log_proba)},)."
        )
        raise ValueError(msg)
    _refuse_losses(losses, np.isnan(losses))
    return losses


def _require_finite(losses: FloatArray) -> None:
    """Refuse infinite losses where they count; at extremes they are never the least."""
    _refuse_losses(losses, ~np.isfinite(losses))


def _refuse_losses(losses: FloatArray, wrong: AnyArray) -> None:
    """Refuse losses, if any is wrong."""
    if wrong.any():
        row = int(wrong.argmax())
        msg = (
            f"row_loss gave {losses[row].item()} for row {row}; every loss must be a "
            "finite number. Give it log probabilities by hand to see where it fails."
        )
        raise ValueError(msg)


@np.errstate(under="ignore")
def _most_probable(
    log_proba: FloatArray,
    weights: FloatArray | None,
    row_loss: Callable[[FloatArray], FloatArray],
) -> float:
    """Temperature at the maximum of likelihood times prior."""
    counts = np.ones(len(log_proba)) if weights is None else weights

    def objective(log_temperature: float) -> float:
        scaled = log_softmax(log_proba / np.exp(log_temperature), axis=1)
        loss = np.dot(counts, row_loss(scaled))
        return float(loss + 0.5 * (log_temperature / _PRIOR_WIDTH) ** 2)

    # There may be two minima: one of the prior, near zero, and one of the rows.
    nearest = int(np.argmin([objective(point) for point in _GRID]))
    bracket = _GRID[max(nearest - 1, 0)], _GRID[min(nearest + 1, len(_GRID) - 1)]
    found = minimize_scalar(
        objective, bounds=bracket, method="bounded", options={"xatol": 1e-7}
    )
    return float(np.exp(found.x))
