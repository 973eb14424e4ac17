"""Where the threads of one kernel wait for each other.

A *gate* is an array of three words: how many have come, how often all have met, and whether nobody is to wait
any more. Each lies in a cache line of its own, away from the ends of the array, beside which others may
write. Waiting threads turn round and round, so a gate is for kernels whose threads are at most microseconds
apart; one that waits longer yields its processor.
"""

import sys

import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, config, types
from numba.extending import intrinsic, overload

_COME, _MET, _OPEN = 16, 32, 48
_SIZE = 64
_TURNS = 200  # before a waiting thread yields: a microsecond or two
# In plain Python kernels run one at a time: a thread that waits would wait for ever.
CAN_MEET = not config.DISABLE_JIT  # type: ignore[attr-defined]


def new_gate():
    """Return a gate that nobody has come to."""
    return np.zeros(_SIZE, dtype=np.int64)


def open_gate(gate):
    """Let everyone through, now and later: whoever should have come will not."""
    gate[_OPEN] = 1


@intrinsic
def _add(typing_context, words, i, amount):
    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.atomic_rmw("add", cgutils.gep(builder, data, arguments[1]), arguments[2], "acq_rel")

    return types.int64(words, types.intp, types.int64), generate


@intrinsic
def _load(typing_context, words, i):
    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load_atomic(cgutils.gep(builder, data, arguments[1]), "acquire", 8)

    return types.int64(words, types.intp), generate


@intrinsic
def _store(typing_context, words, i, value):
    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        builder.store_atomic(arguments[2], cgutils.gep(builder, data, arguments[1]), "release", 8)
        return context.get_dummy_value()

    return types.void(words, types.intp, types.int64), generate


_PAUSES = binding.get_process_triple().startswith("x86_64")
_YIELDS = sys.platform != "win32"


@intrinsic
def _pause(typing_context):
    """Tell the processor that this is a loop that waits, where it can be told."""

    def generate(context, builder, signature, arguments):
        if _PAUSES:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _yield(typing_context):
    """Let another thread have the processor, where the system has a plain word for it."""

    def generate(context, builder, signature, arguments):
        if _YIELDS:
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), generate


def meet(gate, members):
    """Wait until ``members`` threads have come here; return whether they have.

    What any of them wrote before is seen by all of them after. False: the gate was opened, go home.
    """
    if members > 1:
        raise RuntimeError("Threads cannot meet in plain Python, where a kernel is never interrupted.")
    return True


@overload(meet)
def _meet(gate, members):
    def wait(gate, members):
        if members == 1:
            return True
        times = _load(gate, _MET)
        if _add(gate, _COME, 1) == members - 1:
            _store(gate, _COME, 0)
            _store(gate, _MET, times + 1)
            return True
        turns = 0
        while _load(gate, _MET) == times:
            if _load(gate, _OPEN) != 0:
                return False
            turns += 1
            if turns < _TURNS:
                _pause()
            else:
                _yield()
        return True

    return wait
