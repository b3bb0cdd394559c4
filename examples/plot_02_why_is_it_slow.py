r"""
Why is my expected-score loss slow?
===================================

Somebody had a score table :math:`S`, rows the truth and columns the answer, and trained
a network on the score itself: the loss for an example of class :math:`i` was

.. math:: -\sum_j S_{ij} \, q_j, \qquad q = \operatorname{softmax}(z),

the expected score of an answer drawn from the network's softmax. It is a natural thing
to write. It learned painfully slowly, one answer was never given, and nobody said why.

Some of it is said by the table itself. The rest is the loss: a small gradient at the
start, corners that the gradient hardly leaves, and what these make of a network. There
is a cure.
"""

# %%
# The table has something to say
# ------------------------------
# This was the table. Before any training, ask what it prefers.

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from scipy.integrate import solve_ivp
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from simclf import SimilarityAwareClassifier
from simclf.losses import CrossEntropyLoss, ExpectedScoreLoss
from simclf.modules import MLP
from simclf.similarity import describe_similarity

names = ["c1", "c2", "c3", "c4"]
table = pd.DataFrame(
    [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]], names, names
)
print(table)
print(describe_similarity(table))

# %%
# For a ``c3``, answering ``c4`` earns 1 and answering ``c3`` earns 0. More than that:
# ``c3`` is not worth answering *whatever* the probabilities are. To know this of an
# answer :math:`k`, a linear programme looks for probabilities :math:`p` under which it
# leads all others by a margin :math:`t`,
#
# .. math:: \max_{p, t} \; t \quad \text{so that} \quad
#           \sum_i p_i (S_{ik} - S_{ij}) \ge t \text{ for all } j \ne k, \quad
#           p_i \ge 0, \; \sum_i p_i = 1.
#
# For ``c3`` the best margin is 0. The reason can be seen without a solver: toss a coin
# between ``c2`` and ``c4``.

coin = table[["c2", "c4"]].mean(axis=1)
print(pd.DataFrame({"c2 or c4, by a coin": coin, "c3": table["c3"]}))

# %%
# The coin earns as much as ``c3`` whatever the truth, and two points more if it is
# ``c2``. So under any probabilities ``c2`` or ``c4`` is as good as ``c3`` or better. A
# network that never answers ``c3`` under this table is right, and no loss will change
# that. If it is not what you meant, the table wants mending: let each row's own answer
# be its best.

# %%
# A small gradient at the start
# -----------------------------
# Differentiate the expected score with respect to the outputs :math:`z`:
#
# .. math:: \frac{\partial}{\partial z_k} \sum_j S_{ij} q_j
#           = q_k \Big( S_{ik} - \sum_j S_{ij} q_j \Big).
#
# At the start all :math:`q_k` are near :math:`1/K`, so each component carries a factor
# :math:`1/K`. With right answers worth 1 and wrong ones 0 the norm is about
# :math:`1/K`, where cross entropy has one near 1: with a hundred classes the steps are
# a hundred times smaller. This alone is harmless, as a larger learning rate or Adam
# undoes it.

cross_entropy = CrossEntropyLoss()
naive = ExpectedScoreLoss(warm_start=0.0)


def ordinal(n_classes):
    """Minus the distance between the truth and the answer."""
    codes = np.arange(n_classes)
    return -np.abs(np.subtract.outer(codes, codes)).astype(float)


def start_gradient(loss, similarity):
    """Norm of the gradient in the outputs, all equal, mean over the classes."""
    n_classes = len(similarity)
    scores = torch.zeros(n_classes, n_classes, requires_grad=True)
    criterion = loss.criterion(similarity)
    criterion.pointwise(scores, torch.arange(n_classes)).sum().backward()
    return scores.grad.norm(dim=1).mean().item()


sizes = np.array([2, 4, 10, 30, 100, 300, 1000])
gradients = {
    "cross entropy": [start_gradient(cross_entropy, np.eye(k)) for k in sizes],
    "expected score, ordinal table": [start_gradient(naive, ordinal(k)) for k in sizes],
    "expected score, right or wrong": [start_gradient(naive, np.eye(k)) for k in sizes],
}
print(pd.DataFrame(gradients, sizes).T.round(4).to_string())

# %%
# Corners
# -------
# The factor :math:`q_k` does worse later on. Say a network gives the right answer the
# probability :math:`\varepsilon`, and nearly all of the rest to a wrong one that earns
# something, as a neighbour does. The gradient is proportional to
# :math:`\varepsilon`, and the further in the corner, the weaker the pull out of it.
# Cross entropy pulls with :math:`1 - \varepsilon`, the hardest where it is most wrong.
#
# Follow the outputs downhill, :math:`\dot z = -\partial L / \partial z`, and take the
# time until the right answer has probability one half. For cross entropy that is about
# :math:`\log 1/\varepsilon`, for the expected score :math:`1/\varepsilon`. Being a
# matter of shape and not of scale, it is cured by no learning rate.

corner_table = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]])


def escape_time(loss, epsilon):
    """Time the first class needs, from probability epsilon to one half."""
    criterion = loss.criterion(corner_table, dtype=torch.float64)
    truth = torch.tensor([0])

    def downhill(_, z):
        scores = torch.tensor(z[None], requires_grad=True)
        criterion(scores, truth).backward()
        return -scores.grad[0].numpy()

    def is_out(_, z):
        return np.exp(z[0]) / np.exp(z).sum() - 0.5

    is_out.terminal = True
    start = np.log([epsilon, 1 - 2 * epsilon, epsilon])
    path = solve_ivp(
        downhill, (0, 1e9), start, method="LSODA", events=is_out, rtol=1e-6
    )
    return path.t_events[0][0]


