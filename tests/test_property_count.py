"""The count of properties and examples is a true one, and a floor."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property_count import PropertyCount, is_whole


def said(passing: int, nodeid: str = "tests/test_a.py::test_a") -> Any:
    """Return a test on which Hypothesis has left its text."""
    text = (
        "  - during reuse phase (0.00 seconds):\n"
        "    - 1 passing, 0 failing, and 0 invalid test cases\n"
        "  - during generate phase (0.10 seconds):\n"
        f"    - {passing - 1} passing, 2 failing, and 13 invalid test cases"
    )
    return SimpleNamespace(nodeid=nodeid, hypothesis_statistics=text)


def counted(n_properties: int, n_examples: int) -> PropertyCount:
    """Return a count of so many."""
    count = PropertyCount()
    for i in range(n_properties):
        count.pytest_runtest_teardown(said(n_examples // n_properties, f"test_{i}"))
    return count


def session(whole: bool = True, **changes: Any) -> Any:
    """Return a session that has passed."""
    sources = pytest.Config.ArgsSource
    option = {"keyword": "", "markexpr": "", "deselect": None, "collectonly": False}
    config = SimpleNamespace(
        args_source=sources.TESTPATHS if whole else sources.ARGS,
        option=SimpleNamespace(**{**option, **changes}),
    )
    return SimpleNamespace(config=config, exitstatus=0)


def test_phases_and_cases_of_one_test_are_added_up() -> None:
    count = PropertyCount()
    count.pytest_runtest_teardown(said(100, "test_a[one]"))
    count.pytest_runtest_teardown(said(40, "test_a[two]"))
    count.pytest_runtest_teardown(said(7, "test_b"))
    count.pytest_runtest_teardown(SimpleNamespace(nodeid="test_c"))
    assert count.examples == {"test_a": 140, "test_b": 7}
    assert count.summary == (
        "properties: 2, examples: 147 (a whole run needs 25 and 5000)"
    )


def test_enough_is_enough() -> None:
    count = counted(25, 5_000)
    assert count.summary == "properties: 25, examples: 5000"


@pytest.mark.parametrize(
    ("n_properties", "n_examples", "fails"),
    [(25, 5_000, False), (24, 24_000, True), (25, 4_975, True), (1, 0, True)],
)
def test_a_whole_run_of_too_little_fails(
    n_properties: int, n_examples: int, fails: bool
) -> None:
    run = session()
    counted(n_properties, n_examples).pytest_sessionfinish(run)
    assert (run.exitstatus != 0) == fails


def test_a_run_of_a_part_may_be_small_and_a_failed_one_stays_failed() -> None:
    for part in (session(whole=False), session(keyword="a"), session(deselect=["a"])):
        PropertyCount().pytest_sessionfinish(part)
        assert part.exitstatus == 0
    failed = session()
    failed.exitstatus = 2
    PropertyCount().pytest_sessionfinish(failed)
    assert failed.exitstatus == 2


def test_processes_hand_over_what_they_have_tried() -> None:
    whole = counted(24, 4_800)
    for passing in (150, 50):
        part, of_it = session(), PropertyCount()
        part.config.workeroutput = {}
        of_it.pytest_runtest_teardown(said(passing, "test_shared"))
        of_it.pytest_sessionfinish(part)
        assert part.exitstatus == 0
        whole.pytest_testnodedown(part.config)
    assert whole.summary == "properties: 25, examples: 5000"
    whole.pytest_testnodedown(SimpleNamespace())  # a process that has crashed
    run = session()
    whole.pytest_sessionfinish(run)
    assert run.exitstatus == 0


TRIED: list[int] = []


@given(st.integers())
def test_numbers_are_numbers(number: int) -> None:
    TRIED.append(number)


def test_hypothesis_says_what_it_did(request: pytest.FixtureRequest) -> None:
    """Fails when a release of Hypothesis words its text otherwise."""
    [count] = [
        plugin
        for plugin in request.config.pluginmanager.get_plugins()
        if isinstance(plugin, PropertyCount)
    ]
    names = [name for name in count.examples if name.endswith("numbers_are_numbers")]
    assert [count.examples[name] for name in names] == [len(TRIED)]
    assert is_whole(request.config) in (True, False)
