"""Everything the command line cannot do is one sentence and exit status 2."""

import os

import pytest

from fastreg.cli import fitting


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
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(run, tmp_path, monkeypatch, name, content, options, words):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    status, out, err = run("fit", *[name] * (name is not None), *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("fastreg")
    assert [word for word in words if word not in err] == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


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
