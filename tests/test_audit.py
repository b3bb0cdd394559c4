"""What .ci/audit.py makes of the answers of pip-audit."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "audit.py"
PINS = ["# versions", "ant==1.0", "bee==2.0", "cat==3.0"]


@pytest.fixture
def audit() -> Any:
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers(known: dict[str, list[str]]) -> Any:
    """Return what runs in pip-audit's place: it knows these, and their faults."""

    def run(command: list[str], **_: Any) -> SimpleNamespace:
        asked = Path(command[-1]).read_text().splitlines()
        entries: list[dict[str, Any]] = []
        for name, version in (pin.split("==") for pin in asked):
            entry = {"name": name, "version": version}
            if name in known:
                faults = [{"id": fault, "fix_versions": []} for fault in known[name]]
                entries.append(entry | {"vulns": faults})
            else:
                entries.append({"name": name, "skip_reason": "not found"})
        return SimpleNamespace(stdout=json.dumps({"dependencies": entries}))

    return run


@pytest.mark.parametrize(
    ("known", "code", "said"),
    [
        ({}, 0, "the advisory service cannot be reached; no pin was looked up."),
        ({"ant": [], "cat": []}, 0, "2 of 3 pins looked up, 0 bad."),
        ({"ant": [], "bee": ["PYSEC-1", "PYSEC-2"]}, 1, "bee==2.0: PYSEC-1, PYSEC-2"),
    ],
)
def test_known_faults_fail_and_silence_is_told(
    audit: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    known: dict[str, list[str]],
    code: int,
    said: str,
) -> None:
    path = tmp_path / "constraints.txt"
    path.write_text("\n".join(PINS))
    monkeypatch.setattr(subprocess, "run", answers(known))
    assert audit.main(path) == code
    assert said in capsys.readouterr().out


def test_a_traceback_is_no_answer(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SimpleNamespace(stdout="Traceback (most recent call last):")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    assert audit.audited(["ant==1.0"]) == []


def test_the_options_are_those_of_pip_audit(audit: Any) -> None:
    pytest.importorskip("pip_audit")
    options = [part.partition("=")[0] for part in [*audit.AUDIT[2:], *audit.QUIET]]
    done = subprocess.run(
        [sys.executable, *audit.AUDIT[:2], "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert all(option in done.stdout for option in options)
