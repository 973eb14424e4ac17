"""The comparison of whole paths judges every library by one certificate; no time is asserted."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import reference
import scipy.sparse as sp

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.against import path_problems, path_solvers, paths
from benchmarks.suite.problems import dense, text_like
from fastreg import losses, penalties

TINY = {
    "lasso": path_problems.PathRecipe(lambda: dense(40, 20, 4)),
    "logistic": path_problems.PathRecipe(lambda: dense(40, 20, 4), logistic=True),
    "text": path_problems.PathRecipe(lambda: text_like(150, 2_000, 12)),
    "text-logistic": path_problems.PathRecipe(lambda: text_like(150, 2_000, 12), logistic=True),
}


def tiny(name, fit_intercept, n_strengths=6):
    return TINY[name].problem(name, fit_intercept, n_strengths, 0.05)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("name", TINY)
def test_the_gaps_are_the_oracles(name, fit_intercept):
    problem = tiny(name, fit_intercept)
    rng = np.random.default_rng(0)
    found = path_solvers.SOLVERS["fastreg"].follow(problem, 1e-6)
    off = sp.csc_array(found.coefs.toarray() + 1e-3 * rng.standard_normal(found.coefs.shape))
    loss = losses.Logistic() if problem.logistic else losses.Squared()
    for coefs in (found.coefs, off):
        for k, gap in enumerate(problem.gaps(coefs, found.intercepts)):
            bounds = reference.certify(
                problem.X, problem.y, coefs[:, [k]].toarray().ravel(), found.intercepts[k], loss=loss,
                penalty=penalties.L1(problem.strengths[k]), fit_intercept=fit_intercept,
            )  # fmt: skip
            assert gap == pytest.approx(bounds.gap, rel=1e-6, abs=1e-13)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("name", TINY)
def test_the_path_begins_where_coefficients_do(name, fit_intercept):
    problem = tiny(name, fit_intercept)
    found = path_solvers.SOLVERS["fastreg"].follow(problem, 1e-10)
    assert found.coefs[:, [0]].nnz == 0
    below = replace(problem, strengths=0.999 * problem.strengths)
    assert path_solvers.SOLVERS["fastreg"].follow(below, 1e-10).coefs[:, [0]].nnz > 0


def _lying(problem, tol):
    shape = problem.X.shape[1], problem.strengths.size
    return path_solvers.Found(sp.csc_array(shape), np.zeros(shape[1]), 1e-9)


def test_what_is_slow_wrong_or_missing_is_said(monkeypatch, tmp_path, capsys):
    """Solvers answer in processes of their own; one that cannot be asked is left out with a word."""
    monkeypatch.setitem(path_problems.RECIPES, "tiny", TINY["lasso"])
    missing = path_solvers.PathSolver(_lying, lambda: False, lambda problem: "")
    refusing = path_solvers.PathSolver(_lying, lambda: True, lambda problem: "has no such thing")
    monkeypatch.setitem(path_solvers.SOLVERS, "missing", missing)
    monkeypatch.setitem(path_solvers.SOLVERS, "refusing", refusing)
    file = tmp_path / "runs.json"
    words = ["--problems", "tiny", "--solvers", "fastreg,missing,refusing", "--strengths", "5"]
    paths.main([*words, "--rounds", "1", "--out", str(file)])
    printed = capsys.readouterr().out
    (row,) = (line for line in printed.splitlines() if line.startswith("| tiny |"))
    ours, missing, refusing = (cell.strip() for cell in row.split("|")[2:5])
    assert "-" not in ours.replace("e-", "e")
    assert missing == refusing == "- / - / -"
    assert "missing: is not installed." in printed
    assert "refusing: has no such thing." in printed
    (stored,) = json.loads(file.read_text("utf-8"))
    assert min(run["gap"] for run in stored["runs"]) <= 1e-7


def test_a_path_that_takes_too_long_is_ended():
    worker = path_solvers.Worker("fastreg", tiny("lasso", True))
    said = worker.follow(1e-3, 0.0, 5)
    assert said.startswith("not done within 0 s")
    assert not worker._process.is_alive()


@pytest.mark.parametrize("words", [["--problems", "textt"], ["--solvers", "glmnett"]])
def test_what_cannot_be_measured_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        paths.main(words)
    assert f"nothing is called '{words[1]}': choose from " in capsys.readouterr().err
