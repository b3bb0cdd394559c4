"""Count the properties that a run has tried, and the examples it tried them with."""

import re
from typing import Any

import pytest

FEWEST_PROPERTIES = 25
FEWEST_EXAMPLES = 5_000
_KEY = "properties"
_PASSING = re.compile(r"- (\d+) passing, ")


class PropertyCount:
    """Plugin of pytest: a line in the summary, and a floor under whole runs.

    A property is a test function; the cases of a parametrised one are more examples of
    it. Hypothesis leaves a text on each test that it has run.
    """

    def __init__(self) -> None:
        self.examples: dict[str, int] = {}

    def pytest_runtest_teardown(self, item: Any) -> None:
        """Read what Hypothesis says of a test."""
        text = getattr(item, "hypothesis_statistics", "")
        passing = sum(map(int, _PASSING.findall(text)))
        if passing:
            name = item.nodeid.partition("[")[0]
            self.examples[name] = self.examples.get(name, 0) + passing

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what a process of a run on several has tried."""
        for name, passing in getattr(node, "workeroutput", {}).get(_KEY, {}).items():
            self.examples[name] = self.examples.get(name, 0) + passing

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say how much was tried."""
        if self.examples:
            terminalreporter.write_line(self.summary)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: Any) -> None:
        """Fail a whole run that has passed, but tried too little.

        A process that runs a part of the tests hands its count to the one that asked.
        """
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_KEY] = self.examples
        elif is_whole(session.config) and session.exitstatus == 0 and self.too_few:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def summary(self) -> str:
        """What was tried, and the floor where it lies above."""
        said = f"properties: {len(self.examples)}, examples: {self.total}"
        least = f"{FEWEST_PROPERTIES} and {FEWEST_EXAMPLES}"
        return f"{said} (a whole run needs {least})" if self.too_few else said

    @property
    def total(self) -> int:
        """Number of examples."""
        return sum(self.examples.values())

    @property
    def too_few(self) -> bool:
        """Whether a whole run must not be content."""
        few_properties = len(self.examples) < FEWEST_PROPERTIES
        return few_properties or self.total < FEWEST_EXAMPLES


def is_whole(config: Any) -> bool:
    """Whether pytest was asked for everything, not for a file or a name."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    named = (config.option.keyword, config.option.markexpr, config.option.deselect)
    return everything and not any(named) and not config.option.collectonly
