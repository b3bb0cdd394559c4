"""Networks in a file: the weights, and the few words that build their layers anew."""

import copy
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import nn

from simclf._typing import AnyArray
from simclf.modules import MLP, MODULES, LeadingAxis, affine_maps
from simclf.modules._mlp import ACTIVATIONS, MemberMLP, plain_mlp
from simclf.modules._seeded_dropout import SeededDropout
from simclf.persistence._network_size import size_of_ours
from simclf.training import Seeds
from simclf.training._arrays import to_array
from simclf.training._isolation import own_settings
from simclf.training._network import Plan, build_network
from simclf.training._seeding import seeded_global_generator

_CPU = torch.device("cpu")


def mlp_of(network: nn.Module) -> MLP | None:
    """Return the component that a network of this library was built by.

    The network is asked, not the parameters: these may have been set to something
    else after the fit.
    """
    if isinstance(network, MemberMLP):
        weights = [layer.weight for layer in (network.first, *network.others)]
        return _mlp([int(w.shape[1]) for w in weights[:-1]], list(network.between))
    layers = network.network if isinstance(network, LeadingAxis) else None
    if type(layers) is not nn.Sequential:
        return None
    maps = [layer for layer in layers if type(layer) is nn.Linear]
    if not maps or layers[-1] is not maps[-1]:
        return None
    hidden = [layer.out_features for layer in maps[:-1]]
    component = _mlp(hidden, list(layers)[1:3] if hidden else [])
    sizes = [maps[0].in_features, *hidden, maps[-1].out_features]
    alike = plain_mlp(sizes, component.activation, component.dropout, None)
    return component if str(alike) == str(layers) else None


def _mlp(hidden: list[int], between: list[nn.Module]) -> MLP:
    """Return the component of these widths, with what stands between layers."""
    names = {type(make()): name for name, make in ACTIVATIONS.items()}
    activation = names.get(type(between[0]), "gelu") if between else "gelu"
    drops = [layer.share for layer in between if isinstance(layer, SeededDropout)]
    return MLP(tuple(hidden), activation, drops[0] if drops else 0.0)


def plan_of(network: nn.Module) -> Plan | None:
    """Return component and number of features of a network of this library."""
    mlp = mlp_of(network)
    if mlp is not None:
        return Plan(mlp, int(affine_maps(network)[0][0].shape[2]))
    return getattr(network, "plan", None)


def component_of(network: nn.Module, module: Any) -> Any:
    """Return what built a network: ``module``, the parameter, where it cannot tell."""
    known = plan_of(network)
    if known is not None:
        return known.component
    return MODULES[module]() if type(module) is str and module in MODULES else module


def weights_of(network: nn.Module) -> dict[str, AnyArray]:
    """Return all weights as arrays on the CPU."""
    state = network.state_dict()
    return {name: to_array(tensor) for name, tensor in state.items()}


def with_arrays(network: nn.Module) -> nn.Module:
    """Copy a network of any kind, its numbers as arrays: what a pickle shall hold.

    When the pickle is read, the arrays are tensors again, on the CPU.
    """
    held = [
        value
        for module in network.modules()
        for part in (module._parameters, module._buffers, vars(module))  # noqa: SLF001 - torch has no public way to all of them
        for value in part.values()
        if isinstance(value, torch.Tensor) and _is_known_to_numpy(value)
    ]
    memo: dict[int, Any] = {id(tensor): _Pickled(tensor) for tensor in held}
    return copy.deepcopy(network, memo)


class _Pickled:
    """A tensor that is pickled as an array, and unpickled as a tensor."""

    def __init__(self, tensor: torch.Tensor) -> None:
        is_parameter = isinstance(tensor, nn.Parameter)
        self._parts = (to_array(tensor), is_parameter, tensor.requires_grad)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, self._parts


def _unpickled(
    array: AnyArray,
    is_parameter: bool,  # noqa: FBT001 - pickle knows no keywords
    requires_grad: bool,  # noqa: FBT001 - as above
) -> torch.Tensor:
    """Return the tensor that an array was made of."""
    with own_settings(_CPU, grad=True):
        tensor = torch.from_numpy(array.copy())
        if is_parameter:
            return nn.Parameter(tensor, requires_grad=requires_grad)
        return tensor.requires_grad_(requires_grad)


