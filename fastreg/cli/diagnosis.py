"""`fastreg doctor`: what is installed, how many threads there are, whether compiled code is kept."""

from __future__ import annotations

import json
import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

_PACKAGES = ("numba", "llvmlite", "numpy", "scipy", "scikit-learn")


def doctor(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .tables import table

    found = _examined()
    if arguments.json:
        print(json.dumps(found, indent=2, allow_nan=False))
        return 0
    cache, trial = found["cache"], found["trial"]
    rows = [
        *surroundings_told(found),
        ("cache", _kept(cache)),
        (
            "trial fit",
            f"{trial['hits']} kernels loaded from the cache, {trial['misses']} compiled, "
            f"{trial['seconds']:.2f} s; {trial['status']}",
        ),
        ("", found["second_process"]),
    ]
    print("\n".join(table(rows)))
    return 0


def surroundings_told(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Tell what `surroundings` found."""
    versions, processor, threads = found["versions"], found["processor"], found["threads"]
    return [
        ("versions", ", ".join(f"{name} {number or 'is missing'}" for name, number in versions.items())),
        ("system", found["system"]),
        ("processor", f"{processor['name']} ({processor['llvm_name']}), {processor['cores']} cores"),
        ("threads", f"{threads['count']}, from {threads['source']}"),
    ]


def _kept(cache: dict[str, Any]) -> str:
    """Say where compiled code is kept."""
    if cache["path"] is None:
        return "none: no directory for it could be written"
    return f"{cache['path']}, {'writable' if cache['writable'] else 'not writable'}, {cache['files']} files"


def _examined() -> dict[str, Any]:
    """Return everything that the command shows."""
    from fastreg.jit import cache_info

    trial = _trial()
    cache = cache_info()
    return {
        **surroundings(),
        "cache": {"path": cache.path, "writable": cache.writable, "files": cache.files},
        "trial": trial,
        "second_process": _expected(trial["misses"], cache),
    }


def surroundings() -> dict[str, Any]:
    """Return what is installed, and on which machine."""
    import fastreg
    from fastreg.team import thread_count

    threads = thread_count()
    return {
        "versions": {"python": platform.python_version(), "fastreg": fastreg.__version__}
        | {name: _version(name) for name in _PACKAGES},
        "system": platform.platform(),
        "processor": _processor(),
        "threads": {"count": threads.threads, "source": threads.source},
    }


def _trial() -> dict[str, Any]:
    """Fit a small problem and return what the cache did for it."""
    import numpy as np

    import fastreg
    from fastreg.jit import cache_info
    from fastreg.losses import Squared
    from fastreg.penalties import L1

    rng = np.random.default_rng(0)
    X = np.asfortranarray(rng.standard_normal((50, 10)))
    y = X[:, 0] - X[:, 1] + 0.1 * rng.standard_normal(50)
    before = cache_info()
    began = time.perf_counter()
    solution = fastreg.solve(X, y, loss=Squared(), penalty=L1(0.1))
    seconds = time.perf_counter() - began
    after = cache_info()
    return {
        "hits": after.hits - before.hits,
        "misses": after.misses - before.misses,
        "seconds": seconds,
        "status": str(solution.status),
    }


def _expected(misses: int, cache: Any) -> str:
    """Say whether a second process will compile."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return "NUMBA_DISABLE_JIT is set: nothing is compiled, and everything is slow."
    if misses == 0:
        return "This fit compiled nothing, and the same fit in another process will compile nothing."
    if cache.path is not None and cache.writable:
        return "What was compiled is kept: the same fit in another process will compile nothing."
    return (
        "What was compiled cannot be kept, so every process will compile it again: "
        "set FASTREG_CACHE_DIR to a directory that may be written."
    )


def _version(package: str) -> str | None:
    """Return the version of an installed package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> dict[str, Any]:
    """Return the names of the processor, as its maker and as LLVM call it, and the number of cores."""
    from llvmlite import binding

    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
            name = next(named, name)
    except OSError:
        pass  # only Linux has this file
    return {"name": name, "llvm_name": binding.get_host_cpu_name(), "cores": os.cpu_count()}
