"""Axes that pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STRENGTH = "lambda (weaker to the right)"
# They differ in lightness too, so that they can be told apart in grey.
_SUBS = (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)
_INCHES_PER_LABEL = 0.55
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


def legend_above(axes: Axes, columns: int = 2, handles: Any = None) -> Any:
    """Explain the lines above the axes, where nothing is drawn; return the legend."""
    handles = axes.get_legend_handles_labels()[0] if handles is None else handles
    return axes.legend(
        handles=handles, fontsize=7.5, frameon=False, loc="lower left", bbox_to_anchor=(-0.2, 1.0),
        ncols=columns, columnspacing=0.8, handlelength=1.8, handletextpad=0.5, borderaxespad=0.2,
    )  # fmt: skip


def inches_across(axes: Axes) -> float:
    """Return about how wide the axes are."""
    return axes.get_window_extent().width / axes.figure.dpi


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
    decades, most = np.log10(strongest / weakest), int(inches_across(axes) / _INCHES_PER_LABEL)
    most = min(max(3, most), 12)
    if decades < 0.7:
        axes.xaxis.set_major_locator(MaxNLocator(min(6, most)))
    else:
        subs = next((each for each in _SUBS if decades * len(each) < most), _SUBS[-1])
        axes.xaxis.set_major_locator(LogLocator(subs=subs, numticks=max(most, 2)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda strength, _: f"{strength:.4g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
