"""What results say about methods: skill by problem, and a ranking over problems.

A method here is a method with its decision, "simclf bayes". A problem counts once:
its skill is the mean over its splits and tables.
"""

import numpy as np
import pandas as pd

CELL = ["problem", "seed", "table"]


def report(results: pd.DataFrame, title: str, reference: str) -> str:
    """Write the table by problem and the rankings, as text.

    The first ranking is of the methods that were run on every problem; the second,
    where there are others, of all methods on the problems that all of them have.
    """
    rows = _latest(results)
    oracle = rows["entry"].str.startswith("oracle")
    skill = _by_cell(rows[~oracle])
    parts = [f"== {title}: skill by problem", _problems(rows).to_string()]
    everywhere = skill.dropna(axis=1)
    rankings = {"run everywhere": everywhere}
    if everywhere.shape[1] < skill.shape[1]:
        rankings["where all were run"] = skill.dropna(axis=0)
    for name, cells in rankings.items():
        if reference not in cells or cells.empty:
            continue
        n_problems = cells.index.get_level_values("problem").nunique()
        table = ranking(cells, rows, reference).round(4)
        head = f"== {title}, {name}: {n_problems} problems, against {reference}"
        parts += [head, table.to_string()]
    return "\n\n".join(parts) + "\n"


def ranking(cells: pd.DataFrame, rows: pd.DataFrame, reference: str) -> pd.DataFrame:
    """One row a method; the error is the standard error over problems.

    "won" and "lost" count problems on which the method is better or worse than the
    reference by more than two standard errors over the cells (splits and tables) of
    the problem; cells of one split are no independent draws, so with few splits these
    are rough. "time" is the geometric mean over problems of the ratio of seconds.
    """
    by_problem = cells.groupby("problem").mean()
    ranks = by_problem.rank(axis=1, ascending=False)
    change = cells.sub(cells[reference], axis=0)
    by_change = change.groupby("problem").mean()
    found = pd.DataFrame({"skill": by_problem.mean(), "rank": ranks.mean()})
    found["rank_error"] = _standard_error(ranks)
    found["change"], found["error"] = by_change.mean(), _standard_error(by_change)
    margin = 2 * change.groupby("problem").sem().fillna(np.inf)
    found["won"] = (by_change > margin).sum()
    found["lost"] = (-by_change > margin).sum()
    for table, part in cells.groupby("table"):
        found[str(table)] = part.groupby("problem").mean().mean()
    kept = rows.set_index(CELL).loc[cells.index].reset_index()
    for column in ("accuracy", "log_loss"):
        found[column] = _by_problem(kept, column).mean()
    seconds = np.log(_by_problem(kept, "seconds")[cells.columns])
    ratio = seconds.sub(seconds[reference], axis=0)
    found["time"] = np.exp(ratio.mean())
    return found.sort_values("skill", ascending=False)


def _latest(results: pd.DataFrame) -> pd.DataFrame:
    """Name the entries; of a fit that was run again the later one counts."""
    entry = results["method"] + " " + results["decision"]
    return results.assign(entry=entry).drop_duplicates([*CELL, "entry"], keep="last")


def _by_cell(rows: pd.DataFrame) -> pd.DataFrame:
    """Skill of every method in each split under each table."""
    return rows.pivot_table(index=CELL, columns="entry", values="skill")


def _by_problem(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean of a column of results, by problem and method."""
    return rows.pivot_table(index="problem", columns="entry", values=column)


def _problems(rows: pd.DataFrame) -> pd.DataFrame:
    """Skill of every method on every problem, with the problem's size."""
    sizes = rows.groupby("problem")[["n_train", "n_classes"]].first()
    return sizes.join(_by_problem(rows, "skill").round(3)).sort_values("n_train")


def _standard_error(by_problem: pd.DataFrame) -> pd.Series:
    """Compute the standard error of a mean over problems."""
    return by_problem.std(ddof=1) / np.sqrt(len(by_problem))
