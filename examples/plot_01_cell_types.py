"""
Cell types: when one mistake is worse than another
==================================================

A blood sample, 700 cells, ten cell types, and the expression of 100 genes. An
ordinary classifier is told that all mistakes are equal. They are not: taking a naive
cytotoxic T cell for a cytotoxic T cell is a small slip, taking it for a monocyte is
nonsense. The Cell Ontology knows how near two cell types are, and that is a **score
table**: what it is worth to answer one type when the truth is another.

This example trains networks with ten losses under that table, chooses their settings
with an ordinary :class:`~sklearn.model_selection.GridSearchCV`, and compares on cells
that no search has seen: accuracy, which ignores the table, and the mean score.
"""

# %%
# The data and the table
# ----------------------
# Everything travels with the package. ``similarity`` is a DataFrame with the names of
# the cell types on both axes; it is aligned by name wherever it is used.

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    train_test_split,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from simclf.datasets import load_pbmc
from simclf.losses import (
    CrossEntropyLoss,
    EntropicScoreLoss,
    ExpectedScoreLoss,
    KernelBrierLoss,
    LogExpectedScoreLoss,
    PairwiseLoss,
    ScoreRegressionLoss,
    SoftmaxMarginLoss,
    SoftTargetLoss,
    TailoredScoreLoss,
)
from simclf.metrics import skill_score
from simclf.modules import MLP

pbmc = load_pbmc()
X, y, S = pbmc.frame, pbmc.target, pbmc.similarity
print(f"{len(X)} cells, {X.shape[1]} genes, {y.nunique()} cell types")
print(S.iloc[:4, :4].round(2))

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.4, stratify=y, random_state=0
)

# %%
# A search over losses
# --------------------
# The classifier is an ordinary step of a pipeline, a loss is an ordinary parameter,
# and the scorer judges every candidate by the same table.

pipeline = Pipeline(
    [
        ("scale", StandardScaler()),
        (
            "clf",
            SimilarityAwareClassifier(
                S, module=MLP((64,)), n_members=2, max_epochs=30, random_state=0
            ),
        ),
    ]
)
grid = [
    {
        "clf__loss": [CrossEntropyLoss(), CrossEntropyLoss(label_smoothing=0.1)],
        "clf__decision": ["argmax", "bayes"],
    },
    {
        "clf__loss": [
            EntropicScoreLoss(tau=0.05),
            EntropicScoreLoss(tau=0.2),
            ExpectedScoreLoss(),
            ExpectedScoreLoss(warm_start=0),  # the naive form: see the manual
            KernelBrierLoss(weight=1),
            KernelBrierLoss(weight=5),
            LogExpectedScoreLoss(),
            PairwiseLoss(),
            ScoreRegressionLoss("squared"),
            ScoreRegressionLoss("one_vs_all"),
            SoftTargetLoss(temperature=0.1),
            SoftTargetLoss(temperature=0.3),
            SoftmaxMarginLoss(margin=1),
            SoftmaxMarginLoss(margin=4),
            TailoredScoreLoss(lam=1),
            TailoredScoreLoss(lam=5),
        ],
    },
]
search = GridSearchCV(pipeline, grid, scoring=make_expected_score_scorer(S), cv=3)

# %%
# scikit-learn 1.9 brings progress bars for every search; before, ``verbose`` counts.

try:
    from sklearn.callback import ProgressBar
except ImportError:
    search.set_params(verbose=2)
else:
    search.set_callbacks(ProgressBar(max_propagation_depth=0))
search.fit(X_train, y_train)

# %%
# On cells that no search has seen
# --------------------------------
# For every kind of loss the settings with the best cross-validated score are trained
# on all training cells. Each test cell gives one score, so a standard error is that
# of a mean over cells. The last two columns compare with cross entropy and the most
# probable class, cell by cell: that is the difference that matters, and its error is
# smaller than those of the two means.

results = pd.DataFrame(search.cv_results_)
results["kind"] = [
    f"{row.param_clf__loss.name} / argmax"
    if row.param_clf__decision == "argmax"
    else row.param_clf__loss.name
    for row in results.itertuples()
]
best = results.loc[results.groupby("kind")["mean_test_score"].idxmax()]


def standard_error(values: np.ndarray) -> float:
    """Standard error of a mean over cells."""
    return values.std(ddof=1) / np.sqrt(len(values))


truth = y_test.to_numpy()
earned = {}
rows = {}
for kind, params in zip(best["kind"], best["params"], strict=True):
    model = pipeline.set_params(**params).fit(X_train, y_train)
    answers = model.predict(X_test)
    earned[kind] = S.to_numpy()[
        S.index.get_indexer(truth), S.index.get_indexer(answers)
    ]
    rows[kind] = {
        "accuracy": np.mean(answers == truth),
        "accuracy_se": standard_error(answers == truth),
        "score": earned[kind].mean(),
        "score_se": standard_error(earned[kind]),
        "skill": skill_score(truth, answers, S),
    }
