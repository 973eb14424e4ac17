"""Axes that pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STRENGTH = "lambda, the strength of the penalty (weaker to the right)"
# They differ in lightness too, so that they can be told apart in grey.
DARK, MIDDLE, LIGHT = "#08306b", "#d55e00", "#56b4e9"


class Display:
    """A picture that knows its numbers: `plot` draws it, as often as wanted.

    Attributes
    ----------
    ax_, figure_
        Where it was drawn last.
    """

    _size = 5.2, 3.6

    def _draw(self, axes: Axes) -> None:
        raise NotImplementedError

    def plot(self, ax: Any = None) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where; default on a new figure of pyplot's.

        Returns
        -------
        self

        Raises
        ------
        ImportError
            Without matplotlib.
        """
        if ax is None:
            from matplotlib import pyplot

            _, ax = pyplot.subplots(figsize=self._size, layout="constrained")
        self._draw(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self


def plain(axes: Axes) -> None:
    """Take away what a picture does not need."""
    axes.grid(True, which="major", color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def scale_strengths(axes: Axes, strengths: np.ndarray) -> None:
    """Scale an axis of strengths by logarithms, from the strongest, and number it without exponents."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    strongest, weakest = float(np.max(strengths)), float(np.min(strengths))
    axes.set_xscale("log")
    # A little room at the left, where the mark of the strongest penalty would lie on the axis.
    axes.set_xlim(strongest * (strongest / weakest) ** 0.02 * 1.001, weakest)
    decades = np.log10(strongest / weakest)
    if decades < 0.7:
        axes.xaxis.set_major_locator(MaxNLocator(6))
    else:
        axes.xaxis.set_major_locator(
            LogLocator(subs=(1.0, 2.0, 5.0) if decades < 3.5 else (1.0,), numticks=20)
        )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda strength, _: f"{strength:.4g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
