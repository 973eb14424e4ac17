"""The solvers of the comparison of stochastic gradient, each with a few schedules of its step sizes.

A `Contender` is made for one problem, outside the clock, and has words for several ways to solve it. `run`
goes over the rows a number of times, from 0, and says how long that took.
"""

import importlib.util
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

import fastreg
from fastreg import conventions, losses

from .solvers import Fit, kept, logistic_regression
from .stochastic_problems import natural_step

# Of the natural step, which the schedules below begin with.
SHARES = (0.1, 0.3, 1.0, 3.0)


class Timed(NamedTuple):
    """Seconds of a fit, what it found, and how often it went over the rows."""

    seconds: float
    fit: Fit
    epochs: int


def schedules(problem):
    """Return the words for scikit-learn's schedules: all of them, several first steps, last and mean.

    The mean is that of all iterates after the first time over the rows.
    """
    mean = {"average": problem.y.size}
    words = {
        "optimal": {"learning_rate": "optimal"},
        "optimal, mean": {"learning_rate": "optimal", **mean},
    }
    for share in SHARES:
        eta0 = share * natural_step(problem)
        scaled = {"learning_rate": "invscaling", "eta0": eta0, "power_t": 0.25}
        words |= {
            f"constant {eta0:.2g}, mean": {"learning_rate": "constant", "eta0": eta0, **mean},
            f"invscaling {eta0:.2g}": scaled,
            f"invscaling {eta0:.2g}, mean": scaled | mean,
            f"adaptive {eta0:.2g}": {
                "learning_rate": "adaptive", "eta0": eta0, "tol": 1e-4, "n_iter_no_change": 1
            },
        }  # fmt: skip
    return words


class Contender:
    """One solver on one problem.

    Attributes
    ----------
    package : str
        What has to be installed.
    has_threads : bool
        Whether more threads than one can be asked for.
    """

    package = "sklearn"
    has_threads = False

    def __init__(self, problem, n_threads):
        self.problem, self.n_threads = problem, n_threads

    @staticmethod
    def refuses(problem):
        """Return why a problem is not taken, "" if it is."""
        return ""

    def ways(self):
        """Return the ways to solve the problem: words of `fit` by their name."""
        return {"": {}}

    def fit(self, epochs, **words):
        """Go over the rows so many times, in one of the ways; return what `kept` takes."""
        raise NotImplementedError

    def run(self, epochs, words):
        """Return what `fit` found, and its seconds."""
        began = time.perf_counter()
        model = self.fit(epochs, **words)
        return Timed(time.perf_counter() - began, kept(model), epochs)

    def close(self):
        """Remove what was made for the problem."""


class SGD(Contender):
    """SGDClassifier or SGDRegressor of scikit-learn."""

    def ways(self):
        return schedules(self.problem)

    def family(self):
        """Return the module that has the estimators."""
        import sklearn.linear_model

        return sklearn.linear_model

    def fit(self, epochs, **words):
        problem, family = self.problem, self.family()
        model, loss = (
            (family.SGDClassifier, "log_loss") if problem.logistic else (family.SGDRegressor, "squared_error")
        )
        penalty = {"penalty": "elasticnet", "l1_ratio": problem.l1_ratio} if problem.l1_ratio else {}
        words = {
            "alpha": problem.alpha, "fit_intercept": problem.fit_intercept, "max_iter": epochs, "tol": None,
            "random_state": 0, **penalty, **words,
        }  # fmt: skip
        return model(loss, **words).fit(problem.rows, problem.y)


class OurSGD(SGD):
    """The same of fastreg, with its own schedules too."""

    package, has_threads = "fastreg", True

    def ways(self):
        words = super().ways()
        mean = {"average": self.problem.y.size}
        words |= {"auto": {"learning_rate": "auto"}, "auto, mean": {"learning_rate": "auto", **mean}}
        for share in SHARES:
            eta0 = share * natural_step(self.problem)
            words[f"cosine {eta0:.2g}"] = {"learning_rate": "cosine", "eta0": eta0}
        return words

    def family(self):
        return fastreg

    def fit(self, epochs, **words):
        with fastreg.num_threads(self.n_threads):
            return super().fit(epochs, **words)


