"""One ordinary network behind the member axis that losses expect."""

from torch import Tensor, nn


class LeadingAxis(nn.Module):
    """One ordinary network, its scores given the member axis that losses expect."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the one member: (n, d) or (1, n, d) -> (1, n, n_outputs)."""
        rows = x if x.ndim == 2 else x.squeeze(0)
        scores: Tensor = self.network(rows).unsqueeze(0)
        return scores
