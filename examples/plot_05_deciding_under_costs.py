"""
Deciding under costs with any classifier
========================================

A classifier gives probabilities; somebody else says what each mistake costs. With two
classes that is a threshold, and scikit-learn has
:class:`~sklearn.model_selection.FixedThresholdClassifier` for it. With more there is no
threshold, but a table, and a `request that is open
<https://github.com/scikit-learn/scikit-learn/issues/30970>`_: let such a classifier be
given a cost matrix. :class:`simclf.BayesDecisionClassifier` is that, around LightGBM, a
random forest, a logistic regression, or whatever has ``predict_proba``::

    BayesDecisionClassifier(LGBMClassifier(), cost=table).fit(X, y).predict(X_new)

It answers what costs least on average under its probabilities. So these had better be
honest, and making them so, on rows held out, is the other half of what it does. This
page measures both halves.
"""

# %%
# A published table
# -----------------
# The contest of KDD'99, to tell attacks on a computer network from its ordinary use,
# was scored by this table: rows are the truth, columns the answer, as everywhere here.
# It is far from symmetric. To take an intruder from outside (R2L) for ordinary use
# costs four, twice as much as the false alarm [1]_.

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.datasets import make_classification
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from simclf import BayesDecisionClassifier
from simclf.datasets import load_pbmc
from simclf.metrics import mean_score

kinds = ["normal", "probe", "DOS", "U2R", "R2L"]
kdd = pd.DataFrame(
    [
        [0, 1, 2, 2, 2],
        [1, 0, 2, 2, 2],
        [2, 1, 0, 2, 2],
        [3, 2, 2, 0, 2],
        [4, 2, 2, 2, 0],
    ],
    kinds,
    kinds,
)
print(kdd)

# %%
# The rows of that contest come with none of the packages used here. **The rows below
# are made**: they have its five classes, most of them ordinary use, and classes that
# overlap. What follows says something about the table and the decision, and nothing
# about intruders.

X, codes = make_classification(
    3000,
    n_features=20,
    n_informative=8,
    n_classes=5,
    weights=[0.55, 0.1, 0.2, 0.05, 0.1],
    class_sep=0.8,
    flip_y=0.05,
    random_state=0,
)
y = np.array(kinds)[codes]

# %%
# Four classifiers, three ways to decide
# --------------------------------------
# Nothing is tuned. Each classifier is asked for its most probable class (argmax), for
# the Bayes decision under its probabilities as they are, and under calibrated ones,
# which is what ``BayesDecisionClassifier`` does unless told otherwise. The fourth,
# AdaBoost, is here because its probabilities are known to be bad: it gives all classes
# nearly the same, and orders them well.
#
# ``FrozenEstimator`` is scikit-learn's mark of a classifier that is fitted already.
# With it a table can be changed without fitting anything anew.

classifiers = {
    "LightGBM": LGBMClassifier(n_estimators=20, num_leaves=15, verbose=-1, n_jobs=1),
    "random forest": RandomForestClassifier(25, random_state=0),
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "AdaBoost": AdaBoostClassifier(
        DecisionTreeClassifier(max_depth=4), n_estimators=12, random_state=0
    ),
}
ways = ["argmax", "Bayes", "calibrated Bayes"]


def under(table: pd.DataFrame, fitted, X, y) -> BayesDecisionClassifier:
    """Let a fitted classifier decide under a table of costs."""
    frozen = FrozenEstimator(fitted)
    clf = BayesDecisionClassifier(frozen, cost=table, calibration=None)
    return clf.fit(X, y)  # reads the table and learns nothing


def compare(X, y, tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.Series]:
    """Answers to test rows in every way, four times over, and the temperatures."""
    rows, temperatures = [], {}
    for seed in range(4):
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, train_size=0.3, stratify=y, random_state=seed
        )
        for name, model in classifiers.items():
            clf = BayesDecisionClassifier(model, cost=next(iter(tables.values())))
            clf.fit(X_train, y_train)
            temperatures[name, seed] = clf.temperature_
            for table_name, table in tables.items():
                answers = [
                    clf.estimator_.predict(X_test),
                    under(table, clf.estimator_, X_train, y_train).predict(X_test),
                    under(table, clf, X_train, y_train).predict(X_test),
                ]
                rows += [
                    {
                        "table": table_name,
                        "classifier": name,
                        "seed": seed,
                        "way": way,
                        "accuracy": np.mean(given == y_test),
                        "cost": -mean_score(y_test, given, -table),
                        "no class": np.mean(~np.isin(given, y)),
                    }
                    for way, given in zip(ways, answers, strict=True)
                ]
    return pd.DataFrame(rows), pd.Series(temperatures).groupby(level=0).mean()


def mean_of(column: str, results: pd.DataFrame) -> pd.DataFrame:
    """Mean over the splits for each classifier (row) and way (column)."""
    means = results.groupby(["classifier", "way"])[column].mean().unstack()
    return means.loc[list(classifiers), ways]