class OurAdaGrad(OurSGD):
    """The same with steps of their own for all weights."""

    def ways(self):
        return {f"eta0 {eta0:.2g}": {"eta0": eta0} for eta0 in (0.05, 0.2, 0.8)}

    def fit(self, epochs, eta0=0.2):
        return super().fit(epochs, learning_rate="adagrad", eta0=eta0)


class Solve(Contender):
    """A solver of `fastreg.solve`, which certifies after rounds of one epoch and, by and by, of ten."""

    package, has_threads = "fastreg", True
    solver = ""

    def fit(self, epochs, **words):
        problem = self.problem
        return fastreg.solve(
            problem.rows, problem.y, solver=self.solver, max_iter=epochs, tol=0.0, n_threads=self.n_threads,
            loss=losses.Logistic() if problem.logistic else losses.Squared(), penalty=_penalty(problem),
            fit_intercept=problem.fit_intercept,
        )  # fmt: skip

    def run(self, epochs, words):
        began = time.perf_counter()
        found = self.fit(epochs)
        return Timed(time.perf_counter() - began, Fit(found.coef, found.intercept), found.work.epochs)


class SolveSGD(Solve):
    """Proximal stochastic gradient."""

    solver = "sgd"


class SolveFTRL(Solve):
    """Follow the regularised leader."""

    solver = "ftrl"


class SolveSAGA(Solve):
    """Variance reduction with a table of slopes."""

    solver = "saga"


class SolveSVRG(Solve):
    """Variance reduction with the slopes of the last certificate."""

    solver = "svrg"


class SAGA(Contender):
    """SAGA of scikit-learn: in LogisticRegression, and in Ridge."""

    @staticmethod
    def refuses(problem):
        return "" if problem.logistic or not problem.l1_ratio else "squared loss with L2 only"

    def fit(self, epochs, **words):
        problem = self.problem
        if problem.logistic:
            return logistic_regression("saga", problem, tol=0.0, max_iter=epochs)
        from sklearn.linear_model import Ridge

        model = Ridge(
            alpha=problem.alpha * problem.y.size, fit_intercept=problem.fit_intercept, solver="saga",
            max_iter=epochs, tol=0.0, random_state=0,
        )  # fmt: skip
        return model.fit(problem.rows, problem.y)


class Cyanure(Contender):
    """Cyanure: variance-reduced solvers, plain and accelerated."""

    package, has_threads = "cyanure", True

    def ways(self):
        return {name: {"solver": name} for name in ("auto", "svrg", "acc-svrg", "miso", "qning-miso")}

    def fit(self, epochs, **words):
        from cyanure.estimators import Classifier, Regression

        problem, rows = self.problem, self.problem.rows
        kind, loss = (Classifier, {"loss": "logistic"}) if problem.logistic else (Regression, {})
        l1, l2 = problem.alpha * problem.l1_ratio, problem.alpha * (1 - problem.l1_ratio)
        if l1:
            penalty = {"penalty": "elasticnet", "lambda_1": l1, "lambda_2": l2}
        else:
            penalty = {"penalty": "l2", "lambda_1": l2}
        model = kind(
            **loss, **penalty, **words, max_iter=epochs, tol=1e-12, duality_gap_interval=epochs,
            verbose=False, random_state=0,
            fit_intercept=problem.fit_intercept, n_threads=self.n_threads,
        )  # fmt: skip
        model.intercept_ = 0.0  # it sets none where it fits none
        return model.fit(sp.csr_matrix(rows) if sp.issparse(rows) else rows, problem.y)


