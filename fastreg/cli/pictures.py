"""What the commands draw: their numbers put into words and units for `fastreg.display`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .models import deviations, rows_of
from .targets import shown

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    import numpy as np

    from .activity import Activity
    from .choosing import Choice
    from .preparing import Prepared
    from .running import Clock


class Picture(NamedTuple):
    """A picture of a page.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        Not yet drawn.
    caption : str
        How to read it.
    shows : str
        What it shows, for whoever does not see it.
    """

    figure: Any
    caption: str
    shows: str


class Pictures(NamedTuple):
    """The pictures that were asked for: that of `--plot`, and those of `--report`."""

    plot: Picture | None
    page: list[Picture]


def pictures_of(
    arguments: argparse.Namespace,
    activity: Activity,
    clock: Clock,
    plot: Callable[[], Picture],
    page: Sequence[Callable[[], Picture]],
) -> Pictures:
    """Draw what was asked for; what is on the page and the plot too is drawn once."""
    wanted = [] if arguments.report is None else [*page]
    if arguments.plot is not None:
        wanted.append(plot)
    if not wanted:
        return Pictures(None, [])
    activity.now("drawing")
    with clock("draw"):
        drawn = {draw: draw() for draw in wanted}
    return Pictures(
        None if arguments.plot is None else drawn[plot],
        [] if arguments.report is None else [drawn[draw] for draw in page],
    )


def choice_drawn(ready: Prepared, choice: Choice, solution: Any) -> Picture:
    """Draw how lambda was chosen, or that it was given, and the path on all rows.

    Parameters
    ----------
    ready : Prepared
        Data and model.
    choice : Choice
        The strength and what it was chosen from.
    solution : Solution
        The fit at it on all rows.
    """
    import numpy as np
    import scipy.sparse

    from fastreg.display import Validation

    rows, y, tried = rows_of(ready.table.X, slice(None)), ready.target.y, choice.tried
    path = ready.model.path(rows, y) if tried is None else ready.model.path(rows, y, tried.strengths)
    strengths, weights, validation = path.strengths, path.coefs, None
    if tried is not None:
        label = f"loss on rows left out:\nmean of {_loss(ready)}, {tried.losses.shape[1]} folds"
        validation = Validation(tried.mean, tried.error, label)
    elif choice.strength > 0:
        strengths = np.append(strengths, choice.strength)
        weights = scipy.sparse.hstack([weights, scipy.sparse.csc_array(solution.coef[:, None])], format="csc")
    used, count = np.count_nonzero(solution.coef), len(solution.coef)
    title = f"{used:,} of {count:,} weights are not zero at lambda = {choice.strength:.4g}"
    caption = "The weights of fits on all rows, by lambda; the dashed line is the lambda of the model."
    if tried is not None:
        caption = (
            "Above, the mean loss on rows left out, with a band of one standard error; where it is flat, "
            "lambda hardly matters. Below: " + caption[0].lower() + caption[1:]
        )
    figure = _path_drawn(ready, strengths, weights, title, choice.strength, validation)
    return Picture(figure, caption, f"Weights against lambda: {title}.")


def path_drawn(ready: Prepared, path: Any) -> Picture:
    """Draw a path."""
    count = len(path.strengths)
    title = f"{ready.table.X.shape[1]:,} weights at {count:,} strengths of the penalty"
    figure = _path_drawn(ready, path.strengths, path.coefs, title, None, None)
    used = path.coefs.indptr
    return Picture(
        figure,
        "The weights by lambda, from strong penalties at the left to weak ones at the right.",
        f"Weights against lambda: {used[1] - used[0]:,} are not zero at the strongest penalty, "
        f"{used[-1] - used[-2]:,} at the weakest.",
    )


def histograms_drawn(ready: Prepared, path: Any) -> Picture:
    """Draw the weights at a strong and at a weak penalty of a path."""
    from fastreg.display import WeightHistogramDisplay

    path = path._replace(coefs=_in_deviations(ready, path.coefs))
    drawn = _drawn(lambda axes: WeightHistogramDisplay.from_path(path, ax=axes))
    return Picture(
        drawn.figure_,
        f"The same weights ({_weight(ready)}), sorted into bins at two of the strengths: a strong penalty "
        "gathers them around 0, a weak one spreads them out.",
        f"Two histograms of weights, at {drawn.labels[0]} and at {drawn.labels[1]}.",
    )


def validation_drawn(ready: Prepared, found: Any) -> Picture:
    """Draw the curve of a cross-validation, with the least and one standard error."""
    from fastreg.display import CrossValidationDisplay

    label = f"mean of {_loss(ready)}\non rows left out"
    drawn = _drawn(lambda axes: CrossValidationDisplay.from_cross_validation(found, ax=axes, label=label))
    least, simplest = found.strengths[found.best], found.strengths[found.simplest]
    return Picture(
        drawn.figure_,
        "The mean loss on rows left out, with a band of one standard error over the folds. The dashed line "
        "is at the least, the dotted one at the strongest penalty within one standard error of it.",
        f"Mean loss on rows left out against lambda: least, {found.mean[found.best]:.4g}, at {least:.4g}; "
        f"within one standard error from {simplest:.4g}.",
    )


def bias_and_variance_drawn(found: Any) -> Picture:
    """Draw the losses on rows learned from and left out."""
    from fastreg.display import BiasVarianceDisplay

    drawn = _drawn(lambda axes: BiasVarianceDisplay.from_cross_validation(found, ax=axes))
    learned, left_out = found.learned_losses[-1].mean(), found.losses[-1].mean()
    return Picture(
        drawn.figure_,
        "Loss on the rows learned from and on those left out. Strong penalties: both are high (bias). "
        "Weak ones: they part, and differ from fold to fold (variance).",
        f"Losses against lambda: at the weakest penalty {learned:.4g} on rows learned from and "
        f"{left_out:.4g} on rows left out.",
    )


def convergence_drawn(trace: Any) -> Picture:
    """Draw how the gap of a fit fell."""
    from fastreg.display import ConvergenceDisplay

    drawn = _drawn(lambda axes: ConvergenceDisplay.from_trace(trace, ax=axes))
    return Picture(
        drawn.figure_,
        "The gap of the final fit after each round, by passes over the data: a proven bound on how far the "
        "objective is above the least there is.",
        f"The gap falls to {trace.gaps[-1]:.2g} in {trace.passes[-1]:,} passes over the data.",
    )


def study_drawn(study: Any) -> Picture:
    """Draw the losses of a study by learning rate and lambda."""
    from fastreg.display import RateStrengthDisplay

    drawn = _drawn(lambda axes: RateStrengthDisplay.from_study(study, ax=axes), (6.0, 4.6))
    rate, strength = study.learning_rate[study.best], study.strength[study.best]
    return Picture(
        drawn.figure_,
        "The loss on rows held out by learning rate and lambda: the star is the best pair, a cross marks a "
        "fit that diverged, the dashed line a constant product of the two.",
        f"Loss on rows held out by learning rate and lambda: least, {study.validation_loss[study.best]:.4g}, "
        f"at learning rate {rate:.3g} and lambda {strength:.3g}.",
    )


def _drawn(draw: Callable[[Any], Any], size: tuple[float, float] = (6.4, 4.0)) -> Any:
    """Return a display drawn on a figure of its own, without pyplot."""
    from matplotlib.figure import Figure

    return draw(Figure(figsize=size, layout="constrained").add_subplot())


def _loss(ready: Prepared) -> str:
    return "(y - p)² / 2" if ready.target.classes is None else "log(1 + exp(-y p))"


def _weight(ready: Prepared) -> str:
    """Say what a weight is."""
    scaled = ready.model.standardize
    return "weight x standard deviation of its column" if scaled else "weight per unit of its column"


def _in_deviations(ready: Prepared, weights: Any) -> Any:
    """Return weights times the standard deviations of their columns, where columns are standardised."""
    import numpy as np
    import scipy.sparse

    if not ready.model.standardize:
        return weights
    columns = np.arange(len(ready.table.feature_names))
    return scipy.sparse.csc_array(scipy.sparse.diags_array(deviations(ready.table.X, columns)) @ weights)


def _path_drawn(
    ready: Prepared,
    strengths: np.ndarray,
    weights: Any,
    title: str,
    chosen: float | None,
    validation: Any,
) -> Any:
    from fastreg.display import path_picture

    target, name = ready.target, ready.table.target_name
    unit = f"units of {name}" if target.classes is None else f"log-odds of {shown(target.classes[1])}"
    return path_picture(
        strengths,
        _in_deviations(ready, weights),
        ready.table.feature_names,
        title=f"{name}: {title}",
        weight_label=f"{_weight(ready)}\n({unit})",
        chosen=chosen,
        validation=validation,
    )
