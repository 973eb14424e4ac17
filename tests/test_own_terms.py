"""A penalty and a loss of ten lines each, in a script of their own, as a user writes them."""

import json
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import problems
import pytest
import reference

import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, Bounded

SCRIPT = '''
import json
import sys
from typing import NamedTuple

import fastreg
import numpy as np
import scipy.sparse as sp
from fastreg.losses import Squared
from fastreg.penalties import L1


class Asymmetric(NamedTuple):
    """Negative weights cost more than positive ones."""

    up: float
    down: float

    def value(self, weight, j):
        return self.up * weight if weight > 0 else -self.down * weight

    def prox(self, weight, step, j):
        return max(weight - step * self.up, 0.0) + min(weight + step * self.down, 0.0)


class PseudoHuber(NamedTuple):
    """Quadratic near the target, linear far from it."""

    width: float

    def value(self, y, prediction):
        return self.width**2 * (np.sqrt(1 + ((prediction - y) / self.width) ** 2) - 1)

    def slope(self, y, prediction):
        return (prediction - y) / np.sqrt(1 + ((prediction - y) / self.width) ** 2)


data = np.load(sys.argv[1])
found = {}
for kind, X in (("dense", data["X"]), ("sparse", sp.csc_array(data["X"]))):
    penalised = fastreg.solve(X, data["y"], loss=Squared(), penalty=Asymmetric(0.02, 0.1), tol=1e-10)
    robust = fastreg.solve(X, data["y"], loss=PseudoHuber(0.7), penalty=L1(0.03), tol=1e-10)
    both = penalised, robust
    found[kind] = [[list(s.coef), s.intercept, s.objective, s.gap, s.status.name] for s in both]
print(json.dumps(found))
'''


class AsymmetricReference:
    """Asymmetric(0.02, 0.1) over arrays."""

    def value(self, w):
        return float(np.sum(np.where(w > 0, 0.02 * w, -0.1 * w)))

    def prox(self, w, step):
        return np.maximum(w - step * 0.02, 0) + np.minimum(w + step * 0.1, 0)


class PseudoHuberReference(NamedTuple):
    width: float
    bound = 1.0

    def _root(self, y, prediction):
        return np.sqrt(1 + ((prediction - y) / self.width) ** 2)

    def value(self, y, prediction):
        return self.width**2 * (self._root(y, prediction) - 1)

    def slope(self, y, prediction):
        return (prediction - y) / self._root(y, prediction)

    def curvature(self, y, prediction):
        return self._root(y, prediction) ** -3


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own_terms")
    (folder / "script.py").write_text(SCRIPT)
    problem = problems.sparse()
    X = problem.X.toarray()
    np.savez(folder / "data.npz", X=np.asfortranarray(X), y=problem.y)
    command = [sys.executable, "-W", "error", "script.py", "data.npz"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return X, problem.y, json.loads(run.stdout)


def test_a_users_penalty_fits(printed):
    X, y, found = printed
    best = reference.minimise(X, y, loss=Squared(), penalty=AsymmetricReference())
    for coef, intercept, objective, gap, status in (found["dense"][0], found["sparse"][0]):
        assert status == "CONVERGED"
        assert gap <= 1e-10
        assert objective == pytest.approx(best.objective, rel=1e-10)
        assert coef == pytest.approx(best.coef, abs=1e-6)
        assert intercept == pytest.approx(best.intercept, abs=1e-6)


def test_a_users_loss_fits(printed):
    X, y, found = printed
    best = reference.minimise(X, y, loss=PseudoHuberReference(0.7), penalty=L1(0.03))
    for coef, intercept, objective, gap, status in (found["dense"][1], found["sparse"][1]):
        assert status == "CONVERGED"
        assert gap <= 1e-10
        assert objective == pytest.approx(best.objective, rel=1e-10)
        assert coef == pytest.approx(best.coef, abs=1e-6)
        assert intercept == pytest.approx(best.intercept, abs=1e-6)


def test_a_nonconvex_penalty_reaches_a_stationary_point():
    problem = problems.dense()
    penalty = problems.MinimaxConcave(0.1, 6.0)
    solution = fastreg.solve(problem.X, problem.y, loss=Squared(), penalty=penalty, tol=1e-8)
    rest = problem.X @ solution.coef + solution.intercept - problem.y
    gradient = problem.X.T @ rest / problem.y.size
    moved = [penalty.prox(w - g, 1.0, 0) for w, g in zip(solution.coef, gradient, strict=True)]
    assert solution.status is fastreg.Status.CONVERGED
    assert rest.mean() == pytest.approx(0.0, abs=1e-12)
    assert solution.coef == pytest.approx(moved, abs=1e-7)
    assert 0 < np.count_nonzero(solution.coef) < 12
    # Large weights are not shrunk: those of the least squares fit on the same columns.
    large = np.abs(solution.coef) > 6 * 0.1
    assert large.sum() >= 3
    assert gradient[large] == pytest.approx(0.0, abs=1e-7)


def test_a_users_penalty_within_bounds():
    problem = problems.dense()
    penalty = Bounded(problems.MinimaxConcave(0.1, 6.0), 0.0, np.inf)
    solution = fastreg.solve(problem.X, problem.labels, loss=Logistic(), penalty=penalty, tol=1e-8)
    assert solution.status is fastreg.Status.CONVERGED
    assert solution.coef.min() >= 0
    assert solution.coef.max() > 0


class Incomplete(NamedTuple):
    strength: float

    def value(self, weight, j):
        return self.strength * abs(weight)


class Misspelt(NamedTuple):
    strength: float

    def value(self, weight, j):
        return self.strength * abs(weight)

    def prox(self, weight, step):
        return weight


class Uncompilable(NamedTuple):
    strength: float

    def value(self, weight, j):
        return self.strength * abs(weight)

    def prox(self, weight, step, j):
        return {"text": weight}.setdefault(1, weight)


class WithText(NamedTuple):
    strength: str

    def value(self, weight, j):
        return abs(weight)

    def prox(self, weight, step, j):
        return weight


@pytest.mark.parametrize(
    ("penalty", "message"),
    [
        (Incomplete(0.1), r"Incomplete.* no method prox\(weight, step, j\)"),
        (Misspelt(0.1), r"Misspelt\.prox takes \(weight, step\)"),
        (WithText("strong"), "WithText.strength='strong'"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_term_that_cannot_be_is_told_so(penalty, message):
    problem = problems.dense(n=12, p=4)
    with pytest.raises(TypeError, match=message) as raised:
        fastreg.solve(problem.X, problem.y, loss=Squared(), penalty=penalty)
    assert "\n" not in str(raised.value)


def test_a_term_that_does_not_compile_is_told_in_one_sentence():
    problem = problems.dense(n=12, p=4)
    with pytest.raises(TypeError, match=r"Uncompilable\.prox does not compile") as raised:
        fastreg.solve(problem.X, problem.y, loss=Squared(), penalty=Uncompilable(0.1))
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is not None
