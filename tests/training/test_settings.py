"""Parameters of the estimator: what is accepted, what is refused, what "auto" is."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from skorch.callbacks import EarlyStopping, LRScheduler

from simclf import SimilarityAwareClassifier
from simclf.losses import (
    LOSSES,
    CandidateLosses,
    CrossEntropyLoss,
    ExpectedScoreLoss,
    PairwiseLoss,
    TailoredScoreLoss,
)
from simclf.modules import MLP, Linear
from simclf.similarity import resolve_table
from simclf.training import resolve_loss, resolve_settings
from simclf.training._settings import Settings, check_count, check_flag, check_number

CLASSES = np.array(["ant", "bee", "cat"])
VALUES = np.array([[1.0, 0.25, 0.0], [0.5, 2.0, -1.0], [0.1, 0.7, 3.0]])
TABLE = resolve_table(VALUES, CLASSES)
IDENTITY = resolve_table(None, CLASSES)
WIDE = resolve_table(
    pd.DataFrame(VALUES, CLASSES, CLASSES).assign(refer=[0.3, 0.2, 0.1]), CLASSES
)
POSTERIOR = ["cross_entropy", "tailored_score"]
DECISION = ["expected_score", "score_regression"]
LOSS_NAMES = (
    "['cross_entropy', 'entropic_score', 'expected_score', 'kernel_brier', "
    "'log_expected_score', 'pairwise', 'score_regression', 'soft_target', "
    "'softmax_margin', 'tailored_score']"
)


def settle(table=TABLE, n_rows=100, **params) -> Settings:
    return resolve_settings(SimilarityAwareClassifier(**params), table, n_rows)


# Refusals ---------------------------------------------------------------------


def not_a(name, value, kind, wanted):
    return name, value, TypeError, f"{name}={value!r} is a {kind}; it must be {wanted}."


def number(name, value, kind):
    return not_a(name, value, kind, "a number")


MAY_BE_AUTO = {"max_epochs", "n_iter_no_change"}


def counted(name):
    return ("'auto' or " if name in MAY_BE_AUTO else "") + "a positive integer"


def count(name, value, kind):
    return not_a(name, value, kind, counted(name))


def too_small(name, value):
    return name, value, ValueError, f"{name}={value!r} must be {counted(name)}."


def out_of(name, value, bound):
    return name, value, ValueError, f"{name}={value!r} must be a finite number {bound}."


def flag(name, value):
    return name, value, ValueError, f"{name}={value!r} must be True or False."


def unknown(name, value, use, meant=""):
    return name, value, ValueError, f"{name}={value!r} is unknown; use {use}.{meant}"


NAN, INF = float("nan"), float("inf")
STOPPING = "'auto', True or False"
DECISIONS = "'auto', 'bayes' or 'argmax'"
CALIBRATIONS = "None, 'auto' or 'temperature'"
DTYPES = "one of ['float32', 'float64']"
A_SHARE = "must be below 1: it is the share of rows held out of training."

REFUSED = [
    number("lr", "0.1", "str"),
    number("lr", None, "NoneType"),
    number("lr", True, "bool"),
    number("lr", [0.1], "list"),
    number("lr", 1j, "complex"),
    number("lr", Decimal("0.1"), "Decimal"),
    number("lr", torch.tensor(0.1), "Tensor"),
    number("lr", np.array([0.1]), "ndarray"),
    out_of("lr", 0, "> 0"),
    out_of("lr", -0.1, "> 0"),
    out_of("lr", NAN, "> 0"),
    out_of("lr", INF, "> 0"),
    out_of("lr", 10**400, "> 0"),
    number("weight_decay", "0", "str"),
    number("weight_decay", False, "bool"),
    out_of("weight_decay", -1e-9, ">= 0"),
    out_of("weight_decay", NAN, ">= 0"),
    out_of("weight_decay", INF, ">= 0"),
    *(count(name, 2.0, "float") for name in ("max_epochs", "batch_size", "n_members")),
    *(count(name, True, "bool") for name in ("max_epochs", "batch_size", "n_members")),
    *(count(name, "auto", "str") for name in ("batch_size", "n_members")),
    *(count(name, "many", "str") for name in ("max_epochs", "n_iter_no_change")),
    *(count(name, None, "NoneType") for name in ("n_iter_no_change", "batch_size")),
    *(too_small(name, 0) for name in ("max_epochs", "batch_size", "n_members")),
    *(too_small(name, -1) for name in ("n_iter_no_change", "max_epochs")),
    number("validation_fraction", None, "NoneType"),
    number("validation_fraction", True, "bool"),
    out_of("validation_fraction", 0.0, "> 0"),
    out_of("validation_fraction", -0.1, "> 0"),
    out_of("validation_fraction", NAN, "> 0"),
    ("validation_fraction", 1, ValueError, f"validation_fraction=1 {A_SHARE}"),
    ("validation_fraction", 1.5, ValueError, f"validation_fraction=1.5 {A_SHARE}"),
    *(flag("standardize", value) for value in ("yes", None, 2, 1.0, 0.0, [], pd.NA)),
    flag("standardize", np.array([True, False])),
    *(unknown("early_stopping", v, STOPPING) for v in ("yes", None, 1.0, 5, [True])),
    unknown("early_stopping", np.array([True, False]), STOPPING),
    *(unknown("decision", v, DECISIONS) for v in (None, 1, ["bayes"])),
    unknown("decision", "Bayes", DECISIONS, " Did you mean 'bayes'?"),
    unknown("decision", np.array(["bayes", "argmax"]), DECISIONS),
    *(unknown("calibration", v, CALIBRATIONS) for v in ("none", True, 1.0, {})),
    unknown("calibration", np.array(["auto", "auto"]), CALIBRATIONS),
    *(unknown("dtype", v, DTYPES) for v in ("float16", "double", None, 32)),
    unknown("dtype", torch.bfloat16, DTYPES),
    number("verbose", "1", "str"),
    number("verbose", None, "NoneType"),
    out_of("verbose", -1, ">= 0"),
    out_of("verbose", NAN, ">= 0"),
    (
        "callbacks",
        LRScheduler(),
        TypeError,
        (
            "callbacks is a LRScheduler; pass a list of skorch callbacks, e.g. "
            "[skorch.callbacks.LRScheduler()]."
        ),
    ),
    *(
        (
            "callbacks",
            [EarlyStopping(), value],
            TypeError,
            (
                f"callbacks[1] is a {kind}; it must be a skorch callback, e.g. "
                "skorch.callbacks.LRScheduler()."
            ),
        )
        for value, kind in [
            (3, "int"),
            ("lr", "str"),
            (("lr", 3), "int"),
            (dict, "dict"),
        ]
    ),
    unknown("loss", "crisscross", f"'auto' or one of {LOSS_NAMES}"),
    unknown(
        "loss",
        "CrossEntropy",
        f"'auto' or one of {LOSS_NAMES}",
        " Did you mean 'cross_entropy'?",
    ),
    (
        "loss",
        CrossEntropyLoss,
        TypeError,
        "loss is the class CrossEntropyLoss; pass an instance, CrossEntropyLoss().",
    ),
    *(
        (
            "loss",
            value,
            TypeError,
            (
                f"loss={value!r} is a {kind}; pass 'auto', one of {LOSS_NAMES} or a "
                "simclf.losses.Loss, e.g. SoftTargetLoss(temperature=0.5)."
            ),
        )
        for value, kind in [
            (None, "NoneType"),
            (torch.nn.CrossEntropyLoss(), "CrossEntropyLoss"),
            (max, "builtin_function_or_method"),
        ]
    ),
]


@pytest.mark.parametrize(("name", "value", "error", "message"), REFUSED)
def test_a_bad_parameter_is_refused_by_name_and_value(name, value, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        settle(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("loss", "softtarget", "soft_target"),
        ("loss", "Auto", "auto"),
        ("module", "residuals", "residual"),
        ("optimizer", "AdamW", "adamw"),
        ("decision", "bayesian", "bayes"),
    ],
)
def test_a_name_that_was_probably_meant_is_told(name, value, meant):
    with pytest.raises(ValueError, match=rf" Did you mean '{meant}'\?$"):
        settle(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "error", "start"),
    [
        ("module", "resnet", ValueError, "module='resnet' is unknown"),
        ("optimizer", "lion", ValueError, "optimizer='lion' is unknown"),
        ("device", "gpu", ValueError, "device='gpu' is no device"),
    ],
)
def test_the_other_rooms_are_asked_for_theirs(name, value, error, start):
    with pytest.raises(error, match=f"^{start}"):
        settle(**{name: value})


# What is accepted -------------------------------------------------------------


def test_the_parameters_reach_the_settings():
    settings = settle(
        lr=0.5,
        max_epochs=7,
        batch_size=9,
        n_members=3,
        n_iter_no_change=4,
        early_stopping=True,
        validation_fraction=0.25,
        standardize=False,
        weight_decay=0.125,
        optimizer="sgd",
        module="linear",
        dtype="float64",
        device="cpu",
        verbose=2,
    )
    assert (settings.lr, settings.max_epochs, settings.batch_size) == (0.5, 7, 9)
    assert (settings.n_members, settings.patience) == (3, 4)
    assert settings.validation_fraction == 0.25
    assert settings.standardize is False
    assert settings.optimizer is torch.optim.SGD
    assert settings.optimizer_settings["weight_decay"] == 0.125
    assert isinstance(settings.module, Linear)
    assert settings.dtype == torch.float64
    assert settings.device == torch.device("cpu")
    assert settings.verbose == 2
    assert settings.callbacks == []


@pytest.mark.parametrize("value", [1, np.float32(1), np.int64(1), Fraction(1)])
def test_every_kind_of_number_is_taken(value):
    found = check_number("lr", value, low=0.0)
    assert type(found) is float
    assert found == 1.0


def test_the_lower_bound_may_be_open():
    assert check_number("x", 0, low=0.0) == 0.0
    with pytest.raises(ValueError, match=r"^x=0 must be a finite number > 0\.$"):
        check_number("x", 0, low=0.0, open_low=True)


@pytest.mark.parametrize("value", [3, np.int32(3), np.uint8(3)])
def test_every_kind_of_integer_is_taken(value):
    found = check_count("x", value)
    assert type(found) is int
    assert found == 3


def test_a_count_beyond_all_sense_is_refused():
    assert check_count("x", 2**31 - 1) == 2**31 - 1
    with pytest.raises(
        ValueError, match=r"^x=2147483648 must be at most 2147483647\.$"
    ):
        check_count("x", 2**31)


@pytest.mark.parametrize("value", [True, 1, np.True_, np.int64(1)])
def test_every_kind_of_flag_is_taken(value):
    assert check_flag("x", value) is True
    assert settle(early_stopping=value, n_iter_no_change=7).patience == 7
    assert settle(verbose=value).verbose == 1


@pytest.mark.parametrize("value", [False, 0, np.False_])
def test_every_kind_of_flag_is_taken_when_it_is_down(value):
    assert check_flag("x", value) is False
    assert settle(early_stopping=value).patience is None
    assert settle(verbose=value).verbose == 0


@pytest.mark.parametrize("value", ["float32", torch.float32, np.dtype("float32")])
def test_a_dtype_has_several_names(value):
    assert settle(dtype=value).dtype == torch.float32


def test_components_are_copied():
    loss, module = TailoredScoreLoss(lam=2.0), MLP((7,))
    settings = settle(loss=loss, module=module)
    assert settings.loss is not loss
    assert settings.loss.lam == 2.0
    assert settings.module is not module
    assert settings.module.hidden_layer_sizes == (7,)


@pytest.mark.parametrize("sequence", [list, tuple])
def test_callbacks_are_copied(sequence):
    stop, pair = EarlyStopping(patience=3), ("lr", LRScheduler())
    copies = settle(callbacks=sequence([stop, pair, LRScheduler])).callbacks
    assert isinstance(copies, list)
    assert copies[0] is not stop
    assert copies[0].patience == 3
    assert copies[1][0] == "lr"
    assert copies[1][1] is not pair[1]
    assert copies[2] is LRScheduler


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_by_name_is_the_component_with_default_settings(name):
    loss = resolve_loss(name)
    assert type(loss) is LOSSES[name]
    assert repr(loss) == repr(LOSSES[name]())


def test_auto_is_a_choice_that_cross_entropy_is_part_of():
    choice = resolve_loss("auto", TABLE)
    assert isinstance(choice, CandidateLosses)
    assert isinstance(choice.losses[0], CrossEntropyLoss)
    assert len(choice.losses) > 1
    assert all(loss.estimates == "posterior" for loss in choice.losses)


def test_auto_is_cross_entropy_where_there_is_no_table():
    table = resolve_table(None, ["ant", "bee"])
    assert isinstance(resolve_loss("auto", table), CrossEntropyLoss)


def test_auto_is_what_was_chosen_before():
    before = PairwiseLoss()
    assert resolve_loss("auto", TABLE, before) is before
    assert isinstance(resolve_loss("cross_entropy", TABLE, before), CrossEntropyLoss)


def test_every_candidate_has_members_of_its_own():
    settings = settle(loss="auto", calibration=None, early_stopping=False, n_members=3)
    assert settings.n_networks == 3 * len(settings.loss.losses)
    assert settings.needs_held_out_rows
    assert settle(loss="pairwise", n_members=3).n_networks == 3


def test_rows_that_come_in_parts_leave_no_choice():
    clf = SimilarityAwareClassifier(loss="auto")
    loss = resolve_settings(clf, TABLE, 100, in_parts=True).loss
    assert isinstance(loss, CrossEntropyLoss)
    before = PairwiseLoss()
    found = resolve_settings(clf, TABLE, 100, in_parts=True, loss_before=before)
    assert found.loss is before


# What follows from what -------------------------------------------------------

YES, NO = True, False


@pytest.mark.parametrize(
    ("kind", "decision", "calibration", "resolved", "calibrate"),
    [
        ("posterior", "auto", "auto", "bayes", YES),
        ("posterior", "auto", "temperature", "bayes", YES),
        ("posterior", "auto", None, "bayes", NO),
        ("posterior", "bayes", "auto", "bayes", YES),
        ("posterior", "argmax", "auto", "argmax", NO),
        ("posterior", "argmax", "temperature", "argmax", YES),
        ("posterior", "argmax", None, "argmax", NO),
        ("decision", "auto", "auto", "argmax", NO),
        ("decision", "auto", None, "argmax", NO),
        ("decision", "bayes", "auto", "bayes", NO),
        ("decision", "argmax", "auto", "argmax", NO),
    ],
)
def test_decision_and_calibration_follow_the_loss(
    kind, decision, calibration, resolved, calibrate
):
    for loss in POSTERIOR if kind == "posterior" else DECISION:
        settings = settle(loss=loss, decision=decision, calibration=calibration)
        assert settings.decision == resolved
        assert settings.calibrate is calibrate


@pytest.mark.parametrize("loss", [*POSTERIOR, *DECISION])
@pytest.mark.parametrize("decision", ["auto", "bayes", "argmax"])
def test_without_a_table_every_decision_is_argmax(loss, decision):
    settings = settle(IDENTITY, loss=loss, decision=decision)
    assert settings.decision == "argmax"
    assert settings.calibrate is False


@pytest.mark.parametrize("loss", DECISION)
def test_a_temperature_needs_a_posterior(loss):
    message = (
        rf"^calibration='temperature' needs class probabilities, but loss '{loss}' "
        r"estimates decisions; use calibration='auto' or None\.$"
    )
    with pytest.raises(ValueError, match=message):
        settle(loss=loss, calibration="temperature")


@pytest.mark.parametrize("loss", DECISION)
def test_answers_learned_directly_leave_nothing_to_bayes(loss):
    message = (
        rf"^decision='bayes' needs class probabilities, but loss '{loss}' learns all 4 "
        r"answers of the table directly; use decision='auto', or a loss that estimates "
        r"the posterior\.$"
    )
    with pytest.raises(ValueError, match=message):
        settle(WIDE, loss=loss, decision="bayes")
    assert settle(WIDE, loss=loss).decision == "argmax"


@pytest.mark.parametrize("loss", POSTERIOR)
def test_further_answers_are_chosen_by_bayes_from_a_posterior(loss):
    assert settle(WIDE, loss=loss).decision == "bayes"
    assert settle(WIDE, loss=loss, decision="bayes").decision == "bayes"


@pytest.mark.parametrize(
    ("value", "calibration", "n_rows", "stops"),
    [
        ("auto", "auto", 49, NO),
        ("auto", "temperature", 49, NO),
        ("auto", None, 49, NO),
        ("auto", None, 50, YES),
        ("auto", "auto", 50, YES),
        (True, None, 20, YES),
        (False, "auto", 50, NO),
        (False, None, 10_001, NO),
    ],
)
def test_when_training_stops_early(value, calibration, n_rows, stops):
    settings = settle(
        n_rows=n_rows, early_stopping=value, calibration=calibration, n_iter_no_change=4
    )
    assert settings.patience == (4 if stops else None)


@pytest.mark.parametrize(
    ("n_rows", "batch_size", "max_epochs", "patience"),
    [
        (50, 128, 1000, 167),
        (129, 128, 500, 83),
        (2000, 128, 63, 10),
        (2100, 128, 60, 10),
        (10**6, 128, 60, 10),
        (60, 1, 60, 10),
    ],
)
def test_few_rows_are_gone_through_more_often(n_rows, batch_size, max_epochs, patience):
    found = settle(n_rows=n_rows, batch_size=batch_size)
    assert (found.max_epochs, found.patience) == (max_epochs, patience)


def test_more_epochs_are_for_trainings_that_may_stop():
    assert settle(n_rows=49).max_epochs == 60
    assert settle(n_rows=49, early_stopping=True).max_epochs == 1000
    assert settle(n_rows=60, early_stopping=False).max_epochs == 60
    table, clf = TABLE, SimilarityAwareClassifier()
    assert resolve_settings(clf, table, 60, in_parts=True).max_epochs == 60


@pytest.mark.parametrize(("max_epochs", "patience"), [(5, 10), (60, 10), (600, 100)])
def test_a_sixth_of_the_training_is_waited_for(max_epochs, patience):
    assert settle(max_epochs=max_epochs).patience == patience
    assert settle(max_epochs=max_epochs, n_iter_no_change=3).patience == 3


@pytest.mark.parametrize(
    ("early_stopping", "calibration", "needed"),
    [(True, None, YES), (False, "auto", YES), (False, None, NO), (True, "auto", YES)],
)
def test_rows_are_held_out_where_something_is_measured_on_them(
    early_stopping, calibration, needed
):
    settings = settle(early_stopping=early_stopping, calibration=calibration)
    assert settings.needs_held_out_rows is needed


def test_the_estimator_is_only_read():
    estimator = SimilarityAwareClassifier(
        ExpectedScoreLoss(), callbacks=[LRScheduler()]
    )
    before = dict(vars(estimator))
    resolve_settings(estimator, TABLE, 100)
    assert vars(estimator) == before
