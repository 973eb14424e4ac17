"""A lambda that adapts against a grid of fits: `python -m benchmarks.against.adaptive`.

`alpha="adaptive"` and thirty independent fits are judged by the same rows, which are not learned from: the
least validation loss of each, and the epochs it took them (`solution_.work.epochs`). Every data set in the
folder FASTREG_DATA that says which of its rows are to be learned from (`is_train`) is measured.
"""

import argparse
import os
import sys
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from benchmarks.suite.problems import real
from fastreg import SGDClassifier, SGDRegressor

STRENGTHS = 30
RANGE = 1e-7  # the weakest strength over the one at which the adapted fit begins
PENALTIES = ("l2", "l1", "elasticnet")
MOST_CLASSES = 100


class Split(NamedTuple):
    """Rows to learn from and to be judged on; dense columns, and a target of numbers, are standardised."""

    X: object
    y: np.ndarray
    X_val: object
    y_val: np.ndarray
    classes: bool

    @classmethod
    def read(cls, file):
        """Read an npz file with an array ``is_train``, None without one."""
        with np.load(file) as stored:
            if "is_train" not in stored.files:
                return None
            learned = stored["is_train"].astype(bool)
        return cls.of(*real(file), learned)

    @classmethod
    def of(cls, X, y, learned):
        """Split rows."""
        classes = np.unique(y).size <= MOST_CLASSES
        if not classes:
            y = (y - y[learned].mean()) / y[learned].std()
        if sp.issparse(X):
            X = X.tocsr()
        else:
            spread = X[learned].std(axis=0)
            X = np.ascontiguousarray((X - X[learned].mean(axis=0)) / np.where(spread > 0, spread, 1.0))
        return cls(X[learned], y[learned], X[~learned], y[~learned], classes)

    def fit(self, alpha, penalty, learning_rate):
        """Fit with a strength, None where steps are too long for it."""
        words = {"penalty": penalty, "learning_rate": learning_rate, "scoring": "loss", "random_state": 0}
        kind = SGDRegressor
        if self.classes:
            kind, words["loss"] = SGDClassifier, "log_loss"
        begun = time.perf_counter()
        try:
            model = kind(alpha=alpha, **words).fit(self.X, self.y, X_val=self.X_val, y_val=self.y_val)
        except ValueError:
            return None
        found = -np.nanmax(model.history_["validation_score"]), model.solution_.work.epochs
        return Fitted(model, *found, time.perf_counter() - begun)


class Fitted(NamedTuple):
    """A model, its validation loss, and what it took."""

    model: object
    loss: float
    epochs: int
    seconds: float


def measure(split, penalty, learning_rate="auto", count=STRENGTHS):
    """Return the adapted fit and the fits of the grid below its first strength, by strength."""
    split.fit("adaptive", penalty, learning_rate)  # compiles
    adapted = split.fit("adaptive", penalty, learning_rate)
    first = adapted.model.history_["alpha"][0]
    grid = {
        alpha: split.fit(alpha, penalty, learning_rate) for alpha in first * np.geomspace(1, RANGE, count)
    }
    return adapted, {alpha: each for alpha, each in grid.items() if each is not None}


def row(name, penalty, adapted, grid):
    """Return a row of the table."""
    best = min(grid, key=lambda alpha: grid[alpha].loss)
    epochs, seconds = (sum(each[i] for each in grid.values()) for i in (2, 3))
    cells = [
        name, penalty, f"{adapted.model.alpha_:.1e}", f"{adapted.loss:.4f}", f"{best:.1e}",
        f"{grid[best].loss:.4f}", f"{adapted.loss / grid[best].loss:.3f}", f"{adapted.epochs}", f"{epochs}",
        f"{adapted.epochs / epochs:.3f}", f"{adapted.seconds:.2f}", f"{seconds:.2f}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| data | penalty | alpha_ | loss | best alpha | its loss | loss ratio | epochs | grid's | epochs ratio "
    "| seconds | grid's |\n" + "|---" * 12 + "|"
)


def main(words=None):
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against.adaptive", description=__doc__)
    parser.add_argument("--data", nargs="*", help="names of data sets; all that have a split")
    parser.add_argument("--penalties", nargs="*", default=PENALTIES, choices=PENALTIES)
    parser.add_argument("--learning-rate", default="auto")
    parser.add_argument("--strengths", type=int, default=STRENGTHS, help="fits in the grid")
    asked = parser.parse_args(words)
    warnings.simplefilter("ignore")
    print(HEAD)
    for file in sorted(Path(os.environ.get("FASTREG_DATA", ".")).glob("*.npz")):
        split = Split.read(file) if not asked.data or file.stem in asked.data else None
        if split is None:
            continue
        for penalty in asked.penalties:
            found = measure(split, penalty, asked.learning_rate, asked.strengths)
            print(row(file.stem, penalty, *found), flush=True)


if __name__ == "__main__":
    sys.exit(main())