def _is_known_to_numpy(tensor: torch.Tensor) -> bool:
    """Whether an array can hold these numbers."""
    return tensor.device.type != "meta" and tensor.dtype != torch.bfloat16


def answer_alike(one: nn.Module, other: nn.Module, n_features: int) -> bool:
    """Whether two networks give the same scores to a few rows."""
    networks = [copy.deepcopy(network).to(_CPU).eval() for network in (one, other)]
    dtype = next(networks[0].parameters()).dtype
    rows = torch.linspace(-2, 2, 3 * n_features, dtype=dtype, device=_CPU)
    with own_settings(_CPU, grad=False):
        ours, theirs = (n(rows.reshape(3, n_features)) for n in networks)
    return torch.allclose(ours, theirs, equal_nan=True)


def rebuild(
    component: Any,
    n_features: int,
    n_outputs: int,
    n_members: int,
    weights: dict[str, AnyArray],
) -> nn.Module:
    """Build a network that these weights fit, and give it them.

    Raises
    ------
    ValueError
        If they do not fit. A network much larger than its weights is not built.
    """
    for name, weight in weights.items():
        if weight.dtype.kind == "f" and not np.isfinite(weight).all():
            msg = f"the weights {name!r} are not finite"
            raise ValueError(msg)
    _refuse_other_size(component, n_features, n_outputs, n_members, weights)
    with own_settings(_CPU, grad=True):
        seeds = Seeds(0, 0, 0, 0)  # every weight is replaced
        network = build_network(component, n_features, n_outputs, n_members, seeds)
        network = network.to(_dtype_of(weights))
        state = {name: torch.from_numpy(weight) for name, weight in weights.items()}
        _refuse_other_shapes(network, state)
        network.load_state_dict(state)
    return network.eval()


def _refuse_other_size(
    component: Any,
    n_features: int,
    n_outputs: int,
    n_members: int,
    weights: dict[str, AnyArray],
) -> None:
    """Refuse before building what would have more weights than there are."""
    found = sum(weight.size for weight in weights.values())
    if isinstance(component, tuple(MODULES.values())):
        hidden = getattr(component, "hidden_layer_sizes", ())
        _refuse_more_layers(len(hidden) + 1, len(weights))
        wanted = size_of_ours(component, n_features, n_outputs, n_members)
    else:
        wanted = n_members * _own_size(component, n_features, n_outputs)
    if not 0 < wanted <= found:
        msg = (
            f"the network that it describes has {wanted:.6g} weights, but there are "
            f"{found}"
        )
        raise ValueError(msg)


def _refuse_more_layers(n_layers: int, n_tensors: int) -> None:
    """Refuse layers without weights: each takes much more memory than its width."""
    if n_layers > n_tensors:
        msg = (
            f"the network that it describes has {n_layers} layers, but there are "
            f"weights of {n_tensors}"
        )
        raise ValueError(msg)


def _own_size(component: Any, n_features: int, n_outputs: int) -> int:
    """Return the weights of one network of the caller's, built without memory.

    One for a network that cannot be built so, such as one of lazy layers.
    """
    build = getattr(component, "build", component)
    size = 1
    with suppress(Exception), seeded_global_generator(0, _CPU), torch.device("meta"):
        parameters = build(n_features, n_outputs).parameters()
        size = sum(int(parameter.numel()) for parameter in parameters)
    return size


def _dtype_of(weights: dict[str, AnyArray]) -> torch.dtype:
    """Return the floating type of the weights."""
    kinds = {weight.dtype for weight in weights.values() if weight.dtype.kind == "f"}
    known = {np.dtype("f4"): torch.float32, np.dtype("f8"): torch.float64}
    if len(kinds) != 1 or not kinds <= set(known):
        msg = "the weights are not all float32 or all float64"
        raise ValueError(msg)
    return known[kinds.pop()]


def _refuse_other_shapes(network: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Refuse weights that would have to be cast, left out or made up."""
    wanted = {k: (v.shape, v.dtype) for k, v in network.state_dict().items()}
    found = {k: (v.shape, v.dtype) for k, v in weights.items()}
    odd = sorted(k for k in wanted | found if wanted.get(k) != found.get(k))
    if odd:
        msg = (
            "the weights do not fit the network that it describes; the first that "
            f"differ are {odd[:3]}"
        )
        raise ValueError(msg)
