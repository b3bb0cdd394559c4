"""Parameters of the estimator and of losses that cannot be used.

As in :mod:`tests.reliability.bad_rows`; the culprit is the parameter.
"""

import numpy as np
import torch
from torch import nn

from simclf import SimilarityAwareClassifier
from simclf.losses import (
    CrossEntropyLoss,
    EntropicScoreLoss,
    ExpectedScoreLoss,
    KernelBrierLoss,
    PairwiseLoss,
    ScoreRegressionLoss,
    SoftmaxMarginLoss,
    SoftTargetLoss,
    TailoredScoreLoss,
)
from simclf.modules import MLP
from tests.reliability.calls import S, fit, fit_set, frame

V, T = ValueError, TypeError
WIDE = frame().assign(refer=0.3)
NAN, INF = float("nan"), float("inf")


class NoArguments(nn.Module):
    def __init__(self):
        super().__init__()


class Normalised(nn.Sequential):
    def __init__(self, n_features, n_outputs):
        super().__init__(nn.BatchNorm1d(n_features), nn.Linear(n_features, n_outputs))


class FailsInTraining(nn.Linear):
    def forward(self, rows):
        if self.training:
            msg = "not today"
            raise RuntimeError(msg)
        return super().forward(rows)


class NeverFinite(nn.Linear):
    def forward(self, rows):
        return super().forward(rows) * NAN


A_NUMBER = "must be a number"
FINITE = "must be a finite number"
POSITIVE = "a positive integer"
FLAG = "must be True or False"
NETWORK = "Pass a name"
RETURN = "return an nn.Module"
MAP = "must map"
OPTIMIZER = "torch.optim.Optimizer class"
CALLBACK = "skorch"
SEED = "must be None, an integer"
WEIGHTS = "Pass None, 'balanced' or a dict"
DTYPE = "use one of"
DEVICE = "use 'auto'"
LOSS = "'cross_entropy'"
SGD = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
COUNT = [
    ("zero", 0, V),
    ("negative", -1, V),
    ("fraction", 1.5, T),
    ("flag", True, T),
    ("None", None, T),
    ("word", "many", T),
    ("large", 2**40, V),
    ("list", [3], T),
]
NUMBER = [
    ("word", "0.1", T, A_NUMBER),
    ("None", None, T, A_NUMBER),
    ("flag", True, T, A_NUMBER),
    ("list", [0.1], T, A_NUMBER),
    ("complex", 1j, T, A_NUMBER),
    ("negative", -1, V, FINITE),
    ("nan", NAN, V, FINITE),
    ("inf", INF, V, FINITE),
    ("large", 10**400, V, FINITE),
]
SWITCH = [
    ("word", "yes"),
    ("None", None),
    ("two", 2),
    ("float", 1.0),
    ("list", [True]),
    ("array", np.array([1, 2])),
]

