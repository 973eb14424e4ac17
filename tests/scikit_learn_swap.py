"""scikit-learn's own tests, run against fastreg's estimators: a pytest plugin, and what comes out of it.

As a plugin: before anything is collected, ``sklearn.linear_model.NAME`` is rebound to ``fastreg.NAME`` for
every name of `NAMES` that fastreg has; scikit-learn's private modules, and so its own LassoCV and friends,
keep their classes. A test touches a rebound class if it makes or uses an estimator of it, and only those
tests count. With ``--swap-to sklearn.linear_model`` each name is rebound to a subclass that changes nothing.

As a program, ``python tests/scikit_learn_swap.py [FILE ...]`` runs scikit-learn's files (all of `FILES` by
default), runs what failed again with scikit-learn itself, because only what passes there counts, and prints
the table of docs/scikit_learn_tests.md. Its exit status is 1 if a test fails that no line of
scikit_learn_swap_expected.txt explains, or if fewer than `LEAST_SHARE` of the tests pass.
"""

import functools
import importlib
import json
import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
import sklearn.linear_model
import subprocesses

NAMES = (
    "Lasso",
    "ElasticNet",
    "LassoCV",
    "ElasticNetCV",
    "Ridge",
    "RidgeCV",
    "LogisticRegression",
    "LogisticRegressionCV",
    "SGDRegressor",
    "SGDClassifier",
)
VERSION = "1.9"
FILES = ("coordinate_descent", "sparse_coordinate_descent", "ridge", "logistic", "sgd")
ITSELF = sklearn.linear_model.__name__
EXPECTED = Path(__file__).with_name("scikit_learn_swap_expected.txt")
KINDS = ("private", "deliberate", "ours")
LEAST_SHARE = 0.9
_WATCHED = ("__init__", "fit", "partial_fit", "predict")


def pytest_addoption(parser):
    group = parser.getgroup("scikit_learn_swap")
    group.addoption("--swap-to", default="fastreg", metavar="MODULE", help="the module that has the classes")
    group.addoption(
        "--swap-report", type=Path, metavar="FILE", help="write what became of each test, as JSON"
    )
    group.addoption("--swap-only", type=Path, metavar="FILE", help="run the tests named in FILE, one a line")


def pytest_configure(config):
    swap = Swap(*(config.getoption(f"--swap-{name}") for name in ("to", "report", "only")))
    swap.rebind()
    config.pluginmanager.register(swap)


class Swap:
    """The classes rebound, and what became of every test.

    Parameters
    ----------
    module : str
        Where the classes come from.
    report, only : Path or None
        Where the outcomes go; where the names of the tests to run stand, None for all.
    """

    def __init__(self, module, report, only):
        self.module, self.report, self.only = module, report, only
        self.touched, self.outcomes, self.running = set(), {}, None

    def rebind(self):
        source = importlib.import_module(self.module)
        for name in NAMES:
            estimator = getattr(source, name, None)
            if estimator is None:
                continue
            if self.module == ITSELF:
                # Its own class is also the one that LassoCV and friends make inside, which is no touch.
                estimator = type(name, (estimator,), {"__module__": ITSELF})
            for method in filter(functools.partial(hasattr, estimator), _WATCHED):
                setattr(estimator, method, self.watch(getattr(estimator, method)))
            setattr(sklearn.linear_model, name, estimator)

    def watch(self, method):
        """Do what the method does, and note that the running test did it."""

        @functools.wraps(method)
        def watched(*arguments, **keywords):
            self.touched.add(self.running)
            return method(*arguments, **keywords)

        return watched

    def pytest_collection_modifyitems(self, items):
        if self.only:
            wanted = set(self.only.read_text("utf-8").splitlines())
            items[:] = [item for item in items if _name(item) in wanted]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.running = _name(item)
        return (yield)

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.note(_name(report), report)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector):
        report = yield
        if report.failed:
            self.note(collector.path.stem, report)
        return report

    def note(self, name, report):
        crash = getattr(report.longrepr, "reprcrash", None)
        message = crash.message if crash else str(report.longrepr)
        self.outcomes[name] = {
            "outcome": report.outcome,
            "touched": name in self.touched,
            "seconds": round(getattr(report, "duration", 0.0), 2),
            "message": message.strip().partition("\n")[0] if report.failed else "",
        }

    def pytest_sessionfinish(self):
        if self.report:
            self.report.write_text(json.dumps(self.outcomes, indent=1), "utf-8")


def _name(test):
    """The file and the name of an item or of its report, without folders: they differ between machines."""
    return f"{Path(test.location[0]).stem}::{test.location[2]}"


