"""One process of one arm: ``arm FILE FASTREG ROW...`` measures rows with the fastreg of a folder."""

import json
import sys
import time
import traceback
from pathlib import Path

import fastreg
from fastreg import jit

from ..counters.machine import versions
from .rows import ROWS

REPETITIONS = 20
LONG_ENOUGH = 0.5  # seconds, after which a row is repeated no more


def measured(row):
    """Return the shortest seconds of some repetitions, and the counts; compiled beforehand, never meanwhile.

    Raises
    ------
    RuntimeError
        If something was compiled meanwhile, or the counts differ from one repetition to the next.
    """
    work = row.prepare()
    counts = work()
    compiled = jit.cache_info().misses
    clock = time.process_time if row.threads == 1 else time.perf_counter
    seconds, began = [], time.perf_counter()
    while len(seconds) < REPETITIONS and (not seconds or time.perf_counter() - began < LONG_ENOUGH):
        start = clock()
        again = work()
        seconds.append(clock() - start)
        if again != counts:
            raise RuntimeError(f"the counts were {counts} and then {again}")
    if jit.cache_info().misses != compiled:
        raise RuntimeError("something was compiled while it was timed")
    return {"seconds": min(seconds), "counts": counts}


def main(file, folder, *names):
    """Write what was measured, or how it was raised, by row."""
    home = Path(fastreg.__file__).parents[1]
    if home != Path(folder).resolve():
        raise SystemExit(f"fastreg was imported from {home}, not from {folder}.")
    rows = {}
    for name in names:
        try:
            rows[name] = measured(ROWS[name])
        except Exception as error:
            traceback.print_exc()
            rows[name] = {"error": f"{type(error).__name__}: {error}"}
    Path(file).write_text(json.dumps({"rows": rows, "versions": versions()}), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