PARAMETERS = [
    *(
        (count, name, value, kind, "at most" if name == "large" else POSITIVE)
        for count in ("max_epochs", "batch_size", "n_members", "n_iter_no_change")
        for name, value, kind in COUNT
    ),
    *(
        (number, *case)
        for number in ("lr", "weight_decay", "validation_fraction")
        for case in NUMBER
    ),
    ("lr", "zero", 0, V, FINITE),
    ("validation_fraction", "one", 1, V, "must be below 1"),
    *(
        (switch, name, value, V, FLAG)
        for switch in ("standardize", "warm_start")
        for name, value in SWITCH
    ),
    *(("early_stopping", name, v, V, "use 'auto', True or") for name, v in SWITCH),
    ("loss", "typo", "crossentropy", V, LOSS),
    ("loss", "None", None, T, LOSS),
    ("loss", "number", 1, T, LOSS),
    ("loss", "class", SoftTargetLoss, T, "pass an instance"),
    ("loss", "of_torch", nn.CrossEntropyLoss(), T, LOSS),
    ("loss", "function", lambda _, __: 0, T, LOSS),
    ("loss", "list", ["cross_entropy"], T, LOSS),
    ("decision", "typo", "bayse", V, "use 'auto', 'bayes' or 'argmax'"),
    ("decision", "None", None, V, "use 'auto', 'bayes' or 'argmax'"),
    ("decision", "list", ["bayes"], V, "use 'auto', 'bayes' or 'argmax'"),
    ("calibration", "typo", "temprature", V, "use None, 'auto' or 'temperature'"),
    ("calibration", "flag", False, V, "use None, 'auto' or 'temperature'"),
    ("calibration", "nan", NAN, V, "use None, 'auto' or 'temperature'"),
    ("module", "typo", "mpl", V, NETWORK),
    ("module", "None", None, T, NETWORK),
    ("module", "list", ["mlp"], T, NETWORK),
    ("module", "dict", {"a": 1}, T, NETWORK),
    ("module", "instance", nn.Linear(3, 3), T, NETWORK),
    ("module", "component_class", MLP, T, "pass an instance"),
    ("module", "no_argument", lambda: nn.Linear(3, 3), T, RETURN),
    ("module", "one_argument", lambda _: nn.Linear(3, 3), T, RETURN),
    ("module", "three_arguments", lambda _, __, ___: nn.Linear(3, 3), T, RETURN),
    ("module", "class_without", NoArguments, T, RETURN),
    ("module", "base_class", nn.Module, T, RETURN),
    ("module", "function", torch.relu, T, RETURN),
    ("module", "returns_None", lambda _, __: None, T, "nn.Module"),
    ("module", "too_wide", lambda n, k: nn.Linear(n, k + 1), V, "must return scores"),
    ("module", "mismatch", lambda n, k: nn.Linear(n + 1, k), V, MAP),
    ("module", "nothing_to_learn", lambda _, __: nn.Identity(), V, "trainable"),
    ("module", "in_training", FailsInTraining, V, "must take any number of rows"),
    ("optimizer", "typo", "adamm", V, OPTIMIZER),
    ("optimizer", "None", None, T, OPTIMIZER),
    ("optimizer", "instance", SGD, T, OPTIMIZER),
    ("optimizer", "function", lambda _: 0, T, OPTIMIZER),
    ("optimizer", "module", nn.Linear, T, OPTIMIZER),
    ("optimizer", "lbfgs", torch.optim.LBFGS, V, "use one of"),
    ("optimizer", "sparse", torch.optim.SparseAdam, V, "use one of"),
    ("optimizer", "base", torch.optim.Optimizer, V, "use one of"),
    ("class_weight", "typo", "balance", V, WEIGHTS),
    ("class_weight", "number", 1, V, WEIGHTS),
    ("class_weight", "list", [1, 2, 3], V, WEIGHTS),
    ("class_weight", "array", np.ones(3), V, WEIGHTS),
    ("class_weight", "function", lambda _: 1, V, WEIGHTS),
    ("class_weight", "other_label", {"ant": 1, "bee": 1, "Cat": 1}, V, WEIGHTS),
    ("class_weight", "word", {"ant": "a", "bee": 1, "cat": 1}, V, WEIGHTS),
    ("class_weight", "lists", {"ant": [1], "bee": [1], "cat": [1]}, V, WEIGHTS),
    ("class_weight", "large", {"ant": 10**400, "bee": 1, "cat": 1}, V, WEIGHTS),
    ("class_weight", "negative", {"ant": -1, "bee": 1, "cat": 1}, V, "must be finite"),
    ("class_weight", "nan", {"ant": NAN, "bee": 1, "cat": 1}, V, "must be finite"),
    ("class_weight", "zeros", {"ant": 0, "bee": 0, "cat": 0}, V, "must contain"),
    ("callbacks", "word", "stop", T, CALLBACK),
    ("callbacks", "number_inside", [1], T, CALLBACK),
    ("callbacks", "function_inside", [lambda _: 0], T, CALLBACK),
    ("callbacks", "dict", {"a": 1}, T, CALLBACK),
    ("callbacks", "pair", [("stop", 1)], T, CALLBACK),
    ("callbacks", "None_inside", [None], T, CALLBACK),
    ("dtype", "half", "float16", V, DTYPE),
    ("dtype", "case", "Float32", V, DTYPE),
    ("dtype", "None", None, V, DTYPE),
    ("dtype", "number", 32, V, DTYPE),
    ("dtype", "bfloat", torch.bfloat16, V, DTYPE),
    ("device", "gpu", "gpu", V, DEVICE),
    ("device", "case", "CPU", V, DEVICE),
    ("device", "None", None, V, DEVICE),
    ("device", "number", 1, V, DEVICE),
    ("device", "large", 10**400, V, DEVICE),
    ("device", "meta", "meta", V, DEVICE),
    ("device", "no_such", "cuda:77", V, "use device='cpu'"),
    ("random_state", "word", "a", V, SEED),
    ("random_state", "negative", -1, V, SEED),
    ("random_state", "fraction", 1.5, V, SEED),
    ("random_state", "flag", True, V, SEED),
    ("random_state", "large", 2**40, V, SEED),
    ("random_state", "generator", np.random.default_rng(0), V, SEED),
    ("verbose", "word", "a", T, A_NUMBER),
    ("verbose", "None", None, T, A_NUMBER),
    ("verbose", "negative", -1, V, FINITE),
]

