"""fastreg: regularised linear models at the speed of the machine, on Numba.

The public names are loaded when they are first used: ``import fastreg`` loads neither Numba nor
scikit-learn.
"""

import importlib

__version__ = "0.1.0"

# Where each public name lives; None marks a public module.
_HOMES = {
    "Certificate": "solvers.solution",
    "CertificateKind": "solvers.solution",
    "ConvergenceWarning": "solvers.solution",
    "CrossValidation": "selection",
    "ElasticNet": "estimators",
    "ElasticNetCV": "estimators",
    "GroupLasso": "estimators",
    "InformationCriteria": "selection",
    "Interrupted": "solvers.solution",
    "Lasso": "estimators",
    "LassoCV": "estimators",
    "LinearClassifier": "estimators",
    "LinearClassifierCV": "estimators",
    "LinearRegressor": "estimators",
    "LinearRegressorCV": "estimators",
    "LogisticRegression": "estimators",
    "LogisticRegressionCV": "estimators",
    "Path": "functional",
    "Progress": "solvers.solution",
    "Ridge": "estimators",
    "RidgeCV": "estimators",
    "SGDClassifier": "estimators",
    "SGDRegressor": "estimators",
    "Solution": "solvers.solution",
    "StabilitySelection": "selection",
    "Status": "solvers.solution",
    "Study": "selection",
    "Work": "solvers.solution",
    "certify": "certificate",
    "conventions": None,
    "cross_validate": "selection",
    "data": None,
    "designs": None,
    "estimators": None,
    "get_include": "interop",
    "get_num_threads": "team",
    "information_criteria": "selection",
    "interop": None,
    "jit": None,
    "kernel": "jit",
    "kernels": None,
    "losses": None,
    "num_threads": "team",
    "path": "functional",
    "penalties": None,
    "set_num_threads": "team",
    "solve": "functional",
    "stability_selection": "selection",
    "study": "selection",
    "testing": None,
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'fastreg' has no attribute {name!r}")
    home = _HOMES[name]
    if home is None:
        return importlib.import_module(f"fastreg.{name}")
    value = getattr(importlib.import_module(f"fastreg.{home}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(__all__)
