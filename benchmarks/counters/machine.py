"""Runs the parts as processes of the fixed target, on whichever x86-64 Linux machine."""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from numpy._core._multiarray_umath import __cpu_features__ as processor_features

from ..target import TARGET

# The target's instructions, but tuned as for the first processor whose gathers LLVM takes for fast: for the
# target itself it never emits one, and none would be missed.
PROCESSOR = "skylake"
NEEDED = {"AVX2", "FMA3", "BMI2"}  # of the target, as NumPy names them
PACKAGES = "numba", "llvmlite", "numpy", "scipy", "scikit-learn"
_OTHERS = "NUMBA_", "FASTREG_", "OPENBLAS_", "OMP_", "MKL_", "NPY_", "PYTHON"


def refusal():
    """Return why nothing can be counted on this machine, or None."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return f"Counts are made for Linux on x86-64, and this is {sys.platform} on {platform.machine()}."
    missing = sorted(name for name in NEEDED if not processor_features.get(name))
    return f"Counts need a processor with {', '.join(missing)}." if missing else None


def versions():
    """Return the versions that compiled code and the order of sums depend on."""
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": ".".join(platform.python_version_tuple()[:2]), **found}


def environment(cache, n_threads):
    """Return the environment of a part: the target's, and nothing that a user has set besides."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    own = {
        "OMP_NUM_THREADS": "1",
        "FASTREG_CACHE_DIR": cache,
        "FASTREG_NUM_THREADS": str(n_threads),
        "FASTREG_NOTICE": "0",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONSAFEPATH": "1",
        "PYTHONWARNINGS": "ignore::ImportWarning",  # NumPy's, of features that it does not know
    }
    return kept | TARGET | {"NUMBA_CPU_NAME": PROCESSOR} | own


def measured(parts, n_threads):
    """Run `benchmarks.counters.part` for every part side by side, and return what each found.

    Raises
    ------
    RuntimeError
        If one fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        running = {}
        for number, part in enumerate(parts):
            cache = Path(folder) / str(number)
            file = cache.with_suffix(".json")
            words = [sys.executable, "-m", "benchmarks.counters.part", part, str(file)]
            running[part] = subprocess.Popen(words, env=environment(str(cache), n_threads)), file
        try:
            for part, (process, _) in running.items():
                if process.wait():
                    raise RuntimeError(f"The part {part!r} ended with exit code {process.returncode}.")
        finally:
            for process, _ in running.values():
                process.kill()  # where another part failed, or Ctrl-C was pressed
                process.wait()
        return {part: json.loads(file.read_text("utf-8")) for part, (_, file) in running.items()}
