"""What every loss promises, for each entry of the registry."""

import copy
import inspect
import pickle

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import clone

from simclf.losses import LOSSES, DenseTable, Loss, SampleRows
from simclf.similarity import ScoreTable
from tests.losses.cases import (
    CASES,
    Case,
    K,
    columns,
    forward,
    problems,
    score_table,
)
from tests.losses.gradients import GRADIENTS
from tests.losses.reference import REFERENCES
from tests.strategies import one_in, posteriors

each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_loss = pytest.mark.parametrize("name", LOSSES)
few = one_in(8)
fewer = one_in(33)

ASYMMETRIC = np.array(
    [[2.0, 1.0, 0.5, -1.0], [0.0, 3.0, -1.0, 0.5], [1.5, -0.5, 2.0, 1.0], [-1, 0, 1, 2]]
)


def sample(case: Case, table: ScoreTable, n: int = 6) -> tuple:
    """Scores and codes drawn once, in float64."""
    rng = np.random.default_rng(3)
    width = case.loss.n_outputs(table.n_classes, table.n_decisions)
    return rng.normal(size=(n, width)), rng.integers(0, K, size=n)


def suited_table(case: Case) -> ScoreTable:
    """An asymmetric table that the case takes."""
    points = np.array([0.0, 1.0, 3.0, 7.0])
    line = np.arange(K)[:, None] - np.abs(points[:, None] - points)
    return score_table(line if case.line_tables else ASYMMETRIC)


@each_loss
def test_registry_names_the_class_and_its_file(name):
    loss = LOSSES[name]
    assert issubclass(loss, Loss)
    assert loss.name == name
    assert loss.__name__ == "".join(map(str.title, name.split("_"))) + "Loss"
    assert loss.__module__ == f"simclf.losses._{name}"


def test_registry_is_sorted_and_every_entry_has_a_reference():
    assert list(LOSSES) == sorted(LOSSES)
    assert set(REFERENCES) == set(LOSSES)
    assert set(GRADIENTS) == set(LOSSES)


@each_loss
def test_docstring_has_every_heading(name):
    text = inspect.getdoc(LOSSES[name])
    headings = [
        f"**{word}.**"
        for word in ("Value", "Gradient", "Minimiser", "Decision", "Limits")
    ]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    for section in (
        "Parameters\n---",
        "Notes\n---",
        "References\n---",
        "Examples\n---",
    ):
        assert section in text


@each_case
@given(data=st.data())
@few
def test_agrees_with_the_reference(case, data):
    table, scores, codes = data.draw(problems(case, varied=True))
    expected = [
        REFERENCES[case.loss.name](case.loss, table.values.tolist(), z, y)
        for z, y in zip(scores.tolist(), codes.tolist(), strict=True)
    ]
    values = forward(case.loss, table, scores, codes)
    np.testing.assert_allclose(values.numpy(), expected, rtol=1e-9, atol=1e-11)


@each_case
@given(data=st.data())
@few
def test_gradient_is_the_stated_one(case, data):
    table, scores, codes = data.draw(problems(case, varied=True))
    leaf = torch.tensor(scores).clamp(-9, 9).requires_grad_()
    forward(case.loss, table, leaf, codes).sum().backward()
    gradient = GRADIENTS[case.loss.name]
    stated = [
        gradient(case.loss, table.values.tolist(), z, y)
        for z, y in zip(leaf.detach().numpy(), codes.tolist(), strict=True)
    ]
    np.testing.assert_allclose(leaf.grad, stated, rtol=1e-8, atol=1e-9)


@each_case
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype(case, dtype):
    table = suited_table(case)
    scores, codes = sample(case, table)
    prepared = case.loss.prepare(table, dtype)
    scores = torch.tensor(scores, dtype=dtype)
    values = case.loss.pointwise(scores, torch.tensor(codes), prepared)
    assert values.shape == (6,)
    assert values.dtype == dtype
    proba = case.loss.proba(scores, prepared)
    assert proba.shape == (6, K)
    assert proba.dtype == dtype
    torch.testing.assert_close(proba.sum(-1), torch.ones(6, dtype=dtype))
    assert (proba >= 0).all()


