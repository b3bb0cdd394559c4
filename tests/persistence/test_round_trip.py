"""What is loaded is what was saved: answers, parameters, and how it goes on."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from skorch.callbacks import EarlyStopping
from torch import nn

import simclf
from simclf import BayesDecisionClassifier, SimilarityAwareClassifier
from simclf.losses import LOSSES, CrossEntropyLoss, SoftTargetLoss
from simclf.modules import MLP
from tests.persistence.cases import (
    ANIMALS,
    CODES,
    SMALL,
    VALUES,
    WITH_REFER,
    Deep,
    S,
    Sharp,
    X,
    assert_same,
    fitted,
    tampered,
)

DATA = Path(__file__).parent.parent / "data"
CASES = {
    "no_table": {},
    "array": {"similarity": VALUES},
    "lists": {"similarity": VALUES.tolist()},
    "integers": {"similarity": np.eye(3, dtype=np.int8)},
    "frame": {"similarity": S},
    "frame_of_mixed_columns": {"similarity": S.round().astype({"bat": int})},
    "named_axes": {"similarity": S.rename_axis("truth").rename_axis("is", axis=1)},
    "frame_with_lacks": {
        "similarity": S.reindex([*ANIMALS, "dog"], axis=0).assign(dog=0)
    },
    "cost": {"cost": WITH_REFER},
    "further_answers": {"similarity": WITH_REFER},
    "csr": {"similarity": sparse.csr_array(VALUES)},
    "csc": {"similarity": sparse.csc_matrix(VALUES)},
    "coo": {"cost": sparse.coo_array(1 - np.eye(3))},
    "auto": {"similarity": S, "loss": "auto"},
    "noise": {"loss": CrossEntropyLoss(noise_matrix=S.div(S.sum(axis=1), axis=0))},
    "component": {"similarity": S, "loss": SoftTargetLoss(temperature=0.5)},
    "weights": {
        "class_weight": {np.str_("Ape"): 2, "bat": np.float32(0.1), "cow": 1.0}
    },
    "one_member": {"n_members": 1},
    "deeper": {"module": MLP([6, 5], "tanh", 0.0)},
    "one_deeper": {"module": MLP((6, 5), "silu", 0.3), "n_members": 1},
    "no_dropout": {"module": MLP(7, dropout=0), "n_members": 1},
    "default": {"module": "mlp"},
    "linear": {"module": "linear"},
    "one_linear": {"module": "linear", "n_members": 1},
    "float64": {"dtype": "float64"},
    "as_it_is": {"standardize": False},
    "sgd": {"optimizer": "sgd", "random_state": np.int64(3)},
    "state": {"random_state": np.random.RandomState(3)},
    "argmax": {"similarity": S, "decision": "argmax", "calibration": None},
}
OWN = {
    "class": (Deep, Deep),
    "function": (nn.Linear,) * 2,
    "sequential": (lambda d, k: nn.Sequential(nn.Linear(d, 4), nn.Linear(4, k)),) * 2,
}
LABELS = {
    "text": ["Ape", "\u00e9 \ud800", ""],
    "integers": [-5, 0, 2**62],
    "small_integers": np.array([3, 200, 7], dtype=np.uint8),
    "floats": [2.0, -0.0, 5.0],
    "objects": np.array(["x", "yy", "z"], dtype=object),
}


class OwnComponent(MLP):
    """A component of a user's own."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::simclf.SimilarityWarning")
def test_a_loaded_model_is_the_saved_one(name: str, path: Path) -> None:
    clf = fitted(**CASES[name])
    clf.save(path)
    assert_same(clf, simclf.load(path))


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_comes_back(loss: str, path: Path) -> None:
    clf = fitted(similarity=S, loss=loss)
    clf.save(path)
    again = simclf.load(path)
    assert_same(clf, again)
    if clf.proba_is_posterior_ or loss == "score_regression":
        np.testing.assert_array_equal(clf.expected_scores(X), again.expected_scores(X))


