r"""
Why is my expected-score loss slow?
===================================

Somebody had a score table :math:`S`, rows the truth and columns the answer, and trained
a network on the score itself: the loss for an example of class :math:`i` was

.. math:: -\sum_j S_{ij} \, q_j, \qquad q = \operatorname{softmax}(z),

the expected score of an answer drawn from the network's softmax. It is a natural thing
to write. It learned painfully slowly, one answer was never given, and nobody said why.

Some of it is said by the table itself. The rest is the loss: a small gradient at the
start, corners that the gradient hardly leaves, and what these make of a network: it
collapses to a few of the answers. There is a cure.
"""

# %%
# The table has something to say
# ------------------------------
# This was the table. Before any training, ask what it prefers.

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from scipy.integrate import solve_ivp
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.losses import CrossEntropyLoss, ExpectedScoreLoss
from simclf.metrics import mean_score
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
# For ``c3`` the best margin is 0: no posterior makes ``c3`` the single best answer.
# The reason can be seen without a solver: toss a coin between ``c2`` and ``c4``.

coin = table[["c2", "c4"]].mean(axis=1)
print(pd.DataFrame({"c2 or c4, by a coin": coin, "c3": table["c3"]}))

# %%
# The coin earns as much as ``c3`` whatever the truth, and two points more if it is
# ``c2``. So under any probabilities ``c2`` or ``c4`` is as good as ``c3`` or better. A
# network that never answers ``c3`` under this table is right, and no loss will change
# that. If it is not what you meant, the table wants mending: let each row's own answer
# be its best.

# %%
# The gradient
# ------------
# Differentiate the expected score with respect to the outputs :math:`z`:
#
# .. math:: \frac{\partial}{\partial z_k} \sum_j S_{ij} q_j
#           = q_k \Big( S_{ik} - \sum_j S_{ij} q_j \Big).
#
# Every component carries the factor :math:`q_k`. Say that a network gives a ``c1`` the
# probability :math:`\varepsilon`, and nearly all of the rest to ``c2``, which earns
# something too, as a neighbour does. Then it is pulled towards ``c1`` with a strength
# proportional to :math:`\varepsilon`: the more wrong it is, the weaker. Cross entropy
# pulls with :math:`1 - \varepsilon`, the hardest where it is most wrong.

cross_entropy = CrossEntropyLoss()
naive = ExpectedScoreLoss(warm_start=0)  # the form that the forum asked about
BLUE, GREEN, RED, PINK = "#1f77b4", "#2ca02c", "#d62728", "#e7969c"


def corner(epsilon):
    """Outputs that give c1 the probability epsilon and c2 nearly all of the rest."""
    return np.log([epsilon, 1 - 3 * epsilon, epsilon, epsilon])


def slopes(criterion, z):
    """Derivatives of the loss of a c1 in the outputs."""
    scores = torch.tensor(np.asarray(z)[None], requires_grad=True)
    criterion(scores, torch.tensor([0])).backward()
    return scores.grad[0].numpy()


silent = {"category": SimilarityWarning, "action": "ignore"}  # it has been said above
with warnings.catch_warnings(**silent):
    criteria = {
        "cross entropy": cross_entropy.criterion(table, dtype=torch.float64),
        "expected score": naive.criterion(table, dtype=torch.float64),
    }
epsilons = np.logspace(-0.7, -6, 12)
pulls = {
    name: [-slopes(criterion, corner(e))[0] for e in epsilons]
    for name, criterion in criteria.items()
}
print(pd.DataFrame(pulls, epsilons).iloc[::5].T.to_string())

# %%
# A small gradient at the start
# -----------------------------
# At the start all :math:`q_k` are near :math:`1/K`, so each component carries a factor
# :math:`1/K`. With right answers worth 1 and wrong ones 0 the norm is about
# :math:`1/K`, where cross entropy has one near 1: with a hundred classes the steps are
# a hundred times smaller. This alone is harmless, as a larger learning rate or Adam
# undoes it.


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
# The weak pull is not undone. Follow the outputs downhill,
# :math:`\dot z = -\partial L / \partial z`, and take the time until ``c1`` has
# probability one half. For cross entropy that is about :math:`\log 1/\varepsilon`, for
# the expected score :math:`1/\varepsilon`. Being a matter of shape and not of scale, it
# is cured by no learning rate.


