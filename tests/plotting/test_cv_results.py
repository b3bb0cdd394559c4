"""What is read of a search."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf.losses import ExpectedScoreLoss, SoftTargetLoss
from simclf.modules import MLP
from simclf.plotting._cv_results import (
    best_of_both,
    candidate_kinds,
    metric_names,
    other_metric,
    read_metric,
    read_results,
)

RESULTS = {
    "params": [{"loss": "pairwise"}, {"loss": "tailored_score"}],
    "split0_test_accuracy": np.array([0.5, 0.75]),
    "split1_test_accuracy": np.array([1.0, 0.75]),
    "mean_test_accuracy": np.array([0.75, 0.75]),
    "std_test_accuracy": np.array([0.25, 0.0]),
    "split0_test_worth": np.array([2.0, 4.0]),
    "split1_test_worth": np.array([4.0, 8.0]),
    "mean_test_worth": np.array([3.0, 6.0]),
    "mean_train_worth": np.array([9.0, 9.0]),
}


class Search:
    cv_results_ = RESULTS


@pytest.mark.parametrize("search", [Search(), RESULTS], ids=["search", "results"])
def test_a_search_and_its_results_are_the_same(search):
    assert read_results(search) is RESULTS
    assert metric_names(read_results(search)) == ["accuracy", "worth"]


@pytest.mark.parametrize("stranger", [None, [1.0], {"accuracy": 1.0}])
def test_what_is_no_search_is_refused(stranger):
    told = (
        f"search is of type {type(stranger).__name__}; expected a fitted search, such "
        "as GridSearchCV, or its cv_results_."
    )
    with pytest.raises(TypeError, match=f"^{re.escape(told)}$"):
        read_results(stranger)


def test_errors_are_standard_errors_over_the_splits():
    metric = read_metric(RESULTS, "accuracy")
    assert metric.means.tolist() == [0.75, 0.75]
    assert metric.errors.tolist() == [np.std([0.5, 1.0], ddof=1) / np.sqrt(2), 0.0]
    assert read_metric(RESULTS, "worth").errors.tolist() == [1.0, 2.0]


def test_one_split_has_no_error():
    results = {key: it for key, it in RESULTS.items() if not key.startswith("split1")}
    assert read_metric(results, "worth").errors.tolist() == [0.0, 0.0]


def test_a_metric_that_there_is_not_is_refused():
    told = (
        "the search has no metric 'score', but ['accuracy', 'worth']; name one of "
        "these."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        read_metric(RESULTS, "score")


def test_a_search_by_one_score_is_told_how_to_have_two():
    told = (
        "the search has no metric 'accuracy', but ['score']; search with "
        "scoring={'accuracy': 'accuracy', 'mean_score': "
        "make_expected_score_scorer(S)} and refit='mean_score'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        other_metric({"params": [], "mean_test_score": [1.0]}, "accuracy")


def test_the_only_other_metric_is_taken():
    assert other_metric(RESULTS, "accuracy") == "worth"
    told = (
        "score is None, but beside 'accuracy' the search has the metrics ['worth', "
        "'f1']; expected one. Name it: score=..."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        other_metric(RESULTS | {"mean_test_f1": [1.0, 1.0]}, "accuracy")


def test_candidates_are_named_by_their_loss_and_what_is_not_its_default():
    kinds, labels = candidate_kinds(
        [
            {"clf__loss": ExpectedScoreLoss(), "clf__lr": 0.1},
            {"clf__loss": ExpectedScoreLoss(warm_start=0), "clf__lr": 0.1},
            {"clf__loss": SoftTargetLoss(temperature=0.3), "clf__lr": 0.1},
            {"clf__loss": "pairwise", "clf__lr": 0.1, "clf__decision": "argmax"},
            {"clf__loss": "pairwise", "clf__lr": 0.1, "clf__decision": "bayes"},
        ]
    )
    assert kinds == ["expected_score"] * 2 + ["soft_target"] + ["pairwise"] * 2
    assert labels == [
        "expected_score",
        "expected_score(warm_start=0)",
        "soft_target(temperature=0.3)",
        "pairwise, decision=argmax",
        "pairwise, decision=bayes",
    ]


def grid(**settings):
    keys = list(settings)
    return [
        dict(zip(keys, values, strict=True)) for values in product(*settings.values())
    ]


def test_names_are_as_short_as_tells_them_apart():
    sizes = [(64,), (128,)]
    settings = {"clf__loss": ["pairwise"], "clf__module__hidden_layer_sizes": sizes}
    assert candidate_kinds(grid(**settings))[1] == ["sizes=(64,)", "sizes=(128,)"]
    settings |= {"pre__many_other_sizes": [1, 2]}
    assert candidate_kinds(grid(**settings))[1][0] == (
        "hidden_layer_sizes=(64,), many_other_sizes=1"
    )
    settings = {"clf__module__lr": [0.1], "clf__lr": [0.1, 10**-3.5]}
    assert candidate_kinds(grid(**settings))[1] == ["lr=0.1", "lr=0.000316228"]
    settings["clf__module__lr"] = [1, 2]
    assert candidate_kinds(grid(**settings))[1][0] == "clf__module__lr=1, clf__lr=0.1"


def test_a_loss_that_all_have_is_named_where_nothing_else_is():
    assert candidate_kinds(grid(loss=["pairwise"], lr=[1]))[1] == ["pairwise"]


def test_a_search_without_losses_has_labels_too():
    table = [[1.0, 0.5], [0.0, 1.0]]
    kinds, labels = candidate_kinds(
        [{"similarity": table, "module": MLP((8,))}, {"similarity": None}]
    )
    assert kinds == ["candidates"] * 2
    assert labels[0].startswith("similarity=<2x2>, module=")
    assert "8" in labels[0]
    assert labels[1] == "similarity=None"


points = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8)


@given(points)
def test_no_other_is_better_than_the_best_of_both(drawn):
    accuracy, score = np.array(drawn, dtype=float).reshape(-1, 2).T
    best = best_of_both(accuracy, score)
    for mine in drawn:
        beaten = any(
            other != mine and other[0] >= mine[0] and other[1] >= mine[1]
            for other in drawn
        )
        assert beaten == (mine not in [drawn[candidate] for candidate in best])


def test_a_failed_candidate_is_not_among_the_best():
    assert best_of_both(np.array([np.nan, 0.5]), np.array([1.0, np.nan])) == []
    assert best_of_both(np.array([np.nan, 0.5]), np.array([1.0, 0.1])) == [1]
