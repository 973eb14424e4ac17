"""A ladder of tolerances for every solver, in interleaved rounds, against one certified reference."""

import time
import warnings
from typing import NamedTuple

import numpy as np

import fastreg
from fastreg import conventions, losses

from .problems import Problem
from .solvers import SOLVERS, installed

TARGETS = (1e-3, 1e-5, 1e-7)
LADDER = tuple(10.0**-k for k in range(1, 15))
# The warm-up of a solver ends at this suboptimality, or after this many seconds (skglm compiles for twenty).
WARM = 0.1
WARM_UP_SECONDS = 60


class Run(NamedTuple):
    """One timed fit; ``tol`` in the solver's own meaning."""

    solver: str
    round: int
    tol: float
    seconds: float
    objective: float
    n_nonzero: int


class Reference(NamedTuple):
    """The least objective anyone reached, and the dual bound that no objective can be below."""

    objective: float
    solver: str
    lower_bound: float


class Result(NamedTuple):
    """All runs on one problem; ``left_out`` gives a reason for every solver that was left out or gave up."""

    problem: Problem
    runs: list[Run]
    left_out: dict[str, str]
    reference: Reference

    def suboptimality(self, run):
        """Return (P - P*) / (P(0) - P*) for P* the reference."""
        best = self.reference.objective
        return max(0.0, run.objective - best) / (self.problem.objective_at_zero - best)

    def seconds_to(self, solver, target):
        """Return the shortest run of a solver that reached a suboptimality, None if none did."""
        reached = [r.seconds for r in self.runs if r.solver == solver and self.suboptimality(r) <= target]
        return min(reached, default=None)


def measure(problem, names, *, rounds=2, budget=20.0, tell=lambda line: None):
    """Run solvers on a problem.

    Parameters
    ----------
    problem : Problem
    names : list of str
        Keys of `SOLVERS`.
    rounds : int
        How often the ladder is climbed.
    budget : float
        Seconds for each solver; its ladder ends when the next step would probably exceed them, or once its
        objective is proven to be within the last target.
    tell : function
        Called with one line after each round of each solver.

    Returns
    -------
    Result
    """
    with warnings.catch_warnings():
        # A loose tolerance is not reached late but stopped at early: the objective says what was reached.
        warnings.simplefilter("ignore")
        objective, lower_bound = certified(problem)
        left_out = _warm_up(problem, names, lower_bound)
        runs = _climb(problem, names, left_out, rounds, budget, lower_bound, tell)
    best, solver = min([(objective, "an untimed fit of fastreg"), *((r.objective, r.solver) for r in runs)])
    return Result(problem, runs, left_out, Reference(best, solver, lower_bound))


def certified(problem):
    """Return the objective of an untimed fit, as exact as floats permit, and a bound below all objectives."""
    found = fastreg.solve(
        problem.X, problem.y, loss=losses.Logistic() if problem.logistic else losses.Squared(),
        penalty=conventions.from_scikit_learn("ElasticNet", alpha=problem.alpha, l1_ratio=problem.l1_ratio),
        fit_intercept=problem.fit_intercept, tol=1e-11,
    )  # fmt: skip
    return problem.objective(found.coef, found.intercept), found.certificate.dual


def _within(problem, lower_bound, target):
    """Return the objective whose suboptimality is proven to be at most the target."""
    return lower_bound + target * (problem.objective_at_zero - lower_bound)


def _warm_up(problem, names, lower_bound):
    """Fit until real work is done, so that nothing is imported or compiled on the clock; return who cannot.

    One loose fit is not enough: it may end at 0 before it has called what it would compile.
    """
    enough = _within(problem, lower_bound, WARM)
    left_out = {}
    for name in names:
        if not installed(name):
            left_out[name] = f"{SOLVERS[name].package} is not installed"
        elif reason := SOLVERS[name].refuses(problem):
            left_out[name] = reason
        else:
            spent = 0.0
            for tol in LADDER:
                run = _timed(problem, name, -1, tol, left_out)
                if run is None:
                    break
                spent += run.seconds
                if run.objective <= enough or spent > WARM_UP_SECONDS:
                    break
    return left_out


def _climb(problem, names, left_out, rounds, budget, lower_bound, tell):
    """Time one tolerance of each solver in turn, so that a slow moment of the machine hits all of them."""
    enough = _within(problem, lower_bound, TARGETS[-1])
    runs = []
    for k in range(rounds):
        climbing = [name for name in names if name not in left_out]
        spent = dict.fromkeys(climbing, 0.0)
        for tol in LADDER:
            for name in tuple(climbing):
                run = _timed(problem, name, k, tol, left_out)
                if run is None:
                    climbing.remove(name)
                    continue
                runs.append(run)
                spent[name] += run.seconds
                last = spent[name] + run.seconds > budget / rounds or tol == LADDER[-1]
                if last or run.objective <= enough:
                    climbing.remove(name)
                    tell(f"{problem.name}, round {k + 1}: {name} to tol {tol:.0e} in {spent[name]:.2f} s")
    return runs


def _timed(problem, name, k, tol, left_out):
    """Fit once; None, and a reason in ``left_out``, if the solver raises."""
    started = time.perf_counter()
    try:
        coef, intercept = SOLVERS[name].fit(problem, tol)
    except Exception as error:
        first_line = str(error).partition("\n")[0]
        left_out[name] = f"failed at tol {tol:.0e} with {type(error).__name__}: {first_line[:100]}"
        return None
    seconds = time.perf_counter() - started
    objective = problem.objective(coef, intercept)
    return Run(
        name, k, tol, seconds, objective if np.isfinite(objective) else np.inf, int(np.count_nonzero(coef))
    )
