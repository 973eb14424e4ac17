"""The comparison with other libraries says of every solver what it truly reached; no time is asserted."""

import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import log_expit

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.against import __main__ as against
from benchmarks.against import measuring
from benchmarks.against.problems import RECIPES, Recipe
from benchmarks.against.solvers import SOLVERS, Fit, Solver
from benchmarks.suite.problems import dense, text_like


def _dense():
    return dense(60, 30, 4)


TINY = {
    "lasso": Recipe(_dense, 0.05),
    "elastic-net": Recipe(_dense, 0.05, l1_ratio=0.5),
    "logistic-l1": Recipe(_dense, 0.1, logistic=True),
    "logistic-l2": Recipe(_dense, 1.0, l1_ratio=0.0, logistic=True),
    "text": Recipe(lambda: text_like(80, 400, 8), 0.1, logistic=True, fit_intercept=False),
}


def recomputed(problem, coef, intercept):
    """The objective as the textbook has it."""
    prediction = problem.X @ coef + intercept
    losses = -log_expit(problem.y * prediction) if problem.logistic else (problem.y - prediction) ** 2 / 2
    penalty = problem.l1_ratio * np.sum(np.abs(coef)) + (1 - problem.l1_ratio) * np.sum(coef**2) / 2
    return np.mean(losses) + problem.alpha * penalty


@pytest.fixture
def found(monkeypatch):
    """What the solvers return, in the order of their fits."""
    kept = []

    def keeping(name, solver):
        def fit(problem, tol):
            result = solver.fit(problem, tol)
            kept.append((name, tol, result))
            return result

        return solver._replace(fit=fit)

    for name, solver in list(SOLVERS.items()):
        monkeypatch.setitem(SOLVERS, name, keeping(name, solver))
    return kept


@pytest.mark.parametrize("name", TINY)
def test_what_the_table_says_is_reached(name, found):
    problem = TINY[name].problem(name)
    result = measuring.measure(problem, ["fastreg", "scikit-learn"], rounds=2, budget=1e6)
    assert result.left_out == {}
    on_the_clock = found[len(found) - len(result.runs) :]
    objectives = [recomputed(problem, *fit) for _, _, fit in on_the_clock]
    assert [(run.solver, run.tol) for run in result.runs] == [(name, tol) for name, tol, _ in on_the_clock]
    np.testing.assert_allclose([run.objective for run in result.runs], objectives, rtol=1e-13)

    best, at_zero = min(*objectives, result.reference.objective), problem.objective_at_zero
    assert best == pytest.approx(result.reference.objective, rel=1e-13)
    assert result.reference.lower_bound == pytest.approx(best, rel=1e-9)
    for solver, target in itertools.product(["fastreg", "scikit-learn"], measuring.TARGETS):
        reached = [
            run.seconds
            for run, objective in zip(result.runs, objectives, strict=True)
            if run.solver == solver and objective - best <= target * (at_zero - best) * (1 + 1e-6)
        ]
        assert result.seconds_to(solver, target) == min(reached)


@pytest.mark.parametrize("name", TINY)
def test_the_objective_at_zero_has_the_best_intercept(name):
    problem = TINY[name].problem(name)
    intercepts = np.linspace(-3, 3, 601) if problem.fit_intercept else [0.0]
    least = min(recomputed(problem, np.zeros(problem.X.shape[1]), b) for b in intercepts)
    assert least - 2e-4 <= problem.objective_at_zero <= least + 1e-12


@pytest.mark.parametrize("name", [name for name in TINY if TINY[name].l1_ratio])
def test_the_critical_alpha_is_where_coefficients_begin(name):
    problem = TINY[name].problem(name)
    for share, all_zero in [(1.001, True), (0.99, False)]:
        fit = SOLVERS["fastreg"].fit(replace(problem, alpha=share * problem.critical), 1e-10)
        assert (not fit.coef.any()) == all_zero


def _lying(problem, tol):
    return Fit(np.zeros(problem.X.shape[1]), 0.0)


def _failing(problem, tol):
    raise RuntimeError("first line\nsecond line")


def test_what_is_not_reached_fails_or_is_missing_is_said(monkeypatch, tmp_path, capsys):
    for name, package, fit in [
        ("lying", "numpy", _lying),
        ("failing", "numpy", _failing),
        ("missing", "no_such_package", _lying),
    ]:
        monkeypatch.setitem(SOLVERS, name, Solver(package, fit, lambda problem: ""))
    monkeypatch.setitem(RECIPES, "tiny", TINY["lasso"])
    against.main(
        [
            *("--problems", "tiny", "--solvers", "fastreg,lying,failing,missing,liblinear"),
            *("--rounds", "1", "--out", str(tmp_path / "runs.json")),
        ]
    )
    printed = capsys.readouterr().out
    assert "| problem | fastreg | lying | failing | liblinear |" in printed
    (row,) = (line for line in printed.splitlines() if line.startswith("| tiny |"))
    _, _, ours, lying, failing, liblinear, _ = (cell.strip() for cell in row.split("|"))
    assert "-" not in ours
    assert lying == "- / - / -"
    assert failing == liblinear == ""
    assert "failing: failed at tol 1e-01 with RuntimeError: first line (all)." in printed
    assert "missing: no_such_package is not installed (all)." in printed
    assert "liblinear: logistic loss with L1 or L2 only (all)." in printed

    stored = json.loads((tmp_path / "runs.json").read_text("utf-8"))["problems"][0]
    assert stored["seconds"]["lying"] == [None, None, None]
    assert all(run["suboptimality"] >= 0.9 for run in stored["runs"] if run["solver"] == "lying")
    assert min(run["suboptimality"] for run in stored["runs"] if run["solver"] == "fastreg") <= 1e-7


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--solvers", "fastreg,liblinaer"], "no solver is called 'liblinaer': choose from fastreg, "),
        (["--problems", "texts"], "no problem is called 'texts': choose from wide-lasso, "),
        (["--rounds", "0"], "0 is not above 0"),
        (["--budget", "-1"], "-1 is not above 0"),
        (["--out", "nowhere/runs.json"], "there is no folder nowhere to write runs.json into"),
    ],
)
def test_what_cannot_be_measured_is_refused_at_once(words, sentence, capsys):
    with pytest.raises(SystemExit):
        against.main(words)
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""


def test_a_picture_is_drawn(tmp_path, monkeypatch, capsys):
    matplotlib = pytest.importorskip("matplotlib", reason="draws with matplotlib")
    monkeypatch.setitem(RECIPES, "tiny", TINY["lasso"])
    picture = tmp_path / "curves.png"
    against.main(["--problems", "tiny", "--solvers", "fastreg", "--rounds", "1", "--plot", str(picture)])
    assert matplotlib.image.imread(picture).std() > 0
