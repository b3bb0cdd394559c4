"""From a module component to one network with a leading member axis."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from sklearn.base import BaseEstimator, clone
from torch import nn

from simclf.modules import MODULES, LeadingAxis, SharedMembers, StackedModule
from simclf.similarity._suggest import suggest
from simclf.training._failures import OUT_OF_MEMORY
from simclf.training._rows import features_on
from simclf.training._seeding import Seeds, seeded_global_generator
from simclf.training._standardize import Standardizer

# Rows that a component is shown, and entries of these, at most.
_SHOWN_ROWS, _SHOWN_ENTRIES = 100_000, 2**25

_HELP = (
    f"Pass a name ({', '.join(repr(name) for name in MODULES)}), a component with "
    ".build(n_features, n_outputs), an nn.Module class or a callable of "
    "(n_features, n_outputs) that returns an nn.Module."
)


@dataclass(frozen=True)
class Plan:
    """What a network of this library was built from, kept with it as ``network.plan``.

    The parameters of the estimator do not tell: they may be set after the fit.
    """

    component: Any
    n_features: int


def resolve_module(module: Any) -> Any:
    """Turn the ``module`` parameter into a fresh component or factory."""
    if isinstance(module, str):
        if module not in MODULES:
            msg = f"module={module!r} is unknown. {_HELP}{suggest(module, MODULES)}"
            raise ValueError(msg)
        return MODULES[module]()
    if isinstance(module, nn.Module):
        msg = (
            f"module is an instance of {type(module).__name__}: its weights would be "
            f"shared by every fit and every fold. {_HELP}"
        )
        raise TypeError(msg)
    if isinstance(module, type) and _builds(module):
        msg = (
            f"module is the component class {module.__name__}; pass an instance, "
            f"{module.__name__}()."
        )
        raise TypeError(msg)
    if isinstance(module, BaseEstimator) and _builds(module):
        return clone(module)
    if _builds(module) or callable(module):
        return module
    msg = f"module={module!r} is a {type(module).__name__}. {_HELP}"
    raise TypeError(msg)


def shares_weights(component: Any) -> bool:
    """Whether the members of its networks share weights."""
    return hasattr(component, "build_shared")


def prepared(component: Any, X: Any, standardizer: Standardizer) -> Any:
    """Show a component that wants to see them the rows, standardized, many at most."""
    if not (_builds(component) and hasattr(component, "prepare")):
        return component
    n_rows, n_features = X.shape
    most = max(1, min(_SHOWN_ROWS, _SHOWN_ENTRIES // n_features))
    shown = X[:: -(-n_rows // most)]
    rows = features_on(shown, standardizer, torch.float32, torch.device("cpu"))
    return component.prepare(rows.slice(0, shown.shape[0]).numpy())


def build_network(
    component: Any,
    n_features: int,
    n_outputs: int,
    n_members: int,
    seeds: Seeds,
) -> nn.Module:
    """Build the members' network on the CPU: (n, n_features) -> (M, n, n_outputs)."""
    network = _built(component, n_features, n_outputs, n_members, seeds)
    if type(component) in MODULES.values():
        plan = Plan(clone(component), n_features)
        network.plan = plan  # type: ignore[assignment] # torch takes any attribute
    return network


def _built(
    component: Any,
    n_features: int,
    n_outputs: int,
    n_members: int,
    seeds: Seeds,
) -> nn.Module:
    """Build it in the way that the component knows."""
    if hasattr(component, "build_members"):
        generator = torch.Generator(device="cpu").manual_seed(seeds.weights)
        with _sizes_told(component, n_features=n_features, n_members=n_members):
            network: nn.Module = component.build_members(
                n_features, n_outputs, n_members, generator
            )
        return network
    build = getattr(component, "build", component)
    cpu = torch.device("cpu")
    with seeded_global_generator(seeds.weights, cpu), cpu, _single_precision():
        if shares_weights(component):
            with _sizes_told(component, n_features=n_features, n_members=n_members):
                shared = component.build_shared(n_features, n_outputs, n_members)
            sizes = {"n_members": n_members, "n_outputs": n_outputs}
            return SharedMembers(
                copy.deepcopy(_checked(shared, n_features, sizes)), n_members
            )
        built = [
            _checked(
                _called(build, n_features, n_outputs),
                n_features,
                {"n_outputs": n_outputs},
            )
            for _ in range(n_members)
        ]
        if len({id(network) for network in built}) < n_members:
            msg = (
                "module returned the same network twice, so that members would not "
                "differ; build a new one in every call."
            )
            raise ValueError(msg)
        # A copy, so that a builder that keeps its network does not hold ours.
        members = copy.deepcopy(built)
        return (
            LeadingAxis(members[0]) if n_members == 1 else _stack(members, n_features)
        )


@contextmanager
def _single_precision() -> Iterator[None]:
    """Draw initial weights in float32, whatever the caller's default is.

    In another type the same seed gives other weights, and some layers have no initial
    weights in half precision.
    """
    default = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float32)
        yield
    finally:
        torch.set_default_dtype(default)


