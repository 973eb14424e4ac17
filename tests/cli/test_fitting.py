"""`fastreg fit`: its table and JSON tell the truth, and the model it writes is the certified optimum."""

import json

import numpy as np
import pytest
from problems import dense, sparse
from sklearn.metrics import accuracy_score, r2_score

import fastreg
from fastreg.cli.targets import Target
from fastreg.display import texts
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1


def stored(path):
    """Read a model file as another program would."""
    with np.load(path, allow_pickle=False) as archive:
        return json.loads(archive["header"].tobytes()), archive["coef"], float(archive["intercept"])


def train_and_rest(target, X):
    parts = target.parts(4)
    return X[parts != 0], target.y[parts != 0], X[parts == 0], target.y[parts == 0]


def test_the_table_fits_a_terminal(run):
    status, out, err = run("fit")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    for label in ("data", "rows", "columns", "non-zeros", "lambda", "gap", "weights", "score", "seconds"):
        assert f"\n{label} " in out
    assert "diabetes" in out
    assert "bmi" in out
    assert "lambda_max" in out


def test_table_and_json_tell_the_same(run, fitted):
    told, table = fitted("--strength", 3), run("fit", "--strength", 3)[1]
    for text in (
        f"{told['non_zeros']:,}",
        f"{told['non_zero_weights']} of 64",
        f"{told['intercept']:.6g}",
        f"{told['gap']:.1e}",
        f"{told['strength_over_critical']:.3g} lambda_max",
        f"{told['score']['held_out']:.4f}",
        f"{told['score']['constant_model']:.4f}",
        f"{told['largest_weights'][0]['weight']:.5g}",
    ):
        assert text in table


def test_the_same_command_gives_the_same_numbers(fitted, csv):
    first, second = fitted(csv), fitted(csv)
    for told in (first, second):
        told.pop("seconds")
        told.pop("kernels")
    assert first == second


@pytest.mark.parametrize(
    "options",
    [
        ("--strength", "0.05"),
        ("--penalty", "elasticnet", "--l1-ratio", "0.3"),
        ("--penalty", "l2", "--cv", "3"),
    ],
)
def test_a_regression_is_the_certified_optimum(fitted, csv, tmp_path, options):
    told = fitted(csv, *options, "--out", tmp_path / "model")
    header, coef, intercept = stored(tmp_path / "model")
    rows = dense(n=60, p=8)
    l1_ratio = {"l1": 1.0, "l2": 0.0, "elasticnet": 0.3}[told["penalty"]]
    certificate = fastreg.certify(
        rows.X,
        rows.y,
        coef,
        intercept,
        loss=Squared(),
        penalty=fastreg.penalties.ElasticNet(told["strength"], l1_ratio),
        standardize=True,
    )
    assert certificate.gap <= told["tol"]
    np.testing.assert_allclose(certificate.primal, told["objective"], rtol=1e-12)
    assert header["feature_names"] == [f"c{j}" for j in range(8)]
    assert {
        key: header[key] for key in ("task", "loss", "strength", "classes", "standardize", "version")
    } == {
        "task": "regression",
        "loss": "squared",
        "strength": told["strength"],
        "classes": None,
        "standardize": True,
        "version": 1,
    }


def test_two_classes_are_learnt_from_a_sparse_file(fitted, svmlight, tmp_path):
    told = fitted(svmlight, "--strength", "0.02", "--out", tmp_path / "model")
    header, coef, intercept = stored(tmp_path / "model")
    rows = sparse(n=60, p=15)
    certificate = fastreg.certify(rows.X, rows.labels, coef, intercept, loss=Logistic(), penalty=L1(0.02))
    assert certificate.gap <= told["tol"]
    assert (told["task"], told["classes"], told["standardize"]) == ("classification", [-1.0, 1.0], False)
    assert header["feature_names"] == {"prefix": "", "first": 1, "count": 15}
    assert told["non_zeros"] == rows.X.nnz
    assert told["non_zero_weights"] == np.count_nonzero(coef)
    assert [entry["name"] for entry in told["largest_weights"]] == [
        str(j + 1) for j in np.argsort(-np.abs(coef))[: min(10, np.count_nonzero(coef))]
    ]


def test_the_score_is_that_of_rows_no_fit_has_seen(fitted, csv, svmlight):
    told = fitted(csv, "--strength", "0.05")
    rows = dense(n=60, p=8)
    X, y, X_rest, y_rest = train_and_rest(Target("regression", "", rows.y, None), rows.X)
    fit = fastreg.solve(X, y, loss=Squared(), penalty=L1(0.05), standardize=True)
    np.testing.assert_allclose(
        told["score"]["held_out"], r2_score(y_rest, X_rest @ fit.coef + fit.intercept), rtol=1e-9
    )
    constant = np.full(len(y_rest), y.mean())
    np.testing.assert_allclose(told["score"]["constant_model"], r2_score(y_rest, constant))
    assert (told["rows_train"], told["rows_held_out"]) == (45, 15) == (len(y), len(y_rest))

    told = fitted(svmlight, "--strength", "0.02")
    rows = sparse(n=60, p=15)
    X, y, X_rest, y_rest = train_and_rest(Target("", "", rows.labels, [-1, 1]), rows.X.tocsr())
    fit = fastreg.solve(X, y, loss=Logistic(), penalty=L1(0.02))
    assert told["score"]["held_out"] == accuracy_score(y_rest, np.sign(X_rest @ fit.coef + fit.intercept))
    assert told["score"]["constant_model"] == np.mean(y_rest == np.sign(y.mean()))


def test_text_classes_and_the_reason_are_told(fitted, run, tmp_path):
    path = tmp_path / "kinds.csv"
    path.write_text(
        "size,age,kind\n" + "".join(f"{j % 7},{j},{'yes' if j % 7 > 3 else 'no'}\n" for j in range(40))
    )
    told = fitted(path)
    assert (told["task"], told["classes"], told["task_reason"]) == (
        "classification",
        ["no", "yes"],
        "two classes",
    )
    assert told["largest_weights"][0]["name"] == "size"
    assert told["largest_weights"][0]["weight"] > 0
    assert "positive weights speak for yes" in run("fit", path)[1]


def test_two_numbers_can_be_regressed(fitted, svmlight, csv):
    told = fitted(svmlight, "--task", "regression", "--strength", "0.01")
    assert (told["loss"], told["task_reason"]) == ("squared", "as asked")
    assert fitted(csv, "--strength", "0.01")["task_reason"] == "60 distinct values"


def test_names_of_any_kind_keep_the_table_in_shape(run, tmp_path):
    path = tmp_path / "names.csv"
    rows = dense(n=40, p=3)
    names = [
        "a very long name that says everything there is to be said about a column",
        "日本語の列" * 8,
        "bell\x07",
    ]
    lines = [
        ",".join([*names, "y"]),
        *(",".join(map(repr, map(float, row))) for row in np.c_[rows.X, rows.y]),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    status, out, _ = run("fit", path, "--strength", "0")
    assert status == 0
    assert max(texts.columns_of(line) for line in out.splitlines()) <= 80
    assert out.count("…") == 2
    assert "bell?" in out


def test_a_penalty_that_leaves_nothing(run):
    status, out, _ = run("fit", "--strength", "1e6")
    assert status == 0
    assert "0 of 64 are not zero" in out
    assert "All weights are zero" in out
