"""More threads against one: the ratio of their seconds, pair by pair, with the interval the pairs leave.

`python -m benchmarks.suite.threads` prints the ratio of two threads for every fit, path and full pass of ten
milliseconds or more. Pairs are interleaved, and which goes first alternates, so that a slow moment of the
machine hits both.
"""

import argparse
import functools
import time
from typing import NamedTuple

import numpy as np

import fastreg
from fastreg import team

from . import paths
from .fits import fit
from .full_pass import MATRICES, Pass
from .problems import RECIPES, problem

SHORTEST = 0.01  # seconds; below it a ratio is noise
PASSES_PER_SAMPLE = 10


class Ratio(NamedTuple):
    """Seconds of one thread over seconds of more: the median of the pairs, and a 95 % interval for it."""

    seconds: float
    median: float
    low: float
    high: float


def paired(work, pairs, most):
    """Measure ``work(n_threads)`` with 1 thread and ``most`` of them, in pairs.

    The interval lies between order statistics of the ratios: the k-th from either end, where k is the
    largest number at which a sign test with ``pairs`` throws is missed with 2.5 % at either end.
    """
    seconds = np.empty((pairs, 2))
    for k in range(pairs):
        for n_threads in (1, most) if k % 2 else (most, 1):
            began = time.perf_counter()
            work(n_threads)
            seconds[k, int(n_threads > 1)] = time.perf_counter() - began
    ratios = np.sort(seconds[:, 0] / seconds[:, 1])
    k = max(0, int(np.floor(pairs / 2 - 0.98 * np.sqrt(pairs))))
    return Ratio(float(np.median(seconds[:, 0])), float(np.median(ratios)), ratios[k], ratios[-1 - k])


def of_fit(name, pairs, most=2):
    """Return the ratio for one fit."""
    fit(name, n_threads=most)
    words = problem(name)._asdict()
    return paired(lambda n_threads: fastreg.solve(**words, tol=1e-6, n_threads=n_threads), pairs, most)


def of_path(name, pairs, most=2):
    """Return the ratio for one path."""
    paths.follow(name, most)
    return paired(lambda n_threads: paths.follow.__wrapped__(name, n_threads), pairs, most)


def of_full_passes(layout, pairs, most=2):
    """Return the ratio for full passes over more than 50 MB."""
    with (
        team.lease(most) as many,
        team.lease(1) as one,
    ):  # the other way round one worker would be lent already
        assert many.size == most
        passes = {1: Pass(layout, one), most: Pass(layout, many)}

        def work(n_threads):
            for _ in range(PASSES_PER_SAMPLE):
                passes[n_threads].run()

        work(most)
        return paired(work, pairs, most)


CELLS = {
    **{f"fit {name}": functools.partial(of_fit, name) for name in RECIPES},
    **{f"path {name}": functools.partial(of_path, name) for name in paths.PROBLEMS},
    **{f"full pass {layout}": functools.partial(of_full_passes, layout) for layout in MATRICES},
}


class Threads:
    """Of two at least 0.95 is wanted for fits and paths of ten milliseconds, 1.6 for full passes."""

    version = "1"
    params = [["fit text-logistic", "fit wide", "path tall", "full pass dense", "full pass csc"], [2, "all"]]
    param_names = ["cell", "threads"]
    timeout = 600

    def setup(self, cell, threads):
        if threads == "all" and team.get_num_threads() <= 2:
            raise NotImplementedError  # asv's way to skip

    def track_seconds_of_one_over_many(self, cell, threads):
        return CELLS[cell](5, team.get_num_threads() if threads == "all" else threads).median

    track_seconds_of_one_over_many.unit = "ratio"


def main(words=None):
    """Print the ratio of every cell that is long enough."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite.threads", description=__doc__)
    parser.add_argument("cells", nargs="*", metavar="WORD", help="only cells with one of these in their name")
    parser.add_argument("--pairs", type=int, default=21, help="of runs for each cell (21)")
    asked = parser.parse_args(words)
    print("| cell | seconds, one thread | one over two, median | 95 % interval |\n|---|---|---|---|")
    for cell, ratio_of in CELLS.items():
        if asked.cells and not any(word in cell for word in asked.cells):
            continue
        ratio = ratio_of(asked.pairs)
        if ratio.seconds >= SHORTEST:
            interval = f"{ratio.low:.2f} to {ratio.high:.2f}"
            print(f"| {cell} | {ratio.seconds:.3f} | {ratio.median:.2f} | {interval} |", flush=True)


if __name__ == "__main__":
    main()
