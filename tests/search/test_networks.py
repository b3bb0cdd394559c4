"""Networks differentiated by hand: against autograd over torch's own layers."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling

from simclf.search._networks import Networks

ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu, "silu": F.silu, "tanh": torch.tanh}


def maps(sizes, n_networks=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [
        (
            torch.randn(n_networks, n_out, n_in, generator=generator).double(),
            torch.randn(n_networks, 1, n_out, generator=generator).double(),
        )
        for n_in, n_out in pairwise(sizes)
    ]


def by_autograd(given, x, masks, slope, activation):
    """Scores and gradients of plain layers, network by network."""
    leaves = [value.clone().requires_grad_() for pair in given for value in pair]
    scores = []
    for network in range(len(given[0][0])):
        h = x[network]
        for layer in range(len(given)):
            h = F.linear(h, leaves[2 * layer][network], leaves[2 * layer + 1][network])
            if layer < len(given) - 1:
                h = ACTIVATIONS[activation](h)
                h = h * masks[layer][network] if masks else h
        scores.append(h)
    torch.stack(scores).backward(slope)
    return torch.stack(scores).detach(), [leaf.grad for leaf in leaves]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (4, 7, 5, 6, 2)])
@pytest.mark.parametrize("dropped", [True, False])
def test_scores_and_gradients(dropped, sizes, activation):
    given = maps(sizes)
    networks = Networks([(w.clone(), b.clone()) for w, b in given], activation)
    generator = torch.Generator().manual_seed(1)
    # Batches differ in length, and the memory of the longest is used for all.
    for n_rows in (6, 5, 8):
        x = torch.randn(3, n_rows, sizes[0], generator=generator).double()
        slope = torch.randn(3, n_rows, sizes[-1], generator=generator).double()
        masks = [
            torch.rand(3, 1, width, generator=generator).double().round() * 1.25
            for width in sizes[1:-1]
        ]
        masks = masks if dropped else []
        wanted, gradients = by_autograd(given, x, masks, slope, activation)
        torch.testing.assert_close(networks.forward(x, masks), wanted)
        for found, expected in zip(networks.backward(slope), gradients, strict=True):
            torch.testing.assert_close(found, expected)


def test_rows_that_all_networks_share_need_no_copy():
    given = maps((4, 5, 3))
    rows = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).double()
    shared = rows.expand(3, 6, 4)
    first = Networks(given, "gelu").forward(shared, []).clone()
    second = Networks(given, "gelu").forward(shared.contiguous(), [])
    torch.testing.assert_close(first, second)


def test_other_parameters_are_taken_over():
    networks = Networks(maps((4, 5, 3)), "relu")
    x = torch.ones(3, 2, 4).double()
    networks.forward(x, [])
    others = maps((4, 5, 3), n_networks=2, seed=1)
    networks.use([value for pair in others for value in pair])
    assert len(networks) == 2
    expected = Networks(others, "relu").forward(x[:2], [])
    assert torch.equal(networks.forward(x[:2], []), expected)
