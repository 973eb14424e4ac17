"""What `fastreg study` tells people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .telling import Grid, Told, against_constant, columns_told, costs_told, problem_told, written_told

_MOST_COLUMNS = 7  # of a terminal of 80


def study_told(report: Mapping[str, Any]) -> Told:
    """Tell of a study: the best pair, the ridge, and the loss at every pair."""
    best, cells = report["best"], report["study"]
    rates, strengths = (sorted({cell[key] for cell in cells}) for key in ("learning_rate", "strength"))
    facts = [
        *problem_told(report),
        ("rows", f"{report['rows']:,}; {report['rows_held_out']:,} held out to judge by"),
        *columns_told(report),
        ("fits", f"{len(rates)} learning rates x {len(strengths)} lambdas, {report['epochs']} epochs each"),
        (
            "best",
            f"learning rate {best['learning_rate']:.3g}, lambda {best['strength']:.3g}: mean loss "
            f"{best['validation_loss']:.5g} on the rows held out "
            f"({against_constant(best['validation_loss'], report['constant_model'])})",
        ),
        ("ridge", report["ridge"]["meaning"]),
        *costs_told(report),
        *written_told(report),
    ]
    marks = [_mark(report, k) for k in range(len(cells))]
    if len(strengths) > _MOST_COLUMNS:
        return Told(facts, [_list(report, marks)])
    rows = [
        (
            f"{rate:.3g}",
            *(_loss(cells[k]) + marks[k] for k in range(row * len(strengths), (row + 1) * len(strengths))),
        )
        for row, rate in enumerate(rates)
    ]
    heads = "learning rate", *(f"{strength:.3g} " for strength in strengths)
    return Told(facts, [Grid(f"{_TITLE}, by lambda", heads, rows)])


_TITLE = "mean loss on rows held out; *: best, +: best of its rate, !: diverged"


def _mark(report: Mapping[str, Any], k: int) -> str:
    if report["study"][k] == report["best"]:
        return "*"
    if k in report["ridge"]["cells"]:
        return "+"
    return "!" if report["study"][k]["diverged"] else " "


def _loss(cell: Mapping[str, Any]) -> str:
    loss = cell["validation_loss"]
    return "-" if loss is None else f"{loss:.4g}"


def _list(report: Mapping[str, Any], marks: list[str]) -> Grid:
    """Return a row for each pair, where a table of both would be too wide."""
    rows = [
        (f"{cell['learning_rate']:.3g}", f"{cell['strength']:.3g}", _loss(cell) + mark)
        for cell, mark in zip(report["study"], marks, strict=True)
    ]
    return Grid(_TITLE, ("learning rate", "lambda", "loss "), rows)
