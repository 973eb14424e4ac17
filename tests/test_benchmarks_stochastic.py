"""The comparison of stochastic gradient asks everyone for the same and says what was truly reached."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import log_expit

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.against import stochastic, stochastic_problems
from benchmarks.against.measuring import certified
from benchmarks.against.solvers import Fit
from benchmarks.against.stochastic_solvers import CONTENDERS, Contender, Timed, installed
from benchmarks.suite.problems import dense, text_like

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

TINY = {
    "text": stochastic_problems.Data(lambda: text_like(300, 400, 12)),
    "tall": stochastic_problems.Data(lambda: dense(200, 6, 3), logistic=False),
}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """Nothing but tiny data."""
    monkeypatch.setattr(stochastic_problems, "DATA", TINY)
    monkeypatch.setattr(stochastic, "DATA", TINY)


# Where half or twice the strength is seen: alpha of L2, and alpha and l1_ratio of the elastic net.
STRENGTHS = {"text": (0.005, (0.005, 0.3)), "tall": (0.1, (0.1, 0.6))}


def problems(name, fit_intercept=True):
    alpha, elastic_net = STRENGTHS[name]
    return stochastic_problems.problems(
        name, alpha=alpha, elastic_net=elastic_net, fit_intercept=fit_intercept
    )


def recomputed(problem, coef, intercept):
    """The objective as the textbook has it."""
    prediction = problem.X @ coef + intercept
    losses = -log_expit(problem.y * prediction) if problem.logistic else (problem.y - prediction) ** 2 / 2
    penalty = problem.l1_ratio * np.sum(np.abs(coef)) + (1 - problem.l1_ratio) * np.sum(coef**2) / 2
    return np.mean(losses) + problem.alpha * penalty


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("data", TINY)
@pytest.mark.parametrize("name", CONTENDERS)
def test_every_contender_is_asked_for_the_same_problem(name, data, fit_intercept):
    if not installed(name):
        pytest.skip(f"{CONTENDERS[name].package} is not installed")
    for problem in problems(data, fit_intercept):
        if CONTENDERS[name].refuses(problem):
            continue
        least, _ = certified(problem)
        contender = CONTENDERS[name](problem, 1)
        try:
            fits = [contender.run(100, words).fit for words in contender.ways().values()]
        finally:
            contender.close()
        excess = min(recomputed(problem, *fit) for fit in fits) / least - 1
        # Vowpal Wabbit's L1 is a truncation that settles near the optimum, and not at it.
        roughly = name == "vowpalwabbit" and problem.l1_ratio
        assert -1e-9 <= excess <= (0.02 if roughly else 1e-3)
        assert fit_intercept or not any(fit.intercept for fit in fits)


class _Known(Contender):
    """Halves its distance to the optimum with each epoch, in known seconds; one way of it fails."""

    def __init__(self, problem, n_threads):
        super().__init__(problem, n_threads)
        self.found = CONTENDERS["scikit-learn saga"](problem, 1).run(200, {}).fit

    def ways(self):
        return {"sound": {"fails": False}, "broken": {"fails": True}}

    def run(self, epochs, words):
        if words["fails"]:
            raise RuntimeError("first line\nsecond line")
        coef, intercept = self.found
        return Timed(0.5 * epochs, Fit((1 - 0.5**epochs) * coef, intercept))


class _Lying(Contender):
    def run(self, epochs, words):
        return Timed(1e-9, Fit(np.zeros(self.problem.X.shape[1]), 0.0))


def test_what_the_table_says_is_reached(monkeypatch, capsys):
    """A run counts by the objective of its weights: not at all if they are bad, however fast it was."""
    monkeypatch.setitem(CONTENDERS, "fastreg known", _Known)
    monkeypatch.setitem(CONTENDERS, "lying", _Lying)
    stochastic.main(["--data", "text", "--solvers", "fastreg known", "lying", "fastreg SGD", "--rounds", "2"])
    said = capsys.readouterr()
    assert "text: fastreg known broken: RuntimeError: first line\n" in said.err
    for problem, printed in zip(
        stochastic_problems.problems("text"), said.out.split("\ntext: ")[1:], strict=True
    ):
        rows = {row.split("|")[1].strip(): row.split("|")[2:] for row in printed.splitlines() if "|" in row}
        assert [cell.strip() for cell in rows["lying"]] == ["-", "-", "", "-", "-", "", ""]
        least, _ = certified(problem)
        known = _Known(problem, 1)
        for target, cells in zip(
            stochastic.TARGETS, (rows["fastreg known"][:3], rows["fastreg known"][3:6]), strict=True
        ):
            epochs = next(
                k
                for k in stochastic.EPOCHS
                if recomputed(problem, *known.run(k, {"fails": False}).fit) <= (1 + target) * least
            )
            assert float(cells[0]) == 0.5 * epochs
            assert cells[2].strip() == f"sound, {epochs} epochs"
        assert "-" not in rows["fastreg SGD"][0]
        assert float(rows["fastreg SGD"][1]) == 1.0 < float(rows["fastreg known"][1])


def test_more_threads_are_compared_with_one(capsys):
    stochastic.main(
        [
            "--data",
            "tall",
            "--solvers",
            "fastreg SGD",
            "scikit-learn saga",
            "--threads",
            "1",
            "2",
            "--budget",
            "1",
        ]
    )
    printed = capsys.readouterr().out
    assert printed.count("| fastreg SGD |") == printed.count("| fastreg SGD, 2 threads |") == 2
    assert "scikit-learn saga, 2 threads" not in printed
    assert printed.count("| best peer | | ") == 1  # saga of scikit-learn has no elastic net


def test_what_is_unknown_is_refused(capsys):
    with pytest.raises(SystemExit):
        stochastic.main(["--solvers", "sagaa"])
    assert "invalid choice: 'sagaa'" in capsys.readouterr().err
