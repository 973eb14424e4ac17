"""The comparison of stochastic gradient asks everyone for the same and says what was truly reached."""

import functools
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import log_expit

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.against import epochs, stochastic, stochastic_problems
from benchmarks.against.measuring import certified
from benchmarks.against.solvers import Fit
from benchmarks.against.stochastic_solvers import CONTENDERS, Contender, Timed, installed
from benchmarks.suite.memory import can_be_measured
from benchmarks.suite.problems import dense, text_like

pytestmark = pytest.mark.filterwarnings("ignore:.*max_iter was reached", "ignore:No step improves")

TINY = {
    "text": stochastic_problems.Data(lambda: text_like(300, 400, 12)),
    "tall": stochastic_problems.Data(lambda: dense(200, 6, 3), logistic=False),
    "classes": stochastic_problems.Data(lambda: dense(200, 6, 3)),
}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """Nothing but tiny data."""
    monkeypatch.setattr(stochastic_problems, "DATA", TINY)
    monkeypatch.setattr(stochastic, "DATA", TINY)


# Where half or twice the strength is seen: alpha of L2, and alpha and l1_ratio of the elastic net.
STRENGTHS = {
    "text": (0.005, (0.005, 0.3)),
    "tall": (0.1, (0.1, 0.6)),
    "classes": (0.1, (0.1, 0.6)),
}


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


# fastreg with one loss and design, which other tests compile too: its words are those of scikit-learn.
CASES = [
    (name, data)
    for name in CONTENDERS
    for data in (["classes"] if stochastic.is_ours(name) else ["text", "tall"])
]


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize(("name", "data"), CASES)
def test_every_contender_is_asked_for_the_same_problem(name, data, fit_intercept):
    if not installed(name):
        pytest.skip(f"{CONTENDERS[name].package} is not installed")
    for problem in problems(data, fit_intercept):
        if CONTENDERS[name].refuses(problem):
            continue
        least, _ = certified(problem)
        contender = CONTENDERS[name](problem, 1)
        try:
            last_only = data == "classes"
            ways = [words for words in contender.ways().values() if not (last_only and "average" in words)]
            fits = [contender.run(100, words).fit for words in ways]
        finally:
            contender.close()
        excess = min(recomputed(problem, *fit) for fit in fits) / least - 1
        # Vowpal Wabbit's L1 is a truncation that settles near the optimum, and not at it.
        roughly = name == "vowpalwabbit" and problem.l1_ratio
        assert -1e-9 <= excess <= (0.02 if roughly else 1e-3)
        assert fit_intercept or not any(fit.intercept for fit in fits)


class _Known(Contender):
    """Halves its distance to the optimum with each epoch, in known seconds; one way of it fails."""

    has_threads = True

    def __init__(self, problem, n_threads):
        super().__init__(problem, n_threads)
        self.found = CONTENDERS["scikit-learn saga"](problem, 1).run(200, {}).fit

    def ways(self):
        return {"sound": {"fails": False}, "broken": {"fails": True}}

    def run(self, epochs, words):
        if words["fails"]:
            raise RuntimeError("first line\nsecond line")
        coef, intercept = self.found
        return Timed(0.5 * epochs / self.n_threads, Fit((1 - 0.5**epochs) * coef, intercept), epochs)


class _Lying(Contender):
    def run(self, epochs, words):
        return Timed(1e-9, Fit(np.zeros(self.problem.X.shape[1]), 0.0), epochs)


def test_what_the_table_says_is_reached(monkeypatch, capsys):
    """A run counts by the objective of its weights: not at all if they are bad, however fast it was."""
    monkeypatch.setitem(CONTENDERS, "fastreg known", _Known)
    monkeypatch.setitem(CONTENDERS, "lying", _Lying)
    stochastic.main(
        ["--data", "text", "--solvers", "fastreg known", "lying", "scikit-learn SGD", "--rounds", "2"]
    )
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
        seconds, ratio = map(float, rows["scikit-learn SGD"][:2])
        assert ratio == pytest.approx(seconds / float(rows["fastreg known"][0]), abs=0.01)
        assert float(rows["best peer"][1]) == ratio


def test_more_threads_are_compared_with_one(monkeypatch, capsys):
    monkeypatch.setitem(CONTENDERS, "fastreg known", _Known)
    monkeypatch.setitem(CONTENDERS, "lying", _Lying)
    stochastic.main(["--data", "text", "--solvers", "fastreg known", "lying", "--threads", "1", "2"])
    printed = capsys.readouterr().out
    assert [line.split("|")[3] for line in printed.splitlines() if line.startswith("| fastreg known, 2")] == [
        " 0.50 ", " 0.50 "
    ]  # fmt: skip
    assert "lying, 2 threads" not in printed


def test_what_is_unknown_is_refused(capsys):
    with pytest.raises(SystemExit):
        stochastic.main(["--solvers", "sagaa"])
    assert "invalid choice: 'sagaa'" in capsys.readouterr().err


class _Metered(Contender):
    """Takes a second, and half of one for each round of two epochs; holds three vectors of the features."""

    def run(self, epochs, words):
        return Timed(1 + 0.5 * epochs, Fit(np.zeros(1), 0.0), 2 * epochs)

    def fit(self, epochs, **words):
        return np.ones((3, self.problem.X.shape[1])).sum()


def test_an_epoch_costs_what_one_more_costs(monkeypatch):
    monkeypatch.setitem(CONTENDERS, "metered", _Metered)
    cases = [
        epochs.wide(1000, elastic_net, n_rows=20, like_words=elastic_net) for elastic_net in (False, True)
    ]
    made = epochs.contenders(["metered"], cases, [1, 2])
    assert [name for name, *_ in made] == ["metered, 1", "metered, 1"]  # it has no threads
    product, more, first = epochs.seconds_of_epochs(made, cases[0].rows, 1)
    assert 0 < product < 1
    np.testing.assert_allclose(more, 0.25)
    np.testing.assert_allclose(first, 1.5)


@pytest.mark.skipif(not can_be_measured(), reason="only Linux forgets the highest resident size")
def test_the_memory_of_a_fit_is_counted_in_vectors(monkeypatch):
    monkeypatch.setitem(CONTENDERS, "metered", _Metered)
    monkeypatch.setattr(epochs, "wide", functools.partial(epochs.wide, n_rows=20))
    assert epochs.added_memory("metered", 5_000_000, 0) == pytest.approx(3, abs=0.1)


def test_the_table_of_epochs_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(epochs, "DATA", TINY)
    words = ["--solvers", "scikit-learn SGD", "--rounds", "1", "--data", "text", "--features"]
    epochs.main(words)
    printed = capsys.readouterr().out
    assert "text: a CSR product takes " in printed
    (row,) = (line for line in printed.splitlines() if line.startswith("| scikit-learn SGD, 1 |"))
    assert row.count("|") == 8