def draws_in_training(component: Any) -> bool:
    """Whether training the network may draw from torch's global generator.

    Networks of this library draw from generators of the fit; of others nobody knows.
    """
    return not hasattr(component, "build_members")


def _builds(component: Any) -> bool:
    """Whether this is a component, or the class of one."""
    return hasattr(component, "build") or shares_weights(component)


def _checked(network: Any, n_features: int, sizes: dict[str, int]) -> nn.Module:
    """Check what the user's builder returned for scores of these sizes."""
    if not isinstance(network, nn.Module):
        asked = ", ".join(f"{name}={size}" for name, size in sizes.items())
        msg = (
            f"module(n_features={n_features}, {asked}) returned a "
            f"{type(network).__name__}, not an nn.Module."
        )
        raise TypeError(msg)
    # Within the seeded block, as a lazy layer draws its weights at the first rows.
    scores = _checked_scores(network, n_features, sizes)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        msg = (
            f"module returned a {type(network).__name__} without trainable parameters: "
            "there is nothing to learn."
        )
        raise ValueError(msg)
    if not (scores.requires_grad or _learns_in_training(network, n_features)):
        msg = (
            "module returned scores that do not depend on its parameters as far as "
            "torch can tell, so that it could not learn; leave out detach(), "
            "torch.no_grad() and conversions to numpy in its forward."
        )
        raise ValueError(msg)
    return network


def _learns_in_training(network: nn.Module, n_features: int) -> bool:
    """Whether a copy in training mode gives scores that gradients come through."""
    copied = copy.deepcopy(network).train()
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        scores: torch.Tensor = copied(_two_rows(copied, n_features))
    return scores.requires_grad


@contextmanager
def _sizes_told(component: Any, **sizes: int) -> Iterator[None]:
    """Tell a size that torch cannot take by the component that asked for it."""
    try:
        yield
    except OUT_OF_MEMORY:
        raise
    except RuntimeError as error:
        shown = ", ".join(f"{name}={size}" for name, size in sizes.items())
        reason = str(error).partition("\n")[0].rstrip(".")
        msg = (
            f"module={component!r} cannot be built for {shown} ({reason}); make its "
            "layers smaller, or use fewer members."
        )
        raise ValueError(msg) from error


def _called(build: Callable[[int, int], Any], n_features: int, n_outputs: int) -> Any:
    """Network that the user's builder makes; whatever it raises is told by name."""
    maker = getattr(build, "__name__", type(build).__name__)
    try:
        return build(n_features, n_outputs)
    except TypeError as error:
        msg = (
            f"module={maker} cannot be called with n_features={n_features}, "
            f"n_outputs={n_outputs} ({error}). It must take these two and return an "
            "nn.Module."
        )
        raise TypeError(msg) from error
    except Exception as error:
        error.add_note(f"Raised by module={maker}, which builds the network.")
        raise


def _stack(members: list[nn.Module], n_features: int) -> StackedModule:
    """Stack the members, refusing those that cannot be evaluated at once."""
    try:
        stacked = StackedModule(members)
        with torch.no_grad():
            stacked.eval()(_two_rows(members[0], n_features))
    except OUT_OF_MEMORY:
        raise
    except Exception as error:
        msg = (
            f"module cannot be evaluated for {len(members)} members at once: {error} "
            "Use n_members=1."
        )
        raise ValueError(msg) from error
    return stacked


def _two_rows(network: nn.Module, n_features: int) -> torch.Tensor:
    """Return rows to try a network on."""
    parameter = next(network.parameters(), torch.empty(0))
    return torch.zeros(2, n_features, dtype=parameter.dtype, device=parameter.device)


def _checked_scores(
    network: nn.Module, n_features: int, sizes: dict[str, int]
) -> torch.Tensor:
    """Scores of two rows, refused where they are not one for each class."""
    names, wanted = ", ".join(["n", *sizes]), (2, *sizes.values())
    was_training = network.training
    network.eval()
    with torch.enable_grad():
        try:
            scores: Any = network(_two_rows(network, n_features))
        except OUT_OF_MEMORY:
            raise
        except Exception as error:
            msg = (
                f"module failed on two rows of {n_features} features: {error}. It "
                f"must map (n, n_features) to ({names})."
            )
            raise ValueError(msg) from error
    network.train(was_training)
    is_tensor = isinstance(scores, torch.Tensor)
    if not is_tensor or tuple(scores.shape) != wanted:
        got = f"shape {tuple(scores.shape)}" if is_tensor else type(scores).__name__
        msg = (
            f"module returned {got} for two rows; it must return scores of shape "
            f"({names}), here {wanted}."
        )
        raise ValueError(msg)
    if not scores.is_floating_point():
        msg = (
            f"module returned scores of {scores.dtype}; they must be floating-point "
            "numbers, such as those of a linear layer."
        )
        raise ValueError(msg)
    checked: torch.Tensor = scores
    return checked
