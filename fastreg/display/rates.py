"""The picture of learning rate and lambda: where the two hold each other in balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .axes import MIDDLE, Display, inches_across, legend_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES_PER_LABEL = 0.8  # the bar of colours is beside it


class RateStrengthDisplay(Display):
    """Validation loss by learning rate and lambda, the best cell, and the line of constant product.

    Parameters
    ----------
    learning_rates, strengths : arrays of n_rates and n_strengths
        Rising; a strength of 0 is shown at the left, beside the least other one.
    losses : array of (n_rates, n_strengths)
        On rows held out.
    diverged : bool array of (n_rates, n_strengths)
    constant : float
        The product of the two along the ridge, NaN where there is none.
    """

    _size = 5.2, 4.2

    def __init__(
        self, learning_rates: Any, strengths: Any, losses: Any, diverged: Any, constant: float = np.nan
    ):
        self.learning_rates, self.strengths = np.asarray(learning_rates), np.asarray(strengths)
        self.diverged, self.constant = np.asarray(diverged, dtype=bool), constant
        self.losses = np.where(self.diverged, np.nan, np.asarray(losses, dtype=float))
        if not np.isfinite(self.losses).any():
            raise ValueError("Every fit of the study diverged: study smaller learning rates.")
        self.best_ = np.unravel_index(np.nanargmin(self.losses), self.losses.shape)

    @classmethod
    def from_study(cls, study: Any, *, ax: Any = None) -> Self:
        """Draw the result of `fastreg.study`.

        Parameters
        ----------
        study : Study
        ax : matplotlib.axes.Axes or None
        """
        rates, strengths = np.unique(study.learning_rate), np.unique(study.strength)
        shape = rates.size, strengths.size
        losses, diverged = (each.reshape(shape) for each in (study.validation_loss, study.diverged))
        constant = study.ridge.constant if study.ridge.cells.size > 1 else np.nan
        return cls(rates, strengths, losses, diverged, constant).plot(ax)

    def _draw(self, axes: Axes) -> None:
        from matplotlib.colors import LogNorm

        low, high = np.nanmin(self.losses), np.nanmax(self.losses)
        norm = LogNorm(low, high) if low > 0 and high > 3 * low else None
        image = axes.pcolormesh(self.losses, cmap="viridis_r", norm=norm)
        axes.figure.colorbar(image, ax=axes, label="loss on rows held out", shrink=0.9)
        for rate, strength in np.argwhere(self.diverged):
            axes.plot(strength + 0.5, rate + 0.5, "x", color="0.4", markersize=5)
        row, column = self.best_
        axes.plot(
            column + 0.5, row + 0.5, "*", color="white", markeredgecolor="black", markersize=12, label="best"
        )
        self._draw_ridge(axes)
        for axis, values, what in (
            (axes.xaxis, self.strengths, "lambda"),
            (axes.yaxis, self.learning_rates, "learning rate"),
        ):
            most = max(2, int(inches_across(axes) / _INCHES_PER_LABEL)) if axis is axes.xaxis else 5
            places = np.unique(np.linspace(0, values.size - 1, most).astype(int))
            axis.set_ticks(places + 0.5, [f"{value:.2g}" for value in values[places]])
            axis.set_label_text(what)
        if self.diverged.any():
            axes.plot([], [], "x", color="0.4", markersize=5, label="diverged")
        legend_above(axes, columns=3).set_in_layout(False)
        axes.set_title(" ", fontsize=14)  # the room of the legend, whose width is not to narrow the axes

    def _draw_ridge(self, axes: Axes) -> None:
        """Draw learning rate x lambda = constant in the coordinates of the cells."""
        positive = self.strengths > 0
        if not np.isfinite(self.constant) or np.count_nonzero(positive) < 2 or self.learning_rates.size < 2:
            return
        strengths = np.geomspace(self.strengths[positive][0], self.strengths[-1], 100)
        columns = np.interp(
            np.log(strengths), np.log(self.strengths[positive]), np.flatnonzero(positive) + 0.5
        )
        places = np.arange(self.learning_rates.size) + 0.5
        rows = np.interp(
            np.log(self.constant / strengths), np.log(self.learning_rates), places, left=np.nan, right=np.nan
        )
        axes.plot(
            columns, rows, color=MIDDLE, linestyle="--", linewidth=1.8,
            label=f"product {self.constant:.2g}",
        )  # fmt: skip
