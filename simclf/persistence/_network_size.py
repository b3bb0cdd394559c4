"""How many weights a network of this library has, found without building it."""

from itertools import pairwise
from typing import Any

from simclf.modules import MLP, PiecewiseMLP, ResidualMLP, TabM


def size_of_ours(
    component: Any, n_features: int, n_outputs: int, n_members: int
) -> float:
    """Return the weights of a network; those of a great one at least in the main.

    A file that describes a network much larger than its weights is refused by it, so
    that what counts are products of all that a file may claim.
    """
    if isinstance(component, MLP):
        sizes = [n_features, *component.hidden_layer_sizes, n_outputs]
        return n_members * _of_layers(sizes)
    if isinstance(component, ResidualMLP):
        return n_members * _of_blocks(component, n_features, n_outputs)
    if isinstance(component, PiecewiseMLP):
        width = n_features * component.embedding_size
        sizes = [width, *component.hidden_layer_sizes, n_outputs]
        return n_members * (width * component.n_bins + _of_layers(sizes))
    if isinstance(component, TabM):
        return _of_shared(component, n_features, n_outputs, n_members)
    msg = f"{component!r} is not how the network of a model is described"
    raise TypeError(msg)


def _of_layers(sizes: list[int]) -> float:
    """Return weights and biases of a perceptron of these widths."""
    return sum((a + 1) * b for a, b in pairwise(sizes))


def _of_blocks(component: ResidualMLP, n_features: int, n_outputs: int) -> float:
    """Return the weights of the maps of a residual network."""
    width = component.width
    return width * (n_features + 4 * width * component.n_blocks + n_outputs)


def _of_shared(
    component: TabM, n_features: int, n_outputs: int, n_members: int
) -> float:
    """Return the weights of the maps of a network whose members share some."""
    width, n_inputs, bins = component.width, n_features, 0
    if component.n_bins is not None:
        n_inputs = n_features * component.embedding_size
        bins = n_inputs * component.n_bins
    shared = width * (n_inputs + width * (component.n_blocks - 1))
    return bins + shared + n_members * width * n_outputs
