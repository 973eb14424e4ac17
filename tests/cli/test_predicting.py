"""`fastreg predict`: what the table, the JSON, files and standard output say is X w + b and its classes."""

import csv as csv_module
import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from problems import dense, sparse
from scipy.special import expit
from sklearn.metrics import accuracy_score, r2_score

from fastreg.cli.model_file import write_model
from fastreg.data import Numbered

pytestmark = pytest.mark.small

COEF = np.array([0.5, -1.0, 0.0, 2.0])
NAMES = ["a", "b", "c", "d"]


def described(classes=None):
    return {
        "task": "regression" if classes is None else "classification",
        "loss": "squared" if classes is None else "logistic",
        "penalty": "l1",
        "strength": 0.125,
        "l1_ratio": None,
        "classes": classes,
        "standardize": True,
        "target": "y",
        "dropped": [],
    }


def table_of(X, names, **columns):
    text = io.StringIO()
    writer = csv_module.writer(text)
    writer.writerow([*names, *columns])
    writer.writerows(np.column_stack([X, *columns.values()]).tolist() if columns else X.tolist())
    return text.getvalue()


@pytest.fixture
def model(tmp_path):
    """Write a model of four columns and return its path."""

    def write(classes=None, names=NAMES):
        write_model(tmp_path / "model.npz", COEF, 0.25, names, described(classes))
        return tmp_path / "model.npz"

    return write


