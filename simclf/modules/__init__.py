"""Networks: components that build a torch module once the data are known."""

from simclf.modules._affine_maps import affine_maps as affine_maps
from simclf.modules._leading_axis import LeadingAxis as LeadingAxis
from simclf.modules._members import (
    count_members as count_members,
)
from simclf.modules._members import (
    repeat_first_members as repeat_first_members,
)
from simclf.modules._members import take_members as take_members
from simclf.modules._mlp import MLP, Linear
from simclf.modules._seeded_dropout import lent_generator as lent_generator
from simclf.modules._stacked import StackedModule as StackedModule

MODULES: dict[str, type] = {"linear": Linear, "mlp": MLP}

__all__ = ["MLP", "MODULES", "Linear"]
