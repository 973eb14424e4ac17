"""What asv measured of the same benchmarks before, oldest first, where it has stored anything."""

import itertools
import math
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
    """Return the newest seconds of one benchmark with its parameters, oldest first.

    Those that can be compared: of the machine and the version of the benchmark that were measured last.
    """
    known = [result for result in results if benchmark in result.get_all_result_keys()]
    alike = [
        result for result in known if _measured_as(result, benchmark) == _measured_as(known[-1], benchmark)
    ]
    found = []
    for result in alike:
        choices = result.get_result_params(benchmark)
        values = result.get_result_value(benchmark, choices)
        by_choice = dict(zip(itertools.product(*choices), values, strict=True))
        value = by_choice.get(tuple(parameters))
        if value is not None and not math.isnan(value):
            found.append(float(value))
    return found[-NEWEST:]


def _measured_as(result, benchmark):
    return result.params.get("machine"), result.benchmark_version.get(benchmark)
