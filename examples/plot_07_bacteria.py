r"""
How far down the taxonomy?
==========================

A read of 150 nucleotides from the 16S gene does not always tell the genus. Then "some
Bacillaceae" is a better answer than a genus that is wrong, and a worse one than the
genus that is right. A score table says so, and any network can be told: first one that
sees counts of words, then one of our own that reads the letters.
"""

# %%
# What an answer tells
# --------------------
# 818 reads of 23 genera come with their lineages, from the domain down to the family.
# Each name above a genus may be an answer too. With ``measure="information"`` a right
# one earns what it tells: everything for the genus, nothing for "Bacteria", and a wrong
# one earns nothing.

from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold
from torch import Tensor, nn

from simclf import SimilarityAwareClassifier
from simclf.datasets import load_16s_reads
from simclf.metrics import compare_scores
from simclf.similarity import tree_similarity

bacteria = load_16s_reads()
genera = bacteria.target_names
parents = {}
for genus, lineage in bacteria.lineage.iterrows():
    names = [genus, *lineage[::-1]]
    parents |= dict(pairwise(names))
S = tree_similarity(parents, genera, measure="information", inner_nodes=True)
print(f"{len(genera)} genera, {S.shape[1]} answers")
print(S.loc["Yersinia"].loc[lambda row: row > 0].sort_values().round(2).to_string())

# %%
# Counts of words
# ---------------
# The features are how often each of the 64 words of three letters occurs. Some reads
# occur twice, so copies are kept on one side of the split.

y = bacteria.target
folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)


def answers_of(clf: SimilarityAwareClassifier, X: np.ndarray) -> pd.Series:
    """Return what a classifier says of each read while it has not seen it."""
    answers = pd.Series(index=y.index, dtype=object)
    for train, test in folds.split(X, y, bacteria.reads):
        answers.iloc[test] = clf.fit(X[train], y.iloc[train]).predict(X[test])
    return answers


counts = bacteria.data.to_numpy()
settings = {"n_members": 4, "random_state": 0}
answers = {
    "genus or nothing": answers_of(
        SimilarityAwareClassifier(S[genera], **settings), counts
    ),
    "as far as it can": answers_of(SimilarityAwareClassifier(S, **settings), counts),
}

# %%
# A network of one's own
# ----------------------
# Any ``nn.Module`` will do that is built from the number of features and of outputs.
# This one looks for motifs of eight letters anywhere in the read. The letters come as
# four numbers, and are left as they are: ``standardize=False``.


class Motifs(nn.Module):
    """The best match of each motif, and a linear map of these."""

    def __init__(self, n_features: int, n_outputs: int) -> None:
        super().__init__()
        self.motifs = nn.Conv1d(4, 48, kernel_size=8)
        self.outputs = nn.Linear(48, n_outputs)

    def forward(self, letters: Tensor) -> Tensor:
        """Scores of reads, (..., n_outputs)."""
        one_hot = nn.functional.one_hot(letters.long(), 4).to(self.motifs.weight.dtype)
        found = self.motifs(one_hot.transpose(-1, -2)).relu().amax(dim=-1)
        return self.outputs(found)


letters = np.array(
    [["ACGT".index(letter) for letter in read] for read in bacteria.reads]
)
answers["... reading the letters"] = answers_of(
    SimilarityAwareClassifier(
        S,
        module=Motifs,
        standardize=False,
        n_members=1,
        lr=0.01,
        max_epochs=30,
        random_state=0,
    ),
    letters,
)

# %%
# What it earns
# -------------
# Where the genus had to be named, many answers were wrong. Told what a vague answer is
# worth, the same network goes up the tree where it is unsure, and earns more. Reading
# the letters earns more again. The intervals are over reads, compared in pairs.

for first, second in pairwise(answers):
    found = compare_scores(y, answers[second], answers[first], S, random_state=0)
    print(f"{second} against {first}:\n  {found}")

lineages = bacteria.lineage.rename(columns={"superkingdom": "domain"})
ranks = ["genus", *lineages.columns[::-1]]
rank_of = dict.fromkeys(genera, "genus")
for rank in lineages:
    rank_of |= dict.fromkeys(lineages[rank], rank)


def shares(given: pd.Series) -> pd.DataFrame:
    """Share of the answers of each rank, right and wrong."""
    right = [
        S.loc[genus, name] > 0 or name == "Bacteria"
        for genus, name in zip(y, given, strict=True)
    ]
    table = pd.crosstab(given.map(rank_of), np.where(right, "right", "wrong"))
    return table.reindex(index=ranks, columns=["right", "wrong"]).fillna(0) / len(given)


figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), sharey=True, layout="constrained")
for ax, (name, given) in zip(axes, answers.items(), strict=True):
    share = shares(given)
    ax.bar(ranks, share["right"], color="#4477AA", label="right")
    ax.bar(ranks, share["wrong"], bottom=share["right"], color="#CC6677", label="wrong")
    earned = np.mean([S.loc[pair] for pair in zip(y, given, strict=True)])
    ax.set_title(f"{name}\nmean score {earned:.2f}", fontsize=10)
    ax.set_xticks(range(len(ranks)), ranks, rotation=45, ha="right")
axes[0].set_ylabel("share of the answers")
axes[0].legend(frameon=False)
here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
picture = here / "plot_07_bacteria.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")
