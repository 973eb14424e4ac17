"""What an epoch of stochastic gradient costs: `python -m benchmarks.against.epochs`.

Seconds of one more epoch, as a multiple of one product of the same CSR matrix with a vector in SciPy, in
interleaved rounds of the same run; then rows of 50 non-zeros in a million and in ten million columns, with
the memory of a fit beside the data.
"""

import argparse
import os
import subprocess
import sys
import time
import warnings

import numpy as np
import scipy.sparse as sp

from benchmarks.suite.memory import can_be_measured
from benchmarks.suite.problems import text_like, with_32_bit_indices

from .problems import Problem
from .stochastic_problems import DATA, ELASTIC_NET, natural_step, problems
from .stochastic_solvers import CONTENDERS, installed

# One more epoch is the difference of fits of so many, over the difference.
FEW, MANY = 1, 6
SOLVERS = [name for name in CONTENDERS if name.startswith("fastreg")] + ["scikit-learn SGD"]
WIDE_ROWS, WIDE_PER_ROW = 100_000, 50

_CHILD = """
import sys
from benchmarks.against.epochs import added_memory
print(added_memory(sys.argv[1], *map(int, sys.argv[2:])))
"""


def wide(n_features, elastic_net, n_rows=WIDE_ROWS, *, like_words=False):
    """Return a problem of rows with 50 entries, anywhere among the features or as unequally as words."""
    rng = np.random.default_rng(0)
    if like_words:
        X, _ = text_like(n_rows, n_features, WIDE_PER_ROW)
    else:
        indices = np.sort(rng.integers(0, n_features, size=(n_rows, WIDE_PER_ROW), dtype=np.int32), axis=1)
        values = rng.standard_normal(indices.size) / np.sqrt(WIDE_PER_ROW)
        starts = np.arange(n_rows + 1, dtype=np.int32) * WIDE_PER_ROW
        X = sp.csr_array((values, indices.ravel(), starts), shape=(n_rows, n_features))
        X.sum_duplicates()  # or every fit would make a copy
    y = np.where(rng.random(n_rows) < 0.5, 1.0, -1.0)
    alpha, l1_ratio = ELASTIC_NET if elastic_net else (1 / n_rows, 0.0)
    return Problem(f"{n_features:,} features", with_32_bit_indices(X), y, True, alpha, l1_ratio)


def way(problem, *, mean):
    """Return the words of the SGD estimators: constant steps; with ``mean``, that of all iterates."""
    words = {"learning_rate": "constant", "eta0": 0.3 * natural_step(problem)}
    return words | {"average": True} if mean else words


def contenders(names, cases, threads):
    """Return (name, contender, words) for each solver and number of threads: L2 last, elastic net mean.

    Parameters
    ----------
    names : list of str
    cases : pair of Problem
        With L2, and with the elastic net.
    threads : list of int
    """
    made = []
    for name in names:
        kind = CONTENDERS[name]
        if not installed(name) or any(kind.refuses(problem) for problem in cases):
            continue
        for n_threads in threads if kind.has_threads else threads[:1]:
            for problem in cases:
                words = way(problem, mean=problem.l1_ratio > 0) if "SGD" in name else {}
                made.append((f"{name}, {n_threads}", kind(problem, n_threads), words))
    return made


def seconds_of_epochs(made, rows, rounds):
    """Return the seconds of a product, and of one more epoch and of the first of each contender."""
    vector = np.random.default_rng(0).standard_normal(rows.shape[1])
    product, seconds, epochs = np.inf, np.full((len(made), 2), np.inf), np.empty((len(made), 2))
    for k in range(rounds + 1):
        for i, (_, contender, words) in enumerate(made):
            product = min(product, _seconds_of_product(rows, vector))
            for m, asked in enumerate((FEW, MANY)):
                timed = contender.run(asked, words)
                epochs[i, m] = timed.epochs
                if k:  # the first round compiles
                    seconds[i, m] = min(seconds[i, m], timed.seconds)
    return product, np.diff(seconds)[:, 0] / np.diff(epochs)[:, 0], seconds[:, 0]