table = pd.DataFrame(rows).T
plain = earned["cross_entropy / argmax"]
table["gain"] = {kind: (values - plain).mean() for kind, values in earned.items()}
table["gain_se"] = {kind: standard_error(v - plain) for kind, v in earned.items()}
table = table.sort_values("score", ascending=False)
print(table.round(3).to_string())

# %%
# A standard error of the mean score is near 0.01 with 280 test cells, and that of a
# gain near 0.005: under this table, which is symmetric and mild, no loss can be told
# from plain cross entropy. It would be wrong to pick a winner from these lines.

# %%
# Where a table pays: answers that an annotator would give
# ---------------------------------------------------------
# A table need not be square. Here a T cell of the wrong kind is worth 0.3 only, but one
# may answer "T cell", worth 0.8, where the kind cannot be told, and "unknown" is worth
# half a point. The network stays as it is; what changes is the decision taken from its
# probabilities. Every one of the 700 cells is answered by a network that has not seen
# it, in five folds.

t_cells = [name for name in S.index if name.startswith(("CD4+", "CD8+"))]
report = pd.DataFrame(np.eye(len(S)), S.index, S.columns)
report.loc[t_cells, t_cells] = np.maximum(report.loc[t_cells, t_cells], 0.3)
report["T cell"] = [0.8 if name in t_cells else 0.0 for name in S.index]
report["unknown"] = 0.5

answers = {}
for decision in ("argmax", "bayes"):
    pipeline.set_params(
        clf__similarity=report, clf__loss="cross_entropy", clf__decision=decision
    )
    answers[decision] = cross_val_predict(pipeline, X, y, cv=5)
truth = y.to_numpy()


def worth(labels: np.ndarray) -> np.ndarray:
    """Score of each answer under the report's table."""
    rows, columns = report.index, report.columns
    return report.to_numpy()[rows.get_indexer(truth), columns.get_indexer(labels)]


for decision, labels in answers.items():
    score = worth(labels)
    print(f"{decision:7s} mean score {score.mean():.3f} +- {standard_error(score):.3f}")
gain = worth(answers["bayes"]) - worth(answers["argmax"])
print(f"gain            {gain.mean():.3f} +- {standard_error(gain):.3f}")
print(pd.Series(answers["bayes"]).value_counts().to_string())

# %%
# The picture
# -----------
# Left the table, in the middle what each loss earned with one standard error either
# way, right which answers were given to T cells when "T cell" was an answer.

figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(17, 5), layout="constrained", width_ratios=[1.15, 1, 0.9]
)
image = left.imshow(S, cmap="viridis", vmin=0, vmax=1, aspect="auto")
left.set_xticks(range(len(S)), range(1, len(S) + 1))
left.set_yticks(range(len(S)), [f"{name}  {i}" for i, name in enumerate(S.index, 1)])
left.set(xlabel="answer", ylabel="truth", title="Cell Ontology similarity")
figure.colorbar(image, ax=left, shrink=0.8, label="score of the answer")

heights = np.arange(len(table))[::-1]
for column, shift, marker in (("score", 0.12, "o"), ("accuracy", -0.12, "s")):
    middle.errorbar(
        table[column],
        heights + shift,
        xerr=table[f"{column}_se"],
        fmt=marker,
        label={"score": "mean score"}.get(column, column),
    )
middle.set_yticks(heights, table.index)
middle.set(xlabel="on 280 cells held out", title="What each loss earns")
middle.grid(axis="x", alpha=0.4)
middle.legend(loc="center", bbox_to_anchor=(0.6, 0.5))

is_t_cell = np.isin(truth, t_cells)
kinds = ["right kind", "wrong kind", "T cell", "unknown", "no T cell"]
for offset, (decision, labels) in zip((-0.2, 0.2), answers.items(), strict=True):
    given = labels[is_t_cell]
    right_kind = given == truth[is_t_cell]
    shares = [
        right_kind.mean(),
        (np.isin(given, t_cells) & ~right_kind).mean(),
        (given == "T cell").mean(),
        (given == "unknown").mean(),
        (~np.isin(given, [*t_cells, "T cell", "unknown"])).mean(),
    ]
    right.bar(np.arange(5) + offset, shares, width=0.4, label=f"decision={decision!r}")
right.set_xticks(range(5), kinds, rotation=30, ha="right")
right.set(ylabel="share of T cells", title='When "T cell" may be answered')
right.grid(axis="y", alpha=0.4)
right.legend()

here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
picture = here / "plot_01_cell_types.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")
