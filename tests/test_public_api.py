"""What is public is documented, and documented as it is."""

import inspect
import re
from typing import Any

import pytest

import simclf
from simclf import (
    callbacks,
    datasets,
    decision,
    distributed,
    losses,
    metrics,
    modules,
    onnx,
    plotting,
    scverse,
    search,
    similarity,
)
from simclf.losses import LOSSES
from simclf.modules import MODULES

ROOMS = [
    callbacks,
    datasets,
    decision,
    distributed,
    losses,
    metrics,
    modules,
    onnx,
    scverse,
    plotting,
    search,
    similarity,
    simclf,
]
PUBLIC = {
    f"{room.__name__}.{name}": getattr(room, name)
    for room in ROOMS
    for name in room.__all__
}
CALLABLES = {
    path: thing
    for path, thing in PUBLIC.items()
    if inspect.isclass(thing) or inspect.isfunction(thing)
}


def constants_classes_functions(name: str) -> tuple[int, str]:
    """Order of names as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def documented_defaults(thing: Any) -> dict[str, str]:
    """Defaults as the Parameters section states them."""
    return dict(
        re.findall(
            r"^ {4}(\w+) : (?:[^\n]|\\\n)*?default=([^\n]+)$",
            thing.__doc__ or "",
            flags=re.MULTILINE,
        )
    )


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_all_is_sorted_and_exists(room: Any) -> None:
    assert list(room.__all__) == sorted(room.__all__, key=constants_classes_functions)
    for name in room.__all__:
        assert hasattr(room, name)


@pytest.mark.parametrize("path", CALLABLES)
def test_every_public_name_says_what_it_is(path: str) -> None:
    doc = inspect.getdoc(CALLABLES[path])
    assert doc
    summary = doc.splitlines()[0]
    assert summary.endswith(".")


@pytest.mark.parametrize("path", CALLABLES)
def test_every_public_parameter_is_documented(path: str) -> None:
    thing = CALLABLES[path]
    if inspect.isclass(thing) and issubclass(thing, Warning):
        return
    doc = inspect.getdoc(thing) or ""
    for name, parameter in inspect.signature(thing).parameters.items():
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            assert re.search(rf"^(\w+, )*{name}(, \w+)* : ", doc, re.MULTILINE), name


@pytest.mark.parametrize("path", CALLABLES)
def test_documented_defaults_are_the_defaults(path: str) -> None:
    thing = CALLABLES[path]
    stated = documented_defaults(thing)
    if not stated:
        return
    for name, parameter in inspect.signature(thing).parameters.items():
        if name in stated and parameter.default is not parameter.empty:
            told = stated[name].strip('"')
            assert told == str(parameter.default).replace("'", '"').strip('"'), name


@pytest.mark.parametrize("path", sorted(set(CALLABLES) - {"simclf.SimilarityWarning"}))
def test_every_public_name_has_an_example(path: str) -> None:
    assert ">>>" in (inspect.getdoc(CALLABLES[path]) or ""), path


@pytest.mark.parametrize("name", LOSSES)
def test_key_class_and_file_of_a_loss_agree(name: str) -> None:
    kind = LOSSES[name]
    camel = "".join(part.capitalize() for part in name.split("_"))
    assert kind.name == name
    assert kind.__name__ == f"{camel}Loss"
    assert kind.__module__ == f"simclf.losses._{name}"


def test_registries_are_sorted() -> None:
    assert list(LOSSES) == sorted(LOSSES)
    assert list(MODULES) == sorted(MODULES)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    "heading", ["Value", "Gradient", "Minimiser", "Decision", "Limits", "References"]
)
def test_a_loss_states_what_it_promises(name: str, heading: str) -> None:
    assert heading in (inspect.getdoc(LOSSES[name]) or "")


def test_methods_of_the_estimator_are_documented() -> None:
    clf = simclf.SimilarityAwareClassifier
    for name, method in inspect.getmembers(clf, inspect.isfunction):
        if not name.startswith("_") and name in vars(clf):
            doc = inspect.getdoc(method) or ""
            assert "Returns\n-------" in doc, name
            for parameter in list(inspect.signature(method).parameters)[1:]:
                assert re.search(
                    rf"^(\*\*)?(\w+, )*\*{{0,2}}{parameter}\b", doc, re.MULTILINE
                ), (name, parameter)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Classifier'"):
        simclf.Classifier  # noqa: B018 - the access is what raises


def test_dir_lists_names_that_are_not_yet_imported() -> None:
    assert set(simclf.__all__) <= set(dir(simclf))
