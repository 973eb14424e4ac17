"""What a review measures: kernels, fits, a path, epochs; each with exact counts of its work."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import fastreg
from fastreg.designs import Dense, Sparse
from fastreg.losses import Logistic

from ..suite import problems, stochastic


class Row(NamedTuple):
    """One line of the table.

    Attributes
    ----------
    prepare : function
        Makes the data, and returns a function without arguments that does the work and returns its counts.
    threads : int
        More than one is timed by the clock on the wall, one by the processor's time of the process.
    asv : tuple of str, or None
        The benchmark of the suite that measures the same, and its parameters as asv spells them.
    quick : bool
        Whether it is measured with ``--quick`` too.
    """

    prepare: Callable
    threads: int = 1
    asv: tuple | None = None
    quick: bool = False


@fastreg.kernel
def dots(design, sweeps, v, out):
    """Multiply every vector with v, one at a time."""
    for _ in range(sweeps):
        for j in range(out.size):
            out[j] = design.dot(j, v)


@fastreg.kernel
def axpys(design, sweeps, a, v):
    """Add multiples of every vector to v, one at a time."""
    for _ in range(sweeps):
        for j in range(a.size):
            design.axpy(j, a[j], 1.0, v)


@fastreg.kernel
def passes(design, sweeps, v, out):
    """Multiply every vector with v as a full pass does."""
    for _ in range(sweeps):
        design.products(v, 0, out.size, out)


def dense_design():
    """Return vectors that fit into the second level of the cache: more work cannot hide behind memory."""
    return Dense(np.random.default_rng(0).standard_normal((100, 1000))), 100, 1000


def sparse_design():
    X = problems.text_like(2000, 3000, 60)[0]
    return Sparse(X.data, X.indices.astype(np.uint32), X.indptr.astype(np.int64)), 3000, 2000


def of_kernel(kernel, design_of, sweeps):
    design, n_vectors, length = design_of()
    long, short = np.random.default_rng(1).standard_normal(length), np.full(n_vectors, 1e-9)
    arguments = (short, long) if kernel is axpys else (long, short)
    read = sweeps * sum(part.nbytes for part in design)

    def work():
        kernel(design, sweeps, *arguments)
        return {"bytes_read": read}

    return work


def of_fit(name, n_threads=1):
    words = problems.problem(name)._asdict()
    return lambda: fastreg.solve(**words, tol=1e-6, n_threads=n_threads).work._asdict()


def of_path(name):
    words = problems.problem(name)._asdict()
    words["penalty"] = words["penalty"]._replace(strength=1.0)
    return lambda: fastreg.path(**words, strengths=20, ratio=0.05, tol=1e-6, n_threads=1).work._asdict()


def of_saga():
    X, y = problems.text_like(2000, 3000, 60)
    words = {"loss": Logistic(), "penalty": fastreg.penalties.L2(1e-4), "solver": "saga", "tol": 1e-4}
    signs = np.where(y > np.median(y), 1.0, -1.0)
    rows = X.tocsr()
    return lambda: fastreg.solve(rows, signs, **words, n_threads=1).work._asdict()


def of_epochs(penalty):
    fit = stochastic.fit.__wrapped__
    return lambda: fit("text", penalty, "last").solution_.work._asdict()


def _fit(name, threads=1, quick=False):
    asv = "fits.Seconds.time_solve", (repr(name),)
    return Row(functools.partial(of_fit, name, threads), threads, asv if threads == 1 else None, quick)


def _kernel(kernel, design_of, sweeps):
    return functools.partial(of_kernel, kernel, design_of, sweeps)


ROWS = {
    "dot, dense": Row(_kernel(dots, dense_design, 1500), quick=True),
    "axpy, dense": Row(_kernel(axpys, dense_design, 1500)),
    "pass, dense": Row(_kernel(passes, dense_design, 1500)),
    "dot, sparse": Row(_kernel(dots, sparse_design, 400), quick=True),
    "axpy, sparse": Row(_kernel(axpys, sparse_design, 100)),
    "pass, sparse": Row(_kernel(passes, sparse_design, 200)),
    "fit, wide": _fit("wide", quick=True),
    "fit, text": _fit("text"),
    "fit, text, two threads": _fit("text", threads=2),
    "fit, tall-logistic": _fit("tall-logistic"),
    "fit, text-logistic-l2": _fit("text-logistic-l2"),
    "path, text": Row(functools.partial(of_path, "text")),
    "saga": Row(of_saga),
    "epochs, L2": Row(functools.partial(of_epochs, "L2")),
    "epochs, elastic net": Row(functools.partial(of_epochs, "elastic net")),
}
