"""Time that each room of simclf takes to import, and what it brings along.

    python benchmarks/imports.py [--repeats 5]

Every import runs in an interpreter of its own, and the fastest of several counts.
Processor seconds are shown, and the ratio to ``import torch, sklearn, skorch``, which
whoever trains a network pays anyway. scikit-learn imports pandas where it is
installed. The first repeat leaves the bytecode that every installed package has.
"""

import argparse
import os
import subprocess
import sys

ANCHOR = "torch, sklearn, skorch"
CLASSIFIER = "simclf.classifier"
ROOMS = [
    "numpy, scipy.sparse",
    "sklearn",
    "torch, sklearn",
    "simclf",
    "simclf.similarity",
    "simclf.decision",
    "simclf.metrics",
    "simclf.scorers",
    "simclf.datasets",
    "simclf.losses",
    "simclf.modules",
    "simclf.training",
    CLASSIFIER,
]
HEAVY = ["torch", "skorch", "sklearn", "pandas", "networkx", "matplotlib"]
PROGRAM = """
import sys, time
start = time.process_time()
import {}
print(time.process_time() - start, *(name for name in {} if name in sys.modules))
"""


# Without bytecode a checkout is compiled anew in every process, installed packages not.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def imported(modules: str) -> tuple[float, list[str]]:
    """Seconds of an import in a fresh interpreter, and the heavy modules it loads."""
    program = PROGRAM.format(modules, HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    seconds, *heavy = done.stdout.split()
    return float(seconds), heavy


def main() -> None:
    """Print a line for each room."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    names = [ANCHOR, *ROOMS]
    runs = [{name: imported(name) for name in names} for _ in range(repeats)]
    best = {name: min(run[name][0] for run in runs) for name in names}
    for name in names:
        heavy = ", ".join(runs[0][name][1]) or "-"
        ratio = best[name] / best[ANCHOR]
        print(f"{name:24s}{best[name]:7.3f} s{ratio:7.3f}x  {heavy}")


if __name__ == "__main__":
    main()
