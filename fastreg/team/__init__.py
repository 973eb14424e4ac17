"""Everything fastreg asks of threads: one pool of workers over kernels that run without the GIL.

A computation leases a `Crew`. Work is cut into blocks that depend on the data only, never on the
number of threads; each block writes its own slots, and the caller adds them up in order. So the
bits of a result do not depend on who did the work. A lease that finds no idle worker (a fit inside
a fit, eight fits at once) is a crew of one: nested use is serial, never wrong and never stuck.
"""

from fastreg.team.blas import single_threaded_blas
from fastreg.team.counting import ThreadCount, get_num_threads, num_threads, set_num_threads, thread_count
from fastreg.team.crew import Crew, lease
from fastreg.team.cutting import SERIAL_BELOW, blocks, blocks_by_size

__all__ = [
    "SERIAL_BELOW",
    "Crew",
    "ThreadCount",
    "blocks",
    "blocks_by_size",
    "get_num_threads",
    "lease",
    "num_threads",
    "set_num_threads",
    "single_threaded_blas",
    "thread_count",
]