def escape_time(criterion, epsilon):
    """Time that c1 needs, from probability epsilon to one half."""

    def is_out(_, z):
        return np.exp(z[0]) / np.exp(z).sum() - 0.5

    is_out.terminal = True
    path = solve_ivp(
        lambda _, z: -slopes(criterion, z),
        (0, 1e9),
        corner(epsilon),
        method="LSODA",
        events=is_out,
        rtol=1e-6,
    )
    return path.t_events[0][0]


escapes = {
    name: [escape_time(criterion, e) for e in epsilons]
    for name, criterion in criteria.items()
}
print(pd.DataFrame(escapes, epsilons).iloc[::5].T.round(1).to_string())

# %%
# The three in a picture, red for the expected score and blue for cross entropy.

figure, (pull, starts, corners) = plt.subplots(
    1, 3, figsize=(14, 4.3), layout="constrained"
)
for name, colour in (("cross entropy", BLUE), ("expected score", RED)):
    pull.loglog(epsilons, pulls[name], "o-", color=colour, label=name)
    corners.loglog(epsilons, escapes[name], "o-", color=colour, label=name)
for (name, norms), colour in zip(gradients.items(), [BLUE, PINK, RED], strict=True):
    starts.loglog(sizes, norms, "o-", color=colour, label=name)
pull.loglog(epsilons, epsilons, ":", color="grey", label="ε")
starts.loglog(sizes, 1 / sizes, ":", color="grey", label="1 / K")
corners.loglog(epsilons, 1 / epsilons, ":", color="grey", label="1 / ε")
for axis in (pull, corners):
    axis.invert_xaxis()
    axis.set_xlabel("probability ε of the right answer c1, c2 has the rest")
pull.set(
    title="1. The more wrong, the weaker the pull\n(the forum's table)",
    ylabel="pull on the output of c1",
)
starts.set(
    title="2. The first step is small\n(K classes, all answers equally likely)",
    xlabel="number of classes K",
    ylabel="norm of the gradient in the outputs",
)
corners.set(
    title="3. The way out of a corner is long\n(the forum's table)",
    ylabel="time until c1 has probability 1/2",
)
for axis in (pull, starts, corners):
    axis.grid(alpha=0.3)
    axis.legend()

here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
picture = here / "plot_02_gradient.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")

# %%
# The collapse
# ------------
# Early on, a network can tell its inputs apart but little, and the gradient points
# where the *average* score is best: with an ordinal table, to the classes in the
# middle. Their probability grows, that of all other answers falls to nothing, and from
# there the way back is of length :math:`1/\varepsilon`. The network goes on giving a
# few of the answers.
#
# Two data sets: four overlapping clouds of points under the forum's table, and
# handwritten digits under a table that scores minus the distance of the digits. One
# small network, gradient descent with momentum. ``partial_fit`` runs one epoch of
# ``max_epochs``, so that rows held out can be answered after each.

N_EPOCHS = 30
rng = np.random.default_rng(0)
centres, clouds = rng.normal(size=(4, 6)), np.arange(4800) % 4
points = centres[clouds] + rng.normal(size=(4800, 6))
tasks = {
    "clouds, the forum's table": (points, np.array(names)[clouds], table),
    "digits, table of distances": (*load_digits(return_X_y=True), ordinal(10)),
}


def learning_curve(loss, task):
    """Mean score and number of answers in use on rows held out, by epoch."""
    X, y, similarity = tasks[task]
    split = train_test_split(X, y, train_size=800, stratify=y, random_state=0)
    X_train, X_test, y_train, y_test = split
    classifier = SimilarityAwareClassifier(
        similarity,
        loss=loss,
        module=MLP((32,), activation="relu", dropout=0.0),
        optimizer="sgd",
        lr=0.03,
        weight_decay=0.0,
        batch_size=50,
        n_members=1,
        max_epochs=N_EPOCHS,
        random_state=0,
    )
    curve = []
    for _ in range(N_EPOCHS):
        classifier.partial_fit(X_train, y_train, classes=np.unique(y))
        answers = classifier.predict(X_test)
        worth = mean_score(y_test, answers, similarity)
        curve.append((worth, len(np.unique(answers))))
    return pd.DataFrame(curve, range(1, N_EPOCHS + 1), columns=["score", "answers"])


