"""One grammar for nested parameters, whether a component is given by name or not."""

from typing import Any

from simclf.losses import LOSSES
from simclf.modules import MODULES

_REGISTRIES: dict[str, dict[str, Any]] = {"loss": LOSSES, "module": MODULES}


def with_components(estimator: Any, params: dict[str, Any]) -> dict[str, Any]:
    """Turn names into components where parameters of theirs are being set.

    Parameters
    ----------
    estimator : estimator
        Its present ``loss`` and ``module`` are used where ``params`` has none.
    params : dict
        As given to ``set_params``.

    Returns
    -------
    dict
        ``params`` with, for instance, ``loss="soft_target"`` replaced by
        ``SoftTargetLoss()`` if there is a ``loss__temperature`` to set on it.

    Raises
    ------
    ValueError
        If a parameter is set on a name that has none.
    """
    params = dict(params)
    nested = [name for name in params if "__" in name]
    for name in nested:
        head = name.partition("__")[0]
        component = params.get(head, getattr(estimator, head, None))
        registry = _REGISTRIES.get(head, {})
        if isinstance(component, str) and component in registry:
            params[head] = registry[component]()
        elif hasattr(estimator, head) and not hasattr(component, "set_params"):
            shown = repr(component) if isinstance(component, str) else type(component)
            remedy = (
                f"name the {head}, one of {list(registry)}, or pass a component"
                if registry
                else f"set {head} itself"
            )
            msg = f"{name} was set, but {head}={shown} has no parameters; {remedy}."
            raise ValueError(msg)
    return params