def outcomes(files, module, only=None, timeout=1800):
    """Run test files of scikit-learn in a process of their own; return what became of each test.

    Parameters
    ----------
    files : sequence of str
        Of `FILES`.
    module : str
        Where the classes come from.
    only : iterable of str or None
        The names of the tests to run.
    timeout : float
        Seconds after which the process is ended.
    """
    with tempfile.TemporaryDirectory() as folder:
        report, wanted, settings = (Path(folder) / name for name in ("report.json", "only.txt", "pytest.ini"))
        settings.write_text("[pytest]\n", "utf-8")  # so that our own settings do not apply
        options = ["-c", settings, "-p", "scikit_learn_swap", "-p", "no:cacheprovider", "-q", "--tb=line"]
        options += ["--swap-to", module, "--swap-report", report]
        if only is not None:
            wanted.write_text("\n".join(only), "utf-8")
            options += ["--swap-only", wanted]
        modules = [f"sklearn.linear_model.tests.test_{file}" for file in files]
        process = subprocesses.start(
            "-m", "pytest", *options, "--pyargs", *modules, cache=os.environ.get("FASTREG_CACHE_DIR")
        )
        try:
            output, errors = process.communicate(timeout=timeout)
        finally:
            process.kill()
        if not report.exists():
            raise RuntimeError(
                f"pytest wrote no report, exit status {process.returncode}:\n{output}\n{errors}"
            )
        return json.loads(report.read_text("utf-8"))


class Comparison(NamedTuple):
    """Tests that touch our classes and pass with scikit-learn's own: which pass, and what the others say."""

    passed: list
    failed: dict

    @property
    def share(self):
        """Of the tests that pass."""
        return len(self.passed) / max(1, len(self.passed) + len(self.failed))


def compare(files):
    """Run the files with our classes, and what fails with scikit-learn itself; return a `Comparison`."""
    ours = outcomes(files, "fastreg")
    failing = [name for name, test in ours.items() if test["outcome"] == "failed"]
    theirs = outcomes(files, ITSELF, only=failing) if failing else {}
    # What is not reported there, such as a file that cannot be collected with our classes, is a failure.
    innocent = {name for name, test in theirs.items() if test["outcome"] != "passed"}
    return Comparison(
        [name for name, test in ours.items() if test["outcome"] == "passed" and test["touched"]],
        {name: ours[name]["message"] for name in failing if name not in innocent},
    )


class Reason(NamedTuple):
    """Why a test is expected to fail."""

    kind: str
    text: str
    pattern: str

    @property
    def file(self):
        """The name of the file that the tests are in."""
        return self.pattern.partition("::")[0]

    def explains(self, name):
        """Tell whether the test matches the pattern, in which * stands for anything."""
        return re.fullmatch(re.escape(self.pattern).replace(r"\*", ".*"), name) is not None


def expected():
    """Read the reasons: a line at the margin is a kind and a reason, indented lines below it are patterns."""
    reasons, kind, text = [], None, None
    for line in EXPECTED.read_text("utf-8").splitlines():
        if line.startswith(" "):
            reasons.append(Reason(kind, text, line.strip()))
        elif line and not line.startswith("#"):
            kind, _, text = line.partition(": ")
            if kind not in KINDS:
                raise ValueError(
                    f"{EXPECTED.name} says {line!r}: begin the line with one of {', '.join(KINDS)}."
                )
    return reasons


def unexplained(comparison):
    """Return the failures without a reason, with their messages."""
    reasons = expected()
    return {
        name: message
        for name, message in comparison.failed.items()
        if not any(reason.explains(name) for reason in reasons)
    }


def stale(comparison, files):
    """Return the patterns that are for the files and explain no failure."""
    names = {f"test_{file}" for file in files}
    return [
        reason.pattern
        for reason in expected()
        if reason.file in names and not any(reason.explains(name) for name in comparison.failed)
    ]


def table(comparison):
    """Return the rows of docs/scikit_learn_tests.md as lines."""
    reasons = expected()
    rows = {}
    for name in [*comparison.passed, *comparison.failed]:
        kinds = [reason.kind for reason in reasons if reason.explains(name)] or ["unexplained"]
        row = rows.setdefault(name.partition("::")[0], Counter())
        row["passing" if name not in comparison.failed else kinds[0]] += 1
        row["touching"] += 1
    rows["together"] = sum(rows.values(), Counter())
    columns = ("touching", "passing", *KINDS, "unexplained")
    lines = [f"| file | {' | '.join(columns)} | share |", "|---" * (len(columns) + 2) + "|"]
    for file, row in rows.items():
        cells = [*(str(row[column]) for column in columns), f"{row['passing'] / max(1, row['touching']):.1%}"]
        lines.append(f"| {file} | {' | '.join(cells)} |")
    return lines


def main(files):
    files = files or FILES
    comparison = compare(files)
    print(*table(comparison), sep="\n")
    surprises = unexplained(comparison)
    for name, message in surprises.items():
        print(f"fails without a reason in {EXPECTED.name}: {name}: {message}")
    for pattern in stale(comparison, files):
        print(f"explains nothing that failed here: {pattern}")
    return int(bool(surprises) or comparison.share < LEAST_SHARE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
