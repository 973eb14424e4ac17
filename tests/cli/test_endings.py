"""How a command ends otherwise: with a warning, Ctrl-C, a reader that went away, help."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

import fastreg
from fastreg.cli import model_file, outputs, pictures, preparing, running


def test_a_fit_that_does_not_converge_is_one_line(run, csv, monkeypatch):
    solve = fastreg.solve
    monkeypatch.setattr(fastreg, "solve", lambda *args, **settings: solve(*args, **settings, max_iter=0))
    status, out, err = run("fit", csv, "--strength", "0.001")
    assert (status, err.count("\n")) == (0, 1)
    assert err.startswith("fastreg: ")
    assert "gap" in err
    assert "Warning" not in err
    assert str(fastreg.Status.MAX_ITER) in " ".join(out.split())


@pytest.mark.small
def test_warnings_of_a_kind_are_counted():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for gap in (3, 2, 1):
            warnings.warn(f"gap\n{gap}", fastreg.ConvergenceWarning, stacklevel=1)
    assert list(running._told(caught)) == ["gap 3 (2 more like it.)"]


@pytest.mark.small
def test_ctrl_c_is_one_line_and_writes_nothing(run, csv, tmp_path, monkeypatch):
    certificate = fastreg.Certificate(0.125, None, 1.0, 0.875)
    solution = fastreg.Solution(np.zeros(8), 0.0, certificate, None, None, 3)
    for pressed, words in [
        (KeyboardInterrupt(), ""),
        (fastreg.Interrupted(solution), "gap had reached 1.2e-01"),
    ]:

        def interrupted(*_, pressed=pressed):
            raise pressed

        monkeypatch.setattr(preparing, "_fit_a_few", interrupted)
        status, out, err = run("fit", csv, "--out", tmp_path / "model")
        assert (status, out, err.count("\n")) == (130, "", 1)
        assert "while compiling" in err
        assert "nothing was written" in err
        assert words in err
        assert not (tmp_path / "model").exists()


@pytest.mark.small
def test_ctrl_c_tells_what_had_been_written(run, csv, tmp_path, monkeypatch):
    def interrupted(path, write):
        if str(path).endswith(".png"):
            raise KeyboardInterrupt
        return write_whole(path, write)

    write_whole = fastreg.data.write_whole
    monkeypatch.setattr(fastreg.data, "write_whole", interrupted)
    monkeypatch.setattr(pictures, "choice_drawn", lambda *_: pictures.Picture(None, "", ""))
    monkeypatch.setattr(outputs, "drawn_bytes", lambda *_: b"")
    monkeypatch.setattr(outputs, "check_drawing", lambda _: None)
    model, picture = tmp_path / "model", tmp_path / "path.png"
    status, out, err = run("fit", csv, "--strength", "1", "--out", model, "--plot", picture)
    assert (status, out, err.count("\n")) == (130, "", 1)
    assert f"; {model} had been written." in err
    assert model.exists()
    assert not picture.exists()


@pytest.mark.small
@pytest.mark.parametrize("command", ["predict", "certify"])
def test_ctrl_c_while_a_model_is_used(run, csv, tmp_path, monkeypatch, command):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(model_file, "read_model", interrupted)
    status, out, err = run(command, tmp_path / "model", csv)
    assert (status, out, err.count("\n")) == (130, "", 1)
    assert f"while reading {tmp_path / 'model'}" in err


PREDICT = ["predict", "model", "rows.csv", "--out", "-"]


@pytest.mark.parametrize("argv", [["--version"], ["fit", "--strength", "3"], ["completion", "bash"], PREDICT])
def test_a_reader_that_goes_away(argv, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = {"task": "regression", "loss": "squared", "penalty": "l1", "strength": 0.1, "l1_ratio": None}
    told |= {"classes": None, "standardize": False, "target": "y", "dropped": []}
    model_file.write_model("model", np.ones(1), 0.0, ["a"], told)
    (tmp_path / "rows.csv").write_text("a\n1\n2\n")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "fastreg", *argv]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.small
@pytest.mark.parametrize(
    "command",
    ["fit", "cv", "path", "study", "predict", "certify", "doctor", "precompile", "cache", "completion", ""],
)
def test_help_is_quick_to_load_and_fits_a_terminal(command):
    argv = [*([command] if command else []), "--help"]
    code = (
        f"import sys; from fastreg.cli import main; status = main({argv}); "
        "heavy = {'numpy', 'numba', 'scipy', 'sklearn', 'matplotlib'} & set(sys.modules); "
        "print(*sorted(heavy), file=sys.stderr); sys.exit(status)"
    )
    environment = os.environ | {"COLUMNS": "80"}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert (ended.returncode, ended.stderr.strip()) == (0, "")
    assert max(map(len, ended.stdout.splitlines())) <= 80
    assert [word for word in ("examples:", "fastreg completion bash") if word not in ended.stdout] == []


@pytest.mark.small
def test_version(run):
    assert run("--version") == (0, f"fastreg {fastreg.__version__}\n", "")


@pytest.mark.small
def test_without_a_command_there_is_help(run):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert "doctor" in out
