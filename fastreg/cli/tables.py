"""What commands tell, set for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from fastreg.display.texts import columns_of, fitted, printable

from .telling import GLUE, Grid, Told

WIDTH = 80
_LABEL = 12
_BAR = 14


def text_of(told: Told) -> str:
    """Return what is told as lines of at most 80 columns."""
    parts = [table(told.facts), *map(_grid, told.grids)]
    if told.ending:
        parts.append([told.ending])
    return "\n\n".join("\n".join(part) for part in parts)


def table(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines of at most 80 columns: labels on the left, texts wrapped on the right."""
    lines = []
    for label, text in rows:
        wrapped = textwrap.wrap(printable(text), WIDTH - _LABEL, break_on_hyphens=False) or [""]
        wrapped = [line.replace(GLUE, " ") for line in wrapped]
        lines += [
            f"{head:<{_LABEL}}{line}"
            for head, line in zip([label] + [""] * len(wrapped), wrapped, strict=False)
        ]
    return lines


def _grid(grid: Grid) -> list[str]:
    """Return columns under their heads, set to the right; names to the left, in what the others leave."""
    rows = [grid.heads, *grid.rows]
    widths = [max(columns_of(printable(row[j])) for row in rows) for j in range(len(grid.heads))]
    bars = [""] * len(rows) if grid.bars is None else ["", *map(_bar, grid.bars)]
    if grid.named:
        room = WIDTH - sum(widths[1:]) - 2 * len(widths[1:]) - (_BAR + 2) * (grid.bars is not None)
        widths[0] = min(widths[0], room)
    lines = [grid.title] if grid.title else []
    for row, bar in zip(rows, bars, strict=True):
        cells = [" " * (width - columns_of(cell)) + cell for cell, width in zip(row, widths, strict=True)]
        if grid.named:
            cells[0] = fitted(row[0], widths[0])
        lines.append("  ".join([*cells, bar]).rstrip())
    return lines


def _bar(share: float) -> str:
    return ("+" if share > 0 else "-") * max(1, round(_BAR * abs(share)))
