"""Pictures of a fit as it went: epochs of stochastic gradient descent, rounds of a certified solver."""

from __future__ import annotations

import textwrap
import time
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .axes import DARK, MIDDLE, Display, inches_across, legend_above, plain
from .problems import problem_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_LETTERS_PER_INCH = 17


class LearningCurveDisplay(Display):
    """Objective and validation score by epoch, with the epoch whose weights are kept.

    Parameters
    ----------
    epochs, objective : arrays of n_epochs
        Mean loss plus penalty of the rows learned from; of several classes the mean.
    score : array of n_epochs or None
        On the rows held out.
    kept : int
        The epoch whose weights are kept.
    reason : str
        Why it ended.
    """

    def __init__(self, epochs: Any, objective: Any, score: Any, *, kept: int, reason: str = ""):
        self.epochs, self.objective, self.score = epochs, np.asarray(objective, dtype=float), score
        self.kept, self.reason = kept, reason

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw a fitted `SGDClassifier` or `SGDRegressor`.

        Parameters
        ----------
        estimator : SGDClassifier or SGDRegressor
        ax : matplotlib.axes.Axes or None
        """
        history = estimator.history_
        score = history.get("validation_score")
        score = None if score is None or np.isnan(score).all() else score
        epochs, objective = history["epoch"], history["objective"]
        kept = int(epochs[-1] if score is None else epochs[np.nanargmax(score)])
        objective = objective.mean(axis=1) if objective.ndim == 2 else objective
        return cls(epochs, objective, score, kept=kept, reason=estimator.stop_reason_).plot(ax)

    def _draw(self, axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        lines = axes.plot(
            self.epochs, self.objective, color=DARK, linewidth=1.8, label="objective, learned from"
        )
        width = max(30, int(_LETTERS_PER_INCH * inches_across(axes)))
        axes.set_xlabel("\n".join(["epoch", *textwrap.wrap(self.reason, width)]), fontsize=8)
        axes.set_ylabel("mean loss + penalty", fontsize=9)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        plain(axes)
        lines.append(
            axes.axvline(
                self.kept, color="0.35", linestyle=":", linewidth=1.4, label=f"kept: epoch {self.kept}"
            )
        )
        if self.score is not None:
            right = axes.twinx()
            lines += right.plot(
                self.epochs, self.score, color=MIDDLE, linestyle="--", linewidth=1.8, label="score, held out"
            )
            right.set_ylabel("score")
            right.spines[["top"]].set_visible(False)
        legend_above(axes, handles=lines)


class Trace:
    """A callback for `fastreg.solve` that keeps how the gap falls.

    Attributes
    ----------
    gaps, seconds, passes : lists
        One entry per certificate; seconds since the first.
    tol : float
        The gap that was wanted.

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.display import Trace
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L1
    >>> trace = Trace()
    >>> found = fastreg.solve(
    ...     np.eye(3), np.arange(3.0), loss=Squared(), penalty=L1(0.1), callback=trace
    ... )
    >>> trace.gaps[-1] == found.gap
    True
    """

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.seconds: list[float] = []
        self.passes: list[int] = []
        self.tol = np.nan
        self._began = np.nan

    def __call__(self, progress: Any) -> bool:
        """Keep one certificate; never stops the fit."""
        now = time.perf_counter()
        if not self.gaps:
            self._began = now
        self.gaps.append(float(progress.gap))
        self.seconds.append(now - self._began)
        self.passes.append(progress.full_passes)
        self.tol = progress.tol
        return False


class ConvergenceDisplay(Display):
    """The gap by passes over X, and by seconds on top.

    Parameters
    ----------
    gaps, seconds, passes : arrays of n_rounds
    tol : float
        The gap that was wanted.
    """

    def __init__(self, gaps: Any, seconds: Any, passes: Any, *, tol: float = np.nan):
        self.gaps = np.asarray(gaps, dtype=float)
        self.seconds, self.passes = np.asarray(seconds, dtype=float), np.asarray(passes, dtype=float)
        self.tol = tol
        if self.gaps.size == 0:
            raise ValueError(
                "There is no certificate to draw: pass the Trace to fastreg.solve as its callback."
            )

    @classmethod
    def from_trace(cls, trace: Trace, *, ax: Any = None) -> Self:
        """Draw what a `Trace` kept.

        Parameters
        ----------
        trace : Trace
        ax : matplotlib.axes.Axes or None
        """
        return cls(trace.gaps, trace.seconds, trace.passes, tol=trace.tol).plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, tol: float = 1e-6, ax: Any = None) -> Self:
        """Solve an estimator's problem once more, and draw how its gap falls.

        Parameters
        ----------
        estimator : fitted estimator with a certified solver
            See `BiasVarianceDisplay.from_estimator`.
        X, y : as in its ``fit``
        tol : float
            The gap that is wanted.
        ax : matplotlib.axes.Axes or None
        """
        from fastreg.functional import solve

        problem, trace = problem_of(estimator, X, y), Trace()
        solve(problem.X, problem.y, **problem.words, tol=tol, callback=trace)
        return cls.from_trace(trace, ax=ax)

    def _draw(self, axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        wanted = self.tol if np.isfinite(self.tol) and self.tol > 0 else 1.0
        lowest = self.gaps[self.gaps > 0].min(initial=wanted) / 10  # where a gap of exactly 0 is drawn
        axes.plot(self.passes, np.maximum(self.gaps, lowest), "o-", color=DARK, linewidth=1.6, markersize=4)
        axes.set_yscale("log")
        if np.isfinite(self.tol) and self.tol > 0:
            axes.axhline(self.tol, color=MIDDLE, linestyle="--", linewidth=1.4, label=f"tol = {self.tol:.3g}")
            axes.legend(fontsize=8, frameon=False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("passes over X")
        axes.set_ylabel("gap")
        plain(axes)
        top = axes.secondary_xaxis("top")
        ticks = np.unique(np.linspace(0, self.passes.size - 1, 5).astype(int))
        top.set_xticks(
            self.passes[ticks], [f"{1000 * seconds:.1f}" for seconds in self.seconds[ticks]], fontsize=8
        )
        top.set_xlabel("milliseconds", fontsize=8)
