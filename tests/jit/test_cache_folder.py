"""The folder of the cache: damaged, read-only, missing, or wanted by many at once."""

import os
import tempfile
from pathlib import Path

import pytest
from subprocesses import FIT, PROX, copy_of_package, finish, run, start


@pytest.mark.parametrize("damage", [b"", b"no pickle", None], ids=["empty", "other", "half"])
def test_a_damaged_file_costs_a_compilation(tmp_path, damage):
    run("-c", PROX, cache=tmp_path)
    (file,) = tmp_path.rglob("*.nbc")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if damage is None else damage)
    for misses in (1, 0):
        told = run("-c", PROX, cache=tmp_path)
        assert (told["answer"], told["misses"], told["files"]) == ([2.5, 0.0], misses, 1)
        assert told["errors"] == ""


LOGGED = "import logging; logging.basicConfig(level=logging.INFO, format='%(name)s: %(message)s')\n"
NOWHERE = "fastreg: fastreg: no folder for compiled kernels can be written"


@pytest.mark.slow
def test_a_read_only_install_works(tmp_path):
    package = copy_of_package(tmp_path)
    for obstacle in (package / "__pycache__", tmp_path / "home"):
        obstacle.write_text("a file, where a folder is looked for")  # holds for root too
    home = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(tmp_path / "home"))
    fit = FIT.replace("sp.csc_matrix(X)", "").replace("(Logistic(), np.sign(y))", "")
    told = run("-c", LOGGED + fit, package=package, **home)
    assert told["gaps"][0] <= 1e-6
    assert (told["path"], told["writable"], told["files"]) == (None, False, 0)
    assert told["misses"] > 0
    assert [line for line in told["errors"].splitlines() if "kernels" in line] == told["errors"].splitlines()
    assert told["errors"].startswith(NOWHERE)
    assert told["errors"].count("\n") == 1


def test_a_folder_asked_for_is_not_replaced_by_another(tmp_path):
    (tmp_path / "file").write_text("")
    told = run("-c", LOGGED + PROX, cache=tmp_path / "file" / "cache", HOME=str(tmp_path))
    assert (told["answer"], told["path"], told["writable"]) == ([2.5, 0.0], None, False)
    assert told["errors"].startswith(NOWHERE)
    assert not (tmp_path / ".cache").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders of this system have no mode")
def test_a_warm_cache_is_read_where_it_cannot_be_written():
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name)
        cache.chmod(0o755)
        warm = run("-c", PROX, cache=cache)
        folders = [Path(warm["path"]), *Path(warm["path"]).parents][:3]
        assert folders[-1] == cache
        for folder in folders:
            folder.chmod(0o555)
        # Root may write anywhere, so it becomes somebody else, once Numba has imported all it needs.
        nobody = """
import numba, os
numba.njit(lambda: 0)()
if os.geteuid() == 0:
    os.setuid(65534)
"""
        before = sorted(cache.rglob("*"))
        script = LOGGED + PROX.replace("tell(", f"{nobody}fastreg.kernels;tell(")
        told = run("-c", script, cache=cache)
        assert sorted(cache.rglob("*")) == before
        for folder in folders:
            folder.chmod(0o755)
    assert (told["answer"], told["writable"]) == ([2.5, 0.0], False)
    assert (told["hits"], told["misses"]) == (1, 0)
    (line,) = told["errors"].splitlines()
    assert "cannot be written; what it lacks every process compiles for itself" in line


@pytest.mark.slow
def test_32_simultaneous_first_runs_succeed(tmp_path):
    cache = tmp_path / "cache"
    processes = [start("-c", PROX, cache=cache) for _ in range(32)]
    told = [finish(process) for process in processes]
    assert [run["answer"] for run in told] == [[2.5, 0.0]] * 32
    assert {run["errors"] for run in told} == {""}
    assert len([file for file in cache.rglob("*") if file.is_file()]) == 1
    assert run("-c", PROX, cache=cache)["misses"] == 0


def test_threads_on_a_cold_kernel_compile_each_signature_once(tmp_path):
    script = """
import threading, numpy as np
from fastreg.kernels import value
from fastreg.penalties import L1, L2
from subprocesses import tell
terms = [L1(1.0), L2(1.0), L1(np.array([2.0]))]
start, found = threading.Barrier(9), {}
def call(k):
    start.wait()
    found[k] = value(terms[k % 3], [3.0])
threads = [threading.Thread(target=call, args=(k,)) for k in range(9)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tell(answer=[found[k] for k in range(9)])
"""
    told = run("-c", script, cache=tmp_path)
    assert told["answer"] == [3.0, 9.0, 6.0] * 3
    assert told["misses"] == told["files"] == 3


TERMINAL = """
import os, pty, sys
import fastreg.jit.notice as notice
from fastreg.jit import cache_info
notice._PATIENCE = 0.0 if "at once" in sys.argv else 1e6
mine, theirs = pty.openpty()
sys.stderr = os.fdopen(theirs, "w")
PROX
sys.stderr.write("-")
sys.stderr.flush()
said = ""
while not said.endswith("-"):
    said += os.read(mine, 1000).decode()
tell(said=said)
""".replace("PROX", PROX)


@pytest.mark.skipif(os.name != "posix", reason="terminals of this system are of another kind")
def test_somebody_who_waits_at_a_terminal_is_told_once_why(tmp_path):
    said = [
        run("-c", TERMINAL, *words, cache=tmp_path / cache, **variables)["said"]
        for cache, words, variables in (
            ("one", ["at once"], {}),
            ("one", ["at once"], {}),
            ("two", [], {}),
            ("three", ["at once"], {"FASTREG_NOTICE": "0"}),
        )
    ]
    assert said == [
        "fastreg: compiling, once per machine; fastreg precompile does so ahead of time.\r\n-", "-", "-", "-"
    ]  # fmt: skip
    at_once = "import fastreg.jit.notice as notice; notice._PATIENCE = 0.0\n"
    assert run("-c", at_once + PROX, cache=tmp_path / "four")["errors"] == ""  # no terminal
