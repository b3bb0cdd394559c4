"""What decisions and probabilities earn under a score table, and how surely.

Rows of the table are the truth, columns the answer; higher is better. All functions
align a labelled table by name and read a bare array in sorted class order. Where what
an answer is worth differs from row to row, `sample_scores` takes the table's place.
"""

from simclf.metrics._by_class import class_scores
from simclf.metrics._compare import ScoreComparison, compare_scores
from simclf.metrics._expected import expected_score
from simclf.metrics._interval import ScoreInterval, score_interval
from simclf.metrics._mean import mean_score
from simclf.metrics._regret import mistake_severity, regret
from simclf.metrics._skill import skill_score

__all__ = [
    "ScoreComparison",
    "ScoreInterval",
    "class_scores",
    "compare_scores",
    "expected_score",
    "mean_score",
    "mistake_severity",
    "regret",
    "score_interval",
    "skill_score",
]
