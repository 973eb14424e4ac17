"""Pictures, drawn by matplotlib (extra `plot`).

The displays follow scikit-learn's pattern: ``X.from_...(..., ax=None)`` draws and returns an object that
knows its numbers, its axes and its figure. `path_picture` makes a figure of its own, without pyplot.
"""

from .pictures import Validation, path_picture
from .rates import RateStrengthDisplay
from .training import ConvergenceDisplay, LearningCurveDisplay, Trace
from .validation import BiasVarianceDisplay, CrossValidationDisplay
from .weights import RegularizationPathDisplay, WeightHistogramDisplay

__all__ = [
    "BiasVarianceDisplay",
    "ConvergenceDisplay",
    "CrossValidationDisplay",
    "LearningCurveDisplay",
    "RateStrengthDisplay",
    "RegularizationPathDisplay",
    "Trace",
    "Validation",
    "WeightHistogramDisplay",
    "path_picture",
]
