"""The command line: `python -m benchmarks.against`, in the root of a checkout."""

import argparse
import importlib.util
import sys
from pathlib import Path

from .measuring import measure
from .problems import RECIPES
from .report import draw, footing, heading, row, write_json
from .solvers import SOLVERS, installed


def _one_of(known, what):
    def names(text):
        chosen = text.split(",")
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(
                    f"no {what} is called {name!r}: choose from {', '.join(known)}"
                )
        return chosen

    return names


def _above_zero(kind):
    def number(text):
        if not kind(text) > 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return kind(text)

    number.__name__ = kind.__name__
    return number


def _in_a_folder(text):
    file = Path(text)
    if not file.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {file.parent} to write {file.name} into")
    return file


def _arguments(words):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against",
        description="Seconds to a given suboptimality, fastreg against other libraries.",
        epilog="Real data is measured too where FASTREG_DATA names a folder that holds it.",
    )
    parser.add_argument(
        "--problems", type=_one_of(RECIPES, "problem"), default=list(RECIPES), metavar="A,B",
        help=f"of {', '.join(RECIPES)}; all by default",
    )  # fmt: skip
    parser.add_argument(
        "--solvers", type=_one_of(SOLVERS, "solver"), default=list(SOLVERS), metavar="A,B",
        help=f"of {', '.join(SOLVERS)}; all that are installed by default",
    )  # fmt: skip
    parser.add_argument(
        "--rounds", type=_above_zero(int), default=2, metavar="N", help="climbs of the ladder (2)"
    )
    parser.add_argument(
        "--budget", type=_above_zero(float), default=20.0, metavar="S",
        help="seconds for each solver and problem (20)",
    )  # fmt: skip
    parser.add_argument("--out", type=_in_a_folder, metavar="JSON", help="write every run")
    parser.add_argument("--plot", type=_in_a_folder, metavar="PNG", help="draw the curves; needs matplotlib")
    asked = parser.parse_args(words)
    if asked.plot and importlib.util.find_spec("matplotlib") is None:
        parser.error("--plot needs matplotlib: pip install matplotlib, or leave it out.")
    return asked


def main(words=None):
    """Measure, printing each row of the table once it is known."""
    asked = _arguments(words)
    columns = [name for name in asked.solvers if installed(name)]
    print("\n".join(heading(columns)), flush=True)
    results = []
    for name in asked.problems:
        result = measure(
            RECIPES[name].problem(name), asked.solvers, rounds=asked.rounds, budget=asked.budget,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )  # fmt: skip
        results.append(result)
        print(row(result, columns), flush=True)
    print("\n".join(footing(results)))
    if asked.out:
        write_json(asked.out, results, columns)
    if asked.plot:
        draw(asked.plot, results, columns)


if __name__ == "__main__":
    main()