@pytest.mark.parametrize("name", LABELS)
def test_labels_come_back(name: str, path: Path) -> None:
    clf = fitted(LABELS[name])
    clf.save(path)
    assert_same(clf, simclf.load(path))


def test_labels_of_two_kinds_come_back(path: Path) -> None:
    clf = SimilarityAwareClassifier(module="linear", max_epochs=1, random_state=0)
    clf.fit(X, CODES == 1).save(path)
    assert simclf.load(path).classes_.tolist() == [False, True]
    table = pd.DataFrame([[1.0, 0, 0.5], [0, 1, 0.6]], [0, 1], [0, 1, "ask"])
    clf.set_params(similarity=table).fit(X, CODES == 1).save(path)
    assert_same(clf, simclf.load(path))


def test_names_and_tails_of_features_come_back(path: Path) -> None:
    frame = pd.DataFrame(np.exp(3 * X), columns=["a", "b", "\u03b3"])
    clf = fitted(rows=frame, similarity=S)
    assert clf.heavy_tailed_.any()
    clf.save(path)
    assert_same(clf, simclf.load(path), frame)


@pytest.mark.parametrize("n_members", [1, 2])
@pytest.mark.parametrize("name", OWN)
def test_a_module_of_ones_own_comes_back(name: str, n_members: int, path: Path) -> None:
    module, again = OWN[name]
    clf = fitted(module=module, n_members=n_members)
    clf.save(path)
    assert_same(clf, simclf.load(path, module=again))


def test_a_component_of_ones_own_comes_back_with_its_parameters(path: Path) -> None:
    clf = fitted(module=OwnComponent((9,), "relu"))
    clf.save(path)
    assert_same(clf, simclf.load(path, module=OwnComponent))


def test_a_loss_of_ones_own_comes_back_with_its_parameters(path: Path) -> None:
    clf = fitted(loss=Sharp(label_smoothing=0.25))
    clf.save(path)
    again = SimilarityAwareClassifier.load(path, loss=Sharp)
    assert_same(clf, again)
    assert again.net_.criterion_.loss.label_smoothing == 0.25


def test_code_of_ones_own_has_to_be_given(path: Path) -> None:
    fitted(module=Deep, loss=Sharp()).save(path)
    for given, sentence in [
        (
            {},
            r"loss 'Sharp', which is code of its author .* load\(path, loss=Sharp\)\.",
        ),
        ({"loss": Sharp}, r"module 'Deep', .* call load\(path, module=Deep\)\."),
        ({"loss": Sharp, "module": nn.Linear}, "but module=Linear was given"),
        ({"loss": CrossEntropyLoss, "module": Deep}, "but loss=CrossEntropyLoss was"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            simclf.load(path, **given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"module": Deep}, r"module=Deep was given, but the module of this model is "),
        ({"loss": 3}, r"loss=int was .* simclf; call load\(path\) without loss\.$"),
    ],
)
def test_code_that_no_file_needs_is_refused(
    given: dict[str, Any], sentence: str, path: Path
) -> None:
    fitted(module="linear").save(path)
    with pytest.raises(ValueError, match=sentence):
        simclf.load(path, **given)


def test_code_of_ones_own_has_to_be_of_the_kind_that_was_fitted(path: Path) -> None:
    def builder(name: str) -> Any:
        def build(*_: Any) -> nn.Module:
            raise AssertionError

        build.__name__ = name
        return build

    fitted(loss=Sharp()).save(path)
    with pytest.raises(ValueError, match="must be the class Sharp itself"):
        simclf.load(path, loss=builder("Sharp"))
    fitted(module=OwnComponent((3,))).save(path)
    with pytest.raises(ValueError, match="must be the component class OwnComponent"):
        simclf.load(path, module=builder("OwnComponent"))


def test_another_class_of_the_same_name_does_not_fit(path: Path) -> None:
    class Other(nn.Linear):
        pass

    Other.__name__ = "Deep"
    fitted(module=Deep).save(path)
    with pytest.raises(ValueError, match="weights do not fit the network"):
        simclf.load(path, module=Other)


