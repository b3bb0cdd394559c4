"""Directives on every entry of the loss registry, read when the manual is built.

``losses-table`` has one row for each; ``losses-at-a-glance`` what each docstring says
of its value, minimiser, decision and limits. So neither can disagree with the code.
"""

import inspect
import re
from collections.abc import Iterator

import torch
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from simclf import losses
from simclf.losses import LOSSES

HEADER = ("Name", "What it is", "Estimates", "Hyperparameters")
HEADINGS = ("Value", "Minimiser", "Decision", "Limits", "When")


class LossesTable(SphinxDirective):
    """Insert the table of all losses."""

    def run(self) -> list[nodes.Node]:
        """Return the parsed table."""
        for source in (losses, *LOSSES.values()):
            self.env.note_dependency(inspect.getfile(source))
        rows = [HEADER, *(_row(name, LOSSES[name]()) for name in sorted(LOSSES))]
        lines = [
            ".. list-table::",
            "   :header-rows: 1",
            "   :widths: 20 45 12 23",
            "",
        ]
        for row in rows:
            lines += [f"   {'*' if not i else ' '} - {c}" for i, c in enumerate(row)]
        return self.parse_text_to_nodes("\n".join(lines))


def _row(name, loss):
    """Return the cells of one loss, built with its default settings."""
    kind = type(loss)
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    settings = loss.get_params(deep=False)
    return (
        f":class:`{name} <simclf.losses.{kind.__name__}>`",
        summary,
        loss.estimates,
        ", ".join(f"``{key}={settings[key]!r}``" for key in settings) or "none",
    )


class LossesAtAGlance(SphinxDirective):
    """Insert what each loss says of itself."""

    def run(self) -> list[nodes.Node]:
        """Return a field list for each loss."""
        lines = [line for name in sorted(LOSSES) for line in _glance(LOSSES[name]())]
        return self.parse_text_to_nodes("\n".join(lines))


def _glance(loss) -> Iterator[str]:
    """Yield the lines on one loss, built with its default settings."""
    kind = type(loss)
    text = inspect.getdoc(kind) or ""
    own = f"its own, see :class:`~simclf.losses.{kind.__name__}`"
    yield from (f".. rubric:: {loss.name}", "")
    yield f":Estimates: {loss.estimates}"
    yield f":Link: {'softmax of the scores' if _is_softmax(loss) else own}"
    for heading in HEADINGS:
        found = re.search(rf"\*\*{heading}\.\*\*\s(.*?)\n\n", text, re.DOTALL)
        if found:
            yield f":{heading}: {_one_line(found[1])}"
    for reference in re.findall(
        r"^\.\. \[\d+\] (.*?)(?=\n\.\. \[|\n\n|\Z)", text, re.M | re.S
    ):
        yield f":Reference: {_one_line(reference)}"
    yield ""


def _is_softmax(loss) -> bool:
    """Whether the probabilities are the softmax of the scores, as a try shows."""
    scores = torch.tensor([[0.0, 1.0, 3.0]])
    proba = loss.criterion([[1.0, 0.5, 0.0], [0.2, 1.0, 0.0], [0.0, 0.1, 1.0]])
    return torch.allclose(proba.proba(scores), scores.softmax(-1))


def _one_line(text: str) -> str:
    """Join lines, without marks of footnotes that stand elsewhere."""
    return re.sub(r"\s*\[\d+\]_", "", " ".join(text.split()))


def setup(app):
    """Register the directives."""
    app.add_directive("losses-table", LossesTable)
    app.add_directive("losses-at-a-glance", LossesAtAGlance)
    return {"parallel_read_safe": True}
