"""Decisions from probabilities: the best expected score, sets, and calibration."""

from simclf.decision._answer_sets import AnswerSets, answer_sets
from simclf.decision._bayes import argmax_decision, bayes_decision, expected_scores
from simclf.decision._noise_matrix import estimate_noise_matrix
from simclf.decision._temperature import apply_temperature, fit_temperature

__all__ = [
    "AnswerSets",
    "answer_sets",
    "apply_temperature",
    "argmax_decision",
    "bayes_decision",
    "estimate_noise_matrix",
    "expected_scores",
    "fit_temperature",
]