def test_a_loaded_model_clones_and_pickles(path: Path) -> None:
    clf = fitted(similarity=S)
    clf.save(path)
    again = simclf.load(path)
    assert_same(clf, pickle.loads(pickle.dumps(again)))
    fresh = clone(again).fit(X, ANIMALS[CODES])
    np.testing.assert_array_equal(fresh.predict_proba(X), clf.predict_proba(X))


def test_a_warm_start_goes_on_as_from_the_saved_model(path: Path) -> None:
    clf = fitted(similarity=S, warm_start=True)
    clf.save(path)
    again = simclf.load(path).fit(X, ANIMALS[CODES])
    before = clf.predict_proba(X)
    clf.fit(X, ANIMALS[CODES])
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    assert (clf.predict_proba(X) != before).any()


def test_a_loaded_model_learns_on_in_parts(path: Path) -> None:
    clf = fitted(similarity=S, loss="auto")
    clf.save(path)
    again = simclf.load(path).partial_fit(X, ANIMALS[CODES])
    assert again.n_iter_ == clf.n_iter_ + 1
    assert again.loss_curve_[:-1] == clf.loss_curve_
    assert (again.predict_proba(X) != clf.predict_proba(X)).any()


def test_what_was_set_after_the_fit_is_kept_but_changes_nothing(path: Path) -> None:
    clf = fitted(similarity=WITH_REFER)
    clf.set_params(
        module="linear",
        n_members=5,
        loss="pairwise",
        similarity=None,
        decision="argmax",
        dtype="float64",
        calibration=None,
    )
    clf.save(path)
    again = simclf.load(path)
    assert_same(clf, again)
    assert again.net_.module_.first.weight.dtype == torch.float32


def test_a_module_set_after_the_fit_is_refused_where_it_is_needed(path: Path) -> None:
    clf = fitted(module=Deep).set_params(module="linear")
    with pytest.raises(ValueError, match="cannot be saved so that it could be loaded"):
        clf.save(path)
    clf.set_params(module=nn.Linear)
    with pytest.raises(ValueError, match="Set the parameters back to those of the fit"):
        clf.save(path)
    assert not path.exists()


def test_what_no_fit_takes_is_refused(path: Path) -> None:
    clf = fitted().set_params(lr=-1.0)
    with pytest.raises(ValueError, match=r"cannot be saved .* loaded: lr=-1\.0 must "):
        clf.save(path)


def test_a_module_that_differs_by_its_layers_alone_is_refused(path: Path) -> None:
    def build(d: int, k: int) -> nn.Module:
        return nn.Sequential(nn.Linear(d, 4), activation(), nn.Linear(4, k))

    activation: Any = nn.ReLU
    clf = fitted(module=build)
    activation = nn.Sigmoid
    with pytest.raises(ValueError, match="builds another network than the one"):
        clf.save(path)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"similarity": lambda classes: np.eye(len(classes))},
            r"^similarity is the function <lambda>, which .* with the table that it ",
        ),
        (
            {"callbacks": [EarlyStopping()]},
            r"^callbacks\[0\] is a EarlyStopping, .* set_params\(callbacks=None\)",
        ),
        (
            {"optimizer": torch.optim.RMSprop},
            r"^optimizer is the \w+ RMSprop, .* set_params\(optimizer='adamw'\)",
        ),
        (
            {"random_state": np.random.RandomState(np.random.PCG64(1))},
            r"^random_state is a RandomState, .* Call set_params\(random_state=0\)",
        ),
        ({"similarity": sparse.dia_array(np.eye(3))}, "^similarity is a dia_array"),
        (
            {"similarity": S.astype("Float64")},
            "^similarity is a DataFrame, .* DataFrames of numpy columns",
        ),
        (
            {"loss": SoftTargetLoss(np.eye(3).astype(np.longdouble))},
            "^loss.targets has dtype .*128. A file holds data",
        ),
    ],
)
def test_code_is_refused_by_name(
    parameters: dict[str, Any], sentence: str, path: Path
) -> None:
    clf = fitted(**parameters)
    with pytest.raises(TypeError, match=sentence):
        clf.save(path)
    assert not path.exists()


