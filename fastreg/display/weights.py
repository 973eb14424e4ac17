"""Pictures of weights: along a path, and side by side at a strong and at a weak penalty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import scipy.sparse as sp

from .axes import DARK, MIDDLE, STRENGTH, Display, plain, scale_strengths
from .problems import problem_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = 200
_STYLES = "-", "--", "-.", ":"


def _weights(coefs: Any) -> np.ndarray:
    return coefs.toarray() if sp.issparse(coefs) else np.asarray(coefs, dtype=float)


class RegularizationPathDisplay(Display):
    """Weights against lambda; the largest bear names, and the count of those that are not 0 stands on top.

    Parameters
    ----------
    strengths : array of n_strengths
        From the strongest down; 0 is not shown.
    coefs : array or sparse array of (n_features, n_strengths)
    feature_names : sequence of str or None
        Default x0, x1, ...
    n_named : int
        How many bear names.
    chosen : float or None
        A strength to mark.
    """

    def __init__(
        self,
        strengths: Any,
        coefs: Any,
        *,
        feature_names: Sequence[str] | None = None,
        n_named: int = 6,
        chosen: float | None = None,
    ):
        strengths = np.asarray(strengths, dtype=float)
        shown = strengths > 0
        if np.count_nonzero(shown) < 2:
            raise ValueError("A path needs at least two strengths above 0: follow a longer one.")
        rows = sp.csr_array(coefs)[:, np.flatnonzero(shown)]
        self.strengths = strengths[shown]
        self.n_nonzero = np.asarray((rows != 0).sum(axis=0)).ravel()
        ends = abs(rows[:, [-1]]).toarray().ravel()
        self.features = np.argsort(-ends, kind="stable")[: min(_LINES, np.count_nonzero(ends))]
        self.coefs = rows[self.features].toarray()
        self.n_named, self.chosen = n_named, chosen
        if feature_names is not None and len(feature_names) != rows.shape[0]:
            raise ValueError(
                f"feature_names has {len(feature_names)} names: pass one per feature ({rows.shape[0]})."
            )
        self.feature_names = [
            f"x{j}" if feature_names is None else str(feature_names[j]) for j in self.features
        ]

    @classmethod
    def from_path(cls, path: Any, *, ax: Any = None, **words: Any) -> Self:
        """Draw the result of `fastreg.path`.

        Parameters
        ----------
        path : Path
        ax : matplotlib.axes.Axes or None
        **words
            ``feature_names``, ``n_named``, ``chosen``.
        """
        return cls(path.strengths, path.coefs, **words).plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, ax: Any = None, **words: Any) -> Self:
        """Follow the path of an estimator's penalty, and mark its own strength.

        Parameters
        ----------
        estimator : fitted estimator with a certified solver
            See `BiasVarianceDisplay.from_estimator`; lambda is as in `fastreg.solve`, alpha of a `Lasso`.
        X, y : as in its ``fit``
        ax : matplotlib.axes.Axes or None
        **words
            ``feature_names`` (default those that the estimator has seen), ``n_named``, ``chosen``.
        """
        from fastreg.functional import path

        problem = problem_of(estimator, X, y)
        words = {"feature_names": problem.names, "chosen": problem.strength, **words}
        return cls.from_path(path(problem.X, problem.y, **problem.grid()), ax=ax, **words)

    def _draw(self, axes: Axes) -> None:
        from .pictures import name_lines

        scale_strengths(axes, self.strengths)
        axes.axhline(0.0, color="0.4", linewidth=0.8)
        for line in self.coefs[self.n_named :]:
            axes.plot(self.strengths, line, color="0.75", linewidth=0.7, zorder=1)
        colours = []
        for number, line in enumerate(self.coefs[: self.n_named]):
            colours.append((DARK, MIDDLE, "0.25")[number % 3])
            axes.plot(
                self.strengths,
                line,
                color=colours[-1],
                linestyle=_STYLES[number % 4],
                linewidth=1.5,
                zorder=2,
            )
        name_lines(axes, self.coefs[: self.n_named, -1], self.feature_names[: self.n_named], colours)
        if self.chosen is not None and self.strengths[-1] <= self.chosen <= self.strengths[0]:
            axes.axvline(self.chosen, color="0.35", linestyle=":", linewidth=1.4)
        axes.set_xlabel(STRENGTH)
        axes.set_ylabel("weight")
        plain(axes)
        top = axes.secondary_xaxis("top")
        ticks = np.unique(np.linspace(0, self.strengths.size - 1, 6).astype(int))
        top.set_xticks(self.strengths[ticks], [f"{count:,}" for count in self.n_nonzero[ticks]], fontsize=8)
        top.minorticks_off()
        top.set_xlabel("weights that are not 0", fontsize=8)


class WeightHistogramDisplay(Display):
    """Histograms of the weights at a strong and at a weak penalty, over the same bins.

    A strong penalty gathers the weights around 0, a weak one spreads them out.

    Parameters
    ----------
    strong, weak : arrays of n_features
        Weights.
    labels : two of str
        What each penalty is.
    bins : int or None
        Default twice the root of the number of weights, 11 to 41.
    """

    def __init__(
        self,
        strong: Any,
        weak: Any,
        *,
        labels: Sequence[str] = ("high lambda", "low lambda"),
        bins: int | None = None,
    ):
        self.weights = [np.ravel(_weights(each)) for each in (strong, weak)]
        self.labels = list(labels)
        count = max(each.size for each in self.weights)
        bins = int(np.clip(2 * np.sqrt(count), 11, 41)) if bins is None else bins
        reach = max((float(np.abs(each).max(initial=0.0)) for each in self.weights), default=0.0) or 1.0
        self.edges = np.linspace(-reach, reach, bins + 1)
        self.counts = [np.histogram(each, self.edges)[0] for each in self.weights]

    @classmethod
    def from_path(cls, path: Any, *, strong: int | None = None, weak: int = -1, ax: Any = None) -> Self:
        """Draw two strengths of the result of `fastreg.path`.

        Parameters
        ----------
        path : Path
        strong, weak : int
            Which strengths: default the first quarter of the path, and its end.
        ax : matplotlib.axes.Axes or None
        """
        strong = len(path.strengths) // 4 if strong is None else strong
        columns = [_weights(path.coefs[:, [each]]) for each in (strong, weak)]
        labels = [f"lambda = {path.strengths[each]:.3g}" for each in (strong, weak)]
        return cls(*columns, labels=labels).plot(ax)

    @classmethod
    def from_estimators(cls, strong: Any, weak: Any, *, ax: Any = None, **words: Any) -> Self:
        """Draw the weights of two fitted estimators.

        Parameters
        ----------
        strong, weak : estimator
            With ``coef_``.
        ax : matplotlib.axes.Axes or None
        **words
            ``labels``, ``bins``.
        """
        labels = [
            next(
                (f"{name} = {getattr(each, name):.3g}" for name in ("alpha", "C") if hasattr(each, name)),
                what,
            )
            for each, what in ((strong, "high lambda"), (weak, "low lambda"))
        ]
        return cls(strong.coef_, weak.coef_, **{"labels": labels, **words}).plot(ax)

    def _draw(self, axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        axes.set_axis_off()
        highest = 1.1 * max(1, *(int(counts.max()) for counts in self.counts))
        for number, (weights, counts) in enumerate(zip(self.weights, self.counts, strict=True)):
            panel = axes.inset_axes((0.54 * number, 0.0, 0.46, 1.0))
            panel.bar(
                self.edges[:-1], counts, np.diff(self.edges), align="edge", color=(DARK, MIDDLE)[number],
                edgecolor="white", linewidth=0.3,
            )  # fmt: skip
            panel.set_ylim(0, highest)
            panel.yaxis.set_major_locator(MaxNLocator(integer=True))
            size, zeros = np.linalg.norm(weights), np.mean(weights == 0)
            panel.set_title(f"{self.labels[number]}\nnorm {size:.3g}\n{zeros:.0%} are 0", fontsize=8)
            panel.set_xlabel("weight")
            panel.set_ylabel("number of weights" if number == 0 else "")
            plain(panel)
