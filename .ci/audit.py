"""Look the pinned versions up among known vulnerabilities; say so where nobody can.

    python .ci/audit.py [constraints.txt]

Fails where pip-audit knows of one. Without the advisory service pip-audit calls every
package unknown and is content, so the first pin is asked about alone: if nothing is
known of that, nothing was looked up, and one line says so.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

AUDIT = ["-m", "pip_audit", "--no-deps", "--disable-pip", "--format=json"]
QUIET = ["--progress-spinner=off", "--timeout=10"]
NOTICE = "pip-audit: the advisory service cannot be reached; no pin was looked up."


def main(path: Path) -> int:
    """Return 1 where a pin is known to be vulnerable, else 0."""
    pins = [line for line in path.read_text().splitlines() if "==" in line]
    if not audited(pins[:1]):
        print(NOTICE)
        return 0
    found = audited(pins)
    bad = [entry for entry in found if entry["vulns"]]
    for entry in bad:
        known = ", ".join(vulnerability["id"] for vulnerability in entry["vulns"])
        print(f"{entry['name']}=={entry['version']}: {known}")
    print(f"pip-audit: {len(found)} of {len(pins)} pins looked up, {len(bad)} bad.")
    return int(bool(bad))


def audited(pins: list[str]) -> list[dict[str, Any]]:
    """Return what is known of the pins that the service knows."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pins))
        file.flush()
        done = subprocess.run(
            [sys.executable, *AUDIT, *QUIET, "-r", file.name],
            check=False,
            capture_output=True,
            text=True,
        )
    try:
        entries = json.loads(done.stdout)["dependencies"]
    except ValueError:  # no connection: a traceback instead of JSON
        return []
    return [entry for entry in entries if "vulns" in entry]


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:] or ["constraints.txt"])))