def test_code_can_be_set_aside_to_save(path: Path) -> None:
    clf = fitted(
        callbacks=[EarlyStopping(monitor="train_loss")], optimizer=torch.optim.RMSprop
    )
    clf.set_params(callbacks=None, optimizer="adamw").save(path)
    assert_same(clf, simclf.load(path))


def test_other_labels_are_refused_by_name(path: Path) -> None:
    days = np.array(["2020-01-01", "2021-01-01", "2022-01-01"], dtype="datetime64[D]")
    clf = fitted()
    clf._table_ = type(clf._table_)(VALUES, days, days, "identity")
    sentence = (
        r"^classes_ has dtype datetime64\[D\]. Labels of a saved model are strings"
    )
    with pytest.raises(TypeError, match=sentence):
        clf.save(path)


def test_there_must_be_something_to_save(path: Path) -> None:
    with pytest.raises(NotFittedError):
        SimilarityAwareClassifier().save(path)


def test_decisions_about_other_libraries_are_not_saved() -> None:
    assert not hasattr(BayesDecisionClassifier, "save")


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "mps"])
def test_without_its_device_a_model_is_loaded_on_the_cpu(
    device: str, path: Path
) -> None:
    if device == "cuda" and torch.cuda.is_available():
        pytest.skip("there is such a device")
    clf = fitted().set_params(device=device)
    clf.save(path)
    again = simclf.load(path)
    assert again.device == device
    assert again.net_.device == "cpu"
    np.testing.assert_array_equal(clf.predict_proba(X), again.predict_proba(X))


def test_global_settings_and_generators_are_left_alone(path: Path) -> None:
    fitted(module=Deep).save(path)
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002 - it is the global one that must not move
    state, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002 - as above
    torch.set_default_dtype(torch.float64)
    try:
        with torch.inference_mode():
            again = simclf.load(path, module=Deep)
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(np.random.get_state()[1], legacy)  # noqa: NPY002 - as above
    again.partial_fit(X, ANIMALS[CODES])


class Narrow(SimilarityAwareClassifier):
    """A classifier of a user's own."""


def test_a_class_of_ones_own_loads_as_itself(path: Path) -> None:
    Narrow(module="linear", max_epochs=1).fit(X, ANIMALS[CODES]).save(path)
    assert type(Narrow.load(path)) is Narrow
    assert type(simclf.load(path)) is SimilarityAwareClassifier


def test_a_parameter_of_a_later_release_has_its_default(path: Path) -> None:
    clf = fitted(similarity=S)
    clf.save(path)
    older = tampered(
        path.read_bytes(), lambda document, _: document["parameters"].pop("verbose")
    )
    path.write_bytes(older)
    assert_same(clf, simclf.load(path))


def test_the_same_model_gives_the_same_bytes(path: Path) -> None:
    clf = fitted(similarity=S)
    clf.save(path)
    first = path.read_bytes()
    simclf.load(path).save(path)
    assert path.read_bytes() == first


def test_no_training_rows_are_in_the_file(path: Path) -> None:
    clf = fitted(module="linear")
    clf.save(path)
    assert path.stat().st_size < 4_000
    assert X[0].tobytes() not in path.read_bytes()


def test_the_format_of_release_0_1_is_still_read() -> None:
    # Never write these two files anew: they stand for models that users have.
    expected = json.loads((DATA / "model_v1.json").read_text())
    clf = simclf.load(DATA / "model_v1.safetensors")
    assert clf.classes_.tolist() == expected["classes"]
    rows = pd.DataFrame(expected["X"], columns=clf.feature_names_in_)
    assert clf.predict(rows).tolist() == expected["answers"]
    np.testing.assert_allclose(clf.predict_proba(rows), expected["proba"], rtol=1e-5)
    assert clf.similarity.loc["bat", "refer"] == 0.4
    assert clf.module.hidden_layer_sizes == SMALL.hidden_layer_sizes
