"""The regret of an answer drawn by the network, straight or behind the decision."""

import math

from torch import Tensor

from simclf.losses._likelihood import take
from simclf.losses._softmax import softmax
from simclf.losses._table import DenseTable


def softened_decision(q: Tensor, table: DenseTable, tau: float) -> Tensor:
    """Return how likely each answer is, (..., n, D), for class proba q (..., n, K).

    The Bayes decision, softened by tau.
    """
    return softmax(table.matmul(q) / -tau)


def regret_of(answers: Tensor, codes: Tensor, table: DenseTable) -> Tensor:
    """Return the expected regret, (..., n), of answers with these probabilities."""
    return (answers * table.rows(codes)).sum(dim=-1)


def biased_regret(
    scores: Tensor, codes: Tensor, table: DenseTable, bias: float
) -> Tensor:
    """Return the expected regret with a bias on the score of the best answer."""
    q = softmax(scores)
    # The best answer has no regret: the bias only enlarges the partition sum.
    partition = 1.0 + math.expm1(bias) * take(q, table.best_answers(codes))
    return regret_of(q, codes, table) / partition
