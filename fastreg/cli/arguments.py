"""What may stand on the command line, and what may not stand together."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from typing import NoReturn

from .commands import Parser, parsers


def understood(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments, or leave with a sentence (status 2) or the help (status 0)."""
    whole, commands = parsers()
    words = sys.argv[1:] if argv is None else list(argv)
    arguments, unknown = whole.parse_known_args(words)
    arguments.words = words
    used = commands.get(arguments.command, whole)
    if unknown:
        _refuse_unknown(used, unknown)
    if arguments.version:
        from fastreg import __version__

        print(f"fastreg {__version__}")
        whole.exit(0)
    if arguments.command is None:
        whole.print_help()
        whole.exit(0)
    contradiction = _contradiction(**vars(arguments))
    if contradiction is not None:
        used.error(contradiction)
    return arguments


def _contradiction(
    command: str,
    file: str | None = None,
    model: str | None = None,
    target: str | None = None,
    drop: Sequence[str] = (),
    penalty: str | list[str] | None = None,
    l1_ratio: float | list[float] | None = None,
    format: str = "auto",
    strengths: int | list[float] | None = None,
    out: str | None = None,
    plot: str | None = None,
    report: str | None = None,
    json: bool = False,
    **others: object,
) -> str | None:
    """Return what two arguments that do not go together say of each other, None where all do."""
    penalties = penalty if isinstance(penalty, list) else [penalty]
    if l1_ratio is not None and "elasticnet" not in penalties:
        return f"--l1-ratio belongs to --penalty elasticnet, not to {', '.join(map(str, penalties))}"
    if target is not None and file is None:
        return f"--target {target!r} needs a FILE to take it from"
    if drop and file is None:
        return f"--drop {drop[0]!r} needs a FILE to leave it out of"
    if target in drop:
        return f"--drop {target!r} would leave out the target"
    if format != "auto" and file is None:
        return f"--format {format} needs a FILE to read"
    if model == file == "-":
        return "MODEL and FILE are both -, and standard input holds only one of them"
    if command == "path" and _is_single(strengths):
        few = ",".join(f"{each:g}" for each in strengths) if isinstance(strengths, list) else strengths
        for option, value in (("--plot", plot), ("--report", report)):
            if value is not None:
                return f"{option} draws a path, and --strengths {few} is none; ask for more"
    if plot == "-":
        return "--plot - would send a picture to the terminal; name a file"
    if report == "-":
        return "--report - would send a page to the terminal; name a file"
    if out == "-" and command != "predict":
        return "--out - would send a binary file to the terminal; name a file"
    if out == "-" and json:
        return "--out - and --json both want standard output; choose one"
    return None


def _is_single(strengths: int | list[float] | None) -> bool:
    """Whether a path has a single place above 0 on an axis of logarithms."""
    return len({*strengths} - {0.0}) < 2 if isinstance(strengths, list) else strengths == 1


def _refuse_unknown(parser: Parser, unknown: list[str]) -> NoReturn:
    """Leave with a sentence that names the first unknown option and the one that was perhaps meant."""
    options = [argument for argument in unknown if argument.startswith("-") and argument != "-"]
    if not options:
        parser.error(f"there is no use for {unknown[0]!r}")
    name = options[0].partition("=")[0]
    known = [option for action in parser._actions for option in action.option_strings]
    close = difflib.get_close_matches(name, known, 1)
    parser.error(f"there is no option {name!r}" + (f", perhaps {close[0]} is meant" if close else ""))
