"""
Label noise: forty per cent of the labels are wrong
===================================================

Somebody annotated handwritten digits in a hurry: of every hundred labels to learn from
forty are wrong, any other digit in their place. The labels that the answers are judged
by are right. A network that takes the labels at their word learns how they were
*recorded*; a **noise matrix** ``T[true, recorded]`` lets it learn what is *true*.

Two questions: what does the matrix gain when it is known, and how much of that is left
when it has to be estimated from the same bad labels?
"""

# %%
# The data and the table
# ----------------------
# 1,797 digits of 8 x 8 pixels, as on an old meter. A reading costs a point for each
# unit that it is too high and two for each that it is too low.

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_predict, train_test_split

from simclf import SimilarityAwareClassifier
from simclf.decision import estimate_noise_matrix
from simclf.losses import CrossEntropyLoss
from simclf.metrics import skill_score

names = np.array(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
)
X, codes = load_digits(return_X_y=True)
too_high = np.subtract.outer(range(10), range(10)).T  # answer less truth
S = pd.DataFrame(-np.maximum(too_high, -2 * too_high), names, names)
print(S.iloc[:4, :4])

# %%
# The noise
# ---------
# Only training labels are changed. ``truth`` says how, and is not shown to any
# network but one.

truth = pd.DataFrame(np.full((10, 10), 0.4 / 9), names, names)
for name in names:
    truth.loc[name, name] = 0.6


def split(seed: int) -> tuple:
    """Training rows with labels as recorded, and test rows with true ones."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, codes, test_size=0.4, stratify=codes, random_state=seed
    )
    draw = np.random.default_rng(seed)
    recorded = [draw.choice(names, p=truth.to_numpy()[code]) for code in y_train]
    return X_train, np.array(recorded), X_test, names[y_test]


# %%
# Estimating the matrix
# ---------------------
# Two lines. The probabilities must come from networks that have not seen the row, which
# is what ``cross_val_predict`` is for: a network that has, has learned its wrong label.
# The rows that it is surest of are taken for certain, and what it thinks their recorded
# labels are is the matrix. Probabilities need no table; the temperature makes them
# honest, and training for it ends before wrong labels are learned by heart.

quick = {"n_members": 2, "max_epochs": 60}
honest = SimilarityAwareClassifier(calibration="temperature", **quick)


def estimated(X, y, seed: int) -> pd.DataFrame:
    """The noise matrix, from labels as they were recorded."""
    honest.set_params(random_state=seed)
    proba = cross_val_predict(honest, X, y, method="predict_proba")
    return estimate_noise_matrix(y, proba)


X_train, recorded, X_test, y_test = split(seed=0)
estimate = estimated(X_train, recorded, seed=0)
print(estimate.round(2).to_string())
wrong = 0.5 * (estimate - truth.loc[estimate.index, estimate.columns]).abs().sum(axis=1)
print(f"share of labels that a row puts wrongly: {wrong.mean():.2f}")

# %%
# Its classes are in alphabetical order, as scikit-learn sorts labels, and the loss
# aligns it by name.
#
# What the matrix gains
# ---------------------
# Four ways to learn from the same labels, over three splits. The first two take them at
# their word and differ in the decision; the other two correct the loss, and answer by
# the Bayes decision under the table.

rows = []
for seed in range(3):
    X_train, recorded, X_test, y_test = split(seed)
    ways = {
        "no matrix, argmax": CrossEntropyLoss(),
        "no matrix, Bayes decision": CrossEntropyLoss(),
        "estimated matrix": CrossEntropyLoss(
            noise_matrix=estimated(X_train, recorded, seed)
        ),
        "true matrix": CrossEntropyLoss(noise_matrix=truth),
    }
    for way, loss in ways.items():
        decision = "argmax" if way.endswith("argmax") else "bayes"
        clf = SimilarityAwareClassifier(
            S, loss=loss, decision=decision, random_state=seed, **quick
        )
        answers = clf.fit(X_train, recorded).predict(X_test)
        rows.append(
            {
                "way": way,
                "seed": seed,
                "accuracy": np.mean(answers == y_test),
                "skill": skill_score(y_test, answers, S),
            }
        )
results = pd.DataFrame(rows)
summary = results.groupby("way", sort=False)[["accuracy", "skill"]].agg(["mean", "sem"])
print(summary.round(3).to_string())

# %%
# The Bayes decision on the probabilities of *recorded* labels is too cautious, and does
# worse than the most probable digit: with forty per cent spread over all digits any
# reading may be far too low, so it reads high. With the true matrix the probabilities
# are those of the true digit, and there is no reason for that caution any more. The
# estimate, from the same bad labels, gains nearly as much. The most probable digit is
# hardly hurt by noise that has no preference: the members stop before they learn wrong
# labels by heart. But it knows nothing of what a wrong reading costs.
#
# The matrix is not magic. A class that is nowhere certain, because it overlaps with
# others or has too few rows, looks noisier than it is; where labels are right, leave it
# out.
#
# The picture
# -----------
# Left, each dot is one split and each bar the mean of the three. In the middle the
# matrix that changed the labels, right the one found.

figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(16, 5), layout="constrained", width_ratios=[0.9, 1, 1]
)
colours = ["tab:gray", "tab:gray", "tab:blue", "tab:green"]
means = summary["skill"]["mean"]
left.barh(range(4), means, color=colours, alpha=0.5)
for place, way in enumerate(means.index):
    skills = results.loc[results["way"] == way, "skill"]
    left.plot(skills, np.full(3, place), "o", color="black", markersize=4)
    left.text(0.02, place, f"{means[way]:.2f}", va="center", fontsize=12)
left.set_yticks(range(4), means.index)
left.invert_yaxis()
left.set(
    xlabel="skill on right labels (1 is perfect)",
    title="Trained on 40 % wrong labels",
    xlim=(0, 1),
)
left.grid(axis="x", alpha=0.4)

for axes, matrix, title in (
    (middle, truth, "True noise matrix"),
    (right, estimate, "Estimated noise matrix"),
):
    percent = 100 * matrix.loc[names, names].to_numpy()
    image = axes.imshow(percent, cmap="Blues", vmin=0, vmax=100)
    for (row, column), value in np.ndenumerate(percent):
        colour = "white" if value > 50 else "black"
        axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour)
    axes.set_xticks(range(10), names, rotation=45, ha="right")
    axes.set_yticks(range(10), names)
    axes.set(xlabel="recorded label", title=title)
middle.set_ylabel("true label")
figure.colorbar(
    image, ax=[middle, right], shrink=0.8, label="per cent of the true label's rows"
)

here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
picture = here / "plot_03_label_noise.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")
