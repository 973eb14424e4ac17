"""The rows that SGDClassifier and SGDRegressor are judged on, and by which score."""

import copy

import numpy as np
import scipy.sparse as sp
from sklearn.base import is_classifier
from sklearn.utils.validation import column_or_1d

from fastreg import team
from fastreg.estimators import validation
from fastreg.solvers.stopping import Held
from fastreg.solvers.validation import (
    checked_matrix,
    checked_number,
    checked_weights,
    refuse_nonfinite,
    settled,
)


def given_rows(model, X_val, y_val, sample_weight_val):
    """Return a user's own validation rows: X, y as codes or numbers, weights; None where there are none.

    Parameters
    ----------
    model : SGDClassifier or SGDRegressor
        Knows its classes and features already.
    X_val, y_val, sample_weight_val : as in `fit`

    Raises
    ------
    ValueError, TypeError
        If they do not fit the rows to learn from, in one sentence.
    """
    if X_val is None and y_val is None:
        return None
    if X_val is None or y_val is None:
        lacking = "X_val" if X_val is None else "y_val"
        raise ValueError(f"{lacking} is missing: pass X_val and y_val, or none of them.")
    if is_classifier(model):
        X, y = validation.labelled_data(model, X_val, y_val, reset=False)
        codes = np.minimum(np.searchsorted(model.classes_, y), model.classes_.size - 1)
        unknown = model.classes_[codes] != y
        if unknown.any():
            stranger = y[unknown].tolist()[0]
            raise ValueError(f"y_val holds {stranger!r}, which y does not: pass rows of the classes in y.")
        y = codes
    else:
        X, y = validation.training_data(model, X_val, y_val, reset=False)
        y = settled(column_or_1d(y, warn=True))
    try:
        refuse_rows(X)
    except ValueError as error:
        raise ValueError(str(error).replace("X[", "X_val[", 1)) from None
    return X, y, checked_weights(sample_weight_val, X.shape[0])


def held_out(model, X, y, weights):
    """Return the rows to learn from, those held out, each in their order, and the bytes of X copied."""
    share = checked_number("validation_fraction", model.validation_fraction, 0, strict=True)
    if share >= 1:
        raise ValueError(f"validation_fraction={share!r} leaves no row to learn from: pass less than 1.")
    refuse_rows(X)
    # Few fits need it, and it takes longer to load than the estimators.
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    splitter = StratifiedShuffleSplit if is_classifier(model) else ShuffleSplit
    split = splitter(test_size=share, random_state=model.random_state).split(np.zeros((len(y), 1)), y)
    learned, held = (
        (X[rows], y[rows], None if weights is None else weights[rows]) for rows in map(np.sort, next(split))
    )
    if weights is not None and not held[2].any():
        raise ValueError(
            "The sample weights for validation set are all zero, consider using a different random state."
        )
    copied = sum(
        X.data.nbytes + X.indices.nbytes if sp.issparse(X) else X.nbytes for X, *_ in (learned, held)
    )
    return learned, held, copied


def score_on(model, scoring, held, target_of, dtype):
    """Return the `Plan.score` that the parameter ``scoring`` means on some rows.

    Parameters
    ----------
    model : SGDClassifier or SGDRegressor
        Never written to.
    held : tuple of X, y, weights
    target_of : function
        From y to the target of `stochastic.descend`.
    dtype : numpy.dtype
        Of the weights that will be kept: they are judged as they will predict.
    """
    X, y, weights = held
    if isinstance(scoring, str) and scoring == "loss":
        return Held(X, target_of(y), weights)
    if isinstance(scoring, str):
        from sklearn.metrics import get_scorer

        scoring = get_scorer(scoring)
    elif scoring is not None and not callable(scoring):
        raise ValueError(
            f"scoring={scoring!r} is no score: pass a name that sklearn.metrics.get_scorer knows, 'loss', a "
            "function of (estimator, X, y), or None."
        )
    truth = model.classes_[y] if is_classifier(model) else y
    words = {} if weights is None else {"sample_weight": weights}
    judged = copy.copy(model)
    vars(judged).pop("feature_names_in_", None)  # the rows are an array by now

    def score(coef, intercept):
        judged._keep_weights(coef, intercept, dtype)
        return judged.score(X, truth, **words) if scoring is None else scoring(judged, X, truth, **words)

    return score


def refuse_rows(X):
    """Refuse entries that are not finite, before only a part of the rows is looked at."""
    with team.lease() as crew:
        refuse_nonfinite(crew, checked_matrix(X)[0])
