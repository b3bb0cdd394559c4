"""What similarity builders and readers of tables cannot use.

As in :mod:`tests.reliability.bad_rows`.
"""

import networkx as nx
import numpy as np

from simclf.similarity import (
    centroid_similarity,
    confusion_similarity,
    describe_similarity,
    distance_similarity,
    embedding_similarity,
    from_cost,
    group_similarity,
    ontology_similarity,
    ordinal_similarity,
    path_similarity,
    resolve_similarity,
    row_ranges,
    substitution_similarity,
    tree_similarity,
    unit_regret,
    unit_scores,
)
from tests.reliability.calls import NAMES, PROBA, S, Stubborn, X, Y, call, each

V, T = ValueError, TypeError
NAN = float("nan")
DISTANCES = 1.0 - np.eye(3)
GRAPH = nx.MultiDiGraph([("A", "R", "is_a"), ("B", "R", "is_a")])

CASES = [
    ("group_list", call(group_similarity, ["a"]), T, "groups", "expected"),
    ("group_empty", call(group_similarity, {}), V, "groups", "expected"),
    (
        "group_None",
        call(group_similarity, {"a": None, "b": 1}),
        V,
        "'a'",
        "needs a group",
    ),
    (
        "group_within",
        call(group_similarity, {"a": 1}, within="x"),
        T,
        "within",
        "expec",
    ),
    (
        "group_flag",
        call(group_similarity, {"a": 1}, within=True),
        T,
        "within",
        "expect",
    ),
    (
        "group_nan",
        call(group_similarity, {"a": 1}, between=NAN),
        V,
        "between",
        "expect",
    ),
    ("ordinal_word", call(ordinal_similarity, "abc"), T, "classes", "expected a list"),
    (
        "ordinal_set",
        call(ordinal_similarity, {"a", "b"}),
        T,
        "classes",
        "expected a li",
    ),
    ("ordinal_twice", call(ordinal_similarity, ["a", "a"]), V, "classes", "name each"),
    (
        "ordinal_None",
        call(ordinal_similarity, ["a", None]),
        V,
        "classes[1]",
        "expected",
    ),
    (
        "ordinal_power",
        call(ordinal_similarity, list("ab"), power=-1),
        V,
        "power",
        "exp",
    ),
    (
        "ordinal_large",
        call(ordinal_similarity, list("ab"), over=10**400),
        V,
        "over",
        "expected",
    ),
    (
        "positions_nan",
        call(ordinal_similarity, list("ab"), positions=[1, NAN]),
        V,
        "positions",
        "must be finite",
    ),
    (
        "positions_short",
        call(ordinal_similarity, list("ab"), positions=[1]),
        V,
        "positions",
        "pass one for each",
    ),
    (
        "positions_stub",
        call(ordinal_similarity, list("ab"), positions=Stubborn()),
        T,
        "positions",
        "Pass a list",
    ),
    (
        "distance_negative",
        call(distance_similarity, -DISTANCES, NAMES),
        V,
        "distances",
        "expected",
    ),
    (
        "distance_nan",
        call(distance_similarity, NAN * DISTANCES, NAMES),
        V,
        "distances",
        "must be finite",
    ),
    (
        "distance_shape",
        call(distance_similarity, DISTANCES[:2], NAMES),
        V,
        "distances",
        "Pass one row",
    ),
    (
        "distance_scale",
        call(distance_similarity, DISTANCES, NAMES, scale=0),
        V,
        "scale",
        "expected",
    ),
    (
        "embedding_metric",
        call(embedding_similarity, np.eye(3), NAMES, metric="cosin"),
        V,
        "metric",
        "expected one of",
    ),
    (
        "embedding_zero",
        call(embedding_similarity, np.zeros((3, 2)), NAMES),
        V,
        "'ant'",
        "Drop the class",
    ),
    (
        "embedding_ragged",
        call(embedding_similarity, [[1], [1, 2]], NAMES),
        V,
        "embeddings",
        "Give every",
    ),
    ("centroid_nan", call(centroid_similarity, NAN * X, Y), V, "X", "must be finite"),
    ("centroid_short", call(centroid_similarity, X, Y[:3]), V, "y", "pass one label"),
    ("centroid_mixed", call(centroid_similarity, X, each("a", 1)), T, "y", "use one"),
    (
        "centroid_flag",
        call(centroid_similarity, X, Y, standardize="no"),
        T,
        "standardize",
        "expected True",
    ),
    ("centroid_stub", call(centroid_similarity, X, Stubborn()), V, "y", "expected one"),
    (
        "confusion_negative",
        call(confusion_similarity, -np.ones((3, 3)), NAMES),
        V,
        "confusion",
        "expected",
    ),
    (
        "confusion_smoothing",
        call(confusion_similarity, np.eye(3), NAMES, smoothing=-1),
        V,
        "smoothing",
        "expected",
    ),
    ("cost_word", call(from_cost, "table"), T, "cost", "expected an array"),
    ("cost_unlabelled", call(from_cost, np.eye(3)), V, "classes", "pass classes"),
    ("path_word", call(path_similarity, "a.b"), T, "paths", "expected"),
    ("path_None", call(path_similarity, None), T, "paths", "expected"),
    ("tree_None", call(tree_similarity, None), T, "tree", "expected a dict"),
    ("tree_stub", call(tree_similarity, Stubborn()), T, "tree", "Pass a dict"),
    (
        "tree_cycle",
        call(tree_similarity, {"a": "b", "b": "a"}),
        V,
        "tree",
        "Remove one",
    ),
    (
        "tree_measure",
        call(tree_similarity, {"a": "r", "b": "r"}, measure="wu"),
        V,
        "measure",
        "expected one of",
    ),
    (
        "ontology_class",
        call(ontology_similarity, GRAPH, ["A", "Q"]),
        V,
        "'Q'",
        "ignore_obsolete",
    ),
    ("ontology_graph", call(ontology_similarity, {}, ["A"]), T, "graph", "expected"),
    (
        "substitution",
        call(substitution_similarity, "BLOSUM6"),
        V,
        "BLOSUM6",
        "Did you mean",
    ),
    (
        "classes_None",
        call(resolve_similarity, np.eye(2), ["a", None]),
        V,
        "classes",
        "missing label",
    ),
    (
        "classes_2d",
        call(resolve_similarity, np.eye(2), [["a", "b"]]),
        V,
        "classes",
        "expected one label",
    ),
    (
        "classes_stub",
        call(resolve_similarity, np.eye(2), Stubborn()),
        V,
        "classes",
        "expected a flat list",
    ),
    (
        "describe_y",
        call(describe_similarity, S, classes=NAMES, y=["dog"]),
        V,
        "'dog'",
        "Rename it",
    ),
    (
        "describe_proba",
        call(describe_similarity, S, classes=NAMES, proba=-PROBA),
        V,
        "proba[0, 0]",
        "must be finite",
    ),
    *(
        (f"{f.__name__}_1d", call(f, S[0]), V, "values", "expected (n_classes")
        for f in (unit_regret, unit_scores, row_ranges)
    ),
]
