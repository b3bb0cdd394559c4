"""Search over parameters, all models trained at once."""

from simclf.search._grid import BatchedGridSearchCV
from simclf.search._randomized import BatchedRandomizedSearchCV

__all__ = ["BatchedGridSearchCV", "BatchedRandomizedSearchCV"]
