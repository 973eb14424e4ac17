"""What asv measured of the same benchmarks before, oldest first, where it has stored anything."""

import itertools
from pathlib import Path

STORED = Path(__file__).parents[1] / ".asv" / "results"
NEWEST = 30


def stored_results(folder=STORED):
    """Return asv's stored results by date; none where asv is not installed or has stored nothing."""
    try:
        from asv.results import iter_results
    except ImportError:
        return []
    return sorted(iter_results(str(folder)), key=lambda result: result.date) if Path(folder).is_dir() else []


def seconds_before(results, benchmark, parameters):
    """Return the newest seconds of one benchmark with its parameters, oldest first."""
    found = []
    for result in results:
        if benchmark not in result.get_all_result_keys():
            continue
        known = result.get_result_params(benchmark)
        values = result.get_result_value(benchmark, known)
        combinations = itertools.product(*known)
        found += [
            float(value)
            for spelled, value in zip(combinations, values, strict=True)
            if spelled == tuple(parameters) and value is not None and value == value
        ]
    return found[-NEWEST:]
