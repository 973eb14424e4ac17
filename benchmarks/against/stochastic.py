"""Stochastic gradient against other libraries: `python -m benchmarks.against.stochastic`.

Seconds until the penalised objective is within 1 % and 0.1 % of the least, which fastreg certifies. Every
solver goes over the rows 1, 2, 3, ... times (`fastreg.solve`: so many rounds), from 0 each time, and with
every schedule of its list: the best counts. What counts is the objective of the weights it returns,
recomputed in NumPy.
"""

import argparse
import contextlib
import sys
import warnings
from typing import NamedTuple

import numpy as np

from .measuring import certified
from .stochastic_problems import DATA, ELASTIC_NET, problems
from .stochastic_solvers import CONTENDERS, installed

TARGETS = (1e-2, 1e-3)
EPOCHS = (1, 2, 3, 4, 6, 8, 12, 20, 30, 50, 80, 120, 200)
# Later rounds repeat the runs that reached a target in at most this many times the best.
CLOSE = 1.5


class Run(NamedTuple):
    """One timed fit; ``excess`` is its objective over the least, less 1.

    ``asked`` is a number of the ladder, epochs or rounds; ``epochs`` is how often it went over the rows.
    """

    solver: str
    way: str
    asked: int
    epochs: int
    seconds: float
    excess: float


def measure(problem, contenders, *, rounds=3, budget=60.0, tell=lambda line: None):
    """Run contenders on a problem, in turn at each number of epochs.

    Parameters
    ----------
    problem : Problem
    contenders : dict of Contender
    rounds : int
        How often what came close to a target is run.
    budget : float
        Seconds for each contender in the first round. A schedule ends earlier once it has reached the last
        target, or has needed longer than another that reached it.
    tell : function
        Called with one line for every schedule that fails.

    Returns
    -------
    list of Run
    """
    least, _ = certified(problem)

    def run(name, way, epochs):
        timed = contenders[name].run(epochs, contenders[name].ways()[way])
        return Run(name, way, epochs, timed.epochs, timed.seconds, problem.objective(*timed.fit) / least - 1)

    with warnings.catch_warnings(), np.errstate(all="ignore"):  # what is not reached, the objective says
        warnings.simplefilter("ignore")
        climbing = []
        for name, contender in contenders.items():
            for way in contender.ways():
                try:
                    run(name, way, 1)  # compiles and imports, off the clock
                    climbing.append((name, way))
                except Exception as error:
                    tell(f"{name} {way}: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
        runs = _climb(climbing, run, budget, tell)
        repeated = [each for each in runs if _is_close(each, runs)]
        for _ in range(1, rounds):
            runs += [run(each.solver, each.way, each.asked) for each in repeated]
    return runs


def _climb(climbing, run, budget, tell):
    runs, spent = [], {}
    for epochs in EPOCHS:
        for name, way in tuple(climbing):
            try:
                latest = run(name, way, epochs)
            except Exception as error:
                tell(f"{name} {way}: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
                climbing.remove((name, way))
                continue
            runs.append(latest)
            spent[name] = spent.get(name, 0.0) + latest.seconds
            if latest.seconds >= seconds_to(runs, name, TARGETS[-1]) or spent[name] > budget:
                climbing.remove((name, way))
    return runs


def _is_close(each, runs):
    return any(
        each.excess <= target and each.seconds <= CLOSE * seconds_to(runs, each.solver, target)
        for target in TARGETS
    )


def seconds_to(runs, name, target):
    """Return the seconds of the shortest run within a target, infinity if there is none."""
    return min((r.seconds for r in runs if r.solver == name and r.excess <= target), default=np.inf)


def table(problem, runs, names):
    """Return the rows: seconds of each solver to each target, how many times the best of fastreg, and how."""
    # With more threads than the first number, fastreg is compared with itself.
    ours = [name for name in names if is_ours(name) and not name.endswith("threads")]
    best = [min((seconds_to(runs, name, t) for name in ours), default=np.inf) for t in TARGETS]
    heads = "".join(f" to {target:.1%} | over ours | by |" for target in TARGETS)
    lines = [f"\n{problem.name}: {problem.described()}\n", f"| solver |{heads}", "|---" * 7 + "|"]
    for name in names:
        cells = [_cell(runs, name, *each) for each in zip(TARGETS, best, strict=True)]
        lines.append(f"| {name} |{''.join(cells)}")
    peers = [name for name in names if not is_ours(name)]
    if peers and ours:
        cells = [
            f" | {_over(min(seconds_to(runs, name, target) for name in peers), least)} | |"
            for target, least in zip(TARGETS, best, strict=True)
        ]
        lines.append(f"| best peer |{''.join(cells)}")
    return "\n".join(lines)


def is_ours(name):
    """Return whether a contender is fastreg."""
    return name.startswith("fastreg")


def _cell(runs, name, target, best):
    seconds = seconds_to(runs, name, target)
    if np.isinf(seconds):
        return " - | - | |"
    run = next(r for r in runs if r.solver == name and r.seconds == seconds)
    epochs = "1 epoch" if run.epochs == 1 else f"{run.epochs} epochs"
    how = ", ".join(word for word in (run.way, epochs) if word)
    return f" {seconds:.4f} | {_over(seconds, best)} | {how} |"


def _over(seconds, best):
    return "-" if np.isinf(max(seconds, best)) else f"{seconds / best:.2f}"


def _contenders(problem, names, threads, tell):
    """Return the contenders for a problem by their name, more than once where threads are compared."""
    made = {}
    for name in names:
        kind = CONTENDERS[name]
        reason = f"{kind.package} is not installed" if not installed(name) else kind.refuses(problem)
        if reason:
            tell(f"{name}: {reason}")
            continue
        made[name] = kind(problem, threads[0])
        for n_threads in threads[1:] if kind.has_threads else ():
            made[f"{name}, {n_threads} threads"] = kind(problem, n_threads)
    return made


def _arguments(words):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against.stochastic",
        description=__doc__.partition("\n\n")[2],
        epilog="Real data is measured too where FASTREG_DATA names a folder that holds it.",
    )
    parser.add_argument("--data", choices=list(DATA), nargs="+", default=list(DATA))
    parser.add_argument("--solvers", choices=list(CONTENDERS), nargs="+", default=list(CONTENDERS))
    parser.add_argument("--alpha", type=float, help="strength of L2 (1 / n)")
    parser.add_argument(
        "--elastic-net", type=float, nargs=2, default=ELASTIC_NET, metavar=("ALPHA", "L1_RATIO"),
        help="strength and l1_ratio of the elastic net ({} {})".format(*ELASTIC_NET),
    )  # fmt: skip
    parser.add_argument("--no-intercept", action="store_true", help="fit none")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="compared where they differ (1)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of what came close to a target (3)")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds for each solver (60)")
    return parser.parse_args(words)


def main(words=None):
    """Measure, printing a table for each problem once it is known."""
    asked = _arguments(words)
    for name in asked.data:
        for problem in problems(
            name, alpha=asked.alpha, elastic_net=asked.elastic_net, fit_intercept=not asked.no_intercept
        ):

            def tell(line, problem=problem):
                print(f"{problem.name}: {line}", file=sys.stderr, flush=True)

            made = _contenders(problem, asked.solvers, asked.threads, tell)
            with contextlib.ExitStack() as ends:
                for contender in made.values():
                    ends.callback(contender.close)
                runs = measure(problem, made, rounds=asked.rounds, budget=asked.budget, tell=tell)
            print(table(problem, runs, list(made)), flush=True)


if __name__ == "__main__":
    main()
