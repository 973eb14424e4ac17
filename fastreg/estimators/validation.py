"""What estimators accept: data checked as scikit-learn does, refused in one sentence."""

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from fastreg import team
from fastreg.solvers.validation import checked_count, checked_matrix, refuse_nonfinite

_ACCEPTED = {
    "accept_sparse": ("csc", "csr"),
    "dtype": (np.float64, np.float32),
    "ensure_all_finite": False,  # the solver's own scan is threaded, and names the entry
}


def training_data(estimator, X, y, *, reset=True):
    """Return X and a numeric y of one or several targets; remember the features' number and names.

    Parameters
    ----------
    estimator : BaseEstimator
        Gets ``n_features_in_`` and, for a data frame, ``feature_names_in_``.
    X : array, data frame or sparse matrix of (n_samples, n_features)
    y : array of n_samples or (n_samples, n_targets)
    reset : bool
        False if X must have the features that are remembered.

    Raises
    ------
    ValueError, TypeError
        One sentence.
    """
    with _Told(X):
        return validate_data(estimator, X, y, reset=reset, multi_output=True, y_numeric=True, **_ACCEPTED)


def labelled_data(estimator, X, y, *, reset=True):
    """Return X and y as classes; arguments and errors as `training_data`."""
    with _Told(X):
        X, y = validate_data(estimator, X, y, reset=reset, multi_output=True, **_ACCEPTED)
    y = column_or_1d(y, warn=True)
    pair = _pair_of_labels(y)
    if pair is None or not all(isinstance(label, str) or float(label).is_integer() for label in pair[0]):
        check_classification_targets(y)
    return X, y


def classes_and_codes(y):
    """Return the classes of a target, sorted, and the number of each row's class."""
    return _pair_of_labels(y) or np.unique(y, return_inverse=True)


def _pair_of_labels(y):
    """Return the same where there are two labels, found without a sort of all rows; None elsewhere."""
    if y.size == 0 or y.dtype.kind not in "biufU":
        return None
    others = y != y[0]
    second = y[np.argmax(others)]
    if not others.any() or np.any(y[others] != second):
        return None
    if second < y[0]:
        return np.array([second, y[0]], dtype=y.dtype), 1 - others
    return np.array([y[0], second], dtype=y.dtype), others.astype(np.intp)


def new_data(estimator, X):
    """Return X to predict for: the features of the training, finite."""
    with _Told(X):
        X = validate_data(estimator, X, reset=False, **_ACCEPTED)
    with team.lease() as crew:
        refuse_nonfinite(crew, checked_matrix(X)[0])
    return X


# What scikit-learn says of X and y, its beginning, and the remedy that goes with it.
_REMEDIES = {
    "Expected 2D array, got 1D": (
        "Reshape your data, X.reshape(-1, 1) is one column and X.reshape(1, -1) one row"
    ),
    "Expected 2D array, got scalar": "Reshape your data, X has rows and columns",
    "Complex data not supported": "pass real numbers",
    "Found input variables with inconsistent numbers of samples": "pass one target per row of X",
}


class _Told:
    """Turns scikit-learn's errors of many lines into one sentence, which names the column of a text."""

    def __init__(self, X):
        self._X = X

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if kind is not ValueError:
            return
        text = str(error)
        for beginning, remedy in _REMEDIES.items():
            if text.startswith(beginning):
                raise ValueError(f"{text.splitlines()[0].rstrip(':.')}: {remedy}.") from None
        if "could not convert" not in text or hasattr(self._X, "tocsr"):
            return
        X = self._X
        names = getattr(X, "columns", None)
        columns = np.asarray(X, dtype=object).T if np.ndim(X) == 2 else []
        for position, column in enumerate(columns):
            for entry in column:
                if isinstance(entry, str) and not _is_number(entry):
                    name = position if names is None else repr(names[position])
                    raise ValueError(
                        f"Column {name} of X holds the text {entry!r}: encode it as numbers first, for "
                        f"example with sklearn.preprocessing.OneHotEncoder."
                    ) from None


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def refuse_one_class(classes):
    """Refuse classes of which there is only one."""
    if classes.size < 2:
        (only,) = classes.tolist()
        raise ValueError(f"y holds the one class {only!r}: pass at least two classes to tell apart.")


def checked_choice(name, value, choices):
    """Return ``value`` if it is one of ``choices``."""
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        raise ValueError(f"{name}={value!r} is unknown: pass one of {', '.join(map(repr, choices))}.")
    return value


def is_term(value):
    """Tell whether a parameter is a term and not the name of one."""
    return hasattr(type(value), "_fields")


def checked_flag(name, value):
    """Return ``value`` as a bool if it is one."""
    if not isinstance(value, (bool, np.bool_)) and not (isinstance(value, int) and value in (0, 1)):
        raise ValueError(f"{name}={value!r} is neither True nor False: pass one of them.")
    return bool(value)


def checked_rounds(max_iter, default, least=1):
    """Return the most outer rounds, ``default`` for None."""
    return default if max_iter is None else checked_count("max_iter", max_iter, least)


def thread_number(n_jobs):
    """Return scikit-learn's ``n_jobs`` as a number of threads: None and -1 leave it to `set_num_threads`."""
    if n_jobs in (None, -1):
        return None
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise ValueError(
            f"n_jobs={n_jobs!r} is no number of threads: pass an integer of at least 1, or None."
        )
    return max(1, team.get_num_threads() + 1 + int(n_jobs)) if n_jobs < 0 else int(n_jobs)
