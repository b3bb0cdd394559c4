"""Pictures of score tables, of mistakes, of training and of searches, by matplotlib.

Each is a Display in the manner of scikit-learn: ``from_estimator`` or one of its
siblings computes and draws, ``plot`` draws again, and what was drawn stands in
attributes such as ``ax_`` and ``figure_``. matplotlib is imported when the first is
drawn; ``pip install "simclf[plot]"`` brings it.
"""

from simclf.plotting._loss_comparison import LossComparisonDisplay
from simclf.plotting._referral import ReferralDisplay
from simclf.plotting._reliability import ReliabilityDisplay
from simclf.plotting._score_confusion import ScoreConfusionDisplay
from simclf.plotting._similarity import SimilarityDisplay
from simclf.plotting._training_curve import TrainingCurveDisplay

__all__ = [
    "LossComparisonDisplay",
    "ReferralDisplay",
    "ReliabilityDisplay",
    "ScoreConfusionDisplay",
    "SimilarityDisplay",
    "TrainingCurveDisplay",
]
