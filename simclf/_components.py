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
    for head, registry in _REGISTRIES.items():
        nested = [name for name in params if name.startswith(head + "__")]
        component = params.get(head, getattr(estimator, head))
        if not nested or not isinstance(component, str):
            continue
        if component not in registry:
            msg = (
                f"{nested[0]} was set, but {head}={component!r} has no parameters; "
                f"name the {head}, one of {list(registry)}, or pass a component."
            )
            raise ValueError(msg)
        params[head] = registry[component]()
    return params
