"""`fastreg certify`: the gap of a model's weights, with the terms of its header, true and in words."""

import json

import numpy as np
import pytest
from problems import dense, sparse

import fastreg
from fastreg.cli import models
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, ElasticNet


@pytest.fixture
def certified(run):
    """Run a certification that shall succeed and return its JSON."""

    def command(*argv):
        status, out, err = run("certify", *argv, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return command


def test_what_was_fitted_is_certified(run, fitted, certified, csv, tmp_path):
    model = tmp_path / "model.npz"
    options = ("--penalty", "elasticnet", "--l1-ratio", "0.3", "--strength", "0.05")
    fit = fitted(csv, *options, "--out", model)
    told = certified(model, csv)
    assert (told["optimal"], told["gap_kind"]) == (True, "duality_gap")
    assert told["gap"] <= told["tol"] == fit["tol"]
    np.testing.assert_allclose(told["objective"], fit["objective"], rtol=1e-12)
    assert told["strength"] == fit["strength"]
    table = " ".join(run("certify", model, csv)[1].split())
    for text in (f"{told['gap']:.1e}", f"{told['objective']:.9g}", told["verdict"], told["gap_meaning"]):
        assert text in table


def test_other_rows_have_other_optima(certified, fitted, csv, tmp_path):
    model = tmp_path / "model.npz"
    fitted(csv, "--strength", "0.05", "--out", model)
    rows = dense(n=40, p=8, seed=5)
    other = tmp_path / "other.csv"
    heads = ",".join([*(f"c{j}" for j in range(8)), "y"])
    np.savetxt(
        other, np.column_stack([rows.X, rows.y]), delimiter=",", header=heads, comments="", fmt="%.17g"
    )
    with np.load(model) as archive:
        coef, intercept = archive["coef"], float(archive["intercept"])
    words = {"loss": Squared(), "penalty": L1(0.05), "standardize": True}
    best = fastreg.solve(rows.X, rows.y, **words, tol=1e-10)
    true = fastreg.certify(rows.X, rows.y, coef, intercept, **words)
    told = certified(model, other)
    assert not told["optimal"]
    np.testing.assert_allclose([told["gap"], told["objective"]], [true.gap, true.primal], rtol=1e-9)
    assert told["objective"] - best.objective <= told["objective_above_least"] * (1 + 1e-9)
    np.testing.assert_allclose(told["objective_above_least"], true.primal - true.dual, rtol=1e-9)
    assert "fitted on other rows" in told["verdict"]


def test_classes_of_a_sparse_file(certified, fitted, svmlight, tmp_path):
    model = tmp_path / "model.npz"
    fitted(svmlight, "--strength", "0.02", "--out", model)
    told = certified(model, svmlight)
    assert told["optimal"]
    rows = sparse(n=60, p=15)
    with np.load(model) as archive:
        coef, intercept = archive["coef"], float(archive["intercept"])
    true = fastreg.certify(rows.X, rows.labels, coef, intercept, loss=Logistic(), penalty=L1(0.02))
    np.testing.assert_allclose(told["objective"], true.primal, rtol=1e-12)
    assert told["non_zero_weights"] == np.count_nonzero(coef)


def test_where_no_bound_is_known_the_residual_is_told(certified, run, fitted, csv, tmp_path, monkeypatch):
    model = tmp_path / "model.npz"
    fitted(csv, "--strength", "0.05", "--out", model)
    known = fastreg.certify

    def without_bound(*words, **terms):
        kind = fastreg.CertificateKind.KKT_RESIDUAL
        return known(*words, **terms)._replace(kind=kind, dual=float("nan"))

    monkeypatch.setattr(fastreg, "certify", without_bound)
    told = certified(model, csv)
    assert (told["gap_kind"], told["objective_above_least"]) == ("kkt_residual", None)
    assert "No bound is known" in told["gap_meaning"]
    assert "above the least" not in run("certify", model, csv)[1]


@pytest.mark.small
@pytest.mark.parametrize(
    ("penalty", "l1_ratio", "same"), [("l1", None, 1.0), ("l2", None, 0.0), ("elasticnet", 0.25, 0.25)]
)
def test_the_terms_are_those_of_the_names(penalty, l1_ratio, same):
    found = models.model_of("regression", penalty, l1_ratio, False)._problem(0.5)
    reference = ElasticNet(0.5, same)
    for weight in (-2.0, 0.0, 3.0):
        np.testing.assert_allclose(found["penalty"].value(weight, 0), reference.value(weight, 0))
    assert (found["loss"], found["standardize"]) == (Squared(), False)
