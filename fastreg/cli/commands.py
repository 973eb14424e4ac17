"""The commands and their options."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import NoReturn

from . import help_texts

SHELLS = ("bash", "zsh", "fish")
REHEARSED = (
    "Lasso",
    "ElasticNet",
    "LassoCV",
    "ElasticNetCV",
    "Ridge",
    "RidgeCV",
    "LogisticRegression",
    "LogisticRegressionCV",
    "GroupLasso",
    "SGDClassifier",
    "SGDRegressor",
    "LinearRegressor",
    "LinearRegressorCV",
    "LinearClassifier",
    "LinearClassifierCV",
    "solve",
)
PENALTIES = ("l1", "l2", "elasticnet")
_FILE_HELP = "svmlight, CSV or npz; - for standard input"


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Leave with the sentence."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; see {self.prog} --help.\n")


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole line, and those of the commands by name."""
    whole = Parser(
        prog="fastreg",
        description=help_texts.FASTREG,
        epilog=help_texts.FASTREG_END + help_texts.COMPLETION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="store_true", help="print the version and leave")
    added = whole.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def command(name: str, summary: str, description: str, end: str) -> Parser:
        return added.add_parser(
            name,
            help=summary,
            description=description,
            epilog=end,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    fit = command("fit", "fit a model to a file and show what it found", help_texts.FIT, help_texts.FIT_END)
    _add_problem(fit)
    lambdas = fit.add_mutually_exclusive_group()
    lambdas.add_argument("--strength", type=_number(0, math.inf), metavar="S", help="use this lambda")
    lambdas.add_argument(
        "--cv", type=_whole(2), metavar="K", help="choose lambda by K-fold cross-validation; default: 5"
    )
    _add_outputs(fit, "MODEL", "write the model to this npz file, whole or not at all")

    cv = command("cv", "choose lambda by cross-validation", help_texts.CV, help_texts.CV_END)
    _add_problem(cv, several=True)
    cv.add_argument("--folds", type=_whole(2), metavar="K", help="how many; default: 5")
    cv.add_argument(
        "--rule",
        choices=("min", "1se"),
        default="min",
        help="min (the default): the least mean loss; 1se: the strongest penalty within one standard error",
    )
    _add_strengths(cv)
    _add_outputs(cv, "MODEL", "write the model to this npz file, whole or not at all")

    path = command("path", "fit at a falling sequence of strengths", help_texts.PATH, help_texts.PATH_END)
    _add_problem(path)
    _add_strengths(path)
    _add_outputs(path, "PATH", "write strengths and weights to this npz file, whole or not at all")

    study = command(
        "study",
        "try learning rates and lambdas of stochastic descent",
        help_texts.STUDY,
        help_texts.STUDY_END,
    )
    _add_problem(study, penalty="l2")
    grid = "how many, or which, separated by commas; default: 7 up to about the largest that"
    study.add_argument(
        "--learning-rates", type=_numbers(above=True), metavar="N", help=f"{grid} does not diverge"
    )
    study.add_argument("--strengths", type=_numbers(), metavar="N", help=f"{grid} leaves any weights")
    study.add_argument("--epochs", type=_whole(1), metavar="N", help="passes over the rows; default: 20")
    study.add_argument(
        "--power",
        type=_number(0, math.inf),
        metavar="P",
        help="step t is the learning rate divided by t to this power; default: 0",
    )
    study.add_argument("--average", action="store_true", help="take the means of the weights after all steps")
    _add_drawings(study)

    predict = command(
        "predict", "predict the rows of a file with a model", help_texts.PREDICT, help_texts.PREDICT_END
    )
    _add_model(predict)
    predict.add_argument(
        "--out",
        metavar="OUT",
        help="write the predictions to this .csv or .npz file, or - to standard output",
    )
    _add_json(predict)

    certify = command(
        "certify", "say how far a model is from the optimum", help_texts.CERTIFY, help_texts.CERTIFY_END
    )
    _add_model(certify)
    _add_json(certify)

    doctor = command(
        "doctor",
        "say what is installed and whether compiled code is kept",
        help_texts.DOCTOR,
        help_texts.DOCTOR_END,
    )
    _add_json(doctor)

    precompile = command(
        "precompile",
        "compile ahead of time what fits will need",
        help_texts.PRECOMPILE,
        help_texts.PRECOMPILE_END,
    )
    _add_precompiling(precompile)
    _add_json(precompile)

    cache = command(
        "cache", "say where compiled code is kept, or remove it", help_texts.CACHE, help_texts.CACHE_END
    )
    cache.add_argument(
        "action",
        choices=("info", "clear", "path"),
        metavar="ACTION",
        help="info: how much there is; clear: remove it; path: print the directory and nothing else",
    )
    _add_json(cache)

    completion = command(
        "completion", "print a script for completion by Tab", help_texts.COMPLETE, help_texts.COMPLETE_END
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")
    return whole, dict(added.choices)


def _add_problem(parser: Parser, several: bool = False, penalty: str = "l1") -> None:
    """Add what says the data and the model to fit, or several models to compare."""
    parser.add_argument("file", nargs="?", metavar="FILE", help=_FILE_HELP)
    _add_format(parser)
    parser.add_argument(
        "--target",
        metavar="NAME",
        help="the column (CSV; default: the last) or array (npz; default: y) to predict",
    )
    _add_drop(parser)
    parser.add_argument(
        "--task",
        choices=("auto", "regression", "classification"),
        default="auto",
        help="auto (the default): classification where the target has two values, else regression",
    )
    share = "share of l1 in elasticnet, 0 to 1"
    if several:
        parser.add_argument(
            "--penalty",
            type=_some(*PENALTIES),
            default=[penalty],
            metavar="NAMES",
            help=f"{', '.join(PENALTIES)}, or some to compare, separated by commas; default: {penalty}",
        )
        parser.add_argument(
            "--l1-ratio",
            type=_list(_number(0, 1)),
            metavar="R",
            help=f"{share}, or several to compare, separated by commas; default: 0.5",
        )
    else:
        parser.add_argument("--penalty", choices=PENALTIES, default=penalty, help=f"default: {penalty}")
        parser.add_argument("--l1-ratio", type=_number(0, 1), metavar="R", help=f"{share}; default: 0.5")
    parser.add_argument(
        "--standardize",
        action=argparse.BooleanOptionalAction,
        help="penalise the weights of columns scaled to unit variance; default: for dense data only",
    )


def _add_strengths(parser: Parser) -> None:
    """Add what says the strengths of a path."""
    parser.add_argument(
        "--strengths",
        type=_numbers(),
        metavar="N",
        help="how many, or which, separated by commas; default: 100",
    )
    parser.add_argument(
        "--ratio",
        type=_number(0, 1, open_below=True),
        metavar="R",
        help="the last strength as a share of the first; default: 0.001 (l2: 0.000001)",
    )


def _add_precompiling(parser: Parser) -> None:
    """Add what says for which fits, types and processors code is compiled."""
    parser.add_argument(
        "--profile",
        type=_some("estimators", "kernels", "all", *REHEARSED),
        default=["estimators"],
        metavar="WHAT",
        help="estimators (the default), kernels, all, or some of "
        f"{', '.join(REHEARSED)}, separated by commas",
    )
    parser.add_argument(
        "--dtype",
        type=_some("float64", "float32"),
        default=["float64"],
        metavar="TYPES",
        help="of X: float64 (the default), float32, or both, separated by a comma",
    )
    parser.add_argument(
        "--index",
        type=_some("int32", "int64"),
        default=["int32", "int64"],
        metavar="TYPES",
        help="of the indices of sparse X, which share their code; default: int32,int64",
    )
    parser.add_argument(
        "--cpu",
        choices=("native", "generic"),
        help="native: this one; generic: any of its kind; default: what NUMBA_CPU_NAME says, else native",
    )
    parser.add_argument(
        "--jobs", type=_whole(1), metavar="N", help="processes at a time; default: one for each processor"
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="then do the same fits in fresh processes, and fail if one of them compiles",
    )


def _add_model(parser: Parser) -> None:
    """Add what says the model and the data to look at."""
    parser.add_argument("model", metavar="MODEL", help="what fastreg fit --out wrote")
    parser.add_argument("file", metavar="FILE", help=_FILE_HELP)
    _add_format(parser)
    _add_drop(parser)


def _add_format(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        choices=("auto", "csv", "svmlight", "npz"),
        default="auto",
        help="what FILE is; auto (the default): its content says it",
    )


def _add_drop(parser: Parser) -> None:
    parser.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="NAME",
        help="leave this column out, whatever it holds; may be given several times",
    )


def _add_outputs(parser: Parser, metavar: str, out: str) -> None:
    parser.add_argument("--out", metavar=metavar, help=out)
    _add_drawings(parser)


def _add_drawings(parser: Parser) -> None:
    parser.add_argument("--plot", metavar="PNG", help="draw a picture: .png, .pdf or .svg; needs matplotlib")
    parser.add_argument(
        "--report",
        metavar="HTML",
        help="write tables, pictures and where they come from to one page; needs matplotlib",
    )
    _add_json(parser)


def _add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _number(low: float, high: float, open_below: bool = False) -> Callable[[str], float]:
    """Return the reader of a finite number in an interval."""
    limits = f"of at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
    if open_below:
        limits = f"above {low:g}" + ("" if math.isinf(high) else f" and at most {high:g}")

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and low <= value <= high) or (open_below and value == low):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {limits}")
        return value

    return read


def _list(read: Callable[[str], float]) -> Callable[[str], list[float]]:
    """Return the reader of numbers separated by commas."""
    return lambda text: [read(part.strip()) for part in text.split(",")]


def _numbers(above: bool = False) -> Callable[[str], int | list[float]]:
    """Return the reader of a count, or of numbers separated by commas of at least, or above, 0."""
    read = _list(_number(0, math.inf, open_below=above))

    def either(text: str) -> int | list[float]:
        return _whole(1)(text) if text.isdecimal() else read(text)

    return either


def _whole(least: int) -> Callable[[str], int]:
    """Return the reader of a whole number."""

    def read(text: str) -> int:
        if not (text.isdecimal() and int(text) >= least):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return read


def _some(*known: str) -> Callable[[str], list[str]]:
    """Return the reader of words separated by commas."""

    def read(text: str) -> list[str]:
        words = list(dict.fromkeys(word.strip() for word in text.split(",")))
        for word in words:
            if word not in known:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(known)}")
        return words

    return read