@pytest.mark.parametrize("case", [c for c in CASES if not c.line_tables], ids=str)
def test_probabilities_are_of_the_classes_or_of_the_answers(case):
    n_answers = K if case.square_only else K + 1
    table = score_table(np.c_[ASYMMETRIC, [1.0, 0.5, 1.5, -1.0]][:, :n_answers])
    n_columns = K if case.loss.estimates == "posterior" else n_answers
    scores, _ = sample(case, table)
    prepared = case.loss.prepare(table, torch.float64)
    proba = case.loss.proba(torch.tensor(scores), prepared)
    assert proba.shape == (6, n_columns)
    best = case.loss.minimiser(np.full((3, K), 1 / K), table)
    assert best.shape == (3, n_columns)


@each_case
@given(data=st.data())
@fewer
def test_first_and_second_derivatives(case, data):
    table, scores, codes = data.draw(problems(case, n=2))
    prepared = case.loss.prepare(table, torch.float64)
    codes = torch.tensor(codes)

    def value(z):
        return case.loss.pointwise(z, codes, prepared)

    leaf = torch.tensor(scores).clamp(-3, 3).requires_grad_()
    assert torch.autograd.gradcheck(value, leaf)
    assert torch.autograd.gradgradcheck(value, leaf)


@each_case
@pytest.mark.parametrize("progress", [0.0, 0.7, 1.0])
def test_finite_at_scores_of_ten_thousand(case, progress):
    table = suited_table(case)
    width = case.loss.n_outputs(K, table.n_decisions)
    rng = np.random.default_rng(0)
    draws = rng.choice([-1e4, 0.0, 1e4], size=(80, width))
    onehot = 2e4 * np.eye(width)[np.arange(40) % width] - 1e4
    scores = torch.tensor(np.concatenate([draws, onehot, -onehot]), dtype=torch.float32)
    codes = torch.tensor(rng.integers(0, K, size=len(scores)))
    prepared = case.loss.prepare(table)
    scores.requires_grad_()
    values = case.loss.pointwise(scores, codes, prepared, progress)
    values.sum().backward()
    assert values.isfinite().all()
    assert scores.grad.isfinite().all()
    assert case.loss.proba(scores, prepared).isfinite().all()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.score_shift_free], ids=str
)
@given(data=st.data(), shift=st.floats(-50, 50))
@few
def test_a_constant_added_to_the_scores_changes_nothing(case, data, shift):
    table, scores, codes = data.draw(problems(case))
    values = forward(case.loss, table, scores, codes)
    shifted = forward(case.loss, table, scores + shift, codes)
    torch.testing.assert_close(shifted, values, rtol=1e-9, atol=1e-9)


@each_case
@given(data=st.data())
@few
def test_renaming_the_classes_changes_nothing(case, data):
    table, scores, codes = data.draw(problems(case, varied=case.first_of_ties))
    assume(not case.first_of_ties or _one_best_answer(table))
    order = np.array(data.draw(st.permutations(range(K))), dtype=np.intp)
    place = np.argsort(order)
    moved = scores[:, columns(order, scores.shape[1])]
    renamed = score_table(table.values, order)
    for progress in (0.0, 0.7, 1.0):
        values = forward(case.loss, table, scores, codes, progress)
        again = forward(case.loss, renamed, moved, place[codes], progress)
        torch.testing.assert_close(again, values, rtol=1e-10, atol=1e-12)
    q = case.loss.proba(torch.tensor(scores), case.loss.prepare(table, torch.float64))
    q_again = case.loss.proba(
        torch.tensor(moved), case.loss.prepare(renamed, torch.float64)
    )
    wanted = q[:, columns(order, q.shape[1])]
    torch.testing.assert_close(q_again, wanted, rtol=1e-10, atol=1e-12)


