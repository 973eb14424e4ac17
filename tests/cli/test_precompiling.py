"""`fastreg precompile` and `fastreg cache`: what is compiled ahead is all that fits need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from subprocesses import PROX, TESTS
from subprocesses import run as run_python

import fastreg.estimators
from fastreg.cli import precompiling, rehearsals
from fastreg.cli.commands import REHEARSED

# A stranger's first fits: other sizes, orders, weights and types of indices than those of the rehearsals.
STRANGER = """
import numpy as np, scipy.sparse as sp, warnings, fastreg
from subprocesses import tell
warnings.simplefilter("ignore")
rng = np.random.default_rng(7)
for shape in ((300, 25), (40, 600), (2500, 130)):
    X = rng.standard_normal(shape)
    y = X[:, 0] - X[:, 1] + rng.standard_normal(len(X))
    thinned = np.where(X > 1.2, X, 0.0)
    wide = sp.csc_matrix(thinned)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    X.flags.writeable = False
    for matrix in (X, np.asfortranarray(X), sp.csr_array(thinned), wide):
        for weights in (None, rng.random(len(y))):
            for alpha in (0.3, 0.01):
                fastreg.Lasso(alpha=alpha).fit(matrix, y, sample_weight=weights).predict(matrix)
tell()
"""
# On another machine what LLVM finds out about the processor is something else; nobody may ask for it here.
ELSEWHERE = """
import llvmlite.binding as llvm
llvm.get_host_cpu_name = lambda: "another"
llvm.get_host_cpu_features = lambda: 1 / 0
"""


def command(*words, cache, **environment):
    """Run the command line in a fresh process; return its status, output and complaints."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-m", "fastreg", *words],
        env={**variables, "FASTREG_CACHE_DIR": str(cache), **environment},
        cwd=TESTS,  # the installed package, not what stands beside the tests
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_after_precompiling_the_first_fit_of_a_process_compiles_nothing(tmp_path):
    words = "--profile", "Lasso", "--cpu", "generic", "--json", "--verify"
    status, out, err = command("precompile", *words, cache=tmp_path)
    assert (status, err) == (0, "")
    report = json.loads(out)
    assert report["compiled"] >= report["files"] > 30
    assert report["compiled_by_the_check"] == 0
    assert report["cpu_name_to_set"] == "generic"
    told = run_python("-c", ELSEWHERE + STRANGER, cache=tmp_path, NUMBA_CPU_NAME="generic")
    assert told["misses"] == 0
    assert told["hits"] > 20


def test_generic_code_is_found_on_any_processor_and_other_code_on_its_own(tmp_path):
    generic = {"NUMBA_CPU_NAME": "generic"}
    misses = [
        run_python("-c", script + PROX, cache=tmp_path, **variables)["misses"]
        for script, variables in (("", generic), (ELSEWHERE, generic), ("", {}))
    ]
    assert misses == [1, 0, 1]


@pytest.mark.small
def test_what_workers_compile_for(monkeypatch):
    monkeypatch.setenv("NUMBA_CPU_NAME", "skylake")
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "+avx2")
    found = [precompiling._environment(cpu) for cpu in (None, "native", "generic")]
    assert [each.get("NUMBA_CPU_NAME") for each in found] == ["skylake", None, "generic"]
    assert [each.get("NUMBA_CPU_FEATURES") for each in found] == ["+avx2", None, None]


@pytest.mark.small
def test_every_estimator_is_rehearsed():
    assert {*REHEARSED} == {*rehearsals.subjects()} == {*fastreg.estimators.__all__, "solve"}


@pytest.mark.small
def test_rehearsals_of_a_profile():
    everything = precompiling._subjects(["all"])
    assert {*precompiling._subjects(["estimators"])} == {*everything} - {"kernels"} == {*REHEARSED}
    asked = rehearsals.planned(everything, ["float64", "float32"])
    assert len(asked) == len({*asked}) == 2 * (2 * len(REHEARSED) + 1)
    assert precompiling._subjects(["Ridge", "kernels"]) == ["Ridge", "kernels"]


