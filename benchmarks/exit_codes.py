"""How the commands of this folder end; 1 is left to Python's own errors and 2 to wrong arguments."""

import enum


class Exit(enum.IntEnum):
    """The exit codes of `benchmarks.counters`, `.instructions` and `.review`."""

    FINE = 0
    NOTHING_MEASURED = 3
    RAISED = 4
    COUNTERS_CHANGED = 5
    SLOWER = 6
