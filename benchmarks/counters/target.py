"""The fixed machine that counts are made for, on whichever x86-64 Linux they are made."""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What x86-64-v3 means, which every processor of the last ten years has.
PROCESSOR = "haswell"
FEATURES = (
    "avx avx2 bmi bmi2 cmov cx16 cx8 f16c fma fxsr lzcnt mmx movbe popcnt sahf "
    "sse sse2 sse3 sse4.1 sse4.2 ssse3"
)
NEEDED = {"AVX2", "FMA3", "BMI2"}  # as NumPy names them
PACKAGES = "numba", "llvmlite", "numpy", "scipy", "scikit-learn"


def refusal():
    """Return why nothing can be counted on this machine, or None."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return f"Counts are made for Linux on x86-64, and this is {sys.platform} on {platform.machine()}."
    features, _ = _numpy_features()
    missing = sorted(name for name in NEEDED if not features.get(name))
    return f"Counts need a processor with {', '.join(missing)}." if missing else None


def versions():
    """Return the versions that compiled code and the order of sums depend on."""
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": ".".join(platform.python_version_tuple()[:2]), **found}


def _numpy_features():
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return __cpu_features__, __cpu_dispatch__


def environment(cache, n_threads):
    """Return the environment in which every machine compiles and adds up alike."""
    features, dispatched = _numpy_features()
    too_new = [name for name in dispatched if name.startswith(("AVX512", "X86_V4")) and features.get(name)]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NUMBA_", "FASTREG_", "OPENBLAS_", "OMP_", "MKL_", "NPY_", "PYTHON"))
    }
    return kept | {
        "NUMBA_CPU_NAME": PROCESSOR,
        "NUMBA_CPU_FEATURES": ",".join(f"+{feature}" for feature in FEATURES.split()),
        "OPENBLAS_CORETYPE": PROCESSOR.capitalize(),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": " ".join(too_new),
        "FASTREG_CACHE_DIR": cache,
        "FASTREG_NUM_THREADS": str(n_threads),
        "FASTREG_NOTICE": "0",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONSAFEPATH": "1",
    }


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
            words = [sys.executable, "-m", "benchmarks.counters.part", part, str(cache.with_suffix(".json"))]
            fixed = environment(str(cache), n_threads)
            running[part] = subprocess.Popen(words, env=fixed), cache.with_suffix(".json")
        for part, (process, _) in running.items():
            if process.wait():
                raise RuntimeError(f"The part {part!r} ended with exit code {process.returncode}.")
        return {part: json.loads(file.read_text("utf-8")) for part, (_, file) in running.items()}