NETWORKS = [
    ("hidden_layer_sizes", MLP(hidden_layer_sizes=(0,)), V),
    ("hidden_layer_sizes", MLP(hidden_layer_sizes="a"), T),
    ("hidden_layer_sizes", MLP(hidden_layer_sizes=(2.5,)), V),
    ("hidden_layer_sizes", MLP(hidden_layer_sizes=(True,)), V),
    ("activation", MLP(activation="gelo"), V),
    ("dropout", MLP(dropout=1), V),
    ("dropout", MLP(dropout="a"), V),
]

LOSSES = [
    ("temperature", SoftTargetLoss(temperature=-1), V),
    ("temperature", SoftTargetLoss(temperature="a"), T),
    ("temperature", SoftTargetLoss(temperature=True), T),
    ("targets", SoftTargetLoss(targets=3), V),
    ("warm_start", ExpectedScoreLoss(warm_start=2), V),
    ("logit_bias", ExpectedScoreLoss(logit_bias="x"), V),
    ("tau", ExpectedScoreLoss(tau=10**400), V),
    ("kernel", KernelBrierLoss(kernel="dot"), V),
    ("lam", TailoredScoreLoss(lam=NAN), V),
    ("warmup", TailoredScoreLoss(warmup=-1), V),
    ("label_smoothing", CrossEntropyLoss(label_smoothing=1.5), V),
    ("kind", ScoreRegressionLoss(kind="abs"), V),
    ("symmetrize", PairwiseLoss(symmetrize="yes"), T),
    ("margin", SoftmaxMarginLoss(margin=-1), V),
    ("tau", EntropicScoreLoss(tau=0), V),
]

BY_NAME = [
    ("soft_target", "temperature", 0, V),
    ("soft_target", "targets", "x", V),
    ("tailored_score", "lam", -1, V),
    ("tailored_score", "tau", None, T),
    ("expected_score", "warm_start", 1.5, V),
    ("kernel_brier", "weight", INF, V),
    ("softmax_margin", "margin", NAN, V),
    ("cross_entropy", "label_smoothing", "much", T),
    ("score_regression", "kind", "l1", V),
    ("pairwise", "symmetrize", 2, T),
    ("log_expected_score", "floor", 2, V),
    ("entropic_score", "tau", True, T),
]


def change(**params):
    return lambda: SimilarityAwareClassifier(loss="soft_target").set_params(**params)


CHANGES = [
    ("unknown", change(learning_rate=1), "learning_rate", None),
    ("of_the_loss", change(loss__temprature=1), "temprature", None),
    ("of_the_module", change(module__dropuot=1), "dropuot", None),
    ("of_a_number", change(lr__x=1), "lr__x", "set lr itself"),
    (
        "of_a_name",
        change(optimizer__momentum=1),
        "optimizer__m",
        "set optimizer itself",
    ),
]

CASES = [
    *(
        (f"{parameter}_{name}", fit(**{parameter: value}), kind, parameter, remedy)
        for parameter, name, value, kind, remedy in PARAMETERS
    ),
    *(
        (
            f"network_{at}_{name}",
            fit(module=module),
            kind,
            name,
            "use one of" if name == "activation" else "must be",
        )
        for at, (name, module, kind) in enumerate(NETWORKS)
    ),
    *(
        (
            f"loss_{at}_{name}",
            fit(similarity=S, loss=loss),
            kind,
            name,
            "Pass a" if name == "targets" else "must be",
        )
        for at, (name, loss, kind) in enumerate(LOSSES)
    ),
    *(
        (
            f"{loss}__{name}",
            fit_set(loss, **{f"loss__{name}": value}),
            kind,
            name,
            "must be",
        )
        for loss, name, value, kind in BY_NAME
    ),
    *(
        (f"set_{name}", call, V, culprit, remedy)
        for name, call, culprit, remedy in CHANGES
    ),
    (
        "bayes_of_answers",
        fit(
            similarity=frame().assign(refer=0.3),
            loss="expected_score",
            decision="bayes",
        ),
        V,
        "decision='bayes'",
        "use decision='auto'",
    ),
    (
        "temperature_of_answers",
        fit(similarity=S, loss="expected_score", calibration="temperature"),
        V,
        "calibration='temperature'",
        "use calibration='auto'",
    ),
    *(
        (
            f"rows_of_one_{n}",
            fit(module=Normalised, batch_size=1, n_members=n),
            V,
            "module",
            "use batch_size=2",
        )
        for n in (1, 2)
    ),
    ("diverges", fit(lr=1e30), V, "(loss is nan) with lr=1e+30", "smaller lr"),
    ("never_finite", fit(module=NeverFinite), V, "in epoch 1 (loss is nan)", "scale X"),
]
