"""`--plot`: the picture shows the path that the table tells of, in the units it names."""

import json

import numpy as np
import pytest
from problems import dense, sparse

pytest.importorskip("matplotlib")
import fastreg
import fastreg.display
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1

STARTS = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.fixture
def shown(run, monkeypatch, tmp_path):
    """Run a command with --plot and return its JSON and what the picture was asked to show."""
    asked = {}
    known = fastreg.display.path_picture

    def noted(strengths, weights, names, **words):
        asked.update(strengths=strengths, weights=weights.toarray(), names=list(names), **words)
        return known(strengths, weights, names, **words)

    def command(*argv, suffix=".png"):
        monkeypatch.setattr(fastreg.display, "path_picture", noted)
        path = tmp_path / f"picture{suffix}"
        status, out, err = run(*argv, "--plot", path, "--json")
        assert (status, err) == (0, "")
        assert path.read_bytes().startswith(STARTS[suffix])
        assert json.loads(out)["plot"] == str(path)
        return json.loads(out), asked

    return command


def test_the_choice_is_shown(shown, fitted, csv):
    told, asked = shown("fit", csv)
    rows = dense(n=60, p=8)
    assert asked["chosen"] == told["strength"] in asked["strengths"]
    words = {"loss": Squared(), "penalty": L1(1.0), "standardize": True}
    true = fastreg.path(rows.X, rows.y, strengths=asked["strengths"], **words)
    np.testing.assert_allclose(
        asked["weights"], true.coefs.toarray() * rows.X.std(axis=0)[:, None], rtol=1e-5, atol=1e-6
    )
    losses, errors, label = asked["validation"]
    assert asked["strengths"][np.argmin(losses)] == told["strength"]
    assert (len(losses), len(errors)) == (100, 100)
    assert "(y - p)² / 2, 5 folds" in label
    assert asked["title"] == (
        f"y: {told['non_zero_weights']} of 8 weights are not zero at lambda = {told['strength']:.4g}"
    )
    assert asked["weight_label"] == "weight x standard deviation of its column\n(units of y)"
    assert asked["names"] == [f"c{j}" for j in range(8)]
    plain = fitted(csv)
    assert {key: plain[key] for key in ("strength", "score", "objective")} == {
        key: told[key] for key in ("strength", "score", "objective")
    }


def test_a_given_strength_is_marked_on_the_path(shown, svmlight):
    told, asked = shown("fit", svmlight, "--strength", "0.02", suffix=".svg")
    rows = sparse(n=60, p=15)
    assert (asked["chosen"], asked["validation"]) == (0.02, None)
    at = int(np.flatnonzero(asked["strengths"] == 0.02)[0])
    best = fastreg.solve(rows.X, rows.labels, loss=Logistic(), penalty=L1(0.02))
    np.testing.assert_allclose(asked["weights"][:, at], best.coef, rtol=1e-4, atol=1e-5)
    assert asked["weight_label"] == "weight per unit of its column\n(log-odds of 1)"
    assert told["non_zero_weights"] == np.count_nonzero(asked["weights"][:, at])
    # Strength 0 has no place on an axis of logarithms.
    _, asked = shown("fit", svmlight, "--strength", "0", "--task", "regression")
    assert asked["strengths"].min() > 0
    assert "lambda = 0" in asked["title"]


def test_a_path_is_shown(shown, csv):
    told, asked = shown("path", csv, "--strengths", 9, "--no-standardize", suffix=".pdf")
    assert asked["strengths"].tolist() == [entry["strength"] for entry in told["path"]]
    assert (asked["weights"] != 0).sum(axis=0).tolist() == [
        entry["non_zero_weights"] for entry in told["path"]
    ]
    assert asked["weight_label"] == "weight per unit of its column\n(units of y)"
    assert asked.get("chosen") is None


@pytest.mark.parametrize("suffix", STARTS)
def test_the_same_command_draws_the_same_file(shown, csv, tmp_path, suffix):
    files = []
    for _ in range(2):
        shown("path", csv, "--strengths", 3, suffix=suffix)
        files.append((tmp_path / f"picture{suffix}").read_bytes())
    assert files[0] == files[1]
