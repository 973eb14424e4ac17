"""Everything fastreg asks of Numba: marks, the method bridge, kernels and their disk cache.

Nobody else in the package imports ``numba.core``, ``numba.extending`` or a bare ``njit``.
"""

from fastreg.jit.bridge import expose
from fastreg.jit.c_functions import address, c_function, one_at_a_time
from fastreg.jit.compile import TermError, kernel
from fastreg.jit.diskcache import CacheInfo, cache_info, clear_cache
from fastreg.jit.intrinsics import at, bits_to_float, float_to_bits, prefetch, stop_requested
from fastreg.jit.lapack import cholesky
from fastreg.jit.marks import elementwise, gather, reduction
from fastreg.jit.meeting import CAN_MEET, meet, new_gate, open_gate
from fastreg.jit.terms import checked, completed, kind_of_penalty, noun
from fastreg.jit.ufuncs import universal_function

__all__ = [
    "CAN_MEET",
    "CacheInfo",
    "TermError",
    "address",
    "at",
    "bits_to_float",
    "c_function",
    "cache_info",
    "checked",
    "cholesky",
    "clear_cache",
    "completed",
    "elementwise",
    "expose",
    "float_to_bits",
    "gather",
    "kernel",
    "kind_of_penalty",
    "meet",
    "new_gate",
    "noun",
    "one_at_a_time",
    "open_gate",
    "prefetch",
    "reduction",
    "stop_requested",
    "universal_function",
]
