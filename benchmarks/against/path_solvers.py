"""The libraries that follow a path, each asked in its own words; each runs in a process of its own.

A process can be ended when a fit takes too long, which no call inside this one could be.
"""

import contextlib
import importlib.util
import multiprocessing
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

import fastreg
from fastreg import losses, penalties


class Found(NamedTuple):
    """A path: coefficients of (n_features, n_strengths), intercepts, and the seconds it took."""

    coefs: sp.csc_array
    intercepts: np.ndarray
    seconds: float


class PathSolver(NamedTuple):
    """A function (problem, tol) -> `Found`; whether it is installed; why it does not take a problem."""

    follow: Callable
    installed: Callable
    refuses: Callable


def _timed(call):
    started = time.perf_counter()
    result = call()
    return result, time.perf_counter() - started


def _fastreg(problem, tol):
    path, seconds = _timed(
        lambda: fastreg.path(
            problem.X, problem.y, loss=losses.Logistic() if problem.logistic else losses.Squared(),
            penalty=penalties.L1(1.0), strengths=problem.strengths, fit_intercept=problem.fit_intercept,
            tol=tol,
        )
    )  # fmt: skip
    return Found(path.coefs, path.intercepts, seconds)


def _celer(problem, tol):
    from celer.homotopy import celer_path

    kind, scale = ("logreg", problem.y.size) if problem.logistic else ("lasso", 1)
    X = sp.csc_matrix(problem.X) if sp.issparse(problem.X) else problem.X
    (_, coefs, *_), seconds = _timed(
        lambda: celer_path(X, problem.y, kind, alphas=problem.strengths * scale, tol=tol, max_iter=1000)
    )
    return Found(sp.csc_array(coefs), np.zeros(problem.strengths.size), seconds)


def _skglm(problem, tol):
    import skglm

    words = {"fit_intercept": problem.fit_intercept, "tol": tol, "max_iter": 1000, "warm_start": True}
    model = skglm.SparseLogisticRegression(**words) if problem.logistic else skglm.Lasso(**words)

    def follow():
        coefs, intercepts = [], []
        for strength in problem.strengths:
            model.set_params(alpha=strength).fit(problem.X, problem.y)
            coefs.append(sp.csc_array(np.ravel(model.coef_)[:, None]))
            intercepts.append(float(np.ravel(model.intercept_)[0]))
        return coefs, intercepts

    (coefs, intercepts), seconds = _timed(follow)
    return Found(sp.csc_array(sp.hstack(coefs)), np.array(intercepts), seconds)


def _adelie(problem, tol):
    import adelie

    n_threads = fastreg.get_num_threads()
    sparse = sp.issparse(problem.X)
    X = sp.csc_matrix(problem.X) if sparse else problem.X
    y = (problem.y > 0).astype(float) if problem.logistic else problem.y

    def follow():
        stored = (adelie.matrix.sparse if sparse else adelie.matrix.dense)(
            X, method="naive", n_threads=n_threads
        )
        return adelie.grpnet(
            stored, adelie.glm.binomial(y) if problem.logistic else adelie.glm.gaussian(y),
            intercept=problem.fit_intercept, lmda_path=problem.strengths, tol=tol,
            irls_tol=min(1e-7, tol), max_iters=1_000_000_000, early_exit=False, progress_bar=False,
            n_threads=n_threads,
        )  # fmt: skip

    path, seconds = _timed(follow)
    return Found(sp.csc_array(path.betas.T), np.ravel(path.intercepts), seconds)


def _glmnet(problem, tol):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sparse = sp.issparse(problem.X)
        meta = [*problem.X.shape, sparse, problem.logistic, problem.fit_intercept]
        np.array(meta, dtype=np.int32).tofile(folder / "meta")
        if sparse:
            problem.X.indices.tofile(folder / "indices")
            problem.X.indptr.tofile(folder / "indptr")
            problem.X.data.tofile(folder / "data")
        else:
            problem.X.ravel(order="F").tofile(folder / "data")
        problem.y.tofile(folder / "y")
        problem.strengths.tofile(folder / "strengths")
        script = Path(__file__).with_name("glmnet.R")
        done = subprocess.run(
            ["Rscript", str(script), name, repr(tol)], check=True, capture_output=True, text=True
        )
        found = {
            key: np.fromfile(folder / f"found_{key}", dtype)
            for key, dtype in [
                ("data", np.float64), ("indices", np.int32), ("indptr", np.int32), ("intercepts", np.float64)
            ]
        }  # fmt: skip
    shape = problem.X.shape[1], problem.strengths.size
    coefs = sp.csc_array((found["data"], found["indices"], found["indptr"]), shape=shape)
    return Found(coefs, found["intercepts"], float(done.stdout.split()[-1]))


def _package(name):
    return lambda: importlib.util.find_spec(name) is not None


def _has_glmnet():
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "quit(status = !requireNamespace('glmnet', quietly = TRUE))"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _anything(problem):
    return ""


def _no_intercept(problem):
    return "its path has no intercept" if problem.fit_intercept else ""


SOLVERS = {
    "fastreg": PathSolver(_fastreg, lambda: True, _anything),
    "celer": PathSolver(_celer, _package("celer"), _no_intercept),
    "skglm": PathSolver(_skglm, _package("skglm"), _anything),
    "adelie": PathSolver(_adelie, _package("adelie"), _anything),
    "glmnet": PathSolver(_glmnet, _has_glmnet, _anything),
}


def _serve(connection, name, problem):
    """Follow the path at every tolerance that is asked for, until nobody asks any more."""
    os.setsid()  # so that what it starts, as glmnet's R, is ended with it
    warnings.simplefilter("ignore")
    while True:
        try:
            n_strengths, tol = connection.recv()
        except EOFError:
            return
        try:
            found = SOLVERS[name].follow(problem.first(n_strengths), tol)
        except Exception as error:
            found = f"failed at tol {tol:.0e} with {type(error).__name__}: {str(error).splitlines()[0][:100]}"
        connection.send(found)


class Worker:
    """A process that follows a path with one solver when it is asked to."""

    def __init__(self, name, problem):
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, name, problem))
        self._process.start()

    def follow(self, tol, limit, n_strengths):
        """Return `Found`, or why there is none; a path beyond ``limit`` seconds ends the process."""
        self._connection.send((n_strengths, tol))
        if not self._connection.poll(limit):
            self.end()
            return f"not done within {limit:.0f} s at tol {tol:.0e}"
        return self._connection.recv()

    def end(self):
        """End the process and what it started, whatever they do."""
        with contextlib.suppress(ProcessLookupError):  # it ended by itself, or has no session of its own yet
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
