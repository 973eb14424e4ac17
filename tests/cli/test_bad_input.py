"""Everything the command line cannot do is one sentence and exit status 2."""

import importlib.util
import io
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from fastreg.cli import fitting, model_file
from fastreg.data import Numbered


def _bad(name, content, *options, words):
    return pytest.param(name, content, options, words, id=" ".join([name or "", *options])[:60] + words[0])


GOOD = "a,b,c\n" + "".join(f"{j},{j * j % 7},{j % 3}\n" for j in range(20))


@pytest.mark.small
@pytest.mark.parametrize(
    ("name", "content", "options", "words"),
    [
        _bad("a.csv", GOOD, "--target", "price", words=["'price'", "'a', 'b', 'c'"]),
        _bad("a.csv", GOOD, "--task", "classification", words=["'c'", "3 distinct", "exactly two"]),
        _bad("a.csv", GOOD.replace(",0\n", ",one\n").replace(",1\n", ",two\n").replace(",2\n", ",three\n"),
             words=["'c'", "3 distinct texts", "exactly two"]),
        _bad("a.csv", "a,b\n1,x\n2,y\n3,x\n4,y\n", "--task", "regression", words=["'b'", "text", "numbers"]),
        _bad("a.csv", "a,b\n1,2\n2,2\n3,2\n4,2\n", words=["'b'", "2.0", "every row"]),
        _bad("a.csv", GOOD + "1,2\n", words=["line 22", "2 columns"]),
        _bad("a.csv", GOOD + "1,nan,2\n", words=["line 22", "'b'"]),
        _bad("a.csv", GOOD + "red,1,2\n", words=["line 22", "'a'", "'red'"]),
        _bad("a.csv", "a,b\n1,2\n", words=["every row"]),
        _bad("a.csv", "a,b\n1,2\n2,3\n3,4\n4,5\n", words=["4 rows", "--cv", "--strength"]),
        _bad("a.csv", "a,b\n" + "1,2\n" * 30 + "1,3\n", words=["class 3.0", "1 rows", "at least 3"]),
        _bad("a.csv", "", words=["empty"]),
        _bad("a.svm", "1 1:2\n1 1:two\n", words=["line 2", "'1:two'"]),
        _bad("a.svm", "1 1:2\n2 1:1\n", "--target", "y", words=["svmlight", "'y'"]),
        _bad("a.svm.gz", b"\x1f\x8b\x08\x00damaged", words=["gzip", "damaged"]),
        _bad("a.npz", b"PK\x03\x04damaged", words=["a.npz", "damaged"]),
        _bad("a.csv", GOOD, "--out", "no/such/model", words=["'no/such/model'", "no directory"]),
        _bad("a.csv", GOOD, "--out", ".", words=["'.'", "directory"]),
        _bad("a.csv", GOOD, "--out", "a.csv", words=["'a.csv'", "data file itself"]),
        _bad("a.csv", None, words=["no file", "a.csv"]),
        _bad(".", None, words=["'.'", "is a directory"]),
        _bad(None, None, "--target", "y", words=["'y'", "FILE"]),
        _bad(None, None, "--penalty", "l3", words=["--penalty", "'l3'", "elasticnet"]),
        _bad(None, None, "--penlty", "l1", words=["'--penlty'", "--penalty"]),
        _bad(None, None, "--strength=-1", words=["--strength", "'-1'", "at least 0"]),
        _bad(None, None, "--strength", "nan", words=["--strength", "'nan'"]),
        _bad(None, None, "--strength", "much", words=["--strength", "'much'"]),
        _bad(None, None, "--cv", "1", words=["--cv", "'1'", "at least 2"]),
        _bad(None, None, "--cv", "5", "--strength", "1", words=["--strength", "--cv"]),
        _bad(None, None, "--l1-ratio", "0.5", words=["--l1-ratio", "elasticnet"]),
        _bad(None, None, "--penalty", "elasticnet", "--l1-ratio", "2", words=["--l1-ratio", "'2'", "0 to 1"]),
        _bad("a.csv", GOOD, "b.csv", words=["'b.csv'"]),
        _bad("a.csv", GOOD, "--format", "svmlight", words=["a.csv, line 1", "label 'a,b,c'"]),
        _bad("a.csv", GOOD, "--format", "npz", words=["a.csv", "no npz"]),
        _bad("a.csv", GOOD, "--format", "xlsx", words=["--format", "'xlsx'", "svmlight"]),
        _bad("a.csv", GOOD, "--out", "-", words=["--out -", "binary", "name a file"]),
        _bad("a.csv", GOOD, "--plot", "-", words=["--plot -", "name a file"]),
        _bad("a.csv", GOOD, "--plot", "a.jpg", words=["'a.jpg'", ".png, .pdf or .svg"]),
        _bad("a.csv", GOOD, "--plot", "no/a.png", words=["'no/a.png'", "no directory"]),
        _bad("a.csv", GOOD, "--plot", "b.png", "--out", "./b.png", words=["both", "'b.png'", "two files"]),
        _bad("a.png", GOOD, "--plot", "a.png", words=["'a.png'", "data file itself"]),
        _bad(None, None, "--format", "csv", words=["--format csv", "FILE"]),
        _bad(None, None, "--drop", "a", words=["--drop 'a'", "FILE"]),
        _bad("a.csv", GOOD, "--drop", "d", words=["no column 'd' to drop", "'a', 'b', 'c'"]),
        _bad("a.csv", GOOD, "--drop", "c", "--target", "c", words=["--drop 'c'", "target"]),
        _bad("a.csv", GOOD, "--drop", "a", "--drop", "b", words=["no column to predict 'c' from"]),
        _bad("a.csv", GOOD, "--drop", "a", "--drop", "b", "--drop", "c", words=["no column left to predict"]),
        _bad("a.svm", "1 1:2\n2 1:1\n", "--drop", "1", words=["svmlight", "'1'", "drop"]),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(run, tmp_path, monkeypatch, name, content, options, words):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_refused(run, tmp_path, ("fit", *[name] * (name is not None), *options), words)


PRICES = {"task": "regression", "loss": "squared", "classes": None}
KINDS = {"task": "classification", "loss": "logistic", "classes": ["no", "yes"]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with models, good and bad, and data of the same columns, good and bad."""
    monkeypatch.chdir(tmp_path)
    shared = {
        "penalty": "l1",
        "strength": 0.1,
        "l1_ratio": None,
        "standardize": True,
        "target": "c",
        "dropped": ["note"],
    }
    for name, told, names in [
        ("model", PRICES, ["a", "b"]),
        ("kinds", KINDS, ["a", "b"]),
        ("words", PRICES, Numbered("", 1, 2)),
    ]:
        model_file.write_model(name, np.array([1.0, -1.0]), 0.5, names, shared | told)
    monkeypatch.setattr(model_file, "FORMAT_VERSION", 9)
    model_file.write_model("newer", np.array([1.0, -1.0]), 0.5, ["a", "b"], shared | PRICES)
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cut").write_bytes((tmp_path / "model").read_bytes()[:-60])
    np.savez("objects.npz", header=np.array([{}]), coef=np.ones(2), intercept=0.0)
    np.savez("data.npz", X=np.ones((2, 2)), y=np.ones(2))
    for name, content in {
        "good.csv": "a,b,c\n1,2,3\n4,5,9\n",
        "no_target.csv": "a,b\n1,2\n4,5\n",
        "no_column.csv": "a,c\n1,2\n4,5\n",
        "extra.csv": "a,b,c,d\n1,2,3,4\n",
        "text.csv": "a,b,c\nred,2,3\n",
        "nan.csv": "a,b,c\n1,nan,3\n",
        "nan_target.csv": "a,b,c\n1,2,nan\n",
        "huge.csv": "a,b,c\n1e308,-1e308,3\n",
        "other_class.csv": "a,b,c\n1,2,yes\n4,5,perhaps\n",
        "empty.csv": "",
        "words.svm": "1 7:1\n",
    }.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.mark.small
@pytest.mark.parametrize("command", ["predict", "certify"])
@pytest.mark.parametrize(
    ("model", "file", "words"),
    [
        ("nowhere", "good.csv", ["no file 'nowhere'"]),
        (".", "good.csv", ["'.'", "directory"]),
        ("good.csv", "good.csv", ["good.csv is no model file", "no npz"]),
        ("data.npz", "good.csv", ["data.npz is no model file", "'header'"]),
        ("cut", "good.csv", ["cut is damaged or cut off"]),
        ("newer", "good.csv", ["newer", "version 9", "reads version 1"]),
        ("objects.npz", "good.csv", ["'header'", "Python objects"]),
        ("model", "nowhere.csv", ["no file 'nowhere.csv'"]),
        ("model", "empty.csv", ["empty.csv is empty"]),
        ("model", "no_column.csv", ["no column 'b'"]),
        ("model", "extra.csv", ["column 'd'", "drop it"]),
        ("model", "text.csv", ["line 2", "'a'", "'red'", "encode"]),
        ("model", "nan.csv", ["line 2", "'b'", "no value"]),
        ("model", "data.npz", ["'feature_names'", "'a', 'b'"]),
        ("words", "words.svm", ["column '7'", "'1' to '2'"]),
        ("words", "good.csv", ["no column '1'"]),
    ],
)
def test_a_bad_model_or_file_is_one_sentence(run, folder, command, model, file, words):
    assert_refused(run, folder, (command, model, file), words)


@pytest.mark.small
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("certify", "model", "no_target.csv"), ["no_target.csv", "target 'c'"]),
        (("certify", "model", "nan_target.csv"), ["'c'", "'nan'", "row 1", "no finite number"]),
        (("certify", "kinds", "other_class.csv"), ["'perhaps'", "row 2", "neither 'no' nor 'yes'"]),
        (("predict", "model", "huge.csv"), ["row 1", "not finite"]),
        (("predict", "model", "good.csv", "--out", "a.txt"), ["'a.txt'", ".csv or .npz"]),
        (("predict", "model", "good.csv", "--out", "no/a.csv"), ["'no/a.csv'", "no directory"]),
        (("predict", "model", "good.csv", "--out", "good.csv"), ["'good.csv'", "data file itself"]),
        (("predict", "data.npz", "good.csv", "--out", "data.npz"), ["'data.npz'", "model itself"]),
        (("predict", "model", "good.csv", "--out", "-", "--json"), ["--out -", "--json"]),
        (("predict", "model", "good.csv", "--drop", "a"), ["'a'", "cannot be dropped"]),
        (("predict", "-", "-"), ["MODEL and FILE", "standard input"]),
        (("predict", "model"), ["FILE"]),
        (("predict", "model", "good.csv", "--oot", "a.csv"), ["'--oot'", "--out"]),
        (("certify", "model", "good.csv", "--out", "a.csv"), ["'--out'"]),
        (("path", "good.csv", "--strengths", "0"), ["--strengths", "'0'", "at least 1"]),
        (("path", "good.csv", "--strengths", "1", "--plot", "a.png"), ["--plot", "--strengths 1"]),
        (("path", "good.csv", "--ratio", "0"), ["--ratio", "'0'", "above 0 and at most 1"]),
        (("path", "good.csv", "--ratio", "2"), ["--ratio", "'2'"]),
        (("path", "good.csv", "--l1-ratio", "0.5"), ["--l1-ratio", "elasticnet"]),
        (("path", "good.csv", "--out", "-"), ["--out -", "binary"]),
        (("path", "text.csv"), ["line 2", "'a'", "'red'", "encode"]),
        (("path", "good.csv", "--strength", "1"), ["'--strength'", "--strengths"]),
        (("completion", "tcsh"), ["'tcsh'", "bash"]),
        (("completion",), ["SHELL"]),
    ],
)  # fmt: skip
def test_bad_input_of_the_other_commands(run, folder, argv, words):
    assert_refused(run, folder, argv, words)


def assert_refused(run, folder, argv, words):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    status, out, err = run(*argv)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("fastreg")
    assert [word for word in words if word not in err] == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.small
@pytest.mark.parametrize("command", ["fit", "path"])
def test_a_picture_without_matplotlib(run, folder, monkeypatch, command):
    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "matplotlib" else known(name, *rest)
    )
    assert_refused(
        run, folder, (command, "good.csv", "--plot", "a.png"), ["python -m pip install matplotlib"]
    )


@pytest.mark.small
def test_bad_standard_input(run, folder, monkeypatch):
    for content, words in [
        (b"", ["standard input is empty"]),
        (b"a,b\nred,2\n", ["standard input, line 2", "'a'"]),
    ]:
        for argv in (("fit", "-"), ("path", "-"), ("predict", "model", "-"), ("certify", "model", "-")):
            monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
            assert_refused(run, folder, argv, words)


@pytest.mark.small
def test_unknown_commands(run):
    status, out, err = run("fitt")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "'fitt'" in err
    assert run("--strength")[0] == 2


@pytest.mark.small
def test_no_permission_to_write(run, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    status, out, err = run("fit", "--out", folder / "model")
    assert (status, out) == (2, "")
    assert "Permission denied" in err


@pytest.mark.small
def test_what_the_system_says_is_a_sentence(run, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fitting, "_fitted", full)
    assert run("fit") == (2, "", "fastreg: the output: No space left on device.\n")


@pytest.mark.small
def test_what_is_no_bad_input_keeps_its_traceback(run, monkeypatch):
    monkeypatch.setattr(fitting, "_fitted", lambda *_: {}["a bug"])
    with pytest.raises(KeyError, match="a bug"):
        run("fit")
