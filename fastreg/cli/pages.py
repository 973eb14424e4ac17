"""`--report`: what a command told, its pictures and where they come from, as one page of HTML.

The page asks for nothing outside itself: pictures are inside, there is no script, and its policy forbids both
to the browser. Every text that is not from here goes through `_text`.
"""

from __future__ import annotations

import json
import os
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from fastreg.display.texts import printable

from .diagnosis import surroundings, surroundings_told

if TYPE_CHECKING:
    import argparse

    from .pictures import Picture
    from .telling import Grid, Told


def page(
    arguments: argparse.Namespace, report: Mapping[str, Any], told: Told, pictures: Sequence[Picture]
) -> str:
    """Return the page.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of it, the command and its words.
    report : mapping
        Every number that the command tells.
    told : Told
        The same for people.
    pictures : sequence of Picture
    """
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    parts = [
        _section("Result", _facts(told.facts)),
        *(_figure(picture) for picture in pictures),
        *(_grid(grid, f"table-{number}") for number, grid in enumerate(told.grids)),
        f"<p>{_text(told.ending)}</p>" if told.ending else "",
        _section("Certificate", _facts(_certificate(report))),
        _section("Work", _work(report["work"])),
        _section("Made with", _facts(surroundings_told(surroundings()))),
        "<details>\n<summary>All numbers, as --json prints them</summary>\n"
        f"<pre>{_text(json.dumps(report, indent=2, allow_nan=False), lines=True)}</pre>\n</details>",
    ]
    return _template().substitute(
        version=_text(report["fastreg"]),
        title=_text(f"fastreg {arguments.command}: {report['target']} from {_named(arguments.file)}"),
        made=f"Made {made} by fastreg {_text(report['fastreg'])}, with the command",
        command=_text(shlex.join(["fastreg", *arguments.words])),
        content="\n".join(part for part in parts if part),
    )


def _template() -> Template:
    return Template(files("fastreg.cli").joinpath("page.html").read_text("utf-8"))


def _named(file: str | None) -> str:
    """Return the name of the data without its folders."""
    if file is None:
        return "data that scikit-learn carries"
    return "standard input" if file == "-" else os.path.basename(file)


def _text(text: object, lines: bool = False) -> str:
    """Return a text of unknown origin as HTML, for the inside of an element or of an attribute's quotes."""
    parts = str(text).splitlines() if lines else [str(text)]
    return "\n".join(escape(printable(part), quote=True) for part in parts)


def _section(title: str, content: str) -> str:
    head = f"<h2>{_text(title)}</h2>\n" if title else ""
    return f"<section>\n{head}{content}\n</section>" if content else ""


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    """Return a list of facts; one without a label belongs to the label before."""
    lines = [
        (f"<dt>{_text(label)}</dt>" if label else "") + f"<dd>{_text(text)}</dd>" for label, text in facts
    ]
    return "<dl>\n" + "\n".join(lines) + "\n</dl>"


def _figure(picture: Picture) -> str:
    from .outputs import drawn_bytes

    address = f"data:image/svg+xml;base64,{b64encode(drawn_bytes(picture.figure, 'svg')).decode()}"
    return (
        f'<figure>\n<img src="{address}" alt="{_text(picture.shows)}">\n'
        f"<figcaption>{_text(picture.caption)}</figcaption>\n</figure>"
    )


def _grid(grid: Grid, name: str) -> str:
    """Return a table; its first column heads the rows.

    The title stands before the table, as a caption would be as wide as a table that is scrolled.
    """
    bars = [""] * len(grid.rows) if grid.bars is None else [_bar(share) for share in grid.bars]
    heads = "".join(
        f'<th scope="col">{_text(head)}</th>' if head else "<td></td>"
        for head in [*grid.heads, *([""] if grid.bars else [])]
    )
    rows = []
    for (first, *others), bar in zip(grid.rows, bars, strict=True):
        cells = "".join(f"<td>{_text(cell)}</td>" for cell in others)
        rows.append(f'<tr><th scope="row">{_text(first)}</th>{cells}{bar}</tr>')
    kind = ' class="named"' if grid.named else ""
    return (
        f'<p class="title" id="{name}">{_text(grid.title)}</p>\n'
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}">\n'
        f'<table{kind} aria-labelledby="{name}">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
        + "\n".join(rows)
        + "\n</tbody>\n</table>\n</div>"
    )


def _bar(share: float) -> str:
    kind = ' class="less"' if share < 0 else ""
    return f'<td class="bar"><span{kind} style="width:{abs(share):.1%}"></span></td>'


def _certificate(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say how far what was found is from the optimum, and what that means."""
    certificate = report["certificate"]
    if certificate is None:
        return [("none", "Stochastic gradient descent certifies nothing; fastreg fit and fastreg cv do.")]
    facts = [("gap", f"{certificate['gap']:.3g} (tolerance {report['tol']:.0e})")]
    facts.append(("meaning", certificate["meaning"]))
    if certificate["least"] is not None:
        facts.append(("objective", f"{certificate['objective']:.12g}"))
        facts.append(("proven", f"no weights have an objective below {certificate['least']:.12g}"))
    return facts


def _work(work: Mapping[str, int]) -> str:
    """Return the counters of a fit, which are the same on every machine."""
    from .telling import Grid

    rows = [(name.replace("_", " "), f"{count:,}") for name, count in work.items()]
    title = "exact counts, the same on every machine"
    return _grid(Grid(title, ("what", "count"), rows, named=True), "work")
