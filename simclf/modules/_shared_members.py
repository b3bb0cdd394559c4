"""Members that share weights: one network that gives each row several scores."""

from torch import Tensor, nn


class SharedMembers(nn.Module):
    """A network (n, d) -> (n, n_members, n_outputs), its member axis put first.

    Parameters
    ----------
    network : torch.nn.Module
        What gives each row the scores of every member.
    n_members : int
        Number of members.
    """

    def __init__(self, network: nn.Module, n_members: int) -> None:
        super().__init__()
        self.network = network
        self.n_members = n_members

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every member: (n, d) or (n_members, n, d) -> (n_members, n, k)."""
        # What one member learns from all have learned from: they hold out the same.
        rows = x if x.ndim == 2 else x[0]
        scores: Tensor = self.network(rows).transpose(0, 1)
        return scores
