"""scikit-learn's callbacks, told of every outer round of a fit; before scikit-learn 1.9 there are none."""

from typing import Any

import numpy as np

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing: this scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


def told_of_rounds(estimator, X, y, sample_weight):
    """Begin a fit; return what `fastreg.solve` calls back after each round, and what ends the fit.

    Parameters
    ----------
    estimator : estimator with `CallbackSupportMixin`
    X, y : data
        As scorers take it.
    sample_weight : array or None
    """
    if not getattr(estimator, "_skl_callbacks", None):
        return None, lambda: None
    told = {"estimator": estimator, "X": X, "y": y}
    told["metadata"] = None if sample_weight is None else {"sample_weight": sample_weight}
    fit = estimator._init_callback_context(max_subtasks=None)
    fit.call_on_fit_task_begin(**told)

    def after_round(progress):
        def attributes():
            coef, intercept = progress.weights()
            return {"coef_": np.atleast_2d(coef.T), "intercept_": np.atleast_1d(intercept)}

        task = fit.subcontext(task_name="round")
        task.call_on_fit_task_begin(**told, reconstruction_attributes=attributes)
        return task.call_on_fit_task_end(**told, reconstruction_attributes=attributes)

    return after_round, lambda: fit.call_on_fit_task_end(**told, reconstruction_attributes={})
