"""What describe_similarity returns: plain data that prints as a short text."""

from dataclasses import dataclass
from typing import NamedTuple

from simclf.similarity._labels import show_labels
from simclf.similarity._properties import is_kernel
from simclf.similarity._table import ScoreTable


class BetterAnswer(NamedTuple):
    """A wrong answer that scores above the right one.

    Parameters
    ----------
    truth, answer : label
        The class, and the answer that is better for it than its own.
    own_score, score : float
        What the right answer and the wrong one score.

    Examples
    --------
    >>> import pandas as pd
    >>> from simclf.similarity import describe_similarity
    >>> names = ["ant", "bee"]
    >>> table = pd.DataFrame([[1.0, 0.0], [3.0, 2.0]], names, names)
    >>> describe_similarity(table).better_answers
    (BetterAnswer(truth='bee', answer='ant', own_score=2.0, score=3.0),)
    """

    truth: object
    answer: object
    own_score: float
    score: float


@dataclass(frozen=True)
class DecisionChange:
    """What deciding by the table changes against the most probable class.

    Parameters
    ----------
    n_samples, n_changed : int
        Rows of probabilities, and for how many of them the table prefers another
        answer.
    argmax_score, table_score : float or None
        Mean score of the most probable class and of the answer the table prefers;
        None without `y`.
    standard_error : float or None
        Of the difference of these two means, over pairs; nan for one row.

    Examples
    --------
    >>> from simclf.similarity import describe_similarity
    >>> table = [[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.8, 1.0]]
    >>> proba = [[0.3, 0.3, 0.4], [0.9, 0.1, 0.0]]
    >>> describe_similarity(table, proba=proba).change
    DecisionChange(n_samples=2, n_changed=1, argmax_score=None, table_score=None, \
standard_error=None)
    """

    n_samples: int
    n_changed: int
    argmax_score: float | None = None
    table_score: float | None = None
    standard_error: float | None = None

    @property
    def gain(self) -> float | None:
        """What the table's answers earn more; None without `y`."""
        if self.table_score is None or self.argmax_score is None:
            return None
        return self.table_score - self.argmax_score


@dataclass(frozen=True, eq=False)
class SimilarityReport:
    """What a score table prefers, what it cannot tell apart, and what it changes.

    Parameters
    ----------
    table : ScoreTable
        The table as it was read.
    better_answers : tuple of BetterAnswer
        Wrong answers that score above the right one.
    never_best : tuple of labels, or None
        Answers that no class probabilities make better than all others; None if the
        table has too many answers to look.
    constant_rows : tuple of labels
        Classes that score every answer alike.
    indistinguishable : tuple of tuples of labels
        Groups of classes whose rows are equal up to a constant (and not constant).
    asymmetry : float
        Largest ``|S[i, j] - S[j, i]|``.
    asymmetric_pair : tuple of two labels, or None
        Where it stands; None for a symmetric table.
    smallest_eigenvalue : float or None
        Of ``-H C H / 2``, with ``H`` the centring matrix and ``C`` the symmetrised
        unit regrets between classes; None above 2000 classes.
    looks_reversed : bool
        Whether each class's own answer is the worst of its row, as in a cost matrix.
    class_counts : dict or None
        How often each class occurs in `y`.
    change : DecisionChange or None
        What the table changes in the decisions from `proba`.
    warnings : list of str
        What its author may not have meant, in sentences.
    notes : list of str
        What was left out.

    Examples
    --------
    >>> from simclf.similarity import describe_similarity
    >>> report = describe_similarity([[1.0, 0.9], [0.0, 1.0]])
    >>> report.asymmetric_pair, report.asymmetry
    ((0, 1), 0.9)
    >>> print(report)
    Score table of 2 classes.
    It is asymmetric: 0 and 1 taken for each other differ by 0.9.
    """

    table: ScoreTable
    better_answers: tuple[BetterAnswer, ...]
    never_best: tuple[object, ...] | None
    constant_rows: tuple[object, ...]
    indistinguishable: tuple[tuple[object, ...], ...]
    asymmetry: float
    asymmetric_pair: tuple[object, object] | None
    smallest_eigenvalue: float | None
    looks_reversed: bool
    class_counts: dict[object, int] | None
    change: DecisionChange | None
    warnings: list[str]
    notes: list[str]

    @property
    def is_kernel(self) -> bool | None:
        """Whether the costs between classes are squared distances between points.

        This is what ``KernelBrierLoss(kernel="energy")`` asks of a table; None where
        it was not looked for.
        """
        if self.smallest_eigenvalue is None:
            return None
        return is_kernel(self.smallest_eigenvalue, self.table.n_classes)

    def __str__(self) -> str:
        lines = [_describe_size(self.table), self._describe_symmetry()]
        lines += [f"Warning: {text}" for text in self.warnings]
        lines += [f"Note: {text}" for text in self.notes]
        if self.class_counts is not None:
            lines.append(_describe_counts(self.class_counts))
        if self.change is not None:
            lines += _describe_change(self.change)
        return "\n".join(lines)

    def _describe_symmetry(self) -> str:
        """Sentence on the largest difference between the two orders of a pair."""
        if self.asymmetric_pair is None:
            return "It is symmetric."
        first, second = self.asymmetric_pair
        return (
            f"It is asymmetric: {first!r} and {second!r} taken for each other differ "
            f"by {self.asymmetry:.3g}."
        )


def _describe_size(table: ScoreTable) -> str:
    """Sentence on the shape of a table."""
    extras = table.decisions[table.n_classes :].tolist()
    further = f" and the further answers {show_labels(extras)}" if extras else ""
    return f"Score table of {table.n_classes} classes{further}."


def _describe_counts(counts: dict[object, int]) -> str:
    """Sentence on the rarest class."""
    rarest = min(counts, key=lambda label: counts[label])
    return (
        f"y has {sum(counts.values())} rows; the rarest class is {rarest!r} "
        f"with {counts[rarest]}."
    )


def _describe_change(change: DecisionChange) -> list[str]:
    """Sentences on the decisions that the table changes, and what that earns."""
    lines = [f"It changes {change.n_changed} of {change.n_samples} decisions."]
    if change.gain is not None:
        lines.append(
            f"Mean score {change.argmax_score:.4g} for the most probable class, "
            f"{change.table_score:.4g} by the table: {change.gain:+.4g} "
            f"(standard error {change.standard_error:.2g})."
        )
    return lines
