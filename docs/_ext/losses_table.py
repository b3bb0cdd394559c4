"""The directive ``losses-table``: one row for every entry of the loss registry.

The table is read from ``simclf.losses.LOSSES`` when the manual is built, so that it
cannot disagree with the code.
"""

import inspect

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from simclf import losses
from simclf.losses import LOSSES

HEADER = ("Name", "What it is", "Estimates", "Hyperparameters")


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


def setup(app):
    """Register the directive."""
    app.add_directive("losses-table", LossesTable)
    return {"parallel_read_safe": True}