@each_case
@given(
    data=st.data(),
    scale=st.sampled_from([1e-3, 0.25, 7.0, 1e6]),
    shifts=st.lists(st.integers(-8, 8), min_size=K, max_size=K),
)
@few
def test_unit_and_offsets_of_the_table_change_nothing(case, data, scale, shifts):
    table, scores, codes = data.draw(problems(case))
    offset = np.array(shifts, dtype=np.float64)[:, None]
    if not case.row_shift_free:
        offset = offset[:1]
    moved = score_table(scale * (table.values + offset))
    values = forward(case.loss, table, scores, codes)
    again = forward(case.loss, moved, scores, codes)
    torch.testing.assert_close(again, values, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.reads_table and not c.symmetrizes], ids=str
)
def test_a_transposed_table_is_another_table(case):
    table = suited_table(case)
    scores, codes = sample(case, table)
    values = forward(case.loss, table, scores, codes)
    turned = forward(case.loss, score_table(table.values.T), scores, codes)
    assert not torch.isclose(turned, values, rtol=1e-2).all()


@each_case
@pytest.mark.parametrize("progress", [0.0, 0.7, 1.0])
def test_leading_axes_and_vmap_are_a_loop(case, progress):
    table = suited_table(case)
    scores, codes = sample(case, table, n=12)
    members = torch.tensor(scores.reshape(2, 3, 2, -1))
    codes = torch.tensor(codes[:2])
    prepared = case.loss.prepare(table, torch.float64)

    def value(z):
        return case.loss.pointwise(z, codes, prepared, progress)

    loop = torch.stack([torch.stack([value(z) for z in row]) for row in members])
    torch.testing.assert_close(value(members), loop)
    per_member = codes.expand(2, 3, 2)
    again = case.loss.pointwise(members, per_member, prepared, progress)
    torch.testing.assert_close(again, loop)
    torch.testing.assert_close(torch.func.vmap(value)(members[0]), loop[0])
    grad = torch.func.vmap(torch.func.grad(lambda z: value(z).sum()))(members[0])
    leaf = members[0].clone().requires_grad_()
    value(leaf).sum().backward()
    torch.testing.assert_close(grad, leaf.grad)
    through = members[0].clone().requires_grad_()
    torch.func.vmap(value)(through).sum().backward()
    torch.testing.assert_close(through.grad, leaf.grad)


@each_case
def test_proba_takes_leading_axes(case):
    table = suited_table(case)
    scores, _ = sample(case, table, n=6)
    prepared = case.loss.prepare(table, torch.float64)
    flat = case.loss.proba(torch.tensor(scores), prepared)
    members = case.loss.proba(torch.tensor(scores.reshape(3, 2, -1)), prepared)
    torch.testing.assert_close(members.reshape(flat.shape), flat)


@each_case
@given(data=st.data())
@few
def test_examples_may_bring_scores_of_their_own(case, data):
    table, scores, codes = data.draw(problems(case, n=6))
    if not case.loss.takes_sample_scores:
        with pytest.raises(ValueError, match="reads scores from a table of classes"):
            case.loss.prepare_samples(table.values[codes], codes, table)
        return
    # In another order than they are asked for, and among others.
    kept = np.append(codes, np.arange(K))
    order = np.array([9, 4, 0, 2, 1, 5, 3, 8, 7, 6])
    own = case.loss.prepare_samples(
        table.values[kept[order]], kept[order], table, torch.float64
    )
    prepared = case.loss.prepare(table, torch.float64)
    index = torch.tensor(np.argsort(order)[:6])
    rows = SampleRows(prepared, own, index)
    scores, codes = torch.tensor(scores), torch.tensor(codes)
    for progress in (0.0, 0.6, 1.0):
        torch.testing.assert_close(
            case.loss.pointwise(scores, codes, rows, progress),
            case.loss.pointwise(scores, codes, prepared, progress),
        )
    torch.testing.assert_close(
        case.loss.judge(scores, codes, rows), case.loss.judge(scores, codes, prepared)
    )


@each_case
def test_rows_held_out_judge_by_the_final_form(case):
    table = suited_table(case)
    scores, codes = map(torch.tensor, sample(case, table))
    prepared = case.loss.prepare(table, torch.float64)
    judged = case.loss.judge(scores, codes, prepared)
    final = case.loss.pointwise(scores, codes, prepared, 1.0)
    if case.fades:
        likelihood = torch.nn.functional.cross_entropy(scores, codes, reduction="none")
        final = 0.95 * final + 0.05 * likelihood
    torch.testing.assert_close(judged, final)