@pytest.mark.small
def test_limits_of_the_solvers_move_and_return():
    before = limits_now()
    for limits in rehearsals._LIMITS:
        with rehearsals._moved(limits):
            assert all(
                getattr(rehearsals.import_module(f"fastreg.solvers.{module}"), name) == value
                for module, values in limits.items()
                for name, value in values.items()
            )
        assert limits_now() == before


def limits_now():
    return {
        (module, name): getattr(rehearsals.import_module(f"fastreg.solvers.{module}"), name)
        for limits in rehearsals._LIMITS
        for module, values in limits.items()
        for name in values
    }


@pytest.fixture
def told_by_workers(monkeypatch):
    """Say what fresh processes tell, without starting any."""

    def tell(*counts):
        left = [dict(zip(("compiled", "loaded"), count, strict=True)) for count in counts]
        monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
        monkeypatch.setattr(precompiling, "_rehearsed", lambda *_: left.pop(0))

    return tell


@pytest.mark.small
def test_what_fresh_processes_had_to_compile_is_a_failure(run, told_by_workers):
    told_by_workers((5, 0), (3, 1), (0, 5), (2, 2))
    status, out, err = run("precompile", "--profile", "Lasso", "--verify", "--jobs", "1", "--json")
    assert (status, json.loads(out)["compiled_by_the_check"]) == (1, 2)
    assert err.startswith("fastreg: fresh processes had to compile 2 kernels")
    assert err.count("\n") == 1
    told_by_workers((5, 0), (3, 1), (0, 5), (0, 4))
    status, out, err = run("precompile", "--profile", "Lasso", "--verify", "--jobs", "1")
    assert (status, err) == (0, "")
    assert "8 compiled, 1 loaded" in out
    assert "fresh processes compiled 0 kernels" in out


@pytest.mark.small
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--profile", "Laso"], "'Laso' is none of estimators, kernels, all, Lasso"),
        (["--dtype", "float64,int8"], "'int8' is none of float64, float32"),
        (["--jobs", "0"], "'0' is not a whole number of at least 1"),
    ],
)
def test_words_that_nobody_knows(run, words, sentence):
    status, _, err = run("precompile", *words)
    assert status == 2
    assert sentence in err


def test_a_directory_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for words in (["precompile", "--profile", "Lasso"], ["cache", "info"]):
        status, out, err = command(*words, cache=tmp_path / "file" / "cache")
        assert (status, out) == (2, "")
        assert err.count("\n") == 1
        assert "FASTREG_CACHE_DIR" in err


@pytest.mark.slow
def test_kernels_are_precompiled(tmp_path):
    status, out, err = command("precompile", "--profile", "kernels", "--verify", "--json", cache=tmp_path)
    assert (status, err) == (0, "")
    report = json.loads(out)
    assert report["compiled"] == report["files"] > 30
    assert report["compiled_by_the_check"] == 0


def test_compiled_code_is_counted_and_removed(tmp_path):
    told = run_python("-c", PROX, cache=tmp_path)
    assert command("cache", "path", cache=tmp_path)[1] == told["path"] + "\n"
    (file,) = Path(told["path"]).iterdir()
    status, out, _ = command("cache", "info", "--json", cache=tmp_path)
    assert (status, json.loads(out)) == (
        0,
        {"path": told["path"], "writable": True, "files": 1, "bytes": file.stat().st_size},
    )
    earlier = file.parent.parent / "earlier"
    earlier.mkdir()
    (earlier / "old.nbc").write_bytes(bytes(7))
    (earlier / ".writing-0").write_bytes(b"of a process that was killed")
    size = 7 + file.stat().st_size
    removed = json.loads(command("cache", "clear", "--json", cache=tmp_path)[1])
    assert removed == {"path": told["path"], "files_removed": 2, "bytes_removed": size}
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