def saved(results: pd.DataFrame) -> pd.DataFrame:
    """Mean costs, and what was saved on argmax: a paired difference with its error."""
    table = mean_of("cost", results)
    wide = results.pivot(index=["classifier", "seed"], columns="way", values="cost")
    for way in ways[1:]:
        differences = (wide["argmax"] - wide[way]).groupby("classifier")
        table[f"{way} saves"] = differences.mean()
        table[f"{way} +-"] = differences.sem()
    return table


asking = kdd.assign(analyst=0.7)
results, temperatures = compare(X, y, {"KDD'99": kdd, "an analyst": asking})
by_table = dict(iter(results.groupby("table")))
print("temperature, above 1 where a classifier is too sure of itself")
print(temperatures[list(classifiers)].round(2).to_string())
print("\naccuracy")
print(mean_of("accuracy", by_table["KDD'99"]).round(2).to_string())
print("\nmean cost, and what is saved on argmax")
print(saved(by_table["KDD'99"]).round(3).to_string())

# %%
# The Bayes decision saves on every classifier whose probabilities are fair, and its
# accuracy *falls* while it does: in doubt it gives the answer whose mistakes are cheap,
# not the one that is right most often. Who looks at accuracy alone would not find it.
#
# AdaBoost is the warning. All its classes are about equally likely, it says, and under
# such probabilities one answer is the cheapest for every row: it is always given. One
# number, the temperature, undoes that.
#
# The errors are those of a mean over four splits of the same rows, for the difference
# in each split; splits that share rows are not independent, so take two of them for
# one.
#
# Asking somebody who knows
# -------------------------
# A table need not be square. A further column is an answer that is no class: here an
# analyst looks at the connection, is always right, and costs 0.7.

print(asking)
print("\nmean cost, and what is saved on argmax")
print(saved(by_table["an analyst"]).round(3).to_string())
print("\nshare of rows that the analyst is asked about")
print(mean_of("no class", by_table["an analyst"]).round(2).to_string())

# %%
# AdaBoost as it is asks about every row. A forest that is not sure enough of itself,
# with a temperature below one, asks more often than it needs to, and calibration lets
# it answer for itself. The logistic regression is the other way round.
#
# "T cell", where the kind is unclear
# -----------------------------------
# Real data now: 700 blood cells of ten types, five of them kinds of T cell that are
# hard to tell apart. A wrong type costs one. One may answer "T cell", which costs 0.2
# if it is true, or "unknown" for 0.5.

pbmc = load_pbmc()
types = list(pbmc.similarity.index)
t_cells = [name for name in types if name.startswith(("CD4+", "CD8+"))]
report = pd.DataFrame(1 - np.eye(len(types)), types, types)
report["T cell"] = [0.2 if name in t_cells else 1.0 for name in types]
report["unknown"] = 0.5

cells, temperatures = compare(
    pbmc.frame.to_numpy(), pbmc.target.to_numpy(), {"cells": report}
)
print("temperature")
print(temperatures[list(classifiers)].round(2).to_string())
print("\nmean cost, and what is saved on argmax")
print(saved(cells).round(3).to_string())
print("\nshare of cells called 'T cell' or 'unknown'")
print(mean_of("no class", cells).round(2).to_string())

# %%
# Between five kinds of T cell the most probable one is often wrong, and "T cell" is
# worth saying. Calibrated, all four classifiers say it, or "unknown", of about a
# quarter of the cells, and all four cost less than with their most probable type.
#
# Where probabilities are honest already, calibration can only add the noise of fitting
# one number: LightGBM here has a temperature near one, and nothing to gain. It is the
# default because one cannot know that beforehand.
#
# .. [1] C. Elkan (1999), "Results of the KDD'99 classifier learning contest",
#    https://cseweb.ucsd.edu/~elkan/clresults.html.
#
# The picture
# -----------
# Mean cost with one standard error over the splits either way; left is better.

panels = {
    "Made rows, table of KDD'99": by_table["KDD'99"],
    "The same, an analyst may be asked for 0.7": by_table["an analyst"],
    'Blood cells, "T cell" for 0.2': cells,
}
figure, all_axes = plt.subplots(1, 3, figsize=(15, 4.2), layout="constrained")
styles = {
    "argmax": ("s", "tab:gray", -0.2),
    "Bayes": ("^", "tab:orange", 0.0),
    "calibrated Bayes": ("o", "tab:blue", 0.2),
}
for axes, (title, panel) in zip(all_axes, panels.items(), strict=True):
    for way, (marker, colour, shift) in styles.items():
        costs = panel[panel["way"] == way].groupby("classifier")["cost"]
        axes.errorbar(
            costs.mean()[list(classifiers)],
            np.arange(len(classifiers)) + shift,
            xerr=costs.sem()[list(classifiers)],
            fmt=marker,
            color=colour,
            label=way,
        )
    axes.set_yticks(range(len(classifiers)), classifiers)
    axes.invert_yaxis()
    axes.set(xlabel="mean cost on rows held out", title=title)
    axes.grid(axis="x", alpha=0.4)
    for edge in range(1, len(classifiers)):
        axes.axhline(edge - 0.5, color="lightgray", linewidth=0.8)
for axes in all_axes[1:]:
    axes.tick_params(labelleft=False)
figure.legend(
    *all_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3
)

here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
picture = here / "plot_05_deciding_under_costs.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")