def _seconds_of_product(rows, vector):
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        rows @ vector
        taken.append(time.perf_counter() - began)
    return min(taken)


def added_memory(solver, n_features, elastic_net, epochs=2):
    """Return how far a fit raises the memory of this process, in vectors of n_features doubles.

    The kernel keeps the highest resident size of a process, and forgets it when it is told to (Linux only).
    """
    problem = wide(n_features, elastic_net)
    contender = CONTENDERS[solver](problem, 1)
    words = way(problem, mean=bool(elastic_net)) if "SGD" in solver else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        contender.fit(epochs, **words)  # all that it compiles is compiled then
        before = _resident("VmRSS")
        with open("/proc/self/clear_refs", "w") as references:
            references.write("5")  # the highest resident size starts anew
        contender.fit(epochs, **words)
    return (_resident("VmHWM") - before) / (8 * n_features)


def _resident(name):
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(name))


def _memory_in_a_fresh_process(solver, n_features, elastic_net):
    words = [solver, str(n_features), str(int(elastic_net))]
    # Freed vectors are to be given back, so that they are counted again when they are asked for again.
    told = subprocess.run(
        [sys.executable, "-c", _CHILD, *words], capture_output=True, text=True, check=True,
        env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "100000"},
    )  # fmt: skip
    return float(told.stdout)


def _report(title, cases, names, threads, rounds):
    made = contenders(names, cases, threads)
    product, more, first = seconds_of_epochs(made, cases[0].rows, rounds)
    print(f"\n{title}: a CSR product takes {1e3 * product:.2f} ms\n")
    heads = "".join(f" {what}: products | ms | first, ms |" for what in ("L2, last", "elastic net, mean"))
    print(f"| solver, threads |{heads}\n" + "|---" * 7 + "|")
    for i in range(0, len(made), 2):
        cells = "".join(
            f" {more[k] / product:.2f} | {1e3 * more[k]:.1f} | {1e3 * first[k]:.1f} |" for k in (i, i + 1)
        )
        print(f"| {made[i][0]} |{cells}", flush=True)
    return {made[i][0]: more[i : i + 2] for i in range(0, len(made), 2)}


def main(words=None):
    """Measure, printing a table for each data set once it is known."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against.epochs", description=__doc__.partition("\n\n")[2]
    )
    parser.add_argument("--data", choices=list(DATA), nargs="*", default=list(DATA))
    parser.add_argument("--solvers", choices=SOLVERS, nargs="+", default=SOLVERS)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--features",
        type=int,
        nargs="*",
        default=[10**6, 10**7],
        help="of the wide rows (a million, ten million)",
    )
    parser.add_argument(
        "--like-words", action="store_true", help="wide rows have features as unequally popular as words"
    )
    asked = parser.parse_args(words)
    warnings.simplefilter("ignore")
    for name in asked.data:
        _report(name, problems(name), asked.solvers, asked.threads, asked.rounds)
    seconds = []
    for p in asked.features:
        cases = [wide(p, elastic_net, like_words=asked.like_words) for elastic_net in (False, True)]
        seconds.append(_report(cases[0].name, cases, asked.solvers, asked.threads, asked.rounds))
    if len(seconds) > 1:
        print(f"\nEpochs of {asked.features[-1]:,} features over those of {asked.features[0]:,}:")
        for name, last in seconds[-1].items():
            print(f"  {name}: {last[0] / seconds[0][name][0]:.2f} (L2), {last[1] / seconds[0][name][1]:.2f}")
    for p in asked.features if can_be_measured() else ():
        print(f"\nMemory beside the data, in vectors of {p:,} doubles:")
        for name in asked.solvers:
            if not CONTENDERS[name].refuses(wide(p, False, 10)):
                last, mean = (
                    _memory_in_a_fresh_process(name, p, elastic_net) for elastic_net in (False, True)
                )
                print(f"  {name}: {last:.2f} (L2), {mean:.2f} (elastic net)", flush=True)


if __name__ == "__main__":
    main()
