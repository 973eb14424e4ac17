"""Somebody else's compiled code: her module, her ``@njit(cache=True)``, her folder of compiled code."""

import pytest
from subprocesses import copy_of_package, run

import fastreg

HERS = """
import numba
import numpy as np
from fastreg import kernels
from fastreg.kernels import group_soft_threshold, soft_threshold


@numba.njit(cache=True)
def of_numbers(x, threshold):
    return soft_threshold(x, threshold) + kernels.shrink(x, threshold)


@numba.njit(cache=True)
def of_arrays(x, threshold):
    return soft_threshold(x, threshold)


@numba.njit(cache=True)
def of_groups(x, threshold):
    return group_soft_threshold(x, threshold)


@numba.njit(cache=True)
def sweep(penalty, x, step, out):
    total = 0.0
    for j in range(x.size):
        out[j] = penalty.prox(x[j], step, j)
        total += penalty.value(out[j], j)
    return total


@numba.njit(cache=True)
def slopes(loss, y, prediction, out):
    for i in range(y.size):
        out[i] = loss.slope(y[i], prediction[i])
"""
MAIN = """
import numpy as np
from numba.core import event
from subprocesses import tell

class Compilations(event.Listener):
    number = 0
    def on_start(self, _): self.number += 1
    def on_end(self, _): pass

compilations = Compilations()
event.register("numba:compile", compilations)

import hers
from fastreg import kernels
from fastreg.losses import Logistic
from fastreg.penalties import L1, Bounded, ElasticNet

x, out = np.array([3.0, -4.0, 0.5]), np.empty(3)
same = []
same.append(hers.of_numbers(3.0, 1.0) == kernels.soft_threshold(3.0, 1.0) + kernels.shrink(3.0, 1.0))
same.append(np.array_equal(hers.of_arrays(x, 1.0), kernels.soft_threshold(x, 1.0)))
same.append(np.array_equal(hers.of_groups(x, 1.0), kernels.group_soft_threshold(x, 1.0)))
for penalty in (L1(1.0), ElasticNet(2.0, 0.25), Bounded(L1(1.0), 0.0, 9.0)):
    value = hers.sweep(penalty, x, 0.5, out)
    same.append(np.array_equal(out, kernels.prox(penalty, x, 0.5)) and value == kernels.value(penalty, out))
hers.slopes(Logistic(), -np.ones(3), x, out)
same.append(np.array_equal(out, kernels.sigmoid(x)))
tell(same=[bool(each) for each in same], compilations=compilations.number)
"""


@pytest.mark.slow
def test_the_second_process_compiles_nothing_of_hers_nor_of_ours(tmp_path):
    (tmp_path / "hers.py").write_text(HERS, "utf-8")
    (tmp_path / "main.py").write_text(MAIN, "utf-8")
    folders = {"cache": tmp_path / "ours", "NUMBA_CACHE_DIR": str(tmp_path / "hers")}
    first = run(tmp_path / "main.py", **folders)
    second = run(tmp_path / "main.py", **folders)
    assert first["same"] == second["same"] == [True] * 7
    assert first["compilations"] > 0
    assert (second["compilations"], second["misses"]) == (0, 0)
    assert second["hits"] == first["misses"]


def test_the_universal_functions_are_compiled_once_and_only_when_asked_for(tmp_path):
    script = """
import pickle, sys
from fastreg import kernels
from fastreg.jit import cache_info
from subprocesses import tell
before = cache_info().misses + cache_info().hits
shrink = pickle.loads(bytes.fromhex(sys.argv[1])) if len(sys.argv) > 1 else kernels.shrink
tell(before=before, answer=shrink(3.0, 0.5), pickled=pickle.dumps(shrink).hex())
"""
    first = run("-c", script, cache=tmp_path)
    second = run("-c", script, first["pickled"], cache=tmp_path)
    for told, misses in ((first, 2), (second, 0)):  # one specialisation for each dtype
        assert (told["before"], told["answer"], told["misses"], told["files"]) == (0, 2.0, misses, 2)


def test_a_name_may_be_asked_for_first_by_code_that_is_being_compiled(tmp_path):
    script = """
import numba
from fastreg import kernels
from subprocesses import tell

@numba.njit
def theirs(x):
    return kernels.shrink(x, 0.5)

tell(answer=theirs(3.0))
"""
    for misses in (2, 0):
        told = run("-c", script, cache=tmp_path)
        assert (told["answer"], told["misses"]) == (2.0, misses)


def test_threads_that_ask_at_once_get_one_object(tmp_path):
    """Directly, and while they compile code that asks: none may wait for what another holds."""
    script = """
import threading
import numba
from fastreg import kernels
from subprocesses import tell
gate, found = threading.Barrier(6), []

def ask():
    gate.wait()
    found.append(kernels.shrink)

def compile():
    def theirs(x):
        return kernels.shrink(x, 0.5)
    gate.wait()
    assert numba.njit(theirs)(3.0) == 2.0
    found.append(kernels.shrink)

threads = [threading.Thread(target=target, daemon=True) for target in (ask, compile) * 3]
for thread in threads: thread.start()
for thread in threads: thread.join(120)
tell(found=len(found), objects=len(set(map(id, found))))
"""
    told = run("-c", script, cache=tmp_path)
    assert (told["found"], told["objects"], told["misses"]) == (6, 1, 2)


@pytest.mark.slow
def test_what_becomes_of_her_code_when_fastreg_is_upgraded(tmp_path):
    """Numba's key knows nothing of fastreg; ours does, and so does one with the version as a default."""
    (tmp_path / "hers.py").write_text(
        """
import fastreg, numba
from fastreg.kernels import soft_threshold

@numba.njit(cache=True)
def stale(x):
    return soft_threshold(x, 1.0)

@numba.njit(cache=True)
def renewed(x, fastreg_version=fastreg.__version__):
    return soft_threshold(x, 1.0)

@fastreg.kernel
def ours(x):
    return soft_threshold(x, 1.0)
""",
        "utf-8",
    )
    (tmp_path / "main.py").write_text(
        """
import hers
from subprocesses import tell
tell(answers=[hers.stale(3.0), hers.renewed(3.0), hers.ours(3.0)])
""",
        "utf-8",
    )
    package = copy_of_package(tmp_path)
    options = {"cache": tmp_path / "ours", "package": package, "NUMBA_CACHE_DIR": str(tmp_path / "hers")}
    assert run(tmp_path / "main.py", **options)["answers"] == [2.0, 2.0, 2.0]
    for file, old, new in (
        ("__init__.py", f'"{fastreg.__version__}"', '"99.0"'),
        ("numerics/thresholds.py", "return x - clipped", "return 0.5 * x - clipped"),
    ):
        source = (package / file).read_text("utf-8")
        assert source.count(old) == 1
        (package / file).write_text(source.replace(old, new), "utf-8")
    assert run(tmp_path / "main.py", **options)["answers"] == [2.0, 0.5, 0.5]
