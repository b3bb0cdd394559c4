"""The base class: how tables are read, what a loss of one's own must define."""

import numpy as np
import pandas as pd
import pytest
import torch

from simclf.exceptions import SimilarityWarning
from simclf.losses import CrossEntropyLoss, EntropicScoreLoss, ExpectedScoreLoss, Loss
from simclf.similarity import resolve_table


class Halved(Loss):
    """Half of cross entropy: a loss of one's own, in no registry."""

    name = "halved"
    estimates = "posterior"

    def _prepare(self, table, dtype):
        return None

    def _pointwise(self, scores, codes, table, progress):
        return 0.5 * CrossEntropyLoss().pointwise(scores, codes, table, progress)

    def _minimiser(self, posterior, table):
        return posterior


def test_a_loss_of_ones_own_needs_no_registration():
    criterion = Halved().criterion([[1.0, 0.5], [0.0, 1.0]])
    value = criterion(torch.zeros(1, 2), torch.tensor([1]))
    assert value.item() == pytest.approx(np.log(2) / 2)
    assert Halved().consistent_decision == "bayes"
    assert Halved().warmup_fraction == 0.0
    assert not Halved().gives_expected_scores


def test_a_loss_without_its_parts_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Loss()


@pytest.mark.parametrize(
    ("loss", "n_outputs"), [(CrossEntropyLoss(), 3), (EntropicScoreLoss(), 5)]
)
def test_outputs_are_classes_or_answers(loss, n_outputs):
    assert loss.n_outputs(3, 5) == n_outputs


def test_settings_are_checked_when_prepared_not_when_set():
    loss = ExpectedScoreLoss(warm_start=-1)
    with pytest.raises(ValueError, match="warm_start"):
        loss.criterion(np.eye(2))
    with pytest.raises(ValueError, match="warm_start"):
        loss.minimiser([[0.5, 0.5]], np.eye(2))


@pytest.mark.parametrize("posterior", [[0.5, 0.5], [[0.2, 0.3, 0.5]], [[[0.5, 0.5]]]])
def test_minimiser_refuses_posteriors_of_another_shape(posterior):
    shape = str(np.shape(posterior)).replace("(", r"\(").replace(")", r"\)")
    match = (
        r"^posterior must have shape \(m, 2\), one column for each class of the table, "
        rf"got {shape}\.$"
    )
    with pytest.raises(ValueError, match=match):
        CrossEntropyLoss().minimiser(posterior, np.eye(2))


def test_criterion_takes_labels_from_a_frame_in_its_order():
    frame = pd.DataFrame(
        [[1.0, 0.2, 0.5], [0.1, 1.0, 0.5]], ["zebra", "ant"], ["ant", "refer", "zebra"]
    )
    with pytest.warns(SimilarityWarning):
        criterion = EntropicScoreLoss().criterion(frame)
    assert criterion.classes.tolist() == ["zebra", "ant"]
    assert criterion.decisions.tolist() == ["zebra", "ant", "refer"]
    assert criterion.n_outputs == 3


def test_criterion_aligns_a_frame_to_given_classes():
    frame = pd.DataFrame([[2.0, 1.0], [0.0, 3.0]], list("ba"), list("ba"))
    criterion = ExpectedScoreLoss().criterion(frame, classes=["a", "b"])
    found = criterion.table.matrix.numpy()
    np.testing.assert_allclose(found, [[0.0, 1.0], [1 / 3, 0.0]])


def test_criterion_takes_costs_callables_and_a_dtype():
    costs = [[0.0, 4.0], [1.0, 0.0]]
    by_cost = ExpectedScoreLoss().criterion(cost=costs, dtype=torch.float64)
    called = ExpectedScoreLoss().criterion(
        lambda classes: -np.array(costs), classes=["a", "b"], dtype=torch.float64
    )
    assert by_cost.table.matrix.dtype == torch.float64
    assert by_cost.classes.tolist() == [0, 1]
    torch.testing.assert_close(by_cost.table.matrix, called.table.matrix)
    single = ExpectedScoreLoss().criterion(cost=costs)
    assert single.table.matrix.dtype == torch.float32


@pytest.mark.parametrize(
    ("similarity", "got"), [(None, "no table"), (np.eye, "a callable")]
)
def test_criterion_refuses_to_guess_the_classes(similarity, got):
    match = (
        rf"^the number of classes is unknown: got {got} and no classes\. Pass "
        r"classes=\[\.\.\.\], the labels in the order of the codes\.$"
    )
    with pytest.raises(ValueError, match=match):
        ExpectedScoreLoss().criterion(similarity)


def test_criterion_warns_of_a_reversed_sign():
    with pytest.warns(SimilarityWarning, match="looks like a cost matrix"):
        ExpectedScoreLoss().criterion([[0, 1], [3, 0]])


def test_a_resolved_table_is_taken_as_it_is():
    table = resolve_table(np.eye(2), ["ant", "bee"])
    assert CrossEntropyLoss().criterion(table).classes.tolist() == ["ant", "bee"]
