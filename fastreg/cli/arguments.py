"""What may stand on the command line."""

from __future__ import annotations

import argparse
import difflib
import math
from collections.abc import Callable, Sequence
from typing import NoReturn

_DESCRIPTION = "Regularised linear models at the speed of the machine."
_FIT = """\
Fit a linear model to a data file and show what it found. A quarter of the rows,
drawn with a fixed seed, is held out for the score; the strength of the penalty,
called lambda, is chosen on the others; the final fit is on all rows. Without
FILE it runs on a data set that scikit-learn carries.
"""
_FIT_END = """\
files:
  svmlight  lines of "label index:value index:value ...", also called libsvm
  CSV       one record a line, separated by commas, semicolons, tabs or bars,
            names in the first line or none; the target may be text with two
            values, all other columns are numbers
  npz       arrays X and y; or y and what scipy.sparse.save_npz writes: data,
            indices, indptr, shape and format
  Text files may be packed by gzip, bzip2 or xz.

objective:
  the mean loss plus the penalty
  loss      (y - p)^2 / 2 for regression, log(1 + exp(-y p)) for two classes
  penalty   l1: lambda * sum |w|        l2: lambda * sum w^2
            elasticnet: lambda * (R * sum |w| + (1 - R) * sum w^2)

examples:
  fastreg fit
  fastreg fit --task classification --penalty elasticnet --l1-ratio 0.9
  fastreg fit houses.csv --target price --strength 0.1 --out model.npz
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; see {self.prog} --help.\n")


def understood(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments, or leave with a sentence (status 2) or the help (status 0)."""
    parser = _Parser(prog="fastreg", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="store_true", help="print the version and leave")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    fit = _add_fit(commands)
    doctor = commands.add_parser(
        "doctor",
        help="say what is installed, how many threads are used and whether compiled code is kept",
        description="Say what is installed, how many threads are used and whether compiled code is kept.",
        allow_abbrev=False,
    )
    doctor.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments, unknown = parser.parse_known_args(argv)
    used = {"fit": fit, "doctor": doctor}.get(arguments.command, parser)
    if unknown:
        _refuse_unknown(used, unknown)
    if arguments.version:
        from fastreg import __version__

        print(f"fastreg {__version__}")
        parser.exit(0)
    if arguments.command is None:
        parser.print_help()
        parser.exit(0)
    if arguments.command == "fit" and arguments.l1_ratio is not None and arguments.penalty != "elasticnet":
        fit.error(f"--l1-ratio belongs to --penalty elasticnet, not to {arguments.penalty}")
    if arguments.command == "fit" and arguments.target is not None and arguments.file is None:
        fit.error(f"--target {arguments.target!r} needs a FILE to take it from")
    return arguments


def _add_fit(commands) -> argparse.ArgumentParser:
    """Add the command `fit`."""
    parser = commands.add_parser(
        "fit",
        help="fit a model to a file and show what it found",
        description=_FIT,
        epilog=_FIT_END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="svmlight, CSV or npz")
    parser.add_argument(
        "--target",
        metavar="NAME",
        help="the column (CSV; default: the last) or array (npz; default: y) to predict",
    )
    parser.add_argument(
        "--task",
        choices=("auto", "regression", "classification"),
        default="auto",
        help="auto (the default): classification where the target has two values, else regression",
    )
    parser.add_argument("--penalty", choices=("l1", "l2", "elasticnet"), default="l1", help="default: l1")
    parser.add_argument(
        "--l1-ratio", type=_number(0, 1), metavar="R", help="share of l1 in elasticnet, 0 to 1; default: 0.5"
    )
    lambdas = parser.add_mutually_exclusive_group()
    lambdas.add_argument("--strength", type=_number(0, math.inf), metavar="S", help="use this lambda")
    lambdas.add_argument(
        "--cv",
        type=_folds,
        metavar="K",
        help="choose lambda by K-fold cross-validation; default: 5",
    )
    parser.add_argument(
        "--standardize",
        action=argparse.BooleanOptionalAction,
        help="penalise the weights of columns scaled to unit variance; default: for dense data only",
    )
    parser.add_argument(
        "--out", metavar="MODEL", help="write the model to this npz file, whole or not at all"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _refuse_unknown(parser: argparse.ArgumentParser, unknown: list[str]) -> NoReturn:
    """Leave with a sentence that names the first unknown option and the one that was perhaps meant."""
    options = [argument for argument in unknown if argument.startswith("-") and argument != "-"]
    if not options:
        parser.error(f"there is no use for {unknown[0]!r}")
    name = options[0].partition("=")[0]
    known = [option for action in parser._actions for option in action.option_strings]
    close = difflib.get_close_matches(name, known, 1)
    parser.error(f"there is no option {name!r}" + (f", perhaps {close[0]} is meant" if close else ""))


def _number(low: float, high: float) -> Callable[[str], float]:
    """Return the reader of a finite number in an interval."""

    def read(text: str) -> float:
        limits = f"of at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and low <= value <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {limits}")
        return value

    return read


def _folds(text: str) -> int:
    """Read a number of folds."""
    if not (text.isdecimal() and int(text) >= 2):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 2")
    return int(text)
