"""The picture of a path: how the weights grow, and which strength the rows left out speak for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from .axes import STRENGTH, plain, scale_strengths
from .labels import spread
from .texts import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAMED = 10
_DRAWN = 200
_SIZE = 8.0  # of the small texts, in points
_LEADER = {"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0, "relpos": (0.0, 0.5)}
_GREY, _CHOSEN = "0.75", "0.15"
_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#7f5f00",
    "#56b4e9",
    "#8b0000",
    "#5d3a9b",
    "#b8860b",
    "#333333",
)


class Validation(NamedTuple):
    """Losses of the strengths of a path on rows that its fits have not seen.

    Attributes
    ----------
    losses, errors : ndarray of n_strengths
        Means and their standard errors.
    label : str
        What the loss is.
    """

    losses: np.ndarray
    errors: np.ndarray
    label: str


def path_picture(
    strengths: np.ndarray,
    weights: Any,
    names: Sequence[str],
    *,
    title: str,
    weight_label: str,
    chosen: float | None = None,
    validation: Validation | None = None,
) -> Figure:
    """Draw a path, and above it the losses on rows left out where there are any.

    Parameters
    ----------
    strengths : ndarray of n_strengths
        All above 0.
    weights : array or scipy sparse array of (n_features, n_strengths)
        One line each; of more than 200 only the largest are drawn. The ten largest bear their names.
    names : sequence of str
        One per feature.
    title : str
        One line.
    weight_label : str
        What a weight is, with its unit.
    chosen : float, optional
        The strength to mark; the largest weights are those that are largest there, by default at the last
        strength.
    validation : Validation, optional
        For the upper half of the picture.

    Returns
    -------
    matplotlib.figure.Figure
        Not yet drawn: `figure.savefig(file)` draws it.

    Raises
    ------
    ImportError
        Without matplotlib.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 7.0 if validation else 5.0), dpi=120, layout="constrained")
    if validation is None:
        lower = figure.add_subplot()
    else:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (2, 3)})
        _draw_losses(upper, strengths, validation)
    figure.suptitle(shortened(title, 90), parse_math=False, fontsize=11)
    lines = _lines(strengths, weights, chosen)
    _draw_weights(lower, lines, names)
    lower.set_ylabel(weight_label, parse_math=False)
    lower.set_xlabel(_explained(lines))
    scale_strengths(lower, strengths)
    for axes in figure.axes:
        _mark(axes, chosen)
        plain(axes)
    first = figure.axes[0]
    if first.get_legend_handles_labels()[0]:
        first.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False, fontsize=_SIZE + 1)
    return figure


def _draw_losses(axes: Axes, strengths: np.ndarray, validation: Validation) -> None:
    """Draw the losses on rows left out and their standard errors."""
    losses, errors, label = validation
    axes.plot(strengths, losses, color=_COLOURS[0], linewidth=1.6, label="mean loss")
    axes.fill_between(
        strengths, losses - errors, losses + errors, color=_COLOURS[0], alpha=0.15, linewidth=0,
        label="one standard error",
    )  # fmt: skip
    axes.set_ylabel(label)


def _mark(axes: Axes, chosen: float | None) -> None:
    """Mark a strength, where there is room for it on the axis."""
    right, left = sorted(axes.get_xlim())
    if chosen is not None and right <= chosen <= left:
        axes.axvline(
            chosen, color=_CHOSEN, linewidth=1.0, linestyle="--", label=f"chosen: lambda = {chosen:.4g}"
        )


class _Lines(NamedTuple):
    """The lines of a path that are drawn, from the strongest penalty to the weakest."""

    strengths: np.ndarray
    named: np.ndarray
    named_rows: np.ndarray
    others: np.ndarray
    not_zero: int
    where: str


def _lines(strengths: np.ndarray, weights: Any, chosen: float | None) -> _Lines:
    """Choose the lines to name, the largest at the chosen strength, and the largest of the others."""
    order = np.argsort(-np.asarray(strengths, dtype=float))
    strengths = np.asarray(strengths, dtype=float)[order]
    rows = sp.csr_array(weights)[:, order]
    reach = abs(rows).max(axis=1).toarray().ravel()
    at = -1 if chosen is None else int(np.argmin(abs(strengths - chosen)))
    sizes = abs(rows[:, [at]]).toarray().ravel()
    where = "at the weakest penalty" if chosen is None else "at the chosen lambda"
    if not sizes.any():
        sizes, where = reach, "of all lambdas"
    named = np.argsort(-sizes, kind="stable")[:_NAMED]
    named = named[sizes[named] > 0]
    rest = np.argsort(-reach, kind="stable")[: _DRAWN + _NAMED]
    rest = rest[(reach[rest] > 0) & ~np.isin(rest, named)][: _DRAWN - _NAMED]
    not_zero = int(np.count_nonzero(reach))
    return _Lines(strengths, named, rows[named].toarray(), rows[rest].toarray(), not_zero, where)


def _draw_weights(axes: Axes, lines: _Lines, names: Sequence[str]) -> None:
    """Draw the lines, and name the largest at the right."""
    axes.axhline(0.0, color="0.4", linewidth=0.8)
    for line in lines.others:
        axes.plot(lines.strengths, line, color=_GREY, linewidth=0.7, zorder=1)
    for colour, line in zip(_COLOURS, lines.named_rows, strict=False):
        axes.plot(lines.strengths, line, color=colour, linewidth=1.6, zorder=2)
    name_lines(axes, lines.named_rows[:, -1], [names[int(j)] for j in lines.named], _COLOURS)


def _explained(lines: _Lines) -> str:
    """Say which lines bear names and which are left out."""
    text = STRENGTH
    if len(lines.named) < lines.not_zero:
        text += f"\nnamed: the {len(lines.named)} largest weights {lines.where}; grey: "
        left_out = lines.not_zero - len(lines.named) - len(lines.others)
        text += (
            f"the {len(lines.others):,} largest others of {lines.not_zero:,}" if left_out else "all others"
        )
    return text


def name_lines(axes: Axes, ends: np.ndarray, names: Sequence[str], colours: Sequence[str]) -> None:
    """Write names beside the ends of lines, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    height = axes.get_window_extent().height * 72.0 / axes.figure.dpi
    places = spread((ends - low) / (high - low), 1.5 * _SIZE / height, 0.0, 1.0)
    for colour, end, place, name in zip(colours, ends, places, names, strict=False):
        axes.annotate(
            shortened(name, 24),
            xy=(1.0, (end - low) / (high - low)),
            xytext=(1.05, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            fontsize=_SIZE,
            color=colour,
            va="center",
            parse_math=False,
            annotation_clip=False,
            arrowprops={**_LEADER, "color": colour},
        )  # fmt: skip
