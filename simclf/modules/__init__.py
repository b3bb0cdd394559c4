"""Networks: components that build a torch module once the data are known.

A component has ``build(n_features, n_outputs)``, which returns a network of one member.
One whose members share weights has ``build_shared(n_features, n_outputs, n_members)``
instead, which returns a network (n, n_features) -> (n, n_members, n_outputs). One that
has to see the data first also has ``prepare(X)``: it is given the training rows as the
network will be (standardized, float32, an even share of many), and returns the
component that builds, itself staying as it was.
"""

from simclf.modules._affine_maps import affine_maps as affine_maps
from simclf.modules._leading_axis import LeadingAxis as LeadingAxis
from simclf.modules._members import count_members as count_members
from simclf.modules._members import members_sharing as members_sharing
from simclf.modules._members import repeat_first_members as repeat_first_members
from simclf.modules._members import take_members as take_members
from simclf.modules._mlp import MLP, Linear
from simclf.modules._piecewise import PiecewiseMLP
from simclf.modules._residual import ResidualMLP
from simclf.modules._seeded_dropout import lent_generator as lent_generator
from simclf.modules._shared_members import SharedMembers as SharedMembers
from simclf.modules._stacked import OneByOne as OneByOne
from simclf.modules._stacked import StackedModule as StackedModule
from simclf.modules._tabm import TabM

MODULES: dict[str, type] = {
    "linear": Linear,
    "mlp": MLP,
    "piecewise": PiecewiseMLP,
    "residual": ResidualMLP,
    "tabm": TabM,
}

__all__ = ["MLP", "MODULES", "Linear", "PiecewiseMLP", "ResidualMLP", "TabM"]
