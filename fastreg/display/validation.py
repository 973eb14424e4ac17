"""Pictures of cross-validation: the curve of the losses, and what it says of bias and variance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .axes import DARK, LIGHT, MIDDLE, STRENGTH, Display, legend_above, plain, scale_strengths
from .problems import problem_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _positive(strengths: np.ndarray) -> np.ndarray:
    """Return which strengths a logarithmic axis can show."""
    shown = strengths > 0
    if np.count_nonzero(shown) < 2:
        raise ValueError("A picture over lambda needs at least two strengths above 0: cross-validate more.")
    return shown


class CrossValidationDisplay(Display):
    """The mean loss on rows left out against lambda, with its standard error; the least is marked.

    The mark of one standard error is at the strongest penalty whose mean is within one of the least.

    Parameters
    ----------
    strengths : array of n_strengths
        From the strongest down; 0 is not shown.
    losses : array of (n_strengths, n_folds)
    label : str
        What the loss is.

    Attributes
    ----------
    mean_, error_ : arrays of n_strengths
    best_, simplest_ : int
        The strengths that are marked.

    Examples
    --------
    >>> from fastreg.display import CrossValidationDisplay
    >>> display = CrossValidationDisplay([2.0, 1.0, 0.5], [[3.0, 3.2], [1.0, 1.6], [1.2, 1.3]])
    >>> display.best_, display.simplest_
    (2, 1)
    """

    def __init__(self, strengths: Any, losses: Any, *, label: str = "mean loss on rows left out"):
        from fastreg.selection import rules

        strengths, losses = np.asarray(strengths, dtype=float), np.asarray(losses, dtype=float)
        shown = _positive(strengths)
        self.strengths, self.losses, self.label = strengths[shown], losses[shown], label
        self.mean_, self.error_ = rules.mean_and_error(self.losses, np.ones(losses.shape[1]))
        self.best_ = rules.least(self.mean_)
        self.simplest_ = rules.within_one_error(self.mean_, self.error_)

    @classmethod
    def from_cross_validation(cls, found: Any, *, ax: Any = None, **words: Any) -> Self:
        """Draw the result of `fastreg.cross_validate`.

        Parameters
        ----------
        found : CrossValidation
        ax : matplotlib.axes.Axes or None
        **words
            ``label``.
        """
        return cls(found.strengths, found.losses, **words).plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None, **words: Any) -> Self:
        """Draw a fitted `LassoCV`, `ElasticNetCV` (at the l1_ratio that was chosen) or `RidgeCV`.

        Parameters
        ----------
        estimator : LassoCV, ElasticNetCV, or RidgeCV with ``store_cv_results=True``
            Of a ridge each row is a fold.
        ax : matplotlib.axes.Axes or None
        **words
            ``label``.

        Raises
        ------
        ValueError
            If the estimator has kept no losses.
        """
        if hasattr(estimator, "cv_results_"):
            alphas, rows = np.asarray(estimator.alphas, dtype=float), np.asarray(estimator.cv_results_)
            order = np.argsort(-alphas)
            errors = rows.reshape(-1, alphas.size).T[order]
            return cls(alphas[order], errors, **{"label": "square error on rows left out", **words}).plot(ax)
        if not hasattr(estimator, "mse_path_"):
            raise ValueError(
                f"{type(estimator).__name__} keeps no losses of its folds: pass a fitted LassoCV or "
                "ElasticNetCV, a RidgeCV with store_cv_results=True, or draw fastreg.cross_validate."
            )
        alphas, errors = np.asarray(estimator.alphas_), np.asarray(estimator.mse_path_)
        if errors.ndim == 3:
            chosen = np.atleast_1d(estimator.l1_ratio).tolist().index(estimator.l1_ratio_)
            errors = errors[chosen]
            alphas = alphas[chosen] if alphas.ndim == 2 else alphas
        return cls(alphas, errors, **{"label": "mean square error on rows left out", **words}).plot(ax)

    def _draw(self, axes: Axes) -> None:
        scale_strengths(axes, self.strengths)
        axes.fill_between(
            self.strengths, self.mean_ - self.error_, self.mean_ + self.error_, color=LIGHT, alpha=0.45,
            linewidth=0, label="one standard error",
        )  # fmt: skip
        axes.plot(self.strengths, self.mean_, color=DARK, linewidth=1.8, label="mean over folds")
        for place, style, what in ((self.best_, "--", "least"), (self.simplest_, ":", "1 SE")):
            strength = self.strengths[place]
            axes.axvline(
                strength, color=MIDDLE, linestyle=style, linewidth=1.4, label=f"{what}: {strength:.3g}"
            )
        axes.set_xlabel(STRENGTH)
        axes.set_ylabel(self.label, fontsize=9)
        legend_above(axes)
        plain(axes)


class BiasVarianceDisplay(Display):
    """Loss on the rows learned from and on the rows left out against lambda, and their spread over folds.

    At strong penalties both are high and close together: bias. At weak ones the loss on the rows left out
    stays above that on the rows learned from and differs from fold to fold: variance.

    Parameters
    ----------
    strengths : array of n_strengths
        From the strongest down; 0 is not shown.
    learned_losses, losses : arrays of (n_strengths, n_folds)
        On the rows learned from, and on those left out.
    """

    def __init__(self, strengths: Any, learned_losses: Any, losses: Any):
        strengths = np.asarray(strengths, dtype=float)
        shown = _positive(strengths)
        self.strengths = strengths[shown]
        self.learned_losses = np.asarray(learned_losses, dtype=float)[shown]
        self.losses = np.asarray(losses, dtype=float)[shown]

    @classmethod
    def from_cross_validation(cls, found: Any, *, ax: Any = None) -> Self:
        """Draw the result of `fastreg.cross_validate`.

        Parameters
        ----------
        found : CrossValidation
        ax : matplotlib.axes.Axes or None
        """
        return cls(found.strengths, found.learned_losses, found.losses).plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, folds: Any = 5, ax: Any = None) -> Self:
        """Cross-validate the strength of an estimator's penalty by `fastreg.cross_validate`, and draw it.

        Parameters
        ----------
        estimator : fitted estimator with a certified solver
            `Lasso`, `ElasticNet`, `Ridge`, `LogisticRegression` (two classes), their variants with
            cross-validation, `LinearRegressor`, `LinearClassifier`.
        X, y : as in its ``fit``
        folds : see `fastreg.cross_validate`
        ax : matplotlib.axes.Axes or None
        """
        from fastreg.selection import cross_validate

        problem = problem_of(estimator, X, y)
        return cls.from_cross_validation(
            cross_validate(problem.X, problem.y, folds=folds, **problem.grid()), ax=ax
        )

    def _draw(self, axes: Axes) -> None:
        scale_strengths(axes, self.strengths)
        for losses, colour, style, what in (
            (self.losses, DARK, "-", "rows left out"),
            (self.learned_losses, MIDDLE, "--", "rows learned from"),
        ):
            mean, spread = losses.mean(axis=1), losses.std(axis=1)
            axes.fill_between(
                self.strengths, mean - spread, mean + spread, color=colour, alpha=0.18, linewidth=0
            )
            axes.plot(self.strengths, mean, color=colour, linestyle=style, linewidth=1.8, label=what)
        best = int(np.argmin(self.losses.mean(axis=1)))
        axes.axvline(self.strengths[best], color="0.35", linestyle=":", linewidth=1.4, label="least")
        axes.text(0.02, 0.02, "bias", transform=axes.transAxes, fontsize=9, color="0.35")
        axes.text(0.98, 0.02, "variance", transform=axes.transAxes, fontsize=9, color="0.35", ha="right")
        axes.set_xlabel(STRENGTH)
        axes.set_ylabel("loss, its spread over folds", fontsize=9)
        legend_above(axes)
        plain(axes)
