"""Fits whose training is done beforehand, many at once, and found when they come."""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from joblib import Parallel, delayed

from simclf.search._batches import divide
from simclf.search._collect import Measured, Plan
from simclf.search._tasks import read_task, why_alone
from simclf.search._train import Trained, train_together
from simclf.training import Job

_OTHER_NUMBERS = "the rows or random numbers were others than when they were trained"


@dataclass(eq=False)
class Ahead:
    """What has been trained beforehand.

    Attributes
    ----------
    trained : dict of Trained
        By the key of the task.
    keys : list of str or None
        Of each fit, in the order of the search; None where it is fitted alone.
    measure : Measured
        The features of all fits.
    taken : Counter
        How many fits have found what was trained for them, by key.
    """

    trained: dict[str, Trained] = field(default_factory=dict)
    keys: list[str | None] = field(default_factory=list)
    measure: Measured = field(default_factory=Measured)
    taken: Counter[str] = field(default_factory=Counter)

    def train(
        self, plan: Plan, max_networks: int | str, parallel: dict[str, Any]
    ) -> dict[str, Any]:
        """Train what a plan says can be trained together; the report to be expected."""
        batches = divide(plan.tasks.values(), max_networks)
        results = Parallel(**parallel)(
            delayed(train_together)(batch) for batch in batches
        )
        found = {trained.key: trained for batch in results for trained in batch}
        self.trained |= found
        self.keys += plan.keys
        report = _report(plan, found, len(batches))
        self.taken.clear()
        _warn_of_fits_alone(report["alone"], report["n_fits"])
        return report

    def give(self, job: Job) -> bool:
        """Put what has been trained into a job's model, if it is there."""
        if why_alone(job) is not None:
            return False
        trained = self.trained.get(read_task(job).key)
        if trained is None or trained.parameters is None:
            return False
        trained.put_into(job)
        self.taken[trained.key] += 1
        return True

    def corrected(self, report: dict[str, Any], n_splits: int) -> dict[str, Any]:
        """Return the report after the fits, with those that have trained after all."""
        left, missed = self.taken.copy(), list[int]()
        for number, key in enumerate(self.keys[-report["n_fits"] :]):
            if key is None or self.trained[key].parameters is None:
                continue
            left[key] -= 1
            if left[key] < 0:
                missed.append(number // n_splits)
        if not missed:
            return report
        late = {_OTHER_NUMBERS: _entry(missed)}
        _warn_of_fits_alone(late, report["n_fits"])
        n_batched = report["n_batched"] - len(missed)
        return report | {"n_batched": n_batched, "alone": report["alone"] | late}

    def seconds(self) -> list[float]:
        """Return each fit's share of the time that was spent beforehand."""
        known = {key: trained.seconds for key, trained in self.trained.items()}
        return [0.0 if key is None else known[key] for key in self.keys]


def _report(plan: Plan, found: dict[str, Trained], n_batches: int) -> dict[str, Any]:
    """Return how many fits were trained together, and why others were not."""
    broken = {key for key, trained in found.items() if trained.parameters is None}
    n_fits, n_diverged = len(plan.keys), sum(key in broken for key in plan.keys)
    n_alone = sum(len(fits) for fits in plan.alone.values())
    n_failed = plan.keys.count(None) - n_alone
    return {
        "n_fits": n_fits,
        "n_batched": n_fits - n_alone - n_failed - n_diverged,
        "n_batches": n_batches,
        "n_failed": n_failed + n_diverged,
        "alone": {reason: _entry(fits) for reason, fits in plan.alone.items()},
    }


def _entry(candidates: Sequence[int]) -> dict[str, Any]:
    """Return how many fits these are, and of which candidates."""
    return {"n_fits": len(candidates), "candidates": sorted(set(candidates))}


def _warn_of_fits_alone(alone: dict[str, dict[str, Any]], n_fits: int) -> None:
    """Say how many fits are done one by one, and why."""
    if not alone:
        return
    reasons = "; ".join(
        f"{reason} ({entry['n_fits']})" for reason, entry in alone.items()
    )
    n_alone = sum(entry["n_fits"] for entry in alone.values())
    msg = (
        f"{n_alone} of {n_fits} fits are done one by one, not together: "
        f"{reasons}. Scores are the same; batched_['alone'] names the candidates."
    )
    warnings.warn(msg, UserWarning, stacklevel=2)