epsilons = np.logspace(-1, -6, 11)
escapes = {
    "cross entropy": [escape_time(cross_entropy, e) for e in epsilons],
    "expected score": [escape_time(naive, e) for e in epsilons],
}
print(pd.DataFrame(escapes, epsilons).iloc[::5].T.round(1).to_string())

# %%
# What a network makes of it
# --------------------------
# Early on, a network can tell its inputs apart but little, and the gradient points
# where the *average* score is best: with an ordinal table, to the classes in the
# middle. Their probability grows, that of all other answers falls to nothing, and from
# there the way back is of length :math:`1/\varepsilon`. The network goes on giving a
# few of the answers.
#
# Handwritten digits, a table that scores minus the distance of the digits, one small
# network trained by gradient descent with momentum. ``partial_fit`` runs one epoch of
# ``max_epochs``, so that held-out digits can be answered after each.

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=800, stratify=y, random_state=0
)
digits_table = ordinal(10)
N_EPOCHS = 30


def learning_curve(loss):
    """Mean score and number of answers in use on held-out digits, by epoch."""
    classifier = SimilarityAwareClassifier(
        digits_table,
        loss=loss,
        module=MLP((32,), activation="relu", dropout=0.0),
        optimizer="sgd",
        lr=0.1,
        weight_decay=0.0,
        batch_size=50,
        n_members=1,
        max_epochs=N_EPOCHS,
        random_state=0,
    )
    curve = []
    for _ in range(N_EPOCHS):
        classifier.partial_fit(X_train, y_train, classes=np.arange(10))
        answers = classifier.predict(X_test)
        in_use = len(np.unique(answers))
        curve.append((digits_table[y_test, answers].mean(), in_use))
    return pd.DataFrame(
        curve, range(1, N_EPOCHS + 1), columns=["score", "answers in use"]
    )


curves = {
    "cross entropy, Bayes decision": learning_curve("cross_entropy"),
    "expected score, cured": learning_curve(ExpectedScoreLoss()),
    "expected score, naive": learning_curve(naive),
}
for name, curve in curves.items():
    print(f"{name}\n{curve.loc[[1, 5, 15, 30]].T.round(2).to_string()}")

# %%
# The naive form is off by more than half a digit on average and never gives some of
# the answers, where the same network can be right almost always. With Adam the same
# digits take longer but are all learned in the end; with a hundred classes Adam does
# not help either: see ``benchmarks/cures.py``.

# %%
# The cure, and what to do
# ------------------------
# Cross entropy has no corners. Start with it, and the expected score takes over a
# network that already tells its inputs apart, with every answer in play. That is what
# ``ExpectedScoreLoss()`` does; the naive form must be asked for, with ``warm_start=0``.
#
# In this order:
#
# 1. Run ``describe_similarity`` on your table, and mend the table if need be.
# 2. Train with cross entropy and take the answer of highest expected score, the Bayes
#    decision. That is ``SimilarityAwareClassifier(table)`` with no further settings. It
#    needs no cure, its probabilities can be used for other things, and it is hard to
#    beat.
# 3. If the score itself must be trained on, because the network is too small to learn
#    the probabilities, try ``"expected_score"`` and ``"tailored_score"``, and let a
#    search over held-out scores decide.

# %%
# The picture
# -----------

BLUE, GREEN, RED, PINK = "#1f77b4", "#2ca02c", "#d62728", "#e7969c"
figure, axes = plt.subplots(2, 2, figsize=(12, 8.5), layout="constrained")
(starts, corners), (used, scores) = axes

for (name, norms), colour in zip(gradients.items(), [BLUE, PINK, RED], strict=True):
    starts.loglog(sizes, norms, "o-", color=colour, label=name)
starts.loglog(sizes, 1 / sizes, ":", color="grey", label="1 / K")
starts.set(
    title="1. The first step is small",
    xlabel="number of classes K",
    ylabel="norm of the gradient in the outputs",
)

for (name, times), colour in zip(escapes.items(), [BLUE, RED], strict=True):
    corners.loglog(epsilons, times, "o-", color=colour, label=name)
corners.loglog(epsilons, 1 / epsilons, ":", color="grey", label="1 / ε")
corners.invert_xaxis()
corners.set(
    title="2. The way out of a wrong corner is long",
    xlabel="probability ε of the right answer at the start",
    ylabel="time until it is one half",
)

styles = [(BLUE, "-"), (GREEN, "--"), (RED, "-")]
for (name, curve), (colour, line) in zip(curves.items(), styles, strict=True):
    scores.plot(curve["score"], line, color=colour, lw=2, label=name)
    used.plot(curve["answers in use"], line, color=colour, lw=2, label=name)
scores.set(
    title="4. Digits: so the score stays low",
    xlabel="epoch",
    ylabel="mean score on held-out digits",
    ylim=(None, 0),
)
used.set(
    title="3. Digits: answers are lost",
    xlabel="epoch",
    ylabel="answers in use, of ten",
    ylim=(0, 10.5),
)
for axis in axes.flat:
    axis.grid(alpha=0.3)
    axis.legend()

here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
picture = here / "plot_02_why_is_it_slow.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")
