"""`fastreg path`: what the table, the JSON and the file tell is `fastreg.path`."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp
from problems import dense

import fastreg
from fastreg.cli import preparing
from fastreg.losses import Squared
from fastreg.penalties import L1


@pytest.fixture
def followed(run):
    """Run a path that shall succeed and return its JSON."""

    def command(*argv):
        status, out, err = run("path", *argv, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return command


def test_the_numbers_are_those_of_the_path(followed, csv, tmp_path):
    told = followed(csv, "--strengths", 7, "--ratio", 0.02, "--out", tmp_path / "path.npz")
    rows = dense(n=60, p=8)
    true = fastreg.path(
        rows.X, rows.y, loss=Squared(), penalty=L1(1.0), strengths=7, ratio=0.02, standardize=True
    )
    for key, values in [
        ("strength", true.strengths),
        ("objective", true.objectives),
        ("intercept", true.intercepts),
        ("gap", true.gaps),
        ("non_zero_weights", (true.coefs != 0).sum(axis=0)),
    ]:
        np.testing.assert_allclose([entry[key] for entry in told["path"]], values, rtol=1e-9, atol=1e-12)
    assert told["path"][0]["non_zero_weights"] == 0
    assert {entry["status"] for entry in told["path"]} == {str(fastreg.Status.CONVERGED)}
    with np.load(tmp_path / "path.npz", allow_pickle=False) as archive:
        assert archive["strengths"].tolist() == [entry["strength"] for entry in told["path"]]
        assert archive["gaps"].tolist() == [entry["gap"] for entry in told["path"]]
        header = json.loads(archive["header"].tobytes())
    assert (header["feature_names"], header["target"]) == ([f"c{j}" for j in range(8)], "y")
    coefs = sp.load_npz(tmp_path / "path.npz")
    np.testing.assert_allclose(coefs.toarray(), true.coefs.toarray(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("count", "lines"), [(1, 1), (2, 2), (20, 20), (21, 11), (30, 16), (100, 18)])
def test_the_table_is_short_and_tells_what_the_json_tells(run, followed, csv, count, lines):
    told = followed(csv, "--strengths", count, "--penalty", "elasticnet")
    table = run("path", csv, "--strengths", count, "--penalty", "elasticnet")[1]
    assert max(map(len, table.splitlines())) <= 80
    title, heads, *grid = table.rpartition("\n\n")[2].splitlines()
    assert title == "fits from the strongest penalty down"
    assert heads.split() == ["lambda", "non-zero", "weights", "objective", "gap"]
    cells = [
        [f"{e['strength']:.6g}", str(e["non_zero_weights"]), f"{e['objective']:.6g}", f"{e['gap']:.1e}"]
        for e in told["path"]
    ]
    assert len(grid) == lines
    assert [line.split() for line in (grid[0], grid[-1])] == [cells[0], cells[-1]]
    assert all(line.split() in cells for line in grid)
    assert f"{count} strengths" in table


def test_what_a_path_without_a_file_shows(followed):
    told = followed("--task", "classification", "--strengths", 3, "--ratio", 0.1)
    assert (told["task"], told["columns"], len(told["path"])) == ("classification", 30, 3)
    np.testing.assert_allclose(told["path"][-1]["strength"] / told["path"][0]["strength"], 0.1)


def test_ctrl_c_tells_how_far_it_came(run, csv, tmp_path, monkeypatch):
    part = fastreg.Path(np.array([2.0, 1.0, 0.125]), np.ones((1, 3)), None, None, None, None, None)

    def interrupted(*_, callback, **__):
        callback(SimpleNamespace(n_iter=0))
        raise fastreg.Interrupted(part)

    monkeypatch.setattr(preparing, "_fit_a_few", lambda _: None)
    monkeypatch.setattr(fastreg, "path", interrupted)
    status, out, err = run("path", csv, "--out", tmp_path / "path.npz")
    assert (status, out, err.count("\n")) == (130, "", 1)
    assert "while following the path; this path had reached strength 0.125, nothing was written" in err
    assert not (tmp_path / "path.npz").exists()
