"""Axes to draw on: the user's, or new ones of a size that fits."""

from typing import Any

from simclf.similarity._extras import import_extra


class Display:
    """What all displays have in common: axes, their figure, and how they get them.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure
    """

    ax_: Any
    figure_: Any

    def _take_axes(self, ax: Any, size: tuple[float, float]) -> Any:
        """Axes given, or those of a new figure of this size in inches."""
        pyplot = import_extra("matplotlib.pyplot", "matplotlib", "plot")
        if ax is None:
            _, ax = pyplot.subplots(figsize=size, layout="constrained")
        elif not hasattr(ax, "imshow"):
            msg = (
                f"ax is of type {type(ax).__name__}; expected one matplotlib Axes, "
                "such as axes[0] of figure, axes = plt.subplots(1, 2), or None."
            )
            raise TypeError(msg)
        self.ax_, self.figure_ = ax, ax.figure
        return ax

    def _settle(self) -> None:
        """Have a layout engine, if there is one, arrange what there is now."""
        engine = self.figure_.get_layout_engine()
        if engine is not None:
            engine.execute(self.figure_)


def ink_of(ax: Any) -> str:
    """Colour that axes write in, which a style for dark paper changes."""
    return str(ax.title.get_color())


def inches_of(ax: Any) -> tuple[float, float]:
    """Width and height of axes as they stand, in inches."""
    ax.apply_aspect()
    box = ax.get_window_extent()
    # Axes that a layout engine has squeezed to nothing have a size too.
    return max(box.width, 1) / ax.figure.dpi, max(box.height, 1) / ax.figure.dpi