@each_case
def test_members_alike_are_one_and_their_order_says_nothing(case):
    table = suited_table(case)
    scores = torch.tensor(sample(case, table, n=12)[0]).reshape(3, 2, 2, -1)
    prepared = case.loss.prepare(table, torch.float64)
    pooled = case.loss.pooled_proba(scores, prepared)
    torch.testing.assert_close(pooled.sum(-1), torch.ones(2, 2, dtype=torch.float64))
    torch.testing.assert_close(case.loss.pooled_proba(scores.flip(0), prepared), pooled)
    alike = case.loss.pooled_proba(scores[:1].expand(4, -1, -1, -1), prepared)
    torch.testing.assert_close(alike, case.loss.proba(scores[0], prepared))
    single = case.loss.pooled_proba(scores.half(), prepared)
    assert single.dtype == torch.float64
    if case.loss.estimates == "posterior":
        mean = case.loss.proba(scores, prepared).mean(0)
        torch.testing.assert_close(pooled, mean)


@each_case
@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(case, half):
    table = suited_table(case)
    scores, codes = sample(case, table)
    scores = torch.tensor(scores).to(half)
    codes = torch.tensor(codes)
    prepared = case.loss.prepare(table)
    values = case.loss.pointwise(scores, codes, prepared)
    assert values.dtype == torch.float32
    exact = case.loss.pointwise(scores.float(), codes, prepared)
    torch.testing.assert_close(values, exact, rtol=0, atol=0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(
            case.loss.pointwise(scores, codes, prepared), exact, rtol=0, atol=0
        )
        proba = case.loss.proba(scores, prepared)
    assert proba.dtype == torch.float32


@each_case
def test_double_scores_meet_a_single_precision_table(case):
    table = suited_table(case)
    scores, codes = sample(case, table)
    codes = torch.tensor(codes)
    prepared = case.loss.prepare(table, torch.float32)
    values = case.loss.pointwise(torch.tensor(scores), codes, prepared)
    assert values.dtype == torch.float64
    exact = forward(case.loss, table, scores, codes)
    torch.testing.assert_close(values, exact, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("case", [c for c in CASES if not c.has_link], ids=str)
@given(data=st.data())
@few
def test_no_outputs_have_less_risk_than_the_minimiser(case, data):
    table, _, _ = data.draw(problems(case, varied=True))
    eta = data.draw(posteriors(K, n=2))
    best = case.loss.minimiser(eta, table)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    for row, q in zip(eta, best, strict=True):
        centre = q if case.loss.gives_expected_scores else np.log(np.maximum(q, 1e-290))
        centre = np.clip(centre, -660, 660)
        rivals = [
            20.0 * np.eye(len(q)),
            rng.normal(size=(30, len(q))) * 3,
            np.log(rng.dirichlet(np.full(len(q), 0.5), size=30) + 1e-12),
            np.maximum(centre, -20) + 0.05 * rng.normal(size=(30, len(q))),
        ]
        scores = np.concatenate([centre[None], *rivals])
        every = [
            forward(case.loss, table, scores, np.full(len(scores), y)).numpy()
            for y in range(K)
        ]
        risks = row @ np.array(every)
        assert risks[0] <= risks[1:].min() + 1e-6


@pytest.mark.parametrize("case", [c for c in CASES if c.bayes_exact], ids=str)
@given(data=st.data())
@few
def test_the_stated_decision_on_the_minimiser_is_the_bayes_decision(case, data):
    table, _, _ = data.draw(problems(case, varied=True))
    eta = data.draw(posteriors(K, n=20))
    best = case.loss.minimiser(eta, table)
    worth = eta @ table.values
    ordered = np.sort(worth, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 1e-6
    if case.loss.consistent_decision == "bayes":
        assert case.loss.estimates == "posterior"
        decided = (best @ table.values).argmax(axis=1)
    else:
        assert case.loss.estimates == "decision"
        decided = best.argmax(axis=1)
    np.testing.assert_array_equal(decided[clear], worth.argmax(axis=1)[clear])


@each_case
def test_minimiser_is_on_the_simplex(case):
    table = suited_table(case)
    best = case.loss.minimiser(np.full((3, K), 1 / K), table)
    assert best.shape == (3, K)
    assert best.dtype == np.float64
    if not case.loss.gives_expected_scores:
        np.testing.assert_allclose(best.sum(axis=1), 1)


@each_case
def test_weights_are_repetitions(case):
    table = suited_table(case)
    scores, codes = sample(case, table)
    scores, codes = torch.tensor(scores), torch.tensor(codes)
    times = torch.tensor([2, 0, 1, 3, 1, 1])
    criterion = case.loss.criterion(_frame(table), dtype=torch.float64)
    weighted = criterion(scores, codes, times.double())
    repeated = criterion(
        scores.repeat_interleave(times, dim=0), codes.repeat_interleave(times)
    )
    torch.testing.assert_close(weighted, repeated)
    torch.testing.assert_close(
        criterion(scores, codes, torch.ones(6)), criterion(scores, codes)
    )


@each_case
def test_is_a_component(case):
    loss = case.loss
    fresh = type(loss)(**loss.get_params(deep=False))
    assert vars(fresh) == vars(loss)
    table = suited_table(case)
    scores, codes = sample(case, table)
    values = forward(loss, table, scores, codes)
    before = dict(vars(loss))
    for twin in (clone(loss), copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert twin.get_params().keys() == loss.get_params().keys()
        torch.testing.assert_close(forward(twin, table, scores, codes), values)
    assert vars(loss) == before
    for key, value in loss.get_params().items():
        assert clone(loss).set_params(**{key: value}) is not None


@each_case
def test_criterion_is_a_module_without_parameters(case):
    criterion = case.loss.criterion(_frame(suited_table(case)))
    assert list(criterion.parameters()) == []
    assert criterion.state_dict() == {}
    if criterion.table is not None:
        assert isinstance(criterion.table, DenseTable)
        assert criterion.double().table.matrix.dtype == torch.float64
    scores, codes = sample(case, suited_table(case))
    twin = pickle.loads(pickle.dumps(criterion))
    scores, codes = torch.tensor(scores), torch.tensor(codes)
    torch.testing.assert_close(twin(scores, codes), criterion(scores, codes))


@each_case
def test_criterion_trains_in_a_plain_loop(case):
    table = suited_table(case)
    criterion = case.loss.criterion(_frame(table))
    torch.manual_seed(0)
    codes = torch.arange(40) % K
    X = torch.nn.functional.one_hot(codes, K).float() + 0.1 * torch.randn(40, K)
    net = torch.nn.Linear(K, criterion.n_outputs)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    first = criterion(net(X), codes).item()
    for _ in range(60):
        optimizer.zero_grad()
        criterion(net(X), codes).backward()
        optimizer.step()
    assert criterion(net(X), codes).item() < first - 0.05


@each_case
def test_another_objective_has_the_warm_up_to_itself(case):
    table = suited_table(case)
    scores, codes = sample(case, table)
    start, done = (forward(case.loss, table, scores, codes, p) for p in (0.0, 1.0))
    share = case.loss.warmup_fraction
    assert 0.0 <= share <= 1.0
    ends = forward(case.loss, table, scores, codes, share)
    torch.testing.assert_close(ends, start if case.fades else done)
    if share:
        during = forward(case.loss, table, scores, codes, share - 1e-9)
        torch.testing.assert_close(during, start)
        assert not torch.allclose(during, done)
    else:
        torch.testing.assert_close(start, done)


@each_case
def test_constant_tables_give_finite_losses(case):
    table = score_table(np.full((K, K), 3.0))
    scores, codes = sample(case, table)
    leaf = torch.tensor(scores, requires_grad=True)
    prepared = case.loss.prepare(table, torch.float64)
    values = case.loss.pointwise(leaf, torch.tensor(codes), prepared)
    values.sum().backward()
    assert values.isfinite().all()
    assert leaf.grad.isfinite().all()
    assert np.isfinite(case.loss.minimiser(np.full((1, K), 1 / K), table)).all()


def _one_best_answer(table: ScoreTable) -> bool:
    """Whether no two answers share the first place of a row."""
    first = table.values == table.values.max(axis=1, keepdims=True)
    return bool((first.sum(axis=1) == 1).all())


def _frame(table: ScoreTable):
    """A table as a labelled frame."""
    import pandas as pd

    return pd.DataFrame(table.values, index=table.classes, columns=table.decisions)
