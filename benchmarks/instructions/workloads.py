"""What is counted: for each kernel a function of the number of its runs."""

import contextlib
import functools

import numpy as np

import fastreg
from fastreg import team
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2
from fastreg.solvers import coordinate
from fastreg.solvers.problem import assemble
from fastreg.solvers.state import State

from ..suite.problems import dense, text_like, with_32_bit_indices

_CREW = contextlib.ExitStack()


@functools.cache
def _crew():
    return _CREW.enter_context(team.lease(1))


@functools.cache
def _columns(layout):
    return dense(2_000, 200, 10)[0] if layout == "dense" else text_like(2_000, 4_000, 40)[0]


@functools.cache
def _rows(layout):
    X = _columns(layout)
    return np.ascontiguousarray(X) if layout == "dense" else with_32_bit_indices(X.tocsr())


@functools.cache
def _labels():
    return np.random.default_rng(0).choice([-1.0, 1.0], 2_000)


def _problem(layout):
    return assemble(
        _crew(), _columns(layout), _labels(), Squared(), L1(1e-4),
        fit_intercept=True, standardize=False, sample_weight=None, offset=None,
    )  # fmt: skip


def _full_pass(layout):
    columns, slopes = State(_problem(layout)).columns, _labels() / 2_000

    def run(n):
        for _ in range(n):
            columns.score(slopes)

    return run


def _coordinate_descent(layout):
    """Epochs in which every weight moves: by a tenth of the step, as it would soon stand still otherwise."""
    problem = _problem(layout)
    reader, size = problem.matrix.all, problem.matrix.shape[1]
    curvature = 1 / 2_000
    mass, squares = reader.moments(curvature, 1.0, 1.0)
    steps = 0.1 / np.maximum(squares, 1e-9)
    coef, slopes, scale = np.full(size, 0.1), _labels() / 2_000, np.ones(size)

    def run(n):
        coordinate.descend(
            reader.design, reader.positions, np.arange(size), reader.entries, problem.penalty, curvature,
            steps, scale, mass, mass, coef.copy(), slopes.copy(), np.zeros(5), n, 0.0, problem.crew.abort,
        )  # fmt: skip

    return run


def _stochastic(layout, **options):
    def run(n):
        fastreg.SGDClassifier(
            "log_loss", alpha=1e-4, random_state=0, max_iter=n, tol=None,
            **{"learning_rate": "invscaling", "eta0": 0.1, "power_t": 0.25, **options},
        ).fit(_rows(layout), _labels())  # fmt: skip

    return run


def _fits(X, loss, penalty, **options):
    def run(n):
        for _ in range(n):
            fastreg.solve(X, _labels(), loss=loss, penalty=penalty, **options)

    return run


def _universal(function, *arguments):
    x = np.random.default_rng(0).standard_normal(100_000)
    out = np.empty_like(x)

    def run(n):
        for _ in range(n):
            function(x, *arguments, out=out)

    return run


# Name of what is counted: how it is made, and how many runs are counted (and then twice as many).
WORKLOADS = {
    "full pass, dense": (lambda: _full_pass("dense"), 4),
    "full pass, sparse": (lambda: _full_pass("sparse"), 8),
    "coordinate descent epoch, dense": (lambda: _coordinate_descent("dense"), 4),
    "coordinate descent epoch, sparse": (lambda: _coordinate_descent("sparse"), 4),
    "stochastic epoch, L2, dense": (lambda: _stochastic("dense"), 2),
    "stochastic epoch, L2, sparse": (lambda: _stochastic("sparse"), 8),
    "stochastic epoch, elastic net and mean, sparse": (
        lambda: _stochastic("sparse", penalty="elasticnet", average=True), 4,
    ),
    "fit by coordinate descent, dense": (lambda: _fits(_columns("dense"), Squared(), L1(0.01)), 2),
    "fit by coordinate descent, logistic, sparse": (
        lambda: _fits(_columns("sparse"), Logistic(), L1(0.002)), 1,
    ),
    "fit by Newton's method, logistic, sparse": (lambda: _fits(_rows("sparse"), Logistic(), L2(1e-3)), 1),
    "soft_threshold of 100,000 numbers": (lambda: _universal(fastreg.kernels.soft_threshold, 0.5), 8),
    "sigmoid of 100,000 numbers": (lambda: _universal(fastreg.kernels.sigmoid), 8),
}  # fmt: skip
