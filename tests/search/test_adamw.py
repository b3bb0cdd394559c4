"""AdamW for many networks: torch's own, network by network."""

import pytest
import torch

from simclf.search._adamw import MemberAdamW

LR = [1e-3, 2e-2, 0.3]
DECAY = [0.0, 0.01, 0.5]
SHAPES = [(3, 4, 2), (3, 1, 4)]


def start(dtype):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator, dtype=dtype) for shape in SHAPES]


def slopes(step, dtype):
    """Gradients that grow and vanish."""
    generator = torch.Generator().manual_seed(step)
    return [
        torch.randn(shape, generator=generator, dtype=dtype) * 10.0 ** (3 - step)
        for shape in SHAPES
    ]


def alone(network, dtype, n_steps, *, fused):
    """What torch makes of one network."""
    leaves = [value[network].clone().requires_grad_() for value in start(dtype)]
    optimizer = torch.optim.AdamW(
        leaves, lr=LR[network], weight_decay=DECAY[network], fused=fused
    )
    for step in range(n_steps):
        for leaf, slope in zip(leaves, slopes(step, dtype), strict=True):
            leaf.grad = slope[network].clone()
        optimizer.step()
    return [leaf.detach() for leaf in leaves]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("fused", [True, False])
def test_every_network_takes_its_own_steps(fused, dtype):
    together = MemberAdamW(start(dtype), LR, DECAY, fused=fused)
    for step in range(8):
        together.step(slopes(step, dtype))
    tolerance = 0 if fused else 4 * torch.finfo(dtype).eps
    for network in range(3):
        expected = alone(network, dtype, 8, fused=fused)
        for value, wanted in zip(together.parameters, expected, strict=True):
            torch.testing.assert_close(
                value[network], wanted, rtol=tolerance, atol=tolerance
            )


def test_on_a_cpu_the_step_is_the_one_that_a_fit_takes():
    together = MemberAdamW(start(torch.float32), LR, DECAY)
    together.step(slopes(0, torch.float32))
    expected = alone(1, torch.float32, 1, fused=True)
    assert torch.equal(together.parameters[0][1], expected[0])


@pytest.mark.parametrize("fused", [True, False])
def test_networks_that_stay_go_on_as_they_were(fused):
    together = MemberAdamW(start(torch.float64), LR, DECAY, fused=fused)
    for step in range(3):
        together.step(slopes(step, torch.float64))
    together.keep(torch.tensor([2, 0]))
    for step in range(3, 6):
        kept = [slope[[2, 0]] for slope in slopes(step, torch.float64)]
        together.step(kept)
    for position, network in enumerate([2, 0]):
        expected = alone(network, torch.float64, 6, fused=fused)
        for value, wanted in zip(together.parameters, expected, strict=True):
            torch.testing.assert_close(value[position], wanted, rtol=1e-12, atol=1e-12)
