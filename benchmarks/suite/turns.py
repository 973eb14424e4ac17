"""Works measured by turns, so that the load of the machine hits all of them alike."""

import time


def shortest(repetitions=6, **works):
    """Return the shortest seconds of each, interleaved, without the first of each, which compiles."""
    seconds = {name: [] for name in works}
    for _ in range(repetitions):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
    return {name: min(taken[1:]) for name, taken in seconds.items()}