class VowpalWabbit(Contender):
    """Vowpal Wabbit, reading its own binary cache from a file in memory; a second thread of it decodes."""

    package = "vowpalwabbit"
    _CONSTANT = 11_650_396  # the number of the intercept among the features

    def __init__(self, problem, n_threads):
        super().__init__(problem, n_threads)
        self.bits = max(18, int(np.ceil(np.log2(problem.X.shape[1] + 1))))
        self.constant = self._CONSTANT % 2**self.bits
        # Behind the constant and around, so that none is where the constant is.
        self.numbers = (self.constant + 1 + np.arange(problem.X.shape[1])) % 2**self.bits
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self.cache = Path(self.folder.name) / "rows.cache"
        text = Path(self.folder.name) / "rows"
        self._write(text)
        self._workspace(f"-d {text} -k --passes 1").finish()
        text.unlink()

    def _write(self, text):
        # Every pass has the order of the file, and some data is sorted by its label.
        rows = sp.csr_array(self.problem.rows)
        names = self.numbers.tolist()
        with text.open("w") as file:
            for i in np.random.default_rng(0).permutation(rows.shape[0]):
                part = slice(rows.indptr[i], rows.indptr[i + 1])
                entries = zip(rows.indices[part].tolist(), rows.data[part].tolist(), strict=True)
                file.write(f"{self.problem.y[i]:.9g} |")
                file.write("".join([f" {names[j]}:{value:.9g}" for j, value in entries]) + "\n")

    def _workspace(self, words):
        from vowpalwabbit import pyvw

        constant = "" if self.problem.fit_intercept else "--noconstant"
        return pyvw.Workspace(f"--quiet -b {self.bits} --cache_file {self.cache} {constant} {words}")

    def ways(self):
        words = {"adaptive 0.5": "", "adaptive 2": "-l 2"}
        for share in SHARES:
            rate = share * natural_step(self.problem)
            words[f"constant {rate:.2g}, less each pass"] = (
                f"--sgd -l {rate} --power_t 0 --decay_learning_rate 0.7"
            )
            words[f"invscaling {rate:.2g}"] = f"--sgd -l {rate} --power_t 0.25"
        return {name: {"words": text} for name, text in words.items()}

    def run(self, epochs, words):
        problem = self.problem
        loss = "logistic" if problem.logistic else "squared"
        strengths = conventions.to_vowpal_wabbit(loss, _penalty(problem))
        model = Path(self.folder.name) / "model"
        began = time.perf_counter()
        found = self._workspace(
            f"--loss_function {loss} --l1 {strengths['l1']} --l2 {strengths['l2']} --passes {epochs} "
            f"--holdout_off --readable_model {model} {words['words']}"
        )
        seconds = time.perf_counter() - began
        found.finish()
        return Timed(seconds, self._read(model), epochs)

    def _read(self, model):
        """Return the weights of a model: those it has kept, less what they still owe the penalty."""
        states, weights = {}, np.zeros(2**self.bits)
        for line in model.read_text("utf-8").splitlines():
            number, _, stored = line.partition(":")
            if number.isdecimal():
                weights[int(number)] = float(stored.split()[0])
            elif line.startswith(("l1_state ", "l2_state ")):
                states[line[:2]] = float(line.split()[1])
        owed = np.maximum(np.abs(weights) - states["l1"], 0) * states["l2"]
        weights = np.copysign(owed, weights)
        return Fit(weights[self.numbers], weights[self.constant] if self.problem.fit_intercept else 0.0)

    def close(self):
        self.folder.cleanup()


def _penalty(problem):
    return conventions.from_scikit_learn("ElasticNet", alpha=problem.alpha, l1_ratio=problem.l1_ratio)


CONTENDERS = {
    "fastreg SGD": OurSGD,
    "fastreg AdaGrad": OurAdaGrad,
    "fastreg sgd": SolveSGD,
    "fastreg ftrl": SolveFTRL,
    "fastreg saga": SolveSAGA,
    "fastreg svrg": SolveSVRG,
    "scikit-learn SGD": SGD,
    "scikit-learn saga": SAGA,
    "cyanure": Cyanure,
    "vowpalwabbit": VowpalWabbit,
}


def installed(name):
    """Return whether the package of a contender is there, without importing it."""
    return importlib.util.find_spec(CONTENDERS[name].package) is not None