losses = {
    "cross entropy, Bayes decision": cross_entropy,
    "expected score, naive": naive,
    "expected score, cured": ExpectedScoreLoss(),
}
with warnings.catch_warnings(**silent):
    curves = {
        task: {name: learning_curve(loss, task) for name, loss in losses.items()}
        for task in tasks
    }
for task, by_loss in curves.items():
    for name, curve in by_loss.items():
        print(f"{task}: {name}\n{curve.loc[[1, 5, 15, 30]].T.round(2).to_string()}")

# %%
# Under the forum's table three answers are worth giving, and the naive form soon gives
# two; after thirty epochs it is not quite where the same network is after two of cross
# entropy. On digits it ends up off by a whole digit on average, with some answers never
# given, where the same network can be right almost always.
#
# A larger learning rate shortens this, and so does Adam, with which the digits are all
# learned in the end; with a hundred classes Adam does not help either: see
# ``benchmarks/cures.py``.

# %%
# The cure
# --------
# Cross entropy has no corners, and where it leads, the answer of highest expected score
# is the right thing to give. So let the network have one output for each *class*, and
# put the Bayes decision behind it as a last layer, softened by :math:`\tau`:
#
# .. math:: a = \operatorname{softmax}(q S / \tau), \qquad
#           q = \operatorname{softmax}(z).
#
# The expected score :math:`\sum_j S_{ij} a_j` of an answer drawn from *that* can be
# trained on the same outputs as cross entropy, and needs no new start. Half of the
# training is cross entropy alone, then it fades out while the expected score fades in,
# and the last tenth is the expected score and nothing else. This is
# ``ExpectedScoreLoss()``. The naive form must be asked for, with ``warm_start=0``.

# %%
# The cured network is the blue one until cross entropy begins to leave, and it keeps
# every answer when it is alone with the expected score. It ends where cross entropy
# ends, or slightly below: on the clouds the last epochs, with nothing but the expected
# score, cost a hundredth of a point or two. It is a cure for slowness, and not a way
# past cross entropy.

figure, axes = plt.subplots(2, 2, figsize=(12, 8.5), layout="constrained")
styles = [(BLUE, "-"), (RED, "-"), (GREEN, "--")]
for row, (task, by_loss) in zip(axes, curves.items(), strict=True):
    used, scores = row
    for (name, curve), (colour, line) in zip(by_loss.items(), styles, strict=True):
        used.plot(curve["answers"], line, color=colour, lw=2, label=name)
        scores.plot(curve["score"], line, color=colour, lw=2, label=name)
    n_answers = tasks[task][2].shape[1]
    used.set(
        title=f"Answers in use: {task}",
        ylabel=f"answers in use, of {n_answers}",
        ylim=(0, n_answers + 0.5),
        yticks=range(0, n_answers + 1, 1 if n_answers < 5 else 2),
    )
    scores.set(title=f"Score: {task}", ylabel="mean score on rows held out")
for axis in axes.flat:
    axis.axvspan(0.5 * N_EPOCHS, 0.9 * N_EPOCHS, color=GREEN, alpha=0.08, lw=0)
    axis.axvspan(0.9 * N_EPOCHS, N_EPOCHS, color=GREEN, alpha=0.22, lw=0)
    axis.set(xlabel="epoch", xlim=(1, N_EPOCHS))
    axis.grid(alpha=0.3)
    axis.legend(loc="lower right", bbox_to_anchor=(0.99, 0.04))
figure.suptitle(
    "The cured form hands over from cross entropy (light green), then is alone (green)"
)

picture = here / "plot_02_why_is_it_slow.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")

# %%
# What to do
# ----------
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
