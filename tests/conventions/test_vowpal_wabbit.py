"""Vowpal Wabbit and `solve` with the translated strength: the same coefficients, to its single precision."""

import numpy as np
import pytest
from peers import FACTORS, LABELS, WEIGHTS, X, Y, assert_same_weights

import fastreg
from fastreg.conventions import from_vowpal_wabbit
from fastreg.losses import Logistic, Squared

vowpalwabbit = pytest.importorskip("vowpalwabbit")

# It holds numbers in single precision; given ones lose nothing.
COLUMNS, TARGET, COUNTS = (np.float64(np.float32(part)) for part in (X, Y, WEIGHTS))
LOSSES = {"squared": (TARGET, Squared()), "logistic": (LABELS, Logistic())}
CONSTANT = 11650396  # its hash of the constant feature


def trained(folder, columns, y, sample_weight, options):
    """Return a workspace trained on examples with features 0, 1, ..."""
    file = folder / "examples.txt"
    with file.open("w") as out:
        for target, weight, row in zip(y.tolist(), sample_weight.tolist(), columns.tolist(), strict=True):
            features = " ".join(f"{name}:{value!r}" for name, value in enumerate(row))
            out.write(f"{target!r} {weight!r} | {features}\n")
    # Predictions beyond the largest label would be cut off, and with them the gradient.
    always = f"-d {file} --cache_file {file}.cache -k --holdout_off --quiet --max_prediction 50"
    return vowpalwabbit.Workspace(f"{always} --min_prediction -50 {options}")


def weights_of(workspace):
    """Return the weights of the features, and that of the constant."""
    coef = [workspace.get_weight_from_name(str(name)) for name in range(FACTORS.size)]
    return np.array(coef), workspace.get_weight(CONSTANT % workspace.num_weights())


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("loss_function", LOSSES)
def test_bfgs(tmp_path, loss_function, weighted):
    """The constant is a column like any other, penalised."""
    y, loss = LOSSES[loss_function]
    sample_weight = COUNTS if weighted else np.ones(y.size)
    options = f"--bfgs --hessian_on --passes 100 --termination 0 --l2 5 --loss_function {loss_function}"
    workspace = trained(tmp_path, COLUMNS, y, sample_weight, options)
    coef, constant = weights_of(workspace)
    workspace.finish()
    penalty = from_vowpal_wabbit(loss_function, l2=5.0, bfgs=True, total_weight=sample_weight.sum())
    words = {"y": y, "loss": loss, "sample_weight": sample_weight, "fit_intercept": False}
    with_constant = np.column_stack([COLUMNS, np.ones(y.size)])
    assert_same_weights(penalty, [*coef, constant], 0.0, columns=with_constant, tolerance=1e-5, **words)


def test_bfgs_without_bias_regularization(tmp_path):
    y, loss = LOSSES["squared"]
    options = "--bfgs --passes 100 --termination 0 --l2 5 --no_bias_regularization"
    workspace = trained(tmp_path, COLUMNS, y, COUNTS, options)
    coef, constant = weights_of(workspace)
    workspace.finish()
    penalty = from_vowpal_wabbit("squared", l2=5.0, bfgs=True, total_weight=COUNTS.sum())
    words = {"y": y, "loss": loss, "sample_weight": COUNTS}
    assert_same_weights(penalty, coef, constant, columns=COLUMNS, tolerance=1e-4, **words)


@pytest.mark.parametrize("weight", [1.0, 2.0])
@pytest.mark.parametrize("parameters", [{"l2": 0.3}, {"l1": 0.2}])
@pytest.mark.parametrize("loss_function", LOSSES)
def test_online(tmp_path, loss_function, parameters, weight):
    """The same row three times at a constant rate: descent settles, and says so in its prediction."""
    row = np.array([[1.0, 0.5]])
    y = np.full(3, 2.0 if loss_function == "squared" else 1.0)
    options = "--sgd --power_t 0 -l 0.005 --passes 4000 --noconstant " + " ".join(
        f"--{name} {value}" for name, value in parameters.items()
    )
    columns, sample_weight = np.repeat(row, 3, axis=0), np.full(3, weight)
    workspace = trained(tmp_path, columns, y, sample_weight, f"{options} --loss_function {loss_function}")
    prediction = workspace.predict("| 0:1 1:0.5")
    workspace.finish()
    penalty = from_vowpal_wabbit(loss_function, **parameters)
    words = {"sample_weight": sample_weight, "fit_intercept": False, "tol": 1e-13}
    ours = fastreg.solve(columns, y, loss=LOSSES[loss_function][1], penalty=penalty, **words)
    # Steps of 0.005 leave the truncated weights as far from where they settle.
    assert prediction == pytest.approx(float(row[0] @ ours.coef), abs=2e-3 if "l1" in parameters else 1e-5)
