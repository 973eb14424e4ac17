"""Scripts in processes of their own, each with the cache of compiled kernels that the test gives it.

A script says what it found with `tell`; the test gets it from `run`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import fastreg

TESTS = Path(__file__).resolve().parent
PACKAGE = Path(fastreg.__file__).resolve().parent
_OURS = ("FASTREG_", "NUMBA_", "XDG_CACHE_HOME", "PYTHONPATH")

# Scripts for `run`: fits of both losses, dense and sparse; and one small kernel.
FIT = """
import numpy as np, scipy.sparse as sp, fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1
from subprocesses import tell
X = np.random.default_rng(0).standard_normal((30, 8))
y = X[:, 0] + 0.3 * X[:, 1]
gaps = [
    fastreg.solve(matrix, target, loss=loss, penalty=L1(0.05)).gap
    for matrix in (np.asfortranarray(X), sp.csc_matrix(X))
    for loss, target in ((Squared(), y), (Logistic(), np.sign(y)))
]
tell(gaps=gaps)
"""

PROX = """
import numpy as np, fastreg
from fastreg.penalties import L1
from subprocesses import tell
tell(answer=fastreg.kernels.prox(L1(1.0), np.array([3.0, -0.5]), 0.5).tolist())
"""


def tell(**facts):
    """Print facts, and how this process used the cache, for `run` to read."""
    from fastreg.jit import cache_info

    print("told:" + json.dumps({**cache_info()._asdict(), **facts}))


def start(*arguments, cache=None, package=PACKAGE, folder=None, **environment):
    """Start Python in a fresh process.

    Parameters
    ----------
    arguments : str or Path
        Python's: a script and what it is called with, or "-c" and the source.
    cache : Path or None
        Its folder of compiled kernels; None leaves the choice to fastreg.
    package : Path
        The package it imports.
    folder : Path or None
        Of further modules it may import.
    environment : str
        Variables set for it; those of fastreg and Numba are not inherited.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    if cache is not None:
        variables["FASTREG_CACHE_DIR"] = str(cache)
    folders = [package.parent, TESTS, *([folder] if folder else [])]
    variables["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    # Bytecode is renewed by the second of the last edit, so of two edits in one second it misses the later.
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env={**variables, **environment},
        cwd=TESTS,  # Python looks for modules where it stands, and the package must be the one asked for
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, timeout=300):
    """Wait for a process that must succeed; return what it told, with what it wrote to stderr."""
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        raise AssertionError(f"no end after {timeout} s:\n{output}\n{errors}") from None
    assert process.returncode == 0, f"exit status {process.returncode}:\n{output}\n{errors}"
    told = [line.removeprefix("told:") for line in output.splitlines() if line.startswith("told:")]
    return {**(json.loads(told[-1]) if told else {}), "errors": errors}


def run(*arguments, **options):
    """Run Python in a fresh process that must succeed; return what it told."""
    return finish(start(*arguments, **options))


def copy_of_package(folder):
    """Copy the package, for a test to change it."""
    return Path(shutil.copytree(PACKAGE, folder / "fastreg", ignore=shutil.ignore_patterns("__pycache__")))
