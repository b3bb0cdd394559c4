"""What share of small faults, put into the code one at a time, the tests find.

    make mutants
    python benchmarks/mutants.py [--sample 450] [--seed 0] [--children 2] [--survivors]
    python benchmarks/mutants.py --all

mutmut writes every mutant of the files that pyproject.toml names, finds out which tests
reach it, and runs those until one fails. A mutant that no test reaches has survived;
one that runs on without an end is found. A sample is drawn with the seed, so that it is
the same for whoever has the same code. Nothing is left out as equivalent.
"""

import argparse
import os
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

FOUND = {"killed", "timeout", "suspicious", "segfault"}
MUTMUT = Path(sys.executable).parent / "mutmut"
# Any mutants will do to have all of them written; these have quick tests.
FIRST = "simclf.losses._kelly.*"


def main() -> None:
    """Run a sample, and print a line for each file."""
    told = arguments()
    children = f"--max-children={told.children}"
    mutmut("run", children, FIRST)
    names = sorted(verdicts())
    if not told.all:
        drawn = random.Random(told.seed).sample(names, min(told.sample, len(names)))
        names = sorted(drawn)
    mutmut("run", children, *([] if told.all else names))
    after = verdicts()
    sample = {name: after[name] for name in names}
    survivors = [name for name in names if sample[name] not in FOUND]
    if told.survivors:
        for name in survivors:
            print(output("show", name))
    share = report(sample)
    if share < told.floor:
        sys.exit(f"{share:.1%} found, less than {told.floor:.0%}")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=450)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--survivors", action="store_true", help="print them as diffs")
    parser.add_argument("--floor", type=float, default=0.85)
    return parser.parse_args()


def report(sample: dict[str, str]) -> float:
    """Print the share of each file, and return that of all."""
    by_file: dict[str, list[str]] = defaultdict(list)
    for name, verdict in sample.items():
        by_file[name.rpartition(".")[0]].append(verdict)
    for file, verdicts_ in sorted(by_file.items()):
        print(line(file, verdicts_))
    print(line("all", list(sample.values())))
    return sum(verdict in FOUND for verdict in sample.values()) / len(sample)


def line(name: str, verdicts_: list[str]) -> str:
    """Return found, all and share."""
    found = sum(verdict in FOUND for verdict in verdicts_)
    return f"{name:44s}{found:5d} of{len(verdicts_):5d}{found / len(verdicts_):8.1%}"


def verdicts() -> dict[str, str]:
    """Return what mutmut knows of every mutant."""
    lines = output("results", "--all", "true").splitlines()
    pairs = (entry.strip().rpartition(": ") for entry in lines if "__mutmut_" in entry)
    return {name: verdict for name, _, verdict in pairs}


def mutmut(*words: str) -> None:
    """Run a command of mutmut, its own output going to a file."""
    log = Path("mutants.log")
    with log.open("a") as opened:
        done = subprocess.run(
            [MUTMUT, *words], env=ENVIRONMENT, stdout=opened, check=False
        )
    if done.returncode:
        sys.exit(f"mutmut {words[0]} failed; see {log}")


def output(*words: str) -> str:
    """Return what a command of mutmut prints."""
    return subprocess.run(
        [MUTMUT, *words], check=True, capture_output=True, text=True
    ).stdout


ENVIRONMENT = {**os.environ, "HYPOTHESIS_PROFILE": "mutants", "OMP_NUM_THREADS": "1"}

if __name__ == "__main__":
    main()
