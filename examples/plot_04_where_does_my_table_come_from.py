"""
Where does my table come from?
==============================

A score table says what it is worth to answer one class when the truth is another. With
ten classes that is a hundred numbers, and nobody has them in mind. But somebody has
written down already how the classes are related: an **ontology** of cell types, the
**numbers** of enzymes, a **matrix** of how often amino acids replace each other. And if
nobody has, your own data say which classes are alike, which is *not* the same thing.

Each function here returns a DataFrame with the names of the classes on both axes, rows
the truth and columns the answer, which goes as it is into a classifier, a decision or a
scorer.
"""

# %%
# An ontology
# -----------
# The ten cell types of a blood sample, and a slice of the Cell Ontology that travels
# with the package: the terms of these cell types and all terms above them. Any other
# ontology is read in the same way, ``obonet.read_obo("cl-basic.obo")``. The labels of
# the data are not the names of the terms, so a dict says which term each label means.

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from scipy.cluster.hierarchy import linkage
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simclf.datasets import load_cell_ontology, load_pbmc
from simclf.plotting import SimilarityDisplay
from simclf.similarity import (
    describe_similarity,
    ontology_similarity,
    path_similarity,
    substitution_similarity,
    tree_similarity,
)

pbmc = load_pbmc()
ontology = load_cell_ontology()
terms = pbmc.ontology_ids.to_dict()
for label, term in list(terms.items())[:4]:
    above = [ontology.nodes[up]["name"] for up in ontology.successors(term)]
    print(f"{label:20s} {term}  {ontology.nodes[term]['name']}  is a  {above}")

# %%
# Three ways to turn it into numbers. *Jaccard* counts the ancestors that two terms
# share, *Wu-Palmer* asks how deep the deepest of them is, and *Lin* how much it tells:
# to be a leukocyte says nothing in a blood sample, where nearly every cell is one. That
# is known from counts, here of the data set itself.

counts = pbmc.target.value_counts()
tables = {
    "Jaccard": ontology_similarity(ontology, terms, measure="jaccard"),
    "Wu-Palmer": ontology_similarity(ontology, terms),
    "Lin": ontology_similarity(ontology, terms, measure="lin", counts=counts),
}

# %%
# They order the mistakes almost alike, and differ in what the bad ones are worth.

order = [
    "CD34+",
    "CD14+ Monocyte",
    "Dendritic",
    "CD19+ B",
    "CD56+ NK",
    "CD8+ Cytotoxic T",
    "CD8+/CD45RA+ Naive Cytotoxic",
    "CD4+/CD45RA+/CD25- Naive T",
    "CD4+/CD45RO+ Memory",
    "CD4+/CD25 T Reg",
]
pairs = np.triu_indices(len(order), 1)


def off_diagonal(table):
    """Scores of pairs of different classes, each pair once."""
    return table.loc[order, order].to_numpy()[pairs]


for name, table in tables.items():
    alike = spearmanr(off_diagonal(tables["Jaccard"]), off_diagonal(table)).statistic
    worst = off_diagonal(table).min()
    print(f"{name:10s} rank correlation with Jaccard {alike:.2f}, least {worst:.2f}")


# %%
# ``SimilarityDisplay`` draws a table, with an order of the classes of its own (by how
# cheaply they are confused) or with one that is given.

figure, axes = plt.subplots(1, 3, figsize=(19, 6), layout="constrained")
colours = {"vmin": 0, "vmax": 1}
for axis, (name, table) in zip(axes, tables.items(), strict=True):
    SimilarityDisplay.from_table(
        table,
        order=order,
        ax=axis,
        include_values=True,
        im_kw=colours,
        colorbar=axis is axes[-1],
    )
    axis.set_title(name)
    if axis is not axes[0]:
        axis.set(ylabel="", yticklabels=[])
figure.suptitle("Ten immune cell types by the Cell Ontology")

here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
figure.savefig(here / "plot_04_ontology.png", dpi=110)

# %%
# Numbers of enzymes, and a matrix of amino acids
# -----------------------------------------------
# The number of an enzyme is a path: 1.1.1.27 is an oxidoreductase (1), acts on CH-OH
# (1.1), with NAD or NADP (1.1.1), and is L-lactate dehydrogenase. An answer scores by
# how many leading levels it has right. A lineage with ranks works in the same way.

enzymes = {
    "alcohol dehydrogenase": "1.1.1.1",
    "lactate dehydrogenase": "1.1.1.27",
    "malate dehydrogenase": "1.1.1.37",
    "catalase": "1.11.1.6",
    "hexokinase": "2.7.1.1",
    "pyruvate kinase": "2.7.1.40",
    "DNA polymerase": "2.7.7.7",
    "alpha-amylase": "3.2.1.1",
    "lysozyme": "3.2.1.17",
    "chymotrypsin": "3.4.21.1",
    "trypsin": "3.4.21.4",
    "pepsin A": "3.4.23.1",
    "carbonic anhydrase": "4.2.1.1",
    "fumarate hydratase": "4.2.1.2",
}
enzyme_table = path_similarity(enzymes)
print(enzyme_table.loc["trypsin", ["chymotrypsin", "pepsin A", "lysozyme", "catalase"]])

