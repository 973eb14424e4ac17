"""Small problems, one for each way a solver goes over each shape of X; what each counts is exact."""

import functools

import numpy as np
import scipy.sparse as sp

import fastreg
from fastreg.losses import Logistic, Multinomial, Squared
from fastreg.penalties import L1, L2, ElasticNet, GroupL2

from ..suite.problems import dense, text_like, with_32_bit_indices

TOLERANCE = 1e-6
SQUARED, LOGISTIC, MULTINOMIAL = Squared(), Logistic(), Multinomial()


@functools.cache
def tall():
    return dense(300, 60, 12)


@functools.cache
def wide():
    return dense(80, 400, 10)


@functools.cache
def text():
    X, y = text_like(400, 900, 15)
    return with_32_bit_indices(X), y


def by_rows(data):
    """Return the same matrix as it is stored row by row."""
    X, y = data()
    return (sp.csr_array(X) if sp.issparse(X) else np.ascontiguousarray(X)), y


def in_float32(data):
    X, y = data()
    return X.astype(np.float32), y.astype(np.float32)


def target_of(loss, y):
    """Return what a loss learns of a response: itself, which half it is in, or which quarter."""
    if loss is SQUARED:
        return y
    quarters = np.digitize(y, np.quantile(y, [0.25, 0.5, 0.75]))
    return quarters if loss is MULTINOMIAL else np.where(quarters > 1, 1.0, -1.0)


def critical(X, target):
    """Return the strength at which L1 keeps every weight at 0, for centred targets of any number."""
    return float(np.abs(X.T @ target).max() / len(target))


def counted(work, coef):
    return {**work._asdict(), "nonzero_weights": int(np.count_nonzero(coef))}


def solved(data, penalty_of, share, loss=SQUARED, tol=TOLERANCE, **options):
    """Solve with a penalty at a share of the critical strength."""
    X, y = data()
    y = target_of(loss, y)
    centred = np.eye(4)[y] - 0.25 if loss is MULTINOMIAL else y / 2 if loss is LOGISTIC else y - y.mean()
    penalty = penalty_of(share * critical(X, centred))
    solution = fastreg.solve(X, y, loss=loss, penalty=penalty, tol=tol, **options)
    return counted(solution.work, solution.coef)


def half_and_half(strength):
    return ElasticNet(2 * strength, 0.5)


def in_fives(n_features):
    """Return a group penalty over features in fives."""
    return lambda strength: GroupL2(strength, np.arange(n_features) // 5)


def followed(data, loss=SQUARED):
    X, y = data()
    path = fastreg.path(
        X, target_of(loss, y), loss=loss, penalty=L1(1.0), strengths=20, ratio=0.01,
        tol=TOLERANCE,
    )  # fmt: skip
    return counted(path.work, path.coefs.data)


def validated(data, loss=SQUARED):
    X, y = data()
    found = fastreg.cross_validate(
        X, target_of(loss, y), loss=loss, penalty=L1(1.0), strengths=10, ratio=0.05,
        folds=4, tol=TOLERANCE,
    )  # fmt: skip
    return found.work._asdict()


def descended(data, **options):
    """Learn for three epochs by stochastic gradient."""
    X, y = data()
    model = fastreg.SGDClassifier(
        "log_loss", alpha=1e-3, learning_rate="invscaling", eta0=0.1, power_t=0.25, max_iter=3, tol=None,
        random_state=0, **options,
    ).fit(X, target_of(LOGISTIC, y))  # fmt: skip
    return counted(model.solution_.work, model.coef_)


rows_of_text, rows_of_tall = functools.partial(by_rows, text), functools.partial(by_rows, tall)
_do = functools.partial

# Each part runs in a process of its own, so that two processors compile side by side.
PARTS = {
    "columns": {
        "coordinate descent, squared, L1, tall": _do(solved, tall, L1, 0.01),
        "coordinate descent, squared, L1, wide": _do(solved, wide, L1, 0.05),
        "coordinate descent, squared, L1, wide, no intercept": _do(
            solved, wide, L1, 0.05, fit_intercept=False
        ),
        "coordinate descent, squared, L1, rows": _do(solved, rows_of_tall, L1, 0.01),
        "coordinate descent, squared, L1, float32": _do(solved, _do(in_float32, tall), L1, 0.01),
        "coordinate descent, squared, L1, CSC": _do(solved, text, L1, 0.1),
        "coordinate descent, squared, L1, CSC, standardized": _do(solved, text, L1, 0.1, standardize=True),
        "coordinate descent, squared, L1, CSR": _do(solved, rows_of_text, L1, 0.1),
        "coordinate descent, squared, elastic net, tall": _do(solved, tall, half_and_half, 0.01),
        "coordinate descent, logistic, L1, wide": _do(solved, wide, L1, 0.05, LOGISTIC),
        "coordinate descent, logistic, L1, CSC": _do(solved, text, L1, 0.1, LOGISTIC),
        "path, squared, L1, tall": _do(followed, tall),
        "path, squared, L1, wide": _do(followed, wide),
        "path, squared, L1, CSC": _do(followed, text),
        "path, logistic, L1, CSC": _do(followed, text, LOGISTIC),
        "cross-validation, squared, L1, tall": _do(validated, tall),
        "cross-validation, squared, L1, CSC": _do(validated, text),
        "cross-validation, logistic, L1, CSC": _do(validated, text, LOGISTIC),
    },
    "rows and blocks": {
        "block descent, squared, groups, wide": _do(solved, wide, in_fives(400), 0.1),
        "block descent, squared, groups, CSC": _do(solved, text, in_fives(900), 0.1),
        "Newton, squared, L2, tall": _do(solved, tall, L2, 0.001),
        "Newton, logistic, L2, tall": _do(solved, tall, L2, 0.001, LOGISTIC),
        "Newton, logistic, L2, wide": _do(solved, wide, L2, 0.001, LOGISTIC),
        "Newton, squared, L2, CSC": _do(solved, text, L2, 0.01),
        "Newton, logistic, L2, CSC": _do(solved, text, L2, 0.01, LOGISTIC),
        "Newton, multinomial, L2, tall": _do(solved, tall, L2, 0.01, MULTINOMIAL),
        "Newton, multinomial, L2, CSC": _do(solved, text, L2, 0.01, MULTINOMIAL),
        "coordinate descent, multinomial, L1, tall": _do(solved, tall, L1, 0.1, MULTINOMIAL),
        "coordinate descent, multinomial, L1, CSC": _do(solved, text, L1, 0.1, MULTINOMIAL),
        **{
            f"{solver}, logistic, L2, CSR": _do(
                solved, rows_of_text, L2, 0.01, LOGISTIC, tol=tol, solver=solver
            )
            for solver, tol in {"saga": 1e-6, "svrg": 1e-6, "sgd": 1e-2, "ftrl": 1e-1}.items()
        },
        "stochastic gradient, logistic, L2, CSR": _do(descended, rows_of_text),
        "stochastic gradient, logistic, L2, CSR, mean": _do(descended, rows_of_text, average=True),
        "stochastic gradient, logistic, elastic net, CSR": _do(descended, rows_of_text, penalty="elasticnet"),
        "stochastic gradient, logistic, L2, rows": _do(descended, rows_of_tall),
        "stochastic gradient, logistic, L2, rows in shards": _do(descended, _do(by_rows, wide)),
    },
}
