"""Score tables: what each answer is worth for each truth, read and described."""

from simclf.similarity._centroid import centroid_similarity
from simclf.similarity._confusion import confusion_similarity
from simclf.similarity._cost import from_cost
from simclf.similarity._describe import describe_similarity
from simclf.similarity._distance import distance_similarity
from simclf.similarity._embedding import embedding_similarity
from simclf.similarity._group import group_similarity
from simclf.similarity._ontology_similarity import ontology_similarity
from simclf.similarity._ordinal import ordinal_similarity
from simclf.similarity._path import path_similarity
from simclf.similarity._report import BetterAnswer, DecisionChange, SimilarityReport
from simclf.similarity._resolve import resolve_similarity, resolve_table
from simclf.similarity._scale import row_ranges, unit_regret, unit_scores
from simclf.similarity._substitution import substitution_similarity
from simclf.similarity._table import ScoreTable
from simclf.similarity._tree_similarity import tree_similarity
from simclf.similarity._warnings import warn_about_table

__all__ = [
    "BetterAnswer",
    "DecisionChange",
    "ScoreTable",
    "SimilarityReport",
    "centroid_similarity",
    "confusion_similarity",
    "describe_similarity",
    "distance_similarity",
    "embedding_similarity",
    "from_cost",
    "group_similarity",
    "ontology_similarity",
    "ordinal_similarity",
    "path_similarity",
    "resolve_similarity",
    "resolve_table",
    "row_ranges",
    "substitution_similarity",
    "tree_similarity",
    "unit_regret",
    "unit_scores",
    "warn_about_table",
]
