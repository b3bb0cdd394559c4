"""Training losses under a score table, and the registry of their names."""

from simclf.losses._base import Loss
from simclf.losses._boosting import BoostingObjective as BoostingObjective
from simclf.losses._boosting import boosting_objective
from simclf.losses._candidates import CandidateLosses as CandidateLosses
from simclf.losses._criterion import Criterion
from simclf.losses._cross_entropy import CrossEntropyLoss
from simclf.losses._entropic_score import EntropicScoreLoss
from simclf.losses._expected_score import ExpectedScoreLoss
from simclf.losses._kernel_brier import KernelBrierLoss
from simclf.losses._log_expected_score import LogExpectedScoreLoss
from simclf.losses._pairwise import PairwiseLoss
from simclf.losses._sample_rows import SampleRows as SampleRows
from simclf.losses._score_regression import ScoreRegressionLoss
from simclf.losses._soft_target import SoftTargetLoss
from simclf.losses._softmax_margin import SoftmaxMarginLoss
from simclf.losses._structured import StructuredTable, prepare_table
from simclf.losses._table import DenseTable
from simclf.losses._tailored_score import TailoredScoreLoss

LOSSES: dict[str, type[Loss]] = {
    "cross_entropy": CrossEntropyLoss,
    "entropic_score": EntropicScoreLoss,
    "expected_score": ExpectedScoreLoss,
    "kernel_brier": KernelBrierLoss,
    "log_expected_score": LogExpectedScoreLoss,
    "pairwise": PairwiseLoss,
    "score_regression": ScoreRegressionLoss,
    "soft_target": SoftTargetLoss,
    "softmax_margin": SoftmaxMarginLoss,
    "tailored_score": TailoredScoreLoss,
}

__all__ = [
    "LOSSES",
    "Criterion",
    "CrossEntropyLoss",
    "DenseTable",
    "EntropicScoreLoss",
    "ExpectedScoreLoss",
    "KernelBrierLoss",
    "LogExpectedScoreLoss",
    "Loss",
    "PairwiseLoss",
    "ScoreRegressionLoss",
    "SoftTargetLoss",
    "SoftmaxMarginLoss",
    "StructuredTable",
    "TailoredScoreLoss",
    "boosting_objective",
    "prepare_table",
]
