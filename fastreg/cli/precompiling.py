"""`fastreg precompile`: compile ahead of time what fits will need, in several processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any

from .commands import REHEARSED
from .running import run

if TYPE_CHECKING:
    import argparse

    from .activity import Activity
    from .rehearsals import Rehearsal

_WORKER = "from fastreg.cli.precompiling import work; work()"


def precompile(arguments: argparse.Namespace) -> int:
    """Run the command and print what it did; 1 where fresh processes still had to compile."""
    found: dict[str, Any] = {}

    def working(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
        found.update(_precompiled(arguments, activity))
        return found

    status = run(arguments, working, _table)
    missing = found["compiled_by_the_check"]
    if not missing:
        return status
    print(
        f"fastreg: fresh processes had to compile {missing} kernels that {found['path']} does not keep for "
        f"them: {'look at the log of fastreg' if found['writable'] else 'set FASTREG_CACHE_DIR to a '}"
        f"{' for the reason' if found['writable'] else 'directory that may be written'}.",
        file=sys.stderr,
    )
    return 1


def _precompiled(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        raise ValueError("NUMBA_DISABLE_JIT is set, so that nothing is compiled: unset it.")
    activity.now("loading libraries")
    from fastreg.jit import cache_info

    from .rehearsals import planned

    place = cache_info()
    if place.path is None or not (place.writable or arguments.verify):
        raise ValueError(
            f"{place.path or 'no directory for compiled code'} can{'not' if place.path else ''} be written: "
            f"set FASTREG_CACHE_DIR to a directory that may be."
        )
    asked = planned(_subjects(arguments.profile), arguments.dtype)
    environment = _environment(arguments.cpu)
    jobs = min(arguments.jobs or len(_processors()), len(asked))
    words = asked, arguments.index, environment, jobs, activity
    compiled, loaded = _spread("compiling", *words) if place.writable else (0, 0)
    checked = _spread("checking", *words)[0] if arguments.verify else None
    place, name = cache_info(), environment.get("NUMBA_CPU_NAME")
    return {
        "profile": arguments.profile,
        "dtype": arguments.dtype,
        "index": arguments.index,
        "cpu_name": name,
        "cpu_name_to_set": name if name != os.environ.get("NUMBA_CPU_NAME") else None,
        "jobs": jobs,
        "compiled": compiled,
        "loaded": loaded,
        "compiled_by_the_check": checked,
        "path": place.path,
        "writable": place.writable,
        "files": place.files,
        "bytes": place.bytes,
        "seconds": activity.seconds(),
    }


def _subjects(profile: Iterable[str]) -> list[str]:
    """Return what is rehearsed for the words of --profile."""
    from .rehearsals import KERNELS

    chosen = set(profile)
    if chosen & {"all", "estimators"}:
        chosen |= set(REHEARSED)
    if "all" in chosen:
        chosen.add(KERNELS)
    return [name for name in (*REHEARSED, KERNELS) if name in chosen]


def _environment(cpu: str | None) -> dict[str, str]:
    """Return the environment of the workers, which says itself what they compile for without --cpu."""
    environment = dict(os.environ)
    if cpu is not None:
        for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"):
            environment.pop(name, None)
    if cpu == "generic":
        environment["NUMBA_CPU_NAME"] = "generic"
    return environment


def _processors() -> Sequence[int]:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return range(os.cpu_count() or 1)


def _spread(
    stage: str,
    asked: Sequence[Rehearsal],
    indices: Sequence[str],
    environment: dict[str, str],
    jobs: int,
    activity: Activity,
) -> tuple[int, int]:
    """Run each rehearsal in a fresh process; return how many kernels they compiled and loaded."""
    compiled = loaded = 0
    activity.now(f"{stage} for {asked[0].subject}", 0.0)
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(_rehearsed, each, indices, environment) for each in asked]
        try:
            for number, ended in enumerate(as_completed(waiting), 1):
                counts = ended.result()
                compiled, loaded = compiled + counts["compiled"], loaded + counts["loaded"]
                activity.now(f"{stage}, {compiled + loaded} kernels", number / len(asked))
        finally:
            for each in waiting:
                each.cancel()
    return compiled, loaded


def _rehearsed(asked: Rehearsal, indices: Sequence[str], environment: dict[str, str]) -> dict[str, int]:
    """Run one rehearsal in a process of its own; return what it told."""
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, *asked, *indices],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise ValueError(f"the fits of {' '.join(asked)} failed: {said}")
    return json.loads(done.stdout.splitlines()[-1])


def work() -> None:
    """Run the rehearsal that the arguments of this process name; print what was compiled and loaded."""
    from fastreg.jit import cache_info

    from .rehearsals import Rehearsal

    subject, layout, dtype, *indices = sys.argv[1:]
    Rehearsal(subject, layout, dtype).run(indices)
    info = cache_info()
    print(json.dumps({"compiled": info.misses, "loaded": info.hits}))


def _table(report: Mapping[str, Any]) -> str:
    """Return the lines for people."""
    from .tables import table
    from .telling import in_megabytes

    rows = [
        ("precompiled", f"{', '.join(report['profile'])} for {', '.join(report['dtype'])}"),
        ("kernels", f"{report['compiled']} compiled, {report['loaded']} loaded from the cache"),
        ("cache", f"{report['path']}, {report['files']:,} files, {in_megabytes(report['bytes'])}"),
        ("processor", report["cpu_name"] or "this one"),
        ("seconds", f"{report['seconds']:.1f}, {report['jobs']} processes at a time"),
    ]
    if report["cpu_name_to_set"] is not None:
        rows.append(("to be used", f"where NUMBA_CPU_NAME={report['cpu_name_to_set']} is set"))
    if report["compiled_by_the_check"] is not None:
        rows.append(("check", f"fresh processes compiled {report['compiled_by_the_check']} kernels"))
    return "\n".join(table(rows))
