"""The table of a fit: given, or the mean of what single rows score."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclf import SimilarityWarning
from simclf._inputs import LabelledRows
from simclf._table_input import (
    read_table,
    refuse_unused_scores,
    with_validation_scores,
)
from simclf.losses import (
    CrossEntropyLoss,
    ExpectedScoreLoss,
    ScoreRegressionLoss,
    SoftTargetLoss,
)
from simclf.losses._candidates import CandidateLosses
from tests.strategies import score_tables

CLASSES = np.array(["ant", "bee", "cat"])
CODES = np.array([0, 1, 2, 2, 1], dtype=np.intp)
FRAME = pd.DataFrame(
    [[0.8, 3, 0, 0], [0.8, 0, 4, 1], [0.7, 1, 2, 5], [0.5, 0, 0, 7], [0.2, 2, 6, 1]],
    columns=["refer", "ant", "bee", "cat"],
)
ORDER = ["ant", "bee", "cat", "refer"]


def rows(weight=None, kept=None, codes=CODES):
    n_given = len(codes) if kept is None else 7
    X = np.zeros((len(codes), 2))
    return LabelledRows(X, codes, CLASSES, weight, n_given, kept)


def test_without_scores_of_rows_the_table_is_read_as_given():
    table, same = read_table(rows(), np.diag([1.0, 2, 3]), None, None)
    assert table.values.diagonal().tolist() == [1, 2, 3]
    assert same.sample_scores is None
    assert read_table(rows(), None, None, None)[0].given_as == "identity"


def test_without_a_table_it_is_the_mean_of_the_rows_of_each_class():
    weight = np.array([1.0, 1.5, 0.5, 1.5, 0.5])
    table, read = read_table(rows(weight), None, None, FRAME)
    assert table.given_as == "sample_scores"
    assert table.decisions.tolist() == ORDER
    given = FRAME[ORDER].to_numpy()
    assert (read.sample_scores == given).all()
    for code in range(3):
        wanted = np.average(given[code == CODES], axis=0, weights=weight[code == CODES])
        np.testing.assert_allclose(table.values[code], wanted)
    assert not table.values.flags.writeable


@given(score_tables(3), st.sampled_from([1e-300, 1.0, 1e300]))
def test_rows_that_agree_with_a_table_have_exactly_that_table(values, unit):
    values = values * unit
    weight = np.array([0.1, 0.7, 1.3, 1.9, 1.0])
    table, _ = read_table(rows(weight), None, None, values[CODES])
    assert (table.values == values).all()


@given(score_tables(5), st.lists(st.integers(0, 2), min_size=2, max_size=2))
def test_means_of_huge_rows_are_those_of_the_unit_scale(values, more):
    codes = np.array([0, 1, 2, *more], dtype=np.intp)
    values = values / max(1.0, np.abs(values).max())
    weight = np.array([0.1, 0.7, 1.3, 1.9, 1.0])
    answers = pd.DataFrame(values, columns=[*CLASSES, "refer", "wait"])
    plain, _ = read_table(rows(weight, codes=codes), None, None, answers)
    huge = answers * 2.0**1023
    table, read = read_table(rows(weight, codes=codes), None, None, huge)
    np.testing.assert_allclose(table.values * 2.0**-1023, plain.values, atol=1e-15)
    assert (read.sample_scores == huge.to_numpy()).all()


def test_rows_of_weight_zero_are_left_out_by_their_numbers():
    kept = np.array([6, 5, 3, 2, 0])
    scores = np.arange(21.0).reshape(7, 3)
    _, read = read_table(rows(kept=kept), None, None, scores)
    assert (read.sample_scores == scores[kept]).all()
    _, read = read_table(rows(kept=kept), np.eye(3), None, scores)
    assert (read.sample_scores == scores[kept]).all()


def test_a_given_table_names_the_answers():
    wide = pd.DataFrame(np.eye(3), CLASSES, CLASSES).assign(refer=0.5)
    table, read = read_table(rows(), wide, None, FRAME)
    assert table.given_as == "similarity"
    assert (read.sample_scores == FRAME[ORDER].to_numpy()).all()
    with pytest.raises(ValueError, match=r"no column for answer 'refer'"):
        read_table(rows(), wide, None, FRAME.drop(columns="refer"))


def test_rows_held_out_take_scores_along():
    _, read = read_table(rows(), None, None, FRAME)
    taken = read.take(np.array([3, 1]))
    assert (taken.sample_scores == FRAME[ORDER].to_numpy()[[3, 1]]).all()
    assert taken.kept.tolist() == [3, 1]
    lighter = read.reweighted(np.array([0.0, 1, 0, 2, 1]))
    assert (lighter.sample_scores == FRAME[ORDER].to_numpy()[[1, 3, 4]]).all()


# Refused ----------------------------------------------------------------------

TABLE, READ = read_table(rows(), np.eye(3), None, FRAME)
MEANS, OWN = read_table(rows(), None, None, FRAME)
BARE = rows()
ALIKE_MEANS, ALIKE = read_table(rows(), None, None, np.diag([3.0, 2, 1])[CODES])


@pytest.mark.parametrize(
    ("read", "table", "loss"),
    [
        (BARE, TABLE, CrossEntropyLoss()),
        (READ, TABLE, ExpectedScoreLoss(tau=None)),
        (ALIKE, ALIKE_MEANS, CrossEntropyLoss()),
        (OWN, MEANS, SoftTargetLoss()),
    ],
)
def test_scores_that_are_used_pass(read, table, loss):
    refuse_unused_scores(read, table, loss)


def test_a_loss_that_learns_classes_says_that_it_uses_means():
    kept = np.array([6, 5, 3, 2, 0])
    table, read = read_table(rows(kept=kept), None, None, np.arange(21.0).reshape(7, 3))
    match = (
        r"^sample_scores\[5\] differs from other rows of its class, but loss "
        r"CrossEntropyLoss\(\) learns the classes and uses the mean of their rows "
        r"alone; use loss='entropic_score' to learn from each row\.$"
    )
    with pytest.warns(SimilarityWarning, match=match):
        refuse_unused_scores(read, table, CrossEntropyLoss())


def test_several_losses_at_once_bear_the_name_that_the_user_gave():
    auto = CandidateLosses((CrossEntropyLoss(), CrossEntropyLoss()))
    with pytest.raises(ValueError, match=r"^sample_scores is given, but loss='auto' w"):
        refuse_unused_scores(READ, TABLE, auto)
    match = r"differs from other rows of its class, but loss='auto' learns the classes"
    with pytest.warns(SimilarityWarning, match=match):
        refuse_unused_scores(OWN, MEANS, auto)


def test_a_loss_that_learns_classes_would_not_use_them_beside_a_table():
    match = (
        r"^sample_scores is given, but loss CrossEntropyLoss\(\) would not use it; "
        r"leave similarity and cost out \(the table is then the mean score of each "
        r"class's rows\), or use a loss that learns answers, such as "
        r"loss='entropic_score'\.$"
    )
    with pytest.raises(ValueError, match=match):
        refuse_unused_scores(READ, TABLE, CrossEntropyLoss())


@pytest.mark.parametrize(("read", "table"), [(READ, TABLE), (OWN, MEANS)])
def test_a_loss_that_reads_a_table_alone_would_not_use_them(read, table):
    match = (
        r"^sample_scores is given, but loss ScoreRegressionLoss\(kind='one_vs_all'\) "
        r"would not use it; use loss='entropic_score' or "
        r"ExpectedScoreLoss\(tau=None\), or leave sample_scores out\.$"
    )
    with pytest.raises(ValueError, match=match):
        refuse_unused_scores(read, table, ScoreRegressionLoss("one_vs_all"))


def test_rows_to_judge_by_need_scores_where_the_others_have_some():
    assert with_validation_scores(None, OWN, MEANS, None) is None
    assert with_validation_scores(BARE, BARE, TABLE, None) is BARE
    judged = with_validation_scores(BARE, OWN, MEANS, FRAME)
    assert (judged.sample_scores == FRAME[ORDER].to_numpy()).all()
    match = (
        r"^sample_scores_val is missing: X_val and sample_scores are given, so the "
        r"rows of X_val need scores of their own too\.$"
    )
    with pytest.raises(ValueError, match=match):
        with_validation_scores(BARE, OWN, MEANS, None)
    match = r"^sample_scores_val is given without X_val; pass both, or leave"
    with pytest.raises(ValueError, match=match):
        with_validation_scores(None, OWN, MEANS, FRAME)
    match = r"^sample_scores_val is given without sample_scores; pass both, or leave"
    with pytest.raises(ValueError, match=match):
        with_validation_scores(BARE, BARE, TABLE, FRAME)
    match = r"^sample_scores_val: sample_scores has shape \(2, 4\); expected \(5, 4\)"
    with pytest.raises(ValueError, match=match):
        with_validation_scores(BARE, OWN, MEANS, FRAME[:2])
