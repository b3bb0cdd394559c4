"""scikit-learn's callbacks (1.9 on): they hear of a fit and of each of its epochs."""

from collections.abc import Callable, Mapping
from typing import Any

from simclf.training import MemberNet
from simclf.training._best import BestMembers

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn 1.7 and 1.8 have no callbacks to support

    class CallbackSupportMixin:  # type: ignore[no-redef] # stands in for scikit-learn's
        """Nothing to support."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method as it is."""
        return method


__all__ = ["CallbackSupportMixin", "ToldEpochs", "has_callbacks", "with_callbacks"]


class ToldEpochs:
    """Tells the callbacks of an estimator of the epochs of its fit.

    Parameters
    ----------
    estimator : estimator
        The one that is being fitted.
    n_epochs : int
        Epochs to come, at most.
    data : dict
        ``X``, ``y`` and ``metadata``, as the user has given them.
    finish : callable
        Given a net, returns the fitted attributes, as if training ended with it.
    """

    def __init__(
        self,
        estimator: Any,
        n_epochs: int,
        data: dict[str, Any],
        finish: Callable[[MemberNet], Mapping[str, Any]],
    ) -> None:
        self._about = {"estimator": estimator, **data}
        self._finish = finish
        self._fit = estimator._init_callback_context(max_subtasks=n_epochs)  # noqa: SLF001 - scikit-learn documents it for those who write estimators
        self._epoch = self._fit
        self._fit.call_on_fit_task_begin(**self._about)

    def epoch_begins(self) -> None:
        """Tell that an epoch begins."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._about)

    def epoch_ends(self, net: MemberNet, best: BestMembers | None) -> bool:
        """Tell that an epoch has ended; True where a callback ends the training."""
        stop: bool = self._epoch.call_on_fit_task_end(
            **self._about,
            reconstruction_attributes=lambda: self._finish(net.as_if_ended(best)),
        )
        return stop

    def fit_ends(self, attributes: Mapping[str, Any]) -> None:
        """Tell that the fit has ended, with what it came to."""
        self._fit.call_on_fit_task_end(
            **self._about, reconstruction_attributes=attributes
        )


def has_callbacks(estimator: Any) -> bool:
    """Whether callbacks of scikit-learn are set on an estimator."""
    return bool(getattr(estimator, "_skl_callbacks", None))