# %%
# BLOSUM62 has the log odds that evolution puts one amino acid where another was. By
# default each row is shifted so that the right answer scores 1, and all are divided by
# one number, which changes no decision. So the table is not symmetric: who misses a
# tryptophan (W) loses more than who misses a valine (V).

amino_acids = substitution_similarity("BLOSUM62", list("CSTPAGNDEQHRKMILVFYW"))
print(amino_acids.loc[["V", "W"], ["V", "W"]].round(2))

figure, (left, right) = plt.subplots(1, 2, figsize=(15.5, 6.5), layout="constrained")
numbered = {name: f"{name} {number}" for name, number in enzymes.items()}
enzyme_table = enzyme_table.rename(index=numbered, columns=numbered)
SimilarityDisplay.from_table(enzyme_table, ax=left, include_values=False)
left.set_title("Enzymes by their numbers")
SimilarityDisplay.from_table(amino_acids, ax=right, include_values=False)
right.set_title("Amino acids by BLOSUM62")
figure.savefig(here / "plot_04_enzymes_and_amino_acids.png", dpi=110)

# %%
# A tree made of the data
# -----------------------
# Where nobody has written anything down, cluster the classes themselves: here the mean
# expression of each cell type. ``tree_similarity`` reads scipy's linkage, and Newick
# text, parent maps and networkx graphs too. An answer scores by how low in the tree it
# meets the truth.

means = pbmc.data.groupby(pbmc.target).mean()
merges = linkage(means, method="average", metric="cosine")
expression = tree_similarity(merges, means.index)
agreement = spearmanr(
    off_diagonal(tables["Jaccard"]), off_diagonal(expression)
).statistic
print(f"rank correlation with the ontology: {agreement:.2f}")
cytotoxic = ["CD56+ NK", "CD8+/CD45RA+ Naive Cytotoxic"]
for name, table in (("ontology", tables["Jaccard"]), ("expression", expression)):
    print(f"{name:10s}", table.loc["CD8+ Cytotoxic T", cytotoxic].round(2).to_dict())

# %%
# The two disagree where it matters. In expression a cytotoxic T cell is next to an NK
# cell, as both carry the same weapons; the ontology says that it is a T cell, next to
# the naive cell it came from. A table made of the data says which mistakes are *easy*,
# and a classifier trained under it is forgiven just those. What a mistake *costs* is
# not in the data: it is what an ontology, a price or a physician says.

figure, (left, right) = plt.subplots(1, 2, figsize=(15.5, 6.5), layout="constrained")
by_data = SimilarityDisplay.from_table(expression, ax=left, colorbar=False)
left.set_title("The table of mean expression")
SimilarityDisplay.from_table(
    tables["Jaccard"], order=by_data.classes, ax=right, im_kw=colours
)
right.set(title="The ontology's table", ylabel="", yticklabels=[])
place = {name: position for position, name in enumerate(by_data.classes)}
for axis in (left, right):
    for answer in cytotoxic:
        corner = place[answer] - 0.5, place["CD8+ Cytotoxic T"] - 0.5
        box = Rectangle(corner, 1, 1, fill=False, edgecolor="red", lw=2.5)
        axis.add_patch(box)
figure.suptitle(
    "A cytotoxic T cell: like an NK cell by expression, a T cell by lineage"
)

picture = here / "plot_04_where_does_my_table_come_from.png"
figure.savefig(picture, dpi=110)
print(f"The picture is in {picture.name}, beside this file.")

# %%
# Ask the table before you use it
# -------------------------------
# ``describe_similarity`` says what a table prefers and how many of *your* decisions it
# changes, given probabilities of a classifier that has not seen the cells: here
# logistic regression in five folds, one answer for each of 700 cells.

model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
proba = cross_val_predict(model, pbmc.data, pbmc.target, cv=5, method="predict_proba")
classes = sorted(pbmc.target.unique())
changes = {}
for name, table in (tables | {"expression": expression}).items():
    report = describe_similarity(
        table.loc[classes, classes], y=pbmc.target, proba=proba
    )
    change = report.change
    changes[name] = {
        "decisions changed": change.n_changed,
        "gain": change.table_score - change.argmax_score,
        "standard error": change.standard_error,
    }
print(pd.DataFrame(changes).T.round(4))

# %%
# A dozen of 700 decisions at most, and no gain that can be told from none: these tables
# are mild, and this classifier is sure of most cells. A table pays where mistakes
# differ by much, and where there is something better to answer than a guess. Terms
# above the classes can be such answers, each a further column. Compare scores within a
# row: which answer is the better one for that cell.

vague = ontology_similarity(
    ontology, terms, measure="lin", counts=counts, inner_nodes=["T cell", "lymphocyte"]
)
cytotoxic_row = vague.loc["CD8+ Cytotoxic T"].sort_values(ascending=False)
print(cytotoxic_row.round(2).to_string())