@pytest.fixture
def predicted(run):
    """Run a prediction that shall succeed and return its JSON."""

    def command(*argv):
        status, out, err = run("predict", *argv, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return command


def test_a_regression(predicted, model, tmp_path):
    rows = dense(n=30, p=4)
    margins = rows.X @ COEF + 0.25
    path = tmp_path / "rows.csv"
    order = [2, 0, 3, 1]
    path.write_text(table_of(rows.X[:, order], [NAMES[j] for j in order], y=rows.y))
    told = predicted(model(), path)
    assert [entry["row"] for entry in told["predictions"]] == list(range(1, 31))
    np.testing.assert_allclose([e["prediction"] for e in told["predictions"]], margins, rtol=1e-14)
    np.testing.assert_allclose(
        [told["predicted"][key] for key in ("least", "mean", "largest")],
        [margins.min(), margins.mean(), margins.max()],
    )
    np.testing.assert_allclose(told["score"]["value"], r2_score(rows.y, margins))
    assert (told["score"]["name"], told["rows"], told["target"]) == ("R^2", 30, "y")


@pytest.mark.parametrize("classes", [["no", "yes"], [0.0, 1.0], [-1.0, 2.5], ["0", "1"]])
def test_a_classification(predicted, model, tmp_path, classes):
    rows = dense(n=30, p=4)
    margins = rows.X @ COEF + 0.25
    path = tmp_path / "rows.csv"
    truth = [classes[int(label > 0)] for label in rows.labels]
    lines = table_of(rows.X, NAMES).splitlines()
    path.write_text(
        "\n".join([lines[0] + ",y", *(f"{x},{y}" for x, y in zip(lines[1:], truth, strict=True))])
    )
    told = predicted(model(classes), path)
    found = [entry["prediction"] for entry in told["predictions"]]
    assert found == [classes[int(margin > 0)] for margin in margins]
    np.testing.assert_allclose([e["probability"] for e in told["predictions"]], expit(margins), rtol=1e-13)
    assert told["predicted"] == [{"class": name, "rows": found.count(name)} for name in classes]
    assert told["score"]["value"] == accuracy_score(list(map(str, truth)), list(map(str, found)))


def test_sparse_rows(predicted, model, tmp_path):
    rows = sparse(n=20, p=4)
    path = tmp_path / "rows.svm"
    X = rows.X.toarray()
    path.write_text(
        "\n".join("0 " + " ".join(f"{j + 1}:{x!r}" for j, x in enumerate(row.tolist()) if x) for row in X)
    )
    told = predicted(model(names=Numbered("", 1, 4)), path)
    np.testing.assert_allclose([e["prediction"] for e in told["predictions"]], X @ COEF + 0.25, rtol=1e-14)
    # A label that is 0 everywhere says nothing about a regression.
    assert told["score"]["value"] is None
    assert "same in every row" in told["score"]["why_none"]


@pytest.mark.parametrize(
    ("target", "classes", "words"),
    [
        (None, None, ["does not hold", "'y'"]),
        (["1", "x", "3"], None, ["'y'", "'x'", "row 2", "no finite number"]),
        (["yes", "no", "maybe"], ["no", "yes"], ["'maybe'", "row 3", "neither 'no' nor 'yes'"]),
        (["0", "1", ""], [0.0, 1.0], ["''", "row 3", "neither '0' nor '1'"]),
    ],
)
def test_without_a_target_there_is_no_score_and_it_is_said_why(
    predicted, run, model, tmp_path, target, classes, words
):
    rows = ["1,2,3,4", "5,6,7,8", "9,1,2,3"]
    path = tmp_path / "rows.csv"
    if target is None:
        path.write_text("\n".join(["a,b,c,d", *rows]))
    else:
        path.write_text("\n".join(["a,b,c,d,y", *(f"{x},{y}" for x, y in zip(rows, target, strict=True))]))
    told = predicted(model(classes), path)
    assert told["score"]["value"] is None
    assert [word for word in words if word not in told["score"]["why_none"]] == []
    assert len(told["predictions"]) == 3
    assert told["score"]["why_none"] in " ".join(run("predict", model(classes), path)[1].split())


@pytest.mark.parametrize("classes", [None, ["no", 'a "quoted", one'], [0.0, 1.0]])
def test_files_and_standard_output_say_what_the_json_says(run, predicted, model, tmp_path, classes):
    rows = dense(n=12, p=4)
    path = tmp_path / "rows.csv"
    path.write_text(table_of(rows.X, NAMES))
    told = predicted(model(classes), path)["predictions"]
    status, printed, err = run("predict", model(classes), path, "--out", "-")
    assert (status, err) == (0, "")
    written = predicted(model(classes), path, "--out", tmp_path / "found.csv")
    assert (written["predictions"], written["out"]) == (None, str(tmp_path / "found.csv"))
    assert (tmp_path / "found.csv").read_text("utf-8") == printed
    heads, *records = csv_module.reader(io.StringIO(printed))
    predicted(model(classes), path, "--out", tmp_path / "found.npz")
    with np.load(tmp_path / "found.npz", allow_pickle=False) as archive:
        stored = dict(archive)
    assert stored["prediction"].tolist() == [entry["prediction"] for entry in told]
    if classes is None:
        assert heads == ["prediction"]
        assert [float(record[0]) for record in records] == [entry["prediction"] for entry in told]
        assert {*stored} == {"prediction"}
    else:
        shown = ["0", "1"] if classes == [0.0, 1.0] else classes
        assert heads == ["prediction", f"probability_{shown[1]}"]
        assert [record[0] for record in records] == [
            shown[classes.index(entry["prediction"])] for entry in told
        ]
        assert [float(record[1]) for record in records] == [entry["probability"] for entry in told]
        assert stored["probability"].tolist() == [entry["probability"] for entry in told]
        assert stored["classes"].tolist() == classes


def test_table_and_json_tell_the_same(run, predicted, model, tmp_path):
    rows = dense(n=30, p=4)
    path = tmp_path / "rows.csv"
    path.write_text(table_of(rows.X, NAMES, y=rows.y))
    told, table = predicted(model(), path), run("predict", model(), path)[1]
    for text in (
        *(f"{key} {value:.6g}" for key, value in told["predicted"].items()),
        f"R^2 {told['score']['value']:.4f}",
        *(f"{entry['prediction']:.6g}\n" for entry in told["predictions"][:10]),
        "and 20 more",
        "lambda      0.125",
    ):
        assert text in table
    assert max(map(len, table.splitlines())) <= 80
    two = ["no", "y" * 90]
    path.write_text(table_of(rows.X, NAMES))
    table = run("predict", model(two), path)[1]
    assert max(map(len, table.splitlines())) <= 80
    first = predicted(model(two), path)["predictions"][0]
    assert f"{first['probability']:.4f}" in table


def test_a_model_and_rows_may_come_through_a_pipe(predicted, model, tmp_path, monkeypatch):
    content = table_of(dense(n=5, p=4).X, NAMES)
    (tmp_path / "rows.csv").write_text(content)
    from_file = predicted(model(), tmp_path / "rows.csv")["predictions"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content.encode())))
    assert predicted(model(), "-")["predictions"] == from_file
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(model().read_bytes())))
    assert predicted("-", tmp_path / "rows.csv")["predictions"] == from_file
